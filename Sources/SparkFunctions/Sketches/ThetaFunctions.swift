import Columnar
import SparkErrors

extension ThetaSketch {
    fileprivate static func decoded(_ bytes: ByteSlice, _ function: String, precision: Int = 12) throws(SQLError) -> ThetaSketch {
        guard let sketch = ThetaSketch(bytes, precision: precision) else {
            throw SQLError(.thetaInvalidInputSketchBuffer, ["function": SQLQuote.id(function)])
        }
        return sketch
    }

    /// An array is hashed as the bytes of its numbers, a NULL among them as 0.
    fileprivate static func hashes(_ column: Column) -> (Int) -> (UInt64, UInt64)? {
        guard case .list(let list) = column.values else { return HLLSketch.hashes(column) }
        func hash(_ row: Int, _ number: (Int) -> [UInt8]) -> (UInt64, UInt64)? {
            let range = list.range(row)
            return range.isEmpty ? nil : SketchHash.hash(range.flatMap(number)[...])
        }
        func bytes<N: FixedWidthInteger>(_ number: N) -> [UInt8] { withUnsafeBytes(of: number.littleEndian) { Array($0) } }
        switch list.child.values {
        case .int32(let array): return { row in hash(row) { bytes(list.child.isNull($0) ? 0 : array.values[$0]) } }
        case .int64(let array): return { row in hash(row) { bytes(list.child.isNull($0) ? 0 : array.values[$0]) } }
        default: return { _ in nil }
        }
    }

    fileprivate static func checked(_ value: Value, _ function: String, _ context: EvaluationContext) throws(SQLError) -> Int {
        if case .integer(let given) = value, precisions.contains(Int(given)) { return Int(given) }
        throw SQLError(
            .thetaInvalidLgNomEntries,
            ["function": SQLQuote.id(function), "min": "4", "max": "26", "value": Cast.text(of: value, .int, context)])
    }

    /// The constant `lgNomEntries` of an aggregate's call.
    fileprivate static func precision(_ call: AggregateCall, _ context: EvaluationContext) throws(SQLError) -> Int {
        guard call.arguments.count == 2 else { return 12 }
        guard [.int, .void].contains(call.arguments[1].type) else { throw call.call.unexpectedType(1, "\"INT\"") }
        guard call.arguments[1].constant != nil else {
            throw SQLError(.thetaLgNomEntriesMustBeConstant, ["function": SQLQuote.id(call.name)])
        }
        return try checked(try call.call.constant(1, "lgNomEntries", .int, context), call.name, context)
    }
}

extension AggregateFunction {
    private static let withPrecision = CallSyntax.custom { name, arguments in
        "\(name)(\((arguments.count == 1 ? arguments + ["12"] : arguments).joined(separator: ", ")))"
    }

    static let thetaSketch = AggregateFunction(
        "theta_sketch_agg", since: "4.1.0",
        usage: "theta_sketch_agg(expr[, lgNomEntries]) - The bytes of a theta sketch with 2^lgNomEntries nominal entries, 12 if not given.",
        examples: [Example("theta_sketch_estimate(theta_sketch_agg(x)) FROM VALUES (1), (1), (2), (2), (3) AS t(x)", "3")],
        syntax: withPrecision
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(1...2)
        let type = try call.call.sketched([
            .arrayOf(.exact(.int)), .arrayOf(.exact(.long)), .exact(.binary), .exact(.double), .exact(.float), .exact(.int), .exact(.long), .string,
        ])
        let start = ThetaSketch(precision: try ThetaSketch.precision(call, context))
        return BoundAggregate([type] + call.arguments.dropFirst().map { _ in .int }, returns: .binary, nullable: false) {
            StateAccumulator<ThetaSketch, [UInt8]>(
                start, type: .binary,
                steps: { (arguments, _) throws(SQLError) in
                    let column = arguments[0].collated()
                    let hash = ThetaSketch.hashes(column)
                    return { (state, row) throws(SQLError) in
                        if !column.isNull(row), let hash = hash(row) { state.add(hash) }
                    }
                },
                join: { (state, other) throws(SQLError) in state.merge(other) },
                result: { (state, _) throws(SQLError) in state.trimmed.bytes })
        }
    }

    private static func combining(
        _ name: String, takesPrecision: Bool, usage: String, _ combine: @escaping @Sendable (inout ThetaSketch?, ThetaSketch, Int) -> Void
    ) -> AggregateFunction {
        AggregateFunction(
            name, since: "4.1.0", usage: usage,
            examples: [
                Example(
                    "theta_sketch_estimate(\(name)(x)) FROM VALUES (X'01030300003ACC9315F97DCBBD86A105'), (X'01030300003ACC9315F97DCBBD86A105') AS t(x)",
                    "1")
            ], syntax: takesPrecision ? withPrecision : .call
        ) { (call, context) throws(SQLError) in
            try call.call.checkCount(takesPrecision ? 1...2 : 1...1)
            guard call.arguments[0].type == .binary || call.arguments[0].type == .void else { throw call.call.unexpectedType(0, "\"BINARY\"") }
            let precision = try ThetaSketch.precision(call, context)
            return BoundAggregate([.binary] + call.arguments.dropFirst().map { _ in .int }, returns: .binary, nullable: false) {
                StateAccumulator<ThetaSketch?, [UInt8]>(
                    nil, type: .binary,
                    steps: { (arguments, _) throws(SQLError) in
                        let (column, source) = (arguments[0], ByteSlice.source(arguments[0]))
                        return { (state, row) throws(SQLError) in
                            guard let source, !column.isNull(row) else { return }
                            combine(&state, try ThetaSketch.decoded(ByteSlice.read(source, row), name, precision: precision), precision)
                        }
                    },
                    join: { (state, other) throws(SQLError) in if let other { combine(&state, other, precision) } },
                    result: { (state, _) throws(SQLError) in (state ?? ThetaSketch(precision: precision)).trimmed.bytes })
            }
        }
    }

    static let thetaUnion = combining(
        "theta_union_agg", takesPrecision: true,
        usage: "theta_union_agg(sketch[, lgNomEntries]) - The bytes of the sketch of all that the sketches saw."
    ) { state, other, precision in
        var sketch = state ?? ThetaSketch(precision: precision)
        sketch.merge(other)
        state = sketch
    }
    static let thetaIntersection = combining(
        "theta_intersection_agg", takesPrecision: false, usage: "theta_intersection_agg(sketch) - The bytes of the sketch of what every sketch saw."
    ) { state, other, _ in state = state?.intersection(other) ?? other }
}

extension ScalarFunction {
    private static let one = "X'01030300003ACC9315F97DCBBD86A105'"

    static let thetaEstimate = ScalarFunction(
        "theta_sketch_estimate", Signature([.exact(.binary)], returns: .long), group: .sketch, since: "4.1.0",
        usage: "theta_sketch_estimate(sketch) - About how many distinct values the sketch saw.",
        examples: [Example("theta_sketch_estimate(\(one))", "1")],
        kernel: .unary { (bytes: ByteSlice) throws(SQLError) -> Int64? in
            Int64(exactly: try ThetaSketch.decoded(bytes, "theta_sketch_estimate").estimate.rounded())
        })

    static let thetaUnite = ScalarFunction(
        "theta_union", Signature([.exact(.binary), .exact(.binary), .exact(.int)], optional: 1, returns: .binary), group: .sketch, since: "4.1.0",
        usage: "theta_union(first, second[, lgNomEntries]) - The bytes of the sketch of all that both saw.",
        examples: [Example("theta_sketch_estimate(theta_union(\(one), \(one)))", "1")],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + ["12"] : arguments).joined(separator: ", ")))" },
        kernel: RowKernel { (arguments, type, rowCount, context) throws(SQLError) in
            let sizes = arguments.count > 2 ? arguments[2] : try Column.repeated(.integer(12), type: .int, count: rowCount)
            return try Rows.map(arguments[0], arguments[1], sizes, to: type) {
                (left: ByteSlice, right: ByteSlice, size: Int32) throws(SQLError) -> [UInt8]? in
                let precision = try ThetaSketch.checked(.integer(Int64(size)), "theta_union", context)
                var sketch = ThetaSketch(precision: precision)
                sketch.merge(try ThetaSketch.decoded(left, "theta_union"))
                sketch.merge(try ThetaSketch.decoded(right, "theta_union"))
                return sketch.trimmed.bytes
            }
        })

    private static func pair(
        _ name: String, usage: String, _ expected: String, _ body: @escaping @Sendable (ThetaSketch, ThetaSketch) -> ThetaSketch
    ) -> ScalarFunction {
        ScalarFunction(
            name, Signature([.exact(.binary), .exact(.binary)], returns: .binary), group: .sketch, since: "4.1.0", usage: usage,
            examples: [Example("theta_sketch_estimate(\(name)(\(one), \(one)))", expected)],
            kernel: .binary { (left: ByteSlice, right: ByteSlice) throws(SQLError) -> [UInt8]? in
                body(try ThetaSketch.decoded(left, name), try ThetaSketch.decoded(right, name)).bytes
            })
    }

    static let thetaIntersect = pair(
        "theta_intersection", usage: "theta_intersection(first, second) - The bytes of the sketch of what both saw.", "1"
    ) { $0.intersection($1) }
    static let thetaDifference = pair(
        "theta_difference", usage: "theta_difference(first, second) - The bytes of the sketch of what the first saw and the second did not.", "0"
    ) { $0.subtracting($1) }
}

let thetaFunctions: [ScalarFunction] = [.thetaEstimate, .thetaUnite, .thetaIntersect, .thetaDifference]

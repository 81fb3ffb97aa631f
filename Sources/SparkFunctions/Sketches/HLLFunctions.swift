import Columnar
import SparkErrors

extension HLLSketch {
    /// The column's values as hashes; strings and binaries that are empty count for nothing.
    static func hashes(_ column: Column) -> (Int) -> (UInt64, UInt64)? {
        switch column.values {
        case .int32(let array): { SketchHash.hash(Int64(array.values[$0])) }
        case .int64(let array): { SketchHash.hash(array.values[$0]) }
        case .float(let array): { SketchHash.hash(Double(array.values[$0])) }
        case .double(let array): { SketchHash.hash(array.values[$0]) }
        case .bytes(let array): { array[$0].isEmpty ? nil : SketchHash.hash(array[$0]) }
        default: { _ in nil }
        }
    }

    fileprivate static func decoded(_ bytes: ByteSlice, _ function: String) throws(SQLError) -> HLLSketch {
        guard let sketch = HLLSketch(bytes) else { throw SQLError(.hllInvalidInputSketchBuffer, ["function": SQLQuote.id(function)]) }
        return sketch
    }

    fileprivate mutating func unite(_ other: HLLSketch, different: Bool, _ function: String) throws(SQLError) {
        guard different || other.precision == precision else {
            throw SQLError(
                .hllUnionDifferentLgK, ["left": "\(precision)", "right": "\(other.precision)", "function": SQLQuote.id(function)])
        }
        merge(other)
    }
}

extension Call {
    /// The type of the values that go into a sketch: one of these as it is, since a cast would change what is counted.
    func sketched(_ classes: [TypeClass]) throws(SQLError) -> DataType {
        let (type, wanted) = (arguments[0].type, TypeClass.oneOf(classes))
        if type == .void { return wanted.defaultType }
        guard wanted.accepts(type) else { throw unexpectedType(0, wanted.text) }
        return type
    }
}

extension AggregateFunction {
    static let hllSketch = AggregateFunction(
        "hll_sketch_agg", since: "3.5.0",
        usage: "hll_sketch_agg(expr[, lgConfigK]) - The bytes of a HyperLogLog sketch with 2^lgConfigK registers, 12 if not given.",
        examples: [Example("hll_sketch_estimate(hll_sketch_agg(x, 12)) FROM VALUES (1), (1), (2), (2), (3) AS t(x)", "3")],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 1 ? arguments + ["12"] : arguments).joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(1...2)
        let type = try call.call.sketched([.exact(.int), .exact(.long), .string, .exact(.binary)])
        var precision = 12
        if call.arguments.count == 2 {
            guard [.int, .void].contains(call.arguments[1].type) else { throw call.call.unexpectedType(1, "\"INT\"") }
            guard call.arguments[1].constant != nil else { throw SQLError(.hllKMustBeConstant, ["function": SQLQuote.id(call.name)]) }
            guard case .integer(let given) = try call.call.constant(1, "lgConfigK", .int, context), HLLSketch.precisions.contains(Int(given)) else {
                let value = try call.call.constant(1, "lgConfigK", .int, context)
                throw SQLError(
                    .hllInvalidLgK,
                    ["function": SQLQuote.id(call.name), "min": "4", "max": "21", "value": Cast.text(of: value, .int, context)])
            }
            precision = Int(given)
        }
        let start = HLLSketch(precision: precision)
        return BoundAggregate([type] + call.arguments.dropFirst().map { _ in .int }, returns: .binary, nullable: false, orderInsensitive: false) {
            StateAccumulator<HLLSketch, [UInt8]>(
                start, type: .binary,
                steps: { (arguments, _) throws(SQLError) in
                    let column = arguments[0].collated()
                    let hash = HLLSketch.hashes(column)
                    return { (state, row) throws(SQLError) in
                        if !column.isNull(row), let hash = hash(row) { state.add(hash) }
                    }
                },
                join: { (state, other) throws(SQLError) in state.merge(other) }, result: { (state, _) throws(SQLError) in state.bytes })
        }
    }

    static let hllUnion = AggregateFunction(
        "hll_union_agg", since: "3.5.0",
        usage: "hll_union_agg(sketch[, allowDifferentLgConfigK]) - The bytes of the sketch of all that the sketches saw.",
        examples: [
            Example(
                "hll_sketch_estimate(hll_union_agg(x, true)) FROM VALUES (X'0201070C030001082BF2FB0600000000000000000000000000000000000000000000000000000000') AS t(x)",
                "1")
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 1 ? arguments + ["false"] : arguments).joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(1...2)
        guard Coercion.implicitCast(call.arguments[0].type, to: .exact(.binary)) == .binary, !call.arguments[0].type.isString else {
            throw call.call.unexpectedType(0, "\"BINARY\"")
        }
        var different = false
        if call.arguments.count == 2 {
            guard call.arguments[1].type == .boolean else { throw call.call.unexpectedType(1, "\"BOOLEAN\"") }
            different = try call.call.constant(1, "allowDifferentLgConfigK", .boolean, context) == .boolean(true)
        }
        let (allows, name) = (different, call.name)
        return BoundAggregate(
            [.binary] + call.arguments.dropFirst().map { _ in .boolean }, returns: .binary, nullable: false, orderInsensitive: false
        ) {
            StateAccumulator<HLLSketch?, [UInt8]>(
                nil, type: .binary,
                steps: { (arguments, _) throws(SQLError) in
                    let (column, source) = (arguments[0], ByteSlice.source(arguments[0]))
                    return { (state, row) throws(SQLError) in
                        guard let source, !column.isNull(row) else { return }
                        let other = try HLLSketch.decoded(ByteSlice.read(source, row), name)
                        var sketch = state ?? HLLSketch(precision: other.precision)
                        try sketch.unite(other, different: allows, name)
                        state = sketch
                    }
                },
                join: { (state, other) throws(SQLError) in
                    guard let other else { return }
                    if state == nil { state = other } else { try state?.unite(other, different: allows, name) }
                },
                result: { (state, _) throws(SQLError) in (state ?? HLLSketch(precision: 12)).bytes })
        }
    }
}

extension ScalarFunction {
    static let hllEstimate = ScalarFunction(
        "hll_sketch_estimate", Signature([.exact(.binary)], returns: .long), group: .sketch, since: "3.5.0",
        usage: "hll_sketch_estimate(sketch) - About how many distinct values the sketch saw.",
        examples: [
            Example("hll_sketch_estimate(X'0201070C030001082BF2FB0600000000000000000000000000000000000000000000000000000000')", "1")
        ],
        kernel: .unary { (bytes: ByteSlice) throws(SQLError) -> Int64? in
            Int64(exactly: try HLLSketch.decoded(bytes, "hll_sketch_estimate").estimate.rounded())
        })

    static let hllUnite = ScalarFunction(
        "hll_union", Signature([.exact(.binary), .exact(.binary), .exact(.boolean)], optional: 1, returns: .binary), group: .sketch,
        since: "3.5.0",
        usage: "hll_union(first, second[, allowDifferentLgConfigK]) - The bytes of the sketch of all that both saw.",
        examples: [
            Example(
                "hll_sketch_estimate(hll_union(X'0201070C030001082BF2FB0600000000000000000000000000000000000000000000000000000000', X'0201070C030400080000000000000000000000000000000000000000000000000000000000000000'))",
                "1")
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + ["false"] : arguments).joined(separator: ", ")))" },
        kernel: RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
            let flags = arguments.count > 2 ? arguments[2] : try Column.repeated(.boolean(false), type: .boolean, count: rowCount)
            return try Rows.map(arguments[0], arguments[1], flags, to: type) {
                (left: ByteSlice, right: ByteSlice, different: Bool) throws(SQLError) -> [UInt8]? in
                var sketch = try HLLSketch.decoded(left, "hll_union")
                try sketch.unite(try HLLSketch.decoded(right, "hll_union"), different: different, "hll_union")
                return sketch.bytes
            }
        })
}

let hllFunctions: [ScalarFunction] = [.hllEstimate, .hllUnite]

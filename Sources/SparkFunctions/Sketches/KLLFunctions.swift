import Columnar
import SparkErrors

/// The family of functions over sketches of one type of items.
private struct KLLFamily<Item: KLLItem>: Sendable {
    /// What is taken in, and how messages say it.
    let accepted: [DataType]

    private static func name(_ stem: String) -> String { "\(stem)_\(Item.family)" }

    private static func decoded(_ bytes: ByteSlice, _ function: String) throws(SQLError) -> KLLSketch<Item> {
        guard let sketch = KLLSketch<Item>(bytes) else { throw SQLError(.kllInvalidInputSketchBuffer, ["function": SQLQuote.id(function)]) }
        return sketch
    }

    /// The constant `k` of an aggregate's call, if one is given.
    private static func k(_ call: AggregateCall, _ context: EvaluationContext) throws(SQLError) -> Int? {
        guard call.arguments.count == 2 else { return nil }
        guard call.arguments[1].type == .int || call.arguments[1].type == .void else { throw call.call.unexpectedType(1, "\"INT\"") }
        guard call.arguments[1].constant != nil else {
            throw SQLError(.kllSketchKMustBeConstant, ["functionName": SQLQuote.id(call.name)], phase: .analysis)
        }
        guard case .integer(let k) = try call.call.constant(1, "k", .int, context) else {
            throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "k"])
        }
        guard (8...65_535).contains(k) else {
            throw SQLError(.kllSketchKOutOfRange, ["functionName": SQLQuote.id(call.name), "k": "\(k)"], phase: .analysis)
        }
        return Int(k)
    }

    private static var sample: String {
        switch Item.family {
        case "bigint": "FROM VALUES (1), (2), (3), (4), (5) AS t(x)"
        case "float": "FROM VALUES (1.0F), (2.0F), (3.0F), (4.0F), (5.0F) AS t(x)"
        default: "FROM VALUES (1.0D), (2.0D), (3.0D), (4.0D), (5.0D) AS t(x)"
        }
    }

    private static var third: String { Item.family == "bigint" ? "3" : "3.0" }

    func aggregate() -> AggregateFunction {
        let name = Self.name("kll_sketch_agg")
        let accepted = accepted
        return AggregateFunction(
            name, since: "4.1.0", usage: "\(name)(expr[, k]) - The bytes of a KLL quantiles sketch; a larger k, 200 if none is given, is more exact.",
            examples: [Example("\(Self.name("kll_sketch_get_n"))(\(name)(x)) \(Self.sample)", "5")]
        ) { (call, context) throws(SQLError) in
            try call.call.checkCount(1...2)
            guard accepted.contains(call.arguments[0].type) || call.arguments[0].type == .void else {
                throw call.call.unexpectedType(
                    0, accepted.count == 1 ? "\"\(accepted[0].sqlText)\"" : TypeClass.oneOf(accepted.map { .exact($0) }).text)
            }
            let k = try Self.k(call, context) ?? KLLSketch<Item>.defaultK
            return BoundAggregate(
                [Item.type] + call.arguments.dropFirst().map { _ in .int }, returns: .binary, nullable: false, orderInsensitive: false
            ) {
                StateAccumulator<KLLSketch<Item>, [UInt8]>(
                    KLLSketch(k: k), type: .binary,
                    steps: { (arguments, _) throws(SQLError) in
                        let (column, source) = (arguments[0], Item.source(arguments[0]))
                        return { (state, row) throws(SQLError) in
                            if let source, !column.isNull(row) { state.add(Item.read(source, row)) }
                        }
                    },
                    join: { (state, other) throws(SQLError) in state.merge(other) }, result: { (state, _) throws(SQLError) in state.bytes })
            }
        }
    }

    func merging() -> AggregateFunction {
        let name = Self.name("kll_merge_agg")
        return AggregateFunction(
            name, since: "4.1.2",
            usage: "\(name)(sketch[, k]) - The bytes of the sketch of all that the sketches saw; k is the first one's if not given.",
            examples: [
                Example(
                    "\(Self.name("kll_sketch_get_n"))(\(name)(x)) FROM VALUES (X'02020F04C8000800\(Item.byteCount == 4 ? "0000803F" : "0100000000000000")'), (X'02010F01C8000800') AS t(x)",
                    "1")
            ]
        ) { (call, context) throws(SQLError) in
            try call.call.checkCount(1...2)
            guard call.arguments[0].type == .binary || call.arguments[0].type == .void else { throw call.call.unexpectedType(0, "\"BINARY\"") }
            let k = try Self.k(call, context)
            return BoundAggregate(
                [.binary] + call.arguments.dropFirst().map { _ in .int }, returns: .binary, nullable: false, orderInsensitive: false
            ) {
                StateAccumulator<KLLSketch<Item>?, [UInt8]>(
                    nil, type: .binary,
                    steps: { (arguments, _) throws(SQLError) in
                        let (column, source) = (arguments[0], ByteSlice.source(arguments[0]))
                        return { (state, row) throws(SQLError) in
                            guard let source, !column.isNull(row) else { return }
                            let other = try Self.decoded(ByteSlice.read(source, row), name)
                            var sketch = state ?? KLLSketch(k: k ?? other.k)
                            sketch.merge(other)
                            state = sketch
                        }
                    },
                    join: { (state, other) throws(SQLError) in
                        guard let other else { return }
                        if state == nil { state = other } else { state?.merge(other) }
                    },
                    result: { (state, _) throws(SQLError) in (state ?? KLLSketch(k: k ?? KLLSketch<Item>.defaultK)).bytes })
            }
        }
    }

    func scalars() -> [ScalarFunction] {
        let sketch = "\(Self.name("kll_sketch_agg"))(x)"
        let count = Self.name("kll_sketch_get_n")
        let text = Self.name("kll_sketch_to_string")
        let merge = Self.name("kll_sketch_merge")
        let single = "X'02020F04C8000800\(Item.byteCount == 4 ? "0000803F" : "0100000000000000")'"
        return [
            ScalarFunction(
                count, Signature([.exact(.binary)], returns: .long), group: .sketch, since: "4.1.0",
                usage: "\(count)(sketch) - How many values the sketch saw.", examples: [Example("\(count)(\(single))", "1")],
                kernel: .unary { (bytes: ByteSlice) throws(SQLError) -> Int64? in
                    Int64(clamping: try Self.decoded(bytes, count).count)
                }),
            ScalarFunction(
                text, Signature([.exact(.binary)], returns: .text), group: .sketch, since: "4.1.0",
                usage: "\(text)(sketch) - What the sketch is like.", examples: [Example("length(\(text)(\(single))) > 0", "true")],
                kernel: .unary { (bytes: ByteSlice) throws(SQLError) -> String? in try Self.decoded(bytes, text).summary }),
            ScalarFunction(
                merge, Signature([.exact(.binary), .exact(.binary)], returns: .binary), group: .sketch, since: "4.1.0",
                usage: "\(merge)(left, right) - The sketch of all that both saw.",
                examples: [Example("\(count)(\(merge)(\(single), \(single)))", "2")],
                kernel: .binary { (left: ByteSlice, right: ByteSlice) throws(SQLError) -> [UInt8]? in
                    var sketch = try Self.decoded(left, merge)
                    sketch.merge(try Self.decoded(right, merge))
                    return sketch.bytes
                }),
            question(
                Self.name("kll_sketch_get_quantile"), asks: .double, answers: Item.type,
                usage: "(sketch, rank) - The value up to which that part of all lies; an array of ranks gives an array.",
                Example("\(Self.name("kll_sketch_get_quantile"))(\(sketch), 0.5) \(Self.sample)", Self.third)
            ) { (sketch, ranks: [Double], name) throws(SQLError) in
                guard ranks.allSatisfy({ (0...1).contains($0) }) else {
                    throw SQLError(.kllSketchInvalidQuantileRange, ["functionName": SQLQuote.id(name)])
                }
                guard let items = sketch.quantiles(ranks) else {
                    throw SQLError(.kllInvalidInputSketchBuffer, ["function": SQLQuote.id(name)])
                }
                return items
            },
            question(
                Self.name("kll_sketch_get_rank"), asks: Item.type, answers: .double,
                usage: "(sketch, value) - Which part of all is at most as large; an array of values gives an array.",
                Example("\(Self.name("kll_sketch_get_rank"))(\(sketch), CAST(3 AS \(Item.type.sqlText))) \(Self.sample)", "0.6")
            ) { (sketch, items: [Item], name) throws(SQLError) in
                guard let ranks = sketch.ranks(items) else { throw SQLError(.kllInvalidInputSketchBuffer, ["function": SQLQuote.id(name)]) }
                return ranks
            },
        ]
    }

    /// A function of a sketch and one or more points.
    private func question<Point: Cell, Answer: Cell>(
        _ name: String, asks point: DataType, answers: DataType, usage: String, _ example: Example,
        _ body: @escaping @Sendable (KLLSketch<Item>, [Point], String) throws(SQLError) -> [Answer]
    ) -> ScalarFunction {
        ScalarFunction(name, group: .sketch, since: "4.1.0", usage: name + usage, examples: []) { (call, _) throws(SQLError) in
            try call.checkCount(2...2)
            guard call.arguments[0].type == .binary || call.arguments[0].type == .void else { throw call.unexpectedType(0, "\"BINARY\"") }
            let isArray = if case .array = call.arguments[1].type { true } else { false }
            let wanted: TypeClass = isArray ? .arrayOf(.exact(point)) : .exact(point)
            guard let type = Coercion.implicitCast(call.arguments[1].type, to: wanted) else {
                throw call.unexpectedType(1, "(\"\(point.sqlText)\" or \"ARRAY<\(point.sqlText)>\")")
            }
            let result = isArray ? DataType.array(element: answers, containsNull: false) : answers
            return BoundScalar([.binary, type], returns: result, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
                guard isArray else {
                    return try Rows.map(arguments[0], arguments[1], to: answers) { (bytes: ByteSlice, point: Point) throws(SQLError) -> Answer? in
                        try body(try Self.decoded(bytes, name), [point], name).first
                    }
                }
                guard let sketches = ByteSlice.source(arguments[0]) else { return .nulls(result, count: rowCount) }
                let lists = try ArrayKernels.lists(arguments[1])
                guard let points = Point.source(lists.child) else { return .nulls(result, count: rowCount) }
                let validity = Kernel.combinedValidity([arguments[0], arguments[1]])
                var offsets: [Int32] = [0]
                var all: [Answer] = []
                for row in 0..<rowCount {
                    if validity?[row] ?? true {
                        let given = lists.range(row).map { Point.read(points, $0) }
                        if !given.isEmpty { all += try body(try Self.decoded(ByteSlice.read(sketches, row), name), given, name) }
                    }
                    offsets.append(Int32(truncatingIfNeeded: all.count))
                }
                let answered = all
                let child = try Rows.make(answers, answered.count) { (index) throws(SQLError) -> Answer? in answered[index] }
                return Column(result, .list(ListArray(offsets: offsets, child: child, validity: validity)))
            }
        }
    }
}

extension AggregateFunction {
    static let kllAggregates: [AggregateFunction] = [
        kllLongs.aggregate(), kllFloats.aggregate(), kllDoubles.aggregate(), kllLongs.merging(), kllFloats.merging(), kllDoubles.merging(),
    ]
}

private let kllLongs = KLLFamily<Int64>(accepted: [.byte, .int, .long, .short])
private let kllFloats = KLLFamily<Float>(accepted: [.float])
private let kllDoubles = KLLFamily<Double>(accepted: [.double, .float])

let kllFunctions: [ScalarFunction] = kllLongs.scalars() + kllFloats.scalars() + kllDoubles.scalars()

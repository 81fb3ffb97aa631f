import Columnar
import SparkErrors

/// Checks and pieces that the functions of `approx_top_k` share.
private enum TopK {
    static let standardCount = 5
    static let standardTracked = 10_000
    static let mostTracked = 1_000_000

    /// A constant number greater than zero.
    static func number(_ call: Call, _ index: Int, _ name: String, _ standard: Int, _ context: EvaluationContext) throws(SQLError) -> Int {
        guard index < call.count else { return standard }
        guard Coercion.implicitCast(call.arguments[index].type, to: .exact(.int)) != nil else { throw call.unexpectedType(index, "\"INT\"") }
        guard case .integer(let value) = try call.constant(index, name, .int, context) else {
            throw SQLError(.approxTopKNullArg, ["argName": SQLQuote.id(name)])
        }
        guard value > 0 else { throw SQLError(.approxTopKNonPositiveArg, ["argName": SQLQuote.id(name), "argValue": "\(value)"]) }
        if name == "maxItemsTracked", value > Int64(mostTracked) {
            throw SQLError(.approxTopKMaxItemsTrackedExceedsLimit, ["maxItemsTracked": "\(value)", "limit": "\(mostTracked)"])
        }
        return Int(value)
    }

    static func check(_ tracked: Int, _ count: Int) throws(SQLError) {
        guard tracked >= count else { throw SQLError(.approxTopKMaxItemsTrackedLessThanK, ["maxItemsTracked": "\(tracked)", "k": "\(count)"]) }
    }

    static func item(_ call: Call, _ index: Int) throws(SQLError) -> FrequentItemType {
        guard let item = FrequentItemType(call.arguments[index].type) else {
            throw call.mismatch(
                .datatypeMismatchTypeCheckFailureWithHint, ["msg": "\(call.arguments[index].type.sqlText) columns are not supported", "hint": ""])
        }
        return item
    }

    static func result(_ item: DataType) -> DataType {
        .array(
            element: .structure([Field("item", item), Field("count", .long, nullable: false)]), containsNull: false)
    }

    static func list(_ sketch: FrequentItems, _ count: Int) -> Value {
        .list(sketch.top(count).map { .structure([$0.item, .integer($0.count)]) })
    }

    /// The type of a sketch with what belongs to it.
    static func state(_ item: DataType) -> DataType {
        .structure([
            Field("sketch", .binary, nullable: false), Field("maxItemsTracked", .int, nullable: false), Field("itemDataType", item),
            Field("itemDataTypeDDL", .text, nullable: false),
        ])
    }

    static func value(_ sketch: FrequentItems, _ tracked: Int, _ item: FrequentItemType) -> Value {
        .structure([.binary(sketch.bytes(item)), .integer(Int64(tracked)), .null, .string(column(item))])
    }

    /// The items as the column of a table.
    private static func column(_ item: FrequentItemType) -> String {
        item.type.isString ? "item string not null" : "item \(item.type.sqlText) NOT NULL"
    }

    /// The items that a state's type says.
    static func item(ofState call: Call, _ index: Int) throws(SQLError) -> FrequentItemType {
        guard case .structure(let fields) = call.arguments[index].type, fields.count == 4, fields[0].type == .binary, fields[1].type == .int,
            let item = FrequentItemType(fields[2].type)
        else { throw call.unexpectedType(index, "\"STRUCT\"") }
        return item
    }

    static func sketch(_ value: Value, _ item: FrequentItemType) throws(SQLError) -> (sketch: FrequentItems, tracked: Int)? {
        guard case .structure(let parts) = value, parts.count == 4, case .binary(let bytes) = parts[0], case .integer(let tracked) = parts[1] else {
            return nil
        }
        // A union has given sketches of several types one.
        if case .string(let made) = parts[3], made != column(item) {
            let words = made.split(separator: " ")
            throw SQLError(
                .approxTopKSketchTypeNotMatch,
                [
                    "type1": SQLQuote.type(words.dropFirst().dropLast(2).joined(separator: " ").uppercased()),
                    "type2": SQLQuote.type(item.type.sqlText),
                ])
        }
        guard let sketch = FrequentItems(bytes[...], item) else { throw .internalFault("the bytes are not those of an approx_top_k sketch") }
        return (sketch, Int(tracked))
    }

    static func steps(_ column: Column, _ item: FrequentItemType) -> (inout FrequentItems, Int) throws(SQLError) -> Void {
        { (state, row) throws(SQLError) in
            let value = column.value(at: row)
            if !value.isNull { state.add(value, hash: item.hash(value)) }
        }
    }
}

extension AggregateFunction {
    static let approxTopK = AggregateFunction(
        "approx_top_k", since: "4.1.0",
        usage: "approx_top_k(expr[, k[, maxItemsTracked]]) - About the k most frequent values with their counts; 5 if not given.",
        examples: [
            Example(
                "approx_top_k(x) FROM VALUES (0), (0), (1), (1), (2), (3), (4), (4) AS t(x)",
                "[{\"item\":0,\"count\":2},{\"item\":4,\"count\":2},{\"item\":1,\"count\":2},{\"item\":2,\"count\":1},{\"item\":3,\"count\":1}]"),
            Example("approx_top_k(x, 1) FROM VALUES ('a'), ('b'), ('b') AS t(x)", "[{\"item\":\"b\",\"count\":2}]"),
        ],
        syntax: .custom { name, arguments in
            "\(name)(\((arguments + ["5", "10000"].dropFirst(Swift.max(0, arguments.count - 1))).joined(separator: ", ")))"
        }
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(1...3)
        let item = try TopK.item(call.call, 0)
        let count = try TopK.number(call.call, 1, "k", TopK.standardCount, context)
        let tracked = try TopK.number(call.call, 2, "maxItemsTracked", TopK.standardTracked, context)
        try TopK.check(tracked, count)
        let result = TopK.result(item.type)
        return BoundAggregate([item.type] + call.arguments.dropFirst().map { _ in .int }, returns: result, nullable: false, orderInsensitive: false) {
            StateAccumulator<FrequentItems, Value>(
                FrequentItems(maximum: FrequentItems.bits(tracking: tracked)), type: result,
                steps: { (arguments, _) throws(SQLError) in TopK.steps(arguments[0], item) },
                join: { (state, other) throws(SQLError) in state.merge(other) }, result: { (state, _) throws(SQLError) in TopK.list(state, count) })
        }
    }

    static let approxTopKAccumulate = AggregateFunction(
        "approx_top_k_accumulate", since: "4.1.0",
        usage: "approx_top_k_accumulate(expr[, maxItemsTracked]) - A sketch of how frequent values are, with what belongs to it.",
        examples: [
            Example(
                "approx_top_k_estimate(approx_top_k_accumulate(x, 100), 1) FROM VALUES ('a'), ('b'), ('b') AS t(x)", "[{\"item\":\"b\",\"count\":2}]")
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 1 ? arguments + ["10000"] : arguments).joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(1...2)
        let item = try TopK.item(call.call, 0)
        let tracked = try TopK.number(call.call, 1, "maxItemsTracked", TopK.standardTracked, context)
        let result = TopK.state(item.type)
        return BoundAggregate([item.type] + call.arguments.dropFirst().map { _ in .int }, returns: result, nullable: false, orderInsensitive: false) {
            StateAccumulator<FrequentItems, Value>(
                FrequentItems(maximum: FrequentItems.bits(tracking: tracked)), type: result,
                steps: { (arguments, _) throws(SQLError) in TopK.steps(arguments[0], item) },
                join: { (state, other) throws(SQLError) in state.merge(other) },
                result: { (state, _) throws(SQLError) in TopK.value(state, tracked, item) })
        }
    }

    static let approxTopKCombine = AggregateFunction(
        "approx_top_k_combine", since: "4.1.0",
        usage: "approx_top_k_combine(state[, maxItemsTracked]) - One sketch of what several saw.",
        examples: [
            Example(
                "approx_top_k_estimate(approx_top_k_combine(s, 100)) FROM (SELECT approx_top_k_accumulate(x, 100) AS s FROM VALUES ('a'), ('a') AS t(x))",
                "[{\"item\":\"a\",\"count\":2}]")
        ]
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(1...2)
        let item = try TopK.item(ofState: call.call, 0)
        let given = call.arguments.count == 2 ? try TopK.number(call.call, 1, "maxItemsTracked", 0, context) : nil
        let result = TopK.state(item.type)
        @Sendable func combine(_ state: inout (sketch: FrequentItems, tracked: Int)?, _ other: (sketch: FrequentItems, tracked: Int)) throws(SQLError)
        {
            let tracked = given ?? other.tracked
            guard var sketch = state?.sketch else {
                var first = FrequentItems(maximum: FrequentItems.bits(tracking: tracked))
                first.merge(other.sketch)
                state = (first, tracked)
                return
            }
            if given == nil, let before = state?.tracked, before != other.tracked {
                throw SQLError(.approxTopKSketchSizeNotMatch, ["size1": "\(before)", "size2": "\(other.tracked)"])
            }
            sketch.merge(other.sketch)
            state = (sketch, tracked)
        }
        return BoundAggregate(
            [call.arguments[0].type] + call.arguments.dropFirst().map { _ in .int }, returns: result, nullable: false, orderInsensitive: false
        ) {
            StateAccumulator<(sketch: FrequentItems, tracked: Int)?, Value>(
                nil, type: result,
                steps: { (arguments, _) throws(SQLError) in
                    let column = arguments[0]
                    return { (state, row) throws(SQLError) in
                        if let other = try TopK.sketch(column.value(at: row), item) { try combine(&state, other) }
                    }
                },
                join: { (state, other) throws(SQLError) in if let other { try combine(&state, other) } },
                result: { (state, _) throws(SQLError) in
                    let tracked = given ?? TopK.standardTracked
                    let whole = state ?? (FrequentItems(maximum: FrequentItems.bits(tracking: tracked)), tracked)
                    return TopK.value(whole.sketch, whole.tracked, item)
                })
        }
    }
}

extension ScalarFunction {
    static let approxTopKEstimate = ScalarFunction(
        "approx_top_k_estimate", group: .sketch, since: "4.1.0",
        usage: "approx_top_k_estimate(state[, k]) - About the k most frequent values that a sketch saw, with their counts; 5 if not given.",
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 1 ? arguments + ["5"] : arguments).joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        let item = try TopK.item(ofState: call, 0)
        let count = try TopK.number(call, 1, "k", TopK.standardCount, context)
        let result = TopK.result(item.type)
        let types = [call.types[0]] + call.arguments.dropFirst().map { _ in .int }
        return BoundScalar(types, returns: result, nullable: call.arguments[0].nullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], to: result) { (value: Value) throws(SQLError) -> Value? in
                guard let (sketch, tracked) = try TopK.sketch(value, item) else { return nil }
                try TopK.check(tracked, count)
                return TopK.list(sketch, count)
            }
        }
    }
}

import Columnar
import SparkErrors

/// `bool_and`, `bool_or`.
struct BooleanAccumulator: GroupedAccumulator {
    /// 0: nothing yet, 1: false, 2: true.
    private var states: [UInt8] = []
    let any: Bool

    init(any: Bool) { self.any = any }

    private mutating func take(_ value: Bool, _ group: Int) {
        let state = states[group]
        if state == 0 || (any ? state == 1 && value : state == 2 && !value) { states[group] = value ? 2 : 1 }
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        states.extend(to: groupCount, with: 0)
        guard let booleans = arguments[0].booleans else { return }
        for (row, group) in groups.enumerated() where booleans.validity?[row] ?? true { take(booleans.values[row], Int(group)) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        states.extend(to: groupCount, with: 0)
        for (group, state) in zip(groups, try Self.peer(other).states) where state != 0 { take(state == 2, Int(group)) }
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        try Rows.make(.boolean, groupCount) { (group) throws(SQLError) -> Bool? in
            guard group < states.count, states[group] != 0 else { return nil }
            return states[group] == 2
        }
    }
}

/// `bit_and`, `bit_or`, `bit_xor`, in 64 bits.
struct BitAccumulator: GroupedAccumulator {
    enum Operation: Sendable { case and, or, xor }

    private var values: [Int64] = []
    private var seen: [Bool] = []
    let operation: Operation
    let type: DataType

    init(_ operation: Operation, _ type: DataType) {
        self.operation = operation
        self.type = type
    }

    private mutating func take(_ value: Int64, _ group: Int) {
        guard seen[group] else {
            seen[group] = true
            values[group] = value
            return
        }
        switch operation {
        case .and: values[group] &= value
        case .or: values[group] |= value
        case .xor: values[group] ^= value
        }
    }

    private mutating func grow(_ groupCount: Int) {
        values.extend(to: groupCount, with: 0)
        seen.extend(to: groupCount, with: false)
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        grow(groupCount)
        let wide = try Cast.cast(arguments[0], to: .long, context)
        guard let source = Int64.source(wide) else { return }
        for (row, group) in groups.enumerated() where wide.validity?[row] ?? true { take(source[row], Int(group)) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        grow(groupCount)
        let other = try Self.peer(other)
        for (index, group) in groups.enumerated() where index < other.seen.count && other.seen[index] { take(other.values[index], Int(group)) }
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let wide = try Rows.make(.long, groupCount) { (group) throws(SQLError) -> Int64? in
            group < seen.count && seen[group] ? values[group] : nil
        }
        return try Cast.cast(wide, to: type, mode: .legacy, context)
    }
}

extension AggregateFunction {
    static let boolAnd = AggregateFunction(
        "bool_and", aliases: ["every"], Signature([.exact(.boolean)], returns: .boolean), since: "3.0.0",
        usage: "bool_and(expr) - Whether all values are true.",
        examples: [
            Example("bool_and(x) FROM VALUES (true), (NULL), (true) AS t(x)", "true"),
            Example("every(x) FROM VALUES (true), (false) AS t(x)", "false"),
        ]
    ) { _, _ in BooleanAccumulator(any: false) }
    static let boolOr = AggregateFunction(
        "bool_or", aliases: ["any", "some"], Signature([.exact(.boolean)], returns: .boolean), since: "3.0.0",
        usage: "bool_or(expr) - Whether a value is true.",
        examples: [
            Example("bool_or(x) FROM VALUES (true), (false) AS t(x)", "true"), Example("some(x) FROM VALUES (NULL), (false) AS t(x)", "false"),
        ]
    ) { _, _ in BooleanAccumulator(any: true) }

    private static func bits(_ name: String, _ operation: BitAccumulator.Operation, usage: String, examples: [Example]) -> AggregateFunction {
        AggregateFunction(name, Signature([.integral], returns: { $0[0] }), since: "3.0.0", usage: usage, examples: examples) { types, _ in
            BitAccumulator(operation, types[0])
        }
    }

    static let bitAndAggregate = bits(
        "bit_and", .and, usage: "bit_and(expr) - The bits that all values have.", examples: [Example("bit_and(x) FROM VALUES (3), (5) AS t(x)", "1")])
    static let bitOrAggregate = bits(
        "bit_or", .or, usage: "bit_or(expr) - The bits that a value has.", examples: [Example("bit_or(x) FROM VALUES (3), (5) AS t(x)", "7")])
    static let bitXorAggregate = bits(
        "bit_xor", .xor, usage: "bit_xor(expr) - The bits that an odd number of values have.",
        examples: [Example("bit_xor(x) FROM VALUES (3), (5) AS t(x)", "6")])
}

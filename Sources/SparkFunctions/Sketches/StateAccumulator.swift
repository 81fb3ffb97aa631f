import Columnar
import SparkErrors

/// One state a group, fed row by row: for sketches and other aggregates whose state is more than a number.
struct StateAccumulator<State: Sendable, Result: Cell>: GroupedAccumulator {
    typealias Step = (_ state: inout State, _ row: Int) throws(SQLError) -> Void

    private var states: [State] = []
    private let initial: State
    private let type: DataType
    private let steps: @Sendable (_ arguments: [Column], _ context: EvaluationContext) throws(SQLError) -> Step
    private let join: @Sendable (_ state: inout State, _ other: State) throws(SQLError) -> Void
    private let result: @Sendable (_ state: State, _ context: EvaluationContext) throws(SQLError) -> Result?

    /// - Parameters:
    ///   - steps: looks at a batch's columns and gives what takes one row in.
    ///   - join: takes in a state over rows behind this one's.
    init(
        _ initial: State, type: DataType, steps: @escaping @Sendable ([Column], EvaluationContext) throws(SQLError) -> Step,
        join: @escaping @Sendable (inout State, State) throws(SQLError) -> Void,
        result: @escaping @Sendable (State, EvaluationContext) throws(SQLError) -> Result?
    ) {
        self.initial = initial
        self.type = type
        self.steps = steps
        self.join = join
        self.result = result
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        states.extend(to: groupCount, with: initial)
        let step = try steps(arguments, context)
        for (row, group) in groups.enumerated() { try step(&states[Int(group)], row) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        states.extend(to: groupCount, with: initial)
        for (group, state) in zip(groups, try Self.peer(other).states) { try join(&states[Int(group)], state) }
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        try Rows.make(type, groupCount) { (group) throws(SQLError) -> Result? in
            try result(group < states.count ? states[group] : initial, context)
        }
    }
}

/// Numbers in the byte order of the sketches' formats.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func little<T: FixedWidthInteger>(_ value: T) {
        for shift in stride(from: 0, to: T.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> T(shift))) }
    }
    mutating func big<T: FixedWidthInteger>(_ value: T) {
        for shift in stride(from: T.bitWidth - 8, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> T(shift))) }
    }
    mutating func append(_ other: some Sequence<UInt8>) { bytes.append(contentsOf: other) }
}

/// Reads what `ByteWriter` wrote; nil behind the end.
struct ByteReader {
    private let bytes: ByteSlice
    private(set) var position: Int

    init(_ bytes: ByteSlice) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var remaining: Int { bytes.endIndex - position }

    mutating func little<T: FixedWidthInteger>(_: T.Type = T.self) -> T? {
        let width = T.bitWidth / 8
        guard remaining >= width else { return nil }
        var value: T = 0
        for index in 0..<width { value |= T(truncatingIfNeeded: bytes[position + index]) << T(8 * index) }
        position += width
        return value
    }

    mutating func take(_ count: Int) -> ByteSlice? {
        guard count >= 0, remaining >= count else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }
}

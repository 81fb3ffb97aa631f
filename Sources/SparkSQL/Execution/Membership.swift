import Columnar
import SparkErrors
import SparkFunctions

/// The rows of an IN subquery, ready to be asked: true if one equals, else null if one might.
struct MembershipTable {
    private let keys: [Column]
    private let table: JoinTable
    private let types: [DataType]
    private let count: Int
    /// Rows in which a key is null: those that may equal anything in that place.
    private let rowsWithNull: [Int32]

    init(_ rows: Rows, types: [DataType]) {
        keys = zip(rows.columns, types).map { $0.with(type: $1) }
        self.types = types
        count = rows.count
        table = JoinTable(keys: keys)
        let nulls = Kernel.combinedValidity(keys)
        let isVoid = keys.contains(where: \.isVoid)
        rowsWithNull = isVoid ? (0..<rows.count).map { Int32(truncatingIfNeeded: $0) } : nulls.map { (~$0).indices() } ?? []
    }

    /// `lookups` are columns of one length, of the table's types.
    func lookUp(_ lookups: [Column], rowCount: Int) -> Column {
        if count == 0 { return Column(.boolean, .boolean(BooleanArray(Bitmap(repeating: false, count: rowCount)))) }
        let lookups = zip(lookups, types).map { $0.with(type: $1) }
        let groups = table.groups(of: lookups)
        var bits = BitmapBuilder()
        var validity = BitmapBuilder()
        for row in 0..<rowCount {
            let isFound = groups[row] >= 0
            bits.append(isFound)
            validity.append(isFound || !mayEqual(lookups, row))
        }
        return Column(.boolean, .boolean(BooleanArray(bits.finish(), validity: validity.finishValidity())))
    }

    /// Whether some row equals as far as both sides are known.
    private func mayEqual(_ lookups: [Column], _ row: Int) -> Bool {
        let hasNull = lookups.contains { $0.isNull(row) }
        if lookups.count == 1 { return hasNull || !rowsWithNull.isEmpty }
        if !hasNull, rowsWithNull.isEmpty { return false }
        let values = lookups.map { $0.value(at: row) }
        let candidates = hasNull ? (0..<count).map { Int32(truncatingIfNeeded: $0) } : rowsWithNull
        return candidates.contains { candidate in
            zip(values, keys).allSatisfy { value, column in
                value.isNull || column.isNull(Int(candidate)) || column.value(at: Int(candidate)) == value
            }
        }
    }
}

/// Adds to each left row the answer to `keys IN (right side)`, where the right rows that count are those for which the condition holds.
final class MembershipOperator: Operator {
    private let left: any Operator
    private let right: any Operator
    private let keys: [any Evaluator]
    private let rightKeys: [any Evaluator]
    private let keyTypes: [DataType]
    /// Equal on both sides for right rows that count; none: all count.
    private let correlation: (left: [any Evaluator], right: [any Evaluator], types: [DataType])
    private let state: ExecutionState
    private var tables: [MembershipTable] = []
    private var groups: GroupIndexer
    private var isBuilt = false

    init(
        _ left: any Operator, _ right: any Operator, keys: [any Evaluator], rightKeys: [any Evaluator], keyTypes: [DataType],
        correlation: (left: [any Evaluator], right: [any Evaluator], types: [DataType]), _ state: ExecutionState
    ) {
        self.left = left
        self.right = right
        self.keys = keys
        self.rightKeys = rightKeys
        self.keyTypes = keyTypes
        self.correlation = correlation
        self.state = state
        groups = GroupIndexer(types: correlation.types)
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        if !isBuilt { try build() }
        guard let rows = try left.next() else { return nil }
        var lookups: [Column] = []
        for key in keys { lookups.append(try key.column(rows, state.context)) }
        if correlation.left.isEmpty {
            let answer = tables.first?.lookUp(lookups, rowCount: rows.count) ?? Self.noRows(rows.count)
            return Rows(rows.columns + [answer], count: rows.count)
        }
        var outer: [Column] = []
        for (key, type) in zip(correlation.left, correlation.types) { outer.append(try key.column(rows, state.context).with(type: type)) }
        let owners = groups.find(outer, rowCount: rows.count)
        // A null in the correlation equals nothing.
        let known = Kernel.combinedValidity(outer)
        var assembly = Assembly(.boolean, count: rows.count)
        var byGroup: [Int32: [Int32]] = [:]
        var order: [Int32] = []
        for (row, owner) in owners.enumerated() {
            let group = owner >= 0 && (known?[row] ?? true) ? owner : -1
            if byGroup[group] == nil { order.append(group) }
            byGroup[group, default: []].append(Int32(truncatingIfNeeded: row))
        }
        for group in order {
            let members = byGroup[group] ?? []
            if group < 0 {
                assembly.add(Self.noRows(members.count), for: members)
            } else {
                assembly.add(tables[Int(group)].lookUp(lookups.map { $0.take(members) }, rowCount: members.count), for: members)
            }
        }
        return Rows(rows.columns + [try assembly.finish()], count: rows.count)
    }

    private static func noRows(_ count: Int) -> Column {
        Column(.boolean, .boolean(BooleanArray(Bitmap(repeating: false, count: count))))
    }

    private func build() throws(SQLError) {
        isBuilt = true
        var parts: [[Rows]] = []
        while let rows = try right.next() {
            try state.check()
            if rows.count == 0 { continue }
            try state.reserve(rows.byteSize)
            var values: [Column] = []
            for (key, type) in zip(rightKeys, keyTypes) { values.append(try key.column(rows, state.context).with(type: type)) }
            if correlation.right.isEmpty {
                if parts.isEmpty { parts.append([]) }
                parts[0].append(Rows(values, count: rows.count))
                continue
            }
            var owners: [Column] = []
            for (key, type) in zip(correlation.right, correlation.types) { owners.append(try key.column(rows, state.context).with(type: type)) }
            let numbers = groups.groups(of: owners, rowCount: rows.count)
            while parts.count < groups.count { parts.append([]) }
            var members: [Int32: [Int32]] = [:]
            for (row, number) in numbers.enumerated() { members[number, default: []].append(Int32(truncatingIfNeeded: row)) }
            for number in members.keys.sorted() {
                parts[Int(number)].append(try Rows(values, count: rows.count).take(members[number] ?? []))
            }
        }
        tables = try parts.map { (part) throws(SQLError) in MembershipTable(try Rows.concat(part, types: keyTypes), types: keyTypes) }
    }
}

import Columnar
import SparkErrors

extension AggregateCall {
    /// The same as a scalar call, for the checks of arguments that both share.
    var call: Call { Call(name: name, sql: sql, arguments: arguments) }
}

extension AggregateFunction {
    /// An aggregate whose types come from a signature.
    init(
        _ name: String, aliases: [String] = [], _ signature: Signature, since: String = "1.0.0", usage: String, examples: [Example] = [],
        nullable: Bool = true, orderInsensitive: Bool = true,
        make: @escaping @Sendable (_ types: [DataType], _ result: DataType) -> any GroupedAccumulator
    ) {
        self.init(name, aliases: aliases, since: since, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            let types = try signature.argumentTypes(call.call)
            let result = signature.returns(types)
            return BoundAggregate(types, returns: result, nullable: nullable, orderInsensitive: orderInsensitive) { make(types, result) }
        }
    }
}

extension GroupedAccumulator {
    /// The other side of a merge, which must be of the same kind.
    static func peer(_ other: any GroupedAccumulator) throws(SQLError) -> Self {
        guard let peer = other as? Self else { throw .internalFault("merge of unlike aggregates") }
        return peer
    }
}

/// Errors of the grouped kernels, which only a fault of the caller brings about.
func layoutChecked<T>(_ body: () throws(KernelError) -> T) throws(SQLError) -> T {
    do throws(KernelError) { return try body() } catch { throw .internalFault("an aggregate was given a column of another layout") }
}

extension Array {
    mutating func extend(to count: Int, with element: Element) {
        if self.count < count { append(contentsOf: repeatElement(element, count: count - self.count)) }
    }
}

/// A row for each group out of those seen: what `first`, `max_by` and their kin keep.
struct PickedRows: Sendable {
    private var parts: [Column] = []
    private var stored = 0
    /// Per group the place in the parts; -1: none.
    private(set) var places: [Int32] = []
    let type: DataType

    init(_ type: DataType) { self.type = type }

    func has(_ group: Int) -> Bool { group < places.count && places[group] >= 0 }

    mutating func grow(to groupCount: Int) { places.extend(to: groupCount, with: -1) }

    /// Keeps `rows[i]` of the column for group `groups[i]`, in place of what the group had.
    mutating func put(_ column: Column, rows: [Int32], groups: [Int32]) throws(SQLError) {
        if rows.isEmpty { return }
        if stored > 4 * places.count + 8192 { try compact() }
        for (offset, group) in groups.enumerated() { places[Int(group)] = Int32(truncatingIfNeeded: stored + offset) }
        parts.append(column.take(rows))
        stored += rows.count
    }

    private mutating func compact() throws(SQLError) {
        let kept = try column(groupCount: places.count)
        parts = [kept]
        stored = kept.count
        for group in places.indices where places[group] >= 0 { places[group] = Int32(truncatingIfNeeded: group) }
    }

    /// A row per group, null where there is none.
    func column(groupCount: Int) throws(SQLError) -> Column {
        var indices = places
        indices.extend(to: groupCount, with: -1)
        if parts.isEmpty { return .nulls(type, count: groupCount) }
        return try Column.joined(parts, type: type).gather(indices)
    }
}

/// All values of each group, in the order of their rows.
struct GroupedRows: Sendable {
    private var parts: [[Column]] = []
    private var groups: [Int32] = []
    private var reservation = Reservation()
    let types: [DataType]

    init(_ types: [DataType]) { self.types = types }

    var count: Int { groups.count }

    mutating func append(_ columns: [Column], groups added: [Int32]) throws(SQLError) {
        if added.isEmpty { return }
        try reservation.add(columns.reduce(4 * added.count) { $0 + $1.byteSize })
        parts.append(columns)
        groups.append(contentsOf: added)
    }

    /// Only the rows under ones.
    mutating func append(_ columns: [Column], groups added: [Int32], where mask: Bitmap?) throws(SQLError) {
        guard let mask, !mask.allOnes else { return try append(columns, groups: added) }
        let rows = mask.indices()
        try append(columns.map { $0.take(rows) }, groups: rows.map { added[Int($0)] })
    }

    mutating func merge(_ other: GroupedRows, groups mapping: [Int32]) {
        parts += other.parts
        groups += other.groups.map { mapping[Int($0)] }
    }

    mutating func removeAll() {
        parts = []
        groups = []
        reservation = Reservation()
    }

    /// The values as columns, all of a group together, and where each group begins (and the last one ends).
    func gathered(groupCount: Int) throws(SQLError) -> (columns: [Column], offsets: [Int32]) {
        var offsets = [Int32](repeating: 0, count: groupCount + 1)
        for group in groups { offsets[Int(group) + 1] += 1 }
        for group in 0..<groupCount { offsets[group + 1] += offsets[group] }
        var next = offsets
        var indices = [Int32](repeating: 0, count: groups.count)
        for (row, group) in groups.enumerated() {
            indices[Int(next[Int(group)])] = Int32(truncatingIfNeeded: row)
            next[Int(group)] += 1
        }
        return (try columns().map { (column) throws(SQLError) in try column.gather(indices) }, offsets)
    }

    func columns() throws(SQLError) -> [Column] {
        var columns: [Column] = []
        for (position, type) in types.enumerated() {
            columns.append(parts.isEmpty ? .nulls(type, count: 0) : try Column.joined(parts.map { $0[position] }, type: type))
        }
        return columns
    }

    var groupNumbers: [Int32] { groups }
}

import Columnar

/// A leaf's values without nulls, and the levels that tell where they belong.
struct LeafValues {
    enum Levels {
        case required
        case validity(Bitmap?)
        /// A byte each; no repetitions where there is no list.
        case nested(definitions: [UInt8], repetitions: [UInt8])
    }

    let levels: Levels
    let dense: Column
    /// Values, nulls, and empty lists.
    let entryCount: Int
}

/// Takes nested columns apart into their leaves.
struct ColumnShredder {
    /// Where the rows are, level by level: an entry for each place in a leaf.
    private struct Entries {
        var definitions: [UInt8]
        var repetitions: [UInt8]
        /// The place in the column at hand; -1 where a null or an empty list has ended the row's path.
        var rows: [Int32]
    }

    private(set) var leaves: [LeafValues] = []

    /// The leaves in the order of `WriterSchema`.
    init(_ column: Column, _ field: Field) throws(ParquetError) {
        let column = column.laidOut(as: field.type)
        let count = column.count
        guard count <= Int(Int32.max) else { throw .tooLarge("a row group of \(count) rows") }
        if column.isFlat {
            if !field.nullable, column.nullCount > 0 { throw .nullInRequiredColumn(field.name) }
            let dense = column.validity.map { column.filter($0).with(validity: nil) } ?? column
            leaves = [LeafValues(levels: field.nullable ? .validity(column.validity) : .required, dense: dense, entryCount: count)]
            return
        }
        let zeros = [UInt8](repeating: 0, count: count)
        let entries = Entries(definitions: zeros, repetitions: [], rows: (0..<count).map { Int32(truncatingIfNeeded: $0) })
        try shred(column, field, entries, depth: 0)
    }

    private mutating func shred(_ column: Column, _ field: Field, _ entries: consuming Entries, depth: UInt8) throws(ParquetError) {
        var entries = entries
        let column = column.laidOut(as: field.type)
        try descend(&entries, column, field)
        switch (column.values, field.type) {
        case (.structure(let array), .structure(let fields)):
            for (child, field) in zip(array.children, fields) { try shred(child, field, entries, depth: depth) }
        case (.structure(let array), .variant):
            for (child, name) in zip(array.children, ["metadata", "value"]) {
                try shred(child, Field(name, .binary, nullable: false), entries, depth: depth)
            }
        case (.list(let array), .array(let element, let containsNull)):
            let elements = expand(entries, array, depth: depth + 1)
            try shred(array.child, Field("element", element, nullable: containsNull), elements, depth: depth + 1)
        case (.list(let array), .map(let key, let value, let containsNull)):
            guard case .structure(let pairs) = array.child.values, pairs.children.count == 2 else { break }
            let elements = expand(entries, array, depth: depth + 1)
            try shred(pairs.children[0], Field("key", key, nullable: false), elements, depth: depth + 1)
            try shred(pairs.children[1], Field("value", value, nullable: containsNull), elements, depth: depth + 1)
        default:
            let dense = column.take(entries.rows.filter { $0 >= 0 }).with(validity: nil)
            leaves.append(
                LeafValues(
                    levels: .nested(definitions: entries.definitions, repetitions: entries.repetitions), dense: dense,
                    entryCount: entries.rows.count))
        }
    }

    /// Raises the level of the values that are there, and ends the paths of nulls.
    private func descend(_ entries: inout Entries, _ column: Column, _ field: Field) throws(ParquetError) {
        let validity = column.validity
        let raise: UInt8 = field.nullable ? 1 : 0
        for index in entries.rows.indices where entries.rows[index] >= 0 {
            if let validity, !validity[Int(entries.rows[index])] {
                guard field.nullable else { throw .nullInRequiredColumn(field.name) }
                entries.rows[index] = -1
            } else {
                entries.definitions[index] += raise
            }
        }
    }

    /// An entry for each element, and one for each list without any.
    private func expand(_ entries: Entries, _ array: ListArray, depth: UInt8) -> Entries {
        var result = Entries(definitions: [], repetitions: [], rows: [])
        result.definitions.reserveCapacity(array.child.count)
        result.repetitions.reserveCapacity(array.child.count)
        result.rows.reserveCapacity(array.child.count)
        for index in entries.rows.indices {
            let row = Int(entries.rows[index])
            let first = entries.repetitions.isEmpty ? 0 : entries.repetitions[index]
            let range = row >= 0 ? array.range(row) : 0..<0
            guard !range.isEmpty else {
                result.definitions.append(entries.definitions[index])
                result.repetitions.append(first)
                result.rows.append(-1)
                continue
            }
            for position in range {
                result.definitions.append(entries.definitions[index] + 1)
                result.repetitions.append(position == range.lowerBound ? first : depth)
                result.rows.append(Int32(truncatingIfNeeded: position))
            }
        }
        return result
    }
}

extension Column {
    /// Nulls of no type take the layout of the wanted one.
    fileprivate func laidOut(as type: DataType) -> Column { isVoid ? .nulls(type, count: count) : self }

    var isFlat: Bool {
        switch values {
        case .list, .structure: false
        default: true
        }
    }
}

import Columnar

/// The distinct values of a column and each row's index among them.
struct DictionaryEncoding {
    let dictionary: Column
    let indices: [Int32]

    private static let maxBytes = 1 << 20
    private static let sample = 4096

    /// nil if a dictionary would not make the chunk smaller; the column has no nulls.
    init?(_ column: Column, _ element: SchemaElement) {
        guard column.count > 0, let keys = column.dictionaryKeys else { return nil }
        var indexer = GroupIndexer(types: [keys.type])
        var indices: [Int32] = []
        indices.reserveCapacity(column.count)
        var start = 0
        while start < column.count {
            let end = min(start + Self.sample, column.count)
            indices += indexer.groups(of: [keys.slice(start..<end)])
            // Rows that mostly differ at first will not repeat enough later.
            if start == 0, end == Self.sample, indexer.count > Self.sample / 4 * 3 { return nil }
            start = end
        }
        var firstRows: [Int32] = []
        firstRows.reserveCapacity(indexer.count)
        for (row, index) in indices.enumerated() where Int(index) == firstRows.count { firstRows.append(Int32(truncatingIfNeeded: row)) }
        let dictionary = column.take(firstRows)
        let size = PlainEncoder.size(dictionary, 0..<dictionary.count, element)
        let packed = column.count * RunLength.width(forCount: dictionary.count) / 8
        guard size <= Self.maxBytes, size + packed < PlainEncoder.size(column, 0..<column.count, element) else { return nil }
        self.dictionary = dictionary
        self.indices = indices
    }
}

extension Column {
    /// The values by their bits, so that zeros of either sign and all NaN stay as they are; nil for booleans, which are bits already.
    fileprivate var dictionaryKeys: Column? {
        switch values {
        case .float(let array): Column(.int, .int32(PrimitiveArray(array.values.map { Int32(bitPattern: $0.bitPattern) })))
        case .double(let array): Column(.long, .int64(PrimitiveArray(array.values.map { Int64(bitPattern: $0.bitPattern) })))
        case .int8: with(type: .byte)
        case .int16: with(type: .short)
        case .int32: with(type: .int)
        case .int64: with(type: .long)
        case .int128: with(type: .decimal(DecimalType(DecimalType.maxPrecision, 0)))
        case .bytes: with(type: .binary)
        case .boolean, .void, .list, .structure: nil
        }
    }
}

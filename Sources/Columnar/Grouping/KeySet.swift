/// A set of values that whole columns are asked for: a bit for each whole number in a range that is not too wide, else a hash table.
package struct KeySet: Sendable {
    private enum Content: Sendable {
        case range(least: Int64, Bitmap)
        case table(GroupIndexer)
    }

    private let content: Content
    /// How many values there are.
    package let count: Int

    /// Ranges of more values than these are hashed.
    private static let widest = 1 << 26

    /// The values of columns of one type; null is none.
    package init(_ columns: [Column], type: DataType) {
        let columns = columns.map { $0.with(type: type) }
        if let (least, bits) = Self.bits(columns) {
            content = .range(least: least, bits)
            count = bits.onesCount
            return
        }
        var index = GroupIndexer(types: [type])
        for column in columns {
            let known = column.isVoid ? [] : column.validity?.indices()
            _ = index.groups(of: [known.map { column.take($0) } ?? column])
        }
        content = .table(index)
        count = index.count
    }

    /// Asking takes less than a look into a hash table.
    package var isCheap: Bool { if case .range = content { true } else { false } }

    /// Which rows have one of the values; the column has the values' type.
    package func contains(_ column: Column) -> Bitmap {
        if column.isVoid { return Bitmap(repeating: false, count: column.count) }
        let found: Bitmap
        switch content {
        case .range(let least, let bits):
            found =
                switch column.values {
                case .int8(let array): Self.look(array, least, bits)
                case .int16(let array): Self.look(array, least, bits)
                case .int32(let array): Self.look(array, least, bits)
                case .int64(let array): Self.look(array, least, bits)
                default: Bitmap(repeating: true, count: column.count)
                }
        case .table(let index):
            let groups = index.find([column])
            found = groups.withUnsafeBufferPointer { groups in Kernel.bitmap(count: groups.count) { groups[$0] >= 0 } }
        }
        guard let validity = column.validity else { return found }
        return found & validity
    }

    private static func look<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>, _ least: Int64, _ bits: Bitmap) -> Bitmap {
        let range = UInt64(bits.count)
        return array.values.withUnsafeBufferPointer { values in
            bits.words.withUnsafeBufferPointer { words in
                Kernel.bitmap(count: values.count) { row in
                    let place = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row]) &- least)
                    guard place < range else { return false }
                    return words[Int(truncatingIfNeeded: place >> 6)] >> (place & 63) & 1 == 1
                }
            }
        }
    }

    /// nil: these are not whole numbers, or they lie too far apart.
    private static func bits(_ columns: [Column]) -> (Int64, Bitmap)? {
        guard !columns.isEmpty else { return nil }
        var least = Int64.max
        var greatest = Int64.min
        for column in columns where column.nullCount < column.count {
            guard let (low, high) = column.values.integerRange else { return nil }
            least = min(least, low)
            greatest = max(greatest, high)
        }
        guard least <= greatest else { return nil }
        let (distance, overflow) = greatest.subtractingReportingOverflow(least)
        guard !overflow, distance < widest else { return nil }
        var words = [UInt64](repeating: 0, count: (Int(distance) + 64) / 64)
        for column in columns { column.values.mark(&words, least: least) }
        return (least, Bitmap(words: words, count: Int(distance) + 1))
    }
}

extension ColumnValues {
    /// The least and the greatest of whole numbers of up to 64 bits; nil for other layouts, and if there are none.
    var integerRange: (least: Int64, greatest: Int64)? {
        func range<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>) -> (Int64, Int64)? {
            var least = T.max
            var greatest = T.min
            array.values.withUnsafeBufferPointer { values in
                Kernel.forEachValid(values.count, array.validity) { row in
                    least = min(least, values[row])
                    greatest = max(greatest, values[row])
                }
            }
            return least <= greatest ? (Int64(least), Int64(greatest)) : nil
        }
        switch self {
        case .int8(let array): return range(array)
        case .int16(let array): return range(array)
        case .int32(let array): return range(array)
        case .int64(let array): return range(array)
        default: return nil
        }
    }

    fileprivate func mark(_ words: inout [UInt64], least: Int64) {
        func mark<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>) {
            words.withUnsafeMutableBufferPointer { words in
                array.values.withUnsafeBufferPointer { values in
                    Kernel.forEachValid(values.count, array.validity) { row in
                        let place = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row]) &- least)
                        words[Int(truncatingIfNeeded: place >> 6)] |= 1 << (place & 63)
                    }
                }
            }
        }
        switch self {
        case .int8(let array): mark(array)
        case .int16(let array): mark(array)
        case .int32(let array): mark(array)
        case .int64(let array): mark(array)
        default: break
        }
    }
}

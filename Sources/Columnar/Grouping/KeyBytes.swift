/// Nested values as byte strings that are the same exactly if the values are, in the sense of grouping.
enum KeyBytes {
    /// A byte string a row; strings must be collated already. Null rows stay null.
    static func encode(_ column: Column) -> BytesArray {
        var builder = BytesBuilder(capacity: column.count)
        var buffer: [UInt8] = []
        for row in 0..<column.count {
            if column.isNull(row) {
                builder.appendNull()
            } else {
                buffer.removeAll(keepingCapacity: true)
                append(column.type, column.values, row, to: &buffer)
                builder.append(buffer)
            }
        }
        return builder.finish()
    }

    private static func append(_ column: Column, _ row: Int, to buffer: inout [UInt8]) {
        if column.isNull(row) {
            buffer.append(0)
        } else {
            buffer.append(1)
            append(column.type, column.values, row, to: &buffer)
        }
    }

    private static func append(_ type: DataType, _ values: ColumnValues, _ row: Int, to buffer: inout [UInt8]) {
        switch values {
        case .void: break
        case .boolean(let array): buffer.append(array.values[row] ? 1 : 0)
        case .int8(let array): append(array.values[row], to: &buffer)
        case .int16(let array): append(array.values[row], to: &buffer)
        case .int32(let array): append(array.values[row], to: &buffer)
        case .int64(let array): append(array.values[row], to: &buffer)
        case .int128(let array): append(array.values[row], to: &buffer)
        case .float(let array): append(Mixing.canonical(array.values[row]), to: &buffer)
        case .double(let array): append(Mixing.canonical(array.values[row]), to: &buffer)
        case .bytes(let array):
            append(array.offsets[row + 1] - array.offsets[row], to: &buffer)
            buffer.append(contentsOf: array[row])
        case .list(let array):
            let range = array.range(row)
            append(Int32(truncatingIfNeeded: range.count), to: &buffer)
            guard case .map = type else {
                for index in range { append(array.child, index, to: &buffer) }
                return
            }
            // Entries in the order of their bytes: maps are the same whatever order their entries came in.
            let entries = range.map { index in
                var entry: [UInt8] = []
                append(array.child, index, to: &entry)
                return entry
            }
            for entry in entries.sorted(by: { $0.lexicographicallyPrecedes($1) }) { buffer.append(contentsOf: entry) }
        case .structure(let array):
            for child in array.children { append(child, row, to: &buffer) }
        }
    }

    private static func append<T: FixedWidthInteger>(_ value: T, to buffer: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
    }
}

import Columnar

/// Writes values in the encoding PLAIN.
enum PlainEncoder {
    /// Appends the rows of a range; none of them is null.
    static func append(_ column: Column, _ range: Range<Int>, _ element: SchemaElement, to bytes: inout [UInt8]) {
        switch column.values {
        case .boolean(let array): RunLength.appendPlain(array.values.slice(range), into: &bytes)
        case .int8(let array): appendNumbers(array.values[range].map { Int32($0) }, to: &bytes)
        case .int16(let array): appendNumbers(array.values[range].map { Int32($0) }, to: &bytes)
        case .int32(let array): appendNumbers(array.values[range], to: &bytes)
        case .int64(let array):
            if element.type == .int32 {
                appendNumbers(array.values[range].map { Int32(truncatingIfNeeded: $0) }, to: &bytes)
            } else {
                appendNumbers(array.values[range], to: &bytes)
            }
        case .int128(let array):
            let length = Int(element.typeLength ?? 16)
            bytes.reserveCapacity(bytes.count + range.count * length)
            for row in range { appendBigEndian(array.values[row], length, to: &bytes) }
        case .float(let array): appendNumbers(array.values[range], to: &bytes)
        case .double(let array): appendNumbers(array.values[range], to: &bytes)
        case .bytes(let array):
            bytes.reserveCapacity(bytes.count + size(column, range, element))
            for row in range {
                let length = UInt32(bitPattern: array.offsets[row + 1] - array.offsets[row])
                withUnsafeBytes(of: length.littleEndian) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: array[row])
            }
        case .void, .list, .structure: break
        }
    }

    /// How many bytes `append` writes.
    static func size(_ column: Column, _ range: Range<Int>, _ element: SchemaElement) -> Int {
        switch column.values {
        case .boolean: (range.count + 7) / 8
        case .int8, .int16, .int32, .float: 4 * range.count
        case .int64: (element.type == .int32 ? 4 : 8) * range.count
        case .double: 8 * range.count
        case .int128: Int(element.typeLength ?? 16) * range.count
        case .bytes(let array): Int(array.offsets[range.upperBound] - array.offsets[range.lowerBound]) + 4 * range.count
        case .void, .list, .structure: 0
        }
    }

    enum ZeroSign { case negative, positive }

    /// One value, of a layout that is not bytes; a floating zero gets the sign that makes it a bound of both zeros.
    static func value(_ column: Column, _ row: Int, _ element: SchemaElement, zero: ZeroSign) -> [UInt8] {
        var bytes: [UInt8] = []
        switch column.values {
        case .boolean(let array): bytes = [array.values[row] ? 1 : 0]
        case .float(let array): appendNumbers([array.values[row] == 0 ? (zero == .negative ? -0.0 : 0.0) : array.values[row]], to: &bytes)
        case .double(let array): appendNumbers([array.values[row] == 0 ? (zero == .negative ? -0.0 : 0.0) : array.values[row]], to: &bytes)
        default: append(column, row..<row + 1, element, to: &bytes)
        }
        return bytes
    }

    /// In memory as in the file: the machines that this runs on are little-endian.
    private static func appendNumbers<T: BitwiseCopyable>(_ values: some Collection<T>, to bytes: inout [UInt8]) {
        let appended: Void? = values.withContiguousStorageIfAvailable { bytes.append(contentsOf: UnsafeRawBufferPointer($0)) }
        if appended == nil { Array(values).withUnsafeBytes { bytes.append(contentsOf: $0) } }
    }

    private static func appendBigEndian(_ value: Int128, _ length: Int, to bytes: inout [UInt8]) {
        for index in stride(from: length - 1, through: 0, by: -1) { bytes.append(UInt8(truncatingIfNeeded: value >> Int128(8 * index))) }
    }
}

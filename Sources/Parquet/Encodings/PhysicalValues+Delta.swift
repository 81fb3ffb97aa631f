import Columnar

extension PhysicalValues {
    /// Appends integers in the encoding DELTA_BINARY_PACKED.
    mutating func appendDeltas(_ cursor: inout ByteCursor, count: Int) throws(ParquetError) {
        func check(_ found: Int) throws(ParquetError) { guard found == count else { throw .malformed("a page ends too early") } }
        switch self {
        case .int32(var values):
            self = .int32([])
            let added = try DeltaDecoder.integers(&cursor, limit: count, as: Int32.self)
            try check(added.count)
            values += added
            self = .int32(values)
        case .int64(var values):
            self = .int64([])
            let added = try DeltaDecoder.integers(&cursor, limit: count, as: Int64.self)
            try check(added.count)
            values += added
            self = .int64(values)
        default: throw .malformed("the encoding DELTA_BINARY_PACKED on values that are no integers")
        }
    }

    /// Appends byte strings in the encoding DELTA_LENGTH_BYTE_ARRAY, or DELTA_BYTE_ARRAY if `hasPrefixes`.
    mutating func appendDeltaStrings(_ cursor: inout ByteCursor, count: Int, hasPrefixes: Bool, byteLimit: Int) throws(ParquetError) {
        switch self {
        case .byteArray(var offsets, var bytes):
            self = .byteArray([], [])
            if hasPrefixes {
                try DeltaDecoder.prefixedStrings(&cursor, count: count, byteLimit: byteLimit, &offsets, &bytes)
            } else {
                try DeltaDecoder.strings(&cursor, count: count, byteLimit: byteLimit, &offsets, &bytes)
            }
            self = .byteArray(offsets, bytes)
        case .fixed(var bytes, let length) where hasPrefixes:
            self = .fixed([], length: length)
            var offsets: [Int32] = [0]
            var added: [UInt8] = []
            try DeltaDecoder.prefixedStrings(&cursor, count: count, byteLimit: byteLimit, &offsets, &added)
            for index in 0..<count where Int(offsets[index + 1] - offsets[index]) != length {
                throw .malformed("a value of \(offsets[index + 1] - offsets[index]) bytes where each has \(length)")
            }
            guard added.count <= byteLimit - min(bytes.count, byteLimit) else { throw .tooLarge("the values of a column chunk") }
            bytes += added
            self = .fixed(bytes, length: length)
        default: throw .malformed("an encoding of byte strings on values that are none")
        }
    }

    /// Appends values of fixed width in the encoding BYTE_STREAM_SPLIT: the first bytes of all, then the second ones, and so on.
    mutating func appendSplitStreams(_ cursor: inout ByteCursor, count: Int) throws(ParquetError) {
        switch self {
        case .int32(var values):
            self = .int32([])
            try Self.appendSplit(&cursor, count, &values)
            self = .int32(values)
        case .int64(var values):
            self = .int64([])
            try Self.appendSplit(&cursor, count, &values)
            self = .int64(values)
        case .float(var values):
            self = .float([])
            try Self.appendSplit(&cursor, count, &values)
            self = .float(values)
        case .double(var values):
            self = .double([])
            try Self.appendSplit(&cursor, count, &values)
            self = .double(values)
        case .fixed(var bytes, let length):
            self = .fixed([], length: length)
            let source = cursor.bytes[try cursor.takeItems(count, of: length)]
            bytes.reserveCapacity(bytes.count + source.count)
            for index in 0..<count { for stream in 0..<length { bytes.append(source[source.startIndex + stream * count + index]) } }
            self = .fixed(bytes, length: length)
        case .boolean, .int96, .byteArray: throw .malformed("the encoding BYTE_STREAM_SPLIT on values of no fixed width")
        }
    }

    private static func appendSplit<T: FixedWidthInteger>(_ cursor: inout ByteCursor, _ count: Int, _ values: inout [T]) throws(ParquetError) {
        let size = MemoryLayout<T>.size
        let range = try cursor.takeItems(count, of: size)
        cursor.bytes.withUnsafeBufferPointer { bytes in
            let streams = UnsafeBufferPointer(rebasing: bytes[range])
            for index in 0..<count {
                var value: T = 0
                for stream in 0..<size { value |= T(truncatingIfNeeded: UInt64(streams[stream * count + index]) << UInt64(8 * stream)) }
                values.append(value)
            }
        }
    }
}

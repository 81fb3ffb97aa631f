import Columnar

/// Values of a column chunk as the format has them, without places for nulls.
enum PhysicalValues {
    case boolean(BitmapBuilder)
    case int32([Int32])
    case int64([Int64])
    /// 12 bytes each: nanoseconds of the day, then the Julian day.
    case int96([UInt8])
    case float([UInt32])
    case double([UInt64])
    /// Offsets, beginning with 0, and bytes.
    case byteArray([Int32], [UInt8])
    case fixed([UInt8], length: Int)

    /// With room for so many values.
    init(_ type: PhysicalType, length: Int, capacity: Int = 0) {
        func room<T>(_ first: [T] = []) -> [T] {
            var values = first
            values.reserveCapacity(first.count + capacity)
            return values
        }
        self =
            switch type {
            case .boolean: .boolean(BitmapBuilder())
            case .int32: .int32(room())
            case .int64: .int64(room())
            case .int96: .int96([])
            case .float: .float(room())
            case .double: .double(room())
            case .byteArray: .byteArray(room([0]), [])
            case .fixedLenByteArray: .fixed([], length: length)
            }
    }

    /// Appends values in the encoding PLAIN. `byteLimit` is how many bytes of strings there may be in all.
    mutating func appendPlain(_ cursor: inout ByteCursor, count: Int, byteLimit: Int) throws(ParquetError) {
        guard count >= 0 else { throw .malformed("a negative count of values") }
        switch self {
        case .boolean(var bits):
            let range = try cursor.take((count + 7) / 8)
            RunLength.appendBits(cursor.bytes, range, count: count, to: &bits)
            self = .boolean(bits)
        case .int32(var values):
            self = .int32([])
            try cursor.append(count, to: &values)
            self = .int32(values)
        case .int64(var values):
            self = .int64([])
            try cursor.append(count, to: &values)
            self = .int64(values)
        case .int96(var bytes):
            self = .int96([])
            bytes.append(contentsOf: cursor.bytes[try cursor.takeItems(count, of: 12)])
            self = .int96(bytes)
        case .float(var values):
            self = .float([])
            try cursor.append(count, to: &values)
            self = .float(values)
        case .double(var values):
            self = .double([])
            try cursor.append(count, to: &values)
            self = .double(values)
        case .byteArray(var offsets, var bytes):
            self = .byteArray([], [])
            try Self.appendPlainStrings(&cursor, count, byteLimit, &offsets, &bytes)
            self = .byteArray(offsets, bytes)
        case .fixed(var bytes, let length):
            self = .fixed([], length: length)
            bytes.append(contentsOf: cursor.bytes[try cursor.takeItems(count, of: length)])
            self = .fixed(bytes, length: length)
        }
    }

    /// Lengths are read ahead of the copying, so that the bytes are copied into a place that is large enough.
    private static func appendPlainStrings(
        _ cursor: inout ByteCursor, _ count: Int, _ byteLimit: Int, _ offsets: inout [Int32], _ bytes: inout [UInt8]
    ) throws(ParquetError) {
        let start = cursor.position
        let end = cursor.end
        var total = bytes.count
        var isCutShort = false
        // Each value has four bytes at least.
        guard count <= cursor.remaining / 4 else { throw .malformed("a page ends too early") }
        let ends = cursor.bytes.withUnsafeBytes { source in
            [Int32](unsafeUninitializedCapacity: count) { ends, filled in
                var at = start
                for index in 0..<count {
                    guard end - at >= 4 else { break }
                    let length = Int(UInt32(littleEndian: source.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
                    guard length <= end - at - 4 else { break }
                    at += 4 + length
                    total += length
                    ends.initializeElement(at: index, to: Int32(truncatingIfNeeded: total))
                    filled = index + 1
                }
                isCutShort = filled < count
            }
        }
        guard !isCutShort else { throw .malformed("a page ends too early") }
        guard total <= byteLimit else { throw .tooLarge("the strings of a column chunk") }
        let added = cursor.bytes.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: total - bytes.count) { target, filled in
                let target = UnsafeMutableRawBufferPointer(target)
                var at = start
                for end in ends {
                    let length = Int(end) - bytes.count - filled
                    at += 4
                    if length > 0 {
                        UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + length])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[at..<at + length]))
                    }
                    at += length
                    filled += length
                }
            }
        }
        _ = try cursor.take(4 * count + added.count)
        offsets += ends
        bytes += added
    }

    /// Appends booleans in the encoding RLE.
    mutating func appendRunLengths(_ cursor: inout ByteCursor, count: Int) throws(ParquetError) {
        guard case .boolean(var bits) = self else { throw .malformed("the encoding RLE on values that are no booleans") }
        var part = try cursor.part(try cursor.length())
        try RunLength.decodeBits(&part, count: count, into: &bits)
        self = .boolean(bits)
    }

    /// Appends the dictionary's values at the indices.
    mutating func append(_ indices: [UInt32], from dictionary: PhysicalValues, byteLimit: Int) throws(ParquetError) {
        try PageValues.check(indices, dictionary.count)
        func gather<T>(_ source: [T], into values: inout [T]) {
            source.withUnsafeBufferPointer { source in
                values += [T](unsafeUninitializedCapacity: indices.count) { target, filled in
                    for (place, index) in indices.enumerated() { target.initializeElement(at: place, to: source[Int(index)]) }
                    filled = indices.count
                }
            }
        }
        func gatherItems(_ source: [UInt8], _ length: Int, into bytes: inout [UInt8]) throws(ParquetError) {
            let (size, overflow) = indices.count.multipliedReportingOverflow(by: length)
            guard !overflow, size <= byteLimit - min(bytes.count, byteLimit) else { throw .tooLarge("the values of a column chunk") }
            for index in indices { bytes.append(contentsOf: source[Int(index) * length..<(Int(index) + 1) * length]) }
        }
        let mismatch = ParquetError.malformed("a dictionary of another type than its column")
        // The values are held by nothing else while they grow: what is held twice is copied as a whole.
        switch self {
        case .boolean: throw .malformed("a dictionary of booleans")
        case .int32(var values):
            guard case .int32(let source) = dictionary else { throw mismatch }
            self = .int32([])
            gather(source, into: &values)
            self = .int32(values)
        case .int64(var values):
            guard case .int64(let source) = dictionary else { throw mismatch }
            self = .int64([])
            gather(source, into: &values)
            self = .int64(values)
        case .float(var values):
            guard case .float(let source) = dictionary else { throw mismatch }
            self = .float([])
            gather(source, into: &values)
            self = .float(values)
        case .double(var values):
            guard case .double(let source) = dictionary else { throw mismatch }
            self = .double([])
            gather(source, into: &values)
            self = .double(values)
        case .int96(var values):
            guard case .int96(let source) = dictionary else { throw mismatch }
            self = .int96([])
            try gatherItems(source, 12, into: &values)
            self = .int96(values)
        case .fixed(var values, let length):
            guard case .fixed(let source, _) = dictionary else { throw mismatch }
            self = .fixed([], length: length)
            try gatherItems(source, length, into: &values)
            self = .fixed(values, length: length)
        case .byteArray(var offsets, var bytes):
            guard case .byteArray(let starts, let source) = dictionary else { throw mismatch }
            self = .byteArray([], [])
            try Self.gatherBytes(indices, starts, source, &offsets, &bytes, byteLimit)
            self = .byteArray(offsets, bytes)
        }
    }

    private static func gatherBytes(
        _ indices: [UInt32], _ starts: [Int32], _ source: [UInt8], _ offsets: inout [Int32], _ bytes: inout [UInt8], _ byteLimit: Int
    ) throws(ParquetError) {
        var total = bytes.count
        for index in indices { total += Int(starts[Int(index) + 1] - starts[Int(index)]) }
        guard total <= byteLimit else { throw .tooLarge("the strings of a column chunk") }
        let before = bytes.count
        offsets += [Int32](unsafeUninitializedCapacity: indices.count) { target, filled in
            var end = before
            for (place, index) in indices.enumerated() {
                end += Int(starts[Int(index) + 1] - starts[Int(index)])
                target.initializeElement(at: place, to: Int32(truncatingIfNeeded: end))
            }
            filled = indices.count
        }
        bytes += source.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: total - before) { target, filled in
                let target = UnsafeMutableRawBufferPointer(target)
                for index in indices {
                    let start = Int(starts[Int(index)])
                    let length = Int(starts[Int(index) + 1]) - start
                    guard length > 0 else { continue }
                    UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + length])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + length]))
                    filled += length
                }
            }
        }
    }

    var count: Int {
        switch self {
        case .boolean(let bits): bits.count
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .int96(let bytes): bytes.count / 12
        case .float(let values): values.count
        case .double(let values): values.count
        case .byteArray(let offsets, _): offsets.count - 1
        case .fixed(let bytes, let length): length > 0 ? bytes.count / length : 0
        }
    }
}

extension ByteCursor {
    mutating func takeItems(_ count: Int, of size: Int) throws(ParquetError) -> Range<Int> {
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { throw .malformed("a page ends too early") }
        return try take(total)
    }
}

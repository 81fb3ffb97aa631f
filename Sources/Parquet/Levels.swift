import Columnar

/// Which values of a page are not null. A flat column has definition levels of 0 (null) and 1, or none if it is required; no repetition levels.
struct Levels {
    private(set) var validity = BitmapBuilder()

    /// Levels ahead of the values in a page of the first version; gives how many values are not null.
    mutating func append(_ cursor: inout ByteCursor, count: Int, encoding: Int32, isOptional: Bool) throws(ParquetError) -> Int {
        guard isOptional else { return required(count) }
        guard encoding == Encoding.rle.rawValue else {
            throw .unsupported("definition levels in the encoding \(Encoding(rawValue: encoding)?.name ?? "\(encoding)")")
        }
        var part = try cursor.part(try cursor.length())
        return try optional(&part, count)
    }

    /// Levels of a page of the second version, which have their bytes to themselves.
    mutating func append(_ cursor: inout ByteCursor, count: Int, isOptional: Bool) throws(ParquetError) -> Int {
        guard isOptional else { return required(count) }
        return try optional(&cursor, count)
    }

    private mutating func required(_ count: Int) -> Int {
        validity.append(repeating: true, count: count)
        return count
    }

    private mutating func optional(_ cursor: inout ByteCursor, _ count: Int) throws(ParquetError) -> Int {
        let zeros = validity.zeros
        try RunLength.decodeBits(&cursor, count: count, into: &validity)
        return count - (validity.zeros - zeros)
    }

    /// The levels of values with this validity, with their length ahead as the first version has them.
    static func write(_ validity: Bitmap, into bytes: inout [UInt8]) {
        var levels: [UInt8] = []
        RunLength.encode(validity, into: &levels)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: levels.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: levels)
    }
}

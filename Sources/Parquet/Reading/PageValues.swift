import Columnar

/// A page's values, unpacked no further than is needed to find each. Whatever lies outside of the page or of the dictionary is refused here.
enum PageValues {
    case none
    /// Little-endian, one behind the other from this place of the bytes on.
    case plain([UInt8], at: Int)
    /// Byte strings: value `i` lies at `starts[i]..<starts[i + 1] - lengthSize`, counted from `base`.
    case strings([UInt8], base: Int, starts: [Int32])
    /// Indices of a dictionary, all of them within it.
    case indices([UInt32])
    case decoded(PhysicalValues)

    /// Bytes of the length ahead of each byte string.
    static let lengthSize = 4

    init(
        _ body: inout ByteCursor, _ leaf: LeafColumn, count: Int, _ encoding: Int32, dictionaryCount: Int?, byteLimit: Int
    ) throws(ParquetError) {
        switch Encoding(rawValue: encoding) {
        // A page of nulls alone may lack what its encoding begins with.
        case .some where count == 0: self = .none
        case .plain where leaf.physicalType == .byteArray: self = try Self.strings(&body, count)
        case .plain: self = .plain(body.bytes, at: try body.takeItems(count, of: leaf.physicalType.wordSize).lowerBound)
        case .plainDictionary, .rleDictionary:
            guard let dictionaryCount else { throw .malformed("dictionary indices without a dictionary") }
            let width = Int(try body.byte())
            var indices: [UInt32] = []
            try RunLength.decode(&body, width: width, count: count, into: &indices)
            try Self.check(indices, dictionaryCount)
            self = .indices(indices)
        default:
            var values = PhysicalValues(leaf.physicalType, length: leaf.typeLength)
            try values.append(&body, count: count, encoding, byteLimit: byteLimit)
            self = .decoded(values)
        }
    }

    static func check(_ indices: [UInt32], _ count: Int) throws(ParquetError) {
        var highest: UInt32 = 0
        for index in indices { highest = max(highest, index) }
        guard indices.isEmpty || Int(highest) < count else { throw .malformed("a dictionary index of \(highest) among \(count) values") }
    }

    private static func strings(_ cursor: inout ByteCursor, _ count: Int) throws(ParquetError) -> PageValues {
        // Each value has four bytes at least.
        guard count <= cursor.remaining / lengthSize, cursor.remaining <= Int(Int32.max) - lengthSize else {
            throw .malformed("a page ends too early")
        }
        let (base, size) = (cursor.position, cursor.remaining)
        let starts = cursor.bytes.withUnsafeBytes { source in
            [Int32](unsafeUninitializedCapacity: count + 1) { starts, filled in
                var at = 0
                for index in 0..<count {
                    guard size - at >= lengthSize else { return }
                    let length = Int(UInt32(littleEndian: source.loadUnaligned(fromByteOffset: base + at, as: UInt32.self)))
                    guard length <= size - at - lengthSize else { return }
                    at += lengthSize
                    starts.initializeElement(at: index, to: Int32(truncatingIfNeeded: at))
                    filled = index + 1
                    at += length
                }
                starts.initializeElement(at: count, to: Int32(truncatingIfNeeded: at + lengthSize))
                filled = count + 1
            }
        }
        guard starts.count == count + 1 else { throw .malformed("a page ends too early") }
        return .strings(cursor.bytes, base: base, starts: starts)
    }
}

extension PhysicalType {
    /// Bytes of a value in the encoding PLAIN; 0 for those of no size of their own.
    fileprivate var wordSize: Int {
        switch self {
        case .int32, .float: 4
        case .int64, .double: 8
        case .int96: 12
        case .boolean, .byteArray, .fixedLenByteArray: 0
        }
    }
}

extension PhysicalValues {
    /// A dictionary's values. Behind its strings lie some bytes that belong to none, so that the last ones can be read in whole words.
    init(_ header: DictionaryPageHeader, _ body: inout ByteCursor, _ leaf: LeafColumn, byteLimit: Int) throws(ParquetError) {
        guard let encoding = Encoding(rawValue: header.encoding), encoding == .plain || encoding == .plainDictionary else {
            throw .unsupported("a dictionary in the encoding \(Encoding(rawValue: header.encoding)?.name ?? "\(header.encoding)")")
        }
        self.init(leaf.physicalType, length: leaf.typeLength)
        try appendPlain(&body, count: Int(header.valueCount), byteLimit: byteLimit)
        if case .byteArray(let offsets, var bytes) = self {
            bytes += [UInt8](repeating: 0, count: StringCopy.slack)
            self = .byteArray(offsets, bytes)
        }
    }

    /// Appends values in any encoding but those of a dictionary.
    mutating func append(_ body: inout ByteCursor, count: Int, _ encoding: Int32, byteLimit: Int) throws(ParquetError) {
        switch Encoding(rawValue: encoding) {
        case .plain: try appendPlain(&body, count: count, byteLimit: byteLimit)
        // A page of nulls alone may lack what its encoding begins with.
        case .some where count == 0: return
        case .rle: try appendRunLengths(&body, count: count)
        case .deltaBinaryPacked: try appendDeltas(&body, count: count)
        case .deltaLengthByteArray: try appendDeltaStrings(&body, count: count, hasPrefixes: false, byteLimit: byteLimit)
        case .deltaByteArray: try appendDeltaStrings(&body, count: count, hasPrefixes: true, byteLimit: byteLimit)
        case .byteStreamSplit: try appendSplitStreams(&body, count: count)
        case .bitPacked: throw .unsupported("the encoding BIT_PACKED")
        case .plainDictionary, .rleDictionary: throw .malformed("dictionary indices without a dictionary")
        case nil: throw .unsupported("encoding \(encoding)")
        }
    }
}

import Columnar

/// Which values of a column chunk are there. A flat column has definition levels of 0 (null) and 1, or none if it is required, and no repetition
/// levels: its validity is all that is kept. Of nested ones the levels are kept as they are, a byte each.
struct Levels {
    private let maxDefinition: Int
    private let maxRepetition: Int
    private(set) var validity = BitmapBuilder()
    private(set) var definitions: [UInt8] = []
    /// Empty where there is no list.
    private(set) var repetitions: [UInt8] = []

    init(_ leaf: LeafColumn) {
        maxDefinition = leaf.maxDefinition
        maxRepetition = leaf.maxRepetition
    }

    private var isFlat: Bool { maxRepetition == 0 && maxDefinition <= 1 }

    var count: Int { isFlat ? validity.count : definitions.count }

    /// Levels ahead of the values in a page of the first version; gives how many values are there.
    mutating func append(_ cursor: inout ByteCursor, count: Int, _ header: DataPageHeader) throws(ParquetError) -> Int {
        if maxRepetition > 0 {
            try Self.check(header.repetitionLevelEncoding, "repetition")
            var part = try cursor.part(try cursor.length())
            try appendRepetitions(&part, count)
        }
        guard maxDefinition > 0 else { return required(count) }
        try Self.check(header.definitionLevelEncoding, "definition")
        var part = try cursor.part(try cursor.length())
        return try appendDefinitions(&part, count)
    }

    /// Levels of a page of the second version, which have their bytes to themselves.
    mutating func append(_ cursor: inout ByteCursor, count: Int, _ header: DataPageHeaderV2) throws(ParquetError) -> Int {
        var repetitionPart = try cursor.part(Int(header.repetitionLevelsLength))
        var definitionPart = try cursor.part(Int(header.definitionLevelsLength))
        if maxRepetition > 0 {
            try appendRepetitions(&repetitionPart, count)
        } else if header.repetitionLevelsLength != 0 {
            throw .malformed("repetition levels in a column without lists")
        }
        return maxDefinition > 0 ? try appendDefinitions(&definitionPart, count) : required(count)
    }

    private static func check(_ encoding: Int32, _ which: String) throws(ParquetError) {
        guard encoding == Encoding.rle.rawValue else {
            throw .unsupported("\(which) levels in the encoding \(Encoding(rawValue: encoding)?.name ?? "\(encoding)")")
        }
    }

    private mutating func required(_ count: Int) -> Int {
        if isFlat {
            validity.append(repeating: true, count: count)
        } else {
            definitions.append(contentsOf: repeatElement(0, count: count))
        }
        return count
    }

    private mutating func appendDefinitions(_ cursor: inout ByteCursor, _ count: Int) throws(ParquetError) -> Int {
        if isFlat {
            let zeros = validity.zeros
            try RunLength.decodeBits(&cursor, count: count, into: &validity)
            return count - (validity.zeros - zeros)
        }
        let start = definitions.count
        try RunLength.decode(&cursor, width: RunLength.width(forCount: maxDefinition + 1), count: count, into: &definitions)
        var present = 0
        var greatest: UInt8 = 0
        let max = UInt8(truncatingIfNeeded: maxDefinition)
        for level in definitions[start...] {
            if level == max { present += 1 }
            if level > greatest { greatest = level }
        }
        guard greatest <= max else { throw .malformed("a definition level of \(greatest) where \(max) is the greatest") }
        return present
    }

    private mutating func appendRepetitions(_ cursor: inout ByteCursor, _ count: Int) throws(ParquetError) {
        let start = repetitions.count
        try RunLength.decode(&cursor, width: RunLength.width(forCount: maxRepetition + 1), count: count, into: &repetitions)
        if let greatest = repetitions[start...].max(), Int(greatest) > maxRepetition {
            throw .malformed("a repetition level of \(greatest) where \(maxRepetition) is the greatest")
        }
    }
}

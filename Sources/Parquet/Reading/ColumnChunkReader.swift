import Columnar

/// What a column chunk says: its levels, and the values that are there.
struct ColumnChunk {
    let levels: Levels
    let values: PhysicalValues
}

/// Decodes the chunk of one leaf column, page by page.
struct ColumnChunkReader {
    private let leaf: LeafColumn
    /// How many entries there are by the chunk's metadata: values, nulls, and empty lists.
    private let entryCount: Int
    private let byteLimit: Int
    private var pages: PageReader
    private var levels: Levels
    private var values: PhysicalValues
    private var dictionary: PhysicalValues?

    /// Room for values that a file only claims to have is kept within bounds.
    private static let maxCapacity = 1 << 20

    init(_ leaf: LeafColumn, pages: PageReader, entryCount: Int, byteLimit: Int) {
        self.leaf = leaf
        self.entryCount = entryCount
        self.byteLimit = byteLimit
        self.pages = pages
        levels = Levels(leaf)
        values = PhysicalValues(leaf.physicalType, length: leaf.typeLength, capacity: min(max(entryCount, 0), Self.maxCapacity))
    }

    mutating func read() throws(ParquetError) -> ColumnChunk {
        while levels.count < entryCount, let page = try pages.next() {
            var body = page.body
            switch page.header.kind {
            case .dictionary(let header): try readDictionary(header, &body)
            case .data(let header):
                let present = try levels.append(&body, count: try checkedCount(header.valueCount), header)
                try readValues(&body, present, header.encoding)
            case .dataV2(let header):
                let present = try levels.append(&body, count: try checkedCount(header.valueCount), header)
                try readValues(&body, present, header.encoding)
            case .other: break
            }
        }
        guard levels.count == entryCount else {
            throw .malformed("the column '\(leaf.name)' has \(levels.count) values where there are \(entryCount)")
        }
        return ColumnChunk(levels: levels, values: values)
    }

    private func checkedCount(_ count: Int32) throws(ParquetError) -> Int {
        guard count >= 0, Int(count) <= entryCount - levels.count else {
            throw .malformed("the column '\(leaf.name)' has more values than its metadata say")
        }
        return Int(count)
    }

    private mutating func readDictionary(_ header: DictionaryPageHeader, _ body: inout ByteCursor) throws(ParquetError) {
        guard dictionary == nil else { throw .malformed("two dictionaries in a column chunk") }
        dictionary = try PhysicalValues(header, &body, leaf, byteLimit: byteLimit)
    }

    private mutating func readValues(_ body: inout ByteCursor, _ count: Int, _ encoding: Int32) throws(ParquetError) {
        switch Encoding(rawValue: encoding) {
        case .plainDictionary, .rleDictionary:
            if count == 0 { return }
            guard let dictionary else { throw .malformed("dictionary indices without a dictionary") }
            let width = Int(try body.byte())
            var indices: [UInt32] = []
            try RunLength.decode(&body, width: width, count: count, into: &indices)
            try values.append(indices, from: dictionary, byteLimit: byteLimit)
        default: try values.append(&body, count: count, encoding, byteLimit: byteLimit)
        }
    }
}

import Columnar

/// Encodes one leaf column of a row group.
struct ColumnChunkWriter {
    let leaf: WriterLeaf
    let options: ParquetWriter.Options

    private var element: SchemaElement { leaf.element }

    /// A page's part of the entries, and of the values that are not null.
    private struct PageRange {
        let entries: Range<Int>
        let dense: Range<Int>
    }

    /// Bytes of the pages and their headers before compression.
    private var uncompressedSize: Int64 = 0

    init(leaf: WriterLeaf, options: ParquetWriter.Options) {
        self.leaf = leaf
        self.options = options
    }

    /// Appends the pages to the file's bytes, and describes them. Call it once.
    mutating func write(_ values: LeafValues, to bytes: inout [UInt8]) throws(ParquetError) -> ColumnChunkMetadata {
        let start = bytes.count
        var chunk = ColumnChunkMetadata()
        chunk.codec = options.compression.codec.rawValue
        chunk.type = element.type
        chunk.path = leaf.path
        chunk.valueCount = Int64(values.entryCount)
        chunk.statistics = RawStatistics(values.dense, element)
        chunk.statistics?.nullCount = Int64(values.entryCount - values.dense.count)
        let dictionary = options.usesDictionaries ? DictionaryEncoding(values.dense, element) : nil
        var encodings: [Encoding] = leaf.maxDefinition > 0 ? [.rle] : []
        if let dictionary {
            encodings += [.plain, .rleDictionary]
            chunk.dictionaryPageOffset = Int64(start)
            try writeDictionary(dictionary.dictionary, to: &bytes)
        } else {
            encodings.append(.plain)
        }
        chunk.encodings = encodings.map(\.rawValue)
        chunk.dataPageOffset = Int64(bytes.count)
        var (entry, dense) = (0, 0)
        repeat {
            let range = page(values, dictionary, entry, dense)
            try writePage(values, range, dictionary, to: &bytes)
            (entry, dense) = (range.entries.upperBound, range.dense.upperBound)
        } while entry < values.entryCount
        chunk.uncompressedSize = uncompressedSize
        chunk.compressedSize = Int64(bytes.count - start)
        return chunk
    }

    /// The page that begins with these: it ends behind so many entries, or so many bytes but one row at least.
    private func page(_ values: LeafValues, _ dictionary: DictionaryEncoding?, _ entry: Int, _ dense: Int) -> PageRange {
        var end = rowStart(values, min(entry + max(options.pageRows, 1), values.entryCount), after: entry)
        var denseEnd = dense + presentCount(values, entry..<end)
        guard dictionary == nil, case .bytes = values.dense.values else { return PageRange(entries: entry..<end, dense: dense..<denseEnd) }
        while end - entry > 1, PlainEncoder.size(values.dense, dense..<denseEnd, element) > options.pageBytes {
            let half = rowStart(values, entry + (end - entry) / 2, after: entry)
            if half >= end { break }
            end = half
            denseEnd = dense + presentCount(values, entry..<end)
        }
        return PageRange(entries: entry..<end, dense: dense..<denseEnd)
    }

    /// A page may not begin within a row: the first place at `end` or behind it where one begins.
    private func rowStart(_ values: LeafValues, _ end: Int, after start: Int) -> Int {
        guard case .nested(_, let repetitions) = values.levels, !repetitions.isEmpty else { return end }
        var end = max(end, start + 1)
        while end < repetitions.count, repetitions[end] > 0 { end += 1 }
        return min(end, repetitions.count)
    }

    private func presentCount(_ values: LeafValues, _ entries: Range<Int>) -> Int {
        switch values.levels {
        case .required: return entries.count
        case .validity(let validity): return validity?.slice(entries).onesCount ?? entries.count
        case .nested(let definitions, _):
            let present = UInt8(truncatingIfNeeded: leaf.maxDefinition)
            return definitions[entries].reduce(0) { $0 + ($1 == present ? 1 : 0) }
        }
    }

    private mutating func writeDictionary(_ dictionary: Column, to bytes: inout [UInt8]) throws(ParquetError) {
        var body: [UInt8] = []
        PlainEncoder.append(dictionary, 0..<dictionary.count, element, to: &body)
        let header = DictionaryPageHeader(valueCount: Int32(truncatingIfNeeded: dictionary.count), encoding: Encoding.plain.rawValue)
        try append(.dictionary(header), body, to: &bytes)
    }

    private mutating func writePage(
        _ values: LeafValues, _ range: PageRange, _ dictionary: DictionaryEncoding?, to bytes: inout [UInt8]
    ) throws(ParquetError) {
        var body: [UInt8] = []
        writeLevels(values.levels, range.entries, to: &body)
        if let dictionary {
            let width = RunLength.width(forCount: dictionary.dictionary.count)
            body.append(UInt8(truncatingIfNeeded: width))
            if width == 0 {
                // A run of the only index, which takes no bits.
                if !range.dense.isEmpty { RunLength.append(UInt64(range.dense.count) << 1, to: &body) }
            } else {
                RunLength.encode(dictionary.indices[range.dense], width: width, into: &body)
            }
        } else {
            PlainEncoder.append(values.dense, range.dense, element, to: &body)
        }
        var header = DataPageHeader()
        header.valueCount = Int32(truncatingIfNeeded: range.entries.count)
        header.encoding = (dictionary == nil ? Encoding.plain : .rleDictionary).rawValue
        try append(.data(header), body, to: &bytes)
    }

    /// With their lengths ahead, as the first version of pages has them.
    private func writeLevels(_ levels: LeafValues.Levels, _ entries: Range<Int>, to body: inout [UInt8]) {
        func append(_ encoded: [UInt8]) {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: encoded.count).littleEndian) { body.append(contentsOf: $0) }
            body.append(contentsOf: encoded)
        }
        var encoded: [UInt8] = []
        switch levels {
        case .required: break
        case .validity(let validity):
            RunLength.encode(validity?.slice(entries) ?? Bitmap(repeating: true, count: entries.count), into: &encoded)
            append(encoded)
        case .nested(let definitions, let repetitions):
            if leaf.maxRepetition > 0 {
                RunLength.encode(repetitions[entries], width: RunLength.width(forCount: leaf.maxRepetition + 1), into: &encoded)
                append(encoded)
                encoded = []
            }
            guard leaf.maxDefinition > 0 else { return }
            RunLength.encode(definitions[entries], width: RunLength.width(forCount: leaf.maxDefinition + 1), into: &encoded)
            append(encoded)
        }
    }

    private mutating func append(_ kind: PageHeader.Kind, _ body: [UInt8], to bytes: inout [UInt8]) throws(ParquetError) {
        guard let packed = options.compression.codec.compress(body), let size = Int32(exactly: body.count),
            let packedSize = Int32(exactly: packed.count)
        else { throw .tooLarge("a page of \(body.count) bytes") }
        var header = PageHeader()
        header.kind = kind
        header.uncompressedSize = size
        header.compressedSize = packedSize
        var writer = ThriftWriter()
        header.write(&writer)
        bytes.append(contentsOf: writer.bytes)
        bytes.append(contentsOf: packed)
        uncompressedSize += Int64(writer.bytes.count + body.count)
    }
}

/// Goes through the pages of a column chunk, of which it holds a part at a time.
struct PageReader {
    struct Page {
        let header: PageHeader
        /// The page's bytes, decompressed, without its header.
        let body: ByteCursor
    }

    private let source: ParquetSource
    /// Where the chunk is in the file.
    private let range: Range<Int>
    private let codec: Codec
    private let pageLimit: Int
    /// Where in the file the next page begins.
    private var position: Int
    /// A part of the file, and where it begins.
    private var bytes: [UInt8] = []
    private var start: Int

    /// Bytes that are read at once, unless a page has more: few enough to be still in the processor's cache when they are decompressed.
    private static let windowSize = 1 << 20
    /// Most headers have less.
    private static let headerSize = 1 << 12

    /// Over a chunk that lies within `range` of the file; no page may have more than `pageLimit` bytes.
    init(_ source: ParquetSource, _ range: Range<Int>, _ chunk: ColumnChunkMetadata, pageLimit: Int) throws(ParquetError) {
        guard let codec = Codec(rawValue: chunk.codec) else { throw .unsupported("compression codec \(chunk.codec)") }
        guard codec.isSupported else { throw .unsupported("the compression codec \(codec.name)") }
        self.codec = codec
        self.pageLimit = pageLimit
        self.source = source
        self.range = range
        position = range.lowerBound
        start = range.lowerBound
    }

    /// The next data or dictionary page; nil behind the last.
    mutating func next() throws(ParquetError) -> Page? {
        while position < range.upperBound {
            let (header, length) = try header()
            let left = range.upperBound - position - length
            let size = Int(header.compressedSize)
            guard size >= 0, size <= left else { throw .malformed("a page that is longer than its column chunk") }
            if case .other = header.kind {
                position += length + size
                continue
            }
            try hold(length + size)
            let first = position - start + length
            position += length + size
            return Page(header: header, body: try body(header, first..<first + size))
        }
        return nil
    }

    /// The header at the position, and how many bytes it has.
    private mutating func header() throws(ParquetError) -> (PageHeader, length: Int) {
        let left = range.upperBound - position
        try hold(min(left, Self.headerSize))
        do throws(ParquetError) {
            return try heldHeader()
        } catch {
            // It may be a long one.
            guard start + bytes.count < range.upperBound else { throw error }
            try hold(left)
            return try heldHeader()
        }
    }

    private func heldHeader() throws(ParquetError) -> (PageHeader, length: Int) {
        let first = position - start
        var reader = ThriftReader(bytes, first..<bytes.count)
        let header = try PageHeader(&reader)
        return (header, reader.position - first)
    }

    /// Sees to it that so many bytes from the position on are held; they must lie in the chunk.
    private mutating func hold(_ count: Int) throws(ParquetError) {
        guard position + count > start + bytes.count else { return }
        bytes = []
        bytes = try source.read(position..<min(range.upperBound, position + max(count, Self.windowSize)))
        start = position
        guard bytes.count >= count else { throw .unreadable("the file ends too early") }
    }

    /// The page's bytes as they were before they were compressed.
    private func body(_ header: PageHeader, _ range: Range<Int>) throws(ParquetError) -> ByteCursor {
        guard codec != .uncompressed else { return ByteCursor(bytes, range) }
        let size = Int(header.uncompressedSize)
        guard size <= pageLimit else { throw .tooLarge("a page of \(size) bytes") }
        guard case .dataV2(let version2) = header.kind else {
            let page = try codec.decompress(bytes, range, size: size)
            return ByteCursor(page, page.indices)
        }
        // Levels are never compressed.
        guard version2.isCompressed else { return ByteCursor(bytes, range) }
        let (levels, overflow) = Int(version2.definitionLevelsLength).addingReportingOverflow(Int(version2.repetitionLevelsLength))
        guard version2.definitionLevelsLength >= 0, version2.repetitionLevelsLength >= 0, !overflow, levels <= range.count, levels <= size
        else { throw .malformed("levels that are longer than their page") }
        let values = try codec.decompress(bytes, range.lowerBound + levels..<range.upperBound, size: size - levels)
        let page = Array(bytes[range.lowerBound..<range.lowerBound + levels]) + values
        return ByteCursor(page, page.indices)
    }
}

extension ColumnChunkMetadata {
    /// Where the chunk's pages are in the file; `dataEnd` is where the footer begins.
    func range(dataEnd: Int) throws(ParquetError) -> Range<Int> {
        guard filePath == nil else { throw .unsupported("column chunks in another file") }
        var start = dataPageOffset
        // Some writers give 0 for want of a dictionary.
        if let dictionary = dictionaryPageOffset, dictionary > 0, dictionary < start { start = dictionary }
        let (end, overflow) = start.addingReportingOverflow(compressedSize)
        guard start >= 4, compressedSize >= 0, !overflow, end <= Int64(dataEnd) else {
            throw .malformed("a column chunk that lies outside the file's data")
        }
        return Int(start)..<Int(end)
    }
}

/// Goes through the pages of a column chunk.
struct PageReader {
    struct Page {
        let header: PageHeader
        /// The page's bytes, decompressed, without its header.
        let body: ByteCursor
    }

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int
    private let codec: Codec
    private let pageLimit: Int

    /// Over the bytes of a chunk; no page may have more than `pageLimit` bytes.
    init(_ bytes: [UInt8], _ chunk: ColumnChunkMetadata, pageLimit: Int) throws(ParquetError) {
        guard let codec = Codec(rawValue: chunk.codec) else { throw .unsupported("compression codec \(chunk.codec)") }
        guard codec.isSupported else { throw .unsupported("the compression codec \(codec.name)") }
        self.codec = codec
        self.pageLimit = pageLimit
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// The next data or dictionary page; nil behind the last.
    mutating func next() throws(ParquetError) -> Page? {
        while position < end {
            var reader = ThriftReader(bytes, position..<end)
            let header = try PageHeader(&reader)
            let start = reader.position
            let size = Int(header.compressedSize)
            guard size >= 0, size <= end - start else { throw .malformed("a page that is longer than its column chunk") }
            position = start + size
            if case .other = header.kind { continue }
            return Page(header: header, body: try body(header, start..<position))
        }
        return nil
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

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

    /// `dataEnd` is where the file's footer begins.
    init(_ bytes: [UInt8], _ chunk: ColumnChunkMetadata, dataEnd: Int) throws(ParquetError) {
        guard chunk.filePath == nil else { throw .unsupported("column chunks in another file") }
        guard let codec = Codec(rawValue: chunk.codec) else { throw .unsupported("compression codec \(chunk.codec)") }
        guard codec == .uncompressed else { throw .unsupported("the compression codec \(codec.name)") }
        self.codec = codec
        var start = chunk.dataPageOffset
        // Some writers give 0 for want of a dictionary.
        if let dictionary = chunk.dictionaryPageOffset, dictionary > 0, dictionary < start { start = dictionary }
        let (end, overflow) = start.addingReportingOverflow(chunk.compressedSize)
        guard start >= 4, chunk.compressedSize >= 0, !overflow, end <= Int64(dataEnd) else {
            throw .malformed("a column chunk that lies outside the file's data")
        }
        self.bytes = bytes
        position = Int(start)
        self.end = Int(end)
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
            return Page(header: header, body: ByteCursor(bytes, start..<position))
        }
        return nil
    }
}

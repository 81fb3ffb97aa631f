import Columnar

/// Encodes one column of a row group.
struct ColumnChunkWriter {
    let element: SchemaElement
    let options: ParquetWriter.Options

    /// Appends the pages to the file's bytes, and describes them.
    func write(_ column: Column, to bytes: inout [UInt8]) -> ColumnChunkMetadata {
        let start = bytes.count
        var chunk = ColumnChunkMetadata()
        chunk.type = element.type
        chunk.path = [element.name]
        chunk.valueCount = Int64(column.count)
        chunk.statistics = RawStatistics(column, element)
        let dense = column.validity.map { column.filter($0).with(validity: nil) } ?? column
        let dictionary = options.usesDictionaries ? DictionaryEncoding(dense, element) : nil
        var encodings: [Encoding] = element.repetition == .optional ? [.rle] : []
        if let dictionary {
            encodings += [.plain, .rleDictionary]
            chunk.dictionaryPageOffset = Int64(start)
            writeDictionary(dictionary.dictionary, to: &bytes)
        } else {
            encodings.append(.plain)
        }
        chunk.encodings = encodings.map(\.rawValue)
        chunk.dataPageOffset = Int64(bytes.count)
        var row = 0
        var denseRow = 0
        repeat {
            let (end, denseEnd) = pageEnd(column, dense, dictionary, row, denseRow)
            writePage(column, row..<end, dense, denseRow..<denseEnd, dictionary, to: &bytes)
            (row, denseRow) = (end, denseEnd)
        } while row < column.count
        chunk.uncompressedSize = Int64(bytes.count - start)
        chunk.compressedSize = chunk.uncompressedSize
        return chunk
    }

    /// Where a page that begins with these rows ends: behind so many rows, or so many bytes but one value at least.
    private func pageEnd(
        _ column: Column, _ dense: Column, _ dictionary: DictionaryEncoding?, _ row: Int, _ denseRow: Int
    ) -> (Int, Int) {
        var end = min(row + max(options.pageRows, 1), column.count)
        func denseEnd() -> Int { denseRow + (column.validity?.slice(row..<end).onesCount ?? end - row) }
        guard dictionary == nil, case .bytes = dense.values else { return (end, denseEnd()) }
        while end - row > 1, PlainEncoder.size(dense, denseRow..<denseEnd(), element) > options.pageBytes { end = row + (end - row) / 2 }
        return (end, denseEnd())
    }

    private func writeDictionary(_ dictionary: Column, to bytes: inout [UInt8]) {
        var body: [UInt8] = []
        PlainEncoder.append(dictionary, 0..<dictionary.count, element, to: &body)
        let header = DictionaryPageHeader(valueCount: Int32(truncatingIfNeeded: dictionary.count), encoding: Encoding.plain.rawValue)
        append(.dictionary(header), body, to: &bytes)
    }

    private func writePage(
        _ column: Column, _ rows: Range<Int>, _ dense: Column, _ denseRows: Range<Int>, _ dictionary: DictionaryEncoding?,
        to bytes: inout [UInt8]
    ) {
        var body: [UInt8] = []
        if element.repetition == .optional {
            Levels.write(column.validity?.slice(rows) ?? Bitmap(repeating: true, count: rows.count), into: &body)
        }
        if let dictionary {
            let width = RunLength.width(forCount: dictionary.dictionary.count)
            body.append(UInt8(truncatingIfNeeded: width))
            if width == 0 {
                // A run of the only index, which takes no bits.
                if !denseRows.isEmpty { RunLength.append(UInt64(denseRows.count) << 1, to: &body) }
            } else {
                RunLength.encode(dictionary.indices[denseRows], width: width, into: &body)
            }
        } else {
            PlainEncoder.append(dense, denseRows, element, to: &body)
        }
        var header = DataPageHeader()
        header.valueCount = Int32(truncatingIfNeeded: rows.count)
        header.encoding = (dictionary == nil ? Encoding.plain : .rleDictionary).rawValue
        append(.data(header), body, to: &bytes)
    }

    private func append(_ kind: PageHeader.Kind, _ body: [UInt8], to bytes: inout [UInt8]) {
        var header = PageHeader()
        header.kind = kind
        header.uncompressedSize = Int32(truncatingIfNeeded: body.count)
        header.compressedSize = header.uncompressedSize
        var writer = ThriftWriter()
        header.write(&writer)
        bytes.append(contentsOf: writer.bytes)
        bytes.append(contentsOf: body)
    }
}

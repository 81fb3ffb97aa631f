import Columnar

/// A batch within the engine: columns without names, known by their place in the operator's output.
struct Chunk: Sendable {
    var columns: [Column]
    var rowCount: Int

    init(_ columns: [Column], rowCount: Int) {
        self.columns = columns
        self.rowCount = rowCount
    }

    func filter(_ mask: Bitmap) -> Chunk { Chunk(columns.map { $0.filter(mask) }, rowCount: mask.onesCount) }

    /// An index of -1 makes a row of nulls.
    func take(_ indices: [Int32]) -> Chunk { Chunk(columns.map { $0.take(indices) }, rowCount: indices.count) }

    func slice(_ range: Range<Int>) -> Chunk {
        range == 0..<rowCount ? self : Chunk(columns.map { $0.slice(range) }, rowCount: range.count)
    }

    static func concat(_ chunks: [Chunk], types: [DataType]) -> Chunk {
        if chunks.count == 1 { return chunks[0] }
        let columns = types.indices.map { index in Column.concat(chunks.map { $0.columns[index] }, type: types[index]) }
        return Chunk(columns, rowCount: chunks.reduce(0) { $0 + $1.rowCount })
    }
}

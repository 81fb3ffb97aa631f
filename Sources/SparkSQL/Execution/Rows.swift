import Columnar
import SparkErrors
import SparkFunctions

/// What operators hand on: columns of one length, without names.
struct Rows: Sendable {
    var columns: [Column]
    var count: Int

    init(_ columns: [Column], count: Int) {
        self.columns = columns
        self.count = count
    }

    static let one = Rows([], count: 1)

    /// The rows under a mask's ones. Columns that `needed` does not name are not copied: they come out as nulls.
    func filter(_ mask: Bitmap, needed: [Int]? = nil) -> Rows {
        let kept = mask.onesCount
        if kept == count { return self }
        guard let needed else { return Rows(columns.map { $0.filter(mask) }, count: kept) }
        var result = [Column](repeating: Column(.void, .void(kept)), count: columns.count)
        for index in needed where columns.indices.contains(index) { result[index] = columns[index].filter(mask) }
        return Rows(result, count: kept)
    }

    /// The rows at `indices`, in that order and as often; -1 gives nulls.
    /// - Throws: UNABLE_TO_ACQUIRE_MEMORY if they do not fit one batch.
    func take(_ indices: [Int32], needed: [Int]? = nil) throws(SQLError) -> Rows {
        guard let needed else {
            return Rows(try columns.map { (column) throws(SQLError) in try column.gather(indices) }, count: indices.count)
        }
        var result = [Column](repeating: Column(.void, .void(indices.count)), count: columns.count)
        for index in needed where columns.indices.contains(index) { result[index] = try columns[index].gather(indices) }
        return Rows(result, count: indices.count)
    }

    func slice(_ range: Range<Int>) -> Rows {
        if range == 0..<count { return self }
        return Rows(columns.map { $0.slice(range) }, count: range.count)
    }

    /// All rows behind one another; the columns have these types.
    /// - Throws: UNABLE_TO_ACQUIRE_MEMORY if they do not fit one batch.
    static func concat(_ parts: [Rows], types: [DataType]) throws(SQLError) -> Rows {
        if parts.count == 1 { return parts[0] }
        let count = parts.reduce(0) { $0 + $1.count }
        var columns: [Column] = []
        for (index, type) in types.enumerated() { columns.append(try Column.joined(parts.map { $0.columns[index] }, type: type)) }
        return Rows(columns, count: count)
    }

    /// Bytes that the rows hold, roughly.
    var byteSize: Int { columns.reduce(0) { $0 + $1.byteSize } }
}

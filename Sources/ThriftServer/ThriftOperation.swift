import Columnar
import Synchronization
import Warehouse

/// One statement or metadata call of a session, from its start to its closing.
final class ThriftOperation: Sendable {
    let handle: Handle
    let type: TCLI.OperationType
    let session: Handle
    let statement: Statement
    let options: ResultOptions
    /// The row at which the next fetch begins.
    private let cursor = Mutex(0)

    init(handle: Handle, type: TCLI.OperationType, session: Handle, statement: Statement, options: ResultOptions) {
        self.handle = handle
        self.type = type
        self.session = session
        self.statement = statement
        self.options = options
    }

    /// The columns; a statement without any has one, as recorded of the real service.
    static func schema(of result: ResultSet) -> Schema {
        result.schema.count > 0 ? result.schema : Schema([Field("Result", .text)])
    }

    /// What INSERT, UPDATE, DELETE and MERGE changed; nil for other statements.
    static func modifiedRows(_ result: ResultSet) -> Int64? {
        guard result.schema.fields.first?.name == "num_affected_rows", let column = result.batches.first?.columns.first,
            case .integer(let count) = column.value(at: 0)
        else { return nil }
        return count
    }

    /// A stretch of the rows, cut out of the result's batches.
    struct Page {
        let start: Int
        let batches: [RecordBatch]
        let hasMore: Bool
    }

    /// The rows from the cursor on, which moves behind them. At least one row if there is one left, else as many as both limits allow.
    func fetch(_ result: ResultSet, from start: Int?, maxRows: Int, maxBytes: Int) -> Page {
        cursor.withLock { cursor in
            let first = min(max(0, start ?? cursor), result.rowCount)
            var batches: [RecordBatch] = []
            var (rows, bytes, offset) = (0, 0, 0)
            for batch in result.batches {
                defer { offset += batch.rowCount }
                let skipped = min(max(0, first - offset), batch.rowCount)
                let left = batch.rowCount - skipped
                guard left > 0 else { continue }
                let rowSize = max(1, batch.byteSize / max(1, batch.rowCount))
                let room = min(maxRows - rows, max(rows == 0 ? 1 : 0, (maxBytes - bytes) / rowSize))
                guard room > 0 else { break }
                let taken = min(left, room)
                batches.append(taken == batch.rowCount ? batch : batch.slice(skipped..<(skipped + taken)))
                rows += taken
                bytes += rowSize * taken
                if taken < left { break }
            }
            cursor = first + rows
            return Page(start: first, batches: batches, hasMore: cursor < result.rowCount)
        }
    }

    /// The chunks of a linked result from the one with row `start` on, or from the cursor; all of them at once, as the real service does.
    func fetch(_ delivery: ResultDelivery, from start: Int?) -> Range<Int> {
        cursor.withLock { cursor in
            let row = start ?? cursor
            let first = delivery.chunks.firstIndex { row < $0.rowOffset + $0.rowCount } ?? delivery.chunks.count
            cursor = delivery.rowCount
            return first..<delivery.chunks.count
        }
    }
}

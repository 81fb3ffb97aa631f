import Columnar
import DeltaTable
import SparkErrors
import SparkSQL

/// A table's change feed as `table_changes` shows it: a commit's changes after another's.
struct ChangesProvider: TableProvider {
    let feed: ChangeFeed

    var schema: Schema {
        Schema(
            feed.schema.fields + [
                Field("_change_type", .text), Field("_commit_version", .long), Field("_commit_timestamp", .timestamp),
            ])
    }

    var rowCount: Int? { nil }

    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource { Source(feed: feed, columns: columns, schema: schema) }

    private struct Source: BatchSource {
        let feed: ChangeFeed
        let columns: [Int]
        let schema: Schema
        var commit = 0
        var part = 0

        init(feed: ChangeFeed, columns: [Int], schema: Schema) {
            self.feed = feed
            self.columns = columns
            self.schema = schema
        }

        mutating func next() throws(SQLError) -> RecordBatch? {
            while feed.commits.indices.contains(commit) {
                let current = feed.commits[commit]
                guard current.parts.indices.contains(part) else {
                    commit += 1
                    part = 0
                    continue
                }
                defer { part += 1 }
                let rows: RecordBatch
                do throws(DeltaError) { rows = try feed.rows(current.parts[part]) } catch { throw SQLError(error) }
                let all =
                    rows.columns + [
                        Column(repeating: .integer(Int64(current.version)), type: .long, count: rows.rowCount),
                        Column(repeating: .integer(current.timestamp &* 1000), type: .timestamp, count: rows.rowCount),
                    ]
                return RecordBatch(
                    schema: Schema(columns.map { schema.fields[$0] }), columns: columns.map { all[$0] }, rowCount: rows.rowCount)
            }
            return nil
        }
    }
}

import Columnar
import DeltaTable
import SparkErrors
import SparkSQL

/// What a stream reads of a table of a sharing server outside of this one: first the table, then what was added since. Its history must be shared.
struct OutsideStream: TableProvider {
    private let snapshot: Snapshot
    private let added: [AddFile]
    private let files: LinkedFiles
    private let counters: ScanCounters

    init(
        _ table: SharingServer.Table, _ server: SharingServer, _ id: String, _ streams: StreamReads, _ wait: OutsideWait, _ counters: ScanCounters
    ) throws(SQLError) {
        self.counters = counters
        let now = try wait.run { try await server.metadata(of: table) }
        guard let latest = now.version else { throw server.malformed("tells no version of the table").sqlError }
        let known = streams.known[id]
        streams.note(id, Int64(latest))
        guard let known else {
            // By its version, which is what a server that shares no history refuses.
            let whole = try wait.run { try await server.query(table, .version(latest), predicate: nil, limit: nil) }
            let files = LinkedFiles(whole, server, wait)
            self.files = files
            snapshot = try onTable { try OutsideTable.snapshot(whole, files, table) }
            added = snapshot.files
            return
        }
        guard let last = Int(exactly: known), last <= latest else { throw StreamReads.changed(latest) }
        var lines = now
        if last < latest { lines = try wait.run { try await server.growth(of: table, from: last + 1, through: latest) } }
        let files = LinkedFiles(lines, server, wait)
        self.files = files
        snapshot = try onTable { try OutsideTable.snapshot(now, files, table) }
        let growth: (added: [AddFile], changedAt: Version?)
        let commits = lines.commits
        do throws(DeltaError) { growth = try snapshot.growth(commits) } catch { throw SQLError(error) }
        if let version = growth.changedAt { throw StreamReads.changed(version) }
        added = growth.added
    }

    var schema: Schema { snapshot.schema }
    var rowCount: Int? { nil }

    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource {
        let tests = tests.map { ColumnTest(column: $0.column, test: $0.test) }
        return OutsideBatches(
            inner: DeltaBatches(scan: snapshot.scan(columns: columns, files: added, where: tests, counters: counters)), files: files)
    }
}

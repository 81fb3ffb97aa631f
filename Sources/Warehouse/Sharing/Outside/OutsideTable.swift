import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import Synchronization

/// A table of a sharing server outside of this one: its schema is known, its files are asked for when it is read, with hints of what is wanted of them.
final class OutsideTable: TableProvider {
    private struct Pinned {
        var version: Int?
        /// Whether files were read at that version.
        var isRead = false
    }

    private let table: SharingServer.Table
    private let server: SharingServer
    private let travel: SharingTravel?
    private let wait: OutsideWait
    private let counters: ScanCounters
    private let described: Snapshot
    private let pinned: Mutex<Pinned>

    init(
        _ table: SharingServer.Table, _ server: SharingServer, _ travel: SharingTravel?, _ wait: OutsideWait, _ counters: ScanCounters
    ) throws(SQLError) {
        self.table = table
        self.server = server
        self.travel = travel
        self.wait = wait
        self.counters = counters
        let lines = try wait.run { try await server.metadata(of: table, travel) }
        described = try onTable { try Self.snapshot(lines, LinkedFiles(lines, server, wait), table) }
        pinned = Mutex(Pinned(version: lines.version))
    }

    var schema: Schema { described.schema }
    var rowCount: Int? { nil }

    static func snapshot(_ lines: SharingLines, _ files: LinkedFiles, _ table: SharingServer.Table) throws(DeltaError) -> Snapshot {
        try Snapshot.told(lines.commit, files: files, location: LinkedFiles.location, name: "\(table.share).\(table.schema).\(table.name)")
    }

    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource { try scan(columns: columns, where: tests, atMost: nil) }

    func scan(columns: [Int], where tests: [ScanTest], atMost rows: Int?) throws(SQLError) -> any BatchSource {
        let predicate = SharingHints.predicate(tests, schema)
        let (server, table, travel) = (server, table, travel)
        let lines = try wait.run {
            // Servers may leave out by a limit what would have passed the predicate.
            try await server.query(table, travel, predicate: predicate, limit: predicate == nil ? rows : nil)
        }
        let files = LinkedFiles(lines, server, wait)
        let snapshot = try onTable { try Self.snapshot(lines, files, table) }
        try pin(lines.version, snapshot)
        let tests = tests.map { ColumnTest(column: $0.column, test: $0.test) }
        return OutsideBatches(inner: DeltaBatches(scan: snapshot.scan(columns: columns, where: tests, counters: counters)), files: files)
    }

    /// A statement sees one version of a table. Which one it is to be can only be asked for where the history is shared, too.
    private func pin(_ version: Int?, _ snapshot: Snapshot) throws(SQLError) {
        let isSame = pinned.withLock { pinned in
            defer { pinned.isRead = true }
            if pinned.version == version { return true }
            // Nothing but the schema has been of use yet.
            pinned.version = version
            return !pinned.isRead
        }
        guard isSame, snapshot.schema == described.schema, snapshot.metadata.partitionColumns == described.metadata.partitionColumns else {
            throw SharingFailure(
                .changed,
                "Table '\(table.schema).\(table.name)' of provider '\(server.provider)' changed while it was read; please run the statement again."
            ).sqlError
        }
    }
}

/// The change feed of such a table.
struct OutsideChanges: TableProvider {
    private let feed: ChangesProvider
    private let files: LinkedFiles

    init(
        _ table: SharingServer.Table, _ server: SharingServer, from start: SharingTravel, through end: SharingTravel?, _ wait: OutsideWait
    ) throws(SQLError) {
        let lines = try wait.run { try await server.changes(table, from: start, through: end) }
        let files = LinkedFiles(lines, server, wait)
        self.files = files
        var described = lines
        described.files = []
        do throws(SQLError) {
            feed = try onTable {
                ChangesProvider(feed: try ChangeFeed.told(lines.commits, try OutsideTable.snapshot(described, files, table)))
            }
        } catch {
            throw files.failure ?? error
        }
    }

    var schema: Schema { feed.schema }
    var rowCount: Int? { nil }

    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource {
        OutsideBatches(inner: try feed.scan(columns: columns, where: tests), files: files)
    }
}

/// Batches from linked files; what went wrong on the other side is said in its own words.
struct OutsideBatches: BatchSource {
    var inner: any BatchSource
    let files: LinkedFiles

    mutating func next() throws(SQLError) -> RecordBatch? {
        do throws(SQLError) { return try inner.next() } catch { throw files.failure ?? error }
    }
}

/// Batches of a scan of told files.
struct DeltaBatches: BatchSource {
    var scan: TableScan

    mutating func next() throws(SQLError) -> RecordBatch? {
        do { return try scan.nextBatch() } catch { throw SQLError(error) }
    }
}

import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import Synchronization

/// What the update of a pipeline asks of one of its statements.
package struct DatasetUpdate: Sendable, Hashable {
    package var pipelineID: String
    /// A streaming table forgets what it has read, and its rows.
    package var fullRefresh = false
    /// The statement is analysed, and known to those behind it; nothing is written.
    package var validatesOnly = false
    /// Of a flow into a table that another statement defines: that statement, and whether the table is made anew before this flow.
    package var definition: String?
    package var resetsTable = true

    package init(pipelineID: String) { self.pipelineID = pipelineID }
}

/// What the refresh of a streaming table or materialized view did.
package struct RefreshOutcome: Sendable, Hashable {
    package struct Expectation: Sendable, Hashable {
        package let name: String
        package let passed: Int
        package let failed: Int
    }

    /// Catalog, schema and name, by dots.
    package let name: String
    /// Rows written.
    package var rows = 0
    package var dropped = 0
    package var expectations: [Expectation] = []
    /// Of AUTO CDC: rows put in or changed, and rows taken out.
    package struct Changes: Sendable, Hashable {
        package var upserted = 0
        package var deleted = 0
    }

    /// Nil for all other flows.
    package var changes: Changes?
}

/// How far a streaming table has read its sources, and how far it reads them now. The mark of each source is the last version of its Delta log; it is
/// committed with the rows.
final class StreamReads: Sendable {
    /// By the source's table id.
    let known: [String: Int64]
    let isPipeline: Bool
    private let state = Mutex<[String: Int64]>([:])

    init(_ known: [String: Int64], isPipeline: Bool) {
        self.known = known
        self.isPipeline = isPipeline
    }

    var reads: [String: Int64] { state.withLock { $0 } }

    func note(_ id: String, _ version: Int64) { state.withLock { $0[id] = version } }

    /// The rows of all files that were added behind the known version; without one, the whole snapshot.
    func provider(_ id: String, _ table: DeltaTable, _ snapshot: Snapshot, _ counters: ScanCounters) throws -> any TableProvider {
        note(id, Int64(snapshot.version))
        guard let known = known[id] else { return DeltaProvider(snapshot: snapshot, counters: counters) }
        guard let last = Int(exactly: known), last <= snapshot.version else { throw Self.changed(snapshot.version) }
        var batches: [RecordBatch] = []
        let columns = Array(snapshot.schema.fields.indices)
        var version = last + 1
        while version <= snapshot.version {
            guard let commit = try table.log.read(version) else { throw DeltaError.truncatedLog(table.log.location, version: version) }
            for action in commit.actions {
                switch action {
                case .remove(let file) where file.dataChange: throw Self.changed(version)
                case .add(let file) where file.dataChange: batches.append(try snapshot.read(file, columns: columns))
                default: continue
                }
            }
            version += 1
        }
        return MemoryTable(schema: snapshot.schema, batches: batches)
    }

    /// A stream reads tables that only grow.
    static func changed(_ version: Int) -> SQLError {
        SQLError(
            .delta(
                "DELTA_SOURCE_TABLE_IGNORE_CHANGES", sqlState: "0A000",
                "Detected a data update in the source table at version <version>. This is currently not supported. A full refresh reads the table anew."
            ),
            ["version": "\(version)"], phase: .execution)
    }
}

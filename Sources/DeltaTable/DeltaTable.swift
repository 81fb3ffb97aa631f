package import Storage
import Synchronization

/// Which version of a table to read.
package enum TimeTravel: Sendable, Hashable {
    case version(Version)
    /// The last version committed at or before this time, microseconds since 1970.
    case timestamp(Int64)
}

/// A table: its log, and what is known of it already. One for each location and store is enough; it may be used from any thread.
package final class DeltaTable: Sendable {
    package let log: LogStore
    /// What errors call the table.
    package let name: String
    package let cache: ColumnCache
    let state = Mutex(Known())

    struct Known: Sendable {
        var latest: Snapshot?
        /// The object that holds the latest commit, to see that nobody has put another log in its place.
        var latestIdentity: ObjectIdentity?
        /// Without a gap up to the latest snapshot's; those before the checkpoint that it was built from are read when a history is asked for.
        var commits: [CommitRecord] = []
        /// A few snapshots of other versions, last used last.
        var earlier: [Snapshot] = []
    }

    /// `location`: the table's place in the store, without a slash at its end. `cache` may be shared with other tables. `roots`: see `LogStore`.
    package init(store: any ObjectStore, location: String, roots: [String] = [], name: String? = nil, cache: ColumnCache = ColumnCache()) {
        log = LogStore(store, location: location, roots: roots)
        self.name = name ?? "`\(location)`"
        self.cache = cache
    }

    package func exists() throws(DeltaError) -> Bool {
        let path = log.commitPath(0)
        if try log.access("Reading", path, { () throws(StorageError) in try log.store.exists(path) }) { return true }
        let segment = try LogSegment(log)
        return !segment.commits.isEmpty || !segment.checkpoints.isEmpty
    }

    /// The table as of now, or as of a version or time.
    package func snapshot(_ at: TimeTravel? = nil) throws(DeltaError) -> Snapshot {
        let latest = try update().latest
        switch at {
        case nil: return latest
        case .version(let version): return try snapshot(version, latest)
        case .timestamp(let micros): return try snapshot(version(at: micros), latest)
        }
    }

    /// The last version committed at or before a time (microseconds since 1970), to the millisecond, which must not lie before the first commit nor behind the last.
    package func version(at micros: Int64) throws(DeltaError) -> Version {
        let commits = try wholeHistory()
        let millis = Civil.floorDivide(micros, 1000)
        guard let first = commits.first, let last = commits.last else { throw .tableNotFound(name) }
        guard millis >= first.timestamp else { throw .timestampBeforeFirst(micros, first: first.timestamp &* 1000) }
        guard millis <= last.timestamp else { throw .timestampAfterLast(micros, last: last.timestamp &* 1000) }
        return commits.last { $0.timestamp <= millis }?.version ?? first.version
    }

    /// Commits, newest first, as DESCRIBE HISTORY shows them.
    package func history(limit: Int? = nil) throws(DeltaError) -> [CommitRecord] {
        Array(try wholeHistory().reversed().prefix(max(limit ?? .max, 0)))
    }

    /// Starts a transaction on the table's latest version. `enforced`: features whose rules over rows the caller keeps.
    /// Throws what the context's hold point throws, too.
    package func begin(_ context: CommitContext, enforcing enforced: Set<TableFeature> = []) throws -> Transaction {
        let snapshot = try snapshot()
        try snapshot.checkWritable(enforced: enforced)
        try context.at(CommitPoint(.read, table: name, version: snapshot.version))
        return Transaction(self, snapshot, context, enforced: enforced)
    }

    /// Where data files go; give the schema and partition columns that the table is to have when they are about to be set.
    package func writeTarget(_ metadata: Metadata) throws(DeltaError) -> WriteTarget {
        var schema = try TableDefinition.check(metadata, table: name)
        if !TableFeature.columnMapping.isUsed(metadata, schema) { schema.dropPhysicalNames() }
        return WriteTarget(log, cache, schema: schema, partitionColumns: metadata.partitionColumns, properties: metadata.configuration)
    }
}

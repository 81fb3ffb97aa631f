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
    private let state = Mutex(Known())

    struct Known: Sendable {
        var latest: Snapshot?
        /// The object that holds the latest commit, to see that nobody has put another log in its place.
        var latestIdentity: ObjectIdentity?
        /// From version 0 on, without a gap, up to the latest snapshot's.
        var commits: [CommitRecord] = []
        /// A few snapshots of other versions, last used last.
        var earlier: [Snapshot] = []
    }

    /// `location`: the table's place in the store, without a slash at its end. `cache` may be shared with other tables.
    package init(store: any ObjectStore, location: String, name: String? = nil, cache: ColumnCache = ColumnCache()) {
        log = LogStore(store, location: location)
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
        let commits = try update().commits
        let millis = Civil.floorDivide(micros, 1000)
        guard let first = commits.first, let last = commits.last else { throw .tableNotFound(name) }
        guard millis >= first.timestamp else { throw .timestampBeforeFirst(micros, first: first.timestamp &* 1000) }
        guard millis <= last.timestamp else { throw .timestampAfterLast(micros, last: last.timestamp &* 1000) }
        return commits.last { $0.timestamp <= millis }?.version ?? first.version
    }

    /// Commits, newest first, as DESCRIBE HISTORY shows them.
    package func history(limit: Int? = nil) throws(DeltaError) -> [CommitRecord] {
        Array(try update().commits.reversed().prefix(max(limit ?? .max, 0)))
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

extension DeltaTable {
    /// Brings what is known up to the log's end.
    private func update() throws(DeltaError) -> (latest: Snapshot, commits: [CommitRecord]) {
        let known = state.withLock { ($0.latest, $0.latestIdentity, $0.commits) }
        if let latest = known.0, try identity(latest.version) == known.1 {
            let added = try log.commits(after: latest.version)
            guard !added.isEmpty else { return (latest, known.2) }
            return try extend(latest, known.2, added)
        }
        let segment = try LogSegment(log)
        try segment.checkReplayable(log, table: name, to: nil)
        return try extend(nil, [], try log.commits(after: -1))
    }

    private func identity(_ version: Version) throws(DeltaError) -> ObjectIdentity? {
        let path = log.commitPath(version)
        return try log.access("Reading", path) { () throws(StorageError) in try log.store.identity(path) }
    }

    /// Puts commits on top of a snapshot and of the list of commits up to it.
    private func extend(_ base: Snapshot?, _ commits: [CommitRecord], _ added: [LogStore.Commit]) throws(DeltaError) -> (
        latest: Snapshot, commits: [CommitRecord]
    ) {
        guard let last = added.last else { throw .tableNotFound(name) }
        var commits = commits
        for commit in added { commits.append(CommitRecord(commit, after: commits.last)) }
        var newState = base.map { SnapshotState($0) } ?? SnapshotState()
        newState.apply(added.map(\.actions))
        let timestamp = commits.last?.timestamp ?? last.timestamp
        let snapshot = try Snapshot(newState, version: last.version, timestamp: timestamp, log: log, cache: cache, tableName: name)
        keep(snapshot, try identity(last.version), commits)
        return (snapshot, commits)
    }

    /// Of several threads that come at once the one that got furthest is kept, unless another log has come in the place of the one known.
    private func keep(_ snapshot: Snapshot, _ identity: ObjectIdentity?, _ commits: [CommitRecord]) {
        state.withLock { known in
            let isSameLog = known.commits.first == commits.first
            if isSameLog, let latest = known.latest, latest.version >= snapshot.version { return }
            if !isSameLog { known.earlier = [] }
            known.latest = snapshot
            known.latestIdentity = identity
            known.commits = commits
        }
    }

    private func snapshot(_ version: Version, _ latest: Snapshot) throws(DeltaError) -> Snapshot {
        if version == latest.version { return latest }
        guard version >= 0, version < latest.version else { throw .versionNotFound(version, earliest: 0, latest: latest.version) }
        let (earlier, commits) = state.withLock { ($0.earlier, $0.commits) }
        if let found = earlier.last(where: { $0.version == version }) { return found }
        let base = earlier.filter { $0.version < version }.max { $0.version < $1.version }
        var newState = base.map { SnapshotState($0) } ?? SnapshotState()
        var actions: [[Action]] = []
        for number in ((base?.version ?? -1) + 1)...version {
            guard let commit = try log.read(number) else { throw .truncatedLog(log.logPrefix, version: version) }
            actions.append(commit.actions)
        }
        newState.apply(actions)
        let timestamp = commits.indices.contains(version) ? commits[version].timestamp : latest.timestamp
        let snapshot = try Snapshot(newState, version: version, timestamp: timestamp, log: log, cache: cache, tableName: name)
        state.withLock { known in
            guard known.commits.first == commits.first else { return }
            known.earlier.append(snapshot)
            if known.earlier.count > 4 { known.earlier.removeFirst() }
        }
        return snapshot
    }

    /// The table right after a commit of one's own, without reading it back.
    func advance(_ base: Snapshot, _ commit: LogStore.Commit) throws(DeltaError) -> Snapshot {
        let known = state.withLock { ($0.latest, $0.commits) }
        guard let latest = known.0, latest.version == base.version else { return try snapshot(.version(commit.version)) }
        return try extend(base, known.1, [commit]).latest
    }
}

import JSON
import Storage
import Synchronization

/// Building snapshots: from the last checkpoint and the commits behind it, or from what is in memory and the commits since.
extension DeltaTable {
    /// Brings what is known up to the log's end.
    func update() throws(DeltaError) -> (latest: Snapshot, commits: [CommitRecord]) {
        let known = state.withLock { ($0.latest, $0.latestIdentity, $0.commits) }
        if let latest = known.0, try identity(latest.version) == known.1 {
            let added = try log.commits(after: latest.version)
            guard !added.isEmpty else { return (latest, known.2) }
            return try extend(SnapshotState(latest), latest.version, known.2, added, replacing: false)
        }
        let base: Base
        var listed: LogSegment?
        if let pointed = try pointedBase() {
            base = pointed
        } else {
            let segment = try LogSegment(log)
            base = try self.base(segment, for: nil)
            listed = segment
        }
        let added = try log.commits(after: base.version)
        // The commit that the checkpoint is of tells when it was made.
        var commits: [CommitRecord] = []
        if base.version >= 0 {
            if let commit = try log.read(base.version) {
                commits.append(CommitRecord(commit, after: nil))
            } else {
                commits.append(CommitRecord(LogStore.Commit(version: base.version, actions: [], modified: base.modified), after: nil))
            }
        }
        if let listed, let last = listed.commits.last, last > base.version + added.count {
            // Some that the listing showed are out of reach.
            throw .notContiguous(
                listed.commits.filter { $0 > base.version }, start: base.version + added.count, end: last, loading: last)
        }
        if base.version < 0, added.isEmpty { throw .tableNotFound(name) }
        let loaded = try extend(base.state, base.version, commits, added, replacing: known.0 != nil)
        do throws(DeltaError) {
            try loaded.latest.checkChecksum()
        } catch {
            // The next look must meet it again.
            state.withLock { $0 = Known() }
            throw error
        }
        return loaded
    }

    private func identity(_ version: Version) throws(DeltaError) -> ObjectIdentity? {
        let path = log.commitPath(version)
        return try log.access("Reading", path) { () throws(StorageError) in try log.store.identity(path) }
    }

    private struct Base {
        var version: Version = -1
        var state = SnapshotState()
        var modified: Int64 = 0
    }

    /// The state at the checkpoint that `_last_checkpoint` points to, without a listing of the log; nil wherever that is not as simple as it can be.
    /// The commit behind the checkpoint must be there, or the checkpoint's own: a log that has been cut off elsewhere is looked through.
    private func pointedBase() throws(DeltaError) -> Base? {
        let path = log.logPrefix + "_last_checkpoint"
        guard let bytes = try? log.store.get(path), let json = try? JSONValue(parsing: bytes), let version = json["version"]?.intValue,
            version >= 0, json["parts"]?.intValue == nil, json["v2Checkpoint"]?.objectValue == nil
        else { return nil }
        let name = Civil.padded(Int64(version), 20) + ".checkpoint.parquet"
        guard let info = try? log.store.info(log.logPrefix + name) else { return nil }
        if try identity(version) == nil, try identity(version + 1) == nil { return nil }
        let checkpoint = Checkpoint(version: version, kind: .classic([name]), modified: info.modified)
        guard let actions = try? CheckpointReader(log: log).actions(checkpoint) else { return nil }
        var base = Base(version: version, modified: info.modified)
        base.state.apply([actions])
        return base.state.tableProtocol != nil && base.state.metadata != nil ? base : nil
    }

    /// The state at the last readable checkpoint up to `version` from which it can be reached; the empty state before version 0 if there is none.
    private func base(_ segment: LogSegment, for version: Version?) throws(DeltaError) -> Base {
        var failure: DeltaError?
        for checkpoint in segment.checkpoints.reversed() where checkpoint.version <= version ?? .max {
            guard segment.reaches(version ?? segment.commits.last ?? checkpoint.version, from: checkpoint.version) else { break }
            do throws(DeltaError) {
                var base = Base(version: checkpoint.version, modified: checkpoint.modified)
                base.state.apply([try CheckpointReader(log: log).actions(checkpoint)])
                guard base.state.tableProtocol != nil, base.state.metadata != nil else { continue }
                return base
            } catch {
                failure = failure ?? error
            }
        }
        do throws(DeltaError) {
            try segment.checkReplayable(log, table: name, to: version)
        } catch {
            throw failure ?? error
        }
        return Base()
    }

    /// Puts commits on top of a state and of the list of commits up to it.
    private func extend(
        _ base: SnapshotState, _ version: Version, _ commits: [CommitRecord], _ added: [LogStore.Commit], replacing: Bool
    ) throws(DeltaError) -> (latest: Snapshot, commits: [CommitRecord]) {
        var commits = commits
        for commit in added { commits.append(CommitRecord(commit, after: commits.last)) }
        var newState = base
        newState.apply(added.map(\.actions))
        let last = added.last?.version ?? version
        let timestamp = commits.last?.timestamp ?? 0
        let snapshot = try Snapshot(newState, version: last, timestamp: timestamp, log: log, cache: cache, tableName: name)
        keep(snapshot, try identity(last), commits, replacing: replacing)
        return (snapshot, commits)
    }

    /// Of several threads that come at once the one that got furthest is kept, unless another log has come in the place of the one known.
    private func keep(_ snapshot: Snapshot, _ identity: ObjectIdentity?, _ commits: [CommitRecord], replacing: Bool) {
        state.withLock { known in
            if !replacing, let latest = known.latest, latest.version >= snapshot.version { return }
            if replacing { known.earlier = [] }
            known.latest = snapshot
            known.latestIdentity = identity
            known.commits = commits
        }
    }

    /// The records of all commits that there still are.
    func wholeHistory() throws(DeltaError) -> [CommitRecord] {
        let (latest, commits) = try update()
        guard let first = commits.first, first.version > 0 else { return commits }
        var earlier: [LogStore.Commit] = []
        var version = first.version - 1
        while version >= 0, let commit = try log.read(version) {
            earlier.append(commit)
            version -= 1
        }
        guard !earlier.isEmpty else { return commits }
        var whole: [CommitRecord] = []
        for commit in earlier.reversed() { whole.append(CommitRecord(commit, after: whole.last)) }
        whole += commits
        state.withLock { known in
            guard known.latest === latest, known.commits.first?.version == first.version else { return }
            known.commits = whole
        }
        return whole
    }

    /// The table as of a version that need not be the latest.
    func snapshot(_ version: Version, _ latest: Snapshot) throws(DeltaError) -> Snapshot {
        if version == latest.version { return latest }
        let (earlier, commits) = state.withLock { ($0.earlier, $0.commits) }
        if let found = earlier.last(where: { $0.version == version }) { return found }
        let near = earlier.filter { $0.version < version }.max { $0.version < $1.version }
        let segment = try LogSegment(log)
        let earliest = segment.earliest
        guard version >= earliest, version < latest.version else {
            throw .versionNotFound(version, earliest: earliest, latest: latest.version)
        }
        let checkpoint = segment.checkpoints.last { $0.version <= version && segment.reaches(version, from: $0.version) }
        var base = Base()
        if let near, near.version >= checkpoint?.version ?? 0 {
            base = Base(version: near.version, state: SnapshotState(near))
        } else {
            base = try self.base(segment, for: version)
        }
        var actions: [[Action]] = []
        var lastCommit: LogStore.Commit?
        for number in (base.version + 1)..<(version + 1) {
            guard let commit = try log.read(number) else { throw .truncatedLog(log.logPrefix, version: version) }
            actions.append(commit.actions)
            lastCommit = commit
        }
        base.state.apply(actions)
        let timestamp: Int64
        if let first = commits.first?.version, commits.indices.contains(version - first) {
            timestamp = commits[version - first].timestamp
        } else {
            let commit = if let lastCommit { LogStore.Commit?(lastCommit) } else { try log.read(version) }
            timestamp = commit?.timestamp ?? base.modified
        }
        let snapshot = try Snapshot(base.state, version: version, timestamp: timestamp, log: log, cache: cache, tableName: name)
        state.withLock { known in
            guard known.latest?.metadata.id == latest.metadata.id else { return }
            known.earlier.append(snapshot)
            if known.earlier.count > 4 { known.earlier.removeFirst() }
        }
        return snapshot
    }

    /// The table right after a commit of one's own, without reading it back.
    func advance(_ base: Snapshot, _ commit: LogStore.Commit) throws(DeltaError) -> Snapshot {
        let known = state.withLock { ($0.latest, $0.commits) }
        guard let latest = known.0, latest.version == base.version else { return try snapshot(.version(commit.version)) }
        return try extend(SnapshotState(base), base.version, known.1, [commit], replacing: false).latest
    }
}

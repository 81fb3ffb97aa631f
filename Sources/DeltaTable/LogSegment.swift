import Storage

/// What a listing of `_delta_log/` shows.
struct LogSegment: Sendable {
    /// Versions with a commit file, ascending.
    let commits: [Version]
    /// Versions with a checkpoint of any kind, complete or not, ascending.
    let checkpoints: [Version]

    init(_ log: LogStore) throws(DeltaError) {
        let names = try log.access("Listing", log.logPrefix) { () throws(StorageError) in try log.store.list(log.logPrefix) }
        var commits: [Version] = []
        var checkpoints: [Version] = []
        for object in names {
            let name = object.path.dropFirst(log.logPrefix.count)
            guard name.count > 21, let version = Version(name.prefix(20)), version >= 0 else { continue }
            if name.dropFirst(20) == ".json" {
                commits.append(version)
            } else if name.dropFirst(20).hasPrefix(".checkpoint."), checkpoints.last != version {
                checkpoints.append(version)
            }
        }
        self.commits = commits
        self.checkpoints = checkpoints
    }

    /// Throws unless the state at `version` (the last one if nil) can be built from commits alone, which must then run from 0 without a gap.
    /// Checkpoints are not read: a log that needs one is refused by name.
    func checkReplayable(_ log: LogStore, table: String, to version: Version?) throws(DeltaError) {
        guard let first = commits.first, let last = commits.last else {
            guard checkpoints.isEmpty else { throw .unsupportedForRead(table, ["checkpoints"]) }
            throw .tableNotFound(table)
        }
        guard first == 0 else {
            guard checkpoints.isEmpty else { throw .unsupportedForRead(table, ["checkpoints"]) }
            throw .truncatedLog(log.logPrefix, version: version ?? last)
        }
        for (index, found) in commits.enumerated() where found != index {
            throw .notContiguous(commits, start: index - 1, end: found, loading: version ?? last)
        }
    }
}

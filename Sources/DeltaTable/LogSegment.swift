import Storage

/// The files of a checkpoint: a table's state at a version.
struct Checkpoint: Sendable {
    enum Kind: Sendable {
        /// One Parquet file, or all parts of one.
        case classic([String])
        /// A file of Parquet or JSON that may point to sidecars.
        case v2(String)
    }

    let version: Version
    let kind: Kind
    /// Milliseconds since 1970.
    let modified: Int64
}

/// What a listing of `_delta_log/` shows.
struct LogSegment: Sendable {
    /// Versions with a commit file, ascending.
    let commits: [Version]
    /// Complete ones, ascending; of one version several may be there.
    let checkpoints: [Checkpoint]

    init(_ log: LogStore) throws(DeltaError) {
        let names = try log.access("Listing", log.logPrefix) { () throws(StorageError) in try log.store.list(log.logPrefix) }
        var commits: [Version] = []
        var checkpoints: [Checkpoint] = []
        var parts: [String] = []
        for object in names {
            let name = object.path.dropFirst(log.logPrefix.count)
            guard name.count > 21, let version = Version(name.prefix(20)), version >= 0 else { continue }
            if name.dropFirst(20) == ".json" { commits.append(version) }
            guard name.dropFirst(20).hasPrefix(".checkpoint.") else { continue }
            let ending = name.dropFirst(20 + ".checkpoint.".count).split(separator: ".", omittingEmptySubsequences: false)
            switch (ending.count, ending.last) {
            case (1, "parquet"):
                checkpoints.append(Checkpoint(version: version, kind: .classic([String(name)]), modified: object.modified))
            case (2, "parquet"), (2, "json"):
                checkpoints.append(Checkpoint(version: version, kind: .v2(String(name)), modified: object.modified))
            case (3, "parquet"):
                // Names are in order: the parts of one checkpoint come one after the other, unless writers of several numbers of parts met.
                guard let part = Int(ending[0]), let count = Int(ending[1]), part >= 1, count >= part, count <= names.count else { continue }
                let isOfSame = parts.last.map { $0.prefix(20) == name.prefix(20) && $0.suffix(18) == name.suffix(18) } ?? false
                if !isOfSame { parts = [] }
                parts.append(String(name))
                if parts.count == count {
                    checkpoints.append(Checkpoint(version: version, kind: .classic(parts), modified: object.modified))
                    parts = []
                }
            default: continue
            }
        }
        self.commits = commits
        self.checkpoints = checkpoints
    }

    /// Whether none of the commits behind `version` up to `last` is missing.
    func reaches(_ last: Version, from version: Version) -> Bool {
        last <= version || commits.filter { $0 > version && $0 <= last }.count == last - version
    }

    /// The first version whose state can be built.
    var earliest: Version {
        if commits.first == 0 { return 0 }
        return checkpoints.first { reaches(commits.last ?? $0.version, from: $0.version) }?.version ?? commits.first ?? 0
    }

    /// Throws why the state at `version` (the last one if nil) cannot be built from commits alone, which must then run from 0 without a gap.
    func checkReplayable(_ log: LogStore, table: String, to version: Version?) throws(DeltaError) {
        guard let first = commits.first, let last = commits.last else { throw .tableNotFound(table) }
        guard first == 0 else { throw .truncatedLog(log.logPrefix, version: version ?? last) }
        for (index, found) in commits.enumerated() where found != index {
            if let version, index > version { return }
            throw .notContiguous(commits, start: index - 1, end: found, loading: version ?? last)
        }
    }
}

package import Storage

/// A table's commits, one object each under `_delta_log/`.
package struct LogStore: Sendable {
    package let store: any ObjectStore
    /// The table's place in the store, without a slash at its end; empty for the store's root.
    package let location: String

    package init(_ store: any ObjectStore, location: String) {
        self.store = store
        self.location = location
    }

    package enum PutResult: Sendable { case committed, conflict }

    package struct Commit: Sendable {
        package let version: Version
        package let actions: [Action]
        /// When the object was written, milliseconds since 1970.
        package let modified: Int64

        /// The first commitInfo.
        package var info: CommitInfo? {
            for case .commitInfo(let info) in actions { return info }
            return nil
        }

        package var summary: CommitSummary { CommitSummary(version: version, info: info) }

        /// When the commit says it was made; else when its object was written. Milliseconds since 1970.
        var timestamp: Int64 { info?.inCommitTimestamp ?? info?.timestamp ?? modified }
    }

    func path(_ relative: String) -> String { location.isEmpty ? relative : "\(location)/\(relative)" }

    var logPrefix: String { path("_delta_log/") }

    func commitPath(_ version: Version) -> String { logPrefix + Civil.padded(Int64(version), 20) + ".json" }

    /// Claims a version: of several writers at once exactly one is told `.committed`.
    package func put(_ version: Version, _ actions: [Action]) throws(DeltaError) -> PutResult {
        let path = commitPath(version)
        do throws(StorageError) {
            return try store.putIfAbsent(path, actions.logBytes) ? .committed : .conflict
        } catch {
            throw .storage("Writing", path, error.description)
        }
    }

    /// nil if there is no such commit.
    package func read(_ version: Version) throws(DeltaError) -> Commit? {
        let path = commitPath(version)
        let bytes: [UInt8]
        let modified: Int64
        do throws(StorageError) {
            guard let info = try store.info(path) else { return nil }
            modified = info.modified
            bytes = try store.get(path)
        } catch {
            if case .notFound = error { return nil }
            throw .storage("Reading", path, error.description)
        }
        do throws(MalformedAction) {
            return Commit(version: version, actions: try [Action](logBytes: bytes), modified: modified)
        } catch {
            throw .malformedLog(path, error.message)
        }
    }

    /// All commits behind a version, as far as they go without a gap.
    package func commits(after version: Version) throws(DeltaError) -> [Commit] {
        var commits: [Commit] = []
        while let commit = try read(version + commits.count + 1) { commits.append(commit) }
        return commits
    }
}

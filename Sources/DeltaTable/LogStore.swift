package import Storage

/// A table's commits, one object each under `_delta_log/`.
package struct LogStore: Sendable {
    package let store: any ObjectStore
    /// The table's place in the store, without a slash at its end; empty for the store's root.
    package let location: String
    /// Other places in the store into which absolute paths of the log may point: those of the tables that this one is a shallow clone of.
    package let roots: [String]

    package init(_ store: any ObjectStore, location: String, roots: [String] = []) {
        self.store = store
        self.location = location
        self.roots = roots
    }

    /// The object that a path in the log means; nil for a place on which the table has no claim.
    package func object(_ path: String) -> String? {
        if let object = FilePath.object(path, in: location) { return object }
        guard let object = FilePath.absoluteObject(path) else { return nil }
        return ([location] + roots).contains { !$0.isEmpty && object.utf8.starts(with: "\($0)/".utf8) } ? object : nil
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

    /// Runs an access to the store; its errors become Delta's.
    func access<T>(_ operation: String, _ path: String, _ body: () throws(StorageError) -> T) throws(DeltaError) -> T {
        do throws(StorageError) {
            return try body()
        } catch {
            if case .notFound(let path) = error { throw .fileMissing(path) }
            throw .storage(operation, path, error.description)
        }
    }

    /// Claims a version: of several writers at once exactly one is told `.committed`.
    package func put(_ version: Version, _ actions: [Action]) throws(DeltaError) -> PutResult {
        let path = commitPath(version)
        return try access("Writing", path) { () throws(StorageError) in try store.putIfAbsent(path, actions.logBytes) }
            ? .committed : .conflict
    }

    /// nil if there is no such commit.
    package func read(_ version: Version) throws(DeltaError) -> Commit? {
        let path = commitPath(version)
        guard let info = try access("Reading", path, { () throws(StorageError) in try store.info(path) }) else { return nil }
        let bytes = try access("Reading", path) { () throws(StorageError) in try store.get(path) }
        do throws(MalformedAction) {
            return Commit(version: version, actions: try [Action](logBytes: bytes), modified: info.modified)
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

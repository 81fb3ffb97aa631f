import Storage

/// Finds and deletes files that no version within the retention needs. Source: Delta's `VacuumCommand` and the service's page on VACUUM.
package struct Vacuum {
    package struct Candidate: Sendable, Hashable {
        /// In the store
        package let path: String
        /// Bytes
        package let size: Int64
    }

    /// Milliseconds: seven days unless `delta.deletedFileRetentionDuration` says otherwise.
    package static func retention(_ snapshot: Snapshot) -> Int64 {
        snapshot.property("delta.deletedFileRetentionDuration").flatMap { CheckpointWriter.millis($0) } ?? defaultRetention
    }

    package static let defaultRetention: Int64 = 7 * 86_400_000

    private let table: DeltaTable
    private let snapshot: Snapshot
    /// What left the table at this time (milliseconds since 1970) or before may go.
    private let limit: Int64
    /// Objects that others need: the clones of the table.
    private let kept: Set<String>

    package init(_ table: DeltaTable, _ snapshot: Snapshot, now: Int64, retention: Int64, keeping kept: Set<String> = []) {
        self.table = table
        self.snapshot = snapshot
        self.kept = kept
        let (limit, overflow) = now.subtractingReportingOverflow(retention)
        self.limit = overflow ? .min : limit
    }

    /// Files to delete, in the order of their paths. `lite`: only those that the log tells of, without a look at the directory.
    package func candidates(lite: Bool) throws(DeltaError) -> [Candidate] {
        var needed = kept
        for file in snapshot.files { needed.formUnion(objects(file.path, file.deletionVector)) }
        var expired: Set<String> = []
        for file in snapshot.tombstones {
            if (file.deletionTimestamp ?? 0) > limit {
                needed.formUnion(objects(file.path, file.deletionVector))
            } else {
                expired.formUnion(objects(file.path, file.deletionVector))
            }
        }
        let log = snapshot.log
        if lite {
            for file in try logged() where (file.deletionTimestamp ?? 0) <= limit { expired.formUnion(objects(file.path, file.deletionVector)) }
            var found: [Candidate] = []
            let prefix = log.path("")
            for path in expired.subtracting(needed).sorted() where path.hasPrefix(prefix) && !Self.isHidden(path.dropFirst(prefix.count)) {
                guard let info = try log.access("Reading", path, { () throws(StorageError) in try log.store.info(path) }) else { continue }
                found.append(Candidate(path: path, size: Int64(info.size)))
            }
            return found
        }
        let prefix = log.path("")
        let listed = try log.access("Listing", prefix) { () throws(StorageError) in try log.store.list(prefix) }
        return listed.filter { info in
            guard !needed.contains(info.path), !Self.isHidden(info.path.dropFirst(prefix.count)) else { return false }
            // A file that was never committed, or whose removal is forgotten, is as old as it looks.
            return expired.contains(info.path) || info.modified <= limit
        }.map { Candidate(path: $0.path, size: Int64($0.size)) }
    }

    package func delete(_ candidates: [Candidate]) throws(DeltaError) {
        let log = snapshot.log
        for file in candidates { try log.access("Deleting", file.path) { () throws(StorageError) in try log.store.delete(file.path) } }
    }

    /// Directories that the candidates lie in, and the table's own.
    package func directories(_ candidates: [Candidate]) -> Int {
        Set(candidates.map { file in file.path.lastIndex(of: "/").map { file.path[..<$0] } ?? "" }).union([snapshot.log.location[...]]).count
    }

    /// Names that begin with `_` or `.` are not the table's data, but for the change feed and partitions of columns so named.
    private static func isHidden(_ path: Substring) -> Bool {
        path.split(separator: "/").contains { part in
            (part.hasPrefix("_") || part.hasPrefix(".")) && part != "_change_data" && !part.contains("=")
        }
    }

    private func objects(_ path: String, _ vector: DeletionVectorDescriptor?) -> [String] {
        let log = snapshot.log
        return [log.object(path), vector.flatMap { DeletionVector.object($0, log) }].compactMap { $0 }
    }

    /// All removals that commits still tell of.
    private func logged() throws(DeltaError) -> [RemoveFile] {
        var files: [RemoveFile] = []
        for version in stride(from: snapshot.version, through: 0, by: -1) {
            guard let commit = try snapshot.log.read(version) else { break }
            for case .remove(let file) in commit.actions { files.append(file) }
        }
        return files
    }
}

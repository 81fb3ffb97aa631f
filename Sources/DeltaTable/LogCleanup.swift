import Storage
import Synchronization

/// Takes commits and checkpoints out of the log that are older than `delta.logRetentionDuration` and that no version within it is built from.
/// Source: Delta's page on data retention; it happens behind a checkpoint, by the dates of the log's files, cut to whole days.
struct LogCleanup {
    static let defaultRetention: Int64 = 30 * 86_400_000
    private static let day: Int64 = 86_400_000

    let snapshot: Snapshot
    /// Milliseconds since 1970
    let now: Int64

    /// The first version that is left; nil if nothing was to be done.
    func run() throws(DeltaError) -> Version? {
        guard snapshot.property("delta.enableExpiredLogCleanup")?.lowercased() != "false" else { return nil }
        let retention = snapshot.property("delta.logRetentionDuration").flatMap { CheckpointWriter.millis($0) } ?? Self.defaultRetention
        let (limit, overflow) = now.subtractingReportingOverflow(max(retention, 0))
        if overflow { return nil }
        let (cutoff, tooEarly) = Civil.floorDivide(limit, Self.day).multipliedReportingOverflow(by: Self.day)
        // A table younger than that has nothing to lose: no listing.
        if tooEarly || snapshot.metadata.createdTime ?? .min > cutoff { return nil }
        let log = snapshot.log
        let objects = try log.access("Listing", log.logPrefix) { () throws(StorageError) in try log.store.list(log.logPrefix) }
        func version(_ object: ObjectInfo) -> Version? {
            let name = object.path.dropFirst(log.logPrefix.count)
            guard name.count > 21, name.dropFirst(20).hasPrefix("."), let version = Version(name.prefix(20)), version >= 0 else { return nil }
            return version
        }
        // Expired are the commits up to the first that is not: one with an old date behind it stays.
        var expired: Version?
        for object in objects where object.path.hasSuffix(".json") && object.path.utf8.count == log.logPrefix.utf8.count + 25 {
            guard object.modified <= cutoff else { break }
            expired = version(object)
        }
        guard let expired else { return nil }
        let segment = try LogSegment(log)
        let bases = segment.checkpoints.filter { $0.version <= expired && segment.reaches(snapshot.version, from: $0.version) }
        guard let base = bases.last, base.version < snapshot.version else { return nil }
        for object in objects {
            // What a checkpoint's sidecars hold may be shared by others: they stay.
            guard let version = version(object), version < base.version else { continue }
            try log.access("Deleting", object.path) { () throws(StorageError) in try log.store.delete(object.path) }
        }
        return base.version
    }
}

extension DeltaTable {
    /// Not being able to clean up costs space, and nothing else.
    func cleanUpLog(_ snapshot: Snapshot, _ context: CommitContext) {
        guard let first = (try? LogCleanup(snapshot: snapshot, now: context.timestampMillis).run()) ?? nil else { return }
        state.withLock { known in
            known.commits.removeAll { $0.version < first }
            known.earlier.removeAll { $0.version < first }
        }
    }
}

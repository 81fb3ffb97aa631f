import Storage
import Synchronization

/// Takes commits and checkpoints out of the log that are older than `delta.logRetentionDuration` and that no version within it is built from.
/// Source: Delta's page on data retention; it happens behind a checkpoint, by the dates of the log's files, cut to whole days.
struct LogCleanup {
    static let defaultRetention: Int64 = 30 * 86_400_000
    private static let day: Int64 = 86_400_000
    /// Milliseconds to which the retention of TRUNCATE HISTORY is cut.
    static let minute: Int64 = 60_000

    let snapshot: Snapshot
    /// Milliseconds since 1970
    let now: Int64
    /// In place of the table's own, in milliseconds, cut to whole minutes: what DROP FEATURE … TRUNCATE HISTORY asks for.
    var truncatesHistory: Int64?

    /// The first version that is left; nil if nothing was to be done.
    func run() throws(DeltaError) -> Version? {
        guard truncatesHistory != nil || snapshot.property("delta.enableExpiredLogCleanup")?.lowercased() != "false" else { return nil }
        let own = snapshot.property("delta.logRetentionDuration").flatMap { CheckpointWriter.millis($0) } ?? Self.defaultRetention
        let (limit, overflow) = now.subtractingReportingOverflow(max(truncatesHistory ?? own, 0))
        if overflow { return nil }
        let granularity = truncatesHistory == nil ? Self.day : Self.minute
        let (cutoff, tooEarly) = Civil.floorDivide(limit, granularity).multipliedReportingOverflow(by: granularity)
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
        // Checkpoints that are protected go with all commits before them, or not at all.
        if let first = snapshot.protectedVersion, base.version < first { return nil }
        let commits = objects.filter { $0.path.hasSuffix(".json") }
        for object in commits + objects.filter({ !$0.path.hasSuffix(".json") }) {
            // What a checkpoint's sidecars hold may be shared by others: they stay.
            guard let version = version(object), version < base.version else { continue }
            try log.access("Deleting", object.path) { () throws(StorageError) in try log.store.delete(object.path) }
        }
        return base.version
    }
}

extension DeltaTable {
    /// Not being able to clean up costs space, and nothing else.
    func cleanUpLog(_ snapshot: Snapshot, _ context: CommitContext, truncatesHistory: Int64? = nil) {
        let cleanup = LogCleanup(snapshot: snapshot, now: context.timestampMillis, truncatesHistory: truncatesHistory)
        guard let first = (try? cleanup.run()) ?? nil else { return }
        state.withLock { known in
            known.commits.removeAll { $0.version < first }
            known.earlier.removeAll { $0.version < first }
        }
    }
}

extension Snapshot {
    /// Checkpoints and commits before this version may only be removed all at once. Source: Delta's RFC "Checkpoint Protection".
    var protectedVersion: Version? {
        guard tableProtocol.writerFeatures?.contains(TableFeature.checkpointProtection.rawValue) ?? false else { return nil }
        return property(FeatureDrop.protectionKey).flatMap { Version($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
}

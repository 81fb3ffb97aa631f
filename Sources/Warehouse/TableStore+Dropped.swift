import DeltaTable
import Storage
import Synchronization
import Workspace

/// The files of dropped tables, which stay for as long as UNDROP can bring a table back.
extension TableStore {
    private static let retryMillis: Int64 = 3_600_000

    /// Deletes the files of managed tables that are past their time by the workspace's clock; those that shallow clones need stay.
    /// Not being able to costs space, and nothing else.
    func sweepDropped() {
        let now = workspace.environment.nowMillis
        let isDue = nextSweep.withLock { next in
            guard now >= next else { return false }
            next = now &+ Self.retryMillis
            return true
        }
        guard isDue, let expired = try? workspace.tables.expired() else { return }
        do {
            for location in expired.locations { try deleteFiles(at: location, now: now) }
            if !expired.ids.isEmpty { try workspace.tables.forget(dropped: expired.ids) }
            nextSweep.withLock { $0 = expired.next }
        } catch {
            // Tried again in an hour.
        }
    }

    private func deleteFiles(at location: String, now: Int64) throws {
        let root = Self.objectPath(location)
        guard !root.isEmpty else { return }
        var kept: Set<String> = []
        for clone in try workspace.tables.clones(of: root) where clone != root {
            guard let snapshot = try? delta(at: clone).snapshot() else { continue }
            kept.formUnion(snapshot.reachableObjects(now: now))
        }
        for object in try objects.list(root + "/") where !kept.contains(object.path) { try objects.delete(object.path) }
        forget(location)
    }
}

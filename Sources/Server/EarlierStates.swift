import API
import Jobs
import Synchronization
import Warehouse
import Workspace

/// Workspaces as they were before each of their last writes, for reads that are to be stale. A whole copy for each write: nobody pays for it
/// unless a rule asks for stale reads.
final class EarlierStates: Sendable {
    /// How many writes are looked back at most.
    private static let depth = 16

    private struct Past {
        let write: UInt64
        /// The store's count of changes before the write.
        let changes: Int
        let tenant: Tenant
    }

    private struct History {
        weak var workspace: Workspace?
        var pasts: [Past] = []
        var writes: UInt64 = 0
    }

    private let histories = Mutex<[Int: History]>([:])

    /// To be called before whatever may write. A state from which nothing has changed since is not kept twice.
    func keep(_ tenant: Tenant, _ pool: WorkerPool) throws {
        let workspace = tenant.workspace
        let changes = try workspace.store.changeCount
        let isKnown = histories.withLock { histories in
            guard let history = histories[workspace.id], history.workspace === workspace else { return false }
            return history.pasts.last?.changes == changes
        }
        if isKnown { return }
        let environment = Environment(seed: workspace.environment.seed, clock: workspace.environment.clock)
        let copy = Workspace(
            id: workspace.id, name: workspace.name, store: try StateStore(snapshot: workspace.store.snapshot()), environment: environment)
        let sql = SQLService(workspace: copy, objects: tenant.sql.objects, pool: pool, storageKey: tenant.sql.storageKey)
        let past = Tenant(workspace: copy, sql: sql, jobs: JobsService(workspace: copy, sql: sql, isPassive: true))
        histories.withLock { histories in
            var history = histories[workspace.id] ?? History()
            if history.workspace !== workspace { history = History(workspace: workspace) }
            if history.pasts.last?.changes == changes { return }
            history.writes += 1
            history.pasts.append(Past(write: history.writes, changes: changes, tenant: past))
            if history.pasts.count > Self.depth { history.pasts.removeFirst() }
            histories[workspace.id] = history
        }
    }

    /// A write was made of which no state is kept: what is known of before leads nowhere.
    func forget(_ workspace: Workspace) {
        histories.withLock { histories in
            if histories[workspace.id] != nil { histories[workspace.id] = nil }
        }
    }

    /// The states before the last writes, newest first.
    func pasts(of workspace: Workspace) -> [(write: UInt64, tenant: Tenant)] {
        histories.withLock { histories in
            guard let history = histories[workspace.id], history.workspace === workspace else { return [] }
            return history.pasts.reversed().map { ($0.write, $0.tenant) }
        }
    }
}

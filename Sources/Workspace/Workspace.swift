/// One workspace: its state, its environment, and the managers of its objects. Workspaces share nothing.
/// Managers are light values over the two (`extension Workspace { package var catalogs: Catalogs { … } }`), so a new resource adds no line here
/// but its migration and, if it has one, its part of the start state.
package final class Workspace: Sendable {
    /// The numeric workspace id of `x-databricks-org-id`.
    package let id: Int
    package let name: String
    package let store: StateStore
    package let environment: Environment
    /// Credentials in memory; the rest of the state is in the store alone.
    package let credentials = CredentialCache()
    let metastoreCache = MetastoreCache()
    package let ipAccess = IPAccess()

    /// Opens a store that has its state already.
    package init(id: Int, name: String, store: StateStore, environment: Environment) {
        self.id = id
        self.name = name
        self.store = store
        self.environment = environment
    }

    /// A workspace in memory, or in the file at `path`; the start state is written if the store is new.
    package convenience init(id: Int, name: String, path: String? = nil, environment: Environment, admin: Principal) throws {
        let store = try StateStore(path: path, migrations: Workspace.migrations)
        self.init(id: id, name: name, store: store, environment: environment)
        try writeStartState(admin: admin)
    }

    /// A copy of everything that a restore brings back.
    package func snapshot() throws -> WorkspaceSnapshot {
        WorkspaceSnapshot(state: try store.snapshot(), environment: environment.state)
    }

    package func restore(_ snapshot: WorkspaceSnapshot) throws {
        try store.restore(snapshot.state)
        environment.restore(snapshot.environment)
        credentials.forgetAll()
        metastoreCache.value = nil
        ipAccess.forget()
    }

    /// A new workspace with the snapshot's state. With the same seed it goes on with the same ids; with another one its new ids differ.
    /// In memory, or in a new file at `path`.
    package convenience init(
        id: Int, name: String, snapshot: WorkspaceSnapshot, path: String? = nil, environment: Environment, resumeIDs: Bool = false
    ) throws {
        let store: StateStore
        if let path {
            store = try StateStore(path: path, migrations: Workspace.migrations)
            try store.restore(snapshot.state)
        } else {
            store = try StateStore(snapshot: snapshot.state)
        }
        self.init(id: id, name: name, store: store, environment: environment)
        if resumeIDs { environment.restore(snapshot.environment) }
    }
}

/// A workspace at one moment, without its clock.
package struct WorkspaceSnapshot: Sendable {
    package let state: StateSnapshot
    package let environment: Environment.State
}

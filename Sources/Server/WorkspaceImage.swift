import API
import Storage
import Workspace

/// All of a workspace at one moment, to make others of or to go back to.
struct WorkspaceImage: Sendable {
    let state: WorkspaceSnapshot
    let objects: ImageObjects
    let seed: UInt64
    /// The workspace's time.
    let micros: Int64
}

/// A workspace that is being served, with what it can go back to. Replaced as a whole by a reset or a restore, so that calls under way end on the
/// state that they began with.
struct Room: Sendable {
    var compartment: Compartment
    var tenant: Tenant
    var objects: any ObjectStore
    let token: Workspaces.TokenHash
    var warehouseID: String
    /// What a reset brings back; nil: the start state of the seed.
    let origin: WorkspaceImage?
    /// In the order of their making.
    var snapshots: [(name: String, image: WorkspaceImage)] = []
}

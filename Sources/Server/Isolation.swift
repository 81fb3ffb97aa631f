package import Workspace

/// Workspaces beside the main one, each chosen by its token, and the states that a workspace can go back to.
/// `host` is the URL by which a client reaches the server.
package protocol Isolation: Sendable {
    /// The compartment whose own admin token this is.
    func compartment(administeredBy token: Workspaces.TokenHash) -> Compartment?
    func compartment(id: Int) -> Compartment?

    /// A new workspace: in the start state, or in that of one of the origin's snapshots.
    func create(_ order: WorkspaceOrder, from origin: Compartment) throws(WorkspaceError) -> IsolatedWorkspace
    /// All but the main one, in the order of their making.
    func list() -> [IsolatedWorkspace]
    /// Throws if there is none with this id, or if it is the main one.
    func delete(id: Int) throws(WorkspaceError)

    /// Back to the workspace's own start, its clock too. Calls under way end on the state that they began with.
    func reset(_ compartment: Compartment) throws(WorkspaceError)

    func takeSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError) -> SnapshotInfo
    func snapshots(of compartment: Compartment) throws(WorkspaceError) -> [SnapshotInfo]
    func restoreSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError)
    func deleteSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError)
}

package struct WorkspaceOrder: Sendable {
    package var name: String
    package var snapshot: String?
    package var seed: UInt64?

    package init(name: String, snapshot: String? = nil, seed: UInt64? = nil) {
        self.name = name
        self.snapshot = snapshot
        self.seed = seed
    }
}

package struct IsolatedWorkspace: Sendable {
    package var id: Int
    package var name: String
    package var seed: UInt64
    package var warehouseID: String?
    /// Given out when the workspace is made, and not again.
    package var token: String?
}

/// The token of a further workspace: the same in every run with one seed, and another one for each workspace.
enum WorkspaceToken {
    static func make(_ id: Int, seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed, stream: "workspace token \(id)")
        return "dapi" + [generator.next(), generator.next()].map(hex).joined()
    }

    private static func hex(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

package struct SnapshotInfo: Sendable {
    package var name: String
    /// When it was taken, by the workspace's clock, in microseconds since 1970.
    package var at: Int64
}

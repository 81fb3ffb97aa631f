import Cassettes
import Synchronization
import Workspace

/// Workspaces of a replay: each has a token with its own positions in the recording, its own faults and its own journal. The recording is one, and so is
/// the simulator that answers what is not recorded.
final class ReplayWorkspaces: Isolation {
    private static let maxWorkspaces = 10_000
    private static let maxSnapshots = 1_000

    private typealias Snapshot = (info: SnapshotInfo, positions: ReplayIndex.Positions)

    private struct State {
        var rooms: [Int: (compartment: Compartment, client: ReplayClient)] = [:]
        var clients: Set<ReplayClient> = []
        var byToken: [Workspaces.TokenHash: Int] = [:]
        /// By workspace; those of the main one, too.
        var snapshots: [Int: [Snapshot]] = [:]
        var lastID = 0
    }

    private let compartments: Compartments
    private let index: ReplayIndex
    private let warehouseID: String?
    private let state = Mutex(State())
    /// False as long as there has been no workspace but the main one: then nothing is locked and nothing hashed.
    private let hasRooms = Atomic<Bool>(false)

    init(_ compartments: Compartments, _ index: ReplayIndex, warehouseID: String?) {
        self.compartments = compartments
        self.index = index
        self.warehouseID = warehouseID
    }

    /// The compartment that a request's token chooses; nil for the main one's.
    func compartment(authorization: String?) -> Compartment? {
        guard hasRooms.load(ordering: .acquiring), let token = AuthorizationHeader.token(authorization) else { return nil }
        return compartment(administeredBy: Workspaces.TokenHash(token))
    }

    func compartment(administeredBy token: Workspaces.TokenHash) -> Compartment? {
        state.withLock { state in state.byToken[token].flatMap { state.rooms[$0]?.compartment } }
    }

    func compartment(id: Int) -> Compartment? {
        id == compartments.main.id ? compartments.main : state.withLock { $0.rooms[id]?.compartment }
    }

    func create(_ order: WorkspaceOrder, from origin: Compartment) throws(WorkspaceError) -> IsolatedWorkspace {
        guard order.snapshot == nil else {
            throw WorkspaceError(.notImplemented, "In a replay a workspace begins at the beginning of the recording: 'snapshot' is not available.")
        }
        let id = try state.withLock { state throws(WorkspaceError) -> Int in
            guard state.rooms.count < Self.maxWorkspaces else {
                throw WorkspaceError(.resourceExhausted, "There are \(Self.maxWorkspaces) workspaces already: delete those that are done with.")
            }
            state.lastID += 1
            return compartments.main.id + state.lastID
        }
        let compartment: Compartment
        do {
            compartment = try compartments.make(id: id, name: order.name, seed: order.seed, clock: compartments.main.clock)
        } catch {
            throw .invalid("\(error)")
        }
        let token = WorkspaceToken.make(id, seed: compartments.main.seed)
        let client = index.client(authorization: "Bearer " + token)
        state.withLock { state in
            state.rooms[id] = (compartment, client)
            state.clients.insert(client)
            state.byToken[Workspaces.TokenHash(token)] = id
        }
        hasRooms.store(true, ordering: .releasing)
        return IsolatedWorkspace(id: id, name: order.name, seed: compartment.seed, warehouseID: warehouseID, token: token)
    }

    func list() -> [IsolatedWorkspace] {
        state.withLock { $0.rooms.values.map(\.compartment) }.sorted { $0.id < $1.id }
            .map { IsolatedWorkspace(id: $0.id, name: $0.name, seed: $0.seed, warehouseID: warehouseID, token: nil) }
    }

    func delete(id: Int) throws(WorkspaceError) {
        guard id != compartments.main.id else { throw .invalid("The main workspace cannot be deleted.") }
        let client = state.withLock { state -> ReplayClient? in
            guard let room = state.rooms.removeValue(forKey: id) else { return nil }
            state.byToken = state.byToken.filter { $0.value != id }
            state.snapshots[id] = nil
            state.clients.remove(room.client)
            return room.client
        }
        guard let client else { throw Simulator.noWorkspace(id) }
        index.restore(nil) { $0 == client }
    }

    // MARK: Going back

    /// Whose positions belong to a compartment: one client's, or for the main one all but those of the workspaces.
    private func members(_ compartment: Compartment) throws(WorkspaceError) -> (ReplayClient) -> Bool {
        let (client, others) = state.withLock { ($0.rooms[compartment.id]?.client, $0.clients) }
        if let client { return { $0 == client } }
        guard compartment === compartments.main else { throw Simulator.noWorkspace(compartment.id) }
        return { !others.contains($0) }
    }

    func reset(_ compartment: Compartment) throws(WorkspaceError) { index.restore(nil, of: try members(compartment)) }

    func resetMain() throws(WorkspaceError) { try reset(compartments.main) }

    func takeSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError) -> SnapshotInfo {
        let positions = index.positions(of: try members(compartment))
        let info = SnapshotInfo(name: name, at: compartment.clock.nowMicros)
        try state.withLock { state throws(WorkspaceError) in
            let taken = state.snapshots[compartment.id] ?? []
            guard !taken.contains(where: { $0.info.name == name }) else {
                throw WorkspaceError(.resourceAlreadyExists, "There is a snapshot named '\(name)' already.")
            }
            guard taken.count < Self.maxSnapshots else {
                throw WorkspaceError(.resourceExhausted, "There are \(Self.maxSnapshots) snapshots already.")
            }
            state.snapshots[compartment.id] = taken + [(info, positions)]
        }
        return info
    }

    func snapshots(of compartment: Compartment) throws(WorkspaceError) -> [SnapshotInfo] {
        state.withLock { $0.snapshots[compartment.id] ?? [] }.map(\.info)
    }

    func restoreSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError) {
        let isMeant = try members(compartment)
        index.restore(try find(name, compartment).positions, of: isMeant)
    }

    func deleteSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError) {
        _ = try find(name, compartment)
        state.withLock { $0.snapshots[compartment.id]?.removeAll { $0.info.name == name } }
    }

    private func find(_ name: String, _ compartment: Compartment) throws(WorkspaceError) -> Snapshot {
        guard let found = state.withLock({ $0.snapshots[compartment.id]?.first { $0.info.name == name } }) else {
            throw WorkspaceError(.resourceDoesNotExist, "There is no snapshot named '\(name.prefix(200))'.")
        }
        return found
    }
}

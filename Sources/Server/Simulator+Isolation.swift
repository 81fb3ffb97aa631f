import API
import Jobs
import Storage
import Synchronization
import Warehouse
package import Workspace

extension Simulator: Isolation {
    /// How many workspaces, tokens and OAuth clients are held, for tests of what a deletion releases.
    package var counts: [Int] {
        [world.withLock { $0.rooms.count }, authenticator.tokenCount, authenticator.clientCount]
    }

    static let maxWorkspaces = 10_000
    static let maxSnapshots = 1_000
    private static let maxStartImages = 16

    package func compartment(administeredBy token: Workspaces.TokenHash) -> Compartment? {
        authenticator.workspace(administeredBy: token).flatMap { room($0.id)?.compartment }
    }

    package func compartment(id: Int) -> Compartment? { room(id)?.compartment }

    package func create(_ order: WorkspaceOrder, from origin: Compartment) throws(WorkspaceError) -> IsolatedWorkspace {
        var start: WorkspaceImage?
        if let name = order.snapshot { start = try image(name, of: origin) }
        let id = try world.withLock { world throws(WorkspaceError) -> Int in
            guard world.rooms.count <= Self.maxWorkspaces else {
                throw WorkspaceError(.resourceExhausted, "There are \(Self.maxWorkspaces) workspaces already: delete those that are done with.")
            }
            defer { world.nextID += 1 }
            return world.nextID
        }
        return try doing("create a workspace") {
            let seed = order.seed ?? start?.seed ?? compartments.main.seed
            let image = try start ?? startImage(seed)
            let clock: any WorkspaceClock = compartments.main.clock is VirtualClock ? VirtualClock(startMicros: image.micros) : RealClock()
            let compartment = try compartments.make(id: id, name: order.name, seed: order.seed, clock: clock)
            let environment = Environment(seed: seed, clock: clock)
            let (tenant, objects) = try open(image, environment, compartment, resumeIDs: seed == image.seed)
            environment.ids.separateSecrets(of: id)
            let token = WorkspaceToken.make(id, seed: compartments.main.seed)
            let room = Room(
                compartment: compartment, tenant: tenant, objects: objects, token: Workspaces.TokenHash(token),
                warehouseID: try Self.starterWarehouse(tenant.workspace), origin: image)
            world.withLock { $0.rooms[id] = room }
            try authenticator.admit(tenant.workspace, adminToken: room.token)
            return IsolatedWorkspace(id: id, name: order.name, seed: seed, warehouseID: room.warehouseID, token: token)
        }
    }

    package func list() -> [IsolatedWorkspace] {
        world.withLock { Array($0.rooms.values) }.filter { $0.compartment.id != compartments.main.id }
            .sorted { $0.compartment.id < $1.compartment.id }
            .map {
                IsolatedWorkspace(
                    id: $0.compartment.id, name: $0.compartment.name, seed: $0.tenant.workspace.environment.seed, warehouseID: $0.warehouseID,
                    token: nil)
            }
    }

    package func delete(id: Int) throws(WorkspaceError) {
        guard id != compartments.main.id else { throw .invalid("The main workspace cannot be deleted.") }
        let removed = changes.withLock { _ in
            defer { authenticator.expel(id: id) }
            return world.withLock { $0.rooms.removeValue(forKey: id) }
        }
        guard let room = removed else { throw Self.noWorkspace(id) }
        room.tenant.jobs.stopProcesses()
        (room.compartment.clock as? VirtualClock)?.cancelSleepers()
    }

    /// Ends the processes that tasks began.
    package func stopProcesses() {
        for room in world.withLock({ Array($0.rooms.values) }) { room.tenant.jobs.stopProcesses() }
    }

    static func noWorkspace(_ id: Int) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "There is no workspace with the id \(id).")
    }

    // MARK: Going back

    package func reset(_ compartment: Compartment) throws(WorkspaceError) {
        guard let room = room(compartment.id) else { throw Self.noWorkspace(compartment.id) }
        let isMain = compartment.id == compartments.main.id
        try doing("reset") {
            let seed = room.tenant.workspace.environment.seed
            // A directory begins as it once began, whatever this process's seed is.
            let image = try room.origin ?? startImage((isMain ? directory?.seed : nil) ?? seed)
            try put(image, into: compartment, resumeIDs: seed == image.seed, separate: !isMain)
        }
    }

    package func takeSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError) -> SnapshotInfo {
        guard let room = room(compartment.id) else { throw Self.noWorkspace(compartment.id) }
        let image = try doing("take a snapshot") {
            // The catalog first: a table is in the store before it is in the catalog.
            let state = try room.tenant.workspace.snapshot()
            return WorkspaceImage(
                state: state, objects: try objects(of: room), seed: room.tenant.workspace.environment.seed, micros: compartment.clock.nowMicros)
        }
        try world.withLock { world throws(WorkspaceError) in
            guard var room = world.rooms[compartment.id] else { throw Self.noWorkspace(compartment.id) }
            guard !room.snapshots.contains(where: { $0.name == name }) else {
                throw WorkspaceError(.resourceAlreadyExists, "There is a snapshot named '\(name)' already.")
            }
            guard room.snapshots.count < Self.maxSnapshots else {
                throw WorkspaceError(.resourceExhausted, "There are \(Self.maxSnapshots) snapshots already.")
            }
            room.snapshots.append((name, image))
            world.rooms[compartment.id] = room
        }
        return SnapshotInfo(name: name, at: image.micros)
    }

    package func snapshots(of compartment: Compartment) throws(WorkspaceError) -> [SnapshotInfo] {
        (room(compartment.id)?.snapshots ?? []).map { SnapshotInfo(name: $0.name, at: $0.image.micros) }
    }

    package func restoreSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError) {
        let image = try image(name, of: compartment)
        try doing("restore a snapshot") { try put(image, into: compartment, resumeIDs: true, separate: false) }
    }

    package func deleteSnapshot(_ name: String, of compartment: Compartment) throws(WorkspaceError) {
        _ = try image(name, of: compartment)
        world.withLock { $0.rooms[compartment.id]?.snapshots.removeAll { $0.name == name } }
    }

    private func image(_ name: String, of compartment: Compartment) throws(WorkspaceError) -> WorkspaceImage {
        guard let image = room(compartment.id)?.snapshots.first(where: { $0.name == name })?.image else {
            throw WorkspaceError(.resourceDoesNotExist, "There is no snapshot named '\(name.prefix(200))'.")
        }
        return image
    }

    private func objects(of room: Room) throws -> ImageObjects {
        if let directory, let store = room.objects as? DirectoryStore {
            let folder = try directory.snapshotFolder()
            try store.share(with: folder.path)
            return .folder(folder)
        }
        guard let store = room.objects as? MemoryStore else { throw Self.noWorkspace(room.compartment.id) }
        return .memory(store.fork())
    }

    // MARK: Images

    /// Puts an image in the place of a workspace's state, its clock too.
    private func put(_ image: WorkspaceImage, into compartment: Compartment, resumeIDs: Bool, separate: Bool) throws {
        try changes.withLock { _ in
            try putAlone(image, into: compartment, resumeIDs: resumeIDs, separate: separate)
        }
    }

    private func putAlone(_ image: WorkspaceImage, into compartment: Compartment, resumeIDs: Bool, separate: Bool) throws {
        guard let room = room(compartment.id) else { throw Self.noWorkspace(compartment.id) }
        if let clock = compartment.clock as? VirtualClock {
            clock.cancelSleepers()
            clock.set(micros: image.micros)
        }
        room.tenant.jobs.stopProcesses()
        let environment = Environment(seed: room.tenant.workspace.environment.seed, clock: compartment.clock)
        var opened: (tenant: Tenant, objects: any ObjectStore)?
        if let directory, compartment.id == compartments.main.id {
            opened = try directory.replace { folder in
                try image.objects.put(below: DataDirectory.objects(in: folder))
                let objects = try Self.storedObjects(in: folder, compartment.clock)
                let path = DataDirectory.database(in: folder)
                return (try self.tenant(image, objects, environment, compartment, path: path, resumeIDs: resumeIDs), objects)
            }
        }
        let (tenant, objects) = try opened ?? open(image, environment, compartment, resumeIDs: resumeIDs)
        let warehouseID = opened == nil ? room.warehouseID : try Self.starterWarehouse(tenant.workspace)
        if separate { environment.ids.separateSecrets(of: compartment.id) }
        let isThere = world.withLock { world in
            guard world.rooms[compartment.id] != nil else { return false }
            world.rooms[compartment.id]?.tenant = tenant
            world.rooms[compartment.id]?.objects = objects
            world.rooms[compartment.id]?.warehouseID = warehouseID
            return true
        }
        guard isThere else { throw Self.noWorkspace(compartment.id) }
        try authenticator.admit(tenant.workspace, adminToken: room.token)
    }

    private func open(
        _ image: WorkspaceImage, _ environment: Environment, _ compartment: Compartment, resumeIDs: Bool
    ) throws -> (Tenant, any ObjectStore) {
        let clock = environment.clock
        let objects = try image.objects.memory(now: { clock.nowMillis })
        return (try self.tenant(image, objects, environment, compartment, path: nil, resumeIDs: resumeIDs), objects)
    }

    /// `path`: the file of the new database; nil for one in memory.
    private func tenant(
        _ image: WorkspaceImage, _ objects: any ObjectStore, _ environment: Environment, _ compartment: Compartment, path: String?, resumeIDs: Bool
    ) throws -> Tenant {
        let workspace = try Workspace(
            id: compartment.id, name: compartment.name, snapshot: image.state, path: path, environment: environment, resumeIDs: resumeIDs)
        let sql = SQLService(
            workspace: workspace, objects: objects, pool: pool, storageKey: Self.storageKey(options, compartment), neighbours: neighbours)
        let tenant = Self.tenant(workspace, sql, compartment, options)
        try tenant.jobs.resume()
        return tenant
    }

    /// What a workspace of this seed has at its start: made once, then copied.
    private func startImage(_ seed: UInt64) throws -> WorkspaceImage {
        let known = world.withLock { world -> WorkspaceImage? in
            guard let place = world.startImages.firstIndex(where: { $0.seed == seed }) else { return nil }
            world.startImages.append(world.startImages.remove(at: place))
            return world.startImages.last?.image
        }
        if let known { return known }
        let clock: any WorkspaceClock = compartments.main.clock is VirtualClock ? VirtualClock() : RealClock()
        let workspace = try Workspace(id: compartments.main.id, name: "dbxsim", environment: Environment(seed: seed, clock: clock), admin: Self.admin)
        let objects = MemoryStore(now: { clock.nowMillis })
        try SQLService(workspace: workspace, objects: objects, pool: pool).installSamples()
        let image = WorkspaceImage(state: try workspace.snapshot(), objects: .memory(objects), seed: seed, micros: clock.nowMicros)
        world.withLock { world in
            world.startImages.removeAll { $0.seed == seed }
            world.startImages.append((seed, image))
            if world.startImages.count > Self.maxStartImages { world.startImages.removeFirst() }
        }
        return image
    }

    /// A failure that is not the caller's doing goes to the log.
    private func doing<T>(_ what: String, _ body: () throws -> T) throws(WorkspaceError) -> T {
        do {
            return try body()
        } catch let error as WorkspaceError {
            throw error
        } catch {
            onFault(what, error)
            throw WorkspaceError(.internalError, "It was not possible to \(what); the log has the reason.")
        }
    }
}

import GRDB
import JSON

/// The SQL warehouses of a workspace. Their states follow the workspace's clock.
package struct Warehouses: Sendable {
    let workspace: Workspace

    /// How long a warehouse takes to start and to stop, in milliseconds.
    package struct Timing: Sendable, Hashable {
        package var start: Int64
        package var stop: Int64

        package init(start: Int64, stop: Int64) {
            self.start = max(0, start)
            self.stop = max(0, stop)
        }

        /// At once: tests are to be fast, and a virtual clock does not move by itself.
        package static let immediate = Timing(start: 0, stop: 0)
    }

    /// What the workspace's warehouses take; `Timing.immediate` unless set.
    package func timing() throws -> Timing { try workspace.store.read { try Self.timing($0) } }

    package func set(_ timing: Timing) throws {
        try workspace.store.write { database in
            try database.execute(
                sql: "INSERT INTO setting VALUES ('warehouse.timing', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                arguments: ["\(timing.start) \(timing.stop)"])
        }
    }

    private static func timing(_ database: Database) throws -> Timing {
        let text = try String.fetchOne(database.cachedStatement(sql: "SELECT value FROM setting WHERE name = 'warehouse.timing'"))
        let numbers = text?.split(separator: " ").compactMap { Int64($0) } ?? []
        return numbers.count == 2 ? Timing(start: numbers[0], stop: numbers[1]) : .immediate
    }

    /// In the order of their making; `after` is the position of the last one that the caller has.
    package func list(after position: Int64 = 0, limit: Int = .max) throws -> [SQLWarehouse] {
        try workspace.store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT \(Self.columns) FROM warehouse WHERE position > ? ORDER BY position LIMIT ?",
                arguments: [position, limit]
            ).map(Self.row)
        }
    }

    package func get(_ id: String) throws -> SQLWarehouse { try workspace.store.read { try Self.get(id, $0) } }

    /// Makes a warehouse and starts it, as the service does. Name and cluster size must be given.
    package func create(_ change: WarehouseChange, by creator: Principal) throws -> SQLWarehouse {
        guard let name = change.name else { throw WorkspaceError.missing("name") }
        guard let clusterSize = change.clusterSize else { throw WorkspaceError.missing("cluster_size") }
        var settings = WarehouseSettings(name: name, clusterSize: clusterSize)
        change.apply(to: &settings)
        try settings.check()
        let now = workspace.environment.nowMillis
        return try taken(settings.name) {
            try workspace.store.write { [settings] database in
                // A workspace that came from a snapshot may be given an id for the second time.
                var id = workspace.environment.ids.hex16()
                while try Bool.fetchOne(database, sql: "SELECT 1 FROM warehouse WHERE id = ?", arguments: [id]) != nil {
                    id = workspace.environment.ids.hex16()
                }
                var lifecycle = Lifecycle(WarehouseState.stopped, at: now)
                Self.start(&lifecycle, settings, at: now, try Self.timing(database))
                let made = try Self.insert(settings, id: id, creator: creator.userName, lifecycle, database)
                try Permissions.put(Permission(creator, "IS_OWNER"), "warehouses", id, database)
                return made
            }
        }
    }

    /// Changes settings. The warehouse is started, which is what the clients that wait for the change expect.
    package func edit(_ id: String, _ change: WarehouseChange) throws {
        let now = workspace.environment.nowMillis
        try taken(change.name ?? "") {
            try workspace.store.write { database in
                var warehouse = try Self.get(id, database)
                change.apply(to: &warehouse.settings)
                try warehouse.settings.check()
                Self.start(&warehouse.lifecycle, warehouse.settings, at: now, try Self.timing(database))
                try Self.update(warehouse, database)
            }
        }
    }

    /// Starts a warehouse; one that runs or starts goes on.
    package func start(_ id: String) throws { _ = try change(id) { $0.start(&$1.lifecycle, $1.settings, at: $2, $3) } }

    /// Stops a warehouse; one that is stopped or stopping goes on.
    package func stop(_ id: String) throws {
        _ = try change(id) { _, warehouse, now, timing in
            let state = warehouse.state(at: now)
            guard state != .stopped, state != .stopping else { return }
            warehouse.lifecycle.enter(.stopping, at: now, then: [(.stopped, timing.stop)])
        }
    }

    /// Deletes a warehouse: it is not found from then on.
    package func delete(_ id: String) throws {
        try workspace.store.write { database in
            _ = try Self.get(id, database)
            try database.execute(sql: "DELETE FROM warehouse WHERE id = ?", arguments: [id])
            try database.execute(sql: "DELETE FROM permission WHERE type = 'warehouses' AND id = ?", arguments: [id])
        }
    }

    /// Readies a warehouse for a statement: starts it if it is stopped, and keeps it from stopping by itself for its idle time from now on. To be
    /// called when a statement begins and again when a long one ends. The answer is when statements can run, in microseconds since 1970-01-01 UTC;
    /// a time that is over means now.
    @discardableResult
    package func use(_ id: String, by principal: Principal) throws -> Int64 { try readied(id, by: principal).micros }

    /// As `use`, with what the warehouse is set to.
    package func readied(_ id: String, by principal: Principal) throws -> (micros: Int64, settings: WarehouseSettings) {
        let now = workspace.environment.nowMillis
        var warehouse = try usable(id, by: principal)
        if !Self.isFreshlyUsed(warehouse, at: now) { warehouse = try change(id) { $0.start(&$1.lifecycle, $1.settings, at: $2, $3) } }
        guard let ready = warehouse.readyAt(now) else { return (workspace.environment.nowMicros, warehouse.settings) }
        let (micros, overflow) = ready.multipliedReportingOverflow(by: 1_000)
        return (overflow ? .max : micros, warehouse.settings)
    }

    /// What a warehouse is set to that the principal may use; nothing starts. Throws as `use`.
    package func settings(of id: String, usedBy principal: Principal) throws -> WarehouseSettings { try usable(id, by: principal).settings }

    private func usable(_ id: String, by principal: Principal) throws -> SQLWarehouse {
        guard SQLWarehouse.isValidID(id) else { throw Self.invalidID(id) }
        let warehouse = try workspace.store.read { database in
            try Row.fetchOne(database.cachedStatement(sql: "SELECT \(Self.columns) FROM warehouse WHERE id = ?"), arguments: [id]).map(
                Self.row)
        }
        guard let warehouse, try workspace.permissions.allows(principal, "CAN_USE", on: "warehouses", id) else {
            throw WorkspaceError(
                .permissionDenied,
                "\(principal.userName) is not authorized to use or monitor this SQL Endpoint, or it does not exist: \(id)")
        }
        return warehouse
    }

    /// It runs, and its idle time has hardly begun: a moment more or less is not worth a write for each statement.
    private static func isFreshlyUsed(_ warehouse: SQLWarehouse, at now: Int64) -> Bool {
        guard warehouse.state(at: now) == .running else { return false }
        guard let stop = warehouse.lifecycle.next(after: now) else { return warehouse.settings.autoStopMinutes == 0 }
        return stop.at - now >= idleTime(warehouse.settings) - 1_000
    }

    private func change(_ id: String, _ body: (Warehouses.Type, inout SQLWarehouse, Int64, Timing) throws -> Void) throws -> SQLWarehouse {
        let now = workspace.environment.nowMillis
        return try workspace.store.write { database in
            var warehouse = try Self.get(id, database)
            let before = warehouse
            try body(Warehouses.self, &warehouse, now, try Self.timing(database))
            if warehouse != before { try Self.update(warehouse, database) }
            return warehouse
        }
    }

    private static func idleTime(_ settings: WarehouseSettings) -> Int64 {
        let (milliseconds, overflow) = Int64(settings.autoStopMinutes).multipliedReportingOverflow(by: 60_000)
        return overflow ? Int64.max / 2 : milliseconds
    }

    /// Running now or soon, and stopped again after the idle time.
    private static func start(_ lifecycle: inout Lifecycle<WarehouseState>, _ settings: WarehouseSettings, at now: Int64, _ timing: Timing) {
        let idle: [(state: WarehouseState, after: Int64)] =
            settings.autoStopMinutes > 0 ? [(.stopping, idleTime(settings)), (.stopped, timing.stop)] : []
        switch lifecycle.state(at: now) {
        case .running:
            lifecycle.enter(.running, at: now, then: idle)
        case .starting:
            let left = max(0, (lifecycle.reaches(.running) ?? now) - now)
            lifecycle.enter(.starting, at: now, then: [(.running, left)] + idle)
        default:
            lifecycle.enter(.starting, at: now, then: [(.running, timing.start)] + idle)
        }
    }

    private static func get(_ id: String, _ database: Database) throws -> SQLWarehouse {
        guard SQLWarehouse.isValidID(id) else { throw invalidID(id) }
        let row = try Row.fetchOne(database.cachedStatement(sql: "SELECT \(columns) FROM warehouse WHERE id = ?"), arguments: [id]).map(row)
        guard let row else { throw WorkspaceError(.resourceDoesNotExist, "The warehouse \(id) was not found.") }
        return row
    }

    private static func invalidID(_ id: String) -> WorkspaceError { .invalid("\(id.prefix(64)) is not a valid endpoint id.") }

    /// Throws unless the caller may do what needs a level; of a warehouse that he may not even see nothing is said.
    package func require(_ level: String, _ id: String, of principal: Principal) throws {
        if principal.isAdmin { return }
        _ = try get(id)
        guard try workspace.permissions.allows(principal, level, on: "warehouses", id) else {
            throw WorkspaceError(
                .permissionDenied,
                "\(principal.userName) is not authorized to \(level == "CAN_MANAGE" ? "manage" : "use or monitor") this SQL Endpoint: \(id)")
        }
    }

    private func taken<T>(_ name: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw WorkspaceError.invalid("SQL warehouse with name `\(name)` already exists")
        }
    }
}

extension Workspace {
    package var warehouses: Warehouses { Warehouses(workspace: self) }
}

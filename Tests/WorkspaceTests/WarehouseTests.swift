import JSON
import Testing
import Workspace

@Suite struct WarehouseTests {
    private func state(_ realm: Realm, _ id: String) throws -> String {
        try realm.workspace.warehouses.get(id).state(at: realm.workspace.environment.nowMillis).rawValue
    }

    private func starter(_ realm: Realm) throws -> String { try #require(try realm.workspace.warehouses.list().first).id }

    private func change(_ set: (inout WarehouseChange) -> Void = { _ in }) -> WarehouseChange {
        var change = WarehouseChange()
        change.name = "w"
        change.clusterSize = "Small"
        set(&change)
        return change
    }

    @Test func theStarterWarehouse() throws {
        let realm = try Realm()
        let all = try realm.workspace.warehouses.list()
        #expect(all.map(\.settings.name) == ["Starter Warehouse"])
        #expect(SQLWarehouse.isValidID(all[0].id))
        #expect(all[0].settings.serverless)
        #expect(all[0].settings.type == "PRO")
        #expect(all[0].creatorName == "admin@example.com")
        #expect(try state(realm, all[0].id) == "STOPPED")
    }

    @Test func useStartsItAndIdlenessStopsIt() throws {
        let realm = try Realm()
        let id = try starter(realm)
        #expect(try realm.workspace.warehouses.use(id, by: Realm.admin) == realm.workspace.environment.nowMicros)
        #expect(try state(realm, id) == "RUNNING")
        realm.advance(seconds: 599)
        #expect(try state(realm, id) == "RUNNING")
        try realm.workspace.warehouses.use(id, by: Realm.admin)
        realm.advance(seconds: 599)
        #expect(try state(realm, id) == "RUNNING")
        realm.advance(seconds: 1)
        #expect(try state(realm, id) == "STOPPED")
        try realm.workspace.warehouses.use(id, by: Realm.admin)
        #expect(try state(realm, id) == "RUNNING")
    }

    @Test func startingAndStoppingTakeTheirTime() throws {
        let realm = try Realm()
        let warehouses = realm.workspace.warehouses
        let id = try starter(realm)
        try warehouses.set(.init(start: 5_000, stop: 2_000))
        try warehouses.start(id)
        #expect(try state(realm, id) == "STARTING")
        let now = realm.workspace.environment.nowMillis
        #expect(try warehouses.use(id, by: Realm.admin) == (now + 5_000) * 1_000)
        realm.advance(seconds: 3)
        // A second start does not begin again.
        try warehouses.start(id)
        #expect(try warehouses.get(id).readyAt(now + 3_000) == now + 5_000)
        realm.advance(seconds: 2)
        #expect(try state(realm, id) == "RUNNING")
        try warehouses.stop(id)
        #expect(try state(realm, id) == "STOPPING")
        try warehouses.stop(id)
        realm.advance(seconds: 2)
        #expect(try state(realm, id) == "STOPPED")
        #expect(try warehouses.timing() == .init(start: 5_000, stop: 2_000))
    }

    @Test func withoutAutoStopItRunsForEver() throws {
        let realm = try Realm()
        let made = try realm.workspace.warehouses.create(change { $0.autoStopMinutes = 0 }, by: Realm.admin)
        realm.advance(seconds: 1_000_000)
        #expect(try state(realm, made.id) == "RUNNING")
        try realm.workspace.warehouses.use(made.id, by: Realm.admin)
        #expect(try realm.workspace.warehouses.get(made.id).lifecycle == made.lifecycle)
    }

    @Test func aMomentIsNotWrittenDown() throws {
        let realm = try Realm()
        let id = try starter(realm)
        func use() throws -> Lifecycle<WarehouseState> {
            try realm.workspace.warehouses.use(id, by: Realm.admin)
            return try realm.workspace.warehouses.get(id).lifecycle
        }
        let first = try use()
        realm.advance(seconds: 1)
        #expect(try use() == first)
        realm.advance(seconds: 1)
        #expect(try use() != first)
    }

    @Test func defaults() throws {
        let realm = try Realm()
        let settings = try realm.workspace.warehouses.create(change { $0.minClusters = 3 }, by: Realm.admin).settings
        #expect(settings.maxClusters == 3)
        #expect(settings.autoStopMinutes == 120)
        #expect(settings.photon && settings.serverless)
        #expect([settings.type, settings.channel, settings.spotPolicy] == ["PRO", "CHANNEL_NAME_CURRENT", "COST_OPTIMIZED"])
        #expect(
            try realm.workspace.warehouses.create(
                change {
                    $0.name = "c"; $0.type = "CLASSIC"
                }, by: Realm.admin
            ).settings.serverless == false)
    }

    @Test func anEditChangesWhatItNames() throws {
        let realm = try Realm()
        let id = try starter(realm)
        var edit = WarehouseChange()
        edit.autoStopMinutes = 30
        edit.tags = JSONObject([("custom_tags", [["key": "team", "value": "data"]])])
        try realm.workspace.warehouses.edit(id, edit)
        let edited = try realm.workspace.warehouses.get(id).settings
        #expect(edited.name == "Starter Warehouse")
        #expect(edited.clusterSize == "2X-Small")
        #expect(edited.autoStopMinutes == 30)
        #expect(edited.tags == edit.tags)
        // The clients wait for RUNNING after an edit, and take STOPPED for a failure.
        #expect(try state(realm, id) == "RUNNING")
        realm.advance(seconds: 1_799)
        #expect(try state(realm, id) == "RUNNING")
    }

    @Test func refusals() throws {
        let realm = try Realm()
        func create(_ set: @escaping (inout WarehouseChange) -> Void) -> String {
            refusal { _ = try realm.workspace.warehouses.create(change(set), by: Realm.admin) }
        }
        let invalid = "400 INVALID_PARAMETER_VALUE: "
        #expect(create { $0.name = "Starter Warehouse" } == invalid + "SQL warehouse with name `Starter Warehouse` already exists")
        #expect(
            create {
                $0.autoStopMinutes = 1; $0.serverless = false
            }
                == invalid + "1 is not a valid value for auto_stop_mins. The value must be greater than or equal to 10.")
        #expect(
            create {
                $0.type = "CLASSIC"; $0.serverless = true
            } == invalid + "Invalid warehouseType: Serverless is only available for PRO warehouses.")
        #expect(
            create { $0.clusterSize = "Huge" }.hasPrefix(
                invalid + "Huge is not a valid value for cluster_size. The value must be one of 2X-Small,"))
        let wrong: [(String, (inout WarehouseChange) -> Void)] = [
            ("auto_stop_mins", { $0.autoStopMinutes = -1 }), ("min_num_clusters", { $0.minClusters = 0 }),
            (
                "min_num_clusters",
                {
                    $0.minClusters = 31; $0.maxClusters = 40
                }
            ),
            ("max_num_clusters", { $0.maxClusters = 41 }),
            (
                "max_num_clusters",
                {
                    $0.minClusters = 3; $0.maxClusters = 2
                }
            ),
            ("spot_instance_policy", { $0.spotPolicy = "x" }), ("warehouse_type", { $0.type = "x" }),
            ("channel.name", { $0.channel = "x" }),
            ("channel.dbsql_version", { $0.channel = "CHANNEL_NAME_CUSTOM" }), ("statement_timeout", { $0.statementTimeout = -1 }),
            ("name", { $0.name = String(repeating: "x", count: 100) }), ("name", { $0.name = "" }), ("name", { $0.name = nil }),
            ("cluster_size", { $0.clusterSize = nil }),
            ("max_dbu", { $0.maxDBU = -1 }),
            ("tags", { $0.tags = JSONObject([("custom_tags", .array(Array(repeating: [:], count: 45)))]) }),
        ]
        for (field, set) in wrong {
            let text = create(set)
            #expect(text.hasPrefix(invalid) && text.contains(field), "\(text)")
        }
        #expect(try realm.workspace.warehouses.list().count == 1)
    }

    @Test func unknownOnes() throws {
        let realm = try Realm()
        let warehouses = realm.workspace.warehouses
        let id = try starter(realm)
        for body in [
            { _ = try warehouses.get("nosuch") }, { try warehouses.use("nosuch", by: Realm.admin) }, { try warehouses.stop("nosuch") },
        ] as [() throws -> Void] {
            #expect(refusal(body) == "400 INVALID_PARAMETER_VALUE: nosuch is not a valid endpoint id.")
        }
        try warehouses.delete(id)
        for body in [
            { _ = try warehouses.get(id) }, { try warehouses.start(id) }, { try warehouses.delete(id) },
            { try warehouses.edit(id, WarehouseChange()) },
        ] as [() throws -> Void] {
            #expect(refusal(body) == "404 RESOURCE_DOES_NOT_EXIST: The warehouse \(id) was not found.")
        }
        #expect(
            refusal { try warehouses.use(id, by: Realm.admin) }
                == "403 PERMISSION_DENIED: admin@example.com is not authorized to use or monitor this SQL Endpoint, or it does not exist: \(id)"
        )
    }

    @Test func listInPages() throws {
        let realm = try Realm()
        for name in ["a", "c", "b"] { _ = try realm.workspace.warehouses.create(change { $0.name = name }, by: Realm.admin) }
        let first = try realm.workspace.warehouses.list(limit: 3)
        #expect(first.map(\.settings.name) == ["Starter Warehouse", "a", "c"])
        #expect(try realm.workspace.warehouses.list(after: first[2].position, limit: 3).map(\.settings.name) == ["b"])
    }
}

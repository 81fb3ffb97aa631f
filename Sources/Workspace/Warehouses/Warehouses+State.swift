import GRDB
import JSON

extension Workspace {
    static let warehousesMigration = Migration(
        "warehouses",
        """
        CREATE TABLE warehouse (
            position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, creator_name TEXT NOT NULL,
            cluster_size TEXT NOT NULL, min_clusters INTEGER NOT NULL, max_clusters INTEGER NOT NULL, auto_stop_mins INTEGER NOT NULL, tags TEXT NOT NULL,
            spot_policy TEXT NOT NULL, photon INTEGER NOT NULL, channel TEXT NOT NULL, channel_version TEXT, serverless INTEGER NOT NULL,
            type TEXT NOT NULL, instance_profile TEXT, statement_timeout INTEGER, max_dbu INTEGER, lifecycle TEXT NOT NULL
        );
        """)

    /// The warehouse that every workspace has: serverless, stopped, and started by its first statement.
    func writeStarterWarehouse(creator: Principal, _ database: Database) throws {
        var settings = WarehouseSettings(name: "Starter Warehouse", clusterSize: "2X-Small")
        settings.autoStopMinutes = 10
        let made = try Warehouses.insert(
            settings, id: environment.ids.hex16(), creator: creator.userName, Lifecycle(.stopped, at: environment.nowMillis), database)
        // Everybody may use it, as in a new workspace of the service.
        try Permissions.put(Permission(creator, "IS_OWNER"), "warehouses", made.id, database)
        try Permissions.put(Permission(kind: .group, principal: Group.users, level: "CAN_USE"), "warehouses", made.id, database)
    }
}

extension Warehouses {
    static let columns = """
        position, id, name, creator_name, cluster_size, min_clusters, max_clusters, auto_stop_mins, tags, spot_policy, photon, channel, channel_version, \
        serverless, type, instance_profile, statement_timeout, max_dbu, lifecycle
        """

    static func row(_ row: Row) -> SQLWarehouse {
        var settings = WarehouseSettings(name: row[2], clusterSize: row[4])
        settings.minClusters = row[5]
        settings.maxClusters = row[6]
        settings.autoStopMinutes = row[7]
        settings.tags = JSONObject(column: row[8])
        settings.spotPolicy = row[9]
        settings.photon = row[10]
        settings.channel = row[11]
        settings.channelVersion = row[12]
        settings.serverless = row[13]
        settings.type = row[14]
        settings.instanceProfile = row[15]
        settings.statementTimeout = row[16]
        settings.maxDBU = row[17]
        let lifecycle = Lifecycle<WarehouseState>(text: row[18]) ?? Lifecycle(.stopped, at: 0)
        return SQLWarehouse(id: row[1], position: row[0], settings: settings, creatorName: row[3], lifecycle: lifecycle)
    }

    /// The values of the columns between `creator_name` and `lifecycle`, with the name in front.
    private static func values(_ settings: WarehouseSettings) -> [(any DatabaseValueConvertible)?] {
        [
            settings.name, settings.clusterSize, settings.minClusters, settings.maxClusters, settings.autoStopMinutes,
            settings.tags.columnText,
            settings.spotPolicy, settings.photon, settings.channel, settings.channelVersion, settings.serverless, settings.type,
            settings.instanceProfile,
            settings.statementTimeout, settings.maxDBU,
        ]
    }

    private static let settingColumns = [
        "name", "cluster_size", "min_clusters", "max_clusters", "auto_stop_mins", "tags", "spot_policy", "photon", "channel",
        "channel_version", "serverless",
        "type", "instance_profile", "statement_timeout", "max_dbu",
    ]

    static func insert(
        _ settings: WarehouseSettings, id: String, creator: String, _ lifecycle: Lifecycle<WarehouseState>, _ database: Database
    ) throws -> SQLWarehouse {
        let names = settingColumns + ["id", "creator_name", "lifecycle"]
        let sql = "INSERT INTO warehouse (\(names.joined(separator: ", "))) VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))"
        try database.execute(sql: sql, arguments: StatementArguments(values(settings) + [id, creator, lifecycle.text]))
        return SQLWarehouse(id: id, position: database.lastInsertedRowID, settings: settings, creatorName: creator, lifecycle: lifecycle)
    }

    static func update(_ warehouse: SQLWarehouse, _ database: Database) throws {
        let sql = "UPDATE warehouse SET \(settingColumns.map { $0 + " = ?" }.joined(separator: ", ")), lifecycle = ? WHERE id = ?"
        try database.execute(
            sql: sql, arguments: StatementArguments(values(warehouse.settings) + [warehouse.lifecycle.text, warehouse.id]))
    }
}

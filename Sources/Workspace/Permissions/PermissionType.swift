/// A kind of object that has an access list, with the levels that the permissions API knows for it.
/// Source: the levels of the published SDK, and the service's documentation of access lists.
package struct PermissionType: Sendable {
    /// As it is in the route: `warehouses`.
    package let name: String
    /// As answers name it: `warehouse`.
    package let shown: String
    /// In front of an id in `object_id`.
    package let prefix: String
    /// Weakest first; IS_OWNER is as good as CAN_MANAGE.
    package let levels: [String]
    /// What everybody in the workspace has, and nobody can be given.
    package let inherited: String?

    package init(_ name: String, _ shown: String, prefix: String? = nil, inherited: String? = nil, _ levels: [String]) {
        self.inherited = inherited
        self.name = name
        self.shown = shown
        self.prefix = prefix ?? "/\(name)/"
        self.levels = levels
    }

    package var hasOwner: Bool { levels.contains("IS_OWNER") }

    private func rank(_ level: String) -> Int? { levels.firstIndex(of: level == "IS_OWNER" && levels.contains("CAN_MANAGE") ? "CAN_MANAGE" : level) }

    /// Whether who has `level` may do what needs `wanted`.
    package func allows(_ level: String, _ wanted: String) -> Bool {
        guard let have = rank(level), let need = rank(wanted) else { return false }
        return have >= need
    }

    package static func named(_ name: String) -> PermissionType? { all.first { $0.name == name } }

    private static let document = ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"]
    private static let query = ["CAN_VIEW", "CAN_READ", "CAN_RUN", "CAN_EDIT", "IS_OWNER", "CAN_MANAGE"]

    package static let all: [PermissionType] = [
        PermissionType("alerts", "alert", query),
        PermissionType("alertsv2", "alertv2", ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"]),
        PermissionType("apps", "apps", ["CAN_USE", "CAN_MANAGE"]),
        PermissionType("authorization", "authorization", ["CAN_USE"]),
        PermissionType("cluster-policies", "cluster-policy", ["CAN_USE"]),
        PermissionType("clusters", "cluster", ["CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE"]),
        PermissionType("dashboards", "dashboard", ["CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"]),
        PermissionType("database-instances", "database-instance", ["CAN_CREATE", "CAN_USE", "CAN_MANAGE"]),
        PermissionType("database-projects", "database-project", inherited: "CAN_CREATE", ["CAN_CREATE", "CAN_USE", "CAN_MANAGE"]),
        PermissionType("dbsql-dashboards", "dbsql-dashboard", prefix: "/dbsql-dashboards/", query),
        PermissionType("directories", "directory", document),
        PermissionType("experiments", "mlflowExperiment", ["CAN_READ", "CAN_EDIT", "CAN_MANAGE"]),
        PermissionType("files", "file", document),
        PermissionType("genie", "genie", ["CAN_VIEW", "CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"]),
        PermissionType("instance-pools", "instance-pool", ["CAN_ATTACH_TO", "CAN_MANAGE"]),
        PermissionType("jobs", "job", ["CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"]),
        PermissionType("notebooks", "notebook", document),
        PermissionType("pipelines", "pipelines", ["CAN_VIEW", "CAN_RUN", "IS_OWNER", "CAN_MANAGE"]),
        PermissionType("queries", "query", query),
        PermissionType(
            "registered-models", "registered-model",
            ["CAN_READ", "CAN_EDIT", "CAN_MANAGE_STAGING_VERSIONS", "CAN_MANAGE_PRODUCTION_VERSIONS", "CAN_MANAGE"]),
        PermissionType("repos", "repo", document),
        PermissionType("serving-endpoints", "serving-endpoint", ["CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"]),
        PermissionType("vector-search-endpoints", "vector-search-endpoint", ["CAN_CREATE", "CAN_USE", "CAN_MANAGE"]),
        PermissionType("warehouses", "warehouses", prefix: "/sql/warehouses/", ["CAN_VIEW", "CAN_USE", "CAN_MONITOR", "IS_OWNER", "CAN_MANAGE"]),
    ]
}

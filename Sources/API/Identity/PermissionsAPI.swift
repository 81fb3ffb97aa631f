import HTTPTypes
import JSON
import Workspace

/// Access lists: `/api/2.0/permissions/{type}/{id}`, under the names that each service has for them.
package enum PermissionsAPI: APIGroup {
    private static let root = "/api/2.0/permissions/"

    /// The operations of each route that a service names by itself, and of all others.
    package static let operations: [Operation] = routes.flatMap { service, path in
        let full = root + path
        let noun = service == "permissions" ? "" : "_permissions"
        return [
            Operation("\(service).get\(noun)", .get, full) { call -> JSONValue in try get(call) },
            Operation("\(service).set\(noun)", .put, full) { call -> JSONValue in try change(call, replacing: true) },
            Operation("\(service).update\(noun)", .patch, full) { call -> JSONValue in try change(call, replacing: false) },
            Operation("\(service).get_permission_levels", .get, full + "/permissionLevels") { call -> JSONValue in try levels(call) },
        ]
    }

    private static let routes: [(service: String, path: String)] = [
        ("permissions", "{request_object_type}/{request_object_id}"), ("clusters", "clusters/{cluster_id}"),
        ("compute.cluster_policies", "cluster-policies/{cluster_policy_id}"),
        ("compute.instance_pools", "instance-pools/{instance_pool_id}"), ("ml.experiments", "experiments/{experiment_id}"),
        ("iam.users", "authorization/passwords"), ("jobs", "jobs/{job_id}"),
        ("ml.model_registry", "registered-models/{registered_model_id}"),
        ("pipelines", "pipelines/{pipeline_id}"),
        ("repos", "repos/{repo_id}"), ("serving.endpoints", "serving-endpoints/{serving_endpoint_id}"),
        ("sql.warehouses", "warehouses/{warehouse_id}"), ("token_management", "authorization/tokens"),
    ]

    /// The object that a path speaks of, by its type's rules and its id; throws if there is no such object.
    private static func object(_ call: Call) throws -> (type: PermissionType, id: String) {
        let parts = call.path.dropFirst(root.count).split(separator: "/").prefix(2).map { PercentCoding.decode(String($0).utf8, plusIsSpace: false) }
        guard parts.count == 2 else { throw WorkspaceError.missing("request_object_id") }
        guard let type = PermissionType.named(parts[0] == "sql" ? "warehouses" : parts[0]) else {
            throw WorkspaceError.invalid("Unsupported object type: \(parts[0].prefix(64))")
        }
        guard let id = try PermissionObjects.id(type.name, parts[1], call) else {
            throw WorkspaceError(.resourceDoesNotExist, "\(type.shown) \(parts[1].prefix(256)) does not exist.")
        }
        return (type, id)
    }

    /// Another list of the type whose levels count here, too.
    private static func inheritedFrom(_ type: PermissionType, _ id: String) -> String? {
        type.name == ModelRegistry.permissions && id != ModelRegistry.root ? ModelRegistry.root : nil
    }

    /// Whether the caller has this level; nil: any one.
    private static func allows(_ level: String?, _ type: PermissionType, _ id: String, _ call: Call) throws -> Bool {
        if call.principal.isAdmin { return true }
        return try [id, inheritedFrom(type, id)].contains { id in
            guard let id, let have = try call.workspace.permissions.level(of: call.principal, on: type.name, id) else { return false }
            return level.map { type.allows(have, $0) } ?? true
        }
    }

    private static func get(_ call: Call) throws -> JSONValue {
        let (type, id) = try object(call)
        guard try allows(nil, type, id, call) else {
            throw WorkspaceError(
                .permissionDenied,
                "\(call.principal.userName) does not have View permissions on \(id). Please contact the owner or an administrator for access.")
        }
        return try json(type, id, call)
    }

    private static func levels(_ call: Call) throws -> JSONValue {
        let (type, _) = try object(call)
        return [
            "permission_levels": .array(
                type.levels.map { level in
                    ["permission_level": .string(level), "description": .string(description(level, of: type))]
                })
        ]
    }

    private static func description(_ level: String, of type: PermissionType) -> String {
        let words = level.lowercased().split(separator: "_").joined(separator: " ")
        return level == "IS_OWNER" ? "Is the owner of the \(type.shown)" : "\(words.prefix(1).uppercased())\(words.dropFirst()): \(type.shown)"
    }

    private static func change(_ call: Call, replacing: Bool) throws -> JSONValue {
        let (type, id) = try object(call)
        guard try allows("CAN_MANAGE", type, id, call) else {
            throw WorkspaceError(
                .permissionDenied,
                "\(call.principal.userName) does not have Manage permissions on \(id). Please contact the owner or an administrator for access.")
        }
        try call.workspace.permissions.change(type, id, try lines(try call.fields(), type), replacing: replacing)
        return try json(type, id, call)
    }

    /// The entries of a request's `access_control_list`.
    static func lines(_ fields: Fields, _ type: PermissionType) throws -> [Permission] {
        var lines: [Permission] = []
        for item in try fields.objects("access_control_list") {
            var named: [(Permission.Kind, String)] = []
            if let name = try item.string(optional: "user_name") { named.append((.user, name)) }
            if let name = try item.string(optional: "group_name") { named.append((.group, name)) }
            if let name = try item.string(optional: "service_principal_name") { named.append((.servicePrincipal, name)) }
            guard let principal = named.first, named.count == 1 else {
                throw WorkspaceError.invalid("Exactly one of user_name, group_name and service_principal_name must be given in each entry.")
            }
            let level = try item.choice("permission_level", of: type.levels.filter { $0 != type.inherited })
            lines.append(Permission(kind: principal.0, principal: principal.1, level: level))
        }
        return lines
    }

    private static func json(_ type: PermissionType, _ id: String, _ call: Call) throws -> JSONValue {
        var list: [JSONValue] = []
        func entry(_ kind: Permission.Kind, _ name: String, _ permissions: [JSONValue]) throws {
            var object = JSONObject()
            switch kind {
            case .user: object["user_name"] = .string(name)
            case .group: object["group_name"] = .string(name)
            case .servicePrincipal: object["service_principal_name"] = .string(name)
            }
            if kind != .group, let display = try call.workspace.displayName(of: name) { object["display_name"] = .string(display) }
            object["all_permissions"] = .array(permissions)
            list.append(.object(object))
        }
        var admins: [JSONValue] = []
        if type.levels.contains("CAN_MANAGE") {
            admins.append(
                ["permission_level": "CAN_MANAGE", "inherited": true, "inherited_from_object": [.string(type.prefix)]])
        }
        var users: [JSONValue] =
            type.inherited.map {
                [["permission_level": .string($0), "inherited": true, "inherited_from_object": [.string(type.prefix)]]]
            } ?? []
        let own = try call.workspace.permissions.list(type.name, id)
        let from = inheritedFrom(type, id)
        let above = try from.map { try call.workspace.permissions.list(type.name, $0) } ?? []
        let others = above.filter { line in !own.contains { $0.kind == line.kind && $0.principal == line.principal } }
        for line in own + others {
            var levels: [JSONValue] = []
            if own.contains(line) { levels.append(["permission_level": .string(line.level), "inherited": false]) }
            for line in above.filter({ $0.kind == line.kind && $0.principal == line.principal }) {
                levels.append([
                    "permission_level": .string(line.level), "inherited": true, "inherited_from_object": [.string(type.prefix + (from ?? ""))],
                ])
            }
            if line.kind == .group, line.principal == Group.admins {
                admins.insert(contentsOf: levels, at: 0)
            } else if line.kind == .group, line.principal == Group.users {
                users.insert(contentsOf: levels, at: 0)
            } else {
                try entry(line.kind, line.principal, levels)
            }
        }
        if !admins.isEmpty { try entry(.group, Group.admins, admins) }
        if !users.isEmpty { try entry(.group, Group.users, users) }
        let shown = type.name == "authorization" ? id : type.shown
        return ["object_id": .string(type.prefix + id), "object_type": .string(shown), "access_control_list": .array(list)]
    }
}

/// Which objects there are that an access list can belong to.
enum PermissionObjects {
    /// Kinds of documents by the type that the permissions API knows them by.
    private static let kinds: [String: String] = [
        "clusters": "cluster", "cluster-policies": "cluster-policy", "instance-pools": "instance-pool", "repos": "repo", "queries": "query",
        "alerts": "alert", "alertsv2": "alert-v2", "dashboards": "lakeview", "dbsql-dashboards": "dbsql-dashboard",
        "database-instances": "database-instance", "pipelines": "pipeline", "serving-endpoints": "serving-endpoint",
        "registered-models": ModelRegistry.modelKind,
    ]

    /// The id under which an object's list is kept; nil if there is no such object. Lakebase's projects are also known by their unique ids.
    static func id(_ type: String, _ id: String, _ call: Call) throws -> String? {
        guard type == PostgresTree.permissions else { return try exists(type, id, call) ? id : nil }
        return try PostgresTree(call).projects().first { $0.lastPart == id || $0.body["uid"] == .string(id) }?.lastPart
    }

    private static func exists(_ type: String, _ id: String, _ call: Call) throws -> Bool {
        switch type {
        // The list that all models inherit from.
        case ModelRegistry.permissions where id == ModelRegistry.root: return true
        case "authorization": return id == "tokens" || id == "passwords"
        case "warehouses":
            do {
                _ = try call.workspace.warehouses.get(id)
                return true
            } catch let error as WorkspaceError where error.code == .resourceDoesNotExist {
                return false
            }
        case "jobs": return try Int(id).flatMap { try call.workspace.jobStore.job($0) } != nil
        case "experiments": return try Int(id).flatMap { try call.workspace.experiments.get($0) } != nil
        case "notebooks", "directories", "files":
            guard let number = Int(id), let object = try call.workspace.objects.get(id: number) else { return false }
            return object.kind.permissionType == type
        default:
            guard let kind = kinds[type] else {
                throw WorkspaceError(.notImplemented, "Permissions on objects of the type \(type) are not simulated.")
            }
            return try call.workspace.resources.get(kind, id) != nil
        }
    }
}

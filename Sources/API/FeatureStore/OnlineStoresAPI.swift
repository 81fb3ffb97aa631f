import HTTPTypes
import JSON
import Workspace

enum OnlineStoreState: String, Sendable, Hashable {
    case starting = "STARTING"
    case available = "AVAILABLE"
    case updating = "UPDATING"
}

/// Online stores: `/api/2.0/feature-store/online-stores`, and what is published to them.
package enum OnlineStoresAPI: APIGroup {
    package static let operations =
        [
            create, resource.get("ml.feature_store.get_online_store", path + "/{name}"),
            resource.list("ml.feature_store.list_online_stores", path, items: "online_stores", paged: true),
            resource.update("ml.feature_store.update_online_store", .patch, path + "/{name}", .mask), delete,
        ] + PublishedTables.operations

    private static let path = "/api/2.0/feature-store/online-stores"
    private static let capacities = ["CU_1", "CU_2", "CU_4", "CU_8"]
    private static let lifeMember = "_life"
    private static let mostReplicas = 3

    static let resource = Resource("online-store", "Online store", schema: "ml.OnlineStore", id: "name", .given).with {
        $0.access = .ownerWrites
        $0.required = ["name", "capacity"]
        $0.defaults = [("read_replica_count", 0)]
        $0.stamps = [("creator", .owner), ("creation_time", .createdText)]
        $0.rule = check
        $0.show = { object, store, call in object["state"] = .string(state(store, call).rawValue) }
    }

    private static let create = resource.create(
        "ml.feature_store.create_online_store", path, limits: "a store keeps its rows in the simulator; no Postgres server stands behind it")

    private static let delete = Operation("ml.feature_store.delete_online_store", .delete, path + "/{name}") { call -> Void in
        let store = try existing(call.path("name"), .write, call)
        if let table = try PublishedTables.all(in: store.id, call).first {
            throw WorkspaceError.invalid("Online store '\(store.id)' has the online table '\(table.name)': delete its online tables first.")
        }
        _ = try call.workspace.resources.delete(resource.kind, store.id)
    }

    static func existing(_ name: String, _ action: Resource.Action, _ call: Call) throws -> StoredResource {
        guard let store = try call.workspace.resources.get(resource.kind, name) else { throw resource.notFound(name) }
        try resource.authorize(action, store, call)
        return store
    }

    static func state(_ store: StoredResource, _ call: Call) -> OnlineStoreState {
        life(store.body).state(at: call.workspace.environment.nowMillis)
    }

    private static func life(_ object: JSONObject) -> Lifecycle<OnlineStoreState> {
        object[lifeMember]?.stringValue.flatMap(Lifecycle.init(text:)) ?? Lifecycle(.available, at: 0)
    }

    private static let check: @Sendable (inout JSONObject, StoredResource?, Call) throws -> Void = { object, old, call in
        for name in ["creator", "creation_time", "state"] { object[name] = nil }
        let capacity = object["capacity"]?.stringValue ?? ""
        guard capacities.contains(capacity) else {
            throw WorkspaceError.invalid("Invalid capacity '\(capacity.prefix(64))': valid values are \(capacities.joined(separator: ", ")).")
        }
        if object["read_replica_count"] == nil { object["read_replica_count"] = 0 }
        guard let replicas = object["read_replica_count"]?.intValue, (0...mostReplicas).contains(replicas) else {
            throw WorkspaceError.invalid("read_replica_count must be between 0 and \(mostReplicas).")
        }
        let now = call.workspace.environment.nowMillis
        let start = try call.workspace.warehouses.timing().start
        guard let old else {
            try DatabaseInstances.checkName(object["name"]?.stringValue ?? "", "online store")
            var life = Lifecycle(OnlineStoreState.starting, at: now)
            life.enter(.starting, at: now, then: [(.available, start)])
            object[lifeMember] = .string(life.text)
            return
        }
        var life = life(old.body)
        if ["capacity", "read_replica_count"].contains(where: { object[$0] != old.body[$0] }), life.state(at: now) == .available {
            life.enter(.updating, at: now, then: [(.available, start)])
        }
        object[lifeMember] = .string(life.text)
    }
}

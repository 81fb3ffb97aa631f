import HTTPTypes
import JSON
import Workspace

/// Serving endpoints: `/api/2.0/serving-endpoints`. Endpoints of feature specifications answer look-ups (`InvocationsAPI`); those of models are kept
/// as objects.
package enum ServingEndpointsAPI: APIGroup {
    package static let operations = [create, get, list, delete, updateConfig, patchTags]

    static let path = "/api/2.0/serving-endpoints"
    static let permissionType = "serving-endpoints"

    static let resource = Resource("serving-endpoint", "Endpoint", schema: "serving.ServingEndpointDetailed", id: "id", .hex16).with {
        $0.access = .permissions(permissionType)
        $0.unique = "name"
        $0.stamps = [
            ("creator", .owner), ("creation_timestamp", .createdMillis), ("last_updated_timestamp", .updatedMillis),
            ("route_optimized", .constant(false)),
        ]
        $0.show = { object, endpoint, call in try show(&object, endpoint, call) }
    }

    private static let mostTags = 20
    private static let create = Operation(
        "serving.endpoints.create", .post, path,
        limits: "models and external models are kept, and not run; no inference tables, telemetry or capture tables"
    ) { call -> JSONValue in
        var body = try call.contractBody(.post, path)
        let config = body["config"]?.objectValue ?? JSONObject()
        body["config"] = .object(try ServingConfig.checked(config, version: 1, old: nil, call))
        return try insert(body, call)
    }

    /// A new endpoint, whose configuration has been checked.
    static func insert(_ given: JSONObject, _ call: Call) throws -> JSONValue {
        var body = given
        try refuseTelemetry(body)
        try check(name: body.required("name"))
        let config = body["config"]?.objectValue
        if let gateway = body["ai_gateway"]?.objectValue { body["ai_gateway"] = .object(try ServingGateway.checked(gateway, in: config, call)) }
        try ServingGateway.check(limits: body["rate_limits"]?.arrayValue ?? [], of: config, call)
        try ServingGateway.check(notifications: body["email_notifications"])
        body["tags"] = body["tags"].map { .array(merged([], $0.arrayValue ?? [], removing: [])) }
        try checkTags(body["tags"])
        body[sinceMember] = .int(call.workspace.environment.nowMillis &+ (try call.workspace.warehouses.timing().start))
        return try resource.shown(try call.workspace.resources.insert(resource, body, call), call)
    }

    static func refuseTelemetry(_ body: JSONObject) throws(WorkspaceError) {
        guard body["telemetry_config"]?.isNull ?? true else {
            throw WorkspaceError(.notImplemented, "serving.endpoints: telemetry_config is not simulated: no telemetry is written.")
        }
    }

    private static let get = Operation("serving.endpoints.get", .get, path + "/{name}") { call -> JSONValue in
        try resource.shown(try existing(call.path("name"), "CAN_VIEW", call), call)
    }

    private static let list = resource.list("serving.endpoints.list", path, items: "endpoints", schema: "serving.ServingEndpoint")

    private static let delete = Operation("serving.endpoints.delete", .delete, path + "/{name}") { call -> Void in
        let endpoint = try existing(call.path("name"), "CAN_MANAGE", call)
        _ = try call.workspace.resources.delete(resource.kind, endpoint.id)
        call.tenant.servingCounts.forget(endpoint.uniqueKey ?? "")
        try call.workspace.permissions.forget(permissionType, endpoint.id)
    }

    private static let updateConfig = Operation("serving.endpoints.update_config", .put, path + "/{name}/config") { call -> JSONValue in
        let body = try call.contractBody(.put, path + "/{name}/config")
        let endpoint = try existing(call.path("name"), "CAN_MANAGE", call)
        guard endpoint.body[provisionedMember] != true else {
            throw WorkspaceError(
                .notImplemented, "serving.endpoints.update_config: changing a provisioned throughput endpoint by this path is not simulated.")
        }
        return try change(endpoint, body, isProvisioned: false, call)
    }

    /// The next configuration: after the time that a warehouse takes to start, or at once for provisioned throughput.
    static func change(_ endpoint: StoredResource, _ config: JSONObject, isProvisioned: Bool, _ call: Call) throws -> JSONValue {
        let now = call.workspace.environment.nowMillis
        let start = isProvisioned ? 0 : try call.workspace.warehouses.timing().start
        let updated = try call.workspace.resources.update(resource, endpoint.id, call) { stored in
            guard since(stored) <= now else {
                throw WorkspaceError(.resourceConflict, "Endpoint '\(endpoint.body["name"]?.stringValue ?? "")' is being updated.")
            }
            let old = stored.body["config"]?.objectValue
            let version = (old?["config_version"]?.intValue ?? 0) &+ 1
            let new = try ServingConfig.checked(config, version: version, old: old, isProvisioned: isProvisioned, call)
            if let gateway = stored.body["ai_gateway"]?.objectValue { _ = try ServingGateway.checked(gateway, in: new, call) }
            try ServingGateway.check(limits: stored.body["rate_limits"]?.arrayValue ?? [], of: new, call)
            stored.body["config"] = .object(new)
            stored.body[previousMember] = old.map { .object($0) }
            stored.body[sinceMember] = .int(now &+ start)
        }
        return try resource.shown(updated, call)
    }

    private static let patchTags = Operation("serving.endpoints.patch", .patch, path + "/{name}/tags") { call -> JSONValue in
        let body = try call.contractBody(.patch, path + "/{name}/tags")
        let endpoint = try existing(call.path("name"), "CAN_MANAGE", call)
        let updated = try call.workspace.resources.update(resource, endpoint.id, call) { stored in
            let removed = Set((body["delete_tags"]?.arrayValue ?? []).compactMap(\.stringValue))
            let tags = merged(stored.body["tags"]?.arrayValue ?? [], body["add_tags"]?.arrayValue ?? [], removing: removed)
            try checkTags(.array(tags))
            stored.body["tags"] = .array(tags)
        }
        return ["tags": updated.body["tags"] ?? []]
    }

    // MARK: Parts

    /// When the configuration begins to hold; until then the one before it does, if there is one.
    private static let sinceMember = "_since"
    private static let previousMember = "_previous"
    static let provisionedMember = "_provisioned"

    static func since(_ endpoint: StoredResource) -> Int64 { Int64(endpoint.body[sinceMember]?.intValue ?? 0) }

    static func find(_ name: String, _ call: Call) throws -> StoredResource? {
        try call.workspace.resources.list(resource.kind).first { $0.uniqueKey == name }
    }

    /// The endpoint of this name, for who has the level.
    static func existing(_ name: String, _ level: String, _ call: Call) throws -> StoredResource {
        guard let endpoint = try find(name, call) else {
            throw WorkspaceError(.resourceDoesNotExist, "Endpoint with name '\(name.prefix(128))' does not exist.")
        }
        guard try call.principal.isAdmin || call.workspace.permissions.allows(call.principal, level, on: permissionType, endpoint.id) else {
            throw WorkspaceError(
                .permissionDenied, "User \(call.principal.userName) does not have \(level) permission on the endpoint \(name.prefix(128)).")
        }
        return endpoint
    }

    /// The configuration that holds now; nil while the first one is still to come.
    static func config(_ endpoint: StoredResource, at now: Int64) -> JSONObject? {
        endpoint.body[since(endpoint) <= now ? "config" : previousMember]?.objectValue
    }

    /// What the endpoint serves under this name, now or when its next configuration holds.
    static func served(_ name: String, by endpoint: StoredResource) throws -> JSONObject {
        for config in ["config", previousMember] {
            for entity in endpoint.body[config]?["served_entities"]?.arrayValue ?? [] where entity["name"]?.stringValue == name {
                return entity.objectValue ?? JSONObject()
            }
        }
        throw WorkspaceError(
            .resourceDoesNotExist, "Served model '\(name.prefix(128))' does not exist on endpoint '\(endpoint.uniqueKey ?? "")'.")
    }

    private static func check(name: String) throws {
        let isAlphanumeric: (UInt8) -> Bool = { (97...122).contains($0 | 0x20) || (48...57).contains($0) }
        let bytes = Array(name.utf8)
        guard bytes.count <= 63, bytes.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }),
            bytes.first.map(isAlphanumeric) ?? false, bytes.last.map(isAlphanumeric) ?? false
        else {
            throw WorkspaceError.invalid(
                "Invalid endpoint name '\(name.prefix(64))': at most 63 letters, digits, dashes and underscores, with a letter or digit at both ends."
            )
        }
    }

    private static func merged(_ old: [JSONValue], _ new: [JSONValue], removing removed: Set<String>) -> [JSONValue] {
        var tags: [(String, JSONValue)] = []
        for tag in old + new {
            let key = tag["key"]?.stringValue ?? ""
            tags.removeAll { $0.0 == key }
            tags.append((key, tag))
        }
        return tags.filter { !removed.contains($0.0) }.map(\.1)
    }

    private static func checkTags(_ tags: JSONValue?) throws {
        let tags = tags?.arrayValue ?? []
        guard tags.count <= mostTags else { throw WorkspaceError.invalid("An endpoint has at most \(mostTags) tags.") }
        for tag in tags where (tag["key"]?.stringValue ?? "").isEmpty { throw WorkspaceError.invalid("A tag must have a key.") }
    }

    private static func show(_ object: inout JSONObject, _ endpoint: StoredResource, _ call: Call) throws {
        let now = call.workspace.environment.nowMillis
        let isPending = since(endpoint) > now
        let pending = isPending ? endpoint.body["config"]?.objectValue : nil
        let current = config(endpoint, at: now)
        object["config"] = current.map { .object(ServingConfig.shown($0, endpoint, isReady: true)) }
        object["pending_config"] = pending.map { .object(ServingConfig.shown($0, endpoint, isReady: false)) }
        object["state"] = [
            "ready": current == nil ? "NOT_READY" : "READY", "config_update": isPending ? "IN_PROGRESS" : "NOT_UPDATING",
        ]
        let level = try call.workspace.permissions.level(of: call.principal, on: permissionType, endpoint.id)
        object["permission_level"] = .string(call.principal.isAdmin ? "CAN_MANAGE" : level ?? "CAN_VIEW")
    }
}

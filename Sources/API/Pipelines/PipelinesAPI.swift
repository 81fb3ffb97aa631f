import HTTPTypes
import JSON
import Jobs
import Workspace

/// Pipelines as objects: `/api/2.0/pipelines`.
package enum PipelinesAPI: APIGroup {
    package static let operations = [create, list, get, edit, delete, clone, applyEnvironment]

    static let path = "/api/2.0/pipelines"

    /// Members of requests that are no part of the specification.
    private static let notSpec: Set<String> = [
        "allow_duplicate_names", "dry_run", "expected_last_modified", "pipeline_id", "clone_mode", "run_as", "cluster_id",
    ]

    static let limits = "SQL notebooks and SQL files of the workspace alone; ingestion definitions and the event log table are kept, never used"

    static let create = Operation("pipelines.create", .post, path, limits: limits) { call -> JSONValue in
        let body = try call.contractBody(.post, path)
        let spec = try specification(body, call)
        if body["dry_run"]?.boolValue ?? false {
            if !allowsDuplicates(body) { try call.tenant.jobs.pipelines.requireFreeName(spec, id: nil) }
            return ["effective_settings": .object(spec)]
        }
        let made = try make(spec, body, call)
        return ["pipeline_id": .string(made.id)]
    }

    static let edit = Operation("pipelines.update", .put, path + "/{pipeline_id}") { call -> Void in
        let body = try call.contractBody(.put, path + "/{pipeline_id}")
        let old = try existing(call, "CAN_MANAGE")
        var spec = try specification(body, call)
        if spec["run_as"] == nil { spec["run_as"] = old.body["run_as"] }
        try call.tenant.jobs.pipelines.edit(
            old.id, spec, allowsDuplicates: allowsDuplicates(body), ifUnchangedSince: body["expected_last_modified"]?.intValue.map(Int64.init))
    }

    static let get = Operation("pipelines.get", .get, path + "/{pipeline_id}") { call -> JSONValue in
        let pipeline = try existing(call, "CAN_VIEW")
        await call.tenant.jobs.pipelines.settle(pipeline.id)
        var answer = try state(pipeline, call)
        answer["spec"] = try shownSpec(pipeline)
        answer["last_modified"] = .int(pipeline.updatedAt)
        answer["effective_publishing_mode"] = pipeline.body["target"] == nil ? "DEFAULT_PUBLISHING_MODE" : "LEGACY_PUBLISHING_MODE"
        if let runAs = pipeline.body["run_as"] { answer["run_as"] = runAs }
        return .object(answer)
    }

    static let list = Operation("pipelines.list", .get, path) { call -> JSONValue in
        let filter = try call.query.string("filter").flatMap { $0.isEmpty ? nil : $0 }.map { try PipelineFilter($0) }
        var rows = try call.workspace.resources.list(PipelinesService.kind).filter { pipeline in
            try level("CAN_VIEW", pipeline, call) && (filter?.matches(pipeline) ?? true)
        }
        for order in call.query.all("order_by").flatMap({ $0.split(separator: ",") }).reversed() {
            let words = order.split(separator: " ").map { $0.lowercased() }
            guard let field = words.first, field == "name" || field == "id",
                words.count == 1 || words.count == 2 && ["asc", "desc"].contains(words[1])
            else { throw WorkspaceError.invalid("Invalid order_by '\(order.prefix(64))': it may name id or name.") }
            func key(_ pipeline: StoredResource) -> String { field == "id" ? pipeline.id : pipeline.body["name"]?.stringValue ?? "" }
            let isDown = words.last == "desc"
            rows.sort { isDown ? (key($1), $1.position) < (key($0), $0.position) : (key($0), $0.position) < (key($1), $1.position) }
        }
        let page = try PipelineUpdatesAPI.page(rows, "pipelines", most: 100, call)
        return .object(try page.reply("statuses") { pipeline in .object(try state(pipeline, call)) })
    }

    static let delete = Operation("pipelines.delete", .delete, path + "/{pipeline_id}") { call -> Void in
        let pipeline = try existing(call, "IS_OWNER")
        try await call.tenant.jobs.pipelines.delete(pipeline.id, by: call.principal)
        try call.workspace.permissions.forget("pipelines", pipeline.id)
    }

    static let clone = Operation(
        "pipelines.clone", .post, path + "/{pipeline_id}/clone", limits: "the new pipeline's tables are made by its own updates"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path + "/{pipeline_id}/clone")
        let source = try existing(call, "CAN_MANAGE")
        guard source.body["catalog"] == nil else {
            throw WorkspaceError.invalid("Only pipelines that publish to the Hive metastore can be cloned to Unity Catalog.")
        }
        var merged = source.body
        for name in ["storage", "target", "id"] { merged[name] = nil }
        for (name, value) in body.members where !notSpec.contains(name) { merged[name] = value }
        guard merged["catalog"] != nil else { throw WorkspaceError.missing("catalog") }
        merged["allow_duplicate_names"] = body["allow_duplicate_names"]
        let spec = try specification(merged, call)
        return ["pipeline_id": .string(try make(spec, body, call).id)]
    }

    static let applyEnvironment = Operation("pipelines.apply_environment", .post, path + "/{pipeline_id}/environment/apply") { call -> Void in
        _ = try existing(call, "CAN_MANAGE")
    }

    // MARK: Parts

    private static func allowsDuplicates(_ body: JSONObject) -> Bool { body["allow_duplicate_names"]?.boolValue ?? false }

    private static func make(_ spec: JSONObject, _ body: JSONObject, _ call: Call) throws -> StoredResource {
        var spec = spec
        if let runAs = body["run_as"] { spec["run_as"] = runAs }
        let made = try call.tenant.jobs.pipelines.create(spec, allowsDuplicates: allowsDuplicates(body), by: call.principal)
        try call.workspace.permissions.grantOwner(call.principal, on: "pipelines", made.id)
        return made
    }

    /// The specification that a request gives, with what the service fills in.
    private static func specification(_ body: JSONObject, _ call: Call) throws -> JSONObject {
        var spec = JSONObject(body.members.filter { !notSpec.contains($0.name) && !$0.value.isNull }.map { ($0.name, $0.value) })
        for (name, value) in [("continuous", false), ("development", false), ("photon", false), ("edition", "ADVANCED"), ("channel", "CURRENT")]
            as [(String, JSONValue)]
        where spec[name] == nil { spec[name] = value }
        spec["id"] = nil
        try call.tenant.jobs.pipelines.check(spec)
        return spec
    }

    private static func shownSpec(_ pipeline: StoredResource) throws -> JSONValue {
        var spec = pipeline.body
        spec["run_as"] = nil
        spec["id"] = .string(pipeline.id)
        return Contract.known(.object(spec), .named("pipelines.PipelineSpec"))
    }

    private static func state(_ pipeline: StoredResource, _ call: Call) throws -> JSONObject {
        let updates = try call.tenant.jobs.pipelines.updates(of: pipeline.id)
        let last = updates.first
        let state = last?.body["state"]?.stringValue ?? "IDLE"
        var answer = JSONObject([
            ("pipeline_id", .string(pipeline.id)), ("state", .string(pipelineState(state))),
            ("creator_user_name", .string(pipeline.owner)),
            ("run_as_user_name", .string(pipeline.body["run_as"]?["user_name"]?.stringValue ?? pipeline.owner)),
        ])
        if let name = pipeline.body["name"] { answer["name"] = name }
        if last != nil { answer["health"] = state == "FAILED" ? "UNHEALTHY" : "HEALTHY" }
        if !updates.isEmpty {
            answer["latest_updates"] = .array(
                updates.prefix(5).map { update in
                    [
                        "update_id": .string(update.id), "state": update.body["state"] ?? "CREATED",
                        "creation_time": .string(RFC3339.text(millis: update.createdAt, digits: true)),
                    ]
                })
        }
        return answer
    }

    /// The pipeline's state that follows from its last update's.
    private static func pipelineState(_ update: String) -> String {
        switch update {
        case "QUEUED", "CREATED", "WAITING_FOR_RESOURCES", "INITIALIZING": "STARTING"
        case "RESETTING", "STOPPING", "FAILED": update
        case "SETTING_UP_TABLES", "RUNNING": "RUNNING"
        default: "IDLE"
        }
    }

    static func level(_ wanted: String, _ pipeline: StoredResource, _ call: Call) throws -> Bool {
        try call.principal.isAdmin || call.workspace.permissions.allows(call.principal, wanted, on: "pipelines", pipeline.id)
    }

    static func existing(_ call: Call, _ wanted: String) throws -> StoredResource {
        let pipeline = try call.tenant.jobs.pipelines.pipeline(call.path("pipeline_id"))
        guard try level(wanted, pipeline, call) else {
            throw WorkspaceError(
                .permissionDenied, "User \(call.principal.userName) does not have \(wanted) permission on the pipeline \(pipeline.id).")
        }
        return pipeline
    }
}

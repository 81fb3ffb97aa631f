import HTTPTypes
import JSON
import Workspace

/// Webhooks of the model registry. A model's are kept as its children; the registry's own have no parent.
enum RegistryWebhooksAPI {
    private static let limits =
        "addresses are called with `serve --webhooks` alone, and only loopback ones, whose certificates are always verified; jobs of this workspace are run"

    static let operations: [Operation] = [
        ModelRegistryAPI.operation("create_webhook", .post, "registry-webhooks/create", limits: limits, create),
        ModelRegistryAPI.operation("list_webhooks", .get, "registry-webhooks/list", list),
        ModelRegistryAPI.operation("update_webhook", .patch, "registry-webhooks/update", limits: limits, update),
        ModelRegistryAPI.operation("delete_webhook", .delete, "registry-webhooks/delete") { fields, call in
            let webhook = try existing(try fields.string("id"), call)
            _ = try call.workspace.resources.delete(ModelRegistry.webhookKind, webhook.id)
            return .object(JSONObject())
        },
        ModelRegistryAPI.operation("test_registry_webhook", .post, "registry-webhooks/test", limits: limits, test),
    ]

    // MARK: Access

    private static func model(_ webhook: StoredResource, _ call: Call) throws -> StoredResource? {
        webhook.parent.isEmpty ? nil : try call.workspace.resources.get(ModelRegistry.modelKind, webhook.parent)
    }

    /// The registry's own are for administrators, a model's for those who manage the model.
    private static func mayManage(_ webhook: StoredResource, _ call: Call) throws -> Bool {
        guard let model = try model(webhook, call) else { return call.principal.isAdmin }
        return try ModelRegistry.allows(.manage, model, call)
    }

    private static func existing(_ id: String, _ call: Call) throws -> StoredResource {
        guard let webhook = try call.workspace.resources.get(ModelRegistry.webhookKind, id) else { throw notFound(id) }
        guard try mayManage(webhook, call) else {
            throw WorkspaceError(
                .permissionDenied, "\(call.principal.userName) does not have permission to manage the registry webhook \(webhook.id).")
        }
        return webhook
    }

    private static func notFound(_ id: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Registry webhook with id=\(id.prefix(128)) not found")
    }

    // MARK: Operations

    private static func create(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let model = try fields.string(optional: "model_name").flatMap { $0.isEmpty ? nil : $0 }.map { try ModelRegistry.model($0, .manage, call) }
        guard model != nil || call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can create registry-wide webhooks.")
        }
        var body = JSONObject()
        try apply(fields, to: &body, isOfModel: model != nil, call)
        guard let events = body["events"]?.arrayValue, !events.isEmpty else { throw RegistryRules.missing("events") }
        guard body["http_url_spec"] != nil || body["job_spec"] != nil else {
            throw WorkspaceError.invalid("Exactly one of http_url_spec and job_spec must be given.")
        }
        if body["status"] == nil { body["status"] = "ACTIVE" }
        let id = call.workspace.environment.ids.uuid().filter { $0 != "-" }
        let webhook = try call.workspace.resources.insert(
            ModelRegistry.webhookKind, id: id, uniqueKey: nil, parent: model?.id ?? "", owner: call.principal.userName, body)
        return ["webhook": try shown(webhook, call)]
    }

    private static func update(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let webhook = try existing(try fields.string("id"), call)
        let changed = try call.workspace.resources.update(ModelRegistry.webhookKind, webhook.id) { stored in
            try apply(fields, to: &stored.body, isOfModel: !stored.parent.isEmpty, call)
        }
        guard let changed else { throw notFound(webhook.id) }
        return ["webhook": try shown(changed, call)]
    }

    private static func list(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let wanted = call.query.all("events")
        if let odd = wanted.first(where: { !Self.events.contains($0) }) {
            throw WorkspaceError.invalid(
                "Invalid value '\(odd.prefix(64))' for field 'events'; valid values are: \(Self.events.joined(separator: ", "))")
        }
        let model = try fields.string(optional: "model_name").map { try ModelRegistry.model($0, .read, call) }
        let paging = try Paging(call, list: "registry webhooks \(wanted) \(model?.id ?? "")", pageSize: 100, most: 1_000)
        let all = try call.workspace.resources.list(ModelRegistry.webhookKind, after: paging.after.flatMap { Int64($0) } ?? 0)
        let rows = try all.filter { webhook in
            guard model == nil || webhook.parent == model?.id else { return false }
            let events = webhook.body["events"]?.arrayValue ?? []
            guard wanted.isEmpty || wanted.contains(where: { events.contains(.string($0)) }) else { return false }
            return try mayManage(webhook, call)
        }
        let items = try rows.prefix(paging.limit ?? rows.count).map { try shown($0, call) }
        var body = JSONObject()
        if !items.isEmpty { body["webhooks"] = .array(items) }
        if let token = paging.nextToken(page: rows.prefix(items.count), rows: rows, key: { String($0.position) }) {
            body["next_page_token"] = .string(token)
        }
        return .object(body)
    }

    /// Calls the address, or runs the job, with a made-up event.
    private static func test(_ fields: Fields, _ call: Call) async throws -> JSONValue {
        let webhook = try existing(try fields.string("id"), call)
        guard webhook.body["status"] != "DISABLED" else { throw WorkspaceError.invalid("The registry webhook \(webhook.id) is disabled.") }
        let first = webhook.body["events"]?[0]?.stringValue ?? ""
        let name = try fields.string(optional: "event") ?? first
        let payload = RegistryEvent.mock(name, to: webhook, modelName: try model(webhook, call).map { ModelRegistry.name($0) }, call)
        guard let hook = RegistryEvents.hook(webhook, payload) else {
            do {
                let run = try RegistryEvents.run(webhook, payload, call)
                return ["status_code": 200, "body": .string(JSONValue.members([("run_id", .int(run)), ("number_in_job", .int(run))]).text)]
            } catch let error as WorkspaceError {
                return ["status_code": .int(error.status), "body": .string(ErrorReply.body(of: error, requestID: call.requestID).text)]
            }
        }
        let answer: (status: Int, body: String)?
        do {
            answer = try await call.tenant.hooks?.ask(hook)
        } catch {
            throw WorkspaceError.invalid("The webhook's address could not be called.")
        }
        guard let answer else {
            throw WorkspaceError(
                .notImplemented, "Webhooks are sent with `serve --webhooks` alone, to loopback addresses: this webhook's address is not called.")
        }
        return ["status_code": .int(answer.status), "body": .string(answer.body)]
    }

    // MARK: Parts

    private static let events: [String] = {
        guard case .values(let values)? = Contract.schema("ml.RegistryWebhookEvent") else { return [] }
        return values
    }()

    /// Puts a request's members into a webhook; what is absent stays.
    private static func apply(_ fields: Fields, to body: inout JSONObject, isOfModel: Bool, _ call: Call) throws {
        for name in ["description", "status"] { if let value = fields.value(name) { body[name] = value } }
        if let events = try fields.strings(optional: "events"), !events.isEmpty {
            guard !isOfModel || !events.contains("REGISTERED_MODEL_CREATED") else {
                throw WorkspaceError.invalid("The event REGISTERED_MODEL_CREATED can only be specified for a registry-wide webhook.")
            }
            var unique: [String] = []
            for event in events where !unique.contains(event) { unique.append(event) }
            body["events"] = .array(unique.map { .string($0) })
        }
        let (http, job) = (try fields.object(optional: "http_url_spec"), try fields.object(optional: "job_spec"))
        guard http == nil || job == nil else { throw WorkspaceError.invalid("Exactly one of http_url_spec and job_spec must be given.") }
        if let http {
            try checkAddress(try http.string("url"))
            var spec = body["http_url_spec"]?.objectValue ?? JSONObject([("url", ""), ("enable_ssl_verification", true)])
            for (name, value) in http.object.members where !value.isNull { spec[name] = value }
            body["http_url_spec"] = .object(spec)
            body["job_spec"] = nil
        }
        if let job {
            guard Int(try job.string("job_id")) != nil else { throw WorkspaceError.invalid("Invalid job_id in job_spec: it must be a number.") }
            if let url = try job.string(optional: "workspace_url"), !url.isEmpty, !isHere(url, call) {
                throw WorkspaceError(.notImplemented, "job_spec.workspace_url: running jobs of other workspaces is not simulated.")
            }
            body["job_spec"] = .object(job.object)
            body["http_url_spec"] = nil
        }
    }

    /// The service calls HTTPS addresses; on loopback ones a test's listener may do without.
    private static func checkAddress(_ url: String) throws {
        let lower = url.lowercased()
        let isLocal = ["http://127.", "http://localhost:", "http://localhost/", "http://[::1]"].contains { lower.hasPrefix($0) }
        guard lower.hasPrefix("https://") && lower.count > 8 || isLocal else {
            throw WorkspaceError.invalid("Invalid url in http_url_spec: it must be an HTTPS address.")
        }
    }

    private static func isHere(_ url: String, _ call: Call) -> Bool {
        var (left, right) = (url.lowercased()[...], call.baseURL.lowercased()[...])
        while left.last == "/" { left.removeLast() }
        while right.last == "/" { right.removeLast() }
        return left == right
    }

    /// Without secrets.
    private static func shown(_ webhook: StoredResource, _ call: Call) throws -> JSONValue {
        var object = JSONObject([
            ("id", .string(webhook.id)), ("creation_timestamp", .int(webhook.createdAt)), ("last_updated_timestamp", .int(webhook.updatedAt)),
        ])
        for member in ["description", "events", "status"] { object[member] = webhook.body[member] }
        object["model_name"] = try model(webhook, call).map { .string(ModelRegistry.name($0)) }
        func part(_ name: String, _ members: [String]) {
            guard let spec = webhook.body[name]?.objectValue else { return }
            object[name] = .object(JSONObject(spec.members.filter { members.contains($0.name) }.map { ($0.name, $0.value) }))
        }
        part("http_url_spec", ["url", "enable_ssl_verification"])
        part("job_spec", ["job_id", "workspace_url"])
        return .object(object)
    }
}

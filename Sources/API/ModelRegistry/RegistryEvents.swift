import JSON
import Jobs
import Workspace

/// Something that webhooks of the model registry are told of.
/// Payloads: "Workspace Model Registry webhooks" of the service's documentation.
struct RegistryEvent: Sendable {
    /// All that it is called: a transition is one to its stage, too.
    let names: [String]
    let model: StoredResource
    let members: [(String, JSONValue)]

    private init(_ names: [String], _ model: StoredResource, _ version: StoredResource?, _ members: [(String, JSONValue)] = [], text: String) {
        self.names = names
        self.model = model
        var all: [(String, JSONValue)] = [("model_name", .string(ModelRegistry.name(model)))]
        if let version { all.append(("version", .string(String(ModelRegistry.number(version))))) }
        self.members = all + members + [("text", .string(text))]
    }

    private static func title(_ model: StoredResource, _ version: StoredResource) -> String {
        "registered model '\(ModelRegistry.name(model))' version \(ModelRegistry.number(version))"
    }

    static func modelCreated(_ model: StoredResource, by user: String) -> RegistryEvent {
        RegistryEvent(["REGISTERED_MODEL_CREATED"], model, nil, text: "\(user) created registered model '\(ModelRegistry.name(model))'.")
    }

    static func versionCreated(_ model: StoredResource, _ version: StoredResource, by user: String) -> RegistryEvent {
        RegistryEvent(["MODEL_VERSION_CREATED"], model, version, text: "\(user) created \(title(model, version)).")
    }

    static func tagSet(_ model: StoredResource, _ version: StoredResource, key: String, value: String, by user: String) -> RegistryEvent {
        RegistryEvent(
            ["MODEL_VERSION_TAG_SET"], model, version, [("tags", [["key": .string(key), "value": .string(value)]])],
            text: "\(user) set version tag(s) '\(key)' => '\(value)' for \(title(model, version)).")
    }

    static func commented(_ model: StoredResource, _ version: StoredResource, _ comment: String, by user: String) -> RegistryEvent {
        RegistryEvent(
            ["COMMENT_CREATED"], model, version, [("comment", .string(comment))], text: "\(user) commented on \(title(model, version)).")
    }

    static func staged(_ model: StoredResource, _ version: StoredResource, from: ModelStage, to: ModelStage, by user: String) -> RegistryEvent {
        var names = ["MODEL_VERSION_TRANSITIONED_STAGE"]
        if to != .none { names.append("MODEL_VERSION_TRANSITIONED_TO_\(to.rawValue.uppercased())") }
        return RegistryEvent(
            names, model, version, [("to_stage", .string(to.rawValue)), ("from_stage", .string(from.rawValue))],
            text:
                "Registered model '\(ModelRegistry.name(model))' version \(ModelRegistry.number(version)) transitioned from \(from.rawValue) to \(to.rawValue)."
        )
    }

    static func requested(_ model: StoredResource, _ version: StoredResource, to: ModelStage, by user: String) -> RegistryEvent {
        var names = ["TRANSITION_REQUEST_CREATED"]
        if to != .none { names.append("TRANSITION_REQUEST_TO_\(to.rawValue.uppercased())_CREATED") }
        let from = ModelRegistry.stage(version)
        return RegistryEvent(
            names, model, version, [("to_stage", .string(to.rawValue)), ("from_stage", .string(from.rawValue))],
            text: "\(user) requested a transition of \(title(model, version)) from \(from.rawValue) to \(to.rawValue).")
    }

    /// What a webhook is sent, as text.
    func payload(_ name: String, to webhook: StoredResource, _ call: Call) -> String { Self.payload(name, to: webhook, members, call) }

    static func payload(_ name: String, to webhook: StoredResource, _ members: [(String, JSONValue)], _ call: Call) -> String {
        let head: [(String, JSONValue)] = [
            ("event", .string(name)), ("webhook_id", .string(webhook.id)), ("event_timestamp", .int(call.workspace.environment.nowMillis)),
        ]
        return JSONValue.members(head + members).text
    }

    /// The made-up event of a test.
    static func mock(_ name: String, to webhook: StoredResource, modelName: String?, _ call: Call) -> String {
        var members: [(String, JSONValue)] = [("model_name", .string(modelName ?? "test_model"))]
        if name != "REGISTERED_MODEL_CREATED" { members.append(("version", "1")) }
        let stage: String? =
            switch name.split(separator: "_").first(where: { ["STAGING", "PRODUCTION", "ARCHIVED"].contains($0) }) {
            case let found?: found.prefix(1) + found.dropFirst().lowercased()
            case nil: name.contains("TRANSITION") ? "Production" : nil
            }
        if let stage { members += [("to_stage", .string(stage)), ("from_stage", "None")] }
        if name == "MODEL_VERSION_TAG_SET" { members.append(("tags", [["key": "key", "value": "value"]])) }
        if name == "COMMENT_CREATED" { members.append(("comment", "This is a test comment.")) }
        members.append(("text", .string("This is a test of the event \(name).")))
        return payload(name, to: webhook, members, call)
    }
}

/// Tells webhooks of events, after what they tell of is in the store.
enum RegistryEvents {
    static func send(_ events: [RegistryEvent], _ call: Call) {
        guard !events.isEmpty, let webhooks = try? call.workspace.resources.list(ModelRegistry.webhookKind), !webhooks.isEmpty else { return }
        for event in events {
            for webhook in webhooks
            where webhook.body["status"] == "ACTIVE" && (webhook.parent.isEmpty || webhook.parent == event.model.id) {
                let wanted = webhook.body["events"]?.arrayValue ?? []
                for name in event.names where wanted.contains(.string(name)) {
                    let payload = event.payload(name, to: webhook, call)
                    if let hook = hook(webhook, payload) {
                        call.tenant.hooks?.post(hook)
                    } else {
                        // A job that cannot be run does not make the event undone.
                        _ = try? run(webhook, payload, call)
                    }
                }
            }
        }
    }

    /// Nil for a webhook that runs a job.
    static func hook(_ webhook: StoredResource, _ payload: String) -> OutgoingHook? {
        guard let spec = webhook.body["http_url_spec"], let url = spec["url"]?.stringValue else { return nil }
        func given(_ name: String) -> String? {
            guard let text = spec[name]?.stringValue, !text.isEmpty else { return nil }
            return text
        }
        return OutgoingHook(url: url, authorization: given("authorization"), secret: given("secret"), body: Array(payload.utf8))
    }

    /// Runs the webhook's job as the owner of its token; the run's id.
    static func run(_ webhook: StoredResource, _ payload: String, _ call: Call) throws -> Int {
        let spec = webhook.body["job_spec"]
        guard let token = spec?["access_token"]?.stringValue, let principal = try call.workspace.principal(ofPersonalToken: token) else {
            throw WorkspaceError(.permissionDenied, "The webhook's access token is not valid.")
        }
        guard let id = spec?["job_id"]?.stringValue.flatMap({ Int($0) }) else { throw WorkspaceError.missing("job_spec.job_id") }
        let (_, plan) = try call.tenant.jobs.job(id)
        guard try call.workspace.permissions.allows(principal, "CAN_MANAGE_RUN", on: "jobs", String(id)) else {
            throw WorkspaceError(.permissionDenied, "\(principal.userName) does not have Manage Run permissions on job \(id).")
        }
        var request = JSONObject([("job_id", .int(id))])
        let message: JSONValue = ["event_message": .string(payload)]
        let list: JSONValue = [.string(payload)]
        let isSingle = plan.tasks.count == 1
        switch plan.tasks.first?.kind {
        case .notebook? where isSingle, .pythonWheel? where isSingle: request["notebook_params"] = message
        case .sparkPython? where isSingle, .sparkJar? where isSingle, .sparkSubmit? where isSingle: request["python_params"] = list
        case _ where isSingle: break
        default:
            for name in ["notebook_params", "python_named_params"] { request[name] = message }
            for name in ["jar_params", "python_params", "spark_submit_params"] { request[name] = list }
        }
        return try call.tenant.jobs.runNow(request, by: principal)
    }
}

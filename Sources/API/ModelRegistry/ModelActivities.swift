import HTTPTypes
import JSON
import Workspace

/// What is noted of a version: transitions and the requests for them, and comments. An activity belongs to its version and goes with it.
enum ModelActivities {
    static let operations: [Operation] = requests + comments

    /// Notes an activity; `isOpen`: a request that nobody has decided yet.
    static func note(
        _ type: String, on version: StoredResource, from: ModelStage? = nil, to: ModelStage? = nil, comment: String? = nil,
        systemComment: String? = nil, isOpen: Bool = false, _ call: Call, _ transaction: ResourceTransaction
    ) throws -> StoredResource {
        var body = JSONObject([("activity_type", .string(type))])
        body["from_stage"] = from.map { .string($0.rawValue) }
        body["to_stage"] = to.map { .string($0.rawValue) }
        body["comment"] = comment.map { .string($0) }
        body["system_comment"] = systemComment.map { .string($0) }
        if isOpen { body["is_open"] = true }
        let id = call.workspace.environment.ids.uuid().filter { $0 != "-" }
        return try transaction.insert(ModelRegistry.activityKind, id: id, parent: version.id, owner: call.principal.userName, body)
    }

    static func shown(_ activity: StoredResource) -> JSONObject {
        var object = JSONObject([
            ("id", .string(activity.id)), ("user_id", .string(activity.owner)), ("creation_timestamp", .int(activity.createdAt)),
            ("last_updated_timestamp", .int(activity.updatedAt)),
        ])
        for member in ["activity_type", "comment", "from_stage", "to_stage", "system_comment"] { object[member] = activity.body[member] }
        return object
    }

    // MARK: Transition requests

    static func openRequests(_ version: String, _ call: Call, _ transaction: ResourceTransaction? = nil) throws -> [StoredResource] {
        let kind = ModelRegistry.activityKind
        let all = try transaction.map { try $0.list(kind, parent: version) } ?? call.workspace.resources.list(kind, parent: version)
        return all.filter { $0.body["is_open"] == true }
    }

    private static func openRequests(
        _ version: StoredResource, to stage: ModelStage, _ call: Call, _ transaction: ResourceTransaction
    ) throws -> [StoredResource] {
        try openRequests(version.id, call, transaction).filter { $0.body["to_stage"]?.stringValue == stage.rawValue }
    }

    private static func noRequest(_ version: StoredResource, _ stage: ModelStage, of creator: String? = nil) -> WorkspaceError {
        let who = creator.map { " of '\($0.prefix(256))'" } ?? ""
        return WorkspaceError(
            .resourceDoesNotExist,
            "There is no open request\(who) for a transition of version \(ModelRegistry.number(version)) to the stage \(stage.rawValue).")
    }

    private static func close(_ requests: [StoredResource], _ transaction: ResourceTransaction) throws {
        for request in requests { _ = try transaction.update(ModelRegistry.activityKind, request.id) { $0.body["is_open"] = nil } }
    }

    private static let requests: [Operation] = [
        ModelRegistryAPI.operation("create_transition_request", .post, "transition-requests/create", createRequest),
        ModelRegistryAPI.operation("list_transition_requests", .get, "transition-requests/list") { fields, call in
            let (_, version) = try ModelRegistryAPI.existing(fields, .read, call)
            let open = try openRequests(version.id, call)
            return open.isEmpty ? .object(JSONObject()) : ["requests": .array(open.map { .object(shown($0)) })]
        },
        ModelRegistryAPI.operation("approve_transition_request", .post, "transition-requests/approve") { fields, call in
            let change = try StageChange(fields)
            let result = try call.workspace.resources.transaction { transaction in
                let (model, version) = try ModelRegistryAPI.existing(fields, .read, call, transaction)
                let open = try openRequests(version, to: change.stage, call, transaction)
                guard !open.isEmpty else { throw noRequest(version, change.stage) }
                let result = try change.perform(model, version, as: "APPROVED_REQUEST", call, transaction)
                try close(open, transaction)
                return result
            }
            RegistryEvents.send(result.events, call)
            return ["activity": .object(shown(result.activity))]
        },
        ModelRegistryAPI.operation("reject_transition_request", .post, "transition-requests/reject", rejectRequest),
        ModelRegistryAPI.operation("delete_transition_request", .delete, "transition-requests/delete", cancelRequest),
    ]

    private static func createRequest(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let stage = try ModelStage(reading: try fields.string("stage"))
        let comment = try fields.string(optional: "comment")
        let user = call.principal.userName
        let (model, version, request) = try call.workspace.resources.transaction { transaction in
            let (model, version) = try ModelRegistryAPI.existing(fields, .read, call, transaction)
            // A request is named by its version, stage and maker.
            guard try !openRequests(version, to: stage, call, transaction).contains(where: { $0.owner == user }) else {
                throw WorkspaceError(
                    .resourceAlreadyExists,
                    "\(user) has an open request for a transition of version \(ModelRegistry.number(version)) to the stage \(stage.rawValue) already.",
                    status: 400)
            }
            let request = try note(
                "REQUESTED_TRANSITION", on: version, from: ModelRegistry.stage(version), to: stage, comment: comment, isOpen: true, call,
                transaction)
            return (model, version, request)
        }
        RegistryEvents.send([.requested(model, version, to: stage, by: user)], call)
        var actions: [JSONValue] = []
        if try ModelRegistry.allows(StageChange.level(from: ModelRegistry.stage(version), to: stage), model, call) {
            actions = ["APPROVE_TRANSITION_REQUEST", "REJECT_TRANSITION_REQUEST"]
        }
        actions.append("CANCEL_TRANSITION_REQUEST")
        var shown = JSONObject([
            ("user_id", .string(user)), ("creation_timestamp", .int(request.createdAt)), ("to_stage", .string(stage.rawValue)),
            ("available_actions", .array(actions)),
        ])
        shown["comment"] = comment.map { .string($0) }
        return ["request": .object(shown)]
    }

    private static func rejectRequest(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let stage = try ModelStage(reading: try fields.string("stage"))
        let comment = try fields.string(optional: "comment")
        let activity = try call.workspace.resources.transaction { transaction in
            let (model, version) = try ModelRegistryAPI.existing(fields, .read, call, transaction)
            let now = ModelRegistry.stage(version)
            try ModelRegistry.require(StageChange.level(from: now, to: stage), model, call)
            let open = try openRequests(version, to: stage, call, transaction)
            guard !open.isEmpty else { throw noRequest(version, stage) }
            try close(open, transaction)
            return try note("REJECTED_REQUEST", on: version, from: now, to: stage, comment: comment, call, transaction)
        }
        return ["activity": .object(shown(activity))]
    }

    private static func cancelRequest(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let stage = try ModelStage(reading: try fields.string("stage"))
        let creator = try fields.string("creator")
        let comment = try fields.string(optional: "comment")
        let activity = try call.workspace.resources.transaction { transaction in
            let (model, version) = try ModelRegistryAPI.existing(fields, .read, call, transaction)
            // Whoever asked may take it back.
            if creator != call.principal.userName { try ModelRegistry.require(.manage, model, call) }
            let open = try openRequests(version, to: stage, call, transaction).filter { $0.owner == creator }
            guard !open.isEmpty else { throw noRequest(version, stage, of: creator) }
            try close(open, transaction)
            return try note(
                "CANCELLED_REQUEST", on: version, from: ModelRegistry.stage(version), to: stage, comment: comment, call, transaction)
        }
        return ["activity": .object(shown(activity))]
    }

    // MARK: Comments

    private static let comments: [Operation] = [
        ModelRegistryAPI.operation("create_comment", .post, "comments/create") { fields, call in
            let text = try fields.string("comment")
            guard !text.isEmpty else { throw RegistryRules.missing("comment") }
            let (model, version, comment) = try call.workspace.resources.transaction { transaction in
                let (model, version) = try ModelRegistryAPI.existing(fields, .read, call, transaction)
                return (model, version, try note("NEW_COMMENT", on: version, comment: text, call, transaction))
            }
            RegistryEvents.send([.commented(model, version, text, by: call.principal.userName)], call)
            return ["comment": .object(shownComment(comment, call))]
        },
        ModelRegistryAPI.operation("update_comment", .patch, "comments/update") { fields, call in
            let text = try fields.string("comment")
            guard !text.isEmpty else { throw RegistryRules.missing("comment") }
            let changed = try call.workspace.resources.transaction { transaction in
                let (model, comment) = try existingComment(try fields.string("id"), call, transaction)
                guard comment.owner == call.principal.userName else { throw ModelRegistry.denied(.manage, model, call) }
                return try transaction.update(ModelRegistry.activityKind, comment.id) { $0.body["comment"] = .string(text) } ?? comment
            }
            return ["comment": .object(shownComment(changed, call))]
        },
        ModelRegistryAPI.operation("delete_comment", .delete, "comments/delete") { fields, call in
            try call.workspace.resources.transaction { transaction in
                let (model, comment) = try existingComment(try fields.string("id"), call, transaction)
                if comment.owner != call.principal.userName { try ModelRegistry.require(.manage, model, call) }
                try transaction.delete(ModelRegistry.activityKind, comment.id)
            }
            return .object(JSONObject())
        },
    ]

    /// A comment, and the model whose version it is on.
    private static func existingComment(
        _ id: String, _ call: Call, _ transaction: ResourceTransaction
    ) throws -> (model: StoredResource, comment: StoredResource) {
        guard let comment = try transaction.get(ModelRegistry.activityKind, id), comment.body["activity_type"] == "NEW_COMMENT",
            let model = try transaction.get(ModelRegistry.modelKind, String(comment.parent.prefix { $0 != "/" }))
        else { throw WorkspaceError(.resourceDoesNotExist, "Comment with id=\(id.prefix(128)) not found") }
        try ModelRegistry.require(.read, model, call)
        return (model, comment)
    }

    private static func shownComment(_ comment: StoredResource, _ call: Call) -> JSONObject {
        var object = shown(comment)
        object["activity_type"] = nil
        let isOwn = comment.owner == call.principal.userName
        object["available_actions"] = isOwn ? ["EDIT_COMMENT", "DELETE_COMMENT"] : ["DELETE_COMMENT"]
        return object
    }
}

import HTTPTypes
import JSON
import Workspace

/// The queries of `/api/2.0/sql/queries` and their visualizations as the older API has them.
package enum LegacyQueriesAPI: APIGroup {
    package static let operations = [create, get, list, update, delete, restore, createVisualization, updateVisualization, deleteVisualization]

    private static let path = LegacySQL.root + "queries"
    private static let one = path + "/{query_id}"
    private static let query = SQLObjectsAPI.query
    private static let visualization = SQLObjectsAPI.visualization

    // MARK: Queries

    static let create = Operation("sql.queries_legacy.create", .post, path) { call -> JSONValue in
        let body = try call.contractBody(.post, path)
        var object = try stored(body, call)
        for (name, value) in query.defaults where object[name] == nil { object[name] = value }
        if let parent = body["parent"]?.stringValue { object["parent_path"] = .string(try LegacySQL.path(parent, call)) }
        try query.rule?(&object, nil, call)
        return .object(try shown(try call.workspace.resources.insert(query, object, call), call))
    }

    static let get = Operation("sql.queries_legacy.get", .get, one) { call -> JSONValue in
        .object(try shown(try query.existing(call, .read, JSONObject()), call))
    }

    static let list = Operation("sql.queries_legacy.list", .get, path) { call -> JSONValue in
        _ = try call.contractBody(.get, path)
        return try LegacySQL.list(
            query, call,
            keys: [
                ("name", { $0.body["display_name"]?.stringValue?.lowercased() ?? "" }),
                ("created_at", { LegacySQL.key(millis: $0.createdAt, $0.position) }),
                ("created_by", { try SQLOwner.name($0, call) }),
            ], notSimulated: ["runtime", "executed_at"],
            text: { row in
                let texts = ["display_name", "description", "query_text"].compactMap { row.body[$0]?.stringValue }
                return (texts + (row.body["tags"]?.arrayValue ?? []).compactMap(\.stringValue)).joined(separator: "\n")
            }, shown: { .object(try shown($0, call)) })
    }

    static let update = Operation("sql.queries_legacy.update", .post, one) { call -> JSONValue in
        let found = try query.existing(call, .edit, JSONObject())
        let change = try stored(try call.contractBody(.post, one), call)
        let changed = try call.workspace.resources.update(query, found.id, call) { stored in
            try query.refuseTrashed(stored)
            let old = stored
            for (name, value) in change.members { stored.body[name] = value }
            try query.rule?(&stored.body, old, call)
        }
        return .object(try shown(changed, call))
    }

    static let delete = Operation("sql.queries_legacy.delete", .delete, one) { call -> Void in
        try query.moveToTrash(try query.existing(call, .write, JSONObject()), call)
    }

    static let restore = Operation("sql.queries_legacy.restore", .post, path + "/trash/{query_id}") { call -> Void in
        try query.restore(try query.existing(call, .write, JSONObject()), call)
    }

    private static let names = [("name", "display_name"), ("query", "query_text"), ("description", "description"), ("tags", "tags")]

    /// The members of a request as they are stored.
    private static func stored(_ body: JSONObject, _ call: Call) throws -> JSONObject {
        var object = JSONObject()
        for (older, newer) in names { object[newer] = body[older] }
        object["run_as_mode"] = LegacySQL.mode(body["run_as_role"])
        if let source = body["data_source_id"]?.stringValue { object["warehouse_id"] = .string(try LegacySQL.warehouse(source, call)) }
        guard let given = body["options"] else { return object }
        guard let options = given.objectValue else { throw WorkspaceError.invalid("options must be an object.") }
        for (name, value) in options.members where !value.isNull {
            switch name {
            case "parameters": object["parameters"] = try LegacyParameters.stored(value)
            case "catalog", "schema": object[name] = try Contract.accepted(value, .string, at: "options." + name)
            case "apply_auto_limit": object[name] = try Contract.accepted(value, .boolean, at: "options." + name)
            case "moved_to_trash_at": continue
            default: throw WorkspaceError(.notImplemented, "options.\(name.prefix(128)) of a query is not simulated.")
            }
        }
        return object
    }

    /// What alerts show of their query, and more of it by itself.
    static func brief(_ stored: StoredResource, _ call: Call) throws -> JSONObject {
        var object = JSONObject([("id", .string(stored.id))])
        for (older, newer) in names { object[older] = stored.body[newer] }
        object["tags"] = object["tags"] ?? []
        if let warehouse = stored.body["warehouse_id"]?.stringValue { object["data_source_id"] = .string(LegacySQL.dataSource(warehouse)) }
        object["is_archived"] = .bool(query.isTrashed(stored))
        object["is_draft"] = false
        let parameters = LegacyParameters.shown(stored.body["parameters"])
        // A text is put into the statement as it is.
        object["is_safe"] = .bool(!(parameters.arrayValue ?? []).contains { $0["type"] == "text" })
        object["created_at"] = .string(RFC3339.text(millis: stored.createdAt))
        object["updated_at"] = .string(RFC3339.text(millis: stored.updatedAt))
        var options = JSONObject([("parameters", parameters)])
        for name in ["catalog", "schema"] { options[name] = stored.body[name] }
        if let time = query.trashedAt(stored) { options["moved_to_trash_at"] = .string(RFC3339.text(millis: time)) }
        object["options"] = .object(options)
        object["user_id"] = try call.workspace.identityID(of: try SQLOwner.name(stored, call)).map { .int($0) }
        return object
    }

    static func shown(_ stored: StoredResource, _ call: Call, visualizations: Bool = true) throws -> JSONObject {
        var object = try brief(stored, call)
        try LegacySQL.complete(&object, query, stored, "queries", call)
        object["run_as_role"] = LegacySQL.role(stored.body["run_as_mode"])
        object["is_favorite"] = false
        if let modifier = stored.body["last_modifier_user_name"]?.stringValue {
            object["last_modified_by"] = try LegacySQL.user(modifier, call)
            object["last_modified_by_id"] = object["last_modified_by"]?["id"]
        }
        if visualizations {
            let rows = try call.workspace.resources.list(visualization.kind, parent: stored.id)
            object["visualizations"] = .array(rows.map { .object(shown(visualization: $0)) })
        }
        return object
    }

    // MARK: Visualizations

    private static let visualizations = LegacySQL.root + "visualizations"
    private static let oneVisualization = visualizations + "/{id}"

    static let createVisualization = Operation("sql.query_visualizations_legacy.create", .post, visualizations) { call -> JSONValue in
        let body = try call.contractBody(.post, visualizations)
        var object = try stored(visualization: body)
        object["query_id"] = body["query_id"]
        try visualization.rule?(&object, nil, call)
        let parent = object["query_id"]?.stringValue ?? ""
        return .object(shown(visualization: try call.workspace.resources.insert(visualization, object, parent: parent, call)))
    }

    static let updateVisualization = Operation("sql.query_visualizations_legacy.update", .post, oneVisualization) { call -> JSONValue in
        let found = try visualization.existing(call, .edit, JSONObject())
        let body = try call.contractBody(.post, oneVisualization)
        if let other = body["query"]?["id"]?.stringValue, other != found.parent {
            throw WorkspaceError.invalid("Visualization \(found.id) cannot be given to another query.")
        }
        let change = try stored(visualization: body)
        let changed = try call.workspace.resources.update(visualization, found.id, call) { stored in
            for (name, value) in change.members { stored.body[name] = value }
        }
        return .object(shown(visualization: changed))
    }

    static let deleteVisualization = Operation("sql.query_visualizations_legacy.delete", .delete, oneVisualization) { call -> Void in
        try visualization.remove(try visualization.existing(call, .write, JSONObject()), call)
    }

    private static func stored(visualization body: JSONObject) throws -> JSONObject {
        var object = JSONObject()
        object["display_name"] = body["name"]
        object["type"] = body["type"]
        object["legacy_description"] = body["description"]
        if let options = body["options"] {
            guard options.objectValue != nil else { throw WorkspaceError.invalid("options must be an object.") }
            object["serialized_options"] = .string(options.text)
        }
        return object
    }

    static func shown(visualization stored: StoredResource) -> JSONObject {
        var object = JSONObject([("id", .string(stored.id))])
        object["name"] = stored.body["display_name"]
        object["type"] = stored.body["type"]
        object["description"] = stored.body["legacy_description"]
        object["options"] = stored.body["serialized_options"]?.stringValue.flatMap { try? JSONValue(parsing: $0) } ?? [:]
        object["created_at"] = .string(RFC3339.text(millis: stored.createdAt))
        object["updated_at"] = .string(RFC3339.text(millis: stored.updatedAt))
        return object
    }
}

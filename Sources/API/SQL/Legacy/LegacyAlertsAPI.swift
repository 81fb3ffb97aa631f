import HTTPTypes
import JSON
import Workspace

/// The alerts of `/api/2.0/sql/alerts` as the older API has them.
package enum LegacyAlertsAPI: APIGroup {
    package static let operations = [create, get, list, update, delete]

    private static let path = LegacySQL.root + "alerts"
    private static let one = path + "/{alert_id}"
    private static let alert = SQLObjectsAPI.alert

    static let create = Operation(
        "sql.alerts_legacy.create", .post, path, limits: "conditions are evaluated by tasks of jobs alone; nobody is notified"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path)
        var object = JSONObject([("notify_on_ok", false)])
        if let parent = body["parent"]?.stringValue { object["parent_path"] = .string(try LegacySQL.path(parent, call)) }
        try change(&object, body)
        try alert.rule?(&object, nil, call)
        return .object(try shown(try call.workspace.resources.insert(alert, object, call), call))
    }

    static let get = Operation("sql.alerts_legacy.get", .get, one) { call -> JSONValue in
        .object(try shown(try existing(call, .read), call))
    }

    static let list = Operation("sql.alerts_legacy.list", .get, path) { call -> JSONValue in
        let rows = try call.workspace.resources.list(alert.kind).filter { try !alert.isTrashed($0) && alert.isAllowed(.read, $0, call) }
        return .array(try rows.map { .object(try shown($0, call)) })
    }

    static let update = Operation("sql.alerts_legacy.update", .put, one) { call -> Void in
        let found = try existing(call, .edit)
        let body = try call.contractBody(.put, one)
        _ = try call.workspace.resources.update(alert, found.id, call) { stored in
            let old = stored
            try change(&stored.body, body)
            try alert.rule?(&stored.body, old, call)
        }
    }

    static let delete = Operation("sql.alerts_legacy.delete", .delete, one) { call -> Void in
        try alert.remove(try existing(call, .write), call)
    }

    /// The older API knows no alerts in the trash.
    private static func existing(_ call: Call, _ action: Resource.Action) throws -> StoredResource {
        let found = try alert.existing(call, action, JSONObject())
        guard !alert.isTrashed(found) else { throw alert.notFound(found.id) }
        return found
    }

    // MARK: Forms

    private static let operators = [
        (">", "GREATER_THAN"), (">=", "GREATER_THAN_OR_EQUAL"), ("<", "LESS_THAN"), ("<=", "LESS_THAN_OR_EQUAL"), ("==", "EQUAL"),
        ("!=", "NOT_EQUAL"),
    ]
    private static let texts = ["custom_subject", "custom_body"]

    private static func change(_ object: inout JSONObject, _ body: JSONObject) throws {
        guard let options = body["options"]?.objectValue else { throw WorkspaceError.missing("options") }
        object["display_name"] = body["name"]
        object["query_id"] = body["query_id"]
        object["seconds_to_retrigger"] = body["rearm"] ?? 0
        let sign = options["op"]?.stringValue ?? ""
        guard let name = operators.first(where: { $0.0 == sign || $0.1 == sign })?.1 else {
            throw WorkspaceError.invalid("Unknown operator '\(sign.prefix(16))' in options.op; it must be one of >, >=, <, <=, == and !=.")
        }
        guard let column = options["column"]?.stringValue, !column.isEmpty else { throw WorkspaceError.missing("options.column") }
        let value: JSONValue
        switch options["value"] {
        case .string(let text)?: value = ["string_value": .string(text)]
        case .number(let text)?: value = ["double_value": .number(text)]
        case .bool(let flag)?: value = ["bool_value": .bool(flag)]
        default: throw WorkspaceError.invalid("options.value must be a text, a number or a boolean.")
        }
        var condition = JSONObject([
            ("op", .string(name)), ("operand", ["column": ["name": .string(column)]]), ("threshold", ["value": value]),
        ])
        condition["empty_result_state"] = LegacySQL.mode(options["empty_result_state"])
        object["condition"] = .object(condition)
        for name in texts { object[name] = options[name] }
        object["muted"] = options["muted"]
    }

    private static func shown(_ stored: StoredResource, _ call: Call) throws -> JSONObject {
        let body = stored.body
        let condition = body["condition"]
        let name = condition?["op"]?.stringValue ?? ""
        var options = JSONObject([
            ("column", condition?["operand"]?["column"]?["name"] ?? ""), ("op", .string(operators.first { $0.1 == name }?.0 ?? name)),
        ])
        let value = condition?["threshold"]?["value"]
        options["value"] = ["string_value", "double_value", "bool_value"].lazy.compactMap { value?[$0] }.first { !$0.isNull } ?? .null
        options["empty_result_state"] = LegacySQL.role(condition?["empty_result_state"])
        for name in texts { options[name] = body[name] }
        options["muted"] = body["muted"] ?? false
        var object = JSONObject([
            ("id", .string(stored.id)), ("name", body["display_name"] ?? ""), ("options", .object(options)),
            ("state", LegacySQL.role(body["state"]) ?? "unknown"),
        ])
        object["last_triggered_at"] = body["trigger_time"]
        if let seconds = body["seconds_to_retrigger"]?.intValue, seconds > 0 { object["rearm"] = .int(seconds) }
        object["parent"] = try LegacySQL.parent(body["parent_path"], call)
        object["user"] = try LegacySQL.user(try SQLOwner.name(stored, call), call)
        object["created_at"] = .string(RFC3339.text(millis: stored.createdAt))
        object["updated_at"] = .string(RFC3339.text(millis: stored.updatedAt))
        if let id = body["query_id"]?.stringValue, let query = try SQLObjectsAPI.query.find(id, call),
            try SQLObjectsAPI.query.isAllowed(.read, query, call)
        {
            object["query"] = .object(try LegacyQueriesAPI.brief(query, call))
        }
        return object
    }
}

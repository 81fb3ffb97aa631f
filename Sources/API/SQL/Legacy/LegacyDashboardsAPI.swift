import HTTPTypes
import JSON
import Workspace

/// Dashboards of the older kind and their widgets: kept as they are written, never drawn.
package enum LegacyDashboardsAPI: APIGroup {
    package static let operations = [create, get, list, update, delete, restore, createWidget, updateWidget, deleteWidget]

    private static let path = LegacySQL.root + "dashboards"
    private static let one = path + "/{dashboard_id}"

    static let dashboard = Resource("dbsql-dashboard", "Dashboard", schema: "sql.Dashboard", id: "dashboard_id", .uuid).with {
        $0.access = .permissions("dbsql-dashboards")
        $0.children = ["dbsql-widget"]
        $0.trash = Resource.month
    }

    // MARK: Dashboards

    static let create = Operation("sql.dashboards.create", .post, path) { call -> JSONValue in
        let body = try call.contractBody(.post, path)
        guard let name = body["name"]?.stringValue, !name.isEmpty else { throw WorkspaceError.missing("name") }
        var object = JSONObject([("name", .string(name))])
        for member in ["tags", "dashboard_filters_enabled", "run_as_role"] { object[member] = body[member] }
        if body["is_favorite"] == true { object["favorite_of"] = [.string(call.principal.userName)] }
        object["parent_path"] = .string(
            try body["parent"]?.stringValue.map { try LegacySQL.path($0, call) } ?? "/Users/\(call.principal.userName)")
        return .object(try shown(try call.workspace.resources.insert(dashboard, object, call), call))
    }

    static let get = Operation("sql.dashboards.get", .get, one) { call -> JSONValue in
        .object(try shown(try dashboard.existing(call, .read, JSONObject()), call))
    }

    static let list = Operation("sql.dashboards.list", .get, path) { call -> JSONValue in
        _ = try call.contractBody(.get, path)
        return try LegacySQL.list(
            dashboard, call,
            keys: [
                ("name", { $0.body["name"]?.stringValue?.lowercased() ?? "" }),
                ("created_at", { LegacySQL.key(millis: $0.createdAt, $0.position) }),
            ],
            text: { row in
                ([row.body["name"]?.stringValue ?? ""] + (row.body["tags"]?.arrayValue ?? []).compactMap(\.stringValue)).joined(separator: "\n")
            }, shown: { .object(try shown($0, call)) })
    }

    static let update = Operation("sql.dashboards.update", .post, one) { call -> JSONValue in
        let found = try dashboard.existing(call, .edit, JSONObject())
        let body = try call.contractBody(.post, one)
        if let name = body["name"]?.stringValue, name.isEmpty { throw WorkspaceError.missing("name") }
        let changed = try call.workspace.resources.update(dashboard, found.id, call) { stored in
            try dashboard.refuseTrashed(stored)
            for (name, value) in body.members { stored.body[name] = value }
        }
        return .object(try shown(changed, call))
    }

    static let delete = Operation("sql.dashboards.delete", .delete, one) { call -> Void in
        try dashboard.moveToTrash(try dashboard.existing(call, .write, JSONObject()), call)
    }

    static let restore = Operation("sql.dashboards.restore", .post, path + "/trash/{dashboard_id}") { call -> Void in
        try dashboard.restore(try dashboard.existing(call, .write, JSONObject()), call)
    }

    private static func shown(_ stored: StoredResource, _ call: Call) throws -> JSONObject {
        let name = stored.body["name"]?.stringValue ?? ""
        var object = JSONObject([
            ("id", .string(stored.id)), ("name", .string(name)), ("slug", .string(slug(name))), ("tags", stored.body["tags"] ?? []),
            ("dashboard_filters_enabled", stored.body["dashboard_filters_enabled"] ?? false),
            ("is_favorite", .bool(stored.body["favorite_of"]?.arrayValue?.contains(.string(call.principal.userName)) ?? false)),
        ])
        try LegacySQL.complete(&object, dashboard, stored, "dbsql-dashboards", call)
        object["options"] = .members(dashboard.trashedAt(stored).map { [("moved_to_trash_at", .string(RFC3339.text(millis: $0)))] } ?? [])
        object["widgets"] = .array(try widgets(of: stored.id, call).map { .object(try shown(widget: $0, call)) })
        return object
    }

    /// The name with dashes for all that is no letter or digit.
    private static func slug(_ name: String) -> String {
        name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }

    // MARK: Widgets

    private static let widgetPath = LegacySQL.root + "widgets"
    private static let oneWidget = widgetPath + "/{id}"

    static let widget = Resource("dbsql-widget", "Widget", schema: "sql.Widget", id: "id", .uuid).with {
        $0.access = .permissionsOfParent("dbsql-dashboards")
    }

    static func widgets(of dashboard: String, _ call: Call) throws -> [StoredResource] {
        try call.workspace.resources.list(widget.kind, parent: dashboard)
    }

    /// The visualization that a widget shows, with its query; nil for a text, and if either is gone.
    static func content(_ widget: StoredResource, _ call: Call) throws -> (visualization: StoredResource, query: StoredResource)? {
        guard let id = widget.body["visualization_id"]?.stringValue,
            let visualization = try call.workspace.resources.get(SQLObjectsAPI.visualization.kind, id),
            let query = try SQLObjectsAPI.query.find(visualization.parent, call)
        else { return nil }
        return (visualization, query)
    }

    static let createWidget = Operation("sql.dashboard_widgets.create", .post, widgetPath, limits: "the text of a text box is kept, not shown") {
        call -> JSONValue in
        let body = try call.contractBody(.post, widgetPath)
        let owner = try edited(body, call)
        let object = try checked(body, call)
        return .object(try shown(widget: try call.workspace.resources.insert(widget, object, parent: owner.id, call), call))
    }

    static let updateWidget = Operation("sql.dashboard_widgets.update", .post, oneWidget, limits: "the text of a text box is kept, not shown") {
        call -> JSONValue in
        let found = try widget.existing(call, .edit, JSONObject())
        let body = try call.contractBody(.post, oneWidget)
        guard try edited(body, call).id == found.parent else {
            throw WorkspaceError.invalid("Widget \(found.id) is not part of the dashboard \(body["dashboard_id"]?.stringValue?.prefix(64) ?? "").")
        }
        let object = try checked(body, call)
        return .object(try shown(widget: try call.workspace.resources.update(widget, found.id, call) { $0.body = object }, call))
    }

    static let deleteWidget = Operation("sql.dashboard_widgets.delete", .delete, oneWidget) { call -> Void in
        try widget.remove(try widget.existing(call, .write, JSONObject()), call)
    }

    /// The dashboard that a request names, which its caller may edit.
    private static func edited(_ body: JSONObject, _ call: Call) throws -> StoredResource {
        let id = body["dashboard_id"]?.stringValue ?? ""
        guard let found = try dashboard.find(id, call) else { throw dashboard.notFound(id) }
        try dashboard.authorize(.edit, found, call)
        try dashboard.refuseTrashed(found)
        return found
    }

    private static func checked(_ body: JSONObject, _ call: Call) throws -> JSONObject {
        var object = JSONObject()
        for name in ["width", "options", "visualization_id"] { object[name] = body[name] }
        guard let id = body["visualization_id"]?.stringValue else {
            object["text"] = body["text"] ?? ""
            return object
        }
        let visualization = SQLObjectsAPI.visualization
        guard let found = try call.workspace.resources.get(visualization.kind, id) else { throw visualization.notFound(id) }
        try visualization.authorize(.read, found, call)
        return object
    }

    private static func shown(widget stored: StoredResource, _ call: Call) throws -> JSONObject {
        var object = JSONObject([("id", .string(stored.id))])
        object["width"] = stored.body["width"]
        var options = stored.body["options"]?.objectValue ?? JSONObject()
        options["created_at"] = .string(RFC3339.text(millis: stored.createdAt))
        options["updated_at"] = .string(RFC3339.text(millis: stored.updatedAt))
        object["options"] = .object(options)
        if let (visualization, query) = try content(stored, call), try SQLObjectsAPI.query.isAllowed(.read, query, call) {
            var inner = LegacyQueriesAPI.shown(visualization: visualization)
            inner["query"] = .object(try LegacyQueriesAPI.shown(query, call, visualizations: false))
            object["visualization"] = .object(inner)
        }
        return object
    }
}

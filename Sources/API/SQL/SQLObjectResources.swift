import HTTPTypes
import JSON
import Jobs
import Workspace

/// Saved queries, their visualizations, and alerts of both kinds.
package enum SQLObjectsAPI: APIGroup {
    package static let operations = queries + visualizations + alerts + newAlerts + destinations

    // MARK: Queries

    static let query = Resource("query", "Query", schema: "sql.Query", id: "id", .uuid).with {
        $0.wrapper = "query"
        $0.access = .permissions("queries")
        $0.defaults = [("display_name", "New query"), ("query_text", ""), ("run_as_mode", "OWNER"), ("apply_auto_limit", false)]
        $0.stamps = [("create_time", .createdText), ("update_time", .updatedText), ("lifecycle_state", .constant("ACTIVE"))]
        $0.children = ["visualization"]
        $0.trash = Resource.month
        $0.rule = { object, old, call in
            try ownedFolder(&object, old, call)
            object["last_modifier_user_name"] = .string(call.principal.userName)
        }
        $0.changed = SQLOwner.follow
        $0.show = { object, resource, call in object["owner_user_name"] = .string(try SQLOwner.name(resource, call)) }
    }

    private static let ownedFolder: @Sendable (inout JSONObject, StoredResource?, Call) throws -> Void = { object, old, call in
        if object["parent_path"] == nil { object["parent_path"] = .string("/Users/\(call.principal.userName)") }
        object["lifecycle_state"] = old?.body["lifecycle_state"] ?? "ACTIVE"
        try SQLOwner.check(&object, old, call)
    }

    private static let inQuery = Resource.Parent(query, "id")

    private static let queries = [
        query.create("sql.queries.create", "/api/2.0/sql/queries"),
        query.get("sql.queries.get", "/api/2.0/sql/queries/{id}"),
        query.list("sql.queries.list", "/api/2.0/sql/queries", items: "results", schema: "sql.ListQueryObjectsResponseQuery", paged: true),
        query.update("sql.queries.update", .patch, "/api/2.0/sql/queries/{id}", .mask),
        query.delete("sql.queries.delete", .delete, "/api/2.0/sql/queries/{id}"),
        Operation("sql.queries.list_visualizations", .get, "/api/2.0/sql/queries/{id}/visualizations") { call -> JSONValue in
            let id = try inQuery.existing(call)
            let paging = try Paging(call, list: "visualizations \(id)", pageSize: 100, sizeName: "page_size")
            let rows = try call.workspace.resources.list(visualization.kind, parent: id, after: paging.after.flatMap { Int64($0) } ?? 0)
            let shown = Dictionary(try rows.map { ($0.position, try visualization.shown($0, call)) }, uniquingKeysWith: { first, _ in first })
            return paging.reply("results", rows, key: { String($0.position) }) { shown[$0.position] ?? .null }
        },
    ]

    // MARK: Visualizations

    static let visualization = Resource("visualization", "Visualization", schema: "sql.Visualization", id: "id", .uuid).with {
        $0.wrapper = "visualization"
        $0.required = ["query_id"]
        $0.access = .permissionsOfParent("queries")
        $0.parentMember = "query_id"
        $0.stamps = [("create_time", .createdText), ("update_time", .updatedText)]
        $0.rule = { object, old, call in
            guard old == nil else { return }
            let id = object["query_id"]?.stringValue ?? ""
            guard let owner = try query.find(id, call) else { throw query.notFound(id) }
            try query.refuseTrashed(owner)
            try query.authorize(.edit, owner, call)
        }
    }

    private static let visualizations = [
        visualization.create("sql.query_visualizations.create", "/api/2.0/sql/visualizations"),
        visualization.update("sql.query_visualizations.update", .patch, "/api/2.0/sql/visualizations/{id}", .mask),
        visualization.delete("sql.query_visualizations.delete", .delete, "/api/2.0/sql/visualizations/{id}"),
    ]

    // MARK: Alerts

    static let alert = Resource("alert", "Alert", schema: "sql.Alert", id: "id", .uuid).with {
        $0.wrapper = "alert"
        $0.access = .permissions("alerts")
        $0.required = ["query_id", "condition"]
        $0.defaults = [("display_name", "New alert"), ("seconds_to_retrigger", 0), ("notify_on_ok", false)]
        $0.stamps = [
            ("create_time", .createdText), ("update_time", .updatedText), ("lifecycle_state", .constant("ACTIVE")), ("state", .constant("UNKNOWN")),
        ]
        $0.trash = Resource.month
        $0.rule = { object, old, call in
            try ownedFolder(&object, old, call)
            // It is enough that the query was there when the alert was made.
            guard let id = object["query_id"]?.stringValue, id != old?.body["query_id"]?.stringValue else { return }
            guard let found = try query.find(id, call) else { throw query.notFound(id) }
            try query.refuseTrashed(found)
            try query.authorize(.read, found, call)
        }
        $0.changed = SQLOwner.follow
        $0.show = { object, resource, call in object["owner_user_name"] = .string(try SQLOwner.name(resource, call)) }
    }

    private static let alerts = [
        alert.create(
            "sql.alerts.create", "/api/2.0/sql/alerts",
            limits: "conditions are evaluated by tasks of jobs alone; nobody is notified"),
        alert.get("sql.alerts.get", "/api/2.0/sql/alerts/{id}"),
        alert.list("sql.alerts.list", "/api/2.0/sql/alerts", items: "results", schema: "sql.ListAlertsResponseAlert", paged: true),
        alert.update("sql.alerts.update", .patch, "/api/2.0/sql/alerts/{id}", .mask),
        alert.delete("sql.alerts.delete", .delete, "/api/2.0/sql/alerts/{id}"),
    ]

    static let newAlert = Resource("alert-v2", "Alert", schema: "sql.AlertV2", id: "id", .uuid).with {
        $0.access = .permissions("alertsv2")
        $0.required = ["display_name", "query_text", "warehouse_id", "evaluation", "schedule"]
        $0.stamps = [
            ("create_time", .createdText), ("update_time", .updatedText), ("lifecycle_state", .constant("ACTIVE")), ("owner_user_name", .owner),
            ("run_as_user_name", .owner),
        ]
        $0.trash = Resource.month
        $0.trashState = "DELETED"
        $0.rule = { object, old, call in
            if object["parent_path"] == nil { object["parent_path"] = .string("/Users/\(call.principal.userName)") }
            object["lifecycle_state"] = old?.body["lifecycle_state"] ?? "ACTIVE"
            _ = try AlertSchedule.timing(object)
        }
        $0.touched = { id, call in try call.tenant.jobs.scheduleChanged("alert-v2", id) }
    }

    private static let newAlerts = [
        newAlert.create(
            "sql.alerts_v2.create", "/api/2.0/alerts", limits: "nobody is notified"),
        newAlert.get("sql.alerts_v2.get", "/api/2.0/alerts/{id}"),
        newAlert.list("sql.alerts_v2.list", "/api/2.0/alerts", items: "alerts", paged: true),
        newAlert.update("sql.alerts_v2.update", .patch, "/api/2.0/alerts/{id}", .mask),
        newAlert.delete("sql.alerts_v2.trash", .delete, "/api/2.0/alerts/{id}"),
    ]

    // MARK: Notification destinations

    static let destination = Resource(
        "notification-destination", "Notification destination", schema: "settings.NotificationDestination", id: "id", .uuid
    ).with {
        $0.access = .adminWrites
        $0.unique = "display_name"
        $0.required = ["display_name", "config"]
        $0.rule = { object, _, _ in
            let kinds = object["config"]?.objectValue?.names ?? []
            guard kinds.count == 1, let kind = kinds.first else { throw WorkspaceError.invalid("config must hold exactly one kind of destination.") }
            object["destination_type"] = .string(kind == "generic_webhook" ? "WEBHOOK" : kind.uppercased())
        }
        $0.show = { object, _, _ in
            // Passwords and keys are told of, not shown.
            guard case .object(var config)? = object["config"], let kind = config.names.first, case .object(var inner)? = config[kind] else { return }
            for name in ["password", "url", "integration_key", "oauth_token", "client_secret", "token", "auth_secret"] where inner[name] != nil {
                inner[name] = nil
                inner[name + "_set"] = true
            }
            config[kind] = .object(inner)
            object["config"] = .object(config)
        }
    }

    private static let destinations = [
        destination.create("settings.notification_destinations.create", "/api/2.0/notification-destinations"),
        destination.get("settings.notification_destinations.get", "/api/2.0/notification-destinations/{id}"),
        destination.list(
            "settings.notification_destinations.list", "/api/2.0/notification-destinations", items: "results",
            schema: "settings.ListNotificationDestinationsResult", paged: true),
        destination.update("settings.notification_destinations.update", .patch, "/api/2.0/notification-destinations/{id}", .merge),
        destination.delete("settings.notification_destinations.delete", .delete, "/api/2.0/notification-destinations/{id}"),
    ]
}

import HTTPTypes
import JSON
import Workspace

/// Dashboards with their published versions, schedules and subscriptions: kept as they are written, never drawn and never sent.
package enum LakeviewAPI: APIGroup {
    package static let operations = dashboards + publication + schedules + subscriptions + [DashboardMigration.operation]

    private static let path = "/api/2.0/lakeview/dashboards"
    private static let one = path + "/{dashboard_id}"

    /// Refuses a change of what somebody else has changed since; the client's own etag is not kept.
    private static func checkTag(_ object: inout JSONObject, _ old: StoredResource?) throws {
        defer { object["etag"] = nil }
        guard let old, let tag = object["etag"]?.stringValue, !tag.isEmpty else { return }
        guard tag == Resource.etag(old) else { throw stale(old.id) }
    }

    private static func stale(_ id: String) -> WorkspaceError {
        WorkspaceError(.aborted, "\(id.prefix(64)) was changed since it was read: the etag is not the current one.", status: 409)
    }

    // MARK: Dashboards

    static let dashboard = Resource("lakeview", "Dashboard", schema: "dashboards.Dashboard", id: "dashboard_id", .hex16).with {
        $0.access = .permissions("dashboards")
        $0.required = ["display_name"]
        $0.unique = "path"
        $0.stamps = [("create_time", .createdText), ("update_time", .updatedText), ("etag", .etag)]
        $0.children = ["lakeview-published", "lakeview-schedule"]
        $0.rule = { object, old, call in
            try checkTag(&object, old)
            object["lifecycle_state"] = old?.body["lifecycle_state"] ?? "ACTIVE"
            if let old { object["parent_path"] = old.body["parent_path"] }
            var folder = object["parent_path"]?.stringValue ?? ""
            if folder.isEmpty { folder = "/Users/\(call.principal.userName)" }
            guard folder.hasPrefix("/"), !folder.split(separator: "/").contains("..") else {
                throw WorkspaceError.invalid("parent_path must be an absolute path, not '\(folder.prefix(128))'.")
            }
            while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
            object["parent_path"] = .string(folder)
            let name = object["display_name"]?.stringValue ?? ""
            guard !name.isEmpty, !name.contains("/") else { throw WorkspaceError.invalid("Invalid display_name '\(name.prefix(128))'.") }
            object["path"] = .string((folder == "/" ? "" : folder) + "/\(name).lvdash.json")
            let text = object["serialized_dashboard"]?.stringValue ?? "{\"pages\":[]}"
            guard (try? JSONValue(parsing: Array(text.utf8)))?.objectValue != nil else {
                throw WorkspaceError.invalid("serialized_dashboard is no JSON object.")
            }
            object["serialized_dashboard"] = .string(text)
        }
        $0.show = { object, resource, _ in if resource.body["lifecycle_state"] == "TRASHED" { object["parent_path"] = nil } }
    }

    private static let dashboards = [
        dashboard.create(
            "dashboards.lakeview.create", path,
            limits: "dashboards are kept, not drawn (a task of a job runs their queries), and are not in the workspace's tree of objects"),
        dashboard.get("dashboards.lakeview.get", one),
        dashboard.list("dashboards.lakeview.list", path, items: "dashboards", paged: true) { resource, call in
            try call.query.bool("show_trashed") == true || resource.body["lifecycle_state"] != "TRASHED"
        },
        dashboard.update("dashboards.lakeview.update", .patch, one, .merge),
        Operation("dashboards.lakeview.trash", .delete, one) { call -> Void in
            let found = try dashboard.existing(call, .write, JSONObject())
            // Its name is free again.
            _ = try call.workspace.resources.update(dashboard.kind, found.id) { $0.body["lifecycle_state"] = "TRASHED" }
            for child in dashboard.children { try call.workspace.resources.deleteAll(child, parent: found.id) }
        },
    ]

    /// One that is not in the trash.
    private static func active(_ call: Call, _ action: Resource.Action) throws -> StoredResource {
        let id = try call.path("dashboard_id")
        guard let found = try call.workspace.resources.get(dashboard.kind, id) else { throw dashboard.notFound(id) }
        try dashboard.authorize(action, found, call)
        guard found.body["lifecycle_state"] != "TRASHED" else { throw WorkspaceError(.invalidState, "Dashboard \(found.id) is in the trash.") }
        return found
    }

    // MARK: Published versions

    static let published = Resource("lakeview-published", "Published dashboard", schema: "dashboards.PublishedDashboard", id: "dashboard_id", .given)

    private static func publishedVersion(_ call: Call) throws -> StoredResource {
        let found = try dashboard.existing(call, .read, JSONObject())
        guard let version = try call.workspace.resources.get(published.kind, found.id) else {
            throw WorkspaceError(.resourceDoesNotExist, "Dashboard \(found.id) is not published.")
        }
        return version
    }

    private static let publication = [
        Operation("dashboards.lakeview.publish", .post, one + "/published") { call -> JSONValue in
            let found = try active(call, .write)
            var version = try call.contractBody(.post, one + "/published")
            version["dashboard_id"] = .string(found.id)
            version["embed_credentials"] = version["embed_credentials"] ?? true
            for name in ["display_name", "warehouse_id", "serialized_dashboard"] where version[name] == nil { version[name] = found.body[name] }
            version["revision_create_time"] = .string(RFC3339.text(millis: call.workspace.environment.nowMillis))
            _ = try call.workspace.resources.delete(published.kind, found.id)
            return try published.shown(try call.workspace.resources.insert(published, version, parent: found.id, call), call)
        },
        Operation("dashboards.lakeview.get_published", .get, one + "/published") { call -> JSONValue in
            try published.shown(try publishedVersion(call), call)
        },
        Operation("dashboards.lakeview.unpublish", .delete, one + "/published") { call -> Void in
            _ = try active(call, .write)
            _ = try call.workspace.resources.delete(published.kind, try publishedVersion(call).id)
        },
        Operation("dashboards.lakeview.revert", .post, one + "/revert") { call -> JSONValue in
            let found = try active(call, .write)
            let body = try call.contractBody(.post, one + "/revert")
            let version = try publishedVersion(call)
            let changed = try call.workspace.resources.update(dashboard, found.id, call) { stored in
                if let tag = body["etag"]?.stringValue, !tag.isEmpty, tag != Resource.etag(stored) { throw stale(found.id) }
                for name in ["display_name", "warehouse_id", "serialized_dashboard"] { stored.body[name] = version.body[name] }
                let before = stored
                try dashboard.rule?(&stored.body, before, call)
            }
            return ["dashboard": try dashboard.shown(changed, call)]
        },
    ]

    // MARK: Schedules

    private static let inDashboard = Resource.Parent(dashboard, "dashboard_id")
    private static let schedulesPath = one + "/schedules"
    private static let oneSchedule = schedulesPath + "/{schedule_id}"

    static let schedule = Resource("lakeview-schedule", "Schedule", schema: "dashboards.Schedule", id: "schedule_id", .uuid).with {
        $0.required = ["cron_schedule"]
        $0.defaults = [("pause_status", "UNPAUSED")]
        $0.stamps = [("create_time", .createdText), ("update_time", .updatedText), ("etag", .etag)]
        $0.children = ["lakeview-subscription"]
        $0.rule = { object, old, call in
            _ = try active(call, .write)
            try checkTag(&object, old)
            object["dashboard_id"] = .string(try call.path("dashboard_id"))
            for name in ["quartz_cron_expression", "timezone_id"] where object["cron_schedule"]?[name]?.stringValue?.isEmpty ?? true {
                throw WorkspaceError.missing("cron_schedule." + name)
            }
        }
    }

    private static let schedules = [
        schedule.create("dashboards.lakeview.create_schedule", schedulesPath, limits: "nothing is sent when its time comes", parent: inDashboard),
        schedule.get("dashboards.lakeview.get_schedule", oneSchedule),
        schedule.list("dashboards.lakeview.list_schedules", schedulesPath, items: "schedules", paged: true, parent: inDashboard),
        schedule.update("dashboards.lakeview.update_schedule", .put, oneSchedule, .replace),
        delete("dashboards.lakeview.delete_schedule", oneSchedule, schedule),
    ]

    private static func delete(_ id: String, _ path: String, _ resource: Resource) -> Operation {
        Operation(id, .delete, path) { call -> Void in
            _ = try active(call, .write)
            let found = try resource.existing(call, .write, JSONObject())
            if let tag = call.query.string("etag"), !tag.isEmpty, tag != Resource.etag(found) { throw stale(found.id) }
            _ = try call.workspace.resources.delete(resource.kind, found.id)
            for child in resource.children { try call.workspace.resources.deleteAll(child, parent: found.id) }
        }
    }

    // MARK: Subscriptions

    private static let inSchedule = Resource.Parent(schedule, "schedule_id")
    private static let subscriptionsPath = oneSchedule + "/subscriptions"
    private static let oneSubscription = subscriptionsPath + "/{subscription_id}"

    static let subscription = Resource("lakeview-subscription", "Subscription", schema: "dashboards.Subscription", id: "subscription_id", .uuid).with
    {
        $0.required = ["subscriber"]
        $0.stamps = [("create_time", .createdText), ("update_time", .updatedText), ("etag", .etag), ("created_by_user_id", .ownerID)]
        $0.rule = { object, _, call in
            object["etag"] = nil
            object["dashboard_id"] = .string(try call.path("dashboard_id"))
            guard let kinds = object["subscriber"]?.objectValue?.names, kinds.count == 1 else {
                throw WorkspaceError.invalid("subscriber must be one of user_subscriber and destination_subscriber.")
            }
        }
    }

    private static let subscriptions = [
        subscription.create("dashboards.lakeview.create_subscription", subscriptionsPath, limits: "nothing is sent", parent: inSchedule),
        subscription.get("dashboards.lakeview.get_subscription", oneSubscription),
        subscription.list("dashboards.lakeview.list_subscriptions", subscriptionsPath, items: "subscriptions", paged: true, parent: inSchedule),
        delete("dashboards.lakeview.delete_subscription", oneSubscription, subscription),
    ]
}

import HTTPTypes
import JSON
import Jobs
import Warehouse
import Workspace

/// Updates of pipelines and the events that they leave: `/api/2.0/pipelines/{pipeline_id}/updates`, `…/events`.
package enum PipelineUpdatesAPI: APIGroup {
    package static let operations = [start, stop, list, get, events]

    private static let path = PipelinesAPI.path + "/{pipeline_id}"

    private static let refused = [
        "rewind_spec", "reset_checkpoint_selection", "replace_where_overrides", "refresh_selection_by_path", "full_refresh_selection_by_path",
    ]

    static let start = Operation(
        "pipelines.start_update", .post, path + "/updates",
        limits: "an update passes its states as fast as its statements run; after a failure in production mode the next one begins a minute later"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path + "/updates")
        let pipeline = try PipelinesAPI.existing(call, "CAN_RUN")
        for name in refused where body[name] != nil { throw WorkspaceError(.notImplemented, "\(name) is not simulated.") }
        if body["full_refresh"]?.boolValue ?? false, body["refresh_selection"] != nil || body["full_refresh_selection"] != nil {
            throw WorkspaceError.invalid("full_refresh must not be given together with refresh_selection or full_refresh_selection.")
        }
        var options = JSONObject()
        for name in ["full_refresh", "full_refresh_selection", "refresh_selection", "validate_only", "parameters"] { options[name] = body[name] }
        let cause = body["cause"]?.stringValue ?? "API_CALL"
        return ["update_id": .string(try call.tenant.jobs.pipelines.start(pipeline.id, options, cause: cause))]
    }

    static let stop = Operation("pipelines.stop", .post, path + "/stop") { call -> Void in
        try await call.tenant.jobs.pipelines.stop(PipelinesAPI.existing(call, "CAN_RUN").id)
    }

    static let get = Operation("pipelines.get_update", .get, path + "/updates/{update_id}") { call -> JSONValue in
        let pipeline = try PipelinesAPI.existing(call, "CAN_VIEW")
        await call.tenant.jobs.pipelines.settle(pipeline.id)
        return ["update": shown(try call.tenant.jobs.pipelines.update(call.path("update_id"), of: pipeline.id))]
    }

    static let list = Operation("pipelines.list_updates", .get, path + "/updates") { call -> JSONValue in
        let pipeline = try PipelinesAPI.existing(call, "CAN_VIEW")
        await call.tenant.jobs.pipelines.settle(pipeline.id)
        var rows = try call.tenant.jobs.pipelines.updates(of: pipeline.id)
        if let last = call.query.string("until_update_id"), let place = rows.firstIndex(where: { $0.id == last }) {
            rows = Array(rows.prefix(place + 1))
        }
        return .object(try page(rows, "updates \(pipeline.id)", most: 100, call).reply("updates", backward: true) { shown($0) })
    }

    static let events = Operation("pipelines.list_pipeline_events", .get, path + "/events") { call -> JSONValue in
        let pipeline = try PipelinesAPI.existing(call, "CAN_VIEW")
        await call.tenant.jobs.pipelines.settle(pipeline.id)
        return try events(of: pipeline.id, call)
    }

    // Apart from the asynchronous part: in it, the optimizer of Swift 6.3 breaks down over this.
    private static func events(of pipelineID: String, _ call: Call) throws -> JSONValue {
        let filter = try EventFilter(call.query.string("filter") ?? "")
        var rows = try call.tenant.jobs.pipelines.events(of: pipelineID).filter { filter.matches($0) }
        let order = call.query.all("order_by").joined(separator: ",").lowercased()
        guard ["", "timestamp", "timestamp asc", "timestamp desc"].contains(order) else {
            throw WorkspaceError.invalid("Invalid order_by '\(order.prefix(64))': it may be 'timestamp asc' or 'timestamp desc'.")
        }
        if order.isEmpty || order.hasSuffix("desc") { rows.reverse() }
        let page = try page(rows, "events \(pipelineID) \(order)", most: 250, call)
        return .object(
            page.reply("events", backward: true) { event in
                var object = event.body
                object["id"] = .string(event.id)
                object["timestamp"] = .string(RFC3339.text(millis: event.createdAt, digits: true))
                object["sequence"] = PipelineRecords.sequence(event)
                return .object(object)
            })
    }

    /// `max_results` of 0 is the usual size; one that is too large is refused.
    static func page(_ rows: [StoredResource], _ scope: String, most: Int, _ call: Call) throws -> RowPage<StoredResource> {
        let asked = try call.query.int("max_results") ?? 0
        guard (0...most).contains(asked) else { throw WorkspaceError.invalid("max_results must be between 0 and \(most), got \(asked).") }
        return try RowPage(rows, scope: scope, token: call.query.string("page_token"), limit: asked == 0 ? 25 : asked, id: \.id)
    }

    private static func shown(_ update: StoredResource) -> JSONValue {
        var object = update.body
        object["update_id"] = .string(update.id)
        object["pipeline_id"] = .string(update.parent)
        object["creation_time"] = .int(update.createdAt)
        for name in ["full_refresh", "validate_only"] where object[name] == nil { object[name] = false }
        object["mode"] = object["config"]?["continuous"]?.boolValue ?? false ? "CONTINUOUS" : "DEFAULT"
        return Contract.known(.object(object), .named("pipelines.UpdateInfo"))
    }
}

import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Queries of serving endpoints: `/serving-endpoints/{name}/invocations`. Features are looked up in online tables; models are not run.
package enum InvocationsAPI: APIGroup {
    package static let operations = [query]

    private static let mostRecords = 10_000

    private static let query = Operation(
        "serving.endpoints.query", .post, "/serving-endpoints/{name}/invocations",
        limits: "endpoints of feature specifications; models are not run"
    ) { call -> JSONValue in
        let name = try call.path("name")
        let records = try records(try call.json())
        var plan = try InvocationsAPI.plan(name, call)
        if plan.isContinuous, try await caughtUp(plan, call) { plan = try InvocationsAPI.plan(name, call) }
        var outputs: [JSONValue] = []
        outputs.reserveCapacity(records.count)
        for record in records { outputs.append(try await plan.answer(record, call)) }
        return ["outputs": .array(outputs)]
    }

    private static func plan(_ name: String, _ call: Call) throws -> ServingPlan {
        let changes = try call.workspace.store.changeCount
        let key = "\(call.principal.userName)\n\(name)"
        if let known = call.tenant.servingPlans.get(key, changes: changes) { return known }
        let endpoint = try ServingEndpointsAPI.existing(name, "CAN_QUERY", call)
        let now = call.workspace.environment.nowMillis
        guard let config = ServingEndpointsAPI.config(endpoint, at: now) else {
            throw WorkspaceError(.temporarilyUnavailable, "Endpoint '\(name)' is not ready.", status: 503)
        }
        let routes = config["traffic_config"]?["routes"]?.arrayValue ?? []
        let most = routes.max { ($0["traffic_percentage"]?.intValue ?? 0) < ($1["traffic_percentage"]?.intValue ?? 0) }
        let entities = config["served_entities"]?.arrayValue ?? []
        let entity = entities.first { $0["name"] == most?["served_entity_name"] }?.objectValue ?? JSONObject()
        let served = entity["entity_name"]?.stringValue ?? ""
        guard entity["external_model"] == nil, let specName = try? FeatureSpecs.objects.name(served),
            let spec = try FeatureSpecs.objects.find(specName, call)
        else {
            let model = entity["external_model"]?["name"]?.stringValue ?? served
            throw WorkspaceError(
                .notImplemented,
                "serving.endpoints.query (POST /serving-endpoints/\(name)/invocations): running the model '\(model)' is not simulated.")
        }
        let plan = try ServingPlan(spec: spec, call)
        // While another configuration is on its way, time alone changes the answer.
        if ServingEndpointsAPI.since(endpoint) <= now { call.tenant.servingPlans.put(key, plan, changes: changes) }
        return plan
    }

    /// Whether a table had something to catch up with.
    private static func caughtUp(_ plan: ServingPlan, _ call: Call) async throws -> Bool {
        var changed = false
        for case .lookup(let lookup) in plan.steps where lookup.table.mode == "CONTINUOUS" {
            guard let source = lookup.source, try call.tenant.sql.version(of: source) != lookup.table.version else { continue }
            _ = try await PublishedTables.current(lookup.table, call)
            changed = true
        }
        return changed
    }

    /// `dataframe_records`, a list of objects, or `dataframe_split`, columns and rows.
    private static func records(_ body: JSONValue) throws -> [JSONObject] {
        let records: [JSONObject]
        if let list = body["dataframe_records"]?.arrayValue {
            records = list.compactMap(\.objectValue)
            guard records.count == list.count else { throw bad("dataframe_records must be a list of objects.") }
        } else if let split = body["dataframe_split"] {
            guard let columns = split["columns"]?.arrayValue?.compactMap(\.stringValue), let data = split["data"]?.arrayValue else {
                throw bad("dataframe_split must have columns and data.")
            }
            records = try data.map { row in
                guard let values = row.arrayValue, values.count == columns.count else {
                    throw bad("Each row of dataframe_split.data must have a value for each of its \(columns.count) columns.")
                }
                return JSONObject(zip(columns, values).map { ($0, $1) })
            }
        } else {
            throw bad("Invalid input: the body must have one of dataframe_records, dataframe_split.")
        }
        guard records.count <= mostRecords else { throw bad("A query has at most \(mostRecords) records.") }
        return records
    }

    private static func bad(_ message: String) -> WorkspaceError { WorkspaceError(.badRequest, message) }
}

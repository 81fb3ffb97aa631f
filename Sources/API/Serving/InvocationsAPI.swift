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
        let plan = try InvocationsAPI.plan(name, call)
        do {
            let outputs = try await outputs(plan, name, call)
            call.tenant.servingCounts.note(name, status: 200, at: call.workspace.environment.nowMillis)
            return ["outputs": .array(outputs)]
        } catch {
            let status = (error as? WorkspaceError)?.status ?? 500
            call.tenant.servingCounts.note(name, status: status, at: call.workspace.environment.nowMillis)
            throw error
        }
    }

    private static func outputs(_ given: ServingPlan, _ name: String, _ call: Call) async throws -> [JSONValue] {
        let records = try records(try call.json())
        var plan = given
        if plan.isContinuous, try await caughtUp(plan, call) { plan = try InvocationsAPI.plan(name, call) }
        var outputs: [JSONValue] = []
        outputs.reserveCapacity(records.count)
        for record in records { outputs.append(try await plan.answer(record, call)) }
        return outputs
    }

    private static func plan(_ name: String, _ call: Call) throws -> ServingPlan {
        let changes = try call.workspace.store.changeCount
        let key = "\(call.principal.userName)\n\(name)"
        if let known = call.tenant.servingPlans.get(key, changes: changes) { return known }
        let endpoint = try ServingEndpointsAPI.existing(name, "CAN_QUERY", call)
        let plan = try InvocationsAPI.plan(endpoint, call) { model in
            "serving.endpoints.query (POST /serving-endpoints/\(name)/invocations): running the model '\(model)' is not simulated."
        }
        // While another configuration is on its way, time alone changes the answer.
        if ServingEndpointsAPI.since(endpoint) <= call.workspace.environment.nowMillis { call.tenant.servingPlans.put(key, plan, changes: changes) }
        return plan
    }

    /// What most of the endpoint's traffic goes to. `refusal`: the message for a model.
    static func plan(_ endpoint: StoredResource, _ call: Call, refusal: (String) -> String) throws -> ServingPlan {
        guard let config = ServingEndpointsAPI.config(endpoint, at: call.workspace.environment.nowMillis) else {
            throw WorkspaceError(.temporarilyUnavailable, "Endpoint '\(endpoint.uniqueKey ?? "")' is not ready.", status: 503)
        }
        let routes = config["traffic_config"]?["routes"]?.arrayValue ?? []
        let most = routes.max { ($0["traffic_percentage"]?.intValue ?? 0) < ($1["traffic_percentage"]?.intValue ?? 0) }
        let entities = config["served_entities"]?.arrayValue ?? []
        let entity = entities.first { $0["name"] == most?["served_entity_name"] }?.objectValue ?? JSONObject()
        let served = entity["entity_name"]?.stringValue ?? ""
        guard entity["external_model"] == nil, let spec = try ServingConfig.featureSpec(served, call) else {
            throw WorkspaceError(.notImplemented, refusal(entity["external_model"]?["name"]?.stringValue ?? served))
        }
        return try ServingPlan(spec: spec, call)
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

import HTTPTypes
import JSON
import Workspace

/// What an endpoint tells of itself: its schema, its metrics, the logs of what it serves.
package enum ServingInsightAPI: APIGroup {
    package static let operations = [
        openAPI, metrics,
        logs("serving.endpoints.logs", "logs", limits: "empty: no server of a model runs that would print something"),
        logs("serving.endpoints.build_logs", "build-logs", limits: "empty: no container is built"),
    ]

    private static let path = ServingEndpointsAPI.path

    private static func logs(_ id: String, _ name: String, limits: String) -> Operation {
        Operation(id, .get, path + "/{name}/served-models/{served_model_name}/" + name, limits: limits) { call -> JSONValue in
            let endpoint = try ServingEndpointsAPI.existing(call.path("name"), "CAN_VIEW", call)
            _ = try ServingEndpointsAPI.served(call.path("served_model_name"), by: endpoint)
            return ["logs": ""]
        }
    }

    private static let openAPI = Operation(
        "serving.endpoints.get_open_api", .get, path + "/{name}/openapi", limits: "endpoints of feature specifications; models are not read"
    ) { call -> JSONValue in
        let name = try call.path("name")
        let endpoint = try ServingEndpointsAPI.existing(name, "CAN_VIEW", call)
        let plan = try InvocationsAPI.plan(endpoint, call) {
            "serving.endpoints.get_open_api: reading the signature of the model '\($0)' is not simulated."
        }
        return plan.openAPI(name, url: "\(call.baseURL)/serving-endpoints/\(name)")
    }

    /// Gauges of the last whole minute, which the samples' time is the end of, as the service has them.
    private static let metrics = Operation(
        "serving.endpoints.export_metrics", .get, path + "/{name}/metrics",
        limits: "request_count_total, request_4xx_count_total, request_5xx_count_total; nothing runs whose processor, memory or GPU would be measured"
    ) { call -> Reply in
        let name = try call.path("name")
        _ = try ServingEndpointsAPI.existing(name, "CAN_VIEW", call)
        let minute = call.workspace.environment.nowMillis / ServingCounts.minute
        let counts = call.tenant.servingCounts.counts(of: name, in: minute - 1)
        let time = minute * ServingCounts.minute
        var text = ""
        for (gauge, help, count) in [
            ("request_count_total", "Requests during the last minute", counts.all),
            ("request_4xx_count_total", "Requests that ended with a client error during the last minute", counts.clientErrors),
            ("request_5xx_count_total", "Requests that ended with a server error during the last minute", counts.serverErrors),
        ] {
            text += "# HELP \(gauge) \(help)\n# TYPE \(gauge) gauge\n\(gauge) \(count) \(time)\n"
        }
        return Reply(body: .bytes(Array(text.utf8), contentType: "text/plain; version=0.0.4; charset=utf-8"))
    }
}

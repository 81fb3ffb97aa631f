import HTTPTypes
import JSON
import Workspace

/// The rest of a serving endpoint's configuration, and endpoints of provisioned throughput.
package enum ServingOptionsAPI: APIGroup {
    package static let operations = [createProvisioned, updateProvisioned, putGateway, putLimits, patchNotifications, patchTelemetry]

    private static let path = ServingEndpointsAPI.path
    private typealias Endpoints = ServingEndpointsAPI

    private static let createProvisioned = Operation(
        "serving.endpoints.create_provisioned_throughput_endpoint", .post, path + "/pt", limits: "models are kept, and not run"
    ) { call -> JSONValue in
        var body = try call.contractBody(.post, path + "/pt")
        let config = body["config"]?.objectValue ?? JSONObject()
        body["config"] = .object(try ServingConfig.checked(config, version: 1, old: nil, isProvisioned: true, call))
        body[Endpoints.provisionedMember] = true
        return try Endpoints.insert(body, call)
    }

    /// It holds at once: Databricks, "Updates are instantaneous".
    private static let updateProvisioned = Operation(
        "serving.endpoints.update_provisioned_throughput_endpoint_config", .put, path + "/pt/{name}/config"
    ) { call -> JSONValue in
        let body = try call.contractBody(.put, path + "/pt/{name}/config")
        let endpoint = try Endpoints.existing(call.path("name"), "CAN_MANAGE", call)
        guard endpoint.body[Endpoints.provisionedMember] == true else {
            throw WorkspaceError.invalid("Endpoint '\(try call.path("name").prefix(128))' is not a provisioned throughput endpoint.")
        }
        return try Endpoints.change(endpoint, body["config"]?.objectValue ?? JSONObject(), isProvisioned: true, call)
    }

    private static let putGateway = Operation(
        "serving.endpoints.put_ai_gateway", .put, path + "/{name}/ai-gateway",
        limits: "kept; models are not run. Inference tables are refused, and all of it for endpoints of feature specifications"
    ) { call -> JSONValue in
        let body = try call.contractBody(.put, path + "/{name}/ai-gateway")
        let updated = try change(call) { stored in
            let gateway = try ServingGateway.checked(body, in: stored.body["config"]?.objectValue, call)
            stored.body["ai_gateway"] = gateway.members.isEmpty ? nil : .object(gateway)
        }
        return updated.body["ai_gateway"] ?? .object(JSONObject())
    }

    private static let putLimits = Operation(
        "serving.endpoints.put", .put, path + "/{name}/rate-limits",
        limits: "kept; models are not run. Refused for endpoints of feature specifications"
    ) { call -> JSONValue in
        let body = try call.contractBody(.put, path + "/{name}/rate-limits")
        let limits = body["rate_limits"]?.arrayValue ?? []
        _ = try change(call) { stored in
            try ServingGateway.check(limits: limits, of: stored.body["config"]?.objectValue, call)
            stored.body["rate_limits"] = limits.isEmpty ? nil : .array(limits)
        }
        return limits.isEmpty ? .object(JSONObject()) : ["rate_limits": .array(limits)]
    }

    private static let patchNotifications = Operation(
        "serving.endpoints.update_notifications", .patch, path + "/{name}/notifications", limits: "kept; mails are not sent"
    ) { call -> JSONValue in
        let body = try call.contractBody(.patch, path + "/{name}/notifications")
        try ServingGateway.check(notifications: body["email_notifications"])
        let updated = try change(call) { stored in
            stored.body["email_notifications"] = body["email_notifications"]
        }
        return Contract.known(.object(updated.body), .named("serving.UpdateInferenceEndpointNotificationsResponse"))
    }

    private static let patchTelemetry = Operation(
        "serving.endpoints.patch_telemetry_config", .patch, path + "/{name}/telemetry-config",
        limits: "telemetry is not written: a configuration is refused, taking it away is not"
    ) { call -> JSONValue in
        let body = try call.contractBody(.patch, path + "/{name}/telemetry-config")
        let endpoint = try Endpoints.existing(call.path("name"), "CAN_MANAGE", call)
        try Endpoints.refuseTelemetry(body)
        return try Endpoints.resource.shown(endpoint, call)
    }

    private static func change(_ call: Call, _ step: (inout StoredResource) throws -> Void) throws -> StoredResource {
        let endpoint = try Endpoints.existing(call.path("name"), "CAN_MANAGE", call)
        return try call.workspace.resources.update(Endpoints.resource, endpoint.id, call, step)
    }
}

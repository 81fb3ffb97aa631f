import JSON
import Workspace

/// What stands in front of an endpoint's models: limits, guardrails, fallbacks, usage tracking. It is checked and kept; as models are not run, there is
/// nothing that it would let pass or hold back. Where queries are answered (look-ups of features), it is refused.
enum ServingGateway {
    /// Source: the service's documentation of AI Gateway, limits of an endpoint.
    private static let mostLimits = 20

    static func checked(_ gateway: JSONObject, in config: JSONObject?, _ call: Call) throws -> JSONObject {
        guard !gateway.members.isEmpty else { return gateway }
        let entities = config?["served_entities"]?.arrayValue ?? []
        try refuseLookups(entities, "ai_gateway", call)
        if gateway["inference_table_config"]?["enabled"] == true {
            throw WorkspaceError(.notImplemented, "serving.endpoints: ai_gateway.inference_table_config (inference tables) is not simulated.")
        }
        if gateway["fallback_config"]?["enabled"] == true, !entities.allSatisfy({ $0["external_model"] != nil }) {
            throw WorkspaceError.invalid("Fallbacks are only supported for endpoints whose served entities are all external models.")
        }
        try check(limits: gateway["rate_limits"]?.arrayValue ?? [], "ai_gateway.rate_limits", call)
        return gateway
    }

    /// The older list of limits, `rate_limits`, has no principals and no tokens.
    static func check(limits: [JSONValue], of config: JSONObject?, _ call: Call) throws {
        guard !limits.isEmpty else { return }
        try refuseLookups(config?["served_entities"]?.arrayValue ?? [], "rate_limits", call)
        try check(limits: limits, "rate_limits", call)
    }

    private static func refuseLookups(_ entities: [JSONValue], _ member: String, _ call: Call) throws {
        for entity in entities {
            guard let name = entity["entity_name"]?.stringValue, try ServingConfig.featureSpec(name, call) != nil else { continue }
            throw WorkspaceError(
                .notImplemented, "serving.endpoints: \(member) of an endpoint that serves the feature spec '\(name.prefix(256))' is not simulated.")
        }
    }

    private static func check(limits: [JSONValue], _ place: String, _ call: Call) throws {
        guard limits.count <= mostLimits else { throw WorkspaceError.invalid("An endpoint has at most \(mostLimits) rate limits.") }
        for limit in limits {
            guard limit["renewal_period"]?.stringValue != nil else { throw WorkspaceError.missing(place + ".renewal_period") }
            let given = ["calls", "tokens"].filter { limit[$0]?.isNull == false }
            guard !given.isEmpty else { throw WorkspaceError.missing(place + ".calls") }
            for name in given where limit[name]?.intValue ?? -1 < 0 {
                throw WorkspaceError.invalid("\(place).\(name) must be an integer that is not negative.")
            }
            let key = limit["key"]?.stringValue ?? "endpoint"
            let principal = limit["principal"]?.stringValue
            switch (key, principal) {
            case ("endpoint", let name?):
                throw WorkspaceError.invalid("A rate limit of the endpoint has no principal, but '\(name.prefix(128))' is given.")
            case ("user_group", nil), ("service_principal", nil): throw WorkspaceError.missing(place + ".principal")
            case ("user_group", let name?):
                guard try call.workspace.groups.list().contains(where: { $0.displayName == name }) else { throw unknown(name, "group") }
            case (_, let name?):
                guard try call.workspace.identityID(of: name) != nil else { throw unknown(name, key == "user" ? "user" : "service principal") }
            default: break
            }
        }
    }

    private static func unknown(_ name: String, _ noun: String) -> WorkspaceError {
        .invalid("The \(noun) '\(name.prefix(128))' of a rate limit does not exist.")
    }

    /// Whom the service would write to.
    static func check(notifications: JSONValue?) throws {
        for list in ["on_update_success", "on_update_failure"] {
            for address in notifications?[list]?.arrayValue ?? [] {
                let parts = (address.stringValue ?? "").split(separator: "@", omittingEmptySubsequences: false)
                guard parts.count == 2, !parts.contains(where: \.isEmpty) else {
                    throw WorkspaceError.invalid("email_notifications.\(list): '\((address.stringValue ?? "").prefix(128))' is no email address.")
                }
            }
        }
    }
}

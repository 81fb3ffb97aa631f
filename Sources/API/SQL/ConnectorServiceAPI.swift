import HTTPTypes
import JSON

/// What SQL drivers ask beside their statements.
package enum ConnectorServiceAPI: APIGroup {
    package static let operations = [featureFlags]

    /// No flag is set, so drivers keep their own defaults. They ask again after the time to live.
    static let featureFlags = Operation(
        "connector_service.feature_flags", .get, "/api/2.0/connector-service/feature-flags/{client}/{version}", limits: "no flag is set"
    ) { _ -> JSONValue in ["flags": [], "ttl_seconds": 900] }
}

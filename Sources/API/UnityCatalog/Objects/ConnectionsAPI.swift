import JSON
import Workspace

/// Connections to other databases: `/api/2.1/unity-catalog/connections`. Passwords and keys among the options are taken and forgotten,
/// but for the bearer token of HTTP connections, which external functions send.
package enum ConnectionsAPI: APIGroup {
    package static let operations = resource.operations

    private static let types = [
        "AWS_SECRETS_MANAGER", "AZURE_KEY_VAULT", "BIGQUERY", "CONFLUENCE", "DATABRICKS", "DYNAMICS365", "GA4_RAW_DATA", "GITHUB", "GLUE",
        "HIVE_METASTORE", "HTTP", "HUBSPOT", "JDBC", "META_MARKETING", "MYSQL", "NETSUITE", "ORACLE", "OUTLOOK", "POSTGRESQL", "POWER_BI",
        "REDSHIFT", "SALESFORCE", "SALESFORCE_DATA_CLOUD", "SERVICENOW", "SMARTSHEET", "SNOWFLAKE", "SQLDW", "SQLSERVER", "TERADATA",
        "TIKTOK_ADS", "WORKDAY_RAAS", "ZENDESK",
    ]

    private static let secrets = ["password", "secret", "token", "key", "credential", "pem"]

    private static let bearer = "bearer_token"

    static func bearerToken(of connection: CatalogObject) -> String? { connection.fields["_options"]?[bearer]?.stringValue }

    static let resource = ObjectResource(
        type: .connection, id: "catalog.connections", path: "/connections", list: "connections",
        members: [
            .init("connection_type", .choice(types), onUpdate: false), .init("options", .map(without: secrets, hiding: [bearer])),
            .init("properties", .map(without: []), onUpdate: false), .init("read_only", .bool, onUpdate: false, initial: true),
            .init("environment_settings", .object("EnvironmentSettings")),
        ],
        limits: "An object without a database behind it: foreign catalogs cannot be read.",
        complete: { object, _, writer in
            writer.member("full_name", object.name)
            writer.member("connection_id", object.id)
            let options = object.fields["options"]
            let isHTTP = object.fields["connection_type"]?.stringValue == "HTTP"
            let hasBearer = isHTTP && bearerToken(of: object) != nil
            writer.member(
                "credential_type", hasBearer ? "BEARER_TOKEN" : options?["user"] == nil ? "UNKNOWN_CREDENTIAL_TYPE" : "USERNAME_PASSWORD")
            if let host = options?["host"]?.stringValue, let type = object.fields["connection_type"]?.stringValue {
                let port = options?["port"]?.stringValue.map { ":\($0)" } ?? ""
                writer.member(
                    "url", isHTTP ? "\(host)\(port)\(options?["base_path"]?.stringValue ?? "")" : "jdbc:\(type.lowercased())://\(host)\(port)/")
            }
            writer.member("provisioning_info", ["state": "ACTIVE"])
            writer.member("securable_type", SecurableType.connection.rawValue)
        })
}

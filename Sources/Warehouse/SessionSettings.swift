import SparkErrors
import SparkFunctions

/// What SET, RESET and the settings of a new session change.
extension Session.State {
    /// Settings that SQL warehouses have (Databricks SQL, "Configuration parameters"), by lower-case name, with their defaults.
    private static let known: [(name: String, value: String)] = [
        ("ansi_mode", "true"), ("enable_photon", "true"), ("legacy_time_parser_policy", "CORRECTED"), ("max_file_partition_bytes", "128m"),
        ("query_tags", ""), (retentionCheck, "true"), ("read_only_external_metastore", "false"), ("statement_timeout", "172800"), ("timezone", "UTC"),
        ("use_cached_result", "true"),
    ]

    /// Whether VACUUM refuses a retention below the table's own.
    static let retentionCheck = "spark.databricks.delta.retentiondurationcheck.enabled"

    /// Spark's own names of what warehouses have.
    private static let aliases = [
        "spark.sql.ansi.enabled": "ansi_mode", "spark.sql.session.timezone": "timezone",
        "spark.sql.legacy.timeparserpolicy": "legacy_time_parser_policy",
    ]

    private static func name(_ key: String) throws(SQLError) -> String {
        let name = key.lowercased()
        let known = aliases[name] ?? name
        guard Self.known.contains(where: { $0.name == known }) else { throw SQLError(.configNotAvailable, ["config": key]) }
        return known
    }

    /// Throws `CONFIG_NOT_AVAILABLE` and `INVALID_CONF_VALUE`.
    mutating func set(_ key: String, to value: String) throws(SQLError) {
        let name = try Self.name(key)
        switch name {
        case "timezone": try setTimeZone(value)
        case "ansi_mode", Self.retentionCheck:
            guard let flag = Bool(value.lowercased()) else {
                throw SQLError(.invalidConfValueTypeMismatch, ["confValue": value, "confName": key, "confType": "boolean"])
            }
            settings[name] = String(flag)
        case "statement_timeout":
            guard let seconds = Int64(value), seconds >= 0 else {
                throw SQLError(.invalidConfValueTypeMismatch, ["confValue": value, "confName": key, "confType": "int"])
            }
            settings[name] = String(seconds)
        default: settings[name] = value
        }
    }

    /// What a statement may take, in seconds: the session's own setting, else its warehouse's; zero stands for the default.
    func statementTimeout(warehouse: Int64) -> Int64 {
        if let seconds = settings["statement_timeout"].flatMap({ Int64($0) }), seconds > 0 { return seconds }
        return warehouse > 0 ? warehouse : 172_800
    }

    mutating func setTimeZone(_ name: String) throws(SQLError) {
        guard let zone = SessionTimeZone(name) else {
            throw SQLError(.invalidConfValueTimeZone, ["confValue": name, "confName": "spark.sql.session.timeZone"])
        }
        timeZone = zone
    }

    /// One setting, or all, back to the default.
    mutating func reset(_ key: String?) throws(SQLError) {
        guard let key else {
            settings = [:]
            timeZone = .utc
            return
        }
        let name = try Self.name(key)
        settings[name] = nil
        if name == "timezone" { timeZone = .utc }
    }

    func value(of key: String) throws(SQLError) -> String { value(named: try Self.name(key)) }

    var allSettings: [(String, String)] {
        Self.known.filter { $0.name != Self.retentionCheck }.map { ($0.name.uppercased(), value(named: $0.name)) }
    }

    private func value(named name: String) -> String {
        if name == "timezone" { return timeZone.id }
        return settings[name] ?? Self.known.first { $0.name == name }?.value ?? ""
    }
}

import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax
import Workspace

/// USE and SET.
extension StatementRunner {
    func use(_ use: Use) throws(SQLError) -> ResultSet {
        switch use {
        case .catalog(let reference):
            let name = try catalogName(reference)
            guard try onCatalog([name], { try workspace.catalogs.find(name) }) != nil else {
                throw SQLError(.noSuchCatalog, ["catalogName": SQLQuote.id([name])], at: reference.span)
            }
            session.update { state in
                state.catalog = name
                state.schema = "default"
            }
        case .schema(let reference):
            let name = try schemaName(reference)
            guard try onCatalog(name.parts, { try workspace.schemas.find(name) }) != nil else {
                throw SQLError(.schemaNotFound, ["schemaName": SQLQuote.id(name.parts)], at: reference.span)
            }
            session.update { state in
                state.catalog = name.catalog
                state.schema = name.schema
            }
        }
        return .none
    }

    /// Settings that SQL warehouses have (Databricks SQL, "Configuration parameters"), by lower-case name, with their defaults.
    private static let settings: [(name: String, value: String)] = [
        ("ansi_mode", "true"), ("enable_photon", "true"), ("legacy_time_parser_policy", "CORRECTED"), ("max_file_partition_bytes", "128m"),
        ("query_tags", ""), ("read_only_external_metastore", "false"), ("statement_timeout", "172800"), ("timezone", "UTC"),
        ("use_cached_result", "true"),
    ]

    func set(_ set: SetStatement) throws(SQLError) -> ResultSet {
        switch set {
        case .configuration(let key, let value):
            let name = try settingName(key)
            switch name {
            case "timezone": try setTimeZone(value)
            case "ansi_mode":
                guard let flag = Bool(value.lowercased()) else {
                    throw SQLError(
                        .invalidConfValueTypeMismatch, ["confValue": value, "confName": key, "confType": "boolean"])
                }
                session.update { $0.settings[name] = String(flag) }
            default: session.update { $0.settings[name] = value }
            }
            return pairs([(key, value)])
        case .showConfiguration(let key):
            let name = try settingName(key)
            return pairs([(key, value(of: name))])
        case .showAll:
            return pairs(Self.settings.map { ($0.name.uppercased(), value(of: $0.name)) })
        case .reset(let key):
            guard let key else {
                session.update { state in
                    state.settings = [:]
                    state.timeZone = .utc
                }
                return .none
            }
            let name = try settingName(key)
            session.update { state in
                state.settings[name] = nil
                if name == "timezone" { state.timeZone = .utc }
            }
            return .none
        case .timeZone(.local):
            session.update { $0.timeZone = .utc }
            return .none
        case .timeZone(.name(let name)):
            try setTimeZone(name)
            return .none
        case .timeZone(.interval(let micros)):
            guard abs(micros) <= 18 * 3_600_000_000, micros % 1_000_000 == 0 else { throw .notSimulated("a time zone offset beyond 18 hours") }
            session.update { $0.timeZone = SessionTimeZone(offsetSeconds: Int(micros / 1_000_000)) }
            return .none
        case .catalog(let reference): return try use(.catalog(reference))
        case .variables, .variablesFromQuery: throw .notSimulated("SET VARIABLE")
        }
    }

    private func settingName(_ key: String) throws(SQLError) -> String {
        let name = key.lowercased()
        // Spark's own names of what warehouses have.
        let aliases = ["spark.sql.ansi.enabled": "ansi_mode", "spark.sql.session.timezone": "timezone"]
        let known = aliases[name] ?? name
        guard Self.settings.contains(where: { $0.name == known }) else { throw SQLError(.configNotAvailable, ["config": key]) }
        return known
    }

    private func value(of name: String) -> String {
        let state = session.current
        if name == "timezone" { return state.timeZone.id }
        return state.settings[name] ?? Self.settings.first { $0.name == name }?.value ?? ""
    }

    private func setTimeZone(_ name: String) throws(SQLError) {
        guard let zone = SessionTimeZone(name) else {
            throw SQLError(.invalidConfValueTimeZone, ["confValue": name, "confName": "spark.sql.session.timeZone"])
        }
        session.update { $0.timeZone = zone }
    }

    private func pairs(_ rows: [(String, String)]) -> ResultSet {
        ResultSet(
            [Field("key", .text, nullable: false), Field("value", .text, nullable: false)], rows: rows.map { [.string($0.0), .string($0.1)] })
    }
}

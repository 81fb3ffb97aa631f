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
            try onCatalog([name]) { _ = try workspace.catalogs.get(name, by: principal) }
            session.update { state in
                state.catalog = name
                state.schema = "default"
            }
        case .schema(let reference):
            let name = try schemaName(reference)
            guard try onCatalog(name.parts, { try workspace.schemas.find(name) }) != nil else {
                throw SQLError(.schemaNotFound, ["schemaName": SQLQuote.id(name.parts)], at: reference.span)
            }
            try onCatalog(name.parts) { _ = try workspace.schemas.get(name.description, by: principal) }
            session.update { state in
                state.catalog = name.catalog
                state.schema = name.schema
            }
        }
        return .none
    }

    func set(_ set: SetStatement) throws(SQLError) -> ResultSet {
        switch set {
        case .configuration(let key, let value):
            try session.update { (state) throws(SQLError) in try state.set(key, to: value) }
            return pairs([(key, value)])
        case .showConfiguration(let key): return pairs([(key, try session.current.value(of: key))])
        case .showAll: return pairs(session.current.allSettings)
        case .reset(let key):
            try session.update { (state) throws(SQLError) in try state.reset(key) }
            return .none
        case .timeZone(.local):
            session.update { $0.timeZone = .utc }
            return .none
        case .timeZone(.name(let name)):
            try session.update { (state) throws(SQLError) in try state.setTimeZone(name) }
            return .none
        case .timeZone(.interval(let micros)):
            guard abs(micros) <= 18 * 3_600_000_000, micros % 1_000_000 == 0 else { throw .notSimulated("a time zone offset beyond 18 hours") }
            session.update { $0.timeZone = SessionTimeZone(offsetSeconds: Int(micros / 1_000_000)) }
            return .none
        case .catalog(let reference): return try use(.catalog(reference))
        case .variables(let assignments): return try assign(assignments)
        case .variablesFromQuery(let names, let query): return try assign(query, to: names)
        }
    }

    private func pairs(_ rows: [(String, String)]) -> ResultSet {
        ResultSet(
            [Field("key", .text, nullable: false), Field("value", .text, nullable: false)], rows: rows.map { [.string($0.0), .string($0.1)] })
    }
}

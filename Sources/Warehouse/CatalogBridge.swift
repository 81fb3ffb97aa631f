import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import SparkSyntax
import Synchronization
import Workspace

/// The catalog as one statement sees it: names are looked up in the workspace, and each table is pinned to one snapshot for the whole statement.
final class CatalogBridge: CatalogReader {
    private struct Pin: Hashable {
        let name: ObjectName
        let timeTravel: SparkSQL.TimeTravel?
    }

    let currentCatalog: String
    let currentSchema: String
    private let service: SQLService
    private let principal: Principal
    private let pins = Mutex<[Pin: CatalogRelation]>([:])

    init(service: SQLService, session: Session.State, principal: Principal) {
        self.service = service
        self.principal = principal
        currentCatalog = session.catalog
        currentSchema = session.schema
    }

    func relation(_ name: [String], _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        guard let full = fullName(name) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
        }
        let pin = Pin(name: full, timeTravel: timeTravel)
        if let known = pins.withLock({ $0[pin] }) { return known }
        if full.schema == Schemas.informationSchema { throw .notSimulated("information_schema", at: span) }
        guard let table = try onCatalog(full.parts, { try service.tables.find(full) }) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
        }
        let relation = try self.relation(table, full, timeTravel, at: span)
        pins.withLock { $0[pin] = relation }
        return relation
    }

    private func fullName(_ parts: [String]) -> ObjectName? {
        switch parts.count {
        case 1: ObjectName(catalog: currentCatalog, schema: currentSchema, name: parts[0])
        case 2: ObjectName(catalog: currentCatalog, schema: parts[0], name: parts[1])
        case 3: ObjectName(catalog: parts[0], schema: parts[1], name: parts[2])
        default: nil
        }
    }

    private func relation(
        _ table: TableInfo, _ name: ObjectName, _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan
    ) throws(SQLError) -> CatalogRelation {
        if table.type.isView {
            if timeTravel != nil {
                throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(name.parts)], at: span)
            }
            return try view(table, name, at: span)
        }
        guard let location = table.location else { throw .notSimulated("reading a table of the type \(table.type.rawValue)", at: span) }
        let snapshot = try onTable { try service.tables.delta(at: location).snapshot(try Self.version(timeTravel, span)) }
        return .table(DeltaProvider(snapshot: snapshot), name: name.parts)
    }

    private static func version(_ timeTravel: SparkSQL.TimeTravel?, _ span: SourceSpan) throws(SQLError) -> DeltaTimeTravel? {
        switch timeTravel {
        case nil: return nil
        case .timestamp(let micros): return .timestamp(micros)
        case .version(let text):
            guard let version = Int(text) else { throw .notSimulated("a version by the name of a tag", at: span) }
            return .version(version)
        }
    }

    /// A view's text is parsed anew; its names are looked up where it was made.
    private func view(_ table: TableInfo, _ name: ObjectName, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        let text = table.viewDefinition ?? ""
        guard case .query(let query) = try Parser.parse(text).kind else {
            throw SQLError(.internalError, ["message": "The view \(name) holds no query."])
        }
        let details = ViewDetails(table.details)
        let columns = try onTable { try table.columns.all.map { try TableColumns.field($0) } }
        return .view(
            query, name: name.parts, columns: columns, catalog: details.catalog ?? name.catalog, schema: details.schema ?? name.schema, text: text)
    }
}

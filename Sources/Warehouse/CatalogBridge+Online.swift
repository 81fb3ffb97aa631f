import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// The documents of online tables: what was copied, from where.
package enum OnlineTables {
    package static let kind = "online-feature-table"
}

/// Online tables by SQL: what look-ups find is what was copied, the source's rows at the version of the last copy, one of each key.
extension CatalogBridge {
    /// nil for a table of another kind.
    func onlineTable(
        _ table: TableInfo, _ name: ObjectName, _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan
    ) throws(SQLError) -> CatalogRelation? {
        let found = try onCatalog { try service.workspace.resources.get(OnlineTables.kind, table.id) }
        guard let stored = found else { return nil }
        if timeTravel != nil { throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(name.parts)], at: span) }
        let body = stored.body
        if body["mode"] == "MATERIALIZED" { throw .notSimulated("reading the online table of a materialized feature", at: span) }
        let keys = (body["keys"]?.arrayValue ?? []).compactMap(\.stringValue).map { SQLQuote.id([$0]) }
        let sourceID = body["source_id"]?.stringValue ?? ""
        let source = try onCatalog { try service.workspace.tables.find(id: sourceID) }
        guard let source, !keys.isEmpty else {
            throw .notSimulated("reading an online table whose source is gone", at: span)
        }
        var rows = SQLQuote.id(source.name.parts)
        // A continuous table follows its source.
        if body["mode"] != "CONTINUOUS" {
            guard let version = body["version"]?.intValue else { throw .notSimulated("reading the online copy of a view", at: span) }
            rows += " VERSION AS OF \(version)"
        }
        let columns = table.columns.all.map { SQLQuote.id([$0.name]) }.joined(separator: ", ")
        let isKey = keys.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        var text = "SELECT \(columns) FROM \(rows) WHERE \(isKey) QUALIFY "
        let partition = "OVER (PARTITION BY \(keys.joined(separator: ", "))"
        if let series = body["timeseries"]?.stringValue {
            text += "row_number() \(partition) ORDER BY \(SQLQuote.id([series])) DESC) = 1"
        } else {
            // Which of several rows of one key was kept is not known from the source.
            text += "if(count(*) \(partition)) = 1, true, raise_error('The source of this online table has several rows of one key.'))"
        }
        guard case .query(let query) = try Parser.parse(text).kind else {
            throw SQLError(.internalError, ["message": "The online table \(name) makes no query."])
        }
        let publisher = try reader(for: stored.owner)
        return .view(query, name: name.parts, columns: [], catalog: name.catalog, schema: name.schema, text: text, reader: publisher)
    }
}

import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// Tables and views of catalogs over shares: they are read in the provider's workspace, as the share shows them.
extension CatalogBridge {
    func received(_ name: ObjectName, _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        if let relation = try outside(name, timeTravel, at: span) { return relation }
        guard let (share, table) = try onCatalog(name.parts, { try service.received(name) }) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: span)
        }
        let info = table.info
        if info.type.isView {
            if timeTravel != nil { throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(name.parts)], at: span) }
            return try receivedView(share, info, name)
        }
        guard info.format == "DELTA", let location = info.location, try !isHidden(info, share) else {
            throw .notSimulated("reading a shared table with row filters, column masks or another format than Delta", at: span)
        }
        let travel = try Self.version(timeTravel, span)
        if travel != nil, !table.object.hasHistory {
            throw refused("Time travel is not possible on '\(name)': its history is not shared.", at: span)
        }
        let snapshot = try onTable { try share.provider.tables.delta(at: location).snapshot(travel) }
        if travel != nil, snapshot.version < table.object.startVersion ?? 0 {
            throw refused("Version \(snapshot.version) of '\(name)' is not shared.", at: span)
        }
        return try shown(DeltaProvider(snapshot: snapshot, counters: counters), name, share, table)
    }

    /// Whether the share's owner sees less of a table than its files hold: then nobody reads it through the share.
    private func isHidden(_ table: TableInfo, _ share: ReceivedShare) throws(SQLError) -> Bool {
        try onCatalog(table.name.parts) {
            try share.provider.hides(table, from: share.provider.workspace.principal(named: share.share.owner))
        }
    }

    /// The rows of the partitions that are shared.
    private func shown(_ provider: any TableProvider, _ name: ObjectName, _ share: ReceivedShare, _ table: SharedTable) throws(SQLError)
        -> CatalogRelation
    {
        guard let filter = table.filter(properties: share.recipient.recipientProperties) else { return .table(provider, name: name.parts) }
        let text = "SELECT * FROM \(SQLQuote.id(name.parts)) WHERE \(filter)"
        guard case .query(let query) = try Parser.parse(text).kind else {
            throw SQLError(.internalError, ["message": "The partitions of \(name) make no query."])
        }
        return .view(
            query, name: name.parts, columns: provider.schema.fields, catalog: name.catalog, schema: name.schema, text: text,
            reader: PolicyReader(name, provider, self))
    }

    /// A shared Delta table in the provider's workspace.
    private func source(
        _ name: ObjectName, _ what: String, at span: SourceSpan
    ) throws(SQLError) -> (share: ReceivedShare, table: SharedTable, delta: DeltaTable) {
        guard let (share, table) = try onCatalog(name.parts, { try service.received(name) }) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: span)
        }
        let info = table.info
        guard !info.type.isView, info.format == "DELTA", let location = info.location, try !isHidden(info, share) else {
            throw .notSimulated("\(what) of a shared view, or of a shared table with row filters or column masks", at: span)
        }
        return (share, table, try onTable { try share.provider.tables.delta(at: location) })
    }

    /// The change feed of a table that is shared with it, or with its history (page "Create and manage shares", `WITH HISTORY`).
    func receivedChanges(
        _ name: ObjectName, from start: SparkSQL.TimeTravel, through end: SparkSQL.TimeTravel?, at span: SourceSpan
    ) throws(SQLError) -> CatalogRelation {
        if let relation = try outsideChanges(name, from: start, through: end, at: span) { return relation }
        let (share, table, delta) = try source(name, "table_changes", at: span)
        guard table.object.hasChanges else {
            throw refused("The change data feed of '\(name)' is not shared: it must be shared with its history.", at: span)
        }
        let (feed, first) = try onTable { try Self.feed(of: delta, from: start, through: end, at: span) }
        guard first >= table.object.startVersion ?? 0 else { throw refused("Version \(first) of '\(name)' is not shared.", at: span) }
        return try shown(ChangesProvider(feed: feed), name, share, table)
    }

    /// What streams read of a table that is shared with its history.
    func receivedStream(_ name: ObjectName, _ id: String, _ streams: StreamReads, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        if let relation = try outsideStream(name, id, streams) { return relation }
        let (share, table, delta) = try source(name, "STREAM", at: span)
        guard table.object.hasHistory else {
            throw refused("'\(name)' cannot be read as a stream: its history is not shared.", at: span)
        }
        let provider = try onTable { try streams.provider(id, delta, try delta.snapshot(), counters) }
        return try shown(provider, name, share, table)
    }

    /// A view's query sees the provider's catalog with its owner's rights.
    private func receivedView(_ share: ReceivedShare, _ info: TableInfo, _ name: ObjectName) throws(SQLError) -> CatalogRelation {
        let text = info.viewDefinition ?? ""
        guard case .query(let query) = try Parser.parse(text).kind else {
            throw SQLError(.internalError, ["message": "The view \(name) holds no query."])
        }
        let details = ViewDetails(info.details)
        let (catalog, schema) = (details.catalog ?? info.name.catalog, details.schema ?? info.name.schema)
        let columns = try onTable { try info.columns.all.map { try TableColumns.field($0) } }
        let owner = try onCatalog { try share.provider.workspace.principal(named: info.owner) }
        let reader = CatalogBridge(
            service: share.provider, session: Session.State(catalog: catalog, schema: schema), principal: owner, counters: counters)
        return .view(
            query, name: name.parts, columns: columns, catalog: catalog, schema: schema, text: text, reader: reader,
            collation: details.collation.applied)
    }

    private func refused(_ message: String, at span: SourceSpan) -> SQLError {
        SQLError(.catalogRequestRefused, ["code": "INVALID_PARAMETER_VALUE", "message": message], at: span)
    }
}

extension SharedTable {
    /// The partitions as a condition of SQL; nil for the whole table. What has no value for the recipient lets nothing pass.
    func filter(properties: JSONObject) -> String? {
        if object.partitions.isEmpty { return nil }
        return object.partitions.map { conditions in
            let parts = conditions.map { condition -> String in
                guard let wanted = condition.wanted(properties) else { return "FALSE" }
                let column = "CAST(\(SQLQuote.id([condition.column])) AS STRING)"
                return condition.isPattern ? "\(column) LIKE \(Self.literal(wanted)) ESCAPE '\u{1}'" : "\(column) = \(Self.literal(wanted))"
            }
            return parts.isEmpty ? "TRUE" : "(\(parts.joined(separator: " AND ")))"
        }.joined(separator: " OR ")
    }

    private static func literal(_ text: String) -> String {
        "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }
}

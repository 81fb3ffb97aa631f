import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// Tables of catalogs over shares of providers outside of this server.
extension CatalogBridge {
    var outsideWait: OutsideWait { OutsideWait(pool: service.pool, cancellation: cancellation) }

    /// Nil for a catalog over a share of another kind of provider.
    private func source(_ name: ObjectName) throws(SQLError) -> (server: SharingServer, table: SharingServer.Table)? {
        try onCatalog(name.parts) {
            guard let catalog = try service.workspace.catalogs.find(name.catalog), let source = catalog.share,
                let server = try service.outsideServer(of: source.provider)
            else { return nil }
            return (server, SharingServer.Table(share: source.share, schema: name.schema, name: name.name))
        }
    }

    func outside(_ name: ObjectName, _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation? {
        guard let (server, table) = try source(name) else { return nil }
        let travel = try timeTravel.map { (bound) throws(SQLError) in try Self.travel(bound, span) }
        do throws(SQLError) {
            return .table(try OutsideTable(table, server, travel, outsideWait, counters), name: name.parts)
        } catch {
            throw error.with(span: span)
        }
    }

    func outsideChanges(
        _ name: ObjectName, from start: SparkSQL.TimeTravel, through end: SparkSQL.TimeTravel?, at span: SourceSpan
    ) throws(SQLError) -> CatalogRelation? {
        guard let (server, table) = try source(name) else { return nil }
        let first = try Self.travel(start, span)
        let last = try end.map { (bound) throws(SQLError) in try Self.travel(bound, span) }
        return .table(try OutsideChanges(table, server, from: first, through: last, outsideWait), name: name.parts)
    }

    func outsideStream(_ name: ObjectName, _ id: String, _ streams: StreamReads) throws(SQLError) -> CatalogRelation? {
        guard let (server, table) = try source(name) else { return nil }
        return .table(try OutsideStream(table, server, id, streams, outsideWait, counters), name: name.parts)
    }

    private static func travel(_ bound: SparkSQL.TimeTravel, _ span: SourceSpan) throws(SQLError) -> SharingTravel {
        switch bound {
        case .timestamp(let micros): return .timestamp(micros)
        case .version(let text):
            guard let version = Int(text) else { throw .notSimulated("a version by the name of a tag", at: span) }
            return .version(version)
        }
    }
}

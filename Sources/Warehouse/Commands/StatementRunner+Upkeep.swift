import SparkErrors
import SparkSyntax
import Workspace

/// Statements that keep caches and statistics up to date: there is nothing to do, for both are exact at all times. Names are checked.
extension StatementRunner {
    func analyze(_ analyze: Analyze) throws(SQLError) -> ResultSet {
        switch analyze.scope {
        case .table(let name, _): try mustExist(name)
        case .tables(let schema): if let schema { _ = try schemaName(schema) }
        }
        return .none
    }

    func refresh(_ refresh: Refresh) throws(SQLError) -> ResultSet {
        guard case .object(let kind, let name, let full) = refresh else { return .none }
        switch kind {
        case .table, .view: try mustExist(name)
        case .function:
            let full = try objectName(name)
            guard try service.function(full) != nil else {
                throw SQLError(.routineNotFound, ["routineName": SQLQuote.id(full.parts)], at: name.span)
            }
        case .materializedView, .streamingTable: return try refreshDataset(kind, name, full: full)
        default: throw .notSimulated("REFRESH \(kind.rawValue)")
        }
        return .none
    }

    func cache(_ cache: CacheStatement) throws(SQLError) -> ResultSet {
        switch cache {
        case .uncache(let name, let ifExists): if !ifExists { try mustExist(name) }
        case .clear: break
        case .cache(let name, _, _, nil): try mustExist(name)
        case .cache, .select: throw .notSimulated("CACHE … SELECT")
        }
        return .none
    }

    func repair(_ reference: NameReference) throws(SQLError) -> ResultSet {
        let name = try objectName(reference)
        let table = try tableInfo(name, at: reference.span)
        guard table.columns.all.contains(where: { $0.partitionIndex != nil }) else {
            throw SQLError(
                .notAPartitionedTable, ["operation": "MSCK REPAIR TABLE", "tableIdentWithDB": SQLQuote.id(name.parts)], at: reference.span)
        }
        throw .notSimulated("REPAIR TABLE")
    }

    private func mustExist(_ reference: NameReference) throws(SQLError) {
        let parts = try parts(reference)
        if parts.count == 1, session.current.views[parts[0].lowercased()] != nil { return }
        _ = try tableInfo(objectName(reference), at: reference.span)
    }
}

import Columnar
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// UNDROP TABLE and SHOW TABLES DROPPED.
extension StatementRunner {
    func undrop(_ undrop: Undrop) throws(SQLError) -> ResultSet {
        guard undrop.kind == .table else { throw .notSimulated("UNDROP \(undrop.kind.rawValue)") }
        switch undrop.target {
        case .name(let reference):
            let name = try objectName(reference)
            _ = try onCatalog(name.parts) { try workspace.tables.undrop(name, by: principal) }
        case .id(let id):
            guard let name = try onCatalog([], { try workspace.tables.droppedName(id: id) }) else {
                throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id([id])])
            }
            _ = try onCatalog(name.parts) { try workspace.tables.undrop(id: id, by: principal) }
        }
        return .none
    }

    func showTablesDropped(in schema: SchemaName, limit: SparkSyntax.Expression?) throws(SQLError) -> ResultSet {
        var most = Int.max
        if let limit {
            guard case .integer(let count) = try value(of: limit, as: .int).value else { throw .notSimulated("this LIMIT", at: limit.span) }
            most = max(Int(count), 0)
        }
        let all = try onCatalog(schema.parts) { try workspace.tables.listDropped(in: schema, limit: most, by: principal) }
        let names = [
            "catalogName", "schemaName", "tableName", "tableId", "tableType", "deletedAt", "createdAt", "updatedAt", "createdBy", "owner", "comment",
        ]
        return ResultSet(
            names.map { Field($0, .text, nullable: $0 == "comment") },
            rows: all.map { table in
                let texts = [
                    table.name.catalog, table.name.schema, table.name.name, table.id, table.type.rawValue, dateText(table.droppedAt),
                    dateText(table.createdAt), dateText(table.updatedAt), table.createdBy, table.owner,
                ]
                return texts.map { .string($0) } + [table.comment.map { .string($0) } ?? .null]
            })
    }

    /// `2026-01-31 AD at 18:17:56 UTC`.
    private func dateText(_ millis: Int64) -> String {
        var context = context
        context.timeZone = .utc
        let text = Cast.text(of: .integer(millis &* 1000), .timestamp, context)
        return "\(text.prefix(10)) AD at \(text.dropFirst(11).prefix(8)) UTC"
    }
}

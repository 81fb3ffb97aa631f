import DeltaTable
import JSON
import SparkErrors
import SparkSyntax
import Workspace

/// COMMENT ON COLUMN of tables and views.
extension StatementRunner {
    func commentOnColumn(_ comment: CommentOn) throws(SQLError) -> ResultSet {
        let span = comment.name.span
        let parts = try parts(comment.name)
        guard parts.count > 1, let column = parts.last else {
            throw SQLError(.parseSyntaxError, ["error": "end of input", "hint": ""], at: span, phase: .parsing)
        }
        let relation = NameReference.name(MultipartIdentifier(parts.dropLast().map { Identifier($0, isQuoted: true, span: span) }, span: span))
        let name = try objectName(relation)
        let table = try tableInfo(name, at: span)
        guard table.type.isView else {
            let changed = MultipartIdentifier([Identifier(column, isQuoted: true, span: span)], span: span)
            return try alter(
                Alter(
                    kind: .table, name: relation, ifExists: false, partition: nil,
                    action: .alterColumn(changed, .comment(comment.text))))
        }
        var columns = table.columns.all
        guard let index = columns.firstIndex(where: { $0.name.lowercased() == column.lowercased() }) else {
            throw SQLError(
                .unresolvedColumnWithSuggestion,
                ["objectName": SQLQuote.id([column]), "proposal": columns.prefix(5).map { SQLQuote.id($0.name) }.joined(separator: ", ")], at: span)
        }
        try onTable {
            var field = try TableField(json: JSONValue(parsing: Array(columns[index].typeJSON.utf8)))
            field.comment = comment.text
            columns[index].typeJSON = field.json.text
            columns[index].comment = comment.text
        }
        return try changeRow(name) { [columns] change, _ in change.columns = ColumnList(columns) }
    }
}

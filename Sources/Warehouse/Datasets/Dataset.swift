import Columnar
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// A streaming table or a materialized view as its CREATE statement defines it.
struct Dataset {
    let name: ObjectName
    let type: TableType
    let query: Query
    /// The whole statement, for REFRESH, and the place where its names are looked up.
    let statement: String
    let catalog: String
    let schema: String
    var columns: [CreateView.Column] = []
    /// The types of `columns`, where the statement gives them: those of the query, or it is refused.
    var types: [DataType?] = []
    /// What the statement says of the table that keeps the rows: columns, keys, layout, policies.
    var layout: CreateTable
    /// REFRESH: keys and policies stay as they are.
    var isRefresh = false
    let expectations: [SparkSyntax.Expectation]
    let comment: String?
    let properties: [Property]
    var pipelineID: String?
    /// The flow that fills a table defined without a query, and its query's text; nil: the table's own.
    var flow: (name: String, query: String)?
    /// AUTO CDC: how the rows come of those of `query`, which are changes.
    var changes: ChangeFlow?

    /// The query's text.
    var queryText: String { flow?.query ?? query.span.text(in: statement) ?? "" }

    /// The table's further members in the catalog.
    var details: String {
        var members: [(String, JSONValue)] = [
            ("view_current_catalog", .string(catalog)), ("view_current_schema", .string(schema)), (Self.statementKey, .string(statement)),
        ]
        if let pipelineID { members.append(("pipeline_id", .string(pipelineID))) }
        return JSONValue.members(members).text
    }

    static let statementKey = "dataset_statement"

    /// Takes up the column list. Without `typed` all columns have their types.
    mutating func declare(typed: [Bool]? = nil) throws(SQLError) {
        let definitions = layout.columns ?? []
        for constraint in layout.constraints + definitions.flatMap(\.constraints) {
            if case .check = constraint.kind { throw .notSimulated("CHECK constraints of a \(kind)", at: constraint.span) }
        }
        for (index, definition) in definitions.enumerated() {
            guard definition.defaultValue == nil, definition.generation == nil, definition.name.parts.count == 1,
                let name = definition.name.parts.last
            else { throw .notSimulated("default, generated and identity columns of a \(kind)", at: definition.span) }
            columns.append(.init(name: name, comment: definition.comment))
            let hasType = typed.map { $0.indices.contains(index) && $0[index] } ?? true
            types.append(hasType ? try DataType(definition.type) : nil)
        }
    }

    private var kind: String { type == .streamingTable ? "streaming table" : "materialized view" }

    /// The statement that made a table, from the catalog.
    static func stored(_ details: String?) -> (statement: String, pipelineID: String?)? {
        guard let json = details.flatMap({ try? JSONValue(parsing: Array($0.utf8)) }), let statement = json[statementKey]?.stringValue else {
            return nil
        }
        return (statement, json["pipeline_id"]?.stringValue)
    }

    /// The columns under their own names; a column of NULLs gets a type that a file can hold.
    func fields(_ made: [Field]) throws(SQLError) -> [Field] {
        var fields = made
        if !columns.isEmpty {
            guard columns.count == fields.count else {
                throw SQLError(
                    columns.count > fields.count
                        ? .createViewColumnArityMismatchNotEnoughDataColumns : .createViewColumnArityMismatchTooManyDataColumns,
                    [
                        "viewName": SQLQuote.id(name.parts), "viewColumns": columns.map { SQLQuote.id($0.name.text) }.joined(separator: ", "),
                        "dataColumns": fields.map { SQLQuote.id($0.name) }.joined(separator: ", "),
                    ])
            }
            for (index, type) in types.enumerated() {
                guard let type, index < fields.count, fields[index].type != type else { continue }
                throw .notSimulated("a \(kind)'s column of another type than its query's (\(SQLQuote.id(columns[index].name.text)))")
            }
            for (index, column) in columns.enumerated() {
                fields[index].name = column.name.text
                fields[index].comment = column.comment
            }
        }
        var seen: Set<String> = []
        for field in fields where !seen.insert(field.name.lowercased()).inserted {
            throw SQLError(.columnAlreadyExists, ["columnName": SQLQuote.id(field.name.lowercased())])
        }
        let required = Set((layout.columns ?? []).filter { !$0.isNullable }.map { $0.name.last.lowercased() })
        return fields.map {
            Field($0.name, $0.type == .void ? .text : $0.type, nullable: !required.contains($0.name.lowercased()), comment: $0.comment)
        }
    }
}

import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// DELETE, UPDATE and MERGE of tables with row filters and column masks: conditions and values see what a query of the caller sees, rows that the filter
/// hides are not touched, and columns that are not assigned keep what is stored.
extension TableWork {
    /// The rows of `numbered` that the caller may see, as the caller sees them, with their numbers.
    func visible(_ numbered: NumberedProvider) throws(SQLError) -> any TableProvider {
        guard !policies.isEmpty else { return numbered }
        guard case .view(let query, _, _, _, _, _, let reader?, _) = try runner.catalog.filtered(numbered, name, policies) else {
            throw SQLError(.internalError, ["message": "The filters of \(name) make no query."])
        }
        let plan = try QueryEngine.analyze(query, catalog: reader, parameters: .none, context: runner.context)
        guard zip(plan.schema.fields, numbered.schema.fields).allSatisfy({ $0.type == $1.type }) else {
            throw .notSimulated("changes of a table whose masks have other types than their columns")
        }
        return MemoryTable(schema: numbered.schema, batches: try runner.batches(plan).map { StatementRunner.conform($0, to: numbered.schema.fields) })
    }

    /// Refuses what the policies of the table would make wrong.
    func checkPolicies(_ alias: TableAlias?) throws(SQLError) {
        guard !policies.isEmpty else { return }
        if alias?.columns.isEmpty == false { throw .notSimulated("column aliases of a table with a row filter or column masks") }
        let fields = snapshot.tableSchema.fields
        if fields.contains(where: { $0.name.lowercased() == "_row" }) {
            throw .notSimulated("changes of a table with a column _row and a row filter or column masks")
        }
        if !policies.masks.isEmpty, fields.contains(where: { $0.generationExpression != nil }) {
            throw .notSimulated("changes of a table with column masks and generated columns")
        }
    }

    /// New rows with what is stored in masked columns that were not assigned. `numbers`: of the rows in the scan of `scope`.
    func unmasked(_ rows: RecordBatch, _ numbers: [Int64], assigned: AssignedColumns, _ scope: ScannedFiles) throws(SQLError) -> RecordBatch {
        let fields = snapshot.schema.fields
        let positions = fields.indices.filter { index in
            let name = fields[index].name.lowercased()
            return policies.masks.contains { $0.column == name } && !assigned.contains(name)
        }
        guard !positions.isEmpty, rows.rowCount > 0 else { return rows }
        let source = NumberedProvider(snapshot: snapshot, files: scope.files)
        var batches: [RecordBatch] = []
        var scan = try source.scan(columns: positions, where: [])
        while let batch = try scan.next() { batches.append(batch) }
        guard let first = batches.first else { return rows }
        let stored = RecordBatch.concat(batches, schema: first.schema).take(numbers.map { Int32(truncatingIfNeeded: $0) })
        var columns = rows.columns
        for (place, position) in positions.enumerated() where columns.indices.contains(position) { columns[position] = stored.columns[place] }
        return RecordBatch(schema: rows.schema, columns: columns, rowCount: rows.rowCount)
    }
}

/// The columns that a SET names.
enum AssignedColumns {
    case all
    case named(Set<String>)

    /// - Parameter masked: columns of whose fields none may be assigned alone: the rest of the value would be the mask's.
    init(_ assignments: [Assignment], masked: [String]) throws(SQLError) {
        var names: Set<String> = []
        for assignment in assignments {
            let parts = assignment.target.names.map { $0.lowercased() }
            if let last = parts.last { names.insert(last) }
            for column in masked where parts.dropLast().contains(column) {
                throw .notSimulated("SET of a field of the masked column \(SQLQuote.id([column]))", at: assignment.target.span)
            }
        }
        self = .named(names)
    }

    func contains(_ column: String) -> Bool {
        switch self {
        case .all: true
        case .named(let names): names.contains(column)
        }
    }
}

extension StatementRunner {
    /// MERGE takes no policies with subqueries, aggregates, windows, limits or chance (Databricks' documentation of row filters and column masks).
    func checkMergePolicies(_ table: TableInfo, at span: SourceSpan) throws(SQLError) {
        let policies = try policies(of: table)
        let calls = (policies.rowFilter.map { [$0] } ?? []) + policies.masks.map { $0.call }
        for call in calls {
            guard call.function.count == 3 else { continue }
            let name = ObjectName(catalog: call.function[0], schema: call.function[1], name: call.function[2])
            guard let function = try onCatalog(name.parts, { try workspace.functions.find(name) }) else { continue }
            let words = Set(function.definition.uppercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
            if !words.isDisjoint(with: Self.notInMergePolicies) {
                throw .notSimulated(
                    "MERGE INTO a table whose row filter or column mask has subqueries, aggregates, windows, limits or random values", at: span)
            }
        }
    }

    private static let notInMergePolicies: Set<String> = [
        "SELECT", "OVER", "LIMIT", "RAND", "RANDN", "RANDOM", "UUID", "SHUFFLE", "MONOTONICALLY_INCREASING_ID",
    ]
}

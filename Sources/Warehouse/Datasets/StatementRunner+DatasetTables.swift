import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// The tables behind streaming tables and materialized views: their keys, layouts and policies.
extension StatementRunner {
    /// Puts the definition, and the rows if there are any, in the place of what was there.
    func define(_ dataset: Dataset, _ fields: [Field], _ rows: ResultSet?, _ existing: TableInfo?) throws(SQLError) {
        let query = dataset.queryText
        let (rules, partitions) = try rules(of: dataset, fields, existing)
        try makeTable(
            dataset.name, fields.map { TableField($0) }, partitions, properties: dataset.properties, comment: dataset.comment, rows: rows,
            operation: existing == nil ? "CREATE TABLE" : "CREATE OR REPLACE TABLE", mode: existing == nil ? .create : .replace, rules: rules,
            replacing: existing, as: dataset.type, definition: (query, dataset.details))
        guard existing != nil else { return }
        try describe(dataset)
    }

    /// What a statement that has changed says of a streaming table whose rows stay. Another layout of the rows asks for a full refresh.
    func restate(_ dataset: Dataset, _ fields: [Field], _ existing: TableInfo) throws(SQLError) {
        guard !dataset.isRefresh, let location = existing.location, Dataset.stored(existing.details)?.statement != dataset.statement else { return }
        let (rules, partitions) = try rules(of: dataset, fields, existing)
        let snapshot = try onTable { try service.tables.delta(at: location).snapshot() }
        var required: Set<String> = []
        for key in rules.keys { if case .primaryKey = key.kind { required.formUnion(key.columns.map { $0.lowercased() }) } }
        let nullable = fields.map { $0.nullable && !required.contains($0.name.lowercased()) }
        var clustering = DomainMetadata.clustering([])
        if let clusterBy = rules.clusterBy { clustering = try self.clustering(clusterBy, snapshot.tableSchema) }
        let clustered = snapshot.domains["delta.clustering"] ?? DomainMetadata.clustering([])
        let isNullable = snapshot.schema.fields.map(\.nullable)
        guard snapshot.metadata.partitionColumns.map({ $0.lowercased() }) == partitions.map({ $0.lowercased() }),
            clustered == clustering,
            isNullable.count != nullable.count || isNullable == nullable
        else { throw .notSimulated("a change of a streaming table's layout without a full refresh") }
        _ = try onCatalog(dataset.name.parts) {
            try workspace.tables.update(dataset.name, by: principal) { info in
                var change = TableChange()
                change.comment = dataset.comment ?? ""
                change.details = TablePolicies.details(info.details(withConstraints: []), with: rules.policies)
                return change
            }
        }
        try add(rules.keys, to: dataset.name)
        try describe(dataset)
    }

    /// Keeps the statement with the table, beside what else the catalog knows of it.
    private func describe(_ dataset: Dataset) throws(SQLError) {
        let query = dataset.queryText
        _ = try onCatalog(dataset.name.parts) {
            try workspace.tables.update(dataset.name, by: principal) { info in
                var members = info.details.flatMap { try? JSONValue(parsing: $0) }?.objectValue ?? JSONObject()
                for (name, value) in (try? JSONValue(parsing: dataset.details))?.objectValue?.members ?? [] { members[name] = value }
                var change = TableChange()
                change.viewDefinition = query
                change.details = JSONValue.object(members).text
                return change
            }
        }
    }

    private func rules(of dataset: Dataset, _ fields: [Field], _ existing: TableInfo?) throws(SQLError) -> (rules: TableRules, partitions: [String]) {
        // The statement's parts are cut from its own text, which need not be this one's.
        var runner = self
        runner.text = dataset.statement
        var layout = dataset.layout
        if dataset.isRefresh { (layout.columns, layout.constraints, layout.rowFilter) = (nil, [], nil) }
        let partitions = try runner.partitionColumns(layout, fields)
        var rules = try runner.rules(of: layout, dataset.name, fields.map { TableField($0) }, partitions)
        rules.policies = try runner.policies(of: layout, dataset.name, fields, replaced: existing)
        if dataset.isRefresh { rules.keys = existing?.constraints ?? [] }
        return (rules, partitions)
    }
}

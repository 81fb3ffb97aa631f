import Columnar
import DeltaTable
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// Generated columns and constraints when a table is made or altered.
extension StatementRunner {
    /// - Throws: the service's errors for generation expressions that a table cannot keep.
    func checkGenerated(_ fields: [TableField], _ name: ObjectName, partitions: [String]) throws(SQLError) {
        for field in fields where field.isIdentity && partitions.contains(where: { $0.lowercased() == field.name.lowercased() }) {
            throw SQLError(
                .delta(
                    "DELTA_IDENTITY_COLUMNS_PARTITION_NOT_SUPPORTED", sqlState: "42601", "PARTITIONED BY IDENTITY column <colName> is not supported."),
                ["colName": field.name], phase: .analysis)
        }
        let plain = SparkSQL.WriteTarget(name: name.parts, columns: fields.filter { $0.generationExpression == nil }.map { .init($0.field) })
        for field in fields {
            guard let text = field.generationExpression else { continue }
            let made: (function: RowFunction, type: DataType, isDeterministic: Bool)
            do throws(SQLError) {
                made = try QueryEngine.rowExpression(try Parser.parseExpression(text), of: plain, catalog: catalog, context: context)
            } catch {
                guard error.condition.name.hasPrefix("UNRESOLVED_COLUMN") else { throw error }
                throw SQLError(
                    .delta(
                        "DELTA_INVALID_GENERATED_COLUMN_REFERENCES", sqlState: "42621",
                        "A generated column cannot use a non-existent column or another generated column"), phase: .analysis)
            }
            guard made.isDeterministic else {
                throw SQLError(
                    .delta(
                        "DELTA_NON_DETERMINISTIC_EXPRESSION_IN_GENERATED_COLUMN", sqlState: "42621",
                        "Found <expr>. A generated column cannot use a non deterministic expression."), ["expr": made.function.texts.first ?? text],
                    phase: .analysis)
            }
            guard made.type.simpleText == field.type.simpleText || (made.type.isStringText && field.type.isStringText) else {
                throw SQLError(
                    .delta(
                        "DELTA_GENERATED_COLUMNS_EXPR_TYPE_MISMATCH", sqlState: "42K09",
                        "The expression type of the generated column <columnName> is <expressionType>, but the column type is <columnType>"),
                    ["columnName": field.name, "expressionType": made.type.sqlText, "columnType": field.type.sqlText], phase: .analysis)
            }
        }
    }

    /// A CHECK constraint's condition over a table's columns.
    func checkCondition(
        _ expression: SparkSyntax.Expression, _ name: String, of target: SparkSQL.WriteTarget
    ) throws(SQLError) -> RowFunction {
        let (function, type, isDeterministic) = try QueryEngine.rowExpression(expression, of: target, catalog: catalog, context: context)
        let text = expression.span.text(in: self.text) ?? function.texts.first ?? ""
        guard type == .boolean else {
            throw SQLError(
                .delta(
                    "DELTA_NON_BOOLEAN_CHECK_CONSTRAINT", sqlState: "42621", "CHECK constraint '<name>' (<expr>) should be a boolean expression."),
                ["name": name, "expr": text], phase: .analysis)
        }
        guard isDeterministic else {
            throw SQLError(
                .delta(
                    "DELTA_NON_DETERMINISTIC_EXPRESSION_IN_CHECK_CONSTRAINT", sqlState: "42621",
                    "Found <expr> in a CHECK constraint. A CHECK constraint cannot use a nondeterministic expression."), ["expr": text],
                phase: .analysis)
        }
        return function
    }

    /// Constraints' and generated columns' names whose expressions use a column, by the column's position.
    func users(of column: Int, _ snapshot: Snapshot, _ name: ObjectName) throws(SQLError) -> (constraints: [String], columns: [String]) {
        let target = SparkSQL.WriteTarget(name: name.parts, columns: snapshot.tableSchema.fields.map { .init($0.field) })
        func uses(_ text: String) throws(SQLError) -> Bool {
            let expression = try Parser.parseExpression(text)
            return try QueryEngine.rowExpression(expression, of: target, catalog: catalog, context: context).function.columns(of: 0).contains(column)
        }
        var constraints: [String] = []
        for (constraint, text) in RowRules.constraints(snapshot.metadata.configuration) where try uses(text) {
            constraints.append("\(constraint) -> \(text)")
        }
        var columns: [String] = []
        for field in snapshot.tableSchema.fields {
            if let text = field.generationExpression, try uses(text) { columns.append("\(field.name) -> \(text)") }
        }
        return (constraints, columns)
    }

    /// - Throws: an error that names constraints and generated columns which stand in the way of a column's change.
    func checkUnused(_ column: Int, _ snapshot: Snapshot, _ name: ObjectName, newType: DataType? = nil) throws(SQLError) {
        let (constraints, columns) = try users(of: column, snapshot, name)
        let field = snapshot.tableSchema.fields[column]
        let what = newType == nil ? "DEPENDENT_COLUMN_CHANGE" : "DATA_TYPE_MISMATCH"
        let start =
            newType == nil
            ? "Cannot alter column <columnName> because this column is referenced by the following "
            : "Column <columnName> has data type <columnType> and cannot be altered to data type <dataType> because this column is referenced by the following "
        let parameters = ["columnName": field.name, "columnType": field.type.sqlText, "dataType": newType?.sqlText ?? ""]
        if !constraints.isEmpty {
            throw SQLError(
                .delta("DELTA_CONSTRAINT_\(what)", sqlState: "42K09", start + "check constraint(s):\n<constraints>"),
                parameters.merging(["constraints": constraints.joined(separator: "\n")]) { $1 }, phase: .analysis)
        }
        if !columns.isEmpty {
            throw SQLError(
                .delta("DELTA_GENERATED_COLUMNS_\(what)", sqlState: "42K09", start + "generated column(s):\n<generatedColumns>"),
                parameters.merging(["generatedColumns": columns.joined(separator: "\n")]) { $1 }, phase: .analysis)
        }
    }

    /// Rows for which a condition is not true.
    func violations(_ condition: RowFunction, _ snapshot: Snapshot) throws -> Int {
        var count = 0
        var scan = snapshot.scan(columns: Array(snapshot.schema.fields.indices))
        while let batch = try scan.nextBatch() {
            guard let truth = try condition.evaluate(batch, context).first?.booleans?.trueBits else { continue }
            count += batch.rowCount - truth.onesCount
        }
        return count
    }

    func defaultsNotEnabled(_ command: String) -> SQLError {
        SQLError(
            .delta(
                "WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED", sqlState: "0AKDE",
                """
                Failed to execute <commandType> command because it assigned a column DEFAULT value,
                but the corresponding table feature was not enabled. Please retry the command again
                after executing ALTER TABLE tableName SET
                TBLPROPERTIES('delta.feature.allowColumnDefaults' = 'supported').
                """), ["commandType": command], phase: .analysis)
    }

    /// The catalog's row of a table after its description has changed.
    func publish(_ name: ObjectName, _ metadata: Metadata, _ tableProtocol: TableProtocol?) throws(SQLError) {
        if name.isPath { return }
        let schema = try onTable { try TableSchema(schemaString: metadata.schemaString) }
        let columns = TableColumns.list(schema, partitionColumns: metadata.partitionColumns)
        try onCatalog(name.parts) {
            _ = try workspace.tables.update(name, by: principal) { info in
                var change = TableChange()
                change.columns = columns
                var pairs = metadata.configuration.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
                if let tableProtocol {
                    pairs += [
                        (key: "delta.minReaderVersion", value: String(tableProtocol.minReaderVersion)),
                        (key: "delta.minWriterVersion", value: String(tableProtocol.minWriterVersion)),
                    ]
                } else {
                    pairs += info.properties.pairs.filter { $0.key.hasPrefix("delta.min") && metadata.configuration[$0.key] == nil }
                }
                change.properties = PropertyMap(pairs)
                return change
            }
        }
    }

    // MARK: Clustering

    /// The domain that says by which columns a table is clustered, physical names; none for NONE.
    func clustering(_ clusterBy: ClusterBy, _ schema: TableSchema) throws(SQLError) -> DomainMetadata {
        var names: [[String]] = []
        if case .columns(let columns) = clusterBy {
            guard columns.count <= 4 else {
                throw SQLError(
                    .delta(
                        "DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS", sqlState: "54000",
                        "CLUSTER BY supports up to <numColumnsLimit> clustering columns, but the table has <actualNumColumns> clustering columns. Please remove the extra clustering columns."
                    ), ["numColumnsLimit": "4", "actualNumColumns": "\(columns.count)"], phase: .analysis)
            }
            for column in columns {
                guard let first = column.names.first, let index = schema.index(of: first) else {
                    throw SQLError(
                        .unresolvedColumnWithSuggestion,
                        [
                            "objectName": SQLQuote.id(column.names),
                            "proposal": schema.fields.prefix(5).map { SQLQuote.id($0.name) }.joined(separator: ", "),
                        ], at: column.span)
                }
                names.append([schema.fields[index].physicalName] + column.names.dropFirst())
            }
        }
        return DomainMetadata.clustering(names)
    }

    static let clusteringFeature = ["delta.feature.clustering": "supported"]

    // MARK: Keys

    /// A key as the catalog keeps it; nil for a CHECK constraint.
    func key(_ constraint: SparkSyntax.TableConstraint, column: String? = nil, of name: ObjectName) throws(SQLError) -> CatalogKey? {
        let rely = constraint.characteristics.contains("RELY")
        switch constraint.kind {
        case .primaryKey(let columns, let isTimeSeries):
            let names = columns.isEmpty ? column.map { [$0] } ?? [] : columns.map(\.text)
            let series = zip(columns, isTimeSeries).filter(\.1).map(\.0.text)
            return CatalogKey(
                name: constraint.name?.text ?? "\(name.name)_pk", columns: names, rely: rely, kind: .primaryKey(timeSeries: series))
        case .foreignKey(let columns, let parent, let parentColumns):
            let names = columns.isEmpty ? column.map { [$0] } ?? [] : columns.map(\.text)
            let other = try objectName(parent)
            var keys = parentColumns.map(\.text)
            if keys.isEmpty {
                let info = try tableInfo(other, at: parent.span)
                for key in info.constraints { if case .primaryKey = key.kind { keys = key.columns } }
            }
            return CatalogKey(
                name: constraint.name?.text ?? "\(name.name)_\(other.name)_fk", columns: names, rely: rely,
                kind: .foreignKey(parent: other, columns: keys))
        case .check: return nil
        case .unique: throw .notSimulated("UNIQUE constraints", at: constraint.span)
        }
    }
}

import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax

/// What a table demands of each of its rows: CHECK constraints, invariants, the values of generated columns. Rows that break a rule end the statement.
struct RowRules {
    private let function: RowFunction
    private let names: [String]
    private let fields: [Field]
    private let context: EvaluationContext

    /// `target`: the table's columns; `extra`: conditions of the statement itself, by what they are called in errors.
    init(
        _ snapshot: Snapshot, _ target: SparkSQL.WriteTarget, catalog: any CatalogReader, context: EvaluationContext
    ) throws(SQLError) {
        var names: [String] = []
        var conditions: [SparkSyntax.Expression] = []
        for (name, text) in Self.constraints(snapshot.metadata.configuration) {
            names.append(name)
            conditions.append(try Parser.parseExpression(text))
        }
        for field in snapshot.tableSchema.fields {
            guard let text = Self.invariant(field) else { continue }
            names.append("EXPRESSION(\(text))")
            conditions.append(try Parser.parseExpression(text))
        }
        self.names = names
        self.context = context
        fields = target.columns.map(\.field)
        function =
            conditions.isEmpty && target.columns.allSatisfy { $0.generation == nil }
            ? try QueryEngine.rowConditions([], of: SparkSQL.WriteTarget(name: target.name, columns: []), catalog: catalog, context: context)
            : try QueryEngine.rowConditions(conditions, of: target, catalog: catalog, context: context)
    }

    /// CHECK constraints by name, as the table's properties have them.
    static func constraints(_ configuration: [String: String]) -> [(name: String, expression: String)] {
        configuration.keys.filter { $0.hasPrefix(prefix) }.sorted().map { (String($0.dropFirst(prefix.count)), configuration[$0] ?? "") }
    }

    static let prefix = "delta.constraints."

    /// Writer version 2's rule of a column: `{"expression": {"expression": "x > 3"}}`.
    private static func invariant(_ field: TableField) -> String? {
        guard let text = field.metadata["delta.invariants"]?.stringValue, let json = try? JSONValue(parsing: Array(text.utf8)) else { return nil }
        return json["expression"]?["expression"]?.stringValue
    }

    /// - Throws: DELTA_VIOLATE_CONSTRAINT_WITH_VALUES with the first row that breaks a rule. NULL does not satisfy a CHECK constraint of Delta's.
    func check(_ batch: RecordBatch) throws(SQLError) {
        guard !function.isEmpty, batch.rowCount > 0 else { return }
        for (index, column) in try function.evaluate(batch, context).enumerated() {
            guard let truth = column.booleans?.trueBits, !truth.allOnes else { continue }
            guard let row = (0..<batch.rowCount).first(where: { !truth[$0] }) else { continue }
            let values = function.columns(of: index).map { position in
                " - \(fields[position].name) : \(Self.text(batch.columns[position].value(at: row), fields[position].type, context))"
            }
            throw SQLError(
                .delta(
                    "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", sqlState: "23001",
                    "CHECK constraint <constraintName> <expression> violated by row with values:\n<values>"),
                [
                    "constraintName": names.indices.contains(index) ? names[index] : "Generated Column",
                    "expression": function.texts[index], "values": values.sorted().joined(separator: "\n"),
                ], phase: .execution)
        }
    }

    private static func text(_ value: Value, _ type: DataType, _ context: EvaluationContext) -> String {
        value.isNull ? "null" : Cast.text(of: value, type, context)
    }
}

/// Values for identity columns, and what the table remembers of them.
struct IdentityColumns {
    private var fields: [TableField]
    private var changed = false

    init(_ schema: TableSchema) { fields = schema.fields }

    /// The batch with new values in the columns at `positions`, which have none.
    mutating func fill(_ batch: RecordBatch, _ positions: [Int]) throws(SQLError) -> RecordBatch {
        guard !positions.isEmpty, batch.rowCount > 0 else { return batch }
        var columns = batch.columns
        for position in positions where fields.indices.contains(position) && columns.indices.contains(position) {
            let metadata = fields[position].metadata
            let start = Int64(metadata["delta.identity.start"]?.intValue ?? 1)
            let step = Int64(metadata["delta.identity.step"]?.intValue ?? 1)
            var last = metadata["delta.identity.highWaterMark"]?.intValue.map { Int64($0) }
            var values: [Int64] = []
            values.reserveCapacity(batch.rowCount)
            for _ in 0..<batch.rowCount {
                let (value, overflow) = last.map { $0.addingReportingOverflow(step) } ?? (start, false)
                if overflow {
                    throw SQLError(.delta("DELTA_IDENTITY_COLUMNS_OVERFLOW", sqlState: "22003", "long overflow"), phase: .execution)
                }
                values.append(value)
                last = value
            }
            columns[position] = Column(.long, .int64(PrimitiveArray(values)))
            fields[position].metadata["delta.identity.highWaterMark"] = last.map { .int($0) }
            changed = true
        }
        return RecordBatch(schema: batch.schema, columns: columns, rowCount: batch.rowCount)
    }

    /// The schema with the marks behind the last values; nil if none was given out.
    var schema: TableSchema? { changed ? TableSchema(fields) : nil }
}

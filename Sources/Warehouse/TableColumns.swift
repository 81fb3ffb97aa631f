import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// Columns in their three forms: as a statement defines them, as the catalog lists them, and as the table's schema has them.
enum TableColumns {
    /// The catalog's rows of a schema's fields.
    static func list(_ schema: TableSchema, partitionColumns: [String]) -> ColumnList {
        let partitions = partitionColumns.map { $0.lowercased() }
        return ColumnList(
            schema.fields.enumerated().map { position, field in
                var precision: Int?
                var scale: Int?
                var interval: String?
                switch field.type {
                case .decimal(let type): (precision, scale) = (type.precision, type.scale)
                case .yearMonthInterval, .dayTimeInterval: interval = String(field.type.sqlText.dropFirst("INTERVAL ".count))
                default: break
                }
                return ColumnInfo(
                    name: field.name, typeText: field.type.simpleText, typeName: typeName(field.type), typeJSON: field.json.text,
                    precision: precision, scale: scale, intervalType: interval, position: position, nullable: field.nullable,
                    comment: field.comment, partitionIndex: partitions.firstIndex(of: field.name.lowercased()))
            })
    }

    /// The enumeration `ColumnTypeName` of the tables API.
    static func typeName(_ type: DataType) -> String {
        switch type {
        case .void: "NULL"
        case .boolean: "BOOLEAN"
        case .byte: "BYTE"
        case .short: "SHORT"
        case .int: "INT"
        case .long: "LONG"
        case .float: "FLOAT"
        case .double: "DOUBLE"
        case .decimal: "DECIMAL"
        case .string, .varchar: "STRING"
        case .char: "CHAR"
        case .binary: "BINARY"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP"
        case .timestampNTZ: "TIMESTAMP_NTZ"
        case .yearMonthInterval, .dayTimeInterval: "INTERVAL"
        case .array: "ARRAY"
        case .map: "MAP"
        case .structure: "STRUCT"
        case .variant: "VARIANT"
        }
    }

    /// A field as the catalog remembers it.
    static func field(_ column: ColumnInfo) throws -> Field {
        let json = try JSONValue(parsing: Array(column.typeJSON.utf8))
        return try TableField(json: json).field
    }

    /// The fields that a column list defines. Parts that this version does not keep are refused by name.
    static func fields(_ columns: [ColumnDefinition], _ collation: DefaultCollation = .none) throws(SQLError) -> [Field] {
        var fields: [Field] = []
        for column in columns {
            guard column.name.parts.count == 1 else { throw .notSimulated("a column with a dotted name", at: column.span) }
            let name = column.name.last
            if fields.contains(where: { $0.name.lowercased() == name.lowercased() }) {
                throw SQLError(.columnAlreadyExists, ["columnName": SQLQuote.id([name])], at: column.name.span)
            }
            fields.append(Field(name, try DataType(column.type, collation: collation.applied), nullable: column.isNullable, comment: column.comment))
        }
        return fields
    }

    /// The same with what the table's schema keeps beside name and type: DEFAULT as it was written.
    static func tableFields(
        _ columns: [ColumnDefinition], of runner: StatementRunner, _ collation: DefaultCollation = .none
    ) throws(SQLError) -> [TableField] {
        var result: [TableField] = []
        for (column, field) in zip(columns, try fields(columns, collation)) {
            var made = TableField(field)
            if let value = column.defaultValue {
                _ = try QueryEngine.analyzeDefault(value, for: field, catalog: runner.catalog, context: runner.context)
                made.metadata["CURRENT_DEFAULT"] = .string(value.span.text(in: runner.text) ?? "")
            }
            switch column.generation {
            case .expression(let expression): made.metadata["delta.generationExpression"] = .string(expression.span.text(in: runner.text) ?? "")
            case .identity(let always, let start, let step):
                guard made.type == .long else {
                    throw SQLError(
                        .delta(
                            "DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE", sqlState: "428H2",
                            "DataType <dataType> is not supported for IDENTITY columns."), ["dataType": made.type.simpleText], at: column.span,
                        phase: .analysis)
                }
                guard step != 0 else {
                    throw SQLError(
                        .delta("DELTA_IDENTITY_COLUMNS_ILLEGAL_STEP", sqlState: "42611", "IDENTITY column step cannot be 0."), at: column.span,
                        phase: .analysis)
                }
                made.metadata["delta.identity.start"] = .int(start ?? 1)
                made.metadata["delta.identity.step"] = .int(step ?? 1)
                made.metadata["delta.identity.allowExplicitInsert"] = .bool(!always)
            case nil: break
            }
            result.append(made)
        }
        return result
    }
}

/// Where a view was made, kept in the catalog row's details.
struct ViewDetails {
    let catalog: String?
    let schema: String?
    let collation: DefaultCollation

    init(catalog: String, schema: String, collation: DefaultCollation = .none) {
        self.catalog = catalog
        self.schema = schema
        self.collation = collation
    }

    init(_ details: String?) {
        let json = details.flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        catalog = json?["view_current_catalog"]?.stringValue
        schema = json?["view_current_schema"]?.stringValue
        collation = DefaultCollation(details)
    }

    var text: String {
        JSONValue.members(
            [
                ("view_current_catalog", .string(catalog ?? "")), ("view_current_schema", .string(schema ?? "")),
            ] + collation.members
        ).text
    }
}

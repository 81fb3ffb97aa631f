import Columnar
import SparkErrors
import SparkSQL
import Workspace

/// The relations of a catalog's `information_schema`, and of `system.information_schema`, which has those of all catalogs. Columns and their
/// order: Databricks SQL language manual, "Information schema"; positions of columns count from 0, as the service gives them.
struct InformationSchema {
    /// A relation: its columns, and its rows.
    struct Relation: Sendable {
        let fields: [Field]
        let rows: @Sendable (InformationSchema) throws -> [[Value]]
    }

    let workspace: Workspace
    let service: SQLService
    let principal: Principal
    /// nil: all catalogs.
    let catalog: String?

    static let relations: [String: Relation] = [
        "catalogs": catalogs, "schemata": schemata, "tables": tables, "views": views, "columns": columns, "volumes": volumes, "routines": routines,
        "parameters": parameters, "table_constraints": tableConstraints, "key_column_usage": keyColumnUsage,
        "constraint_column_usage": constraintColumnUsage, "referential_constraints": referentialConstraints, "check_constraints": checkConstraints,
        "information_schema_catalog_name": catalogName,
    ].merging(governance) { first, _ in first }.merging(sharing) { first, _ in first }

    /// Relations of the service that are known and not simulated.
    static let notSimulated: Set<String> = ["routine_columns"]

    /// nil: there is no such relation.
    func table(_ name: String) throws -> MemoryTable? {
        guard let relation = Self.relations[name] else { return nil }
        let schema = Schema(relation.fields)
        let rows = try relation.rows(self)
        let columns = relation.fields.enumerated().map { index, field in
            Column(field.type, of: rows.map { $0.indices.contains(index) ? $0[index] : .null })
        }
        return MemoryTable(schema: schema, batches: rows.isEmpty ? [] : [RecordBatch(schema: schema, columns: columns, rowCount: rows.count)])
    }

    // MARK: What there is

    func catalogInfos() throws -> [CatalogInfo] {
        try workspace.catalogs.list(browse: true, by: principal).filter { catalog == nil || $0.name == catalog }
    }

    func schemaInfos() throws -> [SchemaInfo] {
        try catalogInfos().flatMap { try workspace.schemas.list(in: $0.name, by: principal) }
    }

    func tableInfos(columns: Bool) throws -> [TableInfo] {
        try catalogInfos().flatMap { try workspace.tables.list(inCatalog: $0.name, columns: columns, by: principal) }
    }

    // MARK: Values

    static func text(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
    static func yes(_ flag: Bool) -> Value { .string(flag ? "YES" : "NO") }
    static func number(_ number: Int?) -> Value { number.map { .integer(Int64($0)) } ?? .null }
    /// From the catalog's milliseconds.
    static func time(_ milliseconds: Int64) -> Value {
        let (micros, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .null : .integer(micros)
    }

    /// STRING columns by names with blanks between; a name with `?` may be NULL.
    static func texts(_ names: String) -> [Field] {
        names.split(separator: " ").map { name in
            name.hasSuffix("?") ? Field(String(name.dropLast()), .text) : Field(String(name), .text, nullable: false)
        }
    }

    static func integers(_ names: String) -> [Field] { names.split(separator: " ").map { Field(String($0), .int) } }

    /// Who made and changed an object, and when.
    static let traces: [Field] = [
        Field("created", .timestamp, nullable: false), Field("created_by", .text), Field("last_altered", .timestamp, nullable: false),
        Field("last_altered_by", .text),
    ]

    static func traces(_ createdAt: Int64, _ createdBy: String, _ updatedAt: Int64, _ updatedBy: String) -> [Value] {
        [time(createdAt), text(createdBy), time(updatedAt), text(updatedBy)]
    }
}

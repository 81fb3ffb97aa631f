import Columnar
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// SHOW TABLE EXTENDED, and SHOW COLUMNS over a catalog.
extension StatementRunner {
    func showTableExtended(in reference: NameReference?, _ pattern: ShowPattern?, _ partition: PartitionSpec?) throws(SQLError) -> ResultSet {
        if let partition { throw .notSimulated("SHOW TABLE EXTENDED … PARTITION", at: partition.span) }
        let schema = try schemaName(in: reference)
        var rows: [[Value]] = []
        for relation in try relations(of: schema) where pattern?.matches(relation.name) ?? true {
            let name = ObjectName(catalog: schema.catalog, schema: schema.schema, name: relation.name)
            rows.append([.string(schema.schema), .string(relation.name), .boolean(false), .string(try information(of: tableInfo(name, at: nil)))])
        }
        let views = session.current.views.values.filter { pattern?.matches($0.name) ?? true }.sorted { $0.name < $1.name }
        for view in views {
            let lines = [
                "Table: \(view.name)", "Type: VIEW", "View Text: \(view.text)", "View Catalog and Namespace: \(view.catalog).\(view.schema)",
                "View Query Output Columns: [\(view.columns.map(\.name).joined(separator: ", "))]",
            ]
            let text = lines.joined(separator: "\n") + "\nSchema: " + SchemaTree.text(view.columns) + "\n"
            rows.append([.string(""), .string(view.name), .boolean(true), .string(text)])
        }
        return ResultSet(
            [
                Field("database", .text, nullable: false), Field("tableName", .text, nullable: false),
                Field("isTemporary", .boolean, nullable: false), Field("information", .text, nullable: false),
            ], rows: rows)
    }

    /// The lines of DESCRIBE EXTENDED and the schema as a tree.
    private func information(of table: TableInfo) throws(SQLError) -> String {
        var lines = ["Catalog: \(table.name.catalog)", "Database: \(table.name.schema)", "Table: \(table.name.name)", "Owner: \(table.owner)"]
        lines += [
            "Created Time: \(DateText.long(millis: table.createdAt))", "Last Access: UNKNOWN", "Created By: Spark", "Type: \(table.type.rawValue)",
        ]
        if let comment = table.comment { lines.append("Comment: \(comment)") }
        if table.type.isView { lines.append("View Text: \(table.viewDefinition ?? "")") } else { lines.append("Provider: delta") }
        let properties = table.properties.pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if !properties.isEmpty { lines.append("Table Properties: [\(properties.joined(separator: ", "))]") }
        if let location = table.location { lines.append("Location: \(location)") }
        let partitions = table.columns.all.filter { $0.partitionIndex != nil }.sorted { ($0.partitionIndex ?? 0) < ($1.partitionIndex ?? 0) }
        if !partitions.isEmpty {
            lines.append("Partition Provider: Catalog")
            lines.append("Partition Columns: [\(partitions.map { SQLQuote.id($0.name) }.joined(separator: ", "))]")
        }
        let fields = try onTable { try table.columns.all.map { try TableColumns.field($0) } }
        let shown = fields.map { Field($0.name, $0.type, nullable: $0.nullable) }
        return lines.joined(separator: "\n") + "\nSchema: " + SchemaTree.text(shown) + "\n"
    }

    /// The drivers' form, where `.` in a pattern stands for any character.
    func showColumnsAcross(
        _ reference: NameReference?, _ schemaPattern: String?, _ tablePattern: String?, _ pattern: ShowPattern?
    ) throws(SQLError) -> ResultSet {
        let catalogs = try catalogs(reference)
        let schemaFilter = schemaPattern.map { ShowPattern($0, dotIsWildcard: true) }
        let tableFilter = tablePattern.map { ShowPattern($0, dotIsWildcard: true) }
        let columnFilter = pattern.map { ShowPattern($0.text, dotIsWildcard: true) }
        var rows: [[Value]] = []
        for catalog in catalogs {
            let tables = try onCatalog([catalog]) { try workspace.tables.list(inCatalog: catalog, columns: true, by: principal) }
            for table in tables where schemaFilter?.matches(table.name.schema) ?? true && tableFilter?.matches(table.name.name) ?? true {
                for (index, column) in table.columns.all.enumerated() where columnFilter?.matches(column.name) ?? true {
                    let (size, digits) = (column.precision, column.scale)
                    rows.append([
                        .string(column.name), .string(catalog), .string(table.name.schema), .string(table.name.name),
                        .string(column.typeText.uppercased()), size.map { .integer(Int64($0)) } ?? .null, digits.map { .integer(Int64($0)) } ?? .null,
                        size == nil ? .null : .integer(10), .string(column.nullable ? "true" : "false"),
                        column.comment.map { .string($0) } ?? .null, .integer(Int64(index + 1)),
                    ])
                }
            }
        }
        return ResultSet(Self.columnFields, rows: rows)
    }

    /// As drivers read them (adbc-drivers/databricks, rust/src/metadata/parse.rs).
    private static let columnFields = [
        Field("col_name", .text, nullable: false), Field("catalogName", .text, nullable: false), Field("namespace", .text, nullable: false),
        Field("tableName", .text, nullable: false), Field("columnType", .text, nullable: false), Field("columnSize", .int),
        Field("decimalDigits", .int), Field("radix", .int), Field("isNullable", .text), Field("remarks", .text), Field("ordinalPosition", .int),
    ]

    /// `SHOW SCHEMAS IN ALL CATALOGS`.
    func showSchemasAcross(_ pattern: ShowPattern?) throws(SQLError) -> ResultSet {
        var rows: [[Value]] = []
        for catalog in try catalogs(nil) {
            let names = try onCatalog([catalog]) { try workspace.schemas.names(in: catalog, by: principal) } ?? []
            rows += names.filter { pattern?.matches($0) ?? true }.map { [.string($0), .string(catalog)] }
        }
        return ResultSet([Field("databaseName", .text, nullable: false), Field("catalog", .text, nullable: false)], rows: rows)
    }

    /// `SHOW [USER | SYSTEM | ALL] FUNCTIONS f`: the name, if there is such a function.
    func showFunction(_ scope: String?, in reference: NameReference?, _ name: MultipartIdentifier) throws(SQLError) -> [String] {
        let wanted = name.last.lowercased()
        var found: [String] = []
        if scope != "USER", name.parts.count == 1, FunctionRegistry.builtin.contains(wanted) || SpecialForm.named(wanted) != nil {
            found.append(wanted)
        }
        if scope != "SYSTEM" {
            if name.parts.count == 1, reference == nil, session.current.functions[wanted] != nil { found.append(wanted) }
            var full = try objectName(.name(name))
            if let reference {
                let schema = try schemaName(reference)
                full = ObjectName(catalog: schema.catalog, schema: schema.schema, name: name.last)
            }
            if let info = try onCatalog(full.parts, { try workspace.functions.find(full) }) { found.append(info.name.description) }
        }
        return found
    }
}

/// A schema as a tree, in Spark's form.
enum SchemaTree {
    static func text(_ fields: [Field]) -> String {
        var text = "root\n"
        for field in fields { add(field, " |", to: &text) }
        return text
    }

    private static func add(_ field: Field, _ prefix: String, to text: inout String) {
        text += "\(prefix)-- \(field.name): \(name(field.type)) (nullable = \(field.nullable))\n"
        addParts(of: field.type, prefix + "    |", to: &text)
    }

    private static func addParts(of type: DataType, _ prefix: String, to text: inout String) {
        switch type {
        case .array(let element, let containsNull):
            text += "\(prefix)-- element: \(name(element)) (containsNull = \(containsNull))\n"
            addParts(of: element, prefix + "    |", to: &text)
        case .map(let key, let value, let containsNull):
            text += "\(prefix)-- key: \(name(key))\n"
            addParts(of: key, prefix + "    |", to: &text)
            text += "\(prefix)-- value: \(name(value)) (valueContainsNull = \(containsNull))\n"
            addParts(of: value, prefix + "    |", to: &text)
        case .structure(let fields): for field in fields { add(field, prefix, to: &text) }
        default: break
        }
    }

    private static func name(_ type: DataType) -> String {
        switch type {
        case .array: "array"
        case .map: "map"
        case .structure: "struct"
        case .byte: "byte"
        case .short: "short"
        case .int: "integer"
        case .long: "long"
        default: type.simpleText
        }
    }
}

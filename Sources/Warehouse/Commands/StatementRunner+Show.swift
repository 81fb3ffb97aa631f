import Columnar
import DeltaTable
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// SHOW …: lists of objects in the columns that clients parse.
extension StatementRunner {
    func show(_ show: Show) throws(SQLError) -> ResultSet {
        let pattern = show.pattern.map(ShowPattern.init)
        switch show.subject {
        case .catalogs:
            let names = try onCatalog { try workspace.catalogs.names(by: principal) }
            return texts("catalog", names, pattern)
        case .schemas(let reference):
            let catalog = if let reference { try catalogName(reference) } else { session.current.catalog }
            return texts("databaseName", try schemas(of: catalog), pattern)
        case .schemasInAllCatalogs: return try showSchemasAcross(pattern)
        case .tables(let reference): return try showTables(in: schemaName(in: reference), pattern)
        case .tablesAcross(let reference, let schemaPattern): return try showTablesAcross(reference, schemaPattern, pattern)
        case .tablesDropped(let reference, let limit): return try showTablesDropped(in: schemaName(in: reference), limit: limit)
        case .views(let reference): return try showViews(in: schemaName(in: reference), pattern)
        case .volumes(let reference):
            let schema = try schemaName(in: reference)
            let volumes = try onCatalog(schema.parts) { try workspace.volumes.list(in: schema, by: principal) }
            let rows = volumes.map(\.name.name).filter { pattern?.matches($0) ?? true }
            return ResultSet(
                [Field("database", .text, nullable: false), Field("volume_name", .text, nullable: false)],
                rows: rows.map { [.string(schema.schema), .string($0)] })
        case .columns(let reference, let schema): return try showColumns(of: reference, in: schema)
        case .tableProperties(let reference, let key): return try showProperties(of: reference, key)
        case .createTable(let reference, asSerde: false): return try showCreateTable(reference)
        case .currentSchema:
            let current = session.current
            return ResultSet(
                [Field("catalog", .text, nullable: false), Field("namespace", .text, nullable: false)],
                rows: [[.string(current.catalog), .string(current.schema)]])
        case .functions("USER", let reference, nil): return texts("function", try showUserFunctions(in: reference, pattern), nil)
        case .functions(let scope, let reference, nil):
            let builtin = (FunctionRegistry.builtin.all + SpecialForm.all.map(\.name)).filter { pattern?.matches($0) ?? true }
            let own = scope == "SYSTEM" ? [] : try showUserFunctions(in: reference, pattern)
            return texts("function", (Set(builtin).sorted() + own).sorted(), nil)
        case .functions(let scope, let reference, let name?): return texts("function", try showFunction(scope, in: reference, name), nil)
        case .tableExtended(let reference, let partition): return try showTableExtended(in: reference, pattern, partition)
        case .columnsAcross(let reference, let schemas, let tables): return try showColumnsAcross(reference, schemas, tables, pattern)
        case .grants(nil, .share?, let reference): return try showGrants(onShare: reference)
        case .grants(let holder, let kind, let reference): return try showGrants(of: holder, on: kind, reference)
        case .partitions(let reference, let only): return try showPartitions(of: reference, only)
        case .variables:
            let variables = session.current.variables.values.sorted { $0.name < $1.name }
            return ResultSet(
                [Field("name", .text, nullable: false), Field("data_type", .text, nullable: false), Field("value", .text)],
                rows: variables.map { [.string($0.name), .string($0.value.type.simpleText), .string($0.value.literal)] })
        case .sharing(let kind, let provider): return try showSharing(try Self.securableType(kind), provider: provider, pattern)
        case .allInShare(let reference): return try showAll(inShare: reference)
        case .grantsToRecipient(let reference): return try showGrants(toRecipient: reference)
        default: throw .notSimulated("this form of SHOW")
        }
    }

    private func texts(_ column: String, _ names: [String], _ pattern: ShowPattern?) -> ResultSet {
        ResultSet([Field(column, .text, nullable: false)], rows: names.filter { pattern?.matches($0) ?? true }.map { [.string($0)] })
    }

    private func schemas(of catalog: String) throws(SQLError) -> [String] {
        guard let names = try onCatalog([catalog], { try workspace.schemas.names(in: catalog, by: principal) }) else {
            throw SQLError(.noSuchCatalog, ["catalogName": SQLQuote.id([catalog])])
        }
        return names
    }

    func relations(of schema: SchemaName) throws(SQLError) -> [(name: String, type: TableType)] {
        guard let names = try onCatalog(schema.parts, { try workspace.tables.names(in: schema, by: principal) }) else {
            throw SQLError(.schemaNotFound, ["schemaName": SQLQuote.id(schema.parts)])
        }
        return names
    }

    private func showTables(in schema: SchemaName, _ pattern: ShowPattern?) throws(SQLError) -> ResultSet {
        let tables = try relations(of: schema)
        return ResultSet(
            [
                Field("database", .text, nullable: false), Field("tableName", .text, nullable: false),
                Field("isTemporary", .boolean, nullable: false),
            ],
            rows: tables.filter { pattern?.matches($0.name) ?? true }.map { [.string(schema.schema), .string($0.name), .boolean(false)] }
                + temporaryViews(pattern).map { [.string(""), .string($0), .boolean(true)] })
    }

    private func temporaryViews(_ pattern: ShowPattern?) -> [String] {
        session.current.views.values.map(\.name).filter { pattern?.matches($0) ?? true }.sorted()
    }

    /// `SHOW PARTITIONS t`: `a=1/b=2`.
    private func showPartitions(of reference: NameReference, _ only: PartitionSpec?) throws(SQLError) -> ResultSet {
        if let only { throw .notSimulated("SHOW PARTITIONS … PARTITION", at: only.span) }
        let name = try objectName(reference)
        let table = try tableInfo(name, at: reference.span)
        guard let location = table.location, table.columns.all.contains(where: { $0.partitionIndex != nil }) else {
            throw SQLError(.invalidPartitionOperationPartitionSchemaIsEmpty, ["name": SQLQuote.id(name.parts)], at: reference.span)
        }
        let names = try onTable { () throws -> [String] in
            let snapshot = try service.tables.delta(at: location).snapshot()
            let columns = snapshot.metadata.partitionColumns.compactMap { snapshot.tableSchema.index(of: $0) }
            return Set(
                snapshot.files.map { file in
                    columns.map { index in
                        let field = snapshot.tableSchema.fields[index]
                        return "\(field.name)=\(file.partitionValues[field.physicalName] ?? "null")"
                    }.joined(separator: "/")
                }
            ).sorted()
        }
        return texts("partition", names, nil)
    }

    /// The schema's functions, and the session's.
    private func showUserFunctions(in reference: NameReference?, _ pattern: ShowPattern?) throws(SQLError) -> [String] {
        let schema = try schemaName(in: reference)
        let own = try onCatalog(schema.parts) { try workspace.functions.list(in: schema, by: principal) }
        let names = own.map(\.name).filter { pattern?.matches($0.name) ?? true }.map(\.description)
        return session.current.functions.values.compactMap(\.name.first).filter { pattern?.matches($0) ?? true }.sorted() + names
    }

    /// The named one, or all that the principal sees.
    func catalogs(_ reference: NameReference?) throws(SQLError) -> [String] {
        if let reference { return [try catalogName(reference)] }
        return try onCatalog { try workspace.catalogs.names(by: principal) }
    }

    /// The drivers' form, where `.` in a pattern stands for any character.
    private func showTablesAcross(
        _ reference: NameReference?, _ schemaPattern: String?, _ pattern: ShowPattern?
    ) throws(SQLError) -> ResultSet {
        let catalogs = try catalogs(reference)
        let schemaFilter = schemaPattern.map { ShowPattern($0, dotIsWildcard: true) }
        let tableFilter = pattern.map { ShowPattern($0.text, dotIsWildcard: true) }
        var rows: [[Value]] = []
        for catalog in catalogs {
            let tables = try onCatalog([catalog]) { try workspace.tables.list(inCatalog: catalog, by: principal) }
            for table in tables where schemaFilter?.matches(table.name.schema) ?? true && tableFilter?.matches(table.name.name) ?? true {
                rows.append([
                    .string(table.name.schema), .string(table.name.name), .boolean(false), .string(""), .string(catalog),
                    .string(table.type.isView ? "VIEW" : "TABLE"), .string(table.comment ?? ""),
                ])
            }
        }
        let names = ["namespace", "tableName", "isTemporary", "information", "catalogName", "tableType", "remarks"]
        return ResultSet(names.map { Field($0, $0 == "isTemporary" ? .boolean : .text, nullable: false) }, rows: rows)
    }

    private func showViews(in schema: SchemaName, _ pattern: ShowPattern?) throws(SQLError) -> ResultSet {
        let views = try relations(of: schema).filter(\.type.isView)
        return ResultSet(
            [
                Field("namespace", .text, nullable: false), Field("viewName", .text, nullable: false),
                Field("isTemporary", .boolean, nullable: false), Field("isMaterialized", .boolean, nullable: false),
            ],
            rows: views.filter { pattern?.matches($0.name) ?? true }.map {
                [.string(schema.schema), .string($0.name), .boolean(false), .boolean(false)]
            } + temporaryViews(pattern).map { [.string(""), .string($0), .boolean(true), .boolean(false)] })
    }

    private func showColumns(of reference: NameReference, in schema: NameReference?) throws(SQLError) -> ResultSet {
        if schema == nil, let view = try temporaryView(reference) { return texts("col_name", view.columns.map(\.name), nil) }
        var name = try objectName(reference)
        if let schema {
            let within = try schemaName(schema)
            if try parts(reference).count > 1, within != name.schemaName {
                throw SQLError(
                    .showColumnsWithConflictNamespace,
                    ["namespaceA": SQLQuote.id(within.parts), "namespaceB": SQLQuote.id(name.schemaName.parts)], at: reference.span)
            }
            name = ObjectName(catalog: within.catalog, schema: within.schema, name: name.name)
        }
        let table = try tableInfo(name, at: reference.span)
        return texts("col_name", table.columns.all.map(\.name), nil)
    }

    private func showProperties(of reference: NameReference, _ key: String?) throws(SQLError) -> ResultSet {
        let table = try tableInfo(objectName(reference), at: reference.span)
        let fields = [Field("key", .text, nullable: false), Field("value", .text, nullable: false)]
        guard let key else {
            return ResultSet(fields, rows: table.properties.pairs.sorted { $0.key < $1.key }.map { [.string($0.key), .string($0.value)] })
        }
        let value = table.properties[key] ?? "Table \(table.name) does not have property: \(key)"
        return ResultSet(fields, rows: [[.string(key), .string(value)]])
    }

    private func showCreateTable(_ reference: NameReference) throws(SQLError) -> ResultSet {
        let table = try tableInfo(objectName(reference), at: reference.span)
        var text: String
        if table.type.isView {
            text =
                "CREATE VIEW \(table.name) (\n  " + table.columns.all.map(\.name).joined(separator: ",\n  ") + ")\nAS \(table.viewDefinition ?? "")\n"
        } else {
            let columns = table.columns.all.map { column in
                "  \(column.name) \(column.typeText.uppercased())\(column.nullable ? "" : " NOT NULL")"
                    + (column.comment.map { " COMMENT '\(Self.escaped($0))'" } ?? "")
            }
            text = "CREATE TABLE \(table.name) (\n" + columns.joined(separator: ",\n") + ")\nUSING delta\n"
            let partitions = table.columns.all.filter { $0.partitionIndex != nil }.sorted { ($0.partitionIndex ?? 0) < ($1.partitionIndex ?? 0) }
            if !partitions.isEmpty { text += "PARTITIONED BY (\(partitions.map(\.name).joined(separator: ", ")))\n" }
            if let comment = table.comment { text += "COMMENT '\(Self.escaped(comment))'\n" }
            let properties = table.properties.pairs.sorted { $0.key < $1.key }
            if !properties.isEmpty {
                text +=
                    "TBLPROPERTIES (\n"
                    + properties.map { "  '\(Self.escaped($0.key))' = '\(Self.escaped($0.value))'" }.joined(separator: ",\n") + ")\n"
            }
        }
        return ResultSet([Field("createtab_stmt", .text, nullable: false)], rows: [[.string(text)]])
    }

    private static func escaped(_ text: String) -> String { text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") }

    /// A relation's catalog row, for who may see it. Throws `TABLE_OR_VIEW_NOT_FOUND`.
    func tableInfo(_ name: ObjectName, at span: SourceSpan?) throws(SQLError) -> TableInfo {
        if name.isPath { return try pathInfo(name) }
        guard try onCatalog(name.parts, { try service.tables.find(name) }) != nil else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: span)
        }
        return try onCatalog(name.parts) { try workspace.tables.get(name, browse: true, by: principal) }
    }
}

/// A pattern of SHOW … LIKE: `*` stands for any text, `|` parts alternatives, case does not matter.
struct ShowPattern {
    let text: String
    private let alternatives: [[Character]]
    private let dotIsWildcard: Bool

    init(_ text: String) { self.init(text, dotIsWildcard: false) }

    init(_ text: String, dotIsWildcard: Bool) {
        self.text = text
        self.dotIsWildcard = dotIsWildcard
        alternatives = text.lowercased().split(separator: "|", omittingEmptySubsequences: false).map { part in
            Array(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    func matches(_ name: String) -> Bool {
        let name = Array(name.lowercased())
        return alternatives.contains { matches($0, name) }
    }

    /// Greedy with one point of return: linear in practice, quadratic at worst.
    private func matches(_ pattern: [Character], _ name: [Character]) -> Bool {
        var position = 0
        var at = 0
        var star: Int?
        var mark = 0
        while at < name.count {
            if position < pattern.count, pattern[position] == "*" {
                star = position
                mark = at
                position += 1
            } else if position < pattern.count, pattern[position] == name[at] || dotIsWildcard && pattern[position] == "." {
                position += 1
                at += 1
            } else if let star {
                position = star + 1
                mark += 1
                at = mark
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == "*" }
    }
}

import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// DESCRIBE …, in the columns that clients parse.
extension StatementRunner {
    func describe(_ describe: Describe) throws(SQLError) -> ResultSet {
        switch describe {
        case .relation(let reference, let extended, nil, nil, asJSON: false): return try describeTable(reference, extended)
        case .relation(let reference, _, nil, let column?, asJSON: false): return try describeColumn(reference, column)
        case .relation(let reference, true, nil, nil, asJSON: true): return try describeJSON(reference)
        case .query(let query):
            let plan = try QueryEngine.analyze(query, catalog: catalog, parameters: try parameters(), context: context)
            return columns(plan.schema.fields.map { [.string($0.name), .string($0.type.simpleText), $0.comment.map { .string($0) } ?? .null] })
        case .history(let reference, let limit): return try history(reference, limit)
        case .detail(let reference): return try detail(reference)
        case .schema(let reference, let extended): return try describeSchema(reference, extended)
        case .catalog(let reference, let extended): return try describeCatalog(reference, extended)
        case .function(let reference, let extended): return try describeFunction(reference, extended)
        case .volume(let reference): return try describeVolume(reference)
        case .other(.share, let reference, _): return try describeShare(reference)
        case .other(.recipient, let reference, _): return try describeRecipient(reference)
        case .other(.provider, let reference, _): return try describeProvider(reference)
        default: throw .notSimulated("this form of DESCRIBE")
        }
    }

    private func columns(_ rows: [[Value]]) -> ResultSet {
        ResultSet(
            [Field("col_name", .text, nullable: false), Field("data_type", .text, nullable: false), Field("comment", .text)], rows: rows)
    }

    /// `DESCRIBE t c`.
    private func describeColumn(_ reference: NameReference, _ column: MultipartIdentifier) throws(SQLError) -> ResultSet {
        let columns: [(name: String, type: String, comment: String?)]
        if let view = try temporaryView(reference) {
            columns = view.columns.map { ($0.name, $0.type.simpleText, $0.comment) }
        } else {
            let table = try tableInfo(objectName(reference), at: reference.span)
            columns = table.columns.all.map { ($0.name, $0.typeText, $0.comment) }
        }
        guard column.parts.count == 1, let found = columns.first(where: { $0.name.lowercased() == column.last.lowercased() }) else {
            throw SQLError(
                .unresolvedColumnWithSuggestion,
                [
                    "objectName": SQLQuote.id(column.names),
                    "proposal": columns.prefix(5).map { SQLQuote.id($0.name) }.joined(separator: ", "),
                ], at: column.span)
        }
        return items(
            "info_name", "info_value", [("col_name", found.name), ("data_type", found.type), ("comment", found.comment ?? "NULL")])
    }

    func temporaryView(_ reference: NameReference) throws(SQLError) -> TemporaryView? {
        let parts = try parts(reference)
        return parts.count == 1 ? session.current.views[parts[0].lowercased()] : nil
    }

    /// `DESCRIBE EXTENDED t AS JSON`: one cell. Source: Spark's SQL reference, DESCRIBE TABLE.
    private func describeJSON(_ reference: NameReference) throws(SQLError) -> ResultSet {
        if let view = try temporaryView(reference) { return describeJSON(view) }
        let name = try objectName(reference)
        let table = try tableInfo(name, at: reference.span)
        let columns = try onTable {
            try table.columns.all.map { column in
                var members: [(String, JSONValue)] = [
                    ("name", .string(column.name)), ("type", TypeDescription.json(try TableColumns.field(column).type)),
                ]
                if let comment = column.comment { members.append(("comment", .string(comment))) }
                members.append(("nullable", .bool(column.nullable)))
                return JSONValue.members(members)
            }
        }
        var members: [(String, JSONValue)] = [
            ("table_name", .string(name.name)), ("catalog_name", .string(name.catalog)),
            ("namespace", .array([.string(name.schema)])), ("schema_name", .string(name.schema)), ("columns", .array(columns)),
            ("owner", .string(table.owner)), ("created_time", .string(DateText.iso(millis: table.createdAt))),
            ("type", .string(table.type.rawValue)),
        ]
        if let comment = table.comment { members.append(("comment", .string(comment))) }
        if let collation = DefaultCollation(table.details).collation { members.append(("collation", .string(collation.rawValue))) }
        if let location = table.location { members.append(("location", .string(location))) }
        if table.type.isView {
            members.append(("view_text", .string(table.viewDefinition ?? "")))
        } else {
            members.append(("provider", "delta"))
        }
        let partitions = table.columns.all.filter { $0.partitionIndex != nil }.sorted { ($0.partitionIndex ?? 0) < ($1.partitionIndex ?? 0) }
        if !partitions.isEmpty { members.append(("partition_columns", .array(partitions.map { .string($0.name) }))) }
        let properties = table.properties.pairs.sorted { $0.key < $1.key }
        members.append(("table_properties", .members(properties.map { ($0.key, .string($0.value)) })))
        return ResultSet([Field("json_metadata", .text, nullable: false)], rows: [[.string(JSONValue.members(members).text)]])
    }

    private func describeJSON(_ view: TemporaryView) -> ResultSet {
        let columns = view.columns.map { column in
            var members: [(String, JSONValue)] = [("name", .string(column.name)), ("type", TypeDescription.json(column.type))]
            if let comment = column.comment { members.append(("comment", .string(comment))) }
            members.append(("nullable", .bool(column.nullable)))
            return JSONValue.members(members)
        }
        var members: [(String, JSONValue)] = [("table_name", .string(view.name)), ("columns", .array(columns)), ("type", "VIEW")]
        if let comment = view.comment { members.append(("comment", .string(comment))) }
        members += [
            ("view_text", .string(view.text)), ("view_catalog_and_namespace", .string("\(view.catalog).\(view.schema)")),
            ("view_query_output_columns", .array(view.columns.map { .string($0.name) })),
        ]
        return ResultSet([Field("json_metadata", .text, nullable: false)], rows: [[.string(JSONValue.members(members).text)]])
    }

    private func describeTable(_ reference: NameReference, _ extended: Bool) throws(SQLError) -> ResultSet {
        if let view = try temporaryView(reference) {
            return columns(view.columns.map { [.string($0.name), .string($0.type.simpleText), $0.comment.map { .string($0) } ?? .null] })
        }
        let name = try objectName(reference)
        let table = try tableInfo(name, at: reference.span)
        var rows: [[Value]] = table.columns.all.map { column in
            [.string(column.name), .string(column.typeText), column.comment.map { .string($0) } ?? .null]
        }
        func add(_ name: String, _ value: String = "", comment: String = "") { rows.append([.string(name), .string(value), .string(comment)]) }
        let partitions = table.columns.all.filter { $0.partitionIndex != nil }.sorted { ($0.partitionIndex ?? 0) < ($1.partitionIndex ?? 0) }
        if !partitions.isEmpty {
            add("# Partition Information")
            add("# col_name", "data_type", comment: "comment")
            for column in partitions { add(column.name, column.typeText) }
        }
        if extended {
            add("")
            add("# Detailed Table Information")
            add("Catalog", name.catalog)
            add("Database", name.schema)
            add("Table", name.name)
            add("Created Time", DateText.long(millis: table.createdAt))
            add("Last Access", "UNKNOWN")
            add("Created By", "Spark")
            add("Type", table.type.rawValue)
            if let comment = table.comment { add("Comment", comment) }
            if let collation = DefaultCollation(table.details).collation { add("Collation", collation.rawValue) }
            if let location = table.location { add("Location", location) }
            let isDataset = table.type == .materializedView || table.type == .streamingTable
            if table.type.isView || isDataset { add("View Text", table.viewDefinition ?? "") }
            if !table.type.isView { add("Provider", "delta") }
            // Schedules are refused when such a table is made.
            if isDataset { add("Refresh Schedule", "MANUAL") }
            add("Owner", table.owner)
            if table.type == .managed || table.type == .managedShallowClone { add("Is_managed_location", "true") }
            let properties = table.properties.pairs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            add("Table Properties", "[\(properties.joined(separator: ","))]")
            addConstraints(of: table) { add($0, $1, comment: $2) }
        }
        return columns(rows)
    }

    /// Keys by name, as databricks-sqlalchemy reads them.
    private func addConstraints(of table: TableInfo, _ add: (_ name: String, _ value: String, _ comment: String) -> Void) {
        let keys = table.constraints.compactMap { key -> (name: String, text: String)? in
            let columns = key.columns.map { SQLQuote.id($0) }.joined(separator: ", ")
            return switch key.kind {
            case .primaryKey: (key.name, "PRIMARY KEY (\(columns))")
            case .foreignKey(let parent, let parentColumns):
                (
                    key.name,
                    "FOREIGN KEY (\(columns)) REFERENCES \(SQLQuote.id(parent.parts)) (\(parentColumns.map { SQLQuote.id($0) }.joined(separator: ", ")))"
                )
            case .named: nil
            }
        }
        if keys.isEmpty { return }
        add("", "", "")
        add("# Constraints", "", "")
        for key in keys { add(key.name, key.text, "") }
    }

    private func describeSchema(_ reference: NameReference, _ extended: Bool) throws(SQLError) -> ResultSet {
        let name = try schemaName(reference)
        guard let schema = try onCatalog(name.parts, { try workspace.schemas.visible(name, by: principal) }) else {
            throw SQLError(.schemaNotFound, ["schemaName": SQLQuote.id(name.parts)], at: reference.span)
        }
        var rows: [(String, String)] = [
            ("Catalog Name", name.catalog), ("Namespace Name", name.schema), ("Comment", schema.comment ?? ""),
            ("Location", schema.storageLocation ?? ""), ("Owner", schema.owner),
        ]
        if extended {
            let properties = schema.properties.pairs.map { "(\($0.key),\($0.value))" }.joined(separator: ", ")
            rows.append(("Properties", properties.isEmpty ? "" : "(\(properties))"))
        }
        return items("database_description_item", "database_description_value", rows)
    }

    private func describeCatalog(_ reference: NameReference, _ extended: Bool) throws(SQLError) -> ResultSet {
        let name = try catalogName(reference)
        guard let catalog = try onCatalog([name], { try workspace.catalogs.visible(name, by: principal) }) else {
            throw SQLError(.noSuchCatalog, ["catalogName": SQLQuote.id([name])], at: reference.span)
        }
        var rows: [(String, String)] = [("Catalog Name", name), ("Comment", catalog.comment ?? ""), ("Owner", catalog.owner)]
        if extended {
            rows += [
                ("Catalog Type", "Regular"), ("Created By", catalog.createdBy), ("Created At", DateText.long(millis: catalog.createdAt)),
                ("Updated By", catalog.updatedBy), ("Updated At", DateText.long(millis: catalog.updatedAt)),
            ]
        }
        return items("info_name", "info_value", rows)
    }

    private func items(_ name: String, _ value: String, _ rows: [(String, String)]) -> ResultSet {
        ResultSet(
            [Field(name, .text, nullable: false), Field(value, .text, nullable: false)], rows: rows.map { [.string($0.0), .string($0.1)] })
    }
}

/// Types as DESCRIBE … AS JSON shows them.
private enum TypeDescription {
    static func json(_ type: DataType) -> JSONValue {
        switch type {
        case .decimal(let decimal): ["name": "decimal", "precision": .int(decimal.precision), "scale": .int(decimal.scale)]
        case .char(let length): ["name": "char", "length": .int(length)]
        case .varchar(let length): ["name": "varchar", "length": .int(length)]
        case .string(let collation): ["name": "string", "collation": .string(collation.rawValue)]
        case .timestamp: ["name": "timestamp_ltz"]
        case .array(let element, let containsNull):
            ["name": "array", "element_type": json(element), "element_nullable": .bool(containsNull)]
        case .map(let key, let value, let containsNull):
            ["name": "map", "key_type": json(key), "value_type": json(value), "value_nullable": .bool(containsNull)]
        case .structure(let fields):
            [
                "name": "struct",
                "fields": .array(
                    fields.map { ["name": .string($0.name), "type": json($0.type), "nullable": .bool($0.nullable)] }),
            ]
        default: ["name": .string(type.simpleText)]
        }
    }
}

/// Times in the form of DESCRIBE EXTENDED.
enum DateText {
    /// `2026-01-01T00:00:00Z`.
    static func iso(millis: Int64) -> String {
        let seconds = millis / 1000 - (millis % 1000 < 0 ? 1 : 0)
        let days = seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)
        let rest = Int(seconds - days * 86_400)
        let date = CivilDate(days: Int(days))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    /// `Thu Jan 01 00:00:00 UTC 2026`.
    static func long(millis: Int64) -> String {
        let seconds = millis / 1000 - (millis % 1000 < 0 ? 1 : 0)
        let days = seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)
        let rest = Int(seconds - days * 86_400)
        let date = CivilDate(days: Int(days))
        let week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][date.isoDayOfWeek - 1]
        let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][date.month - 1]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(week) \(month) \(two(date.day)) \(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) UTC \(date.year)"
    }
}

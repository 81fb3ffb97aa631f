import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// ALTER TABLE over fields within columns: `a.b`, and `element`, `key`, `value` for what is in lists and maps.
extension StatementRunner {
    /// A part of a column that a statement names.
    struct NestedPart {
        let column: Int
        /// Within the column, as it has it; never empty.
        let path: [String]

        var parent: [String] { Array(path.dropLast()) }
    }

    func nestedPart(_ name: MultipartIdentifier, _ schema: TableSchema) throws(SQLError) -> NestedPart {
        guard let first = name.names.first, let column = schema.index(of: first), let path = schema.fields[column].resolve(name.names.dropFirst())
        else { throw unresolved(name, schema) }
        return NestedPart(column: column, path: path)
    }

    func unresolved(_ name: MultipartIdentifier, _ schema: TableSchema) -> SQLError {
        SQLError(
            .unresolvedColumnWithSuggestion,
            [
                "objectName": SQLQuote.id(name.names),
                "proposal": schema.fields.prefix(5).map { SQLQuote.id($0.name) }.joined(separator: ", "),
            ], at: name.span)
    }

    /// ADD COLUMN a.b …
    func addField(_ definition: ColumnDefinition, to schema: inout TableSchema) throws(SQLError) -> TableField {
        let name = definition.name
        let parentName = MultipartIdentifier(Array(name.parts.dropLast()), span: name.span)
        guard let first = parentName.names.first, let column = schema.index(of: first),
            let parent = schema.fields[column].resolve(parentName.names.dropFirst())
        else { throw unresolved(parentName, schema) }
        guard var fields = schema.fields[column].fields(at: parent) else {
            throw SQLError(
                .invalidFieldName, ["fieldName": SQLQuote.id(name.names), "path": SQLQuote.id(parentName.names)], at: name.span)
        }
        if fields.contains(where: { $0.name.lowercased() == name.last.lowercased() }) {
            throw SQLError(
                .fieldAlreadyExists, ["op": "add", "fieldNames": SQLQuote.id(name.names), "struct": Self.structText(schema)], at: definition.span)
        }
        let type = try DataType(definition.type)
        if !definition.isNullable || type.hasRequiredParts { throw Self.notNullInAdd(at: definition.span) }
        if definition.defaultValue != nil || definition.generation != nil {
            throw .notSimulated("a default or generated field within a column", at: definition.span)
        }
        let field = Field(name.last, type, comment: definition.comment)
        try Self.insert(field, definition.position, into: &fields, of: parentName)
        schema.fields[column].setFields(fields, at: parent)
        return TableField(field)
    }

    static func notNullInAdd(at span: SourceSpan) -> SQLError {
        SQLError(
            .delta(
                "DELTA_OPERATION_NOT_ALLOWED", sqlState: "0AKDC", "Operation not allowed: `<operation>` is not supported for Delta tables"),
            ["operation": "NOT NULL in ALTER TABLE ADD COLUMNS"], at: span, phase: .analysis)
    }

    static func structText(_ schema: TableSchema) -> String { SQLQuote.type(DataType.structure(schema.fields.map(\.field)).sqlText) }

    private static func insert(
        _ field: Field, _ position: ColumnDefinition.Position?, into fields: inout [Field], of parent: MultipartIdentifier
    ) throws(SQLError) {
        switch position {
        case nil: fields.append(field)
        case .first: fields.insert(field, at: 0)
        case .after(let name):
            guard let index = fields.firstIndex(where: { $0.name.lowercased() == name.text.lowercased() }) else {
                throw SQLError(
                    .fieldNotFound,
                    ["fieldName": SQLQuote.id(name.text), "fields": fields.map { SQLQuote.id($0.name) }.joined(separator: ", ")], at: name.span)
            }
            fields.insert(field, at: index + 1)
        }
    }

    /// RENAME COLUMN a.b TO c.
    func renameField(_ name: MultipartIdentifier, to new: Identifier, in schema: inout TableSchema) throws(SQLError) -> CommitOperation {
        let part = try nestedPart(name, schema)
        guard let fields = schema.fields[part.column].fields(at: part.parent) else { throw unresolved(name, schema) }
        if fields.contains(where: { $0.name.lowercased() == new.text.lowercased() }) {
            let whole = name.names.dropLast() + [new.text]
            throw SQLError(
                .fieldAlreadyExists, ["op": "rename", "fieldNames": SQLQuote.id(Array(whole)), "struct": Self.structText(schema)], at: name.span)
        }
        schema.fields[part.column].renameField(at: part.path, to: new.text)
        let column = schema.fields[part.column].name
        return CommitOperation(
            "RENAME COLUMN",
            [
                ("oldColumnPath", .string(([column] + part.path).joined(separator: "."))),
                ("newColumnPath", .string(([column] + part.parent + [new.text]).joined(separator: "."))),
            ])
    }

    /// DROP COLUMN a.b; its full name as the table has it.
    func dropField(_ part: NestedPart, _ name: MultipartIdentifier, from schema: inout TableSchema) throws(SQLError) -> String {
        let field = schema.fields[part.column]
        guard let fields = field.fields(at: part.parent) else { throw unresolved(name, schema) }
        guard fields.count > 1 else { throw Self.singleField(fields) }
        schema.fields[part.column].removeField(at: part.path)
        return ([field.name] + part.path).joined(separator: ".")
    }

    static func singleField(_ fields: [Field]) -> SQLError {
        SQLError(
            .delta(
                "DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA", sqlState: "0AKDC",
                "Cannot drop column from a schema with a single column. Schema:\n<schema>"),
            ["schema": DataType.structure(fields).sqlText], phase: .analysis)
    }

    /// ALTER COLUMN a.b …; the column that was changed.
    func changeField(
        _ name: MultipartIdentifier, _ action: Alter.ColumnAction, in schema: inout TableSchema, _ snapshot: Snapshot, _ table: ObjectName
    ) throws(SQLError) -> TableField {
        let part = try nestedPart(name, schema)
        if case .setType(let type) = action {
            try setType(DataType(type), of: part, name, in: &schema, snapshot, table)
            return schema.fields[part.column].nestedField(at: part.path) ?? schema.fields[part.column]
        }
        guard var fields = schema.fields[part.column].fields(at: part.parent), let index = fields.firstIndex(where: { $0.name == part.path.last })
        else { throw try refusal(of: action, on: part, name, schema) }
        switch action {
        case .comment(let comment):
            fields[index].comment = comment
            if comment == nil { schema.fields[part.column].nestedMetadata[part.path]?["comment"] = nil }
        case .dropNotNull: fields[index].nullable = true
        case .setNotNull:
            guard let positions = schema.fields[part.column].structPath(part.path) else {
                throw NestedNullability.refusal(schema.fields[part.column], part.path)
            }
            try checkNoNulls(part, positions, schema, snapshot, table)
            fields[index].nullable = false
        case .position(let position):
            let field = fields.remove(at: index)
            try Self.insert(field, position, into: &fields, of: name)
        default: throw .notSimulated("this form of ALTER COLUMN on a field within a column", at: name.span)
        }
        schema.fields[part.column].setFields(fields, at: part.parent)
        return schema.fields[part.column].nestedField(at: part.path) ?? schema.fields[part.column]
    }

    /// What is wrong with an action on an element, a key or a value.
    private func refusal(
        of action: Alter.ColumnAction, on part: NestedPart, _ name: MultipartIdentifier, _ schema: TableSchema
    ) throws(SQLError) -> SQLError {
        let field = schema.fields[part.column]
        let path = ([field.name] + part.path).joined(separator: ".")
        switch action {
        case .setNotNull, .dropNotNull:
            let type = field.type(at: part.path)?.sqlText ?? ""
            let containsNull = field.containsNull(at: part.path)
            var wantsNull = false
            if case .dropNotNull = action { wantsNull = true }
            func text(_ nullable: Bool) -> String { type + (nullable ? "" : " NOT NULL") }
            return SQLError(
                .delta(
                    "DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP", sqlState: "0AKDC",
                    "ALTER TABLE CHANGE COLUMN is not supported for changing column <fieldPath> from <oldField> to <newField>"),
                ["fieldPath": path, "oldField": text(containsNull), "newField": text(wantsNull)], at: name.span, phase: .analysis)
        case .comment:
            return SQLError(
                .delta(
                    "DELTA_UNSUPPORTED_COMMENT_MAP_ARRAY", sqlState: "0AKDC",
                    "Can't add a comment to <fieldPath>. Adding a comment to a map key/value or array element is not supported."),
                ["fieldPath": path], at: name.span, phase: .analysis)
        default: return .notSimulated("this form of ALTER COLUMN on an element, a key or a value", at: name.span)
        }
    }

    /// Throws if a row has NULL in the field or around it.
    private func checkNoNulls(
        _ part: NestedPart, _ path: [Int], _ schema: TableSchema, _ snapshot: Snapshot, _ table: ObjectName
    ) throws(SQLError) {
        let field = schema.fields[part.column]
        guard let column = snapshot.tableSchema.index(of: field.name) else { return }
        let nulls = try onTable { () throws -> Int in
            var nulls = 0
            var scan = snapshot.scan(columns: [column])
            while let batch = try scan.nextBatch() { nulls += batch.columns[0].nullCount(at: path) }
            return nulls
        }
        guard nulls == 0 else {
            throw SQLError(
                .delta(
                    "DELTA_NEW_NOT_NULL_VIOLATION", sqlState: "23512",
                    "<numRows> rows in <tableName> violate the new NOT NULL constraint on <colName>"),
                ["numRows": "\(nulls)", "tableName": "\(table)", "colName": ([field.name] + part.path).joined(separator: ".")], phase: .execution)
        }
    }

    private func setType(
        _ new: DataType, of part: NestedPart, _ name: MultipartIdentifier, in schema: inout TableSchema, _ snapshot: Snapshot, _ table: ObjectName
    ) throws(SQLError) {
        guard let old = schema.fields[part.column].type(at: part.path) else { throw unresolved(name, schema) }
        if Self.widens(old, new, snapshot) {
            if let index = snapshot.tableSchema.index(of: schema.fields[part.column].name) { try checkUnused(index, snapshot, table, newType: new) }
            schema.fields[part.column].widen(to: new, at: part.path)
            return
        }
        guard Self.canBecome(old, new) else {
            throw SQLError(
                .notSupportedChangeColumn,
                [
                    "table": SQLQuote.id(table.parts), "originName": SQLQuote.id(name.names), "originType": SQLQuote.type(old.sqlText),
                    "newName": SQLQuote.id(name.names), "newType": SQLQuote.type(new.sqlText),
                ], at: name.span)
        }
        schema.fields[part.column].setType(new, at: part.path)
    }
}

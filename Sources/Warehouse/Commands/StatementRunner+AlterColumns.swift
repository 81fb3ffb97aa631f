import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// ALTER TABLE: CHECK constraints, and ADD, ALTER, RENAME and DROP COLUMN.
extension StatementRunner {
    func add(
        _ constraint: SparkSyntax.TableConstraint, to metadata: inout Metadata, _ snapshot: Snapshot, _ name: ObjectName
    ) throws -> CommitOperation {
        guard case .check(let expression) = constraint.kind else { throw SQLError.notSimulated("this constraint", at: constraint.span) }
        guard let label = constraint.name?.text else { throw SQLError.notSimulated("a CHECK constraint without a name", at: constraint.span) }
        let key = RowRules.prefix + label.lowercased()
        if let old = metadata.configuration[key] {
            throw SQLError(
                .delta(
                    "DELTA_CONSTRAINT_ALREADY_EXISTS", sqlState: "42710",
                    "Constraint '<constraintName>' already exists. Please delete the old constraint first.\nOld constraint:\n<oldConstraint>"),
                ["constraintName": label, "oldConstraint": old], phase: .analysis)
        }
        let target = SparkSQL.WriteTarget(name: name.parts, columns: snapshot.tableSchema.fields.map { .init($0.field) })
        let condition = try checkCondition(expression, label, of: target)
        let text = expression.span.text(in: self.text) ?? ""
        let count = try violations(condition, snapshot)
        guard count == 0 else {
            throw SQLError(
                .delta(
                    "DELTA_NEW_CHECK_CONSTRAINT_VIOLATION", sqlState: "23512",
                    "<numRows> rows in <tableName> violate the new CHECK constraint (<checkConstraint>)"),
                ["numRows": "\(count)", "tableName": "\(name)", "checkConstraint": text], phase: .execution)
        }
        metadata.configuration[key] = text
        return CommitOperation("ADD CONSTRAINT", [("name", .string(label)), ("expr", .string(text))])
    }

    /// Changes columns; nil if there is nothing to do.
    func change(
        _ schema: inout TableSchema, _ metadata: inout Metadata, _ action: Alter.Action, _ snapshot: Snapshot, _ name: ObjectName
    ) throws -> CommitOperation? {
        let table = name
        switch action {
        case .addColumns(let definitions):
            var added: [TableField] = []
            for definition in definitions {
                guard definition.name.parts.count == 1 else {
                    added.append(try addField(definition, to: &schema))
                    continue
                }
                if schema.index(of: definition.name.last) != nil {
                    throw SQLError(
                        .fieldAlreadyExists, ["op": "add", "fieldNames": SQLQuote.id(definition.name.last), "struct": Self.structText(schema)],
                        at: definition.span)
                }
                if definition.mask != nil { throw SQLError.notSimulated("ADD COLUMN … MASK", at: definition.span) }
                guard let field = try TableColumns.tableFields([definition], of: self, try defaultCollation(of: table)).first else { continue }
                if !field.nullable || field.type.hasRequiredParts { throw Self.notNullInAdd(at: definition.span) }
                if field.currentDefault != nil {
                    throw SQLError(
                        .delta(
                            "WRONG_COLUMN_DEFAULTS_FOR_DELTA_ALTER_TABLE_ADD_COLUMN_NOT_SUPPORTED", sqlState: "0AKDC",
                            """
                            Failed to execute the command because DEFAULT values are not supported when adding new
                            columns to previously existing Delta tables; please add the column without a default
                            value first, then run a second ALTER TABLE ALTER COLUMN SET DEFAULT command to apply
                            for future inserted rows instead.
                            """), at: definition.span, phase: .analysis)
                }
                if field.generationExpression != nil || field.isIdentity {
                    throw SQLError.notSimulated("ADD COLUMN of a generated column", at: definition.span)
                }
                try insert(field, definition.position, into: &schema, definition.span)
                added.append(field)
            }
            return .addColumns(added)
        case .alterColumn(let name, let action): return try change(&schema, [(name, action)], snapshot, table)
        case .alterColumns(let actions): return try change(&schema, actions.map { ($0.column, $0.action) }, snapshot, table)
        case .changeColumn(let name, let definition):
            let index = try position(name, schema)
            if definition.name.last.lowercased() != name.last.lowercased() {
                throw SQLError.notSimulated("CHANGE COLUMN to another name", at: definition.span)
            }
            var actions: [(MultipartIdentifier, Alter.ColumnAction)] = [(name, .setType(definition.type))]
            if let comment = definition.comment { actions.append((name, .comment(comment))) }
            if let position = definition.position { actions.append((name, .position(position))) }
            _ = index
            return try change(&schema, actions, snapshot, table)
        case .renameColumn(let name, let new):
            guard isMapped(snapshot) else {
                throw SQLError(
                    ErrorCondition(
                        "DELTA_UNSUPPORTED_RENAME_COLUMN", "0AKDC",
                        "Column rename is not supported for your Delta table. Set delta.columnMapping.mode to 'name' first."), [:])
            }
            if name.parts.count > 1 {
                let part = try nestedPart(name, schema)
                try checkUnused(part.column, snapshot, table)
                return try renameField(name, to: new, in: &schema)
            }
            let index = try position(name, schema)
            if schema.index(of: new.text) != nil {
                throw SQLError(.fieldAlreadyExists, ["op": "rename", "fieldNames": SQLQuote.id(new.text), "struct": Self.structText(schema)])
            }
            let old = schema.fields[index].name
            try checkUnused(index, snapshot, table)
            schema.fields[index].name = new.text
            metadata.partitionColumns = metadata.partitionColumns.map { $0.lowercased() == old.lowercased() ? new.text : $0 }
            return CommitOperation("RENAME COLUMN", [("oldColumnPath", .string(old)), ("newColumnPath", .string(new.text))])
        case .dropColumns(let names, let ifExists):
            guard isMapped(snapshot) else {
                throw SQLError(
                    ErrorCondition(
                        "DELTA_UNSUPPORTED_DROP_COLUMN", "0AKDC",
                        "DROP COLUMN is not supported for your Delta table. Set delta.columnMapping.mode to 'name' first."), [:])
            }
            var dropped: [String] = []
            for name in names {
                if name.parts.count > 1 {
                    let part: NestedPart
                    do throws(SQLError) {
                        part = try nestedPart(name, schema)
                    } catch {
                        if ifExists { continue }
                        throw error
                    }
                    if let position = snapshot.tableSchema.index(of: schema.fields[part.column].name) { try checkUnused(position, snapshot, table) }
                    dropped.append(try dropField(part, name, from: &schema))
                    continue
                }
                guard let index = schema.index(of: name.last) else {
                    if ifExists { continue }
                    _ = try position(name, schema)
                    continue
                }
                if snapshot.isPartitionColumn(index) {
                    throw SQLError(
                        .delta(
                            "DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN", sqlState: "0AKDC", "Dropping partition columns (<columnList>) is not allowed."),
                        ["columnList": schema.fields[index].name], phase: .analysis)
                }
                if let position = snapshot.tableSchema.index(of: schema.fields[index].name) { try checkUnused(position, snapshot, table) }
                guard schema.fields.count > 1 else { throw Self.singleField(schema.fields.map(\.field)) }
                dropped.append(schema.fields.remove(at: index).name)
            }
            if dropped.isEmpty { return nil }
            return CommitOperation("DROP COLUMNS", [("columns", .string(JSONValue.array(dropped.map { .string($0) }).text))])
        default: throw SQLError.notSimulated("this form of ALTER TABLE")
        }
    }

    private func isMapped(_ snapshot: Snapshot) -> Bool { (snapshot.property("delta.columnMapping.mode") ?? "none").lowercased() != "none" }

    func change(
        _ schema: inout TableSchema, _ actions: [(MultipartIdentifier, Alter.ColumnAction)], _ snapshot: Snapshot, _ table: ObjectName
    ) throws -> CommitOperation? {
        var last: TableField?
        for (name, action) in actions {
            if name.parts.count > 1 {
                last = try changeField(name, action, in: &schema, snapshot, table)
                continue
            }
            let index = try position(name, schema)
            switch action {
            case .comment(let comment): schema.fields[index].comment = comment
            case .dropNotNull: schema.fields[index].nullable = true
            case .setNotNull:
                var nulls = 0
                if let position = snapshot.tableSchema.index(of: schema.fields[index].name) {
                    var scan = snapshot.scan(columns: [position])
                    while let batch = try scan.nextBatch() { nulls += batch.columns[0].nullCount }
                }
                guard nulls == 0 else {
                    throw SQLError(
                        .delta(
                            "DELTA_NEW_NOT_NULL_VIOLATION", sqlState: "23512",
                            "<numRows> rows in <tableName> violate the new NOT NULL constraint on <colName>"),
                        ["numRows": "\(nulls)", "tableName": "\(table)", "colName": schema.fields[index].name], phase: .execution)
                }
                schema.fields[index].nullable = false
            case .setType(let type):
                let old = schema.fields[index].type
                var new = try DataType(type, collation: try defaultCollation(of: table).applied)
                // STRING without a collation keeps a string's own.
                if case .string(collation: nil) = type.kind, case .string = old { new = old }
                if Self.widens(old, new, snapshot) {
                    if schema.fields[index].isIdentity || schema.fields[index].generationExpression != nil {
                        throw SQLError(
                            .delta(
                                "DELTA_IDENTITY_COLUMNS_ALTER_COLUMN_NOT_SUPPORTED", sqlState: "429BQ",
                                "ALTER TABLE ALTER COLUMN is not supported for IDENTITY columns."), at: name.span, phase: .analysis)
                    }
                    try checkUnused(index, snapshot, table, newType: new)
                    schema.fields[index].widen(to: new)
                    last = schema.fields[index]
                    continue
                }
                guard Self.canBecome(old, new) else {
                    throw SQLError(
                        .notSupportedChangeColumn,
                        [
                            "table": SQLQuote.id(table.parts), "originName": SQLQuote.id(schema.fields[index].name),
                            "originType": SQLQuote.type(old.sqlText), "newName": SQLQuote.id(schema.fields[index].name),
                            "newType": SQLQuote.type(new.sqlText),
                        ], at: name.span)
                }
                schema.fields[index].type = new
            case .position(let position):
                let field = schema.fields.remove(at: index)
                try insert(field, position, into: &schema, name.span)
                last = field
                continue
            case .setDefault(let expression):
                if !(snapshot.tableProtocol.writerFeatures ?? []).contains("allowColumnDefaults") { throw defaultsNotEnabled("ALTER TABLE") }
                _ = try value(of: expression, as: schema.fields[index].type)
                schema.fields[index].metadata["CURRENT_DEFAULT"] = .string(expression.span.text(in: text) ?? "")
            case .dropDefault: schema.fields[index].metadata["CURRENT_DEFAULT"] = nil
            default: throw SQLError.notSimulated("this form of ALTER COLUMN", at: name.span)
            }
            last = schema.fields[index]
        }
        return last.map { .changeColumn($0) }
    }

    /// Changes of type that leave the files as they are.
    static func canBecome(_ old: DataType, _ new: DataType) -> Bool {
        if old == new { return true }
        switch (old, new) {
        case (.varchar(let one), .varchar(let other)): return one <= other
        case (.varchar, .string), (.char, .string): return true
        case (.char(let one), .varchar(let other)): return one <= other
        default: return false
        }
    }

    static func widens(_ old: DataType, _ new: DataType, _ snapshot: Snapshot) -> Bool {
        snapshot.property("delta.enableTypeWidening")?.lowercased() == "true" && canWiden(old, new)
    }

    /// Source: Delta's PROTOCOL.md, "Type Widening".
    private static func canWiden(_ old: DataType, _ new: DataType) -> Bool {
        func whole(_ digits: Int, _ type: DecimalType) -> Bool { type.precision - type.scale >= digits }
        switch (old, new) {
        case (.byte, .short), (.byte, .int), (.byte, .long), (.short, .int), (.short, .long), (.int, .long), (.float, .double): return true
        case (.byte, .double), (.short, .double), (.int, .double), (.date, .timestampNTZ): return true
        case (.byte, .decimal(let type)), (.short, .decimal(let type)), (.int, .decimal(let type)): return whole(10, type)
        case (.long, .decimal(let type)): return whole(20, type)
        case (.decimal(let one), .decimal(let other)):
            return one != other && other.scale >= one.scale && other.precision - other.scale >= one.precision - one.scale
        default: return false
        }
    }

    private func position(_ name: MultipartIdentifier, _ schema: TableSchema) throws(SQLError) -> Int {
        guard name.parts.count == 1 else { throw .notSimulated("CHANGE COLUMN of a field within a column", at: name.span) }
        guard let index = schema.index(of: name.last) else { throw unresolved(name, schema) }
        return index
    }

    private func insert(
        _ field: TableField, _ position: ColumnDefinition.Position?, into schema: inout TableSchema, _ span: SourceSpan
    ) throws(SQLError) {
        switch position {
        case nil: schema.fields.append(field)
        case .first: schema.fields.insert(field, at: 0)
        case .after(let name):
            let index = try self.position(MultipartIdentifier([name], span: name.span), schema)
            schema.fields.insert(field, at: index + 1)
        }
    }
}

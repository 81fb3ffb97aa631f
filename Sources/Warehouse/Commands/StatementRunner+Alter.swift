import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// ALTER TABLE, ALTER VIEW and ALTER SCHEMA.
extension StatementRunner {
    func alter(_ alter: Alter) throws(SQLError) -> ResultSet {
        switch alter.kind {
        case .table, .view: return try alterRelation(alter)
        case .schema: return try alterSchema(alter)
        default: return try alterGoverned(alter)
        }
    }

    private func alterSchema(_ alter: Alter) throws(SQLError) -> ResultSet {
        let name = try schemaName(alter.name)
        guard let schema = try onCatalog(name.parts, { try workspace.schemas.find(name) }) else {
            throw SQLError(.schemaNotFound, ["schemaName": SQLQuote.id(name.parts)], at: alter.name.span)
        }
        var change = SchemaChange()
        switch alter.action {
        case .setProperties(let properties):
            change.properties = schema.properties.setting(properties.map { (key: $0.key, value: $0.value ?? "") })
        case .unsetProperties(let keys, _): change.properties = schema.properties.setting([], removing: keys)
        case .setOwner(let owner): change.owner = owner.text
        case .setComment(let comment): change.comment = comment ?? ""
        case .setTags(let tags): return try setTags(Tags.Entity(type: .schema, name: name.description), tags)
        case .unsetTags(let keys): return try unsetTags(Tags.Entity(type: .schema, name: name.description), keys)
        default: throw .notSimulated("this form of ALTER SCHEMA")
        }
        return try changed(name.parts) { [change] in _ = try workspace.schemas.update(name.description, change, by: principal) }
    }

    private func alterRelation(_ alter: Alter) throws(SQLError) -> ResultSet {
        if alter.partition != nil { throw .notSimulated("ALTER TABLE … PARTITION") }
        if case let parts = try parts(alter.name), parts.count == 1, let view = session.current.views[parts[0].lowercased()] {
            return try alterTemporary(view, alter)
        }
        let name = try objectName(alter.name)
        guard let info = try onCatalog(name.parts, { try service.tables.find(name) }) else {
            if alter.ifExists { return .none }
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: alter.name.span)
        }
        if alter.kind == .view, !info.type.isView {
            throw SQLError(
                .expectViewNotTableUseAlterTable, ["tableName": SQLQuote.id(name.parts), "operation": "ALTER VIEW"], at: alter.name.span)
        }
        if alter.kind == .table, info.type.isView {
            if case .rename = alter.action {
            } else {
                throw SQLError(
                    .expectTableNotViewUseAlterView, ["viewName": SQLQuote.id(name.parts), "operation": "ALTER TABLE"], at: alter.name.span)
            }
        }
        switch alter.action {
        case .rename(let reference): return try rename(name, to: reference)
        case .setOwner(let owner):
            return try changeRow(name) { change, _ in change.owner = owner.text }
        case .setComment(let comment): return try changeRow(name) { change, _ in change.comment = comment ?? "" }
        case .setTags(let tags): return try setTags(Tags.Entity(type: .table, name: name.description), tags)
        case .unsetTags(let keys): return try unsetTags(Tags.Entity(type: .table, name: name.description), keys)
        default: break
        }
        if let done = try alterGovernance(info, alter.action, at: alter.name.span) { return done }
        return info.type.isView ? try alterView(name, alter.action) : try alterTable(name, alter)
    }

    private func rename(_ name: ObjectName, to reference: NameReference) throws(SQLError) -> ResultSet {
        let parts = try parts(reference)
        let new =
            parts.count == 1 ? ObjectName(catalog: name.catalog, schema: name.schema, name: parts[0]) : try objectName(reference)
        _ = try onCatalog(new.parts) { try workspace.tables.rename(name, to: new, by: principal) }
        return .none
    }

    func changeRow(_ name: ObjectName, _ body: (inout TableChange, TableInfo) -> Void) throws(SQLError) -> ResultSet {
        try changed(name.parts) {
            _ = try workspace.tables.update(name, by: principal) { info in
                var change = TableChange()
                body(&change, info)
                return change
            }
        }
    }

    // MARK: Views

    private func alterTemporary(_ view: TemporaryView, _ alter: Alter) throws(SQLError) -> ResultSet {
        let key = view.name.lowercased()
        switch alter.action {
        case .rename(let reference):
            let parts = try parts(reference)
            guard parts.count == 1, let name = parts.first else {
                throw SQLError(.tempViewNameTooManyNameParts, ["actualName": SQLQuote.id(parts)], at: reference.span)
            }
            if session.current.views[name.lowercased()] != nil {
                throw SQLError(.tempTableOrViewAlreadyExists, ["relationName": SQLQuote.id(name)], at: reference.span)
            }
            let renamed = TemporaryView(
                name: name, query: view.query, columns: view.columns, catalog: view.catalog, schema: view.schema, text: view.text,
                comment: view.comment)
            session.update { state in
                state.views[key] = nil
                state.views[name.lowercased()] = renamed
            }
            return .none
        case .setQuery(let query):
            var create = CreateView(name: alter.name)
            create.form = .temporary
            create.orReplace = true
            create.query = query
            return try createView(create)
        default:
            throw SQLError(
                .expectPermanentViewNotTemp, ["viewName": SQLQuote.id(view.name), "operation": "ALTER VIEW"], at: alter.name.span)
        }
    }

    private func alterView(_ name: ObjectName, _ action: Alter.Action) throws(SQLError) -> ResultSet {
        switch action {
        case .setProperties(let properties):
            let pairs = properties.map { (key: $0.key, value: $0.value ?? "") }
            return try changeRow(name) { change, info in change.properties = info.properties.setting(pairs) }
        case .unsetProperties(let keys, _):
            return try changeRow(name) { change, info in change.properties = info.properties.setting([], removing: keys) }
        case .setQuery(let query):
            let bridge = catalog
            let plan = try QueryEngine.analyze(query, catalog: bridge, parameters: try parameters(), context: context)
            let fields = try viewFields(CreateView(name: .name(.init([], span: query.span))), plan, name.parts, bridge.used)
            let state = session.current
            let columns = TableColumns.list(TableSchema(Schema(fields)), partitionColumns: [])
            let definition = query.span.text(in: text) ?? ""
            return try changeRow(name) { change, _ in
                change.columns = columns
                change.viewDefinition = definition
                change.details = ViewDetails(catalog: state.catalog, schema: state.schema).text
            }
        case .setSchemaBinding: return .none
        default: throw .notSimulated("this form of ALTER VIEW")
        }
    }

    // MARK: Tables

    private func alterTable(_ name: ObjectName, _ alter: Alter) throws(SQLError) -> ResultSet {
        let table = try writable(name, "ALTER TABLE", at: alter.name.span)
        let commit = commit(to: table, name)
        let changed = try onTable { () throws -> (TableSchema, [String], [String: String])? in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            var metadata = transaction.snapshot.metadata
            var schema = transaction.snapshot.tableSchema
            let operation: CommitOperation
            switch alter.action {
            case .setProperties(let properties):
                let pairs = Dictionary(properties.map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { $1 })
                for (key, value) in pairs { metadata.configuration[key] = value }
                operation = .setProperties(pairs)
            case .unsetProperties(let keys, let ifExists):
                for key in keys { metadata.configuration[key] = nil }
                operation = .unsetProperties(keys, ifExists: ifExists)
            default:
                guard let made = try change(&schema, alter.action, transaction.snapshot) else { return nil }
                operation = made
                metadata.schemaString = schema.schemaString
            }
            try transaction.set(metadata)
            transaction.reads.readWholeTable()
            _ = try transaction.commit(operation)
            return (schema, metadata.partitionColumns, metadata.configuration)
        }
        guard let (schema, partitions, configuration) = changed else { return .none }
        let columns = TableColumns.list(schema, partitionColumns: partitions)
        return try changeRow(name) { change, info in
            change.columns = columns
            let kept = info.properties.pairs.filter { $0.key.hasPrefix("delta.min") && configuration[$0.key] == nil }
            change.properties = PropertyMap(configuration.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) } + kept)
        }
    }

    /// Changes columns; nil if there is nothing to do.
    private func change(_ schema: inout TableSchema, _ action: Alter.Action, _ snapshot: Snapshot) throws -> CommitOperation? {
        switch action {
        case .addColumns(let definitions):
            var added: [TableField] = []
            for definition in definitions {
                guard definition.name.parts.count == 1 else { throw SQLError.notSimulated("a new field within a column", at: definition.span) }
                if schema.index(of: definition.name.last) != nil {
                    throw SQLError(
                        .fieldAlreadyExists, ["op": "add", "fieldNames": SQLQuote.id(definition.name.last), "struct": "\(snapshot.tableName)"],
                        at: definition.span)
                }
                guard let field = try TableColumns.tableFields([definition], of: self).first else { continue }
                if !field.nullable { throw SQLError.notSimulated("ADD COLUMN … NOT NULL", at: definition.span) }
                if field.currentDefault != nil {
                    throw SQLError.notSimulated("ADD COLUMN … DEFAULT on a table that has rows", at: definition.span)
                }
                try insert(field, definition.position, into: &schema, definition.span)
                added.append(field)
            }
            return .addColumns(added)
        case .alterColumn(let name, let action): return try change(&schema, [(name, action)], snapshot)
        case .alterColumns(let actions): return try change(&schema, actions.map { ($0.column, $0.action) }, snapshot)
        case .changeColumn(let name, let definition):
            let index = try position(name, schema)
            if definition.name.last.lowercased() != name.last.lowercased() {
                throw SQLError.notSimulated("CHANGE COLUMN to another name", at: definition.span)
            }
            var actions: [(MultipartIdentifier, Alter.ColumnAction)] = [(name, .setType(definition.type))]
            if let comment = definition.comment { actions.append((name, .comment(comment))) }
            if let position = definition.position { actions.append((name, .position(position))) }
            _ = index
            return try change(&schema, actions, snapshot)
        case .renameColumn(let name, let new):
            guard isMapped(snapshot) else {
                throw SQLError(
                    ErrorCondition(
                        "DELTA_UNSUPPORTED_RENAME_COLUMN", "0AKDC",
                        "Column rename is not supported for your Delta table. Set delta.columnMapping.mode to 'name' first."), [:])
            }
            let index = try position(name, schema)
            if schema.index(of: new.text) != nil {
                throw SQLError(.fieldAlreadyExists, ["op": "rename", "fieldNames": SQLQuote.id(new.text), "struct": snapshot.tableName])
            }
            let old = schema.fields[index].name
            schema.fields[index].name = new.text
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
                guard let index = schema.index(of: name.last) else {
                    if ifExists { continue }
                    _ = try position(name, schema)
                    continue
                }
                dropped.append(schema.fields.remove(at: index).name)
            }
            return CommitOperation("DROP COLUMNS", [("columns", .string(JSONValue.array(dropped.map { .string($0) }).text))])
        default: throw SQLError.notSimulated("this form of ALTER TABLE")
        }
    }

    private func isMapped(_ snapshot: Snapshot) -> Bool { (snapshot.property("delta.columnMapping.mode") ?? "none").lowercased() != "none" }

    private func change(
        _ schema: inout TableSchema, _ actions: [(MultipartIdentifier, Alter.ColumnAction)], _ snapshot: Snapshot
    ) throws -> CommitOperation? {
        var last: TableField?
        for (name, action) in actions {
            let index = try position(name, schema)
            switch action {
            case .comment(let comment): schema.fields[index].comment = comment
            case .dropNotNull: schema.fields[index].nullable = true
            case .setNotNull: throw SQLError.notSimulated("ALTER COLUMN … SET NOT NULL", at: name.span)
            case .setType(let type):
                let new = try DataType(type)
                let old = schema.fields[index].type
                guard Self.canBecome(old, new) else {
                    throw SQLError(
                        .notSupportedChangeColumn,
                        [
                            "table": SQLQuote.id(snapshot.tableName), "originName": SQLQuote.id(schema.fields[index].name),
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
    private static func canBecome(_ old: DataType, _ new: DataType) -> Bool {
        if old == new { return true }
        switch (old, new) {
        case (.varchar(let one), .varchar(let other)): return one <= other
        case (.varchar, .string), (.char, .string): return true
        case (.char(let one), .varchar(let other)): return one <= other
        default: return false
        }
    }

    private func position(_ name: MultipartIdentifier, _ schema: TableSchema) throws(SQLError) -> Int {
        guard name.parts.count == 1 else { throw .notSimulated("ALTER of a field within a column", at: name.span) }
        guard let index = schema.index(of: name.last) else {
            throw SQLError(
                .unresolvedColumnWithSuggestion,
                [
                    "objectName": SQLQuote.id(name.names),
                    "proposal": schema.fields.prefix(5).map { SQLQuote.id($0.name) }.joined(separator: ", "),
                ], at: name.span)
        }
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

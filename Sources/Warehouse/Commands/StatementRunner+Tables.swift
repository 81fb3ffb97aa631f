import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// CREATE and DROP of tables and views.
extension StatementRunner {
    func createTable(_ create: CreateTable) throws(SQLError) -> ResultSet {
        try refuse(create)
        let name = try objectName(create.name)
        if create.mode == .create, try onCatalog(name.parts, { try service.tables.find(name) }) != nil {
            if create.ifNotExists { return create.query == nil ? .none : Self.insertResult(rows: nil) }
            throw SQLError(.tableOrViewAlreadyExists, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
        }
        let rows = try create.query.map { (query) throws(SQLError) in try select(query) }
        let tableFields = try fields(of: create, rows)
        let partitions = try partitionColumns(create, tableFields.map(\.field))
        let existing = create.mode == .create ? nil : try onCatalog(name.parts) { try service.tables.find(name) }
        if create.mode == .replace, existing == nil {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
        }
        try makeTable(
            name, tableFields, partitions, properties: create.properties, comment: create.comment, rows: rows,
            operation: Self.operationName(create, replaces: existing != nil),
            mode: create.mode == .create ? (create.ifNotExists ? .ifNotExists : .create) : .replace)
        return create.query == nil ? .none : Self.insertResult(rows: nil)
    }

    /// CREATE TABLE … LIKE: an empty table with another's columns.
    func createTable(like create: CreateTableLike) throws(SQLError) -> ResultSet {
        if create.location != nil { throw .notSimulated("CREATE TABLE … LOCATION") }
        if let provider = create.provider, provider.last.lowercased() != "delta" { throw .notSimulated("USING \(provider.last)", at: provider.span) }
        let name = try objectName(create.name)
        if try onCatalog(name.parts, { try service.tables.find(name) }) != nil {
            if create.ifNotExists { return .none }
            throw SQLError(.tableOrViewAlreadyExists, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
        }
        var fields: [TableField] = []
        var partitions: [String] = []
        if case let parts = try parts(create.source), parts.count == 1, let view = session.current.views[parts[0].lowercased()] {
            fields = view.columns.map { TableField($0) }
        } else {
            let source = try tableInfo(objectName(create.source), at: create.source.span)
            fields = try onTable { try source.columns.all.map { TableField(try TableColumns.field($0)) } }
            partitions = source.columns.all.filter { $0.partitionIndex != nil }.sorted { ($0.partitionIndex ?? 0) < ($1.partitionIndex ?? 0) }
                .map(\.name)
        }
        try makeTable(
            name, fields, partitions, properties: create.properties, comment: nil, rows: nil, operation: "CREATE TABLE",
            mode: create.ifNotExists ? .ifNotExists : .create)
        return .none
    }

    /// Makes the files, and then the catalog's row.
    private func makeTable(
        _ name: ObjectName, _ tableFields: [TableField], _ partitions: [String], properties list: [Property], comment: String?, rows: ResultSet?,
        operation operationName: String, mode: CreateMode
    ) throws(SQLError) {
        let fields = tableFields.map(\.field)
        let properties = Dictionary(list.map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { $1 })
        // The files lie under a location of their own, so that nothing is seen of a table before its row is there.
        let reservation = try onCatalog(name.parts) { try workspace.tables.reserve(in: name.schemaName, by: principal) }
        let schema = TableSchema(tableFields)
        let made = try onTable { () throws -> TableProtocol in
            let table = try service.tables.delta(at: reservation.location)
            let commit = commit(to: table, name)
            let new = try table.define(
                schema: schema, partitionColumns: partitions, properties: properties, description: comment, enforcing: Self.enforced, commit: commit)
            var files: [AddFile] = []
            if let rows {
                files = try DeltaWriter.write(rows.batches.map { Self.conform($0, to: fields) }, to: table.writeTarget(new.metadata), commit)
            }
            var operation = CommitOperation.create(operationName, new.metadata, isManaged: true)
            if rows != nil { operation.metrics = Self.metrics(files) }
            _ = try table.create(new, files: files, operation: operation, commit: commit)
            return new.tableProtocol
        }
        var spec = TableSpec(name, .managed, format: "DELTA", columns: TableColumns.list(schema, partitionColumns: partitions))
        spec.id = reservation.id
        spec.location = reservation.location
        spec.comment = comment
        spec.properties = PropertyMap(
            list.map { (key: $0.key, value: $0.value ?? "") } + [
                (key: "delta.minReaderVersion", value: String(made.minReaderVersion)),
                (key: "delta.minWriterVersion", value: String(made.minWriterVersion)),
            ])
        let final = spec
        // A rival that fails has changed nothing; this statement meets the same obstacle.
        try pass(.tableBeforeCreate, name) { try? runOnceBefore() }
        _ = try onCatalog(name.parts) { try workspace.tables.create(final, mode: mode, by: principal) }
    }

    private func refuse(_ create: CreateTable) throws(SQLError) {
        if create.kind != .table { throw .notSimulated("CREATE \(create.kind.rawValue)") }
        if create.isTemporary { throw .notSimulated("CREATE TEMPORARY TABLE") }
        if create.isExternal || create.location != nil { throw .notSimulated("CREATE TABLE … LOCATION") }
        if let provider = create.provider, provider.last.lowercased() != "delta" { throw .notSimulated("USING \(provider.last)", at: provider.span) }
        if !create.options.isEmpty { throw .notSimulated("OPTIONS of a table") }
        if let constraint = create.constraints.first { throw .notSimulated("constraints of a table", at: constraint.span) }
        if create.clusterBy != nil { throw .notSimulated("CLUSTER BY") }
        if create.clone != nil { throw .notSimulated("CLONE") }
        if create.rowFilter != nil { throw .notSimulated("WITH ROW FILTER") }
        if let collation = create.defaultCollation, collation.uppercased() != "UTF8_BINARY" { throw .notSimulated("DEFAULT COLLATION \(collation)") }
        if let clause = create.otherClauses.first { throw .notSimulated(clause) }
    }

    private func fields(of create: CreateTable, _ rows: ResultSet?) throws(SQLError) -> [TableField] {
        if let rows {
            if create.columns != nil { throw .notSimulated("CREATE TABLE with a column list AS SELECT") }
            var fields: [Field] = []
            for field in rows.schema.fields {
                // A column of NULLs has no type that a file could hold.
                let type = field.type == .void ? DataType.text : field.type
                if fields.contains(where: { $0.name.lowercased() == field.name.lowercased() }) {
                    throw SQLError(.columnAlreadyExists, ["columnName": SQLQuote.id([field.name])])
                }
                fields.append(Field(field.name, type, comment: field.comment))
            }
            return fields.map { TableField($0) }
        }
        var fields = try TableColumns.tableFields(create.columns ?? [], of: self)
        for partition in create.partitionedBy {
            if case .definition(let column) = partition { fields += try TableColumns.tableFields([column], of: self) }
        }
        return fields
    }

    private func partitionColumns(_ create: CreateTable, _ fields: [Field]) throws(SQLError) -> [String] {
        var names: [String] = []
        for partition in create.partitionedBy {
            switch partition {
            case .column(let name): names.append(name.last)
            case .definition(let column): names.append(column.name.last)
            case .transform(let name, _): throw .notSimulated("PARTITIONED BY \(name.text)(…)", at: name.span)
            }
        }
        return names
    }

    private static func operationName(_ create: CreateTable, replaces: Bool) -> String {
        let verb = create.mode == .create ? "CREATE" : replaces ? "CREATE OR REPLACE" : "CREATE OR REPLACE"
        return verb + (create.query == nil ? " TABLE" : " TABLE AS SELECT")
    }

    /// The batch's columns under the table's names and types, which they fit already.
    static func conform(_ batch: RecordBatch, to fields: [Field]) -> RecordBatch {
        let columns = zip(batch.columns, fields).map { column, field in
            if case .void = column.values { return Column.nulls(field.type, count: column.count) }
            return column.with(type: field.type)
        }
        return RecordBatch(schema: Schema(fields), columns: columns, rowCount: batch.rowCount)
    }

    static func metrics(_ files: [AddFile]) -> [(String, String)] {
        [
            ("numFiles", String(files.count)), ("numOutputRows", String(files.reduce(0) { $0 + ($1.numRecords ?? 0) })),
            ("numOutputBytes", String(files.reduce(0) { $0 + $1.size })),
        ]
    }

    /// What commits of this statement say of themselves.
    var commit: CommitContext {
        let ids = workspace.environment.ids
        return CommitContext(
            timestampMillis: workspace.environment.nowMillis, newUUID: { ids.uuid() }, userID: principal.id, userName: principal.userName)
    }

    func dropRelation(_ drop: Drop) throws(SQLError) -> ResultSet {
        if case let parts = try parts(drop.name), parts.count == 1, session.current.views[parts[0].lowercased()] != nil {
            session.update { $0.views[parts[0].lowercased()] = nil }
            return .none
        }
        let name = try objectName(drop.name)
        guard let table = try onCatalog(name.parts, { try service.tables.find(name) }) else {
            if drop.ifExists { return .none }
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: drop.name.span)
        }
        if drop.kind == .view, !table.type.isView {
            throw SQLError(.expectViewNotTableNoAlternative, ["tableName": SQLQuote.id(name.parts), "operation": "DROP VIEW"], at: drop.name.span)
        }
        if drop.kind == .table, table.type.isView {
            throw SQLError(.expectTableNotViewNoAlternative, ["viewName": SQLQuote.id(name.parts), "operation": "DROP TABLE"], at: drop.name.span)
        }
        _ = try onCatalog(name.parts) { try workspace.tables.delete(name, by: principal) }
        if let location = table.location { service.tables.forget(location) }
        return .none
    }
}

import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// CREATE and DROP of tables and views.
extension StatementRunner {
    func createTable(_ create: CreateTable) throws(SQLError) -> ResultSet {
        if create.kind == .streamingTable { return try createStreamingTable(create) }
        try refuse(create)
        if try objectName(create.name).isPath { throw .notSimulated("CREATE TABLE of a path", at: create.name.span) }
        if let clone = create.clone {
            try Self.refusePolicies(create, of: "a clone")
            return try self.clone(create, clone)
        }
        if create.location != nil || create.isExternal || (create.provider?.last.lowercased() ?? "delta") != "delta" {
            return try createExternal(create)
        }
        let name = try objectName(create.name)
        if create.mode == .create, try onCatalog(name.parts, { try service.tables.find(name) }) != nil {
            if create.ifNotExists { return create.query == nil ? .none : Self.insertResult(rows: nil) }
            throw SQLError(.tableOrViewAlreadyExists, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
        }
        let existing = create.mode == .create ? nil : try onCatalog(name.parts) { try service.tables.find(name) }
        if create.mode == .replace, existing == nil {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
        }
        return try createNew(create, name, existing: existing, at: nil)
    }

    static func otherLocation(_ name: ObjectName, _ existing: String, _ wanted: String) -> SQLError {
        SQLError(
            .delta(
                "DELTA_TABLE_LOCATION_MISMATCH", sqlState: "42613",
                "The location of the existing table <tableName> is <existingTableLocation>. It doesn't match the specified location <tableLocation>."),
            ["tableName": SQLQuote.id(name.parts), "existingTableLocation": "`\(existing)`", "tableLocation": "`\(wanted)`"], phase: .analysis)
    }

    /// - Parameter location: that of a table outside of the managed storage.
    func createNew(_ create: CreateTable, _ name: ObjectName, existing: TableInfo?, at location: String?) throws(SQLError) -> ResultSet {
        let rows = try create.query.map { (query) throws(SQLError) in
            let plan = try QueryEngine.analyze(query, catalog: catalog, parameters: try parameters(), context: context)
            return ResultSet(schema: plan.schema, batches: try batches(plan))
        }
        let tableFields = try fields(of: create, rows)
        let partitions = try partitionColumns(create, tableFields.map(\.field))
        var rules = try self.rules(of: create, name, tableFields, partitions)
        rules.policies = try policies(of: create, name, tableFields.map(\.field), replaced: existing)
        for (key, value) in try DefaultCollation(named: create.defaultCollation).members { rules.policies[key] = value }
        try makeTable(
            name, tableFields, partitions, properties: create.properties, comment: create.comment, rows: rows,
            operation: Self.operationName(create, replaces: existing != nil),
            mode: create.mode == .create ? (create.ifNotExists ? .ifNotExists : .create) : .replace,
            rules: rules, replacing: existing, at: location)
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

    /// What a table has beside its columns from the start.
    struct TableRules {
        var properties: [String: String] = [:]
        var clusterBy: ClusterBy?
        var keys: [CatalogKey] = []
        /// `row_filter` and `column_masks`
        var policies = JSONObject()
    }

    func rules(
        of create: CreateTable, _ name: ObjectName, _ fields: [TableField], _ partitions: [String]
    ) throws(SQLError) -> TableRules {
        var rules = TableRules()
        rules.clusterBy = create.clusterBy
        if create.clusterBy != nil {
            guard partitions.isEmpty else {
                throw SQLError(
                    .delta(
                        "DELTA_CLUSTER_BY_WITH_PARTITIONED_BY", sqlState: "42613",
                        "Clustering and partitioning cannot both be specified. Please remove partitionedBy if you want to create a Delta table with clustering."
                    ), phase: .analysis)
            }
            rules.properties.merge(Self.clusteringFeature) { $1 }
            if case .auto? = create.clusterBy { rules.properties["clusterByAuto"] = "true" }
        }
        try checkGenerated(fields, name, partitions: partitions)
        let hasFeature = create.properties.contains { $0.key == "delta.feature.allowColumnDefaults" }
        if fields.contains(where: { $0.currentDefault != nil }), !hasFeature { throw defaultsNotEnabled("CREATE TABLE") }
        let target = SparkSQL.WriteTarget(name: name.parts, columns: fields.map { .init($0.field) })
        var constraints = create.constraints.map { ($0, nil as String?) }
        for column in create.columns ?? [] { constraints += column.constraints.map { ($0, column.name.last) } }
        for (constraint, column) in constraints {
            if let key = try key(constraint, column: column, of: name) {
                rules.keys.append(key)
            } else if case .check(let expression) = constraint.kind {
                let label = (constraint.name?.text ?? "chk_\(rules.properties.count)").lowercased()
                _ = try checkCondition(expression, label, of: target)
                rules.properties[RowRules.prefix + label] = expression.span.text(in: text) ?? ""
            }
        }
        for property in create.properties where property.key.hasPrefix(RowRules.prefix) {
            _ = try checkCondition(try Parser.parseExpression(property.value ?? ""), property.key, of: target)
        }
        return rules
    }

    /// Makes the files, and then the catalog's row.
    func makeTable(
        _ name: ObjectName, _ tableFields: [TableField], _ partitions: [String], properties list: [Property], comment: String?, rows: ResultSet?,
        operation operationName: String, mode: CreateMode, rules: TableRules = TableRules(), replacing existing: TableInfo? = nil,
        at location: String? = nil,
        as type: TableType = .managed, definition: (query: String, details: String)? = nil
    ) throws(SQLError) {
        var tableFields = tableFields
        // The columns of a primary key hold no NULL.
        for key in rules.keys {
            guard case .primaryKey = key.kind else { continue }
            for index in tableFields.indices where key.columns.contains(where: { $0.lowercased() == tableFields[index].name.lowercased() }) {
                tableFields[index].nullable = false
            }
        }
        let fields = tableFields.map(\.field)
        let properties = Dictionary(list.map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { $1 }).merging(rules.properties) { $1 }
        if mode == .replace, let existing, existing.type == type || type == .managed && existing.isDelta, let old = existing.location,
            name.catalog != SampleTable.catalog
        {
            if let location, location != old { throw Self.otherLocation(name, old, location) }
            // Before anything is written.
            try onCatalog(name.parts) { try workspace.tables.requireChange(existing, by: principal) }
            return try replaceTable(
                name, old, TableSchema(tableFields), partitions, properties, comment, rows, operationName, rules,
                isManaged: existing.type != .external)
        }
        // The files lie under a location of their own, so that nothing is seen of a table before its row is there.
        let place = try onCatalog(name.parts) { () throws -> (id: String, location: String) in
            if let location { return (workspace.environment.ids.uuid(), location) }
            let reservation = try workspace.tables.reserve(in: name.schemaName, by: principal)
            return (reservation.id, reservation.location)
        }
        let schema = TableSchema(tableFields)
        let made = try onTable { () throws -> TableProtocol in
            let table = try service.tables.delta(at: place.location)
            let commit = commit(to: table, name)
            let new = try table.define(
                schema: schema, partitionColumns: partitions, properties: properties, description: comment, enforcing: Self.enforced, commit: commit)
            var files: [AddFile] = []
            if let rows {
                var batches: [RecordBatch] = []
                for batch in rows.batches { batches.append(try CharVarchar.stored(Self.conform(batch, to: fields))) }
                files = try DeltaWriter.write(batches, to: table.writeTarget(new.metadata), commit)
            }
            var operation = CommitOperation.create(operationName, new.metadata, isManaged: location == nil, clusterBy: Self.names(rules.clusterBy))
            if rows != nil { operation.metrics = Self.metrics(files) }
            let domains = try rules.clusterBy.map { (clusterBy) throws(SQLError) in [try clustering(clusterBy, new.schema)] } ?? []
            _ = try table.create(new, files: files, domains: domains, operation: operation, commit: commit)
            return new.tableProtocol
        }
        var spec = TableSpec(
            name, location == nil ? type : .external, format: "DELTA", columns: TableColumns.list(schema, partitionColumns: partitions))
        spec.id = place.id
        spec.location = place.location
        spec.comment = comment
        spec.viewDefinition = definition?.query
        spec.details = TablePolicies.details(definition?.details, with: rules.policies)
        spec.properties = PropertyMap(
            list.map { (key: $0.key, value: $0.value ?? "") } + rules.properties.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) } + [
                (key: "delta.minReaderVersion", value: String(made.minReaderVersion)),
                (key: "delta.minWriterVersion", value: String(made.minWriterVersion)),
            ])
        let final = spec
        // A rival that fails has changed nothing; this statement meets the same obstacle.
        try pass(.tableBeforeCreate, name) { try? runOnceBefore() }
        _ = try onCatalog(name.parts) { try workspace.tables.create(final, mode: mode, by: principal) }
        try add(rules.keys, to: name)
    }

    func add(_ keys: [CatalogKey], to name: ObjectName) throws(SQLError) {
        for key in keys { _ = try onCatalog(name.parts) { try workspace.tables.addConstraint(key, to: name, by: principal) } }
    }

    private static func names(_ clusterBy: ClusterBy?) -> [String] {
        guard case .columns(let columns)? = clusterBy else { return [] }
        return columns.map { $0.names.joined(separator: ".") }
    }

    /// OR REPLACE: the table stays, with its history; all of its rows and its description give way.
    private func replaceTable(
        _ name: ObjectName, _ location: String, _ schema: TableSchema, _ partitions: [String], _ properties: [String: String], _ comment: String?,
        _ rows: ResultSet?, _ operationName: String, _ rules: TableRules, isManaged: Bool
    ) throws(SQLError) {
        let (metadata, tableProtocol) = try onTable { () throws -> (Metadata, TableProtocol) in
            let table = try service.tables.delta(at: location)
            let commit = commit(to: table, name)
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let new = try table.define(
                schema: schema, partitionColumns: partitions, properties: properties, description: comment, enforcing: Self.enforced, commit: commit)
            transaction.reads.readWholeTable()
            transaction.removeAll()
            let metadata = try transaction.set(new.metadata, properties: properties)
            var files: [AddFile] = []
            if let rows {
                let fields = schema.fields.map(\.field)
                var batches: [RecordBatch] = []
                for batch in rows.batches { batches.append(try CharVarchar.stored(Self.conform(batch, to: fields))) }
                files = try DeltaWriter.write(batches, to: table.writeTarget(metadata), commit)
            }
            transaction.add(files)
            let described = try transaction.snapshot.described(by: metadata)
            if let clusterBy = rules.clusterBy {
                transaction.set(try clustering(clusterBy, described.tableSchema))
            } else if transaction.snapshot.domains["delta.clustering"] != nil {
                transaction.set(DomainMetadata.clustering([]))
            }
            var operation = CommitOperation.create(operationName, metadata, isManaged: isManaged, clusterBy: Self.names(rules.clusterBy))
            if rows != nil { operation.metrics = Self.metrics(files) }
            let committed = try transaction.commit(operation)
            return (metadata, committed.snapshot.tableProtocol)
        }
        try onCatalog(name.parts) {
            _ = try workspace.tables.update(name, by: principal) { info in
                var change = TableChange()
                change.comment = comment ?? ""
                // A replaced table keeps the policies that the statement does not give anew.
                change.details = TablePolicies.details(info.details(withConstraints: []), with: rules.policies)
                return change
            }
        }
        try publish(name, metadata, tableProtocol)
        try add(rules.keys, to: name)
    }

    private func refuse(_ create: CreateTable) throws(SQLError) {
        if create.kind != .table { throw .notSimulated("CREATE \(create.kind.rawValue)") }
        if create.isTemporary { throw .notSimulated("CREATE TEMPORARY TABLE") }
        if create.clone != nil, let provider = create.provider, provider.last.lowercased() != "delta" {
            throw .notSimulated("CLONE … USING \(provider.last)", at: provider.span)
        }
        if let clause = create.otherClauses.first { throw .notSimulated(clause) }
    }

    func fields(of create: CreateTable, _ rows: ResultSet?) throws(SQLError) -> [TableField] {
        if let rows {
            if create.columns != nil { throw .notSimulated("CREATE TABLE with a column list AS SELECT") }
            var fields: [Field] = []
            try refuseIndeterminateCollations(rows.schema.fields)
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
        let collation = try DefaultCollation(named: create.defaultCollation)
        var fields = try TableColumns.tableFields(create.columns ?? [], of: self, collation)
        for partition in create.partitionedBy {
            if case .definition(let column) = partition { fields += try TableColumns.tableFields([column], of: self, collation) }
        }
        try NestedNullability.check(fields)
        return fields
    }

    func partitionColumns(_ create: CreateTable, _ fields: [Field]) throws(SQLError) -> [String] {
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
            ("numOutputBytes", String(files.reduce(0) { $0 &+ $1.size })),
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
        if drop.kind == .view || drop.kind == .materializedView, !table.type.isView, table.type != .materializedView {
            throw SQLError(.expectViewNotTableNoAlternative, ["tableName": SQLQuote.id(name.parts), "operation": "DROP VIEW"], at: drop.name.span)
        }
        if drop.kind == .table || drop.kind == .streamingTable, table.type.isView || table.type == .materializedView {
            throw SQLError(.expectTableNotViewNoAlternative, ["viewName": SQLQuote.id(name.parts), "operation": "DROP TABLE"], at: drop.name.span)
        }
        _ = try onCatalog(name.parts) { try workspace.tables.delete(name, by: principal) }
        if let location = table.location { service.tables.forget(location) }
        return .none
    }
}

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
        case .share: return try alterSharing(alter, .share)
        case .recipient: return try alterSharing(alter, .recipient)
        case .provider: return try alterSharing(alter, .provider)
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
        if name.isPath { return try alterTable(name, alter) }
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
        case .addConstraint(let constraint):
            if let key = try key(constraint, of: name) {
                return try changed(name.parts) { _ = try workspace.tables.addConstraint(key, to: name, by: principal) }
            }
        case .dropConstraint(let constraint, _, let cascade):
            if let key = info.constraints.first(where: { $0.name.lowercased() == constraint.text.lowercased() }) {
                return try changed(name.parts) {
                    try workspace.tables.dropConstraint(key.name, of: name, cascade: cascade ?? false, by: principal)
                }
            }
        case .dropPrimaryKey(let ifExists, let cascade):
            let key = info.constraints.first { if case .primaryKey = $0.kind { true } else { false } }
            guard let key else {
                if ifExists { return .none }
                throw missingConstraint("PRIMARY KEY", name)
            }
            return try changed(name.parts) { try workspace.tables.dropConstraint(key.name, of: name, cascade: cascade ?? false, by: principal) }
        case .dropForeignKey(let columns, let ifExists):
            let key = info.constraints.first { key in
                guard case .foreignKey = key.kind else { return false }
                return key.columns.map { $0.lowercased() } == columns.map { $0.text.lowercased() }
            }
            guard let key else {
                if ifExists { return .none }
                throw missingConstraint("FOREIGN KEY", name)
            }
            return try changed(name.parts) { try workspace.tables.dropConstraint(key.name, of: name, cascade: false, by: principal) }
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
                comment: view.comment, collation: view.collation)
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
            create.defaultCollation = view.collation.collation?.rawValue
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
            let collation = try defaultCollation(of: name)
            let plan = try QueryEngine.analyze(
                query, catalog: bridge, parameters: try parameters(), collation: collation.applied, context: context)
            let fields = try viewFields(CreateView(name: .name(.init([], span: query.span))), plan, name.parts, bridge.used)
            let state = session.current
            let columns = TableColumns.list(TableSchema(Schema(fields)), partitionColumns: [])
            let definition = query.span.text(in: text) ?? ""
            return try changeRow(name) { change, _ in
                change.columns = columns
                change.viewDefinition = definition
                change.details = ViewDetails(catalog: state.catalog, schema: state.schema, collation: collation).text
            }
        case .setSchemaBinding: return .none
        default: throw .notSimulated("this form of ALTER VIEW")
        }
    }

    // MARK: Tables

    private func alterTable(_ name: ObjectName, _ alter: Alter) throws(SQLError) -> ResultSet {
        let table = try writable(name, "ALTER TABLE", at: alter.name.span)
        if case .setDefaultCollation(let collation) = alter.action {
            let members = JSONObject(try DefaultCollation(named: collation).members)
            return try changeRow(name) { change, info in change.details = TablePolicies.details(info.details, with: members) }
        }
        let commit = commit(to: table, name)
        if case .dropFeature(let feature, let truncatesHistory) = alter.action {
            return try drop(feature, truncatesHistory, of: table, name, commit)
        }
        let changed = try onTable { () throws -> (Metadata, TableProtocol)? in
            if case .setProperties(let properties) = alter.action { try removeMapping(properties, table, commit) }
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            var metadata = transaction.snapshot.metadata
            var schema = transaction.snapshot.tableSchema
            let operation: CommitOperation
            var given: [String: String] = [:]
            switch alter.action {
            case .setProperties(let properties):
                let pairs = Dictionary(properties.map { ($0.key, $0.value ?? "") }, uniquingKeysWith: { $1 })
                try checkProperties(pairs, transaction.snapshot)
                // Column mapping is gone already: nothing else was asked for.
                if pairs == ["delta.columnMapping.mode": "none"] { return (metadata, transaction.snapshot.tableProtocol) }
                given = pairs
                for (key, value) in pairs where !Self.isProtocolProperty(key) { metadata.configuration[key] = value }
                operation = .setProperties(pairs)
            case .unsetProperties(let keys, let ifExists):
                for key in keys {
                    if !ifExists, metadata.configuration[key] == nil {
                        throw SQLError(
                            .delta(
                                "DELTA_UNSET_NON_EXISTENT_PROPERTY", sqlState: "42616",
                                "Attempted to unset non-existent property '<property>' in table <tableName>"),
                            ["property": key, "tableName": "\(name)"], phase: .analysis)
                    }
                    metadata.configuration[key] = nil
                }
                operation = .unsetProperties(keys, ifExists: ifExists)
            case .addConstraint(let constraint):
                operation = try add(constraint, to: &metadata, transaction.snapshot, name)
            case .dropConstraint(let constraint, let ifExists, _):
                let key = RowRules.prefix + constraint.text.lowercased()
                guard let expression = metadata.configuration[key] else {
                    if ifExists { return nil }
                    throw missingConstraint(constraint.text, name)
                }
                metadata.configuration[key] = nil
                operation = CommitOperation(
                    "DROP CONSTRAINT", [("name", .string(constraint.text)), ("expr", .string(expression)), ("existed", "true")])
            case .clusterBy(let clusterBy):
                guard metadata.partitionColumns.isEmpty else {
                    throw SQLError(
                        .delta(
                            "DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED", sqlState: "42000",
                            "ALTER TABLE CLUSTER BY cannot be applied to a partitioned table."), phase: .analysis)
                }
                transaction.set(try clustering(clusterBy, schema))
                if case .auto = clusterBy { metadata.configuration["clusterByAuto"] = "true" } else { metadata.configuration["clusterByAuto"] = nil }
                given = Self.clusteringFeature
                var new = ""
                if case .columns(let columns) = clusterBy { new = columns.map { $0.names.joined(separator: ".") }.joined(separator: ",") }
                operation = CommitOperation("CLUSTER BY", [("oldClusteringColumns", ""), ("newClusteringColumns", .string(new))])
            default:
                guard let made = try change(&schema, &metadata, alter.action, transaction.snapshot, name) else { return nil }
                operation = made
                metadata.schemaString = schema.schemaString
            }
            let final = try transaction.set(metadata, properties: given)
            transaction.reads.readWholeTable()
            let committed = try transaction.commit(operation)
            return (final, committed.snapshot.tableProtocol)
        }
        guard let (metadata, tableProtocol) = changed else { return .none }
        try publish(name, metadata, tableProtocol)
        return .none
    }

    /// Properties that speak of the protocol and are not kept among the table's own.
    static func isProtocolProperty(_ key: String) -> Bool {
        key.hasPrefix("delta.feature.") || key == "delta.minReaderVersion" || key == "delta.minWriterVersion"
    }

    private func checkProperties(_ properties: [String: String], _ snapshot: Snapshot) throws(SQLError) {
        for key in properties.keys.sorted() {
            if key.hasPrefix(RowRules.prefix) {
                throw SQLError(
                    .delta("DELTA_ADD_CONSTRAINTS", sqlState: "0A000", "Please use ALTER TABLE ADD CONSTRAINT to add CHECK constraints."),
                    phase: .analysis)
            }
            if key.lowercased() == "location" {
                throw SQLError(
                    .delta(
                        "DELTA_CANNOT_CHANGE_LOCATION", sqlState: "42601",
                        "Cannot change the 'location' of the Delta table using SET TBLPROPERTIES. Please use ALTER TABLE SET LOCATION instead."),
                    phase: .analysis)
            }
            if key.lowercased() == "provider" {
                throw SQLError(
                    .delta(
                        "DELTA_CANNOT_CHANGE_PROVIDER", sqlState: "42939", "'provider' is a reserved table property, and cannot be altered."),
                    phase: .analysis)
            }
            guard key == "delta.columnMapping.mode", let value = properties[key]?.lowercased() else { continue }
            let old = (snapshot.property(key) ?? "none").lowercased()
            guard old == value || (old == "none" && value == "name") || value == "none" else {
                throw SQLError(
                    .delta(
                        "DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE", sqlState: "0AKDC",
                        "Changing column mapping mode from '<oldMode>' to '<newMode>' is not supported."), ["oldMode": old, "newMode": value],
                    phase: .analysis)
            }
        }
    }

    private func missingConstraint(_ constraint: String, _ table: ObjectName) -> SQLError {
        SQLError(
            .delta(
                "DELTA_CONSTRAINT_DOES_NOT_EXIST", sqlState: "42704",
                "Cannot drop nonexistent constraint <constraintName> from table <tableName>. To avoid throwing an error, provide the parameter IF EXISTS or set the SQL session configuration <config> to <confValue>."
            ),
            [
                "constraintName": SQLQuote.id(constraint), "tableName": SQLQuote.id(table.parts),
                "config": "spark.databricks.delta.constraints.assumesDropIfExists.enabled", "confValue": "true",
            ], phase: .analysis)
    }
}

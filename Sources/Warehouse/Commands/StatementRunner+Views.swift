import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// CREATE VIEW.
extension StatementRunner {
    func createView(_ create: CreateView) throws(SQLError) -> ResultSet {
        if let clause = create.otherClauses.first { throw .notSimulated(clause) }
        if create.isLive, request.update == nil { throw .notSimulated("CREATE LIVE outside of pipelines") }
        if !create.expectations.isEmpty, create.form != .materialized { throw .notSimulated("expectations of views") }
        guard let query = create.query else { throw .notSimulated("CREATE VIEW … USING") }
        switch create.form {
        case .persisted: return try createPersistedView(create, query)
        case .temporary: return try createTemporaryView(create, query)
        case .globalTemporary: throw .notSimulated("CREATE GLOBAL TEMPORARY VIEW")
        case .materialized where create.defaultCollation != nil: throw .notSimulated("DEFAULT COLLATION of a materialized view")
        case .materialized: return try createMaterializedView(create, query)
        }
    }

    private func createTemporaryView(_ create: CreateView, _ query: Query) throws(SQLError) -> ResultSet {
        let parts = try parts(create.name)
        guard parts.count == 1, let name = parts.first else {
            throw SQLError(.tempViewNameTooManyNameParts, ["actualName": SQLQuote.id(parts)], at: create.name.span)
        }
        if !create.orReplace, session.current.views[name.lowercased()] != nil {
            throw SQLError(.tempTableOrViewAlreadyExists, ["relationName": SQLQuote.id(name)], at: create.name.span)
        }
        let bridge = catalog
        let collation = try DefaultCollation(named: create.defaultCollation)
        let plan = try QueryEngine.analyze(
            query, catalog: bridge, parameters: try parameters(), collation: collation.applied, context: context)
        if bridge.used.relations.contains([name.lowercased()]) {
            throw SQLError(.recursiveView, ["viewIdent": SQLQuote.id(name), "newPath": "\(SQLQuote.id(name)) -> \(SQLQuote.id(name))"])
        }
        let fields = try viewFields(create, plan, [name], bridge.used)
        let state = session.current
        let view = TemporaryView(
            name: name, query: query, columns: fields, catalog: state.catalog, schema: state.schema, text: query.span.text(in: text) ?? "",
            comment: create.comment, collation: collation)
        session.update { $0.views[name.lowercased()] = view }
        return .none
    }

    private func createPersistedView(_ create: CreateView, _ query: Query) throws(SQLError) -> ResultSet {
        let name = try objectName(create.name)
        let bridge = catalog
        let collation = try DefaultCollation(named: create.defaultCollation)
        let plan = try QueryEngine.analyze(
            query, catalog: bridge, parameters: try parameters(), collation: collation.applied, context: context)
        let used = bridge.used
        if create.orReplace, used.relations.contains(name.parts) {
            let shown = SQLQuote.id(name.parts)
            throw SQLError(.recursiveView, ["viewIdent": shown, "newPath": "\(shown) -> \(shown)"])
        }
        let fields = try viewFields(create, plan, name.parts, used)
        let state = session.current
        var spec = TableSpec(name, .view, columns: TableColumns.list(TableSchema(Schema(fields)), partitionColumns: []))
        spec.comment = create.comment
        spec.properties = PropertyMap(create.properties.map { (key: $0.key, value: $0.value ?? "") })
        spec.viewDefinition = query.span.text(in: text) ?? ""
        spec.details = ViewDetails(catalog: state.catalog, schema: state.schema, collation: collation).text
        let final = spec
        // A rival that fails has changed nothing; this statement meets the same obstacle.
        try pass(.tableBeforeCreate, name) { try? runOnceBefore() }
        let mode: CreateMode = create.orReplace ? .replace : create.ifNotExists ? .ifNotExists : .create
        _ = try onCatalog(name.parts) { try workspace.tables.create(final, mode: mode, by: principal) }
        return .none
    }

    /// What the DEFAULT COLLATION of an object that there is was said to be.
    func defaultCollation(of name: ObjectName) throws(SQLError) -> DefaultCollation {
        try onCatalog(name.parts) { DefaultCollation(try service.tables.find(name)?.details) }
    }

    /// INDETERMINATE_COLLATION_IN_SCHEMA for columns that nothing could compare.
    func refuseIndeterminateCollations(_ fields: [Field]) throws(SQLError) {
        let found = fields.filter(\.type.hasIndeterminateCollation)
        if found.isEmpty { return }
        throw SQLError(.indeterminateCollationInSchema, ["columnPaths": found.map(\.name).joined(separator: ", ")], phase: .analysis)
    }

    /// The view's columns under their own names.
    func viewFields(
        _ create: CreateView, _ plan: ResolvedPlan, _ name: [String], _ used: CatalogBridge.Uses
    ) throws(SQLError) -> [Field] {
        if name.count > 1, let object = used.temporary.first {
            throw SQLError(
                .invalidTempObjReference,
                ["obj": "VIEW", "objName": SQLQuote.id(name), "tempObj": object.kind, "tempObjName": SQLQuote.id(object.name)])
        }
        var fields = plan.schema.fields
        try refuseIndeterminateCollations(fields)
        if !create.columns.isEmpty {
            guard create.columns.count == fields.count else {
                throw SQLError(
                    create.columns.count > fields.count
                        ? .createViewColumnArityMismatchNotEnoughDataColumns : .createViewColumnArityMismatchTooManyDataColumns,
                    [
                        "viewName": SQLQuote.id(name), "viewColumns": create.columns.map { SQLQuote.id($0.name.text) }.joined(separator: ", "),
                        "dataColumns": fields.map { SQLQuote.id($0.name) }.joined(separator: ", "),
                    ])
            }
            for (index, column) in create.columns.enumerated() {
                fields[index].name = column.name.text
                fields[index].comment = column.comment
            }
        }
        var seen: Set<String> = []
        for field in fields where !seen.insert(field.name.lowercased()).inserted {
            throw SQLError(.columnAlreadyExists, ["columnName": SQLQuote.id(field.name.lowercased())])
        }
        return fields
    }
}

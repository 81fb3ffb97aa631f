import Columnar
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// WITH ROW FILTER and MASK in CREATE TABLE.
extension StatementRunner {
    /// The policies that the statement gives, as the catalog keeps them; they have been tried on the table's columns. `replaced`: the table that gives way, whose
    /// policies only those may change who may manage it.
    func policies(of create: CreateTable, _ name: ObjectName, _ fields: [Field], replaced: TableInfo?) throws(SQLError) -> JSONObject {
        var policies = JSONObject()
        let columns = fields.map(\.name)
        if let filter = create.rowFilter {
            policies["row_filter"] = Self.json(try policyCall(filter, columns), columns: "input_column_names", name: nil)
        }
        var masks: [JSONValue] = []
        for definition in create.columns ?? [] {
            guard let mask = definition.mask else { continue }
            let call = try policyCall(mask, columns)
            if call.columns.contains(where: { $0.lowercased() == definition.name.last.lowercased() }) {
                throw SQLError(
                    .rowColumnAccess(
                        "ASSIGNED_COLUMN_MASK_USING_COLUMN_NAME_SAME_AS_TARGET_COLUMN",
                        "The column <columnName> had the same name as the target column, which is invalid; please remove the column from the USING COLUMNS list and retry the command."
                    ), ["columnName": SQLQuote.id([definition.name.last])], at: definition.span)
            }
            masks.append(Self.json(call, columns: "using_column_names", name: definition.name.last))
        }
        if !masks.isEmpty { policies["column_masks"] = .array(masks) }
        if !policies.isEmpty {
            if let replaced { try onCatalog(name.parts) { try workspace.tables.requireManage(replaced, by: principal) } }
            try tryPolicies(TablePolicies(.object(policies)), name, MemoryTable(schema: Schema(fields), batches: []))
        }
        return policies
    }

    /// Refused where the clauses are not kept.
    static func refusePolicies(_ create: CreateTable, of kind: String) throws(SQLError) {
        if create.rowFilter != nil { throw .notSimulated("WITH ROW FILTER of \(kind)") }
        for definition in create.columns ?? [] where definition.mask != nil {
            throw .notSimulated("MASK of a column of \(kind)", at: definition.span)
        }
    }

    /// Throws if the table cannot be read through the policies.
    func tryPolicies(_ policies: TablePolicies, _ name: ObjectName, _ provider: any TableProvider) throws(SQLError) {
        guard !policies.isEmpty, case .view(let query, _, _, _, _, _, let reader?, _) = try catalog.filtered(provider, name, policies) else { return }
        _ = try QueryEngine.analyze(query, catalog: reader, parameters: .none, context: context)
    }
}

extension TablePolicies {
    /// What `details` of a table become with these policies in the place of its own of the same kind.
    static func details(_ details: String?, with policies: JSONObject) -> String? {
        guard !policies.isEmpty else { return details }
        var object = details.flatMap { try? JSONValue(parsing: $0) }?.objectValue ?? JSONObject()
        for (name, policy) in policies.members { object[name] = policy }
        return JSONValue.object(object).text
    }
}

import SparkErrors
import SparkSyntax
package import Workspace

/// What of a table a principal sees: its own row filter and column masks, and those of the attribute-based policies that concern both.
/// Rules: Databricks' documentation, "Row filter and column mask policy evaluation and runtime behavior".
struct EffectivePolicies {
    private let table: TableInfo
    private let own: TablePolicies
    private let columns: [String]
    private let tags: GovernedTags
    private var filters: [TablePolicies.Call] = []
    private var masks: [(column: String, calls: [TablePolicies.Call])] = []

    static func of(_ table: TableInfo, _ workspace: Workspace, for principal: Principal) throws(SQLError) -> TablePolicies {
        let own = TablePolicies(table)
        // What is in no catalog has no tags.
        if table.name.isPath { return own }
        let placed = try onCatalog(table.name.parts) { try workspace.attributePolicies.governing(table) }
        guard !placed.isEmpty else { return own }
        var concerned: [AttributePolicy] = []
        for one in placed {
            let policy = try AttributePolicy(one.policy.body)
            if policy.concerns(principal) { concerned.append(policy) }
        }
        guard !concerned.isEmpty else { return own }
        var made = EffectivePolicies(
            table: table, own: own, columns: table.columns.all.map(\.name),
            tags: try onCatalog(table.name.parts) { try workspace.tags.governed(of: table) })
        for policy in concerned { try made.add(policy) }
        return try made.result()
    }

    private init(table: TableInfo, own: TablePolicies, columns: [String], tags: GovernedTags) {
        self.table = table
        self.own = own
        self.columns = columns
        self.tags = tags
    }

    private mutating func add(_ policy: AttributePolicy) throws(SQLError) {
        if let when = policy.when, !when.holds(tags.table) { return }
        var found: [String: [String]] = [:]
        for match in policy.matches {
            let columns = columns.filter { match.condition.holds(tags.columns[$0.lowercased()] ?? [:]) }
            if columns.isEmpty { return }
            if let alias = match.alias { found[alias.lowercased()] = columns }
        }
        var arguments: [String] = []
        var used: [String] = []
        for argument in policy.arguments {
            switch argument {
            case .constant(let text): arguments.append(text)
            case .alias(let alias):
                let columns = found[alias.lowercased()] ?? []
                guard columns.count == 1, let column = columns.first else { throw ambiguous(policy, alias, columns.count) }
                arguments.append(SQLQuote.id([column]))
                used.append(column)
            }
        }
        guard let alias = policy.maskedAlias else {
            let call = TablePolicies.Call(function: policy.function, arguments: arguments, columns: used)
            if !filters.contains(call) { filters.append(call) }
            return
        }
        let call = TablePolicies.Call(function: policy.function, arguments: arguments, columns: used, isCast: true)
        for column in (found[alias.lowercased()] ?? []).map({ $0.lowercased() }) {
            guard let place = masks.firstIndex(where: { $0.column == column }) else {
                masks.append((column, [call]))
                continue
            }
            if !masks[place].calls.contains(call) { masks[place].calls.append(call) }
        }
    }

    private func result() throws(SQLError) -> TablePolicies {
        var policies = own
        if let filter = filters.first {
            if filters.count > 1 {
                throw refused(
                    "UC_ABAC_MULTIPLE_ROW_FILTERS",
                    "At most one row filter is allowed, but the policies of <tableName> result in <filters>.",
                    ["filters": filters.map { SQLQuote.id($0.function) }.joined(separator: ", ")])
            }
            if own.rowFilter != nil {
                throw refused(
                    "UC_ABAC_AND_NATIVE_ROW_FILTERS", "The table <tableName> has a row filter of its own and a policy with another one: <filters>.",
                    ["filters": SQLQuote.id(filter.function)])
            }
            policies.rowFilter = filter
        }
        for (column, calls) in masks {
            let all = calls + own.masks.filter { $0.column == column }.map { $0.call }
            guard all.count == 1, let call = all.first else {
                throw SQLError(
                    .multipleColumnMasks,
                    [
                        "tableName": SQLQuote.id(table.name.parts), "masksList": all.map { SQLQuote.id($0.function) }.joined(separator: ", "),
                        "columnNames": SQLQuote.id([column]),
                    ])
            }
            policies.masks.append((column, call))
        }
        try checkMaskedArguments(policies)
        return policies
    }

    /// What one policy masks, no other one may read.
    private func checkMaskedArguments(_ policies: TablePolicies) throws(SQLError) {
        let masked = Set(masks.map { $0.column })
        if let column = policies.rowFilter?.columns.first(where: { masked.contains($0.lowercased()) }) {
            throw usesMasked(column, "UC_ABAC_MULTIPLE_ROW_FILTERS")
        }
        for (column, call) in policies.masks {
            for argument in call.columns where argument.lowercased() != column && masked.contains(argument.lowercased()) {
                throw SQLError(
                    .multipleColumnMasks,
                    [
                        "tableName": SQLQuote.id(table.name.parts), "masksList": SQLQuote.id(call.function),
                        "columnNames": "\(SQLQuote.id([column])), \(SQLQuote.id([argument]))",
                    ])
            }
        }
    }

    private func usesMasked(_ column: String, _ name: String) -> SQLError {
        refused(name, "The row filter of <tableName> reads the column <column>, which another policy masks.", ["column": SQLQuote.id([column])])
    }

    private func ambiguous(_ policy: AttributePolicy, _ alias: String, _ count: Int) -> SQLError {
        refused(
            "UC_ABAC_AMBIGUOUS_COLUMN_MATCH",
            "The alias <alias> of the policy <policy> had <count> matches in <tableName>, exactly 1 match is allowed.",
            ["alias": SQLQuote.id([alias]), "policy": SQLQuote.id([policy.name]), "count": String(count)])
    }

    private func refused(_ name: String, _ message: String, _ parameters: [String: String]) -> SQLError {
        SQLError(
            .attributePolicy(name, message), parameters.merging(["tableName": SQLQuote.id(table.name.parts)]) { first, _ in first })
    }
}

extension CatalogBridge {
    func policies(of table: TableInfo) throws(SQLError) -> TablePolicies {
        try EffectivePolicies.of(table, service.workspace, for: caller)
    }
}

extension StatementRunner {
    func policies(of table: TableInfo) throws(SQLError) -> TablePolicies {
        try EffectivePolicies.of(table, workspace, for: principal)
    }
}

extension SQLService {
    /// Whether a principal sees less of a table than its files hold. Throws where policies are in each other's way.
    package func hides(_ table: TableInfo, from principal: Principal) throws -> Bool {
        // Lists leave columns out, and conditions ask for their tags.
        let table = try workspace.tables.find(table.name) ?? table
        do {
            return try !EffectivePolicies.of(table, workspace, for: principal).isEmpty
        } catch {
            throw WorkspaceError.invalid(error.message)
        }
    }
}

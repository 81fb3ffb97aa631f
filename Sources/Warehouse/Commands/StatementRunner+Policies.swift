import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// Row filters, column masks, tags of columns, and keys: what ALTER TABLE changes in the catalog alone.
extension StatementRunner {
    /// Whether the statement may change the table: MODIFY, or for ALTER the right to manage; what is changed or removed by what it holds is read too.
    func authorize(_ table: TableInfo, _ operation: String) throws(SQLError) {
        let name = table.name
        if name.isPath { return try authorize(path: name.name) }
        let reads = ["UPDATE", "DELETE", "MERGE"].contains { operation.hasPrefix($0) }
        try onCatalog(name.parts) {
            if operation.hasPrefix("ALTER") {
                try workspace.tables.requireChange(table, by: principal)
            } else {
                _ = try workspace.tables.get(name, requiring: .modify, by: principal)
                if reads { _ = try workspace.tables.get(name, requiring: .select, by: principal) }
            }
        }
    }

    /// Nil: the action is about the table's own columns and properties.
    func alterGovernance(_ table: TableInfo, _ action: Alter.Action, at span: SourceSpan) throws(SQLError) -> ResultSet? {
        switch action {
        case .setRowFilter(let filter):
            let call = try policyCall(filter, table.columns.all.map(\.name))
            return try setPolicies(table) { $0["row_filter"] = Self.json(call, columns: "input_column_names", name: nil) }
        case .dropRowFilter: return try setPolicies(table) { $0["row_filter"] = nil }
        case .alterColumn(let name, .setMask(let mask)):
            let column = try column(name, table)
            let call = try policyCall(mask, table.columns.all.map(\.name))
            return try setPolicies(table) { details in
                let others = (details["column_masks"]?.arrayValue ?? []).filter { $0["column_name"]?.stringValue != column }
                details["column_masks"] = .array(others + [Self.json(call, columns: "using_column_names", name: column)])
            }
        case .alterColumn(let name, .dropMask):
            let column = try column(name, table)
            return try setPolicies(table) { details in
                let others = (details["column_masks"]?.arrayValue ?? []).filter { $0["column_name"]?.stringValue != column }
                details["column_masks"] = others.isEmpty ? nil : .array(others)
            }
        case .alterColumn(let name, .setTags(let tags)):
            return try setTags(Tags.Entity(type: .table, name: table.name.description, column: try column(name, table)), tags)
        case .alterColumn(let name, .unsetTags(let keys)):
            return try unsetTags(Tags.Entity(type: .table, name: table.name.description, column: try column(name, table)), keys)
        case .renameColumn(let name, _): try keepPolicies([name], table)
        case .dropColumns(let names, _): try keepPolicies(names, table)
        default: break
        }
        return nil
    }

    /// A column that a row filter or mask uses stays as it is.
    private func keepPolicies(_ names: [MultipartIdentifier], _ table: TableInfo) throws(SQLError) {
        let policies = TablePolicies(table)
        for name in names where policies.mentions(name.last) {
            throw SQLError(
                .catalogRequestRefused,
                [
                    "code": "INVALID_STATE",
                    "message": "Column \(SQLQuote.id([name.last])) of '\(table.name)' is used by a row filter or a column mask; drop these first.",
                ], at: name.span)
        }
    }

    private func column(_ name: MultipartIdentifier, _ table: TableInfo) throws(SQLError) -> String {
        try column(name, table.columns.all.map(\.name))
    }

    private func column(_ name: MultipartIdentifier, _ columns: [String]) throws(SQLError) -> String {
        guard name.parts.count == 1, let found = columns.first(where: { $0.lowercased() == name.last.lowercased() }) else {
            throw SQLError(
                .unresolvedColumnWithSuggestion,
                ["objectName": SQLQuote.id(name.names), "proposal": columns.prefix(5).map { SQLQuote.id([$0]) }.joined(separator: ", ")],
                at: name.span)
        }
        return found
    }

    /// The function with its arguments; EXECUTE on it is needed to use it so.
    func policyCall(_ mask: ColumnMask, _ tableColumns: [String]) throws(SQLError) -> TablePolicies.Call {
        let name = try objectName(mask.function)
        guard let info = try onCatalog(name.parts, { try workspace.functions.find(name) }) else {
            throw SQLError(.routineNotFound, ["routineName": SQLQuote.id(name.parts)], at: mask.function.span)
        }
        try onCatalog(name.parts) { try workspace.functions.requireExecute(info, by: principal) }
        var arguments: [String] = []
        var columns: [String] = []
        for argument in mask.arguments {
            let written = argument.span.text(in: text) ?? ""
            guard case .name(let identifier) = argument.kind else {
                arguments.append(written)
                continue
            }
            let column = try column(identifier, tableColumns)
            columns.append(column)
            arguments.append(SQLQuote.id([column]))
        }
        return TablePolicies.Call(function: name.parts, arguments: arguments, columns: columns)
    }

    static func json(_ call: TablePolicies.Call, columns: String, name: String?) -> JSONValue {
        func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
        var object = JSONObject()
        if let name { object["column_name"] = .string(name) }
        object["function_name"] = .string(call.function.joined(separator: "."))
        object[columns] = texts(call.columns)
        if call.arguments.count != call.columns.count { object["sql_arguments"] = texts(call.arguments) }
        return .object(object)
    }

    /// Changes the policies after they have been tried on the table's columns.
    private func setPolicies(_ table: TableInfo, _ change: (inout JSONObject) -> Void) throws(SQLError) -> ResultSet {
        guard !table.type.isView, let location = table.location else { throw .notSimulated("row filters and column masks on views") }
        var details = table.details.flatMap { try? JSONValue(parsing: $0) }?.objectValue ?? JSONObject()
        change(&details)
        let final = details.isEmpty ? "" : JSONValue.object(details).text
        var changed = table
        changed.details = final.isEmpty ? nil : final
        let policies = TablePolicies(changed)
        if !policies.isEmpty {
            try tryPolicies(policies, table.name, DeltaProvider(snapshot: try onTable { try service.tables.delta(at: location).snapshot() }))
        }
        try onCatalog(table.name.parts) { try workspace.tables.requireManage(table, by: principal) }
        return try changeRow(table.name) { change, _ in change.details = final }
    }
}

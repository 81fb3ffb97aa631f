import Columnar
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// Row filters and column masks of tables: a table with any is read through a query that applies them, so that no plan sees what they hide.
struct TablePolicies: Sendable {
    struct Call: Sendable, Hashable {
        /// Full name of the function
        let function: [String]
        /// As SQL: quoted columns and literals
        let arguments: [String]
        /// The columns among the arguments
        let columns: [String]
        /// Whether the result is cast to the masked column's type, as it is for attribute-based policies.
        var isCast = false

        var sql: String { "\(SQLQuote.id(function))(\(arguments.joined(separator: ", ")))" }
    }

    var rowFilter: Call?
    /// By column, in lower case. The masked column itself is the first argument.
    var masks: [(column: String, call: Call)] = []

    var isEmpty: Bool { rowFilter == nil && masks.isEmpty }

    static let none = TablePolicies()

    private init() {}

    /// From `TableInfo.details`, where the API's `row_filter` is and `column_masks`, which the API shows at the columns.
    init(_ table: TableInfo) {
        self.init()
        guard let details = table.details, details.contains("row_filter") || details.contains("column_masks"),
            let json = try? JSONValue(parsing: details)
        else { return }
        self = TablePolicies(json)
    }

    /// From an object with `row_filter` and `column_masks`.
    init(_ json: JSONValue) {
        rowFilter = json["row_filter"].flatMap { Self.call($0, "input_column_names") }
        for mask in json["column_masks"]?.arrayValue ?? [] {
            guard let column = mask["column_name"]?.stringValue, let call = Self.call(mask, "using_column_names") else { continue }
            masks.append((column.lowercased(), call))
        }
    }

    private static func call(_ json: JSONValue, _ columns: String) -> Call? {
        guard let name = json["function_name"]?.stringValue else { return nil }
        func texts(_ value: JSONValue?) -> [String] { value?.arrayValue?.compactMap(\.stringValue) ?? [] }
        let columns = texts(json[columns])
        return Call(
            function: name.split(separator: ".").map(String.init),
            arguments: json["sql_arguments"] == nil ? columns.map { SQLQuote.id([$0]) } : texts(json["sql_arguments"]), columns: columns)
    }

    /// The columns that a policy reads or hides: they can be neither renamed nor dropped.
    func mentions(_ column: String) -> Bool {
        let name = column.lowercased()
        return rowFilter?.columns.contains { $0.lowercased() == name } ?? false
            || masks.contains { mask in mask.column == name || mask.call.columns.contains { $0.lowercased() == name } }
    }

    /// The query through which the table is read.
    func query(_ name: ObjectName, _ fields: [Field]) -> String {
        let columns = fields.map { field -> String in
            let quoted = SQLQuote.id([field.name])
            guard let mask = masks.first(where: { $0.column == field.name.lowercased() }) else { return quoted }
            let arguments = [quoted] + mask.call.arguments
            let value = "\(SQLQuote.id(mask.call.function))(\(arguments.joined(separator: ", ")))"
            return "\(mask.call.isCast ? "CAST(\(value) AS \(field.type.sqlText))" : value) AS \(quoted)"
        }
        let filter = rowFilter.map { " WHERE \($0.sql)" } ?? ""
        return "SELECT \(columns.joined(separator: ", ")) FROM \(SQLQuote.id(name.parts))\(filter)"
    }
}

/// What a policy's query sees: the table as it is, and the functions, which run with their owners' rights and need no grant.
final class PolicyReader: CatalogReader {
    let currentCatalog: String
    let currentSchema: String
    var hidesRows: Bool { true }
    private let name: [String]
    private let provider: any TableProvider
    private let bridge: CatalogBridge

    init(_ name: ObjectName, _ provider: any TableProvider, _ bridge: CatalogBridge) {
        currentCatalog = name.catalog
        currentSchema = name.schema
        self.name = name.parts
        self.provider = provider
        self.bridge = bridge
    }

    func relation(_ name: [String], _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        guard name == self.name else { throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span) }
        return .table(provider, name: name)
    }

    func function(_ name: [String], at span: SourceSpan) throws(SQLError) -> CatalogFunction? {
        try bridge.function(name, at: span, checked: false)
    }
}

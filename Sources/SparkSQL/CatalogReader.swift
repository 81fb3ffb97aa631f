package import Columnar
package import SparkErrors
package import SparkSyntax

/// What the analyser asks of the world: what a name stands for, as the statement's principal sees it at one moment.
package protocol CatalogReader: Sendable {
    var currentCatalog: String { get }
    var currentSchema: String { get }

    /// Whether a view that is read through it hides rows and values, so that no condition of the outer query may see them before.
    var hidesRows: Bool { get }

    /// The table or view of one to three name parts. Throws `TABLE_OR_VIEW_NOT_FOUND`, missing privileges, and time travel's errors.
    func relation(_ name: [String], _ timeTravel: TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation

    /// What was appended to a table since the statement's streaming table last read it.
    func stream(_ name: [String], at span: SourceSpan) throws(SQLError) -> CatalogRelation

    /// The changes of a table between two of its states, both included, up to the last without an `end`: its columns, `_change_type`,
    /// `_commit_version` and `_commit_timestamp`. The name is as written, with one to three parts.
    func changes(_ name: [String], from start: TimeTravel, through end: TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation

    /// What `read_files` reads: the files below a path. Options are by lower-case names, in the order written.
    func files(_ path: String, options: [(name: String, value: String)], at span: SourceSpan) throws(SQLError) -> CatalogRelation

    /// What `event_log` shows.
    func eventLog(_ source: EventLogSource, at span: SourceSpan) throws(SQLError) -> CatalogRelation

    /// A user's SQL function; nil if there is none of this name.
    func function(_ name: [String], at span: SourceSpan) throws(SQLError) -> CatalogFunction?

    /// A session's or script's variable; nil if there is none of this name.
    func variable(_ name: [String]) -> CatalogVariable?

    /// The session's temporary view of this name; it goes before tables.
    func temporaryView(_ name: String) -> CatalogRelation?

    /// The session's temporary function of this name; it goes before the schema's.
    func temporaryFunction(_ name: String) throws(SQLError) -> CatalogFunction?
}

extension CatalogReader {
    package var hidesRows: Bool { false }
    package func stream(_ name: [String], at span: SourceSpan) throws(SQLError) -> CatalogRelation { throw .unsupported("STREAM", at: span) }
    package func changes(
        _ name: [String], from start: TimeTravel, through end: TimeTravel?, at span: SourceSpan
    ) throws(SQLError) -> CatalogRelation { throw .unsupported("table_changes", at: span) }
    package func files(_ path: String, options: [(name: String, value: String)], at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        throw .unsupported("read_files", at: span)
    }
    package func eventLog(_ source: EventLogSource, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        throw .unsupported("event_log", at: span)
    }
    package func function(_ name: [String], at span: SourceSpan) throws(SQLError) -> CatalogFunction? { nil }
    package func variable(_ name: [String]) -> CatalogVariable? { nil }
    package func temporaryView(_ name: String) -> CatalogRelation? { nil }
    package func temporaryFunction(_ name: String) throws(SQLError) -> CatalogFunction? { nil }
}

/// Which state of a table is asked for.
package enum TimeTravel: Sendable, Hashable {
    /// As written: a number, or a tag's name.
    case version(String)
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamp(micros: Int64)
}

package enum CatalogRelation: Sendable {
    case table(any TableProvider, name: [String])
    /// `columns`: names, types and comments as fixed when the view was made; empty: the query's own. Names in the query are looked up from
    /// `catalog` and `schema`, by `reader`, which sees with the rights of the view's owner (nil: by whoever found the view). `text` is the query's source,
    /// for error positions. `collation` is the view's DEFAULT COLLATION.
    case view(
        Query, name: [String], columns: [Field], catalog: String, schema: String, text: String?, reader: (any CatalogReader)? = nil,
        collation: Collation = .utf8Binary)
}

/// A variable: its full name (`system.session.v`, or `local.label.v` in a script) and its value.
package struct CatalogVariable: Sendable {
    package let path: [String]
    package let value: TypedValue

    package init(path: [String], value: TypedValue) {
        self.path = path
        self.value = value
    }
}

/// A function written in SQL: `CREATE FUNCTION f(x INT DEFAULT 1) RETURNS INT RETURN x + 1`.
package struct CatalogFunction: Sendable {
    package struct Parameter: Sendable {
        package let name: String
        package let type: DataType
        package let defaultValue: SparkSyntax.Expression?

        package init(name: String, type: DataType, defaultValue: SparkSyntax.Expression?) {
            self.name = name
            self.type = type
            self.defaultValue = defaultValue
        }
    }

    package enum Body: Sendable {
        case expression(SparkSyntax.Expression)
        case query(Query)
    }

    package enum Result: Sendable {
        /// nil: the body's type.
        case scalar(DataType?)
        /// Empty: the query's own columns.
        case table([Field])
    }

    /// One part: a temporary function.
    package let name: [String]
    package let parameters: [Parameter]
    package let body: Body
    package let result: Result
    package let catalog: String
    package let schema: String
    /// Sees with the rights of the function's owner; nil: whoever found the function.
    package var reader: (any CatalogReader)?

    package var isTemporary: Bool { name.count == 1 }

    package init(name: [String], parameters: [Parameter], body: Body, result: Result, catalog: String, schema: String) {
        self.name = name
        self.parameters = parameters
        self.body = body
        self.result = result
        self.catalog = catalog
        self.schema = schema
    }
}

/// A value with its type: a parameter's, a variable's.
package struct TypedValue: Sendable, Hashable {
    package let value: Value
    package let type: DataType

    package init(_ value: Value, _ type: DataType) {
        self.value = value
        self.type = type
    }
}

/// Values for `:name` and `?`.
package struct Parameters: Sendable {
    package var named: [String: TypedValue]
    package var positional: [TypedValue]

    package static let none = Parameters()

    package init(named: [String: TypedValue] = [:], positional: [TypedValue] = []) {
        self.named = named
        self.positional = positional
    }
}

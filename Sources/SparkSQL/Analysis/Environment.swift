import Columnar
import SparkErrors
import SparkSyntax

/// What names mean around a place of a statement, apart from the columns of its own FROM clause. Passed down by value.
struct Environment {
    /// Common table expressions in sight, by lower-case name.
    var tables: [String: CommonTable] = [:]
    /// The enclosing query; nil at the top.
    var level: QueryLevel?
    var catalog: String
    var schema: String
    /// Views and SQL functions around the place; bounded, as views may be made of views.
    var nesting = 0
    /// Places in the text are the statement's own: not so within views and functions.
    var showsPlaces = true
    /// Arguments of the SQL function whose body this is, by lower-case name.
    var arguments: [String: ResolvedExpression] = [:]
    /// The recursive common table expression whose step this is.
    var recursion: RecursiveTable?

    static let maximumNesting = 100

    func at(_ span: SourceSpan) -> SourceSpan? { showsPlaces ? span : nil }
}

/// A common table expression as analysed.
final class CommonTable {
    enum Content {
        /// Computed once and shared by its references.
        case shared(index: Int, output: [Attribute])
        /// Depends on an enclosing query: analysed anew wherever it is used.
        case inlined(CommonTableExpression, Environment)
        /// The table that a recursive query makes, within itself.
        case recursive(RecursiveTable)
    }

    let name: String
    let content: Content

    init(name: String, content: Content) {
        self.name = name
        self.content = content
    }
}

/// A recursive query's table while its step is analysed.
final class RecursiveTable {
    let name: String
    let table: Int
    let output: [Attribute]
    var isUsed = false

    init(name: String, table: Int, output: [Attribute]) {
        self.name = name
        self.table = table
        self.output = output
    }
}

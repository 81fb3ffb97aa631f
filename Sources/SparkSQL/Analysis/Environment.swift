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
    /// Views around the place; bounded, as views may be made of views.
    var nesting = 0
    /// SQL functions around the place.
    var functionNesting = 0
    /// Whether names are looked up from `catalog` and `schema`, as in views, rather than from the session's.
    var qualifies = false
    /// Queries within queries around the place.
    var depth = 0
    /// Places in the text are the statement's own: not so within views and functions.
    var showsPlaces = true
    /// Arguments of the SQL function whose body this is, by lower-case name.
    var arguments: [String: ResolvedExpression] = [:]
    /// The place is within a query of that body: the arguments' columns are those of an enclosing query.
    var argumentsAreOuter = false
    /// The place is in the body's own query: those within it see the arguments too.
    var argumentsReachFurther = false
    /// While a function is being made: its parameters, for what is proposed in the place of unknown names.
    var parameters: [Attribute] = []
    /// The last part of that function's name, which may stand before its parameters.
    var functionName: String?
    /// Whether the session's temporary views and functions are in sight: not so within what outlives the session.
    var seesTemporary = true
    /// Looks names up with the rights of the owner of the view or function around; nil at the top.
    var reader: (any CatalogReader)?
    /// What comes through `|>`.
    var pipeInput: AnalyzedRelation?

    /// The DEFAULT COLLATION of the view whose query this is.
    var collation = Collation.utf8Binary

    static let maximumNesting = 100
    /// Trees of plans must not become so deep that recursion over them is unsafe.
    static let maximumDepth = 150

    init(
        catalog: String, schema: String, nesting: Int = 0, qualifies: Bool = false, depth: Int = 0, showsPlaces: Bool = true
    ) {
        self.catalog = catalog
        self.schema = schema
        self.nesting = nesting
        self.qualifies = qualifies
        self.depth = depth
        self.showsPlaces = showsPlaces
    }

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
        /// The same where it may not stand: outside of the recursive query's second part.
        case forbidden
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

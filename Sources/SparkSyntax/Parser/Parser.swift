package import SparkErrors

/// Turns SQL text into trees: recursive descent over tokens, operators by precedence. Every error is one of Spark's parser conditions
/// with its place in the text. A value that lives for one text.
package struct Parser {
    /// Operators that a statement's long chains, such as `a + b + c …` and `a UNION ALL b …`, may have in all; more is
    /// `FAILED_TO_PARSE_TOO_COMPLEX`. Their left sides lie in each other, so that only loops may walk them.
    package static let maximumChain = 12_000
    /// Operators of a chain that do not count.
    static let shortChain = 64
    /// Nodes on any way down a tree, those of chains left out; more is `FAILED_TO_PARSE_TOO_COMPLEX`. Recursion over a tree may rely
    /// on it. Nesting counts `expressionWeight` or `queryWeight` a level, so that the parser's own stack stays under 6 MiB unoptimised.
    package static let maximumHeight = 500
    /// About 245 levels of parentheses, calls or CASE.
    static let expressionWeight = 2
    /// About 70 levels of subqueries.
    static let queryWeight = 5

    let sql: String
    let bytes: [UInt8]
    let tokens: [Token]
    /// The token that closes each opening parenthesis, by index; -1 for all other tokens and for parentheses that stay open.
    let closings: [Int32]
    var index = 0
    var depth = 0
    /// Operators of long chains so far.
    var chained = 0
    var positionalParameters = 0
    /// The kind of the first parameter marker, to refuse a mix.
    var hasNamedParameters = false
    /// The names that stand where relations do.
    var relationNames: [[String]] = []
    /// Within BEGIN … END: `SET x = 1` assigns to a variable.
    var isInScript = false
    /// Within a condition that a query follows: a name before a parenthesis that opens one is no call.
    var endsAtQuery = false

    init(_ sql: String) throws(SQLError) {
        self.sql = sql
        var lexer = Lexer(sql)
        tokens = try lexer.allTokens()
        bytes = lexer.bytes
        var open: [Int] = []
        var closings = [Int32](repeating: -1, count: tokens.count)
        for (index, token) in tokens.enumerated() {
            if token.kind == .leftParen {
                open.append(index)
            } else if token.kind == .rightParen, let opening = open.popLast() {
                closings[opening] = Int32(clamping: index)
            }
        }
        self.closings = closings
    }

    // MARK: Entry points

    /// One statement, or a script `BEGIN … END`; semicolons and comments may follow.
    package static func parse(_ sql: String) throws(SQLError) -> Statement {
        try run(sql) { (parser: inout Parser) throws(SQLError) -> Statement in
            let statement = try parser.parseTopLevelStatement()
            while parser.accept(.semicolon) {}
            return statement
        }
    }

    /// The names that stand where a statement reads relations, as written; names of common table expressions are among them.
    package static func relationNames(in sql: String) throws(SQLError) -> [[String]] {
        try run(sql) { (parser: inout Parser) throws(SQLError) -> [[String]] in
            _ = try parser.parseTopLevelStatement()
            while parser.accept(.semicolon) {}
            return parser.relationNames
        }
    }

    /// An expression that stands alone, e.g. a DEFAULT, a CHECK or a generated column's text.
    package static func parseExpression(_ sql: String) throws(SQLError) -> Expression {
        try run(sql) { (parser: inout Parser) throws(SQLError) -> Expression in try parser.parseExpression() }
    }

    /// A data type: `INT`, `ARRAY<STRUCT<a: INT>>`, …
    package static func parseType(_ sql: String) throws(SQLError) -> TypeName {
        try run(sql) { (parser: inout Parser) throws(SQLError) -> TypeName in try parser.parseTypeName() }
    }

    /// A list of columns as in `from_json`'s schema: `a INT, b STRING COMMENT 'x'`.
    package static func parseTableSchema(_ sql: String) throws(SQLError) -> [TypeName.StructField] {
        try run(sql) { (parser: inout Parser) throws(SQLError) -> [TypeName.StructField] in try parser.parseStructFields(allowsColon: false)
        }
    }

    /// A name with dots, as the value of `IDENTIFIER(…)`.
    package static func parseMultipartIdentifier(_ sql: String) throws(SQLError) -> MultipartIdentifier {
        try run(sql) { (parser: inout Parser) throws(SQLError) -> MultipartIdentifier in try parser.parseMultipartIdentifier() }
    }

    private static func run<T>(_ sql: String, _ body: (inout Parser) throws(SQLError) -> T) throws(SQLError) -> T {
        do throws(SQLError) {
            var parser = try Parser(sql)
            if parser.current.kind == .end, sql.utf8.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
                throw SQLError(.parseEmptyStatement, at: SourceSpan(start: 0, end: 0), phase: .parsing)
            }
            let result = try body(&parser)
            guard parser.current.kind == .end else { throw parser.unexpectedRest() }
            return result
        } catch {
            throw error.with(statement: sql)
        }
    }

    // MARK: Depth

    /// Call with `defer { ascend() }` at the start of whatever may nest.
    mutating func descend(_ weight: Int = 1) throws(SQLError) {
        depth += weight
        if depth > Self.maximumHeight { throw Self.tooComplex }
    }

    mutating func ascend(_ weight: Int = 1) { depth -= weight }

    /// One more operator of a chain that had `length`.
    mutating func lengthen(_ length: inout Int) throws(SQLError) {
        length += 1
        guard length > Self.shortChain else { return }
        chained += 1
        if chained > Self.maximumChain { throw Self.tooComplex }
    }

    static var tooComplex: SQLError { SQLError(.failedToParseTooComplex, phase: .analysis) }

    /// Makes a node and refuses it if the tree grows too high, as a chain `a + b + c + …` does without nesting.
    func node(_ kind: Expression.Kind, _ span: SourceSpan) throws(SQLError) -> Expression {
        let expression = Expression(kind, span: span)
        if expression.height > Self.maximumHeight { throw Self.tooComplex }
        return expression
    }

    func check(_ relation: Relation) throws(SQLError) -> Relation {
        if relation.height > Self.maximumHeight { throw Self.tooComplex }
        return relation
    }

    func check(_ body: QueryBody) throws(SQLError) -> QueryBody {
        if body.height > Self.maximumHeight { throw Self.tooComplex }
        return body
    }
}

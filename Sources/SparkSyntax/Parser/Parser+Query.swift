import SparkErrors

/// Queries: WITH, set operations, ORDER BY and the rest of the clauses around a SELECT.
extension Parser {
    mutating func parseQuery() throws(SQLError) -> Query {
        let start = current.start
        let with = at(.with) ? try parseWith() : nil
        return try parseQuery(with: with, from: start)
    }

    /// The query behind a WITH clause already taken.
    mutating func parseQuery(with: With?, from start: Int) throws(SQLError) -> Query {
        try descend(Self.queryWeight)
        defer { ascend(Self.queryWeight) }
        let body = try parsePipes(try parseQueryTerm())
        let organization = try parseOrganization()
        return try check(Query(with: with, body: body, organization: organization, span: span(from: start)))
    }

    private func check(_ query: Query) throws(SQLError) -> Query {
        if query.height > Self.maximumHeight { throw Self.tooComplex }
        return query
    }

    mutating func parseWith() throws(SQLError) -> With {
        try descend(Self.queryWeight)
        defer { ascend(Self.queryWeight) }
        let start = current.start
        try expect(.with)
        let isRecursive = at(.recursive) && isWord(1) && !at(.as, 1) && accept(.recursive)
        let queries = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> CommonTableExpression in
            try parser.parseCommonTableExpression()
        }
        var seen: Set<String> = []
        for query in queries where !seen.insert(query.name.text.lowercased()).inserted {
            let name = SQLQuote.id(query.name.text.lowercased())
            throw refusal(.duplicatedCteNames, ["duplicateNames": name], at: SourceSpan(start: start, end: bytes.count))
        }
        return With(isRecursive: isRecursive, queries: queries)
    }

    private mutating func parseCommonTableExpression() throws(SQLError) -> CommonTableExpression {
        let start = current.start
        let name = try parseNameIdentifier()
        let columns = at(.leftParen) && !isQueryParenthesis(index) ? try parseIdentifierList() : []
        var maximum: Expression?
        if accept(words: .max, .recursion, .level) { maximum = try parseValue() }
        _ = accept(.as)
        try expect(.leftParen)
        let query = try parseQuery()
        try expect(.rightParen)
        return CommonTableExpression(name: name, columns: columns, maximumRecursion: maximum, query: query, span: span(from: start))
    }

    // MARK: Set operations

    /// UNION and EXCEPT from left to right; INTERSECT binds tighter.
    mutating func parseQueryTerm() throws(SQLError) -> QueryBody {
        let start = current.start
        var left = try parseIntersections()
        var length = 0
        while let operation = try acceptSetOperation(.union, .except, .minusWord) {
            try lengthen(&length)
            let right = try parseIntersections()
            left = try setOperation(operation, left, right, start)
        }
        return left
    }

    private mutating func parseIntersections() throws(SQLError) -> QueryBody {
        let start = current.start
        var left = try parseQueryPrimary()
        var length = 0
        while let operation = try acceptSetOperation(.intersect) {
            try lengthen(&length)
            let right = try parseQueryPrimary()
            left = try setOperation(operation, left, right, start)
        }
        return left
    }

    private func setOperation(
        _ operation: (kind: SetOperation.Kind, isAll: Bool, isByName: Bool), _ left: QueryBody, _ right: QueryBody, _ start: Int
    ) throws(SQLError) -> QueryBody {
        try check(
            .setOperation(
                SetOperation(
                    kind: operation.kind, isAll: operation.isAll, isByName: operation.isByName, left: left, right: right,
                    span: span(from: start))))
    }

    mutating func acceptSetOperation(_ keywords: Keyword...) throws(SQLError) -> (kind: SetOperation.Kind, isAll: Bool, isByName: Bool)? {
        guard let keyword = current.keyword, keywords.contains(keyword) else { return nil }
        advance()
        let isAll = accept(.all)
        if !isAll { _ = accept(.distinct) }
        let isByName = accept(words: .by, .name)
        return (keyword == .union ? .union : keyword == .intersect ? .intersect : .except, isAll, isByName)
    }

    mutating func parseQueryPrimary() throws(SQLError) -> QueryBody {
        let start = current.start
        switch current.keyword {
        case .select?: return .select(try parseSelect())
        case .values?: return try parseValuesBody()
        case .table?:
            advance()
            let name = try parseNameReference()
            return .table(name, span: span(from: start))
        case .from?: return .select(try parseFromFirst())
        case .map?, .reduce?: throw unsupportedTransform()
        default: break
        }
        guard accept(.leftParen) else { throw syntaxError() }
        let query = try parseQuery()
        try expect(.rightParen)
        return .parenthesized(query)
    }

    private func unsupportedTransform() -> SQLError {
        guard !endsPhrase(token(1)) else { return syntaxError() }
        return refusal(.unsupportedFeatureTransformNonHive, at: SourceSpan(start: current.start, end: bytes.count))
    }

    private mutating func parseValuesBody() throws(SQLError) -> QueryBody {
        let table = try parseInlineTable()
        return .values(table, try acceptTableAlias())
    }

    /// `VALUES row, row`, a row being `(a, b)` or one expression.
    mutating func parseInlineTable() throws(SQLError) -> InlineTable {
        let start = current.start
        try expect(.values)
        let rows = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> [Expression] in
            let expression = try parser.parseExpression()
            // `(1, 2)` and `struct(1, 2)` spread over the columns.
            switch expression.kind {
            case .row(let items), .structure(let items): return items.map(\.expression)
            default: return [expression]
            }
        }
        return InlineTable(rows: rows, span: span(from: start))
    }

    // MARK: Clauses behind the body

    mutating func parseOrganization() throws(SQLError) -> Query.Organization {
        let start = current.start
        var result = Query.Organization()
        if accept(words: .order, .by) { result.orderBy = try parseSortItems() }
        if accept(words: .cluster, .by) { result.clusterBy = try parseExpressions() }
        if accept(words: .distribute, .by) { result.distributeBy = try parseExpressions() }
        if accept(words: .sort, .by) { result.sortBy = try parseSortItems() }
        result.windows = try parseWindowClause()
        if at(.limit), !endsPhrase(token(1)) {
            advance()
            result.limit = at(.all) && !at(.leftParen, 1) && accept(.all) ? .all : .count(try parseExpression())
        }
        if at(.offset), !endsPhrase(token(1)) {
            advance()
            result.offset = try parseExpression()
        }
        let kinds = [!result.orderBy.isEmpty, !result.sortBy.isEmpty || !result.distributeBy.isEmpty, !result.clusterBy.isEmpty]
        if kinds.filter({ $0 }).count > 1 {
            throw refusal(.unsupportedFeatureCombinationQueryResultClauses, at: span(from: start))
        }
        return result
    }
}

import SparkErrors

/// SELECT and its clauses.
extension Parser {
    mutating func parseSelect() throws(SQLError) -> Select {
        var select = Select(span: current.span)
        let start = current.start
        try parseSelectClause(into: &select)
        if at(.from), !endsPhrase(token(1)) {
            advance()
            select.from = try parseFrom()
        }
        try parseSelectRest(into: &select)
        return try finish(select, start)
    }

    /// `FROM t [SELECT …]`; without SELECT all columns.
    mutating func parseFromFirst() throws(SQLError) -> Select {
        var select = Select(span: current.span)
        let start = current.start
        try expect(.from)
        select.from = try parseFrom()
        if at(.insert) { throw unsupportedStatement("FROM … INSERT", from: start) }
        if at(.select) { try parseSelectClause(into: &select) }
        try parseSelectRest(into: &select)
        return try finish(select, start)
    }

    private func finish(_ select: Select, _ start: Int) throws(SQLError) -> Select {
        var select = select
        select.span = span(from: start)
        select.height = select.computedHeight
        if select.height > Self.maximumHeight { throw Self.tooComplex }
        return select
    }

    private mutating func parseSelectClause(into select: inout Select) throws(SQLError) {
        try expect(.select)
        try skipHints()
        if at(.transform), at(.leftParen, 1), holdsScript() {
            throw refusal(.unsupportedFeatureTransformNonHive, at: SourceSpan(start: select.span.start, end: bytes.count))
        }
        if at(.distinct) || at(.all), !endsPhrase(token(1)), !at(.from, 1), !at(.dot, 1), !at(.as, 1) {
            select.isDistinct = at(.distinct)
            advance()
        }
        select.items = [try parseNamedExpression()]
        while accept(.comma) {
            if at(.from), !endsPhrase(token(1)), !at(.dot, 1) {
                throw SQLError(.trailingCommaInSelect, at: current.span, phase: .analysis)
            }
            select.items.append(try parseNamedExpression())
        }
    }

    /// `TRANSFORM (…) USING 'script'` and not the function.
    private func holdsScript() -> Bool {
        let closing = Int(closings[index + 1])
        guard closing >= 0, tokens.indices.contains(closing + 1) else { return false }
        let next = tokens[closing + 1].keyword
        return next == .using || next == .row || next == .recordwriter
    }

    /// Hints say how to run a query, not what it means.
    mutating func skipHints() throws(SQLError) {
        while accept(.hintStart) {
            while !at(.hintEnd) {
                guard !at(.end) else { throw syntaxError() }
                advance()
            }
            advance()
        }
    }

    private mutating func parseSelectRest(into select: inout Select) throws(SQLError) {
        while at(words: .lateral, .view) {
            let start = select.from?.span.start ?? current.start
            select.from = try parseLateralView(over: select.from ?? Self.oneRow(current.start), start)
        }
        if at(.where) {
            advance()
            select.filter = try parseExpression()
        }
        if at(.group), !endsPhrase(token(1)) {
            advance()
            try expect(.by)
            select.groupBy = try parseGroupBy()
        }
        if at(.having) {
            advance()
            select.having = try parseExpression()
        }
        if at(.qualify), !endsPhrase(token(1)) {
            advance()
            select.qualify = try parseExpression()
        }
        select.windows = try parseWindowClause()
        if select.qualify == nil, at(.qualify), !endsPhrase(token(1)) {
            advance()
            select.qualify = try parseExpression()
        }
    }

    /// The source of a LATERAL VIEW without FROM: one row without columns.
    private static func oneRow(_ start: Int) -> Relation {
        Relation(.values(InlineTable(rows: [[]], span: SourceSpan(start: start, end: start))), span: SourceSpan(start: start, end: start))
    }

    // MARK: GROUP BY

    mutating func parseGroupBy() throws(SQLError) -> GroupBy {
        let start = current.start
        var elements = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> GroupBy.Element in
            try parser.parseGroupingElement()
        }
        let keys = try parseGroupingSuffix(&elements)
        return GroupBy(elements: elements, keys: keys, span: span(from: start))
    }

    /// `WITH ROLLUP`, `WITH CUBE`, or `GROUPING SETS (…)` behind a plain list, which it gives for the latter.
    private mutating func parseGroupingSuffix(_ elements: inout [GroupBy.Element]) throws(SQLError) -> [Expression] {
        func plain() -> [[Expression]] {
            elements.compactMap { if case .expression(let expression) = $0 { [expression] } else { nil } }
        }
        if accept(words: .with, .rollup) {
            elements = [.rollup(plain())]
        } else if accept(words: .with, .cube) {
            elements = [.cube(plain())]
        } else if accept(words: .grouping, .sets) {
            let keys = plain().flatMap { $0 }
            elements = [.groupingSets(try parseGroupingSets())]
            return keys
        }
        return []
    }

    mutating func parseGroupingElement() throws(SQLError) -> GroupBy.Element {
        try descend()
        defer { ascend() }
        if at(.rollup) || at(.cube), at(.leftParen, 1) {
            let isRollup = at(.rollup)
            advance()
            let sets = try parseList { (parser: inout Parser) throws(SQLError) -> [Expression] in try parser.parseGroupingSet() }
            return isRollup ? .rollup(sets) : .cube(sets)
        }
        if accept(words: .grouping, .sets) { return .groupingSets(try parseGroupingSets()) }
        return .expression(try parseExpression())
    }

    private mutating func parseGroupingSets() throws(SQLError) -> [GroupBy.Element] {
        try parseList { (parser: inout Parser) throws(SQLError) -> GroupBy.Element in
            if parser.at(.rollup) || parser.at(.cube), parser.at(.leftParen, 1) { return try parser.parseGroupingElement() }
            if parser.at(words: .grouping, .sets) { return try parser.parseGroupingElement() }
            return .set(try parser.parseGroupingSet())
        }
    }

    /// `()`, `(a, b)` or a single expression.
    private mutating func parseGroupingSet() throws(SQLError) -> [Expression] {
        if at(.leftParen), at(.rightParen, 1) {
            advance()
            advance()
            return []
        }
        let expression = try parseExpression()
        if case .row(let items) = expression.kind { return items.map(\.expression) }
        return [expression]
    }
}

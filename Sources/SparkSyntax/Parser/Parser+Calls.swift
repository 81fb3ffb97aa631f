import SparkErrors

/// Function calls and windows.
extension Parser {
    /// Arguments and what follows them; the current token is the opening parenthesis.
    mutating func parseCall(_ name: NameReference, _ start: Int) throws(SQLError) -> Expression {
        try expect(.leftParen)
        var isDistinct = false
        var arguments: [FunctionCall.Argument] = []
        var nullTreatment: FunctionCall.NullTreatment?
        if !at(.rightParen) {
            if at(.distinct) || at(.all), !endsPhrase(token(1)), !at(.dot, 1) {
                isDistinct = at(.distinct)
                advance()
            }
            arguments = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> FunctionCall.Argument in
                try parser.parseArgument()
            }
            nullTreatment = acceptNullTreatment()
        }
        try expect(.rightParen)
        var withinGroup: [SortItem] = []
        if at(words: .within, .group), at(.leftParen, 2) {
            advance()
            advance()
            advance()
            try expect(words: .order, .by)
            withinGroup = try parseSortItems()
            try expect(.rightParen)
        }
        var filter: Expression?
        if at(.filter), at(.leftParen, 1), at(.where, 2) {
            advance()
            advance()
            advance()
            filter = try parseExpression()
            try expect(.rightParen)
        }
        nullTreatment = acceptNullTreatment() ?? nullTreatment
        var over: WindowReference?
        if at(.over), at(.leftParen, 1) || (isWord(1) && !at(.from, 1) && !at(.as, 1)) {
            advance()
            over = try parseWindowReference()
        }
        let call = FunctionCall(
            name: name, arguments: arguments, isDistinct: isDistinct, withinGroup: withinGroup, filter: filter,
            nullTreatment: nullTreatment, over: over)
        return try node(.function(call), span(from: start))
    }

    private mutating func parseArgument() throws(SQLError) -> FunctionCall.Argument {
        if isWord(), at(.fatArrow, 1) {
            let name = try parseIdentifier()
            advance()
            return FunctionCall.Argument(name: name, value: try parseExpression())
        }
        return FunctionCall.Argument(value: try parseExpression())
    }

    private mutating func acceptNullTreatment() -> FunctionCall.NullTreatment? {
        guard at(.nulls, 1) else { return nil }
        if at(.ignore) {
            advance()
            advance()
            return .ignore
        }
        if at(.respect) {
            advance()
            advance()
            return .respect
        }
        return nil
    }

    // MARK: Sorting

    mutating func parseSortItems() throws(SQLError) -> [SortItem] {
        try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> SortItem in try parser.parseSortItem() }
    }

    mutating func parseSortItem() throws(SQLError) -> SortItem {
        let start = current.start
        let expression = try parseExpression()
        var isDescending = false
        if accept(.desc) { isDescending = true } else { _ = accept(.asc) }
        var nulls: SortItem.NullOrder?
        if at(.nulls), at(.first, 1) || at(.last, 1) {
            advance()
            nulls = at(.first) ? .first : .last
            advance()
        }
        return SortItem(expression: expression, isDescending: isDescending, nulls: nulls, span: span(from: start))
    }

    // MARK: Windows

    mutating func parseWindowReference() throws(SQLError) -> WindowReference {
        guard at(.leftParen) else { return .named(try parseNameIdentifier()) }
        if isWord(1), at(.rightParen, 2) {
            advance()
            let name = try parseIdentifier()
            advance()
            return .named(name)
        }
        let start = current.start
        advance()
        var partitionBy: [Expression] = []
        var orderBy: [SortItem] = []
        if accept(words: .cluster, .by) {
            partitionBy = try parseExpressions()
        } else {
            if accept(words: .partition, .by) || accept(words: .distribute, .by) { partitionBy = try parseExpressions() }
            if accept(words: .order, .by) || accept(words: .sort, .by) { orderBy = try parseSortItems() }
        }
        let frame = at(.rows) || at(.range) ? try parseFrame() : nil
        try expect(.rightParen)
        return .inline(WindowSpecification(partitionBy: partitionBy, orderBy: orderBy, frame: frame, span: span(from: start)))
    }

    mutating func parseExpressions() throws(SQLError) -> [Expression] {
        try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> Expression in try parser.parseExpression() }
    }

    private mutating func parseFrame() throws(SQLError) -> WindowFrame {
        let start = current.start
        let units: WindowFrame.Units = at(.rows) ? .rows : .range
        advance()
        if accept(.between) {
            let low = try parseFrameBound()
            try expect(.and)
            let high = try parseFrameBound()
            return WindowFrame(units: units, start: low, end: high, span: span(from: start))
        }
        let bound = try parseFrameBound()
        return WindowFrame(units: units, start: bound, end: .currentRow, span: span(from: start))
    }

    private mutating func parseFrameBound() throws(SQLError) -> WindowFrame.Bound {
        if accept(words: .unbounded, .preceding) { return .unboundedPreceding }
        if accept(words: .unbounded, .following) { return .unboundedFollowing }
        if accept(words: .current, .row) { return .currentRow }
        let expression = try parseExpression(.comparison)
        if accept(.preceding) { return .preceding(expression) }
        try expect(.following)
        return .following(expression)
    }

    func startsWindowClause() -> Bool {
        at(.window) && isWord(1) && (at(.as, 2) || at(.identifier, 1) && at(.leftParen, 2) && at(.as, 5))
    }

    /// `WINDOW name AS (…), …`; empty if the clause does not stand here.
    mutating func parseWindowClause() throws(SQLError) -> [NamedWindow] {
        guard startsWindowClause() else { return [] }
        advance()
        return try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> NamedWindow in
            let name = try parser.parseNameIdentifier()
            try parser.expect(.as)
            return NamedWindow(name: name, window: try parser.parseWindowReference())
        }
    }
}

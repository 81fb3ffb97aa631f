import SparkErrors

/// Table functions, LATERAL VIEW, PIVOT and UNPIVOT.
extension Parser {
    mutating func parseTableFunction(_ name: NameReference) throws(SQLError) -> TableFunction {
        try expect(.leftParen)
        if accept(.rightParen) { return TableFunction(name: name, arguments: []) }
        let arguments = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> TableFunction.Argument in
            try parser.parseTableFunctionArgument()
        }
        try expect(.rightParen)
        return TableFunction(name: name, arguments: arguments)
    }

    private mutating func parseTableFunctionArgument() throws(SQLError) -> TableFunction.Argument {
        var name: Identifier?
        if isWord(), at(.fatArrow, 1) {
            name = try parseIdentifier()
            advance()
        }
        if at(.table), at(.leftParen, 1) || isWord(1) { return .table(name: name, try parseTableArgument()) }
        return .expression(name: name, try parseExpression())
    }

    private mutating func parseTableArgument() throws(SQLError) -> TableFunction.TableArgument {
        try expect(.table)
        let source: TableFunction.TableArgument.Source
        if at(.leftParen) {
            let isQuery = isQueryParenthesis(index)
            advance()
            source = isQuery ? .query(try parseQuery()) : .table(try parseNameReference())
            try expect(.rightParen)
        } else {
            source = .table(try parseNameReference())
        }
        var partitionBy: [Expression] = []
        let isSingle = accept(words: .with, .single, .partition)
        if !isSingle, accept(words: .partition, .by) || accept(words: .distribute, .by) {
            partitionBy = [try parseExpression()]
            if case .row(let items)? = partitionBy.first?.kind { partitionBy = items.map(\.expression) }
        }
        var orderBy: [SortItem] = []
        if accept(words: .order, .by) || accept(words: .sort, .by) {
            if at(.leftParen), !isQueryParenthesis(index) {
                orderBy = try parseList { (parser: inout Parser) throws(SQLError) -> SortItem in try parser.parseSortItem() }
            } else {
                orderBy = [try parseSortItem()]
            }
        }
        return TableFunction.TableArgument(
            source: source, partitionBy: partitionBy, withSinglePartition: isSingle, orderBy: orderBy)
    }

    /// `LATERAL VIEW [OUTER] f(arguments) table [AS column, …]`.
    mutating func parseLateralView(over source: Relation, _ start: Int) throws(SQLError) -> Relation {
        try expect(words: .lateral, .view)
        let isOuter = at(.outer) && isWord(1) && accept(.outer)
        let function = try parseMultipartIdentifier()
        try expect(.leftParen)
        let arguments = at(.rightParen) ? [] : try parseExpressions()
        try expect(.rightParen)
        let table = try parseNameIdentifier()
        var columns: [Identifier] = []
        if accept(.as) || (isWord() && startsAlias(allowsStrict: false)) {
            columns = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> Identifier in try parser.parseNameIdentifier() }
        }
        let view = LateralView(
            source: source, isOuter: isOuter, function: function, arguments: arguments, table: table, columns: columns)
        return try check(Relation(.lateralView(view), span: span(from: start)))
    }

    // MARK: PIVOT

    mutating func parsePivot(over source: Relation, _ start: Int) throws(SQLError) -> Relation {
        try expect(.pivot)
        try expect(.leftParen)
        let aggregates = try parseNamedExpressions()
        try expect(.for)
        let columns =
            at(.leftParen)
            ? try parseList { (parser: inout Parser) throws(SQLError) -> MultipartIdentifier in try parser.parseMultipartIdentifier() }
            : [try parseMultipartIdentifier()]
        try expect(.in)
        try expect(.leftParen)
        let values = try parseNamedExpressions()
        try expect(.rightParen)
        try expect(.rightParen)
        let pivot = Pivot(source: source, aggregates: aggregates, columns: columns, values: values)
        let alias = try acceptTableAlias()
        return try check(Relation(.pivot(pivot), alias: alias, span: span(from: start)))
    }

    func startsUnpivot() -> Bool {
        at(.unpivot) && (at(.leftParen, 1) || ((at(.include, 1) || at(.exclude, 1)) && at(.nulls, 2)))
    }

    mutating func parseUnpivot(over source: Relation, _ start: Int) throws(SQLError) -> Relation {
        try expect(.unpivot)
        var includesNulls = false
        if at(.include) || at(.exclude) {
            includesNulls = at(.include)
            advance()
            try expect(.nulls)
        }
        try expect(.leftParen)
        let isMultiple = at(.leftParen)
        let values = isMultiple ? try parseIdentifierList() : [try parseIdentifier()]
        try expect(.for)
        let name = try parseIdentifier()
        try expect(.in)
        let sets = try parseList {
            (parser: inout Parser) throws(SQLError) -> (columns: [MultipartIdentifier], alias: Identifier?) in
            let columns =
                isMultiple
                ? try parser.parseList { (inner: inout Parser) throws(SQLError) -> MultipartIdentifier in
                    try inner.parseMultipartIdentifier()
                } : [try parser.parseMultipartIdentifier()]
            let hasAlias = parser.accept(.as) || parser.isWord()
            return (columns, hasAlias ? try parser.parseNameIdentifier() : nil)
        }
        try expect(.rightParen)
        let unpivot = Unpivot(
            source: source, includesNulls: includesNulls, valueColumns: values, nameColumn: name, columnSets: sets)
        let alias = try acceptTableAlias()
        return try check(Relation(.unpivot(unpivot), alias: alias, span: span(from: start)))
    }
}

import SparkErrors

/// Pipe syntax: `source |> step |> step`.
extension Parser {
    mutating func parsePipes(_ source: QueryBody) throws(SQLError) -> QueryBody {
        var body = source
        while at(.pipeOperator) {
            let start = current.start
            advance()
            let kind = try parsePipeStep(start)
            body = try check(.pipe(body, PipeOperator(kind: kind, span: span(from: start))))
        }
        return body
    }

    private mutating func parsePipeStep(_ start: Int) throws(SQLError) -> PipeOperator.Kind {
        switch current.keyword {
        case .select?: return try parsePipeSelect()
        case .extend?:
            advance()
            return .extend(try parseNamedExpressions())
        case .set?:
            advance()
            let assignments = try parseCommaSeparated {
                (parser: inout Parser) throws(SQLError) -> (column: Identifier, value: Expression) in
                let column = try parser.parseIdentifier()
                try parser.expect(.equal)
                return (column, try parser.parseExpression())
            }
            return .set(assignments)
        case .drop?:
            advance()
            return .drop(
                try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> Identifier in try parser.parseNameIdentifier() })
        case .as?:
            advance()
            let name = try parseNameIdentifier()
            return .alias(name, columns: at(.leftParen) ? try parseIdentifierList() : [])
        case .where?: return try parsePipeWhere(start)
        case .aggregate?:
            advance()
            return try parsePipeAggregate()
        case .order?, .sort?, .cluster?, .distribute?, .limit?, .offset?, .window?: return try parsePipeOrganization(start)
        default: return try parsePipeRelation(start)
        }
    }

    private mutating func parsePipeSelect() throws(SQLError) -> PipeOperator.Kind {
        let start = current.start
        try expect(.select)
        try skipHints()
        var isDistinct = false
        if at(.distinct) || at(.all), !endsPhrase(token(1)) {
            isDistinct = at(.distinct)
            advance()
        }
        let items = try parseNamedExpressions()
        let windows = try parseWindowClause()
        if at(.from) {
            throw refusal(.unsupportedFeatureClauseWithPipeOperators, ["clauses": "the FROM clause in SELECT"], at: span(from: start))
        }
        return .select(isDistinct: isDistinct, items, windows: windows)
    }

    private mutating func parsePipeWhere(_ start: Int) throws(SQLError) -> PipeOperator.Kind {
        try expect(.where)
        let condition = try parseExpression()
        if !(try parseWindowClause()).isEmpty {
            throw refusal(.notAllowedInPipeOperatorWhereWindowClause, at: span(from: start))
        }
        return .filter(condition)
    }

    private mutating func parsePipeAggregate() throws(SQLError) -> PipeOperator.Kind {
        let items = at(words: .group, .by) ? [] : try parseNamedExpressions()
        guard at(words: .group, .by) else { return .aggregate(items, groupBy: nil) }
        let start = current.start
        advance()
        advance()
        if at(.all), endsPhrase(token(1)) {
            advance()
            throw refusal(.unsupportedFeaturePipeOperatorAggregateUnsupportedCase, ["case": "GROUP BY ALL"], at: span(from: start))
        }
        let first = at(.leftParen) && at(.rightParen, 1)
        if first { throw syntaxError(at: token(1)) }
        let elements = try parseCommaSeparated {
            (parser: inout Parser) throws(SQLError) -> (element: GroupBy.Element, alias: Identifier?) in
            let element = try parser.parseGroupingElement()
            if parser.accept(.as) { return (element, try parser.parseNameIdentifier()) }
            return (element, parser.startsAlias(allowsStrict: false) ? try parser.parseNameIdentifier() : nil)
        }
        let whole = span(from: start)
        for keywords in [[Keyword.with, .rollup], [.with, .cube], [.grouping, .sets]] where matches(keywords) {
            let name = keywords.map(\.rawValue).joined(separator: " ")
            throw refusal(.unsupportedFeaturePipeOperatorAggregateUnsupportedCase, ["case": name], at: whole)
        }
        for (element, _) in elements {
            let name: String
            switch element {
            case .expression, .set: continue
            case .rollup: name = "GROUP BY ROLLUP"
            case .cube: name = "GROUP BY CUBE"
            case .groupingSets: name = "GROUPING SETS"
            }
            throw refusal(.unsupportedFeaturePipeOperatorAggregateUnsupportedCase, ["case": name], at: whole)
        }
        return .aggregate(items, groupBy: PipeGroupBy(elements: elements, span: whole))
    }

    private mutating func parsePipeOrganization(_ start: Int) throws(SQLError) -> PipeOperator.Kind {
        let organization = try parseOrganization()
        let clauses = [
            organization.orderBy.isEmpty ? nil : "ORDER BY", organization.clusterBy.isEmpty ? nil : "CLUSTER BY",
            organization.distributeBy.isEmpty ? nil : "DISTRIBUTE BY", organization.sortBy.isEmpty ? nil : "SORT BY",
            organization.windows.isEmpty ? nil : "WINDOW", organization.limit == nil ? nil : "LIMIT",
            organization.offset == nil ? nil : "OFFSET",
        ].compactMap { $0 }
        if organization.isEmpty { throw syntaxError() }
        if !organization.windows.isEmpty {
            throw refusal(.unsupportedFeatureClauseWithPipeOperators, ["clauses": "the WINDOW clause"], at: span(from: start))
        }
        // LIMIT and OFFSET may stand together.
        if clauses.count > 1, clauses != ["LIMIT", "OFFSET"], let last = clauses.last, let previous = clauses.dropLast().last {
            throw refusal(
                .multipleQueryResultClausesWithPipeOperators, ["clause1": previous, "clause2": last], at: span(from: start))
        }
        return .organize(organization)
    }

    private mutating func parsePipeRelation(_ start: Int) throws(SQLError) -> PipeOperator.Kind {
        if let operation = try acceptSetOperation(.union, .except, .minusWord, .intersect) {
            let right = try parseQueryPrimary()
            return .setOperation(operation.kind, isAll: operation.isAll, isByName: operation.isByName, right)
        }
        let input = Relation(.pipeInput, span: SourceSpan(start: start, end: start))
        if let sample = try acceptSample() { return .relation(Relation(.pipeInput, sample: sample, span: span(from: start))) }
        if at(.pivot), at(.leftParen, 1) {
            let pivot = try parsePivot(over: input, start)
            if startsUnpivot() { throw refusal(.notAllowedInFromUnpivotWithPivot, at: span(from: start)) }
            return .relation(pivot)
        }
        if startsUnpivot() {
            let unpivot = try parseUnpivot(over: input, start)
            if at(.pivot), at(.leftParen, 1) { throw refusal(.notAllowedInFromUnpivotWithPivot, at: span(from: start)) }
            return .relation(unpivot)
        }
        if at(words: .lateral, .view) { return .relation(try parseLateralView(over: input, start)) }
        if let join = try parseJoin(input, start) { return .relation(join) }
        throw syntaxError()
    }
}

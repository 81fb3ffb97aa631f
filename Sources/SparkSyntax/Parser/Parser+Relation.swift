import SparkErrors

/// FROM: relations, joins and what may follow them.
extension Parser {
    /// What stands behind FROM: relations with commas between, LATERAL VIEWs, PIVOT, UNPIVOT.
    mutating func parseFrom() throws(SQLError) -> Relation {
        let start = current.start
        var left = try parseRelation()
        while accept(.comma) {
            let right = try parseRelation()
            left = try check(
                Relation(.join(Join(kind: .inner, isComma: true, left: left, right: right, criteria: .none)), span: span(from: start)))
        }
        while at(words: .lateral, .view) { left = try parseLateralView(over: left, start) }
        if at(.pivot), at(.leftParen, 1) {
            left = try parsePivot(over: left, start)
            if startsUnpivot() { throw refusal(.notAllowedInFromUnpivotWithPivot, at: span(from: start)) }
        }
        if startsUnpivot() { left = try parseUnpivot(over: left, start) }
        return left
    }

    /// A relation with its joins.
    mutating func parseRelation() throws(SQLError) -> Relation {
        try descend(Self.expressionWeight)
        defer { ascend(Self.expressionWeight) }
        let start = current.start
        var left = try parseRelationPrimary()
        while true {
            if let join = try parseJoin(left, start) {
                left = join
            } else if at(.pivot), at(.leftParen, 1) {
                left = try parsePivot(over: left, start)
            } else if startsUnpivot() {
                left = try parseUnpivot(over: left, start)
            } else {
                return left
            }
        }
    }

    /// The join that follows `left`, if one does.
    mutating func parseJoin(_ left: Relation, _ start: Int) throws(SQLError) -> Relation? {
        var offset = 0
        let isNatural = at(.natural)
        if isNatural { offset = 1 }
        let kind: Join.Kind
        switch token(offset).keyword {
        case .join?: kind = .inner
        case .inner? where at(.join, offset + 1): (kind, offset) = (.inner, offset + 1)
        case .cross? where at(.join, offset + 1): (kind, offset) = (.cross, offset + 1)
        case .semi? where at(.join, offset + 1): (kind, offset) = (.leftSemi, offset + 1)
        case .anti? where at(.join, offset + 1): (kind, offset) = (.leftAnti, offset + 1)
        case .left? where at(.semi, offset + 1): (kind, offset) = (.leftSemi, offset + 2)
        case .left? where at(.anti, offset + 1): (kind, offset) = (.leftAnti, offset + 2)
        case .left?: (kind, offset) = (.left, offset + (at(.outer, offset + 1) ? 2 : 1))
        case .right?: (kind, offset) = (.right, offset + (at(.outer, offset + 1) ? 2 : 1))
        case .full?: (kind, offset) = (.full, offset + (at(.outer, offset + 1) ? 2 : 1))
        default: return nil
        }
        guard at(.join, offset) else {
            for _ in 0..<offset { advance() }
            throw syntaxError(hint: ": missing 'JOIN'")
        }
        for _ in 0...offset { advance() }
        let right = try parseRelationPrimary()
        var criteria = Join.Criteria.none
        if isNatural {
            criteria = .natural
        } else if at(.on) {
            advance()
            criteria = .on(try parseExpression())
        } else if at(.using) {
            advance()
            if !at(.leftParen) { throw syntaxError(hint: ": missing '('") }
            criteria = .using(try parseIdentifierList())
            if right.isLateral { throw refusal(.unsupportedFeatureLateralJoinUsing, at: span(from: start)) }
        }
        return try check(
            Relation(.join(Join(kind: kind, left: left, right: right, criteria: criteria)), span: span(from: start)))
    }

    // MARK: Primaries

    mutating func parseRelationPrimary() throws(SQLError) -> Relation {
        let start = current.start
        let isLateral = at(.lateral) && !at(.view, 1) && accept(.lateral)
        switch current.keyword {
        case .values? where startsQuery(index):
            let table = try parseInlineTable()
            return Relation(.values(table), alias: try acceptTableAlias(), isLateral: isLateral, span: span(from: start))
        case .stream? where isWord(1) || at(.leftParen, 1):
            return try parseStream(start)
        default: break
        }
        if at(.leftParen) { return try parseRelationParenthesis(isLateral, start) }
        let name = try parseNameReference()
        if at(.leftParen) {
            let function = try parseTableFunction(name)
            let sample = try acceptSample()
            return try check(
                Relation(.function(function), alias: try acceptTableAlias(), sample: sample, isLateral: isLateral, span: span(from: start)))
        }
        if isLateral {
            throw refusal(.invalidSqlSyntaxLateralWithoutSubqueryOrTableValuedFunc, at: span(from: start))
        }
        if let names = name.literal?.names { relationNames.append(names) }
        let travel = try acceptTimeTravel()
        let options = at(.with) && at(.leftParen, 1) ? try parseWithOptions() : []
        let sample = try acceptSample()
        let alias = try acceptTableAlias()
        let sampleBehind = sample == nil ? try acceptSample() : sample
        return try check(
            Relation(
                .table(TableReference(name: name, timeTravel: travel, options: options)), alias: alias, sample: sampleBehind,
                span: span(from: start)))
    }

    private mutating func parseRelationParenthesis(_ isLateral: Bool, _ start: Int) throws(SQLError) -> Relation {
        let isQuery = isQueryParenthesis(index)
        advance()
        if isQuery {
            let query = try parseQuery()
            try require(.rightParen, ")")
            let sample = try acceptSample()
            return try check(
                Relation(.subquery(query), alias: try acceptTableAlias(), sample: sample, isLateral: isLateral, span: span(from: start)))
        }
        let inner = try parseRelation()
        try expect(.rightParen)
        let sample = try acceptSample()
        return try check(Relation(.parenthesized(inner), alias: try acceptTableAlias(), sample: sample, span: span(from: start)))
    }

    private mutating func parseWithOptions() throws(SQLError) -> [Property] {
        try expect(.with)
        return try parseProperties()
    }

    /// `[AS] name [(columns)]`.
    mutating func acceptTableAlias() throws(SQLError) -> TableAlias? {
        if accept(.as) {
            // `AS (a, b)` names columns only; the relation has the name that Spark gives to nameless ones.
            let name =
                at(.leftParen) ? Identifier("__auto_generated_subquery_name", span: current.span) : try parseNameIdentifier()
            return TableAlias(name: name, columns: at(.leftParen) ? try parseIdentifierList() : [])
        }
        guard startsAlias(allowsStrict: false), !at(.qualify) || endsPhrase(token(1)) else { return nil }
        let name = try parseNameIdentifier()
        return TableAlias(name: name, columns: at(.leftParen) ? try parseIdentifierList() : [])
    }

    // MARK: Time travel and samples

    mutating func acceptTimeTravel() throws(SQLError) -> TimeTravelClause? {
        if at(.atSign) { return try parseAtVersion() }
        let offset = at(.for) ? 1 : 0
        guard at(.as, offset + 1), at(.of, offset + 2) else { return nil }
        switch token(offset).keyword {
        case .version?, .systemVersion?:
            for _ in 0..<(offset + 3) { advance() }
            if isString() { return .version(try parseStringToken()) }
            guard at(.integer) else { throw syntaxError() }
            let version = text(current)
            advance()
            return .version(version)
        case .timestamp?, .systemTime?:
            for _ in 0..<(offset + 3) { advance() }
            return .timestamp(try parseValue())
        default: return nil
        }
    }

    /// `@v12` or `@20240131235959000`.
    private mutating func parseAtVersion() throws(SQLError) -> TimeTravelClause {
        advance()
        let value = text(current)
        if at(.integer) {
            advance()
            return .timestampDigits(value)
        }
        guard at(.word), value.lowercased().hasPrefix("v"), value.utf8.count > 1, value.utf8.dropFirst().allSatisfy(isDigit) else {
            throw syntaxError()
        }
        advance()
        return .version(String(value.dropFirst()))
    }

    mutating func acceptSample() throws(SQLError) -> Sample? {
        guard at(.tablesample), at(.leftParen, 1) else { return nil }
        let start = current.start
        advance()
        advance()
        if accept(.rightParen) { throw refusal(.legacy0014, at: span(from: start)) }
        let method = try parseSampleMethod()
        try expect(.rightParen)
        var seed: Int64?
        if accept(.repeatable) {
            try expect(.leftParen)
            seed = try parseInteger()
            try expect(.rightParen)
        }
        let whole = span(from: start)
        if case .percent(let text) = method, let percent = Double(text), !(-1e-4...100 + 1e-4).contains(percent) {
            throw refusal(.legacy0064, ["msg": "Sampling fraction (\(percent / 100)) must be on interval [0, 1]"], at: whole)
        }
        return Sample(method: method, seed: seed, span: whole)
    }

    private mutating func parseSampleMethod() throws(SQLError) -> Sample.Method {
        if at(.bucket), at(.integer, 1) {
            advance()
            let numerator = Int(clamping: try parseInteger())
            try expect(words: .out, .of)
            let denominator = Int(clamping: try parseInteger())
            if accept(.on) {
                _ = try parseMultipartIdentifier()
                if accept(.leftParen) { try expect(.rightParen) }
            }
            return .bucket(numerator: numerator, denominator: denominator)
        }
        let offset = at(.minus) ? 1 : 0
        if at(.integer, offset) || at(.decimal, offset), at(.percentWord, offset + 1) {
            let value = (offset == 1 ? "-" : "") + text(token(offset))
            for _ in 0..<(offset + 2) { advance() }
            return .percent(value)
        }
        let expression = try parseExpression()
        return accept(.rows) ? .rows(expression) : .bytes(expression)
    }
}

import SparkErrors

/// Operands that begin with a word.
extension Parser {
    mutating func parseWord() throws(SQLError) -> Expression {
        let start = current.start
        guard let keyword = current.keyword else {
            if isString(1) { return try parseTypedLiteral() }
            return try parseNamePrimary()
        }
        let next = token(1)
        switch keyword {
        case .null:
            advance()
            return Expression(.literal(.null), span: span(from: start))
        case .true, .false:
            if next.kind == .dot || next.kind == .leftParen || next.kind == .arrow { break }
            advance()
            return Expression(.literal(.boolean(keyword == .true)), span: span(from: start))
        case .case where !endsPhrase(next) && next.kind != .dot && next.keyword != .from: return try parseCase()
        case .interval where startsInterval(): return try parseInterval()
        case .exists where next.kind == .leftParen && isQueryParenthesis(index + 1):
            advance()
            advance()
            let query = try parseQuery()
            try expect(.rightParen)
            return try node(.exists(query), span(from: start))
        case .identifier where next.kind == .leftParen: return try parseComputedName()
        case .currentDate, .currentTimestamp, .currentUser, .user, .sessionUser, .currentTime, .localtimestamp, .localtime:
            if next.kind == .dot || next.kind == .leftParen || next.kind == .arrow || isString(1) { break }
            return Expression(.currentLike(try parseIdentifier()), span: span(from: start))
        default:
            if next.kind == .leftParen, let special = try parseSpecialCall(keyword) { return special }
        }
        if isString(1) { return try parseTypedLiteral() }
        return try parseNamePrimary()
    }

    private mutating func parseCase() throws(SQLError) -> Expression {
        let start = current.start
        advance()
        let operand = at(.when) ? nil : try parseExpression()
        var branches: [(condition: Expression, result: Expression)] = []
        repeat {
            try expect(.when)
            let condition = try parseExpression()
            try expect(.then)
            branches.append((condition, try parseExpression()))
        } while at(.when)
        let otherwise = accept(.else) ? try parseExpression() : nil
        try expect(.endWord)
        return try node(.caseWhen(Expression.Case(operand: operand, branches: branches, otherwise: otherwise)), span(from: start))
    }

    /// Calls with a syntax of their own; nil, and nothing taken, if the parentheses hold an ordinary argument list.
    private mutating func parseSpecialCall(_ keyword: Keyword) throws(SQLError) -> Expression? {
        let start = current.start
        switch keyword {
        case .cast, .tryCast:
            guard holds(.as) else { return nil }
            advance()
            advance()
            let operand = try parseExpression()
            try expect(.as)
            let type = try parseTypeName()
            try expect(.rightParen)
            let cast = Expression.Cast(form: keyword == .cast ? .cast : .tryCast, operand: operand, type: type)
            return try node(.cast(cast), span(from: start))
        case .struct:
            advance()
            advance()
            let items = at(.rightParen) ? [] : try parseNamedExpressions()
            try expect(.rightParen)
            return try node(.structure(items), span(from: start))
        case .extract:
            guard holds(.from) else { return nil }
            advance()
            advance()
            let field = isString() ? try parseStringToken() : try parsePlainIdentifier().text
            try expect(.from)
            let source = try parseValue()
            try expect(.rightParen)
            return try node(.extract(field: field, source: source), span(from: start))
        case .position:
            guard holds(.in) else { return nil }
            return try parsePhrase(named: "locate", .in)
        case .substring, .substr:
            guard holds(.from) else { return nil }
            return try parsePhrase(named: "substring", .from, .for)
        case .overlay:
            guard holds(.placing) else { return nil }
            return try parsePhrase(named: "overlay", .placing, .from, .for)
        case .trim:
            guard holds(.from) else { return nil }
            return try parseTrim()
        case .timestampadd, .dateadd, .dateAdd, .timestampdiff, .datediff, .dateDiff, .timediff:
            return try parseUnitFunction()
        default:
            return nil
        }
    }

    /// `f(a WORD b WORD c)` as the call `name(a, b, c)`; only the last word and its operand may be left out.
    private mutating func parsePhrase(named name: String, _ words: Keyword...) throws(SQLError) -> Expression {
        let start = current.start
        let identifier = Identifier(name, span: current.span)
        advance()
        advance()
        var arguments = [FunctionCall.Argument(value: try parseValue())]
        for (position, word) in words.enumerated() {
            if position > 0, position == words.count - 1, !at(word) { break }
            try expect(word)
            arguments.append(FunctionCall.Argument(value: try parseValue()))
        }
        try expect(.rightParen)
        let call = FunctionCall(name: .name(MultipartIdentifier([identifier], span: identifier.span)), arguments: arguments)
        return try node(.function(call), span(from: start))
    }

    private mutating func parseTrim() throws(SQLError) -> Expression {
        let start = current.start
        advance()
        advance()
        var side: Expression.TrimSide?
        if !at(.dot, 1), let word = acceptOne(of: .both, .leading, .trailing) {
            side = word == .both ? .both : word == .leading ? .leading : .trailing
        }
        let characters = at(.from) ? nil : try parseValue()
        try expect(.from)
        let source = try parseValue()
        try expect(.rightParen)
        return try node(.trim(side, characters: characters, source: source), span(from: start))
    }

    private static let units: Set<Keyword> = [
        .year, .quarter, .month, .week, .day, .dayofyear, .hour, .minute, .second, .millisecond, .microsecond,
    ]

    private mutating func parseUnitFunction() throws(SQLError) -> Expression? {
        guard at(.comma, 3), topLevelCommas(index + 1) == 2 else { return nil }
        let start = current.start
        let unit = token(2)
        if isString(2) {
            let closing = Int(closings[index + 1])
            let end = tokens.indices.contains(closing) ? tokens[closing].end : unit.end
            throw refusal(
                .invalidParameterValueDatetimeUnit,
                ["functionName": SQLQuote.id(text(current)), "parameter": "`unit`", "invalidValue": text(unit)],
                at: SourceSpan(start: start, end: end))
        }
        guard let keyword = unit.keyword, Self.units.contains(keyword) else { return nil }
        let name = try parseIdentifier()
        advance()
        advance()
        advance()
        let first = try parseValue()
        try expect(.comma)
        let second = try parseValue()
        try expect(.rightParen)
        return try node(.unitFunction(name: name, unit: keyword.rawValue, [first, second]), span(from: start))
    }

    // MARK: Looking into parentheses

    /// The parentheses behind the current word hold `word` outside of inner parentheses and brackets (FROM not as part of DISTINCT FROM).
    func holds(_ word: Keyword) -> Bool {
        var position = index + 2
        let closing = Int(closings[index + 1])
        let end = closing >= 0 ? closing : tokens.count - 1
        while position < end {
            let token = tokens[position]
            if token.kind == .leftParen, closings[position] >= 0 {
                position = Int(closings[position])
            } else if token.keyword == word, !(word == .from && tokens[position - 1].keyword == .distinct),
                tokens[position - 1].kind != .dot
            {
                return true
            }
            position += 1
        }
        return false
    }

    /// Commas directly within the parentheses that open at `opening`.
    private func topLevelCommas(_ opening: Int) -> Int {
        let end = Int(closings[opening])
        guard end > opening else { return 0 }
        var count = 0
        var position = opening + 1
        var brackets = 0
        while position < end {
            let token = tokens[position]
            switch token.kind {
            case .leftParen: if closings[position] >= 0 { position = Int(closings[position]) }
            case .leftBracket: brackets += 1
            case .rightBracket: brackets -= 1
            case .comma: if brackets == 0 { count += 1 }
            default: break
            }
            position += 1
        }
        return count
    }
}

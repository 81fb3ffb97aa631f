import SparkErrors

/// Operators by precedence.
extension Parser {
    /// Binding levels, weakest first. A predicate (IS, LIKE, IN, BETWEEN) stands once behind a comparison; NOT before it.
    enum Level: Int, Comparable {
        case or = 1, and, not, comparison, bitwiseOr, bitwiseXor, bitwiseAnd, shift, additive, multiplicative, unary

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        /// The level of a left-associative operator's right side.
        var tighter: Level { Level(rawValue: rawValue + 1) ?? .unary }
    }

    mutating func parseExpression() throws(SQLError) -> Expression { try parseExpression(.or) }

    /// An operand of a predicate: comparisons and what binds tighter, no AND, OR, NOT.
    mutating func parseValue() throws(SQLError) -> Expression { try parseExpression(.comparison) }

    mutating func parseExpression(_ minimum: Level) throws(SQLError) -> Expression {
        try descend(Self.expressionWeight)
        defer { ascend(Self.expressionWeight) }
        let start = current.start
        var (left, isPredicate) = try parsePrefix(minimum)
        var length = 0
        while true {
            if let (symbol, level, width) = binaryOperator() {
                guard level >= minimum, !(isPredicate && level >= .comparison) else { return left }
                if level <= .and {
                    left = try parseChain(left, symbol, level, start)
                    isPredicate = true
                    continue
                }
                try lengthen(&length)
                for _ in 0..<width { advance() }
                let right = try parseExpression(level.tighter)
                left = try node(.binary(symbol, left, right), span(from: start))
            } else if minimum <= .not, !isPredicate, let predicate = try parsePredicate(left, start) {
                left = predicate
                isPredicate = true
            } else {
                return left
            }
        }
    }

    /// `a AND b AND c …` as a balanced tree, so that thousands of terms stay shallow.
    private mutating func parseChain(
        _ first: Expression, _ symbol: BinaryOperator, _ level: Level, _ start: Int
    ) throws(SQLError) -> Expression {
        let keyword: Keyword = level == .and ? .and : .or
        var terms = [first]
        while accept(keyword) { terms.append(try parseExpression(level.tighter)) }
        return try balance(terms[...], symbol, span(from: start))
    }

    private func balance(_ terms: ArraySlice<Expression>, _ symbol: BinaryOperator, _ span: SourceSpan) throws(SQLError) -> Expression {
        guard let first = terms.first else { throw syntaxError() }
        if terms.count == 1 { return first }
        let middle = terms.startIndex + (terms.count - 1) / 2
        let left = try balance(terms[...middle], symbol, span)
        let right = try balance(terms[(middle + 1)...], symbol, span)
        return try node(.binary(symbol, left, right), span)
    }

    /// The operator here, its level and its number of tokens.
    private func binaryOperator() -> (BinaryOperator, Level, Int)? {
        let token = current
        switch token.kind {
        case .plus: return (.add, .additive, 1)
        case .minus: return (.subtract, .additive, 1)
        case .doublePipe: return (.concatenate, .additive, 1)
        case .asterisk: return (.multiply, .multiplicative, 1)
        case .slash: return (.divide, .multiplicative, 1)
        case .percent: return (.remainder, .multiplicative, 1)
        case .ampersand: return (.bitwiseAnd, .bitwiseAnd, 1)
        case .hat: return (.bitwiseXor, .bitwiseXor, 1)
        case .pipe: return (.bitwiseOr, .bitwiseOr, 1)
        case .shiftLeft: return (.shiftLeft, .shift, 1)
        case .equal: return (.equal, .comparison, 1)
        case .notEqual, .bangEqual: return (.notEqual, .comparison, 1)
        case .nullSafeEqual: return (.nullSafeEqual, .comparison, 1)
        case .less: return (.less, .comparison, 1)
        case .lessOrEqual: return (.lessOrEqual, .comparison, 1)
        case .greaterOrEqual: return (.greaterOrEqual, .comparison, 1)
        case .greater: return greaterOperator()
        case .word: return wordOperator(token)
        default: return nil
        }
    }

    /// `>`, or two or three of them without space between.
    private func greaterOperator() -> (BinaryOperator, Level, Int) {
        guard at(.greater, 1), token(1).start == current.end else { return (.greater, .comparison, 1) }
        guard at(.greater, 2), token(2).start == token(1).end else { return (.shiftRight, .shift, 2) }
        return (.shiftRightUnsigned, .shift, 3)
    }

    private func wordOperator(_ token: Token) -> (BinaryOperator, Level, Int)? {
        switch token.keyword {
        case .and?: endsPhrase(self.token(1)) ? nil : (.and, .and, 1)
        case .or?: endsPhrase(self.token(1)) ? nil : (.or, .or, 1)
        case .div?: endsPhrase(self.token(1)) ? nil : (.integralDivide, .multiplicative, 1)
        default: nil
        }
    }

    /// Prefix operators and what they stand before. True beside the expression if it ends in a predicate's place (`NOT x`).
    private mutating func parsePrefix(_ minimum: Level) throws(SQLError) -> (Expression, Bool) {
        let start = current.start
        switch current.kind {
        case .minus:
            if let literal = try parseNumber() { return (try parsePostfix(literal, start), false) }
            return (try parseUnary(.negative, start), false)
        case .plus: return (try parseUnary(.positive, start), false)
        case .tilde: return (try parseUnary(.bitwiseNot, start), false)
        case .bang where minimum <= .not, .word where minimum <= .not && at(.not) && startsNegation():
            advance()
            let operand = try parseExpression(.not)
            return (try node(.unary(.not, operand), span(from: start)), true)
        default:
            let primary = try parsePrimary()
            if case .exists = primary.kind { return (primary, true) }
            return (try parsePostfix(primary, start), false)
        }
    }

    private func startsNegation() -> Bool {
        let next = token(1)
        return !endsPhrase(next) && next.kind != .dot && next.kind != .equal && next.keyword != .as
    }

    private mutating func parseUnary(_ symbol: UnaryOperator, _ start: Int) throws(SQLError) -> Expression {
        advance()
        let operand = try parseExpression(.unary)
        return try node(.unary(symbol, operand), span(from: start))
    }

    // MARK: Predicates

    private mutating func parsePredicate(_ left: Expression, _ start: Int) throws(SQLError) -> Expression? {
        if at(.is) { return endsPhrase(token(1)) ? nil : try parseIs(left, start) }
        var isNegated = false
        var offset = 0
        if at(.not) {
            isNegated = true
            offset = 1
        } else if at(.bang) {
            offset = 1
        }
        guard let keyword = token(offset).keyword, !endsPhrase(token(offset + 1)) else { return nil }
        switch keyword {
        case .between, .in, .like, .ilike, .rlike: break
        default: return nil
        }
        if at(.bang) { throw refusal(.syntaxDiscontinuedBangEqualsNot, ["clause": "!"], at: current.span) }
        if isNegated { advance() }
        // The clause as Spark marks it in messages begins here.
        let clause = tokens[max(0, index - (isNegated ? 1 : 0))].start
        advance()
        switch keyword {
        case .between:
            let low = try parseValue()
            try expect(.and)
            let high = try parseValue()
            return try node(.between(left, low: low, high: high, isNegated: isNegated), span(from: start))
        case .in: return try parseIn(left, isNegated, start)
        default: return try parseLike(left, keyword, isNegated, start, clause)
        }
    }

    private mutating func parseIs(_ left: Expression, _ start: Int) throws(SQLError) -> Expression {
        advance()
        if at(.bang) { throw refusal(.syntaxDiscontinuedBangEqualsNot, ["clause": "!"], at: current.span) }
        let isNegated = accept(.not)
        if accept(.distinct) {
            try expect(.from)
            let right = try parseValue()
            return try node(.isDistinct(left, right, isNegated: isNegated), span(from: start))
        }
        let test: Expression.IsTest
        switch current.keyword {
        case .null?: test = .null
        case .true?: test = .isTrue
        case .false?: test = .isFalse
        case .unknown?: test = .unknown
        default: throw syntaxError()
        }
        advance()
        return try node(.isTest(test, left, isNegated: isNegated), span(from: start))
    }

    private mutating func parseIn(_ left: Expression, _ isNegated: Bool, _ start: Int) throws(SQLError) -> Expression {
        guard at(.leftParen) else { throw syntaxError() }
        if at(.rightParen, 1) || at(.end, 1) { throw syntaxError(at: tokens[max(0, index - 1)]) }
        if isQueryParenthesis(index) {
            advance()
            let query = try parseQuery()
            try expect(.rightParen)
            return try node(.inQuery(left, query, isNegated: isNegated), span(from: start))
        }
        let items = try parseList { (parser: inout Parser) throws(SQLError) -> Expression in try parser.parseExpression() }
        return try node(.inList(left, items, isNegated: isNegated), span(from: start))
    }

    private mutating func parseLike(
        _ left: Expression, _ keyword: Keyword, _ isNegated: Bool, _ start: Int, _ clause: Int
    ) throws(SQLError) -> Expression {
        let form: Expression.Like.Form = keyword == .rlike ? .rlike : keyword == .ilike ? .ilike : .like
        var quantifier: Expression.Like.Quantifier?
        var patterns: [Expression] = []
        var escape: String?
        if form != .rlike, at(.leftParen, 1), let word = acceptOne(of: .any, .some, .all) {
            quantifier = word == .any ? .any : word == .some ? .some : .all
            if at(.rightParen, 1) {
                advance()
                advance()
                throw refusal(.legacy0064, ["msg": "Expected something between '(' and ')'."], at: span(from: clause))
            }
            patterns = try parseList { (parser: inout Parser) throws(SQLError) -> Expression in try parser.parseExpression() }
        } else {
            patterns = [try parseValue()]
            if form != .rlike, accept(.escape) {
                let text = try parseStringToken()
                if text.unicodeScalars.count != 1 {
                    throw refusal(.invalidEsc, ["invalidEscape": SQLQuote.string(text)], at: span(from: clause))
                }
                escape = text
            }
        }
        return try node(
            .like(
                Expression.Like(
                    form: form, operand: left, quantifier: quantifier, patterns: patterns, escape: escape, isNegated: isNegated)),
            span(from: start))
    }

    // MARK: Parenthesised queries

    /// Whether the parenthesis at `position` encloses a query: a query's first word, perhaps behind more parentheses whose content is
    /// then one side of a set operation or the whole.
    func isQueryParenthesis(_ position: Int) -> Bool {
        var inner = position
        while tokens.indices.contains(inner + 1), tokens[inner].kind == .leftParen { inner += 1 }
        guard inner > position, startsQuery(inner) else { return false }
        // From the inside out: each pair must be followed by what only a query can go on with.
        var opening = inner - 1
        while opening > position {
            let closing = Int(closings[opening])
            guard closing >= 0, tokens.indices.contains(closing + 1) else { return true }
            let next = tokens[closing + 1]
            switch next.keyword {
            case .union?, .intersect?, .except?, .minusWord?, .order?, .limit?, .offset?, .sort?, .cluster?, .distribute?, .window?:
                return true
            default:
                guard next.kind == .rightParen || next.kind == .pipeOperator else { return false }
            }
            if next.kind == .pipeOperator { return true }
            opening -= 1
        }
        return true
    }

    /// `name AS (`, `name (`, perhaps behind RECURSIVE: what follows WITH before a query.
    private func startsCommonTable(_ position: Int) -> Bool {
        guard tokens.indices.contains(position + 2), tokens[position].kind == .word || tokens[position].kind == .quotedWord else {
            return false
        }
        let next = tokens[position + 1]
        if tokens[position].keyword == .recursive, next.kind == .word || next.kind == .quotedWord, next.keyword != .as { return true }
        return next.kind == .leftParen || next.keyword == .as || next.keyword == .max
    }

    /// The token begins a query.
    func startsQuery(_ position: Int) -> Bool {
        guard tokens.indices.contains(position), tokens.indices.contains(position + 1) else { return false }
        let next = tokens[position + 1]
        switch tokens[position].keyword {
        case .select?: return !endsPhrase(next) && next.kind != .dot
        case .with?: return startsCommonTable(position + 1)
        case .values?: return !endsPhrase(next) && next.kind != .dot && next.kind != .equal
        case .from?, .table?:
            return next.kind == .word || next.kind == .quotedWord || (next.kind == .leftParen && tokens[position].keyword == .from)
        default: return false
        }
    }
}

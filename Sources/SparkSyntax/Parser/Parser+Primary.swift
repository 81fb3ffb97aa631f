import SparkErrors

/// Operands: literals, names, calls, parentheses and what may follow them directly.
extension Parser {
    mutating func parsePrimary() throws(SQLError) -> Expression {
        let start = current.start
        switch current.kind {
        case .word: return try parseWord()
        case .quotedWord: return try parseNamePrimary()
        case .string, .doubleQuotedString: return Expression(.literal(.string(try parseString())), span: span(from: start))
        case .leftParen: return try parseParenthesis()
        case .asterisk:
            advance()
            return try finishStar(nil, start)
        case .question:
            advance()
            if hasNamedParameters { throw SQLError(.invalidQueryMixedQueryParameters, phase: .analysis) }
            positionalParameters += 1
            return Expression(.positionalParameter(positionalParameters - 1), span: span(from: start))
        case .colon:
            advance()
            let name = try parsePlainIdentifier()
            if positionalParameters > 0 { throw SQLError(.invalidQueryMixedQueryParameters, phase: .analysis) }
            hasNamedParameters = true
            return Expression(.namedParameter(name.text), span: span(from: start))
        default:
            if let number = try parseNumber() { return number }
            throw syntaxError()
        }
    }

    /// What follows an operand without an operator: `.field`, `[index]`, `::type`, `?::type`, `:path`, `COLLATE name`.
    mutating func parsePostfix(_ operand: Expression, _ start: Int) throws(SQLError) -> Expression {
        var result = operand
        while true {
            switch current.kind {
            case .dot:
                guard isWord(1) else { return result }
                advance()
                let name = try parseIdentifier()
                result = try node(.field(result, name), span(from: start))
            case .leftBracket:
                advance()
                let index = try parseValue()
                try require(.rightBracket, "]")
                result = try node(.element(result, index: index), span(from: start))
            case .doubleColon:
                advance()
                result = try castNode(.doubleColon, result, try parseTypeName(), start)
            case .question:
                guard at(.doubleColon, 1), token(1).start == current.end else { return result }
                advance()
                advance()
                result = try castNode(.tryDoubleColon, result, try parseTypeName(), start)
            case .colon:
                guard startsPath() else { return result }
                advance()
                result = try node(.semiStructured(result, path: try parsePath()), span(from: start))
            case .word:
                guard at(.collate), isWord(1) else { return result }
                advance()
                let name = try parseMultipartIdentifier()
                result = try node(.collate(result, name), span(from: start))
            default:
                return result
            }
        }
    }

    private func castNode(
        _ form: Expression.Cast.Form, _ operand: Expression, _ type: TypeName, _ start: Int
    ) throws(SQLError) -> Expression {
        try node(.cast(Expression.Cast(form: form, operand: operand, type: type)), span(from: start))
    }

    private func startsPath() -> Bool { isWord(1) || at(.leftBracket, 1) || isString(1) }

    private mutating func parsePath() throws(SQLError) -> [Expression.PathStep] {
        var steps: [Expression.PathStep] = []
        if !at(.leftBracket) { steps.append(try parsePathName()) }
        while true {
            if at(.dot), isWord(1) || isString(1) {
                advance()
                steps.append(try parsePathName())
            } else if accept(.leftBracket) {
                if accept(.asterisk) {
                    steps.append(.wildcard)
                } else if isString() {
                    steps.append(.field(try parseStringToken(), isQuoted: true))
                } else {
                    let start = current
                    guard let index = Int(exactly: try parseInteger()) else { throw syntaxError(at: start) }
                    steps.append(.index(index))
                }
                try expect(.rightBracket)
            } else {
                return steps
            }
        }
    }

    private mutating func parsePathName() throws(SQLError) -> Expression.PathStep {
        if isString() { return .field(try parseStringToken(), isQuoted: true) }
        let name = try parseIdentifier()
        return .field(name.text, isQuoted: name.isQuoted)
    }

    // MARK: Parentheses

    private mutating func parseParenthesis() throws(SQLError) -> Expression {
        let start = current.start
        if let names = try acceptLambdaParameters() { return try finishLambda(names, start) }
        if isQueryParenthesis(index) {
            advance()
            let query = try parseQuery()
            try expect(.rightParen)
            return try node(.scalarSubquery(query), span(from: start))
        }
        advance()
        let first = try parseNamedExpression()
        if at(.comma) {
            var items = [first]
            while accept(.comma) { items.append(try parseNamedExpression()) }
            try expect(.rightParen)
            return try node(.row(items), span(from: start))
        }
        if !first.aliases.isEmpty { throw syntaxError() }
        try expect(.rightParen)
        return first.expression
    }

    /// `(x, y) ->`.
    private mutating func acceptLambdaParameters() throws(SQLError) -> [Identifier]? {
        let closing = Int(closings[index])
        guard closing > index, closing - index < 64, tokens.indices.contains(closing + 1), tokens[closing + 1].kind == .arrow else {
            return nil
        }
        return try parseList { (parser: inout Parser) throws(SQLError) -> Identifier in try parser.parseIdentifier() }
    }

    mutating func finishLambda(_ names: [Identifier], _ start: Int) throws(SQLError) -> Expression {
        try expect(.arrow)
        let body = try parseExpression()
        return try node(.lambda(names, body), span(from: start))
    }

    /// `expression [[AS] alias | [AS] (alias, alias)]`.
    mutating func parseNamedExpression() throws(SQLError) -> NamedExpression {
        let start = current.start
        let expression = try parseExpression()
        var aliases: [Identifier] = []
        if at(.as), isWord(1) || at(.leftParen, 1) {
            advance()
            aliases = at(.leftParen) ? try parseIdentifierList() : [try parseNameIdentifier()]
        } else if startsAlias(allowsStrict: true) {
            aliases = [try parseNameIdentifier()]
        } else if at(.leftParen), isWord(1), Int(closings[index]) > index {
            aliases = try parseIdentifierList()
        }
        return NamedExpression(expression: expression, aliases: aliases, span: span(from: start))
    }

    mutating func parseNamedExpressions() throws(SQLError) -> [NamedExpression] {
        try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> NamedExpression in try parser.parseNamedExpression() }
    }

    // MARK: Stars and names

    /// `* [EXCEPT (columns)]`, the asterisk taken already.
    mutating func finishStar(_ qualifier: MultipartIdentifier?, _ start: Int) throws(SQLError) -> Expression {
        var except: [MultipartIdentifier] = []
        if at(.except), at(.leftParen, 1), !isQueryParenthesis(index + 1) {
            advance()
            advance()
            except = try parseNames()
            try expect(.rightParen)
        }
        return Expression(.star(Expression.Star(qualifier: qualifier, except: except)), span: span(from: start))
    }

    /// `a`, `a.b.c`, `a.*`, `x -> …`, or a call of a function so named.
    mutating func parseNamePrimary() throws(SQLError) -> Expression {
        let start = current.start
        var parts = [try parseIdentifier()]
        if at(.arrow) { return try finishLambda(parts, start) }
        while at(.dot) {
            if at(.asterisk, 1) {
                let qualifier = MultipartIdentifier(parts, span: span(from: start))
                advance()
                advance()
                return try finishStar(qualifier, start)
            }
            guard isWord(1) else { break }
            advance()
            parts.append(try parseIdentifier())
        }
        let name = MultipartIdentifier(parts, span: span(from: start))
        if at(.leftParen), !(endsAtQuery && isQueryParenthesis(index)) { return try parseCall(.name(name), start) }
        return Expression(.name(name), span: name.span)
    }

    /// `IDENTIFIER(expression)` as a column or as a function's name.
    mutating func parseComputedName() throws(SQLError) -> Expression {
        let start = current.start
        let reference = try parseNameReference()
        if at(.leftParen) { return try parseCall(reference, start) }
        switch reference {
        case .name(let name): return Expression(.name(name), span: name.span)
        case .computed(let expression, let suffix, let span): return try node(.computedName(expression, suffix: suffix), span)
        }
    }
}

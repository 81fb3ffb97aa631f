import SparkErrors

/// USE, SET, RESET, DECLARE, EXECUTE IMMEDIATE.
extension Parser {
    mutating func parseUse() throws(SQLError) -> Statement.Kind {
        try expect(.use)
        if at(.catalog), isWord(1) || isString(1) {
            advance()
            return .use(.catalog(isString() ? try parsePathName() : try parseNameReference()))
        }
        if at(.schema) || at(.database) || at(.namespace), isWord(1) { advance() }
        return .use(.schema(try parseNameReference()))
    }

    // MARK: SET

    mutating func parseSet() throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.set)
        if at(words: .time, .zone) {
            advance()
            advance()
            return .set(.timeZone(try parseTimeZone(start)))
        }
        if at(.variable) || at(.var), isWord(1) || at(.leftParen, 1), !at(.equal, 1) {
            advance()
            return .set(try parseSetVariables())
        }
        if at(.catalog), isWord(1) || isString(1) {
            advance()
            return .set(.catalog(isString() ? try parsePathName() : try parseNameReference()))
        }
        if at(.role), isWord(1) { throw unsupportedStatement("SET ROLE", from: start) }
        if isInScript, at(.leftParen) || isWord() { return .set(try parseSetVariables()) }
        return .set(try parseConfiguration(start))
    }

    private mutating func parseSetVariables() throws(SQLError) -> SetStatement {
        guard at(.leftParen) else { return .variables(try parseAssignments()) }
        let targets = try parseParenthesisedNames()
        try expect(.equal)
        try expect(.leftParen)
        let query = try parseQuery()
        try expect(.rightParen)
        return .variablesFromQuery(targets, query)
    }

    private mutating func parseTimeZone(_ start: Int) throws(SQLError) -> TimeZoneSetting {
        if isString() { return .name(try parseString()) }
        if accept(.local) { return .local }
        guard at(.interval) else {
            skipToEnd()
            throw refusal(.legacy0045, at: span(from: start))
        }
        let value = token(at(.minus, 1) || at(.plus, 1) ? 2 : 1)
        let expression = try parseInterval()
        guard case .literal(.interval(.dayTime(let microseconds, _, _))) = expression.kind else {
            throw refusal(.legacy0045, at: span(from: start))
        }
        guard microseconds.magnitude <= 18 * 3_600_000_000, microseconds % 1_000_000 == 0 else {
            throw refusal(
                .invalidIntervalFormatTimezoneIntervalOutOfRange,
                ["input": value.kind == .string ? StringUnescaper.value(of: bytes[value.start..<value.end]) : text(value)],
                at: span(from: start))
        }
        return .interval(microseconds: microseconds)
    }

    mutating func skipToEnd() {
        while !at(.semicolon), !at(.end) { advance() }
    }

    /// `SET`, `SET -v`, `SET key`, `SET key = value`: the value is taken as text, not as tokens.
    private mutating func parseConfiguration(_ start: Int) throws(SQLError) -> SetStatement {
        if at(.end) || at(.semicolon) { return .showAll(verbose: false) }
        if at(.minus), at(text: "V", 1), endsPhrase(token(2)) {
            advance()
            advance()
            return .showAll(verbose: true)
        }
        guard let key = parseConfigurationKey() else { throw invalidSet(start) }
        if at(.end) || at(.semicolon) { return .showConfiguration(key: key) }
        guard at(.equal) else { throw invalidSet(start) }
        let from = current.end
        advance()
        let first = index
        skipToEnd()
        if index == first + 1,
            tokens[first].kind == .string || tokens[first].kind == .doubleQuotedString || tokens[first].kind == .quotedWord
        {
            let token = tokens[first]
            let value =
                token.kind == .quotedWord
                ? String(text(token).dropFirst().dropLast()) : StringUnescaper.value(of: bytes[token.start..<token.end])
            return .configuration(key: key, value: value)
        }
        return .configuration(key: key, value: text(SourceSpan(start: from, end: max(from, current.start))).trimmingBlanks())
    }

    /// Letters, digits, `_`, `.`, `:` and `-` without blanks between, or a backquoted key.
    private mutating func parseConfigurationKey() -> String? {
        if at(.quotedWord) {
            let key = String(text(current).dropFirst().dropLast())
            advance()
            return key
        }
        let start = current.start
        var end = start
        while !at(.end), !at(.equal), current.start == end {
            switch current.kind {
            case .word, .dot, .colon, .doubleColon, .minus, .integer, .decimal: break
            default: return nil
            }
            end = current.end
            advance()
        }
        return end > start ? text(SourceSpan(start: start, end: end)) : nil
    }

    private mutating func invalidSet(_ start: Int) -> SQLError {
        skipToEnd()
        return refusal(.invalidSetSyntax, at: span(from: start))
    }

    mutating func parseReset() -> Statement.Kind {
        advance()
        if at(.end) || at(.semicolon) { return .set(.reset(key: nil)) }
        let start = current.start
        skipToEnd()
        var key = text(span(from: start)).trimmingBlanks()
        if key.hasPrefix("`"), key.hasSuffix("`"), key.utf8.count > 1 { key = String(key.dropFirst().dropLast()) }
        return .set(.reset(key: key))
    }

    // MARK: Variables

    mutating func parseDeclare() throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.declare)
        let orReplace = accept(words: .or, .replace)
        if at(.variable) || at(.var), isWord(1) { advance() }
        var names = [try parseNameReference()]
        while accept(.comma) { names.append(try parseNameReference()) }
        var type: TypeName?
        if isWord(), !at(.default) { type = try parseTypeName() }
        var value: Expression?
        if accept(.default) || accept(.equal) { value = try parseExpression() }
        if type == nil, value == nil { throw refusal(.invalidSqlSyntaxVariableTypeOrDefaultRequired, at: span(from: start)) }
        return .declareVariable(DeclareVariable(names: names, orReplace: orReplace, type: type, defaultValue: value))
    }

    mutating func parseExecuteImmediate() throws(SQLError) -> Statement.Kind {
        try expect(words: .execute, .immediate)
        let statement = try parseExpression()
        var into: [MultipartIdentifier] = []
        var using: [NamedExpression] = []
        while into.isEmpty && at(.into) || using.isEmpty && at(.using) {
            if accept(.into) {
                into = try parseNames()
            } else {
                advance()
                let isParenthesised = at(.leftParen) && !isQueryParenthesis(index) && endsList()
                if isParenthesised { advance() }
                using = try parseNamedExpressions()
                if isParenthesised { try expect(.rightParen) }
            }
        }
        return .executeImmediate(ExecuteImmediate(statement: statement, into: into, using: using))
    }

    /// The parenthesis here closes where the statement or the USING clause ends.
    private func endsList() -> Bool {
        let closing = Int(closings[index])
        guard closing > index, tokens.indices.contains(closing + 1) else { return false }
        let next = tokens[closing + 1]
        return next.kind == .end || next.kind == .semicolon || next.keyword == .into
    }
}

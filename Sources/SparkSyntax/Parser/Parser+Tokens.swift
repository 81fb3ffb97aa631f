import SparkErrors

/// Looking at tokens and taking them.
extension Parser {
    var current: Token { token(0) }

    /// The token `offset` ahead; `.end` behind the last.
    func token(_ offset: Int) -> Token {
        let position = index + offset
        if tokens.indices.contains(position) { return tokens[position] }
        return tokens.last ?? Token(kind: .end, keyword: nil, start: bytes.count, end: bytes.count)
    }

    mutating func advance() {
        if index < tokens.count - 1 { index += 1 }
    }

    /// The end of the token before the current one.
    var previousEnd: Int { tokens.indices.contains(index - 1) ? tokens[index - 1].end : 0 }

    /// From a start to the end of the last token taken.
    func span(from start: Int) -> SourceSpan { SourceSpan(start: start, end: max(start, previousEnd)) }

    func text(_ token: Token) -> String {
        guard token.start <= token.end, token.end <= bytes.count else { return "" }
        return String(decoding: bytes[token.start..<token.end], as: UTF8.self)
    }

    func text(_ span: SourceSpan) -> String {
        guard span.start <= span.end, span.end <= bytes.count else { return "" }
        return String(decoding: bytes[span.start..<span.end], as: UTF8.self)
    }

    // MARK: Tests

    func at(_ kind: Token.Kind, _ offset: Int = 0) -> Bool { token(offset).kind == kind }

    func at(_ keyword: Keyword, _ offset: Int = 0) -> Bool { token(offset).keyword == keyword }

    /// The keywords stand here in this order.
    func at(words: Keyword...) -> Bool { matches(words) }

    func matches(_ words: [Keyword]) -> Bool {
        for (offset, word) in words.enumerated() where token(offset).keyword != word { return false }
        return true
    }

    func isString(_ offset: Int = 0) -> Bool {
        let kind = token(offset).kind
        return kind == .string || kind == .doubleQuotedString
    }

    func isWord(_ offset: Int = 0) -> Bool {
        let kind = token(offset).kind
        return kind == .word || kind == .quotedWord
    }

    /// A word that is no keyword, compared without regard to case.
    func at(text word: String, _ offset: Int = 0) -> Bool {
        token(offset).kind == .word && text(token(offset)).uppercased() == word
    }

    // MARK: Taking

    mutating func accept(_ kind: Token.Kind) -> Bool {
        guard at(kind) else { return false }
        advance()
        return true
    }

    mutating func accept(_ keyword: Keyword) -> Bool {
        guard at(keyword) else { return false }
        advance()
        return true
    }

    mutating func accept(words: Keyword...) -> Bool {
        guard matches(words) else { return false }
        for _ in words { advance() }
        return true
    }

    /// The first of `keywords` that stands here.
    mutating func acceptOne(of keywords: Keyword...) -> Keyword? {
        guard let keyword = current.keyword, keywords.contains(keyword) else { return nil }
        advance()
        return keyword
    }

    mutating func expect(_ kind: Token.Kind) throws(SQLError) {
        guard accept(kind) else { throw at(kind, 1) ? extraneous() : syntaxError() }
    }

    /// As `expect`, where Spark's message says what is missing.
    mutating func require(_ kind: Token.Kind, _ symbol: String) throws(SQLError) {
        guard accept(kind) else { throw at(kind, 1) ? extraneous() : syntaxError(hint: ": missing '\(symbol)'") }
    }

    mutating func require(_ keyword: Keyword) throws(SQLError) {
        guard accept(keyword) else { throw at(keyword, 1) ? extraneous() : syntaxError(hint: ": missing '\(keyword.rawValue)'") }
    }

    mutating func expect(_ keyword: Keyword) throws(SQLError) {
        guard accept(keyword) else { throw syntaxError() }
    }

    mutating func expect(words: Keyword...) throws(SQLError) {
        for word in words { try expect(word) }
    }

    // MARK: Errors

    func syntaxError(at token: Token? = nil, hint: String = "") -> SQLError {
        let token = token ?? current
        return SQLError(
            .parseSyntaxError, ["error": display(token), "hint": hint], at: SourceSpan(start: token.start, end: token.end),
            phase: .parsing)
    }

    /// A token that should not be there, what was expected coming right behind it.
    func extraneous() -> SQLError { syntaxError(hint: ": extra input \(display(current))") }

    /// The error for a token where the text should end.
    func unexpectedRest() -> SQLError {
        let isAlone = at(.end, 1) || at(.semicolon, 1) || (index > 0 && tokens[index - 1].kind == .semicolon)
        return isAlone ? extraneous() : syntaxError()
    }

    func display(_ token: Token) -> String {
        guard token.kind != .end else { return "end of input" }
        var shown = ""
        for scalar in text(token).unicodeScalars {
            switch scalar {
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return "'\(shown)'"
    }

    /// A refusal that is no syntax error: shows the clause.
    func refusal(_ condition: ErrorCondition, _ parameters: [String: String] = [:], at span: SourceSpan) -> SQLError {
        SQLError(condition, parameters, at: span, phase: .parsing)
    }

    /// `INVALID_STATEMENT_OR_CLAUSE` for a statement that is known but not supported.
    func unsupportedStatement(_ operation: String, from start: Int) -> SQLError {
        refusal(.invalidStatementOrClause, ["operation": operation], at: SourceSpan(start: start, end: bytes.count))
    }

    // MARK: Small pieces

    /// `( item, item, … )` with at least one item.
    mutating func parseList<T>(_ item: (inout Parser) throws(SQLError) -> T) throws(SQLError) -> [T] {
        try expect(.leftParen)
        let items = try parseCommaSeparated(item)
        try expect(.rightParen)
        return items
    }

    mutating func parseCommaSeparated<T>(_ item: (inout Parser) throws(SQLError) -> T) throws(SQLError) -> [T] {
        var items = [try item(&self)]
        while accept(.comma) { items.append(try item(&self)) }
        return items
    }

    /// One string literal, neighbours joined: `'a' 'b'` is `ab`.
    mutating func parseString() throws(SQLError) -> String {
        guard isString() else { throw syntaxError() }
        var result = ""
        while isString() { result += takeStringToken() }
        return result
    }

    /// One token only.
    mutating func parseStringToken() throws(SQLError) -> String {
        guard isString() else { throw syntaxError() }
        return takeStringToken()
    }

    private mutating func takeStringToken() -> String {
        let token = current
        advance()
        return StringUnescaper.value(of: bytes[token.start..<token.end])
    }

    /// Digits that fit 64 bits, with an optional sign.
    mutating func parseInteger() throws(SQLError) -> Int64 {
        let isNegative = accept(.minus)
        guard at(.integer), let value = Int64((isNegative ? "-" : "") + text(current)) else { throw syntaxError() }
        advance()
        return value
    }

    mutating func acceptIfNotExists() throws(SQLError) -> Bool {
        guard at(.if), at(.not, 1) || at(.bang, 1) else { return false }
        if at(.bang, 1) {
            throw refusal(.syntaxDiscontinuedBangEqualsNot, ["clause": "!"], at: token(1).span)
        }
        advance()
        try expect(words: .not, .exists)
        return true
    }

    mutating func acceptIfExists() throws(SQLError) -> Bool {
        guard at(.if), at(.exists, 1) else { return false }
        advance()
        advance()
        return true
    }
}

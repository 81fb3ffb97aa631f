import SparkErrors

/// Lists of `key = value`.
extension Parser {
    /// `('a' = 'b', c.d = 1, e true)`.
    mutating func parseProperties() throws(SQLError) -> [Property] {
        try parseList { (parser: inout Parser) throws(SQLError) -> Property in
            let key = try parser.parsePropertyKey()
            let hasSign = parser.accept(.equal)
            if !hasSign, parser.endsPhrase(parser.current) { return Property(key: key, value: nil) }
            return Property(key: key, value: try parser.parsePropertyValue())
        }
    }

    /// As `parseProperties`, but values may be any constant expression.
    mutating func parseOptions() throws(SQLError) -> [Property] {
        try parseList { (parser: inout Parser) throws(SQLError) -> Property in
            let key = try parser.parsePropertyKey()
            let hasSign = parser.accept(.equal)
            if !hasSign, parser.endsPhrase(parser.current) { return Property(key: key, value: nil) }
            let expression = try parser.parseExpression()
            return Property(key: key, value: parser.plainValue(expression), expression: expression)
        }
    }

    mutating func parsePropertyKey() throws(SQLError) -> String {
        if isString() { return try parseStringToken() }
        var key = try parseIdentifier().text
        while at(.dot) || at(.minus) || at(.colon), isWord(1) {
            let separator = text(current)
            advance()
            key += separator + (try parseIdentifier().text)
        }
        return key
    }

    private mutating func parsePropertyValue() throws(SQLError) -> String {
        if isString() { return try parseString() }
        let start = current.start
        if at(.minus) { advance() }
        switch current.kind {
        case .integer, .decimal: break
        case .word where at(.true) || at(.false): break
        default: throw syntaxError()
        }
        let isWord = at(.word)
        advance()
        let value = text(span(from: start))
        return isWord ? value.lowercased() : value
    }

    /// The text of a string, number or boolean literal.
    private func plainValue(_ expression: Expression) -> String? {
        switch expression.kind {
        case .literal(.string(let value)): value
        case .literal(.boolean(let value)): "\(value)"
        case .literal(.null), .literal(.typed), .literal(.interval), .literal(.binary): nil
        case .literal: text(expression.span)
        default: nil
        }
    }
}

import SparkErrors

/// Identifiers and names.
extension Parser {
    /// Words that are names only where nothing else could stand: a table's alias may not be one of them.
    static let strict: Set<Keyword> = [
        .anti, .cross, .except, .full, .inner, .intersect, .join, .lateral, .left, .natural, .on, .right, .semi, .minusWord, .union, .using,
    ]

    mutating func parseIdentifier() throws(SQLError) -> Identifier {
        if at(.identifier), at(.leftParen, 1), isString(2), let name = try acceptIdentifierLiteral() {
            guard name.parts.count == 1, let part = name.parts.first else {
                throw refusal(.identifierTooManyNameParts, ["identifier": SQLQuote.id(name.names), "limit": "1"], at: name.span)
            }
            return part
        }
        return try parsePlainIdentifier()
    }

    /// An identifier that is not given by `IDENTIFIER('…')`.
    mutating func parsePlainIdentifier() throws(SQLError) -> Identifier {
        let token = current
        switch token.kind {
        case .quotedWord:
            advance()
            let raw = text(token).dropFirst().dropLast()
            let name = raw.contains("`") ? Self.undoubled(raw) : String(raw)
            return Identifier(name, isQuoted: true, span: token.span)
        case .word:
            advance()
            let name = text(token)
            guard bytes[token.start..<token.end].allSatisfy(isWordByte) else { throw invalidIdentifier(name, token.span) }
            return Identifier(name, span: token.span)
        default:
            throw syntaxError()
        }
    }

    private static func undoubled(_ raw: Substring) -> String {
        var result = ""
        var isSecond = false
        for character in raw.unicodeScalars {
            if character == "`", !isSecond {
                isSecond = true
                continue
            }
            isSecond = false
            result.unicodeScalars.append(character)
        }
        return result
    }

    func invalidIdentifier(_ name: String, _ span: SourceSpan) -> SQLError {
        refusal(.invalidIdentifier, ["ident": name], at: span)
    }

    /// An identifier in a place where no expression may follow: `test-table` is one wrong name there.
    mutating func parseNameIdentifier() throws(SQLError) -> Identifier {
        let identifier = try parseIdentifier()
        guard at(.minus), isWord(1) else { return identifier }
        let start = identifier.span.start
        let sign = current.start
        while at(.minus), isWord(1) {
            advance()
            advance()
        }
        throw invalidIdentifier(text(span(from: start)), SourceSpan(start: sign, end: previousEnd))
    }

    /// `a.b.c` as the name of an object.
    mutating func parseMultipartIdentifier() throws(SQLError) -> MultipartIdentifier {
        let start = current.start
        var parts = try parseNameParts()
        while at(.dot) {
            advance()
            parts += try parseNameParts()
        }
        return MultipartIdentifier(parts, span: span(from: start))
    }

    /// One part, or those of an `IDENTIFIER('a.b')`.
    private mutating func parseNameParts() throws(SQLError) -> [Identifier] {
        if at(.identifier), at(.leftParen, 1), isString(2), let name = try acceptIdentifierLiteral() { return name.parts }
        return [try parseNameIdentifier()]
    }

    /// `IDENTIFIER('a.b')`; nil, and nothing taken, if the parentheses hold more than literals.
    private mutating func acceptIdentifierLiteral() throws(SQLError) -> MultipartIdentifier? {
        let start = index
        let startOffset = current.start
        advance()
        advance()
        let value = try parseString()
        guard accept(.rightParen) else {
            index = start
            return nil
        }
        let whole = span(from: startOffset)
        let name = try Self.parseMultipartIdentifier(value)
        return MultipartIdentifier(name.parts.map { Identifier($0.text, isQuoted: $0.isQuoted, span: whole) }, span: whole)
    }

    /// The name of a table, function, … or `IDENTIFIER(expression)`.
    mutating func parseNameReference() throws(SQLError) -> NameReference {
        guard at(.identifier), at(.leftParen, 1) else { return .name(try parseMultipartIdentifier()) }
        let start = current.start
        if isString(2), let name = try acceptIdentifierLiteral() {
            var parts = name.parts
            while accept(.dot) { parts += try parseNameParts() }
            return .name(MultipartIdentifier(parts, span: span(from: start)))
        }
        advance()
        advance()
        let expression = try parseExpression()
        try expect(.rightParen)
        var suffix: [Identifier] = []
        while accept(.dot) { suffix.append(try parseNameIdentifier()) }
        return .computed(expression, suffix: suffix, span: span(from: start))
    }

    /// `(a, b, c)`.
    mutating func parseIdentifierList() throws(SQLError) -> [Identifier] {
        try expect(.leftParen)
        let names = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> Identifier in try parser.parseNameIdentifier() }
        try require(.rightParen, ")")
        return names
    }

    /// `a.b, c.d`.
    mutating func parseNames() throws(SQLError) -> [MultipartIdentifier] {
        try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> MultipartIdentifier in try parser.parseMultipartIdentifier() }
    }

    // MARK: Aliases

    /// Whether an alias may stand here without AS: a word that cannot begin the next clause.
    func startsAlias(allowsStrict: Bool) -> Bool {
        guard isWord() else { return false }
        guard let keyword = current.keyword else { return true }
        if Self.strict.contains(keyword) { return allowsStrict && !startsClause(keyword) }
        return !startsClause(keyword)
    }

    /// The keyword here begins a clause behind a SELECT item or relation, as far as the next token tells.
    private func startsClause(_ keyword: Keyword) -> Bool {
        let next = token(1)
        switch keyword {
        case .from, .where, .having, .qualify, .limit, .offset, .union, .intersect, .except, .minusWord, .select, .when, .then, .else,
            .endWord,
            .on, .using, .set, .for, .as:
            return !endsPhrase(next)
        case .group, .order, .sort, .cluster, .distribute, .partition: return next.keyword == .by
        case .join, .inner, .left, .right, .full, .cross, .natural, .lateral, .semi, .anti:
            switch next.keyword {
            case .join?, .outer?, .semi?, .anti?, .view?, .left?, .right?, .full?, .inner?, .cross?: return true
            default: return keyword == .join || keyword == .lateral ? !endsPhrase(next) : false
            }
        case .tablesample, .pivot, .values: return next.kind == .leftParen
        case .unpivot: return next.kind == .leftParen || next.keyword == .include || next.keyword == .exclude
        case .window: return startsWindowClause()
        case .grouping: return next.keyword == .sets
        case .version, .timestamp, .systemTime, .systemVersion: return next.keyword == .as && token(2).keyword == .of
        case .with: return next.keyword == .schema || next.kind == .leftParen || next.keyword == .rollup || next.keyword == .cube
        case .insert, .do, .until, .replace: return !endsPhrase(next)
        case .is, .and, .or, .not, .between, .in, .like, .ilike, .rlike, .escape, .div, .collate: return !endsPhrase(next)
        default: return false
        }
    }

    /// Nothing more of a clause can begin with this token.
    func endsPhrase(_ token: Token) -> Bool {
        switch token.kind {
        case .end, .rightParen, .comma, .semicolon, .pipeOperator, .rightBracket: true
        default: false
        }
    }
}

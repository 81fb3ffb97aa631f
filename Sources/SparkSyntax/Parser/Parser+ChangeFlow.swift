import SparkErrors

/// AUTO CDC, by its present name and by its older one.
extension Parser {
    /// The words stand here in this order, and are taken.
    mutating func acceptTexts(_ words: String...) -> Bool {
        for (offset, word) in words.enumerated() where !at(text: word, offset) { return false }
        for _ in words { advance() }
        return true
    }

    /// `APPLY CHANGES INTO table …`, the first two words taken already: the flow is called as the table.
    mutating func parseApplyChanges() throws(SQLError) -> Statement.Kind {
        try expect(.into)
        let target = try parseNameReference()
        return .createFlow(CreateFlow(name: target, comment: nil, source: .changes(try parseChangeFlow(), into: target)))
    }

    /// Source and keys, in this order, and the other clauses in any, each once.
    mutating func parseChangeFlow() throws(SQLError) -> ChangeFlow {
        let start = current.start
        try expect(.from)
        let source = try parseChangeSource()
        guard acceptTexts("KEYS") else { throw syntaxError() }
        let keys = try parseColumnNames()
        var seen = ClauseSet(start: start)
        var clauses = ChangeClauses()
        while try parseChangeClause(into: &clauses, &seen) {}
        guard let sequence = clauses.sequence else { throw syntaxError() }
        let span = span(from: start)
        if clauses.truncates != nil, clauses.keepsHistory {
            throw unsupportedStatement("APPLY AS TRUNCATE WHEN with STORED AS SCD TYPE 2", from: start)
        }
        if clauses.tracked != nil, !clauses.keepsHistory {
            throw unsupportedStatement("TRACK HISTORY ON without STORED AS SCD TYPE 2", from: start)
        }
        let never = Expression(.literal(.boolean(false)), span: span)
        var select = Select(span: span)
        let star = Expression(.star(Expression.Star(qualifier: nil, except: [])), span: source.span)
        select.items = [star, sequence, clauses.deletes ?? never, clauses.truncates ?? never].map {
            NamedExpression(expression: $0, aliases: [], span: $0.span)
        }
        select.from = source
        select.height = select.computedHeight
        if select.height > Self.maximumHeight { throw Self.tooComplex }
        var flow = ChangeFlow(
            query: Query(with: nil, body: try check(.select(select)), organization: Query.Organization(), span: span), keys: keys,
            span: span)
        flow.ignoringNulls = clauses.ignoringNulls
        flow.hasTruncates = clauses.truncates != nil
        flow.columns = clauses.columns ?? .all
        flow.keepsHistory = clauses.keepsHistory
        flow.tracked = clauses.tracked ?? .all
        return flow
    }

    private struct ChangeClauses {
        var ignoringNulls: ColumnChoice?
        var deletes: Expression?
        var truncates: Expression?
        var sequence: Expression?
        var columns: ColumnChoice?
        var keepsHistory = false
        var tracked: ColumnChoice?
    }

    private mutating func parseChangeClause(into clauses: inout ChangeClauses, _ seen: inout ClauseSet) throws(SQLError) -> Bool {
        let start = current.start
        if acceptTexts("IGNORE", "NULL", "UPDATES") {
            try seen.add("IGNORE NULL UPDATES", self)
            clauses.ignoringNulls = accept(.on) ? try parseColumnChoice() : .all
        } else if acceptTexts("APPLY", "AS", "DELETE", "WHEN") {
            try seen.add("APPLY AS DELETE", self)
            clauses.deletes = try parseExpression()
        } else if acceptTexts("APPLY", "AS", "TRUNCATE", "WHEN") {
            try seen.add("APPLY AS TRUNCATE", self)
            clauses.truncates = try parseExpression()
        } else if acceptTexts("SEQUENCE", "BY") {
            try seen.add("SEQUENCE BY", self)
            clauses.sequence = try parseExpression()
        } else if at(text: "COLUMNS"), at(.to, 1) {
            throw unsupportedStatement("COLUMNS TO UPDATE", from: start)
        } else if acceptTexts("COLUMNS") {
            try seen.add("COLUMNS", self)
            clauses.columns = try parseColumnChoice()
        } else if acceptTexts("STORED", "AS") {
            try seen.add("STORED AS", self)
            if at(text: "BITEMPORAL") { throw unsupportedStatement("STORED AS BITEMPORAL", from: start) }
            guard acceptTexts("SCD", "TYPE"), at(.integer), ["1", "2"].contains(text(current)) else { throw syntaxError() }
            clauses.keepsHistory = text(current) == "2"
            advance()
        } else if acceptTexts("TRACK", "HISTORY", "ON") {
            try seen.add("TRACK HISTORY ON", self)
            clauses.tracked = try parseColumnChoice()
        } else if at(text: "SYSTEM"), at(text: "SEQUENCE", 1) {
            throw unsupportedStatement("SYSTEM SEQUENCE BY", from: start)
        } else {
            return false
        }
        return true
    }

    /// `STREAM(name)`, `STREAM name` or a name. No alias: the word behind it is KEYS.
    private mutating func parseChangeSource() throws(SQLError) -> Relation {
        let start = current.start
        let isStream = at(.stream) && (isWord(1) && !at(text: "KEYS", 1) || at(.leftParen, 1))
        if isStream { advance() }
        let isCall = isStream && accept(.leftParen)
        let name = try parseNameReference()
        // Behind a bare name stands KEYS, and no parenthesis.
        if at(.leftParen) { throw unsupportedStatement("AUTO CDC of a function", from: start) }
        if isCall { try expect(.rightParen) }
        if let names = name.literal?.names { relationNames.append(names) }
        return Relation(.table(TableReference(name: name, isStream: isStream)), span: span(from: start))
    }

    /// `(a, b)`, `*`, `* EXCEPT (a, b)`.
    private mutating func parseColumnChoice() throws(SQLError) -> ColumnChoice {
        guard accept(.asterisk) else { return .only(try parseColumnNames()) }
        return accept(.except) ? .except(try parseColumnNames()) : .all
    }

    private mutating func parseColumnNames() throws(SQLError) -> [Identifier] {
        try parseList { (parser: inout Parser) throws(SQLError) -> Identifier in
            let name = try parser.parseNameIdentifier()
            if parser.at(.dot) { throw parser.syntaxError() }
            return name
        }
    }
}

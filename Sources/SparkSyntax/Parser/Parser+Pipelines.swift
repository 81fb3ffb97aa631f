import SparkErrors

/// What only pipelines, streaming tables and materialized views have.
extension Parser {
    /// `STREAM name`, `STREAM(name)`.
    mutating func parseStream(_ start: Int) throws(SQLError) -> Relation {
        advance()
        let isCall = at(.leftParen)
        if isCall { advance() }
        let name = try parseNameReference()
        if at(.leftParen) { throw unsupportedStatement("STREAM of a function", from: start) }
        if isCall { try expect(.rightParen) }
        if let names = name.literal?.names { relationNames.append(names) }
        return try check(
            Relation(.table(TableReference(name: name, isStream: true)), alias: try acceptTableAlias(), span: span(from: start)))
    }

    /// `[STREAMING] LIVE {TABLE | VIEW}`: streaming tables, materialized views and views under their older names.
    mutating func parseCreateLive(_ start: Int, orReplace: Bool) throws(SQLError) -> Statement.Kind {
        let isStreaming = accept(.streaming)
        advance()
        if accept(.view) { return try parseView(start, .temporary, orReplace: true, isLive: true) }
        try expect(.table)
        guard isStreaming else { return try parseView(start, .materialized, orReplace: orReplace, isLive: true) }
        let parsed = try parseCreateTable(
            start, orReplace ? .createOrReplace : .create, isTemporary: false, isExternal: false, kind: .streamingTable)
        guard case .createTable(var table) = parsed else { return parsed }
        table.isLive = true
        return .createTable(table)
    }

    /// `CREATE FLOW`, of which the flows that append by name and those of AUTO CDC are read.
    mutating func parseCreateFlow(_ start: Int) throws(SQLError) -> Statement.Kind {
        advance()
        let name = try parseNameReference()
        let comment = accept(.comment) ? try parseString() : nil
        try expect(.as)
        if acceptTexts("AUTO", "CDC") {
            let once = at(text: "ONCE") || at(text: "FROM") && at(text: "SNAPSHOT", 1)
            if once { throw unsupportedStatement("AUTO CDC \(text(current).uppercased())", from: start) }
            try expect(.into)
            let target = try parseNameReference()
            return .createFlow(CreateFlow(name: name, comment: comment, source: .changes(try parseChangeFlow(), into: target)))
        }
        if at(.insert), at(.into, 1), at(text: "ONCE", 2), isWord(3), !at(.by, 3) { throw unsupportedStatement("INSERT INTO ONCE", from: start) }
        guard case .insert(let insert) = try parseInsert(with: nil) else { throw syntaxError() }
        guard case .into = insert.mode, case .byName = insert.columns, insert.alias == nil, insert.partition == nil, !insert.schemaEvolution else {
            throw unsupportedStatement("CREATE FLOW with another INSERT than INSERT INTO … BY NAME", from: start)
        }
        return .createFlow(CreateFlow(name: name, comment: comment, source: .insert(insert)))
    }

    func startsExpectation() -> Bool { at(.constraint) && isWord(1) && at(text: "EXPECT", 2) }

    mutating func parseExpectation() throws(SQLError) -> Expectation {
        try expect(.constraint)
        let name = try parseNameIdentifier()
        advance()
        try expect(.leftParen)
        let condition = try parseExpression()
        try expect(.rightParen)
        guard at(.on), at(text: "VIOLATION", 1) else { return Expectation(name: name, condition: condition, violation: .keep) }
        advance()
        advance()
        let violation: Expectation.Violation
        if at(.drop), at(.row, 1) {
            violation = .dropRow
        } else if at(text: "FAIL"), at(.update, 1) {
            violation = .failUpdate
        } else {
            throw syntaxError()
        }
        advance()
        advance()
        return Expectation(name: name, condition: condition, violation: violation)
    }
}

import SparkErrors

/// CREATE VIEW.
extension Parser {
    mutating func parseCreateView(_ start: Int, orReplace: Bool, isTemporary: Bool, isGlobal: Bool) throws(SQLError) -> Statement.Kind {
        let isMaterialized = accept(.materialized)
        try expect(.view)
        return try parseView(
            start, isMaterialized ? .materialized : isGlobal ? .globalTemporary : isTemporary ? .temporary : .persisted, orReplace: orReplace)
    }

    /// All that follows the kind of view.
    mutating func parseView(_ start: Int, _ form: CreateView.Form, orReplace: Bool, isLive: Bool = false) throws(SQLError) -> Statement.Kind {
        let ifNotExists = try acceptIfNotExists()
        var view = CreateView(name: try parseNameReference())
        view.form = form
        view.orReplace = orReplace
        view.ifNotExists = ifNotExists
        view.isLive = isLive
        if at(.leftParen) {
            var expectations: [Expectation] = []
            let columns = try parseList { (parser: inout Parser) throws(SQLError) -> CreateView.Column? in
                if parser.startsExpectation() {
                    expectations.append(try parser.parseExpectation())
                    return nil
                }
                let name = try parser.parseIdentifier()
                // The form with USING gives types; they are the provider's business.
                if parser.isWord(), !parser.at(.comment) { _ = try parser.parseTypeName() }
                return CreateView.Column(name: name, comment: parser.accept(.comment) ? try parser.parseString() : nil)
            }
            view.columns = columns.compactMap { $0 }
            view.expectations = expectations
        }
        var seen = ClauseSet(start: start)
        while try parseViewClause(into: &view, &seen) {}
        if accept(.as) {
            view.query = try parseQuery()
        } else if view.provider == nil {
            throw syntaxError()
        }
        try checkView(view, span(from: start))
        return .createView(view)
    }

    private func checkView(_ view: CreateView, _ span: SourceSpan) throws(SQLError) {
        if view.orReplace, view.ifNotExists { throw refusal(.legacy0052, at: span) }
        guard view.form == .temporary || view.form == .globalTemporary else { return }
        if view.ifNotExists { throw refusal(.legacy0053, at: span) }
        if let names = view.name.literal?.names, names.count > 1 {
            throw refusal(.tempViewNameTooManyNameParts, ["actualName": SQLQuote.id(names)], at: span)
        }
    }

    private mutating func parseViewClause(into view: inout CreateView, _ seen: inout ClauseSet) throws(SQLError) -> Bool {
        switch current.keyword {
        case .comment?:
            advance()
            try seen.add("COMMENT", self)
            view.comment = try parseString()
        case .tblproperties?:
            advance()
            try seen.add("TBLPROPERTIES", self)
            view.properties = try parseProperties()
        case .with? where at(.schema, 1):
            try seen.add("WITH SCHEMA", self)
            view.schemaBinding = try parseSchemaBinding()
        case .default? where at(.collation, 1): view.defaultCollation = try parseDefaultCollation()
        case .using?:
            advance()
            view.provider = try parseMultipartIdentifier()
            if accept(.options) { view.options = try parseOptions() }
        case .partitioned?, .cluster?, .schedule?, .trigger?, .refresh?, .with?:
            let clause = try skipClause()
            try seen.add(clause, self)
            view.otherClauses.append(clause)
        default: return false
        }
        return true
    }

    mutating func parseSchemaBinding() throws(SQLError) -> String {
        try expect(words: .with, .schema)
        if accept(words: .type, .evolution) { return "TYPE EVOLUTION" }
        guard let word = acceptOne(of: .binding, .compensation, .evolution) else { throw syntaxError() }
        return word.rawValue
    }

    /// Passes over a clause that is only named: up to the next clause or the end; parentheses as a whole. Its first words.
    mutating func skipClause() throws(SQLError) -> String {
        var words: [String] = []
        while isWord() || at(.leftParen) || at(.integer) || isString() || at(.comma) {
            if !words.isEmpty {
                switch current.keyword {
                case .as?, .comment?, .tblproperties?, .cluster?, .location?, .options?: return words.joined(separator: " ")
                default: if startsQuery(index) { return words.joined(separator: " ") }
                }
            }
            if at(.leftParen) {
                let closing = Int(closings[index])
                guard closing > index else { throw syntaxError() }
                while index <= closing { advance() }
                continue
            }
            if isWord(), words.count < 4 { words.append(text(current).uppercased()) }
            advance()
        }
        return words.joined(separator: " ")
    }
}

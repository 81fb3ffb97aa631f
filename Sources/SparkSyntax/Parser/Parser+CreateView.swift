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
        if form == .materialized { view.table = CreateTable(name: view.name) }
        if form == .materialized, at(.leftParen) {
            try parseDatasetElements(into: &view)
        } else if at(.leftParen) {
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

    /// The columns of a materialized view, with constraints and expectations among them. Types may be left to the query.
    private mutating func parseDatasetElements(into view: inout CreateView) throws(SQLError) {
        var definitions: [ColumnDefinition] = []
        try expect(.leftParen)
        if at(.rightParen) { throw syntaxError() }
        repeat {
            if startsExpectation() {
                view.expectations.append(try parseExpectation())
                continue
            }
            if startsConstraint() {
                view.table?.constraints.append(try parseConstraint())
                continue
            }
            let name = try parseNameIdentifier()
            let hasType = isWord() && !startsColumnOption()
            let type = hasType ? try parseTypeName() : TypeName(.void, span: name.span)
            let column = try parseColumnOptions(
                of: ColumnDefinition(name: MultipartIdentifier([name], span: name.span), type: type, span: span(from: name.span.start)))
            definitions.append(column)
            view.columns.append(CreateView.Column(name: name, comment: column.comment, hasType: hasType))
        } while accept(.comma)
        try expect(.rightParen)
        view.table?.columns = definitions
        if let table = view.table { try checkPrimaryKeys(table) }
    }

    private func startsColumnOption() -> Bool {
        switch current.keyword {
        case .not?, .null?, .default?, .generated?, .comment?, .mask?, .constraint?, .primary?, .references?, .check?, .unique?, .foreign?: true
        default: false
        }
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
        case .partitioned? where view.form == .materialized:
            advance()
            try expect(.by)
            try seen.add("PARTITIONED BY", self)
            view.table?.partitionedBy = try parseList { (parser: inout Parser) throws(SQLError) -> PartitionField in
                try parser.parsePartitionField()
            }
        case .cluster? where view.form == .materialized:
            try seen.add("CLUSTER BY", self)
            view.table?.clusterBy = try parseClusterBy()
        case .with? where view.form == .materialized && at(words: .with, .row, .filter):
            advance()
            advance()
            advance()
            try seen.add("WITH ROW FILTER", self)
            view.table?.rowFilter = try parseRowFilter()
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

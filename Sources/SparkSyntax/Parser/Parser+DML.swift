import SparkErrors

/// INSERT, UPDATE, DELETE, MERGE, COPY INTO.
extension Parser {
    mutating func parseInsert(with: With?) throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.insert)
        var schemaEvolution = accept(words: .with, .schema, .evolution)
        guard let word = acceptOne(of: .into, .overwrite) else { throw syntaxError() }
        if word == .overwrite, at(.directory) || at(.local) && at(.directory, 1) {
            throw unsupportedStatement("INSERT OVERWRITE DIRECTORY", from: start)
        }
        _ = at(.table) && isWord(1) && accept(.table)
        let table = try parseNameReference()
        // Without AS an alias is one only if REPLACE ON follows.
        let isAliased = at(.as) && isWord(1) && !startsQuery(index + 1) || isWord() && at(.replace, 1) && at(.on, 2)
        let alias = isAliased ? try acceptTableAlias() : nil
        if at(.with), at(.leftParen, 1) {
            advance()
            _ = try parseProperties()
        }
        schemaEvolution = accept(words: .with, .schema, .evolution) || schemaEvolution
        var partition: PartitionSpec?
        if at(.partition), at(.leftParen, 1) { partition = try parsePartitionSpec() }
        let ifNotExists = try acceptIfNotExists()
        if ifNotExists, word == .into {
            throw refusal(
                .unsupportedFeatureInsertPartitionSpecIfNotExists, ["tableName": SQLQuote.id(table.literal?.names ?? [])],
                at: span(from: start))
        }
        var mode: Insert.Mode = word == .into ? .into : .overwrite
        var columns = Insert.Columns.positional
        if at(words: .by, .name) {
            advance()
            advance()
            columns = .byName
        } else if at(.leftParen), !isQueryParenthesis(index) {
            columns = .named(try parseIdentifierList())
        }
        if at(.replace), at(.where, 1) || at(.using, 1) || at(.on, 1) { mode = try parseReplace() }
        _ = at(.as) && startsQuery(index + 1) && accept(.as)
        if at(.default), at(.values, 1) { throw syntaxError() }
        let source = try parseQuery()
        var sourceAlias: TableAlias?
        if case .replaceOn = mode { sourceAlias = try acceptTableAlias() }
        return .insert(
            Insert(
                mode: mode, with: with, table: table, alias: alias, partition: partition, ifNotExists: ifNotExists, columns: columns,
                schemaEvolution: schemaEvolution, source: source, sourceAlias: sourceAlias))
    }

    private mutating func parseReplace() throws(SQLError) -> Insert.Mode {
        try expect(.replace)
        if accept(.using) { return .replaceUsing(try parseIdentifierList()) }
        endsAtQuery = true
        defer { endsAtQuery = false }
        if accept(.on) { return .replaceOn(try parseExpression()) }
        try expect(.where)
        return .replaceWhere(try parseExpression())
    }

    mutating func parseAssignments() throws(SQLError) -> [Assignment] {
        try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> Assignment in
            let target = try parser.parseMultipartIdentifier()
            try parser.expect(.equal)
            return Assignment(target: target, value: try parser.parseExpression())
        }
    }

    mutating func parseUpdate(with: With?) throws(SQLError) -> Statement.Kind {
        try expect(.update)
        let table = try parseNameReference()
        let alias = try acceptTableAlias()
        try expect(.set)
        let assignments = try parseAssignments()
        let filter = accept(.where) ? try parseExpression() : nil
        return .update(Update(with: with, table: table, alias: alias, assignments: assignments, filter: filter))
    }

    mutating func parseDelete(with: With?) throws(SQLError) -> Statement.Kind {
        try expect(.delete)
        try require(.from)
        let table = try parseNameReference()
        let alias = try acceptTableAlias()
        let filter = accept(.where) ? try parseExpression() : nil
        return .delete(Delete(with: with, table: table, alias: alias, filter: filter))
    }

    // MARK: MERGE

    mutating func parseMerge(with: With?) throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.merge)
        let schemaEvolution = accept(words: .with, .schema, .evolution)
        try expect(.into)
        let target = try parseNameReference()
        let targetAlias = try acceptTableAlias()
        try expect(.using)
        let source = try parseRelationPrimary()
        try expect(.on)
        let condition = try parseExpression()
        var clauses: [Merge.Clause] = []
        while at(.when) { clauses.append(try parseMergeClause()) }
        let whole = span(from: start)
        if clauses.isEmpty { throw refusal(.mergeWithoutWhen, at: whole) }
        try checkConditions(clauses, whole)
        return .merge(
            Merge(
                with: with, schemaEvolution: schemaEvolution, target: target, targetAlias: targetAlias, source: source,
                condition: condition, clauses: clauses))
    }

    /// Of each kind only the last clause may do without a condition.
    private func checkConditions(_ clauses: [Merge.Clause], _ span: SourceSpan) throws(SQLError) {
        let kinds: [(Merge.MatchKind, ErrorCondition)] = [
            (.matched, .nonLastMatchedClauseOmitCondition), (.notMatched, .nonLastNotMatchedByTargetClauseOmitCondition),
            (.notMatchedBySource, .nonLastNotMatchedBySourceClauseOmitCondition),
        ]
        for (kind, condition) in kinds {
            let same = clauses.filter { $0.kind == kind }
            if same.dropLast().contains(where: { $0.condition == nil }) { throw refusal(condition, at: span) }
        }
    }

    private mutating func parseMergeClause() throws(SQLError) -> Merge.Clause {
        let start = current.start
        try expect(.when)
        let isMatched = !accept(.not)
        try expect(.matched)
        var kind = isMatched ? Merge.MatchKind.matched : .notMatched
        if !isMatched {
            if accept(words: .by, .source) { kind = .notMatchedBySource } else { _ = accept(words: .by, .target) }
        }
        let condition = accept(.and) ? try parseExpression() : nil
        try expect(.then)
        let action = try parseMergeAction(kind)
        return Merge.Clause(kind: kind, condition: condition, action: action, span: span(from: start))
    }

    private mutating func parseMergeAction(_ kind: Merge.MatchKind) throws(SQLError) -> Merge.Action {
        if kind == .notMatched {
            try expect(.insert)
            if accept(.asterisk) { return .insertAll }
            let columns = at(.values) ? [] : try parseParenthesisedNames()
            try expect(.values)
            let values = try parseList { (parser: inout Parser) throws(SQLError) -> Expression in try parser.parseExpression() }
            return .insert(columns: columns, values: values)
        }
        if accept(.delete) { return .delete }
        try expect(words: .update, .set)
        if accept(.asterisk) { return .updateAll }
        return .update(try parseAssignments())
    }

    mutating func parseParenthesisedNames() throws(SQLError) -> [MultipartIdentifier] {
        try parseList { (parser: inout Parser) throws(SQLError) -> MultipartIdentifier in try parser.parseMultipartIdentifier() }
    }

    // MARK: COPY INTO

    mutating func parseCopyInto() throws(SQLError) -> Statement.Kind {
        try expect(words: .copy, .into)
        let table = isString() ? try parsePathName() : try parseNameReference()
        var columns = Insert.Columns.positional
        if at(words: .by, .name) || at(words: .by, .position) {
            advance()
            columns = at(.name) ? .byName : .positional
            advance()
        } else if at(.leftParen) {
            columns = .named(try parseIdentifierList())
        }
        try expect(.from)
        let source: CopyInto.Source
        if at(.leftParen) {
            advance()
            source = .query(try parseCopyQuery())
            try expect(.rightParen)
        } else {
            source = .path(try parseStringToken())
        }
        return .copyInto(try parseCopyOptions(table, columns, source))
    }

    /// A SELECT whose FROM is a path in quotes.
    private mutating func parseCopyQuery() throws(SQLError) -> Query {
        let start = current.start
        var select = Select(span: current.span)
        try expect(.select)
        select.items = try parseNamedExpressions()
        try expect(.from)
        let fromStart = current.start
        let name = isString() ? try parsePathName() : try parseNameReference()
        let alias = at(.with) ? nil : try acceptTableAlias()
        select.from = Relation(.table(TableReference(name: name)), alias: alias, span: span(from: fromStart))
        if accept(.where) { select.filter = try parseExpression() }
        select.span = span(from: start)
        select.height = select.computedHeight
        return Query(with: nil, body: try check(.select(select)), organization: Query.Organization(), span: select.span)
    }

    private mutating func parseCopyOptions(
        _ table: NameReference, _ columns: Insert.Columns, _ source: CopyInto.Source
    ) throws(SQLError) -> CopyInto {
        var hasCredential = false
        var format: String?
        var validateRows: Expression?
        var validates = false
        var files: [String] = []
        var pattern: String?
        var formatOptions: [Property] = []
        var copyOptions: [Property] = []
        while !at(.end), !at(.semicolon) {
            if accept(.with) {
                hasCredential = true
                try skipParenthesis()
            } else if accept(.fileformat) {
                try expect(.equal)
                format = try parseIdentifier().text
            } else if accept(.validate) {
                validates = true
                if !accept(.all), at(.integer) {
                    validateRows = try parsePrimary()
                    try expect(.rows)
                }
            } else if accept(.files) {
                try expect(.equal)
                files = try parseList { (parser: inout Parser) throws(SQLError) -> String in try parser.parseString() }
            } else if accept(.pattern) {
                try expect(.equal)
                pattern = try parseString()
            } else if accept(.formatOptions) {
                formatOptions = try parseProperties()
            } else if accept(.copyOptions) {
                copyOptions = try parseProperties()
            } else {
                throw syntaxError()
            }
        }
        return CopyInto(
            table: table, columns: columns, source: source, hasCredential: hasCredential, fileFormat: format, validateRows: validateRows,
            validates: validates, files: files, pattern: pattern, formatOptions: formatOptions, copyOptions: copyOptions)
    }

    /// Passes over `( … )` without keeping it.
    private mutating func skipParenthesis() throws(SQLError) {
        guard at(.leftParen), Int(closings[index]) > index else { throw syntaxError() }
        let closing = Int(closings[index])
        while index <= closing { advance() }
    }
}

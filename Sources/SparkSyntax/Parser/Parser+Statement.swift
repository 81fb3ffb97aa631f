import SparkErrors

/// Which statement begins here.
extension Parser {
    mutating func parseTopLevelStatement() throws(SQLError) -> Statement {
        let start = current.start
        if startsBlock() {
            let block = try parseBlock()
            return Statement(.script(block), span: span(from: start))
        }
        return try parseStatement()
    }

    mutating func parseStatement() throws(SQLError) -> Statement {
        try descend(Self.queryWeight)
        defer { ascend(Self.queryWeight) }
        let start = current.start
        let kind = try parseStatementKind()
        return Statement(kind, span: span(from: start))
    }

    private mutating func parseStatementKind() throws(SQLError) -> Statement.Kind {
        let start = current.start
        if at(.leftParen) { return .query(try parseQuery()) }
        if acceptTexts("APPLY", "CHANGES") { return try parseApplyChanges() }
        if at(text: "CONVERT"), at(.to, 1), at(text: "DELTA", 2) { return try parseConvert() }
        guard let keyword = current.keyword else { throw syntaxError() }
        switch keyword {
        case .select, .values, .table, .from, .map, .reduce: return .query(try parseQuery())
        case .with: return try parseWithStatement()
        case .insert: return try parseInsert(with: nil)
        case .update: return try parseUpdate(with: nil)
        case .delete: return try parseDelete(with: nil)
        case .merge: return try parseMerge(with: nil)
        case .truncate: return try parseTruncate()
        case .copy: return try parseCopyInto()
        case .create, .replace: return try parseCreate()
        case .drop: return try parseDrop()
        case .undrop: return try parseUndrop()
        case .alter: return try parseAlter()
        case .comment: return try parseCommentOn()
        case .use: return try parseUse()
        case .set: return try parseSet()
        case .reset: return parseReset()
        case .declare: return try parseDeclare()
        case .execute: return try parseExecuteImmediate()
        case .show: return try parseShow()
        case .describe, .desc: return try parseDescribe()
        case .explain: return try parseExplain()
        case .grant: return .grant(try parseGrant())
        case .revoke: return .revoke(try parseGrant())
        case .optimize: return try parseOptimize()
        case .vacuum: return try parseVacuum()
        case .restore: return try parseRestore()
        case .analyze: return try parseAnalyze()
        case .cache, .uncache, .clear: return try parseCache()
        case .refresh: return try parseRefresh()
        case .repair, .msck: return try parseRepair()
        case .reorg: return try parseReorg()
        case .list, .put, .get, .remove: return try parseFileCommand(keyword)
        case .call: return try parseCallStatement()
        case .load, .export, .import, .lock, .unlock, .start, .commit, .rollback, .dfs, .add, .begin:
            guard isWord(1) || endsPhrase(token(1)) else { throw syntaxError() }
            throw unsupportedStatement(keyword.rawValue, from: start)
        default:
            throw syntaxError()
        }
    }

    private mutating func parseWithStatement() throws(SQLError) -> Statement.Kind {
        let start = current.start
        let with = try parseWith()
        switch current.keyword {
        case .insert?: return try parseInsert(with: with)
        case .update?: return try parseUpdate(with: with)
        case .delete?: return try parseDelete(with: with)
        case .merge?: return try parseMerge(with: with)
        default: return .query(try parseQuery(with: with, from: start))
        }
    }

    private mutating func parseExplain() throws(SQLError) -> Statement.Kind {
        try expect(.explain)
        var mode: String?
        if let word = acceptOne(of: .logical, .formatted, .extended, .codegen, .cost) { mode = word.rawValue }
        return .explain(Explain(mode: mode, statement: try parseStatement()))
    }

    private mutating func parseTruncate() throws(SQLError) -> Statement.Kind {
        try expect(words: .truncate, .table)
        let name = try parseNameReference()
        return .truncate(name, partition: at(.partition) ? try parsePartitionSpec() : nil)
    }

    /// `PARTITION (a = 1, b)`.
    mutating func parsePartitionSpec() throws(SQLError) -> PartitionSpec {
        let start = current.start
        try expect(.partition)
        let values = try parseList { (parser: inout Parser) throws(SQLError) -> (column: Identifier, value: Expression?) in
            let column = try parser.parseIdentifier()
            guard parser.accept(.equal) else { return (column, nil) }
            return (column, try parser.parseExpression())
        }
        return PartitionSpec(values: values, span: span(from: start))
    }

    private mutating func parseCallStatement() throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.call)
        let name = try parseNameReference()
        guard case .function(let call) = try parseCall(name, start).kind else { throw syntaxError() }
        return .call(name, call.arguments)
    }

    // MARK: Files in volumes

    private mutating func parseFileCommand(_ keyword: Keyword) throws(SQLError) -> Statement.Kind {
        let start = current.start
        guard isString(1) else { throw isWord(1) ? unsupportedStatement(keyword.rawValue, from: start) : syntaxError(at: token(1)) }
        advance()
        let first = try parseStringToken()
        switch keyword {
        case .put:
            try expect(.into)
            let path = try parseStringToken()
            return .put(local: first, path: path, overwrite: accept(.overwrite))
        case .get:
            try expect(.to)
            return .get(path: first, local: try parseStringToken())
        case .remove: return .remove(path: first)
        default: return .list(path: first, limit: accept(.limit) ? try parseExpression() : nil)
        }
    }

    // MARK: Upkeep

    private mutating func parseOptimize() throws(SQLError) -> Statement.Kind {
        try expect(.optimize)
        let table = isString() ? try parsePathName() : try parseNameReference()
        let full = accept(.full)
        let filter = accept(.where) ? try parseExpression() : nil
        var zOrderBy: [MultipartIdentifier] = []
        if accept(words: .zorder, .by) {
            if accept(.leftParen) {
                zOrderBy = try parseNames()
                try expect(.rightParen)
            } else {
                zOrderBy = try parseNames()
            }
        }
        return .optimize(Optimize(table: table, full: full, filter: filter, zOrderBy: zOrderBy))
    }

    private mutating func parseVacuum() throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.vacuum)
        let table = isString() ? try parsePathName() : try parseNameReference()
        if at(.using), at(text: "INVENTORY", 1) { throw .notSimulated("VACUUM … USING INVENTORY", at: span(from: start)) }
        var mode: String?
        if let word = acceptOne(of: .full, .lite) { mode = word.rawValue }
        var hours: Expression?
        if accept(.retain) {
            hours = try parseExpression(.additive)
            guard at(.hours) || at(.hour) else { throw syntaxError() }
            advance()
        }
        return .vacuum(Vacuum(table: table, mode: mode, retainHours: hours, dryRun: accept(words: .dry, .run)))
    }

    private mutating func parseConvert() throws(SQLError) -> Statement.Kind {
        for _ in 0..<3 { advance() }
        let table = try parseNameReference()
        var noStatistics = false
        var partitions: [ColumnDefinition]?
        while true {
            if at(text: "NO"), at(.statistics, 1) {
                for _ in 0..<2 { advance() }
                noStatistics = true
            } else if partitions == nil, accept(words: .partitioned, .by) {
                partitions = try parseList { (parser: inout Parser) throws(SQLError) -> ColumnDefinition in
                    try parser.parseColumnDefinition(isFieldAllowed: false)
                }
            } else {
                return .convert(ConvertToDelta(table: table, noStatistics: noStatistics, partitionedBy: partitions))
            }
        }
    }

    /// A path in quotes where a table's name may stand: a name of one quoted part.
    mutating func parsePathName() throws(SQLError) -> NameReference {
        let start = current.start
        let path = try parseStringToken()
        let whole = span(from: start)
        return .name(MultipartIdentifier([Identifier(path, isQuoted: true, span: whole)], span: whole))
    }

    private mutating func parseRestore() throws(SQLError) -> Statement.Kind {
        try expect(.restore)
        _ = at(.table) && isWord(1) && accept(.table)
        let name = try parseNameReference()
        _ = accept(.to)
        guard let travel = try acceptTimeTravel() else { throw syntaxError() }
        return .restore(name, to: travel)
    }

    private mutating func parseAnalyze() throws(SQLError) -> Statement.Kind {
        try expect(.analyze)
        let scope: Analyze.Scope
        if accept(.tables) {
            scope = .tables(in: accept(.from) || accept(.in) ? try parseNameReference() : nil)
        } else {
            try expect(.table)
            let name = try parseNameReference()
            scope = .table(name, partition: at(.partition) ? try parsePartitionSpec() : nil)
        }
        try expect(.compute)
        let isDelta = accept(.delta)
        try expect(.statistics)
        var columns = Analyze.Columns.none
        var noScan = false
        if accept(words: .for, .all, .columns) {
            columns = .all
        } else if accept(words: .for, .columns) {
            columns = .listed(
                try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> Identifier in try parser.parseNameIdentifier() })
        } else if isWord() {
            guard at(.noscan) else {
                throw refusal(.invalidSqlSyntaxAnalyzeTableUnexpectedNoscan, ["ctx": text(current)], at: current.span)
            }
            advance()
            noScan = true
        }
        return .analyze(Analyze(scope: scope, noScan: noScan, columns: columns, delta: isDelta))
    }

    private mutating func parseCache() throws(SQLError) -> Statement.Kind {
        if accept(words: .clear, .cache) { return .cache(.clear) }
        if accept(.uncache) {
            try expect(.table)
            let ifExists = try acceptIfExists()
            return .cache(.uncache(try parseNameReference(), ifExists: ifExists))
        }
        try expect(.cache)
        if at(.select) { return .cache(.select(try parseQuery())) }
        let isLazy = accept(.lazy)
        try expect(.table)
        let name = try parseNameReference()
        let options = accept(.options) ? try parseProperties() : []
        _ = accept(.as)
        let query = startsQuery(index) || at(.leftParen) ? try parseQuery() : nil
        return .cache(.cache(name, isLazy: isLazy, options: options, query: query))
    }

    private mutating func parseRefresh() throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.refresh)
        if isString() { return .refresh(.path(try parseStringToken())) }
        if let kind = acceptObjectKind() {
            let name = try parseNameReference()
            let isDataset = kind == .materializedView || kind == .streamingTable
            let isFull = isDataset && at(.full)
            if isFull { advance() }
            // Whether the caller waits makes no difference: a refresh ends with its statement.
            if isDataset, at(text: "SYNC") || at(text: "ASYNC") { advance() }
            return .refresh(.object(kind, name, full: isFull))
        }
        if at(.foreign) || at(.policy) { throw unsupportedStatement("REFRESH", from: start) }
        // `REFRESH t` is the table's old form.
        return .refresh(.object(.table, try parseNameReference(), full: false))
    }

    private mutating func parseRepair() throws(SQLError) -> Statement.Kind {
        _ = accept(.msck)
        try expect(words: .repair, .table)
        let name = try parseNameReference()
        guard let action = acceptOne(of: .add, .drop, .sync) else { return .repair(name, action: nil) }
        if action == .sync, accept(.metadata) { return .repair(name, action: "SYNC METADATA") }
        try expect(.partitions)
        return .repair(name, action: action.rawValue)
    }

    private mutating func parseReorg() throws(SQLError) -> Statement.Kind {
        try expect(words: .reorg, .table)
        let name = try parseNameReference()
        let filter = accept(.where) ? try parseExpression() : nil
        try expect(.apply)
        guard at(.leftParen), Int(closings[index]) > index else { throw syntaxError() }
        let closing = Int(closings[index])
        let inner = SourceSpan(start: current.end, end: tokens[closing].start)
        while index <= closing { advance() }
        return .reorg(name, filter: filter, apply: text(inner).trimmingBlanks().uppercased())
    }
}

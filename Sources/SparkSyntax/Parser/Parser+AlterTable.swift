import SparkErrors

/// ALTER TABLE.
extension Parser {
    mutating func parseTableAction(_ start: Int) throws(SQLError) -> Alter.Action {
        switch current.keyword {
        case .add?: return try parseAdd()
        case .drop?: return try parseDropAction()
        case .rename?:
            advance()
            try expect(.column)
            let column = try parseMultipartIdentifier()
            try expect(.to)
            return .renameColumn(column, to: try parseNameIdentifier())
        case .alter?, .change?: return try parseAlterColumn()
        case .replace?:
            try expect(words: .replace, .columns)
            let columns = try parseList { (parser: inout Parser) throws(SQLError) -> ColumnDefinition in
                try parser.parseColumnDefinition(isFieldAllowed: true)
            }
            return .replaceColumns(columns)
        case .set? where at(words: .set, .row, .filter):
            for _ in 0..<3 { advance() }
            return .setRowFilter(try parseRowFilter())
        case .set? where at(.serde, 1) || at(.serdeproperties, 1) || at(.fileformat, 1) || at(.skewed, 1):
            return .other(try skipClause())
        case .cluster?: return .clusterBy(try parseClusterBy())
        case .recover?:
            try expect(words: .recover, .partitions)
            return .recoverPartitions
        case .clustered?, .skewed?, .exchange?, .archive?, .unarchive?, .touch?, .compact?, .concatenate?, .not?, .sync?:
            return .other(try skipClause())
        default: throw syntaxError()
        }
    }

    private mutating func parseAdd() throws(SQLError) -> Alter.Action {
        if at(.partition, 1) || at(.if, 1) { return try parsePartitionAction() }
        advance()
        if at(.column) || at(.columns) {
            advance()
            let isParenthesised = accept(.leftParen)
            let columns = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> ColumnDefinition in
                try parser.parseColumnDefinition(isFieldAllowed: true)
            }
            if isParenthesised { try expect(.rightParen) }
            return .addColumns(columns)
        }
        guard startsConstraint() else { throw syntaxError() }
        return .addConstraint(try parseConstraint())
    }

    private mutating func parseDropAction() throws(SQLError) -> Alter.Action {
        switch token(1).keyword {
        case .partition?: return try parsePartitionAction()
        case .if? where at(.partition, 3): return try parsePartitionAction()
        case .column?, .columns?:
            advance()
            advance()
            let ifExists = try acceptIfExists()
            let columns = at(.leftParen) ? try parseParenthesisedNames() : try parseNames()
            return .dropColumns(columns, ifExists: ifExists)
        case .constraint?:
            advance()
            advance()
            let ifExists = try acceptIfExists()
            let name = try parseNameIdentifier()
            return .dropConstraint(name, ifExists: ifExists, cascade: acceptCascade())
        case .primary?:
            advance()
            try expect(words: .primary, .key)
            let ifExists = try acceptIfExists()
            return .dropPrimaryKey(ifExists: ifExists, cascade: acceptCascade())
        case .foreign?:
            advance()
            try expect(words: .foreign, .key)
            let ifExists = try acceptIfExists()
            return .dropForeignKey(columns: try parseIdentifierList(), ifExists: ifExists)
        case .feature?:
            advance()
            advance()
            let name = isString() ? try parseStringToken() : try parseIdentifier().text
            let truncates = at(.truncate) && at(.history, 1)
            if truncates { for _ in 0..<2 { advance() } }
            return .dropFeature(name, truncateHistory: truncates)
        case .row? where at(.filter, 2):
            for _ in 0..<3 { advance() }
            return .dropRowFilter
        default:
            advance()
            throw syntaxError()
        }
    }

    private mutating func acceptCascade() -> Bool? { acceptOne(of: .cascade, .restrict).map { $0 == .cascade } }

    // MARK: ALTER COLUMN

    private mutating func parseAlterColumn() throws(SQLError) -> Alter.Action {
        let isChange = at(.change)
        let start = current.start
        advance()
        if at(.column), isWord(1) { advance() }
        let column = try parseMultipartIdentifier()
        if isChange, let definition = try parseChangeColumn() { return .changeColumn(column, definition) }
        guard let first = try parseColumnAction() else {
            throw refusal(
                .legacy0035,
                [
                    "message":
                        "ALTER TABLE table \(isChange ? "CHANGE" : "ALTER") COLUMN requires a TYPE, a SET/DROP, a COMMENT, or a FIRST/AFTER"
                ],
                at: span(from: start))
        }
        guard at(.comma) else { return .alterColumn(column, first) }
        var actions: [(column: MultipartIdentifier, action: Alter.ColumnAction)] = [(column, first)]
        while accept(.comma) {
            let next = try parseMultipartIdentifier()
            guard let action = try parseColumnAction() else { throw syntaxError() }
            actions.append((next, action))
        }
        return .alterColumns(actions)
    }

    /// Hive's form: the new name and type.
    private mutating func parseChangeColumn() throws(SQLError) -> ColumnDefinition? {
        switch current.keyword {
        case .type?, .set?, .drop?, .first?, .after?: return nil
        case .comment? where isString(1): return nil
        default: break
        }
        guard isWord(), isWord(1) else { return nil }
        return try parseColumnDefinition(isFieldAllowed: true)
    }

    private mutating func parseColumnAction() throws(SQLError) -> Alter.ColumnAction? {
        switch current.keyword {
        case .type?:
            advance()
            return .setType(try parseTypeName())
        case .comment?:
            advance()
            return .comment(accept(.null) ? nil : try parseString())
        case .first?:
            advance()
            return .position(.first)
        case .after?:
            advance()
            return .position(.after(try parseNameIdentifier()))
        case .sync? where at(.identity, 1):
            advance()
            advance()
            return .syncIdentity
        case .collate?:
            advance()
            return .setCollation(try parseMultipartIdentifier().names.joined(separator: "."))
        case .set?: return try parseSetColumn()
        case .unset? where at(.tags, 1):
            advance()
            advance()
            return .unsetTags(try parseList { (parser: inout Parser) throws(SQLError) -> String in try parser.parsePropertyKey() })
        case .drop?:
            advance()
            if accept(.default) { return .dropDefault }
            if accept(.mask) { return .dropMask }
            try expect(.not)
            try expect(.null)
            return .dropNotNull
        default: return nil
        }
    }

    private mutating func parseSetColumn() throws(SQLError) -> Alter.ColumnAction {
        try expect(.set)
        if accept(words: .not, .null) { return .setNotNull }
        if accept(.default) { return .setDefault(try parseExpression()) }
        if accept(.mask) { return .setMask(try parseMask()) }
        try expect(.tags)
        return .setTags(try parseProperties())
    }
}

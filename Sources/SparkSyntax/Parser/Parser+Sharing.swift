import SparkErrors

/// Shares and recipients.
extension Parser {
    /// CREATE stands before; SHARE is here.
    mutating func parseCreateShare() throws(SQLError) -> Statement.Kind {
        try expect(.share)
        let ifNotExists = try acceptIfNotExists()
        let name = try parseNameReference()
        return .createShare(CreateShare(name: name, ifNotExists: ifNotExists, comment: accept(.comment) ? try parseString() : nil))
    }

    /// CREATE stands before; RECIPIENT is here.
    mutating func parseCreateRecipient(_ start: Int) throws(SQLError) -> Statement.Kind {
        try expect(.recipient)
        let ifNotExists = try acceptIfNotExists()
        var recipient = CreateRecipient(name: try parseNameReference(), ifNotExists: ifNotExists)
        var seen = ClauseSet(start: start)
        while true {
            if accept(words: .using, .id) {
                try seen.add("USING ID", self)
                recipient.identifier = try parseString()
            } else if accept(.comment) {
                try seen.add("COMMENT", self)
                recipient.comment = try parseString()
            } else if accept(words: .set, .properties) || accept(.properties) {
                try seen.add("PROPERTIES", self)
                recipient.properties = try parseProperties()
            } else {
                return .createRecipient(recipient)
            }
        }
    }

    /// ADD, ALTER or REMOVE of ALTER SHARE; nil, and nothing taken, if none stands here.
    mutating func acceptShareChange() throws(SQLError) -> ShareChange? {
        let verb: ShareChange.Verb
        switch current.keyword {
        case .add?: verb = .add
        case .alter?: verb = .alter
        case .remove?: verb = .remove
        default: return nil
        }
        advance()
        let start = current
        let kind = acceptObjectKind() ?? .table
        switch kind {
        case .table, .view, .materializedView, .streamingTable, .schema, .volume, .model, .function: break
        default: throw syntaxError(at: start)
        }
        var change = ShareChange(verb: verb, kind: kind, name: try parseNameReference())
        if verb == .remove { return change }
        var seen = ClauseSet(start: start.start)
        while true {
            if accept(.comment) {
                try seen.add("COMMENT", self)
                change.comment = try parseString()
            } else if at(.partition), at(.leftParen, 1) {
                try seen.add("PARTITION", self)
                advance()
                change.partitions = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> [ShareChange.Condition] in
                    // Each list may begin with the word again.
                    _ = parser.accept(.partition)
                    return try parser.parseList { (parser: inout Parser) throws(SQLError) -> ShareChange.Condition in
                        try parser.parsePartitionCondition()
                    }
                }
            } else if accept(.as) {
                try seen.add("AS", self)
                change.alias = try parseMultipartIdentifier()
            } else if at(.with) || at(.without), at(.history, 1) {
                try seen.add("HISTORY", self)
                change.history = at(.with)
                advance()
                advance()
            } else {
                return change
            }
        }
    }

    private mutating func parsePartitionCondition() throws(SQLError) -> ShareChange.Condition {
        let column = try parseIdentifier()
        let isPattern = accept(.like)
        if !isPattern { try expect(.equal) }
        guard at(text: "CURRENT_RECIPIENT") else {
            return ShareChange.Condition(column: column, isPattern: isPattern, operand: .value(try parseExpression(.additive)))
        }
        advance()
        if accept(.leftParen) { try expect(.rightParen) }
        try expect(.dot)
        return ShareChange.Condition(column: column, isPattern: isPattern, operand: .property(try parsePropertyKey()))
    }

    /// `SHOW SHARES [IN PROVIDER p]`, `SHOW RECIPIENTS`, `SHOW PROVIDERS`, `SHOW ALL IN SHARE s`, behind SHOW; nil if none stands here.
    mutating func acceptShowSharing() throws(SQLError) -> Show? {
        switch current.keyword {
        case .shares?:
            advance()
            guard at(.in), at(.provider, 1) else { return Show(subject: .sharing(.share, provider: nil), pattern: try acceptPattern()) }
            advance()
            advance()
            let provider = try parseNameReference()
            return Show(subject: .sharing(.share, provider: provider), pattern: try acceptPattern())
        case .recipients?:
            advance()
            return Show(subject: .sharing(.recipient, provider: nil), pattern: try acceptPattern())
        case .providers?:
            advance()
            return Show(subject: .sharing(.provider, provider: nil), pattern: try acceptPattern())
        case .all? where at(.in, 1) && at(.share, 2):
            for _ in 0..<3 { advance() }
            return Show(subject: .allInShare(try parseNameReference()))
        default: return nil
        }
    }
}

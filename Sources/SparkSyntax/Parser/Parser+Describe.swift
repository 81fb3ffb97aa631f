import SparkErrors

/// DESCRIBE.
extension Parser {
    mutating func parseDescribe() throws(SQLError) -> Statement.Kind {
        advance()
        switch current.keyword {
        case .function? where isWord(1) || isString(1) || !endsPhrase(token(1)) && !at(.dot, 1):
            advance()
            let isExtended = at(.extended) && !endsPhrase(token(1)) && !at(.dot, 1) && accept(.extended)
            return .describe(.function(try parseFunctionName(), extended: isExtended))
        case .schema? where isWord(1), .database? where isWord(1), .namespace? where isWord(1):
            advance()
            let isExtended = acceptExtended()
            return .describe(.schema(try parseNameReference(), extended: isExtended))
        case .catalog? where isWord(1):
            advance()
            let isExtended = acceptExtended()
            return .describe(.catalog(try parseNameReference(), extended: isExtended))
        case .volume? where isWord(1):
            advance()
            return .describe(.volume(try parseNameReference()))
        case .history? where isWord(1) || isString(1):
            advance()
            let name = isString() ? try parsePathName() : try parseNameReference()
            return .describe(.history(name, limit: accept(.limit) ? try parseExpression() : nil))
        case .detail? where isWord(1) || isString(1):
            advance()
            return .describe(.detail(isString() ? try parsePathName() : try parseNameReference()))
        case .query? where startsQuery(index + 1) || at(.leftParen, 1):
            advance()
            return .describe(.query(try parseQuery()))
        case .policy? where isWord(1) && at(.on, 2): return try parseDescribePolicy()
        case .connection?, .share?, .recipient?, .provider?, .external?, .storage?, .service?, .credential?, .procedure?, .model?, .clean?:
            let isExtended = at(.extended, 1)
            if let kind = acceptObjectKind() {
                if isExtended { _ = accept(.extended) }
                return .describe(.other(kind, try parseNameReference(), extended: isExtended))
            }
        case .table? where startsQuery(index) && !isWord(1): break
        default: break
        }
        if (startsQuery(index) && !at(.table)) || (at(.leftParen) && isQueryParenthesis(index)) {
            return .describe(.query(try parseQuery()))
        }
        return try parseDescribeRelation()
    }

    private mutating func acceptExtended() -> Bool {
        if at(.extended), isWord(1) {
            advance()
            return true
        }
        return false
    }

    private mutating func parseDescribeRelation() throws(SQLError) -> Statement.Kind {
        let start = current.start
        if at(.table), isWord(1) || isString(1) { advance() }
        var isExtended = false
        if at(.extended) || at(.formatted), isWord(1) || isString(1) {
            advance()
            isExtended = true
        }
        let name = isString() ? try parsePathName() : try parseNameReference()
        let partition = at(.partition) && at(.leftParen, 1) ? try parsePartitionSpec() : nil
        var column: MultipartIdentifier?
        if isWord(), !(at(.as) && at(.json, 1)) { column = try parseMultipartIdentifier() }
        let asJSON = accept(words: .as, .json)
        if asJSON, !isExtended {
            throw SQLError(.describeJsonNotExtended, ["tableName": name.literal?.names.joined(separator: ".") ?? ""], phase: .analysis)
        }
        if asJSON, column != nil { throw refusal(.unsupportedFeatureDescTableColumnJson, at: span(from: start)) }
        if partition != nil, column != nil { throw refusal(.unsupportedFeatureDescTableColumnPartition, at: span(from: start)) }
        return .describe(.relation(name, extended: isExtended, partition: partition, column: column, asJSON: asJSON))
    }

    /// A name, a string, or an operator's symbol.
    private mutating func parseFunctionName() throws(SQLError) -> NameReference {
        if isString() { return try parsePathName() }
        if isWord() { return try parseNameReference() }
        let start = current.start
        while !at(.end), !at(.semicolon) { advance() }
        let whole = span(from: start)
        guard whole.end > whole.start else { throw syntaxError() }
        return .name(MultipartIdentifier([Identifier(text(whole), isQuoted: true, span: whole)], span: whole))
    }
}

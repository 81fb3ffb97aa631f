import SparkErrors

/// CREATE FUNCTION.
extension Parser {
    mutating func parseCreateFunction(_ start: Int, orReplace: Bool, isTemporary: Bool) throws(SQLError) -> Statement.Kind {
        try expect(.function)
        let ifNotExists = try acceptIfNotExists()
        let name = try parseNameReference()
        let whole = SourceSpan(start: start, end: bytes.count)
        if orReplace, ifNotExists { throw refusal(.invalidSqlSyntaxCreateRoutineWithIfNotExistsAndReplace, at: whole) }
        let empty = CreateFunction.Body.className("")
        var function = CreateFunction(name: name, body: empty, bodySpan: current.span)
        function.orReplace = orReplace
        function.isTemporary = isTemporary
        function.ifNotExists = ifNotExists
        if at(.as), isString(1) {
            try parseClassName(into: &function)
            return .createFunction(function)
        }
        try expect(.leftParen)
        if !at(.rightParen) {
            function.parameters = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> CreateFunction.Parameter in
                try parser.parseParameter(whole)
            }
        }
        try expect(.rightParen)
        if at(.returns), !at(.null, 1) {
            advance()
            function.returns = try parseReturns(whole)
        }
        while try parseCharacteristic(into: &function) {}
        try parseBody(into: &function)
        if isTemporary, let parts = name.literal?.parts, parts.count > 1 {
            throw refusal(.invalidSqlSyntaxCreateTempFuncWithDatabase, ["database": SQLQuote.id(parts.dropLast().map(\.text))], at: whole)
        }
        if isTemporary, ifNotExists { throw refusal(.invalidSqlSyntaxCreateTempFuncWithIfNotExists, at: whole) }
        return .createFunction(function)
    }

    /// Hive's form: `AS 'class' [USING JAR '…', …]`.
    private mutating func parseClassName(into function: inout CreateFunction) throws(SQLError) {
        try expect(.as)
        let start = current.start
        function.body = .className(try parseString())
        function.bodySpan = span(from: start)
        if accept(.using) {
            repeat {
                _ = try parseIdentifier()
                _ = try parseString()
            } while accept(.comma)
        }
    }

    private mutating func parseParameter(_ statement: SourceSpan) throws(SQLError) -> CreateFunction.Parameter {
        let name = try parseNameIdentifier()
        let type = try parseTypeName()
        var defaultValue: Expression?
        var comment: String?
        while true {
            switch current.keyword {
            case .default?:
                advance()
                defaultValue = try parseExpression()
            case .comment?:
                advance()
                comment = try parseString()
            case .not? where at(.null, 1):
                throw refusal(.userDefinedFunctionsNotNullOnFunctionParameters, ["input": SQLQuote.id(name.text)], at: statement)
            case .generated?: throw refusal(.invalidSqlSyntaxCreateFuncWithGeneratedColumnsAsParameters, at: statement)
            case .constraint?, .primary?, .references?, .check?, .unique?:
                throw refusal(.invalidSqlSyntaxCreateFuncWithColumnConstraints, at: statement)
            default: return CreateFunction.Parameter(name: name, type: type, defaultValue: defaultValue, comment: comment)
            }
        }
    }

    private mutating func parseReturns(_ statement: SourceSpan) throws(SQLError) -> CreateFunction.Returns {
        guard accept(.table) else { return .type(try parseTypeName()) }
        guard at(.leftParen) else { return .table([]) }
        let columns = try parseList { (parser: inout Parser) throws(SQLError) -> CreateFunction.Parameter in
            let name = try parser.parseNameIdentifier()
            let type = try parser.parseTypeName()
            if parser.at(.not), parser.at(.null, 1) {
                throw parser.refusal(.userDefinedFunctionsNotNullOnFunctionParameters, ["input": SQLQuote.id(name.text)], at: statement)
            }
            let comment = parser.accept(.comment) ? try parser.parseString() : nil
            return CreateFunction.Parameter(name: name, type: type, defaultValue: nil, comment: comment)
        }
        return .table(columns)
    }

    private mutating func parseCharacteristic(into function: inout CreateFunction) throws(SQLError) -> Bool {
        switch current.keyword {
        case .language?:
            advance()
            function.language = try parseIdentifier().text.uppercased()
        case .deterministic?:
            advance()
            function.isDeterministic = true
        case .not? where at(.deterministic, 1):
            advance()
            advance()
            function.isDeterministic = false
        case .comment?:
            advance()
            function.comment = try parseString()
        case .specific?:
            advance()
            function.specificName = try parseNameIdentifier()
        case .contains? where at(.sql, 1):
            advance()
            advance()
            function.dataAccess = "CONTAINS SQL"
        case .no? where at(.sql, 1):
            advance()
            advance()
            function.dataAccess = "NO SQL"
        case .reads?, .modifies?:
            function.dataAccess = at(.reads) ? "READS SQL DATA" : "MODIFIES SQL DATA"
            advance()
            try expect(words: .sql, .data)
        case .returns? where at(.null, 1):
            try expect(words: .returns, .null, .on, .null, .input)
            function.otherClauses.append("RETURNS NULL ON NULL INPUT")
        case .called?:
            try expect(words: .called, .on, .null, .input)
            function.otherClauses.append("CALLED ON NULL INPUT")
        case .sql? where at(.security, 1):
            advance()
            advance()
            guard let word = acceptOne(of: .invoker, .definer) else { throw syntaxError() }
            function.otherClauses.append("SQL SECURITY \(word.rawValue)")
        case .handler?, .parameters?, .environment?, .credentials?:
            function.otherClauses.append(try skipClause())
        default: return false
        }
        return true
    }

    private mutating func parseBody(into function: inout CreateFunction) throws(SQLError) {
        if accept(.return) {
            let start = current.start
            if startsQuery(index) {
                function.body = .query(try parseQuery())
            } else if at(.leftParen), isQueryParenthesis(index), case .table = function.returns {
                function.body = .query(try parseQuery())
            } else {
                function.body = .expression(try parseExpression())
            }
            function.bodySpan = span(from: start)
            return
        }
        try expect(.as)
        let start = current.start
        function.body = .external(try parseString())
        function.bodySpan = span(from: start)
    }
}

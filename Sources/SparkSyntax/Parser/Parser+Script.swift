import SparkErrors

/// SQL scripting: BEGIN … END and what may stand in it.
extension Parser {
    /// `BEGIN` of a block, perhaps behind a label.
    func startsBlock() -> Bool {
        let offset = isWord() && at(.colon, 1) ? 2 : 0
        guard at(.begin, offset) else { return false }
        return !at(.transaction, offset + 1)
    }

    private mutating func acceptLabel() throws(SQLError) -> Identifier? {
        guard isWord(), at(.colon, 1) else { return nil }
        let label = try parseIdentifier()
        advance()
        return label
    }

    mutating func parseBlock() throws(SQLError) -> CompoundBlock {
        let start = current.start
        let label = try acceptLabel()
        return try parseBlock(label, start)
    }

    private mutating func parseBlock(_ label: Identifier?, _ start: Int) throws(SQLError) -> CompoundBlock {
        try expect(.begin)
        let isAtomic = accept(.atomic)
        if at(.not), at(.atomic, 1) {
            advance()
            advance()
        }
        let wasInScript = isInScript
        isInScript = true
        defer { isInScript = wasInScript }
        let statements = try parseBody([.endWord])
        try expect(.endWord)
        try acceptEndLabel(label)
        return CompoundBlock(label: label, isAtomic: isAtomic, statements: statements, span: span(from: start))
    }

    /// Statements, each with its semicolon, up to one of `terminators`.
    private mutating func parseBody(_ terminators: Set<Keyword>) throws(SQLError) -> [ScriptStatement] {
        var statements: [ScriptStatement] = []
        while !(current.keyword.map(terminators.contains) ?? false) {
            guard !at(.end) else { throw syntaxError() }
            statements.append(try parseScriptStatement())
            try expect(.semicolon)
        }
        return statements
    }

    private mutating func acceptEndLabel(_ label: Identifier?) throws(SQLError) {
        guard isWord() else { return }
        let end = try parseIdentifier()
        guard let label else {
            throw refusal(.endLabelWithoutBeginLabel, ["endLabel": SQLQuote.id(end.text)], at: end.span)
        }
        if label.text.lowercased() != end.text.lowercased() {
            throw refusal(
                .labelsMismatch, ["beginLabel": SQLQuote.id(label.text), "endLabel": SQLQuote.id(end.text)], at: end.span)
        }
    }

    private mutating func parseScriptStatement() throws(SQLError) -> ScriptStatement {
        try descend(Self.queryWeight)
        defer { ascend(Self.queryWeight) }
        let start = current.start
        let label = try acceptLabel()
        switch current.keyword {
        case .begin?: return .block(try parseBlock(label, start))
        case .while?: return try parseWhile(label)
        case .repeat?: return try parseRepeat(label)
        case .loop?: return try parseLoop(label)
        case .for?: return try parseFor(label)
        default: if label != nil { throw syntaxError() }
        }
        switch current.keyword {
        case .if?: return try parseIf()
        case .case?: return try parseCaseStatement()
        case .leave?:
            advance()
            return .leave(try parseIdentifier())
        case .iterate?:
            advance()
            return .iterate(try parseIdentifier())
        case .declare? where at(.condition, 2): return try parseCondition()
        case .declare? where at(.handler, 2): return try parseHandler()
        case .declare? where declaresCursor(): return try parseCursor()
        case .fetch?: return try parseFetch()
        case nil where at(text: "OPEN") && isWord(1): return try parseOpen()
        case nil where at(text: "CLOSE") && isWord(1):
            advance()
            return .closeCursor(try parseMultipartIdentifier())
        case .signal?, .resignal?: return try parseSignal()
        case .get? where at(.diagnostics, 1) || at(.diagnostics, 2): return try parseDiagnostics()
        default: return .statement(try parseStatement())
        }
    }

    // MARK: Branches and loops

    private mutating func parseIf() throws(SQLError) -> ScriptStatement {
        advance()
        var branches: [(condition: Expression, body: [ScriptStatement])] = []
        var otherwise: [ScriptStatement]?
        let ends: Set<Keyword> = [.else, .elseif, .endWord]
        let condition = try parseExpression()
        try expect(.then)
        branches.append((condition, try parseBody(ends)))
        while true {
            if accept(.elseif) || accept(words: .else, .if) {
                let condition = try parseExpression()
                try expect(.then)
                branches.append((condition, try parseBody(ends)))
            } else if accept(.else) {
                otherwise = try parseBody([.endWord])
            } else {
                break
            }
        }
        try expect(words: .endWord, .if)
        return .ifElse(branches: branches, otherwise: otherwise)
    }

    private mutating func parseCaseStatement() throws(SQLError) -> ScriptStatement {
        advance()
        let operand = at(.when) ? nil : try parseExpression()
        var branches: [(condition: Expression, body: [ScriptStatement])] = []
        repeat {
            try expect(.when)
            let condition = try parseExpression()
            try expect(.then)
            branches.append((condition, try parseBody([.when, .else, .endWord])))
        } while at(.when)
        let otherwise = accept(.else) ? try parseBody([.endWord]) : nil
        try expect(words: .endWord, .case)
        return .caseWhen(operand: operand, branches: branches, otherwise: otherwise)
    }

    private mutating func parseWhile(_ label: Identifier?) throws(SQLError) -> ScriptStatement {
        advance()
        let condition = try parseExpression()
        try expect(.do)
        let body = try parseBody([.endWord])
        try expect(words: .endWord, .while)
        try acceptEndLabel(label)
        return .whileLoop(label: label, condition: condition, body: body)
    }

    private mutating func parseRepeat(_ label: Identifier?) throws(SQLError) -> ScriptStatement {
        advance()
        let body = try parseBody([.until])
        try expect(.until)
        let condition = try parseExpression()
        try expect(words: .endWord, .repeat)
        try acceptEndLabel(label)
        return .repeatLoop(label: label, body: body, until: condition)
    }

    private mutating func parseLoop(_ label: Identifier?) throws(SQLError) -> ScriptStatement {
        advance()
        let body = try parseBody([.endWord])
        try expect(words: .endWord, .loop)
        try acceptEndLabel(label)
        return .loop(label: label, body: body)
    }

    private mutating func parseFor(_ label: Identifier?) throws(SQLError) -> ScriptStatement {
        advance()
        var variable: Identifier?
        if isWord(), at(.as, 1) {
            variable = try parseIdentifier()
            advance()
        }
        let query = try parseQuery()
        try expect(.do)
        let body = try parseBody([.endWord])
        try expect(words: .endWord, .for)
        try acceptEndLabel(label)
        return .forLoop(label: label, variable: variable, query: query, body: body)
    }

    // MARK: Conditions

    private mutating func parseCondition() throws(SQLError) -> ScriptStatement {
        advance()
        let name = try parseIdentifier()
        try expect(.condition)
        var state: String?
        if accept(.for) { state = try parseSQLState() }
        return .declareCondition(name, sqlState: state)
    }

    private mutating func parseSQLState() throws(SQLError) -> String {
        try expect(.sqlstate)
        _ = accept(.value)
        return try parseStringToken()
    }

    private mutating func parseHandler() throws(SQLError) -> ScriptStatement {
        advance()
        guard let word = acceptOne(of: .exit, .continue) else { throw syntaxError() }
        try expect(words: .handler, .for)
        let conditions = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> ScriptStatement.HandlerCondition in
            if parser.accept(.sqlexception) { return .sqlException }
            if parser.accept(words: .not, .found) { return .notFound }
            if parser.at(.sqlstate) { return .sqlState(try parser.parseSQLState()) }
            return .condition(try parser.parseMultipartIdentifier())
        }
        let body: [ScriptStatement]
        if startsBlock() { body = [.block(try parseBlock())] } else { body = [try parseScriptStatement()] }
        return .declareHandler(isExit: word == .exit, conditions: conditions, body: body)
    }

    private mutating func parseSignal() throws(SQLError) -> ScriptStatement {
        let isResignal = at(.resignal)
        advance()
        var condition: MultipartIdentifier?
        var state: String?
        if at(.sqlstate) { state = try parseSQLState() } else if isWord(), !at(.set) { condition = try parseMultipartIdentifier() }
        var message: Expression?
        var arguments: Expression?
        if accept(.set) {
            repeat {
                if accept(.messageArguments) {
                    try expect(.equal)
                    arguments = try parseExpression()
                } else {
                    try expect(.messageText)
                    try expect(.equal)
                    message = try parseExpression()
                }
            } while accept(.comma)
        }
        return .signal(
            ScriptStatement.Signal(condition: condition, sqlState: state, message: message, arguments: arguments, isResignal: isResignal))
    }

    private mutating func parseDiagnostics() throws(SQLError) -> ScriptStatement {
        advance()
        if at(.diagnostics, 1) { advance() }
        try expect(.diagnostics)
        try expect(.condition)
        let number = current
        guard at(.integer) else { throw syntaxError() }
        advance()
        let assignments = try parseAssignments()
        return .getDiagnostics(Identifier(text(number), span: number.span), assignments)
    }
}

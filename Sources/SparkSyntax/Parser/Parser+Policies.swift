import SparkErrors

/// Attribute-based policies. Grammar: Databricks SQL language manual, CREATE, DROP, DESCRIBE and SHOW POLICIES.
extension Parser {
    /// CREATE stands before; POLICY is here.
    mutating func parseCreatePolicy(orReplace: Bool) throws(SQLError) -> Statement.Kind {
        try expect(.policy)
        let name = try parseIdentifier()
        let place = try parsePolicyPlace()
        let comment = accept(.comment) ? try parseString() : nil
        let isMask = try parsePolicyEffect()
        let function = try parseNameReference()
        try expect(.to)
        let principals = try parsePrincipals()
        let exceptions = accept(.except) ? try parsePrincipals() : []
        try expect(.for)
        try expect(.tables)
        let condition = accept(.when) ? try parseExpression() : nil
        var matches: [CreatePolicy.Match] = []
        if at(text: "MATCH"), at(.columns, 1) {
            advance()
            advance()
            repeat {
                let condition = try parseExpression()
                let hasWord = accept(.as)
                let alias = hasWord || isWord() && !at(.on) && !at(.using) ? try parseIdentifier() : nil
                matches.append(CreatePolicy.Match(condition: condition, alias: alias))
            } while accept(.comma)
        }
        var effect = CreatePolicy.Effect.rowFilter
        if isMask {
            try expect(words: .on, .column)
            effect = .columnMask(try parseIdentifier())
        }
        var arguments: [Expression] = []
        if accept(words: .using, .columns) {
            arguments = try parseList { (parser: inout Parser) throws(SQLError) -> Expression in try parser.parseExpression() }
        }
        return .policy(
            .create(
                CreatePolicy(
                    name: name, orReplace: orReplace, place: place, comment: comment, function: function, effect: effect, principals: principals,
                    exceptions: exceptions, condition: condition, matches: matches, arguments: arguments)))
    }

    /// DROP stands before; POLICY is here.
    mutating func parseDropPolicy() throws(SQLError) -> Statement.Kind {
        try expect(.policy)
        let name = try parseIdentifier()
        return .policy(.drop(name, on: try parsePolicyPlace()))
    }

    /// DESCRIBE stands before; POLICY is here.
    mutating func parseDescribePolicy() throws(SQLError) -> Statement.Kind {
        try expect(.policy)
        let name = try parseIdentifier()
        return .policy(.describe(name, on: try parsePolicyPlace()))
    }

    /// SHOW stands before; nil, and nothing taken, if no policies are asked for.
    mutating func acceptShowPolicies() throws(SQLError) -> Statement.Kind? {
        let isEffective = at(text: "EFFECTIVE") && at(text: "POLICIES", 1)
        guard isEffective || at(text: "POLICIES") else { return nil }
        advance()
        if isEffective { advance() }
        return .policy(.show(on: try parsePolicyPlace(), effective: isEffective))
    }

    private mutating func parsePolicyPlace() throws(SQLError) -> PolicyStatement.Place {
        try expect(.on)
        guard let kind = acceptObjectKind() else { throw syntaxError() }
        return PolicyStatement.Place(kind: kind, name: try parseNameReference())
    }

    /// Whether it is a column mask.
    private mutating func parsePolicyEffect() throws(SQLError) -> Bool {
        if accept(words: .row, .filter) { return false }
        try expect(words: .column, .mask)
        return true
    }

    private mutating func parsePrincipals() throws(SQLError) -> [Identifier] {
        var names = [try parsePrincipal()]
        while accept(.comma) { names.append(try parsePrincipal()) }
        return names
    }
}

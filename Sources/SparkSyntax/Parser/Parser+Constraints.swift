import SparkErrors

/// PRIMARY KEY, FOREIGN KEY, CHECK, UNIQUE.
extension Parser {
    /// A table constraint begins here and not a column of such a name.
    func startsConstraint() -> Bool {
        switch current.keyword {
        case .constraint?: isWord(1) && (at(.primary, 2) || at(.foreign, 2) || at(.check, 2) || at(.unique, 2))
        case .primary?, .foreign?: at(.key, 1)
        case .check?, .unique?: at(.leftParen, 1)
        default: false
        }
    }

    /// With `column` the constraint stands at a column: lists of columns may be left out.
    mutating func parseConstraint(column: Identifier? = nil) throws(SQLError) -> TableConstraint {
        let start = current.start
        var name: Identifier?
        if accept(.constraint) { name = try parseNameIdentifier() }
        let kind: TableConstraint.Kind
        if accept(words: .primary, .key) {
            kind = at(.leftParen) || column == nil ? try parsePrimaryKey() : .primaryKey(columns: [], isTimeSeries: [])
        } else if accept(words: .foreign, .key) {
            let columns = at(.leftParen) || column == nil ? try parseIdentifierList() : []
            kind = try parseReferences(columns)
        } else if at(.references), column != nil {
            kind = try parseReferences([])
        } else if accept(.check) {
            try expect(.leftParen)
            kind = .check(try parseExpression())
            try expect(.rightParen)
        } else if accept(.unique) {
            kind = .unique(columns: at(.leftParen) ? try parseIdentifierList() : [])
        } else {
            throw syntaxError()
        }
        let characteristics = try parseCharacteristics(kind, start)
        return TableConstraint(name: name, kind: kind, characteristics: characteristics, span: span(from: start))
    }

    private mutating func parsePrimaryKey() throws(SQLError) -> TableConstraint.Kind {
        let columns = try parseList { (parser: inout Parser) throws(SQLError) -> (Identifier, Bool) in
            let column = try parser.parseNameIdentifier()
            return (column, parser.accept(.timeseries))
        }
        return .primaryKey(columns: columns.map(\.0), isTimeSeries: columns.map(\.1))
    }

    private mutating func parseReferences(_ columns: [Identifier]) throws(SQLError) -> TableConstraint.Kind {
        try expect(.references)
        let parent = try parseNameReference()
        return .foreignKey(columns: columns, parent: parent, parentColumns: at(.leftParen) ? try parseIdentifierList() : [])
    }

    private mutating func parseCharacteristics(_ kind: TableConstraint.Kind, _ start: Int) throws(SQLError) -> [String] {
        var result: [String] = []
        while true {
            let words: [Keyword]
            switch current.keyword {
            case .not? where at(.enforced, 1): words = [.not, .enforced]
            case .not? where at(.deferrable, 1): words = [.not, .deferrable]
            case .enforced?: words = [.enforced]
            case .deferrable?: words = [.deferrable]
            case .initially? where at(.deferred, 1): words = [.initially, .deferred]
            case .rely?: words = [.rely]
            case .norely?: words = [.norely]
            case .match? where at(.full, 1): words = [.match, .full]
            case .on? where at(.update, 1) || at(.delete, 1):
                // The only action there is: `NO ACTION`.
                words = [.on, at(.update, 1) ? .update : .delete]
                for _ in 0..<2 { advance() }
                try expect(.no)
                guard at(text: "ACTION") else { throw syntaxError() }
                advance()
                result.append(words.map(\.rawValue).joined(separator: " ") + " NO ACTION")
                continue
            default: return try checked(result, kind, start)
            }
            for _ in words { advance() }
            result.append(words.map(\.rawValue).joined(separator: " "))
        }
    }

    private func checked(_ names: [String], _ kind: TableConstraint.Kind, _ start: Int) throws(SQLError) -> [String] {
        let pairs = [("ENFORCED", "NOT ENFORCED"), ("RELY", "NORELY")]
        let isContradictory = pairs.contains { names.contains($0.0) && names.contains($0.1) }
        if Set(names).count < names.count || isContradictory {
            throw refusal(
                .invalidConstraintCharacteristics, ["characteristics": names.joined(separator: ", ")], at: span(from: start))
        }
        return names
    }
}

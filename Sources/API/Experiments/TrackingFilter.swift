package import Workspace

/// A search's condition: comparisons that must all hold, as `mlflow`'s `search_utils.py` reads them:
/// `metrics.rmse < 1 and params."model class" = 'LogisticRegression'`.
package struct TrackingFilter: Sendable, Hashable {
    package enum Comparator: String, Sendable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case like = "LIKE"
        case ilike = "ILIKE"
        case isIn = "IN"
        case isNotIn = "NOT IN"
        case isNull = "IS NULL"
        case isNotNull = "IS NOT NULL"
    }

    package enum Value: Sendable, Hashable {
        case number(Double)
        case text(String)
        case list([String])
        case none
    }

    package struct Clause: Sendable, Hashable {
        package let field: TrackingField
        package let comparator: Comparator
        package let value: Value
    }

    package let clauses: [Clause]

    /// A search of the longest filter would only waste time.
    private static let longest = 20_000
    private static let mostClauses = 100

    package init(_ text: String, _ grammar: TrackingGrammar) throws(WorkspaceError) {
        guard text.utf8.count <= Self.longest else { throw .invalid("The filter string exceeds \(Self.longest) bytes.") }
        var tokens = try TrackingLexer.tokens(text)[...]
        var clauses: [Clause] = []
        while !tokens.isEmpty {
            if !clauses.isEmpty {
                guard tokens.first?.isWord("AND") == true else { throw Self.invalid(tokens) }
                tokens.removeFirst()
                if tokens.isEmpty { throw .invalid("Invalid filter '\(text.prefix(256))': a comparison must follow 'AND'.") }
            }
            guard clauses.count < Self.mostClauses else { throw .invalid("A filter can have at most \(Self.mostClauses) comparisons.") }
            clauses.append(try Self.clause(&tokens, grammar))
        }
        self.clauses = clauses
    }

    private static func invalid(_ tokens: ArraySlice<TrackingToken>) -> WorkspaceError {
        .invalid("Invalid clause(s) in filter string: '\(tokens.prefix(8).map(\.shown).joined(separator: " ").prefix(256))'")
    }

    private static func clause(_ tokens: inout ArraySlice<TrackingToken>, _ grammar: TrackingGrammar) throws(WorkspaceError) -> Clause {
        let start = tokens
        guard case .identifier(let entity, let key)? = tokens.popFirst() else { throw invalid(start) }
        let field = try grammar.field(entity, key)
        guard let comparator = comparator(&tokens) else { throw invalid(start) }
        let allowed = grammar.comparators(field)
        guard allowed.contains(comparator) else {
            throw .invalid(
                "Invalid comparator '\(comparator.rawValue)' for \(field.shown): not one of \(allowed.map { "'\($0.rawValue)'" }.joined(separator: ", "))"
            )
        }
        switch comparator {
        case .isNull, .isNotNull: return Clause(field: field, comparator: comparator, value: .none)
        case .isIn, .isNotIn: return Clause(field: field, comparator: comparator, value: .list(try list(&tokens, field)))
        default: break
        }
        guard let token = tokens.popFirst() else { throw .invalid("Invalid comparison clause: a value must follow '\(comparator.rawValue)'.") }
        if grammar.isNumeric(field) {
            var digits: String?
            if case .number(let text) = token { digits = text } else if grammar.takesQuotedNumbers { digits = token.quoted }
            guard let number = digits.flatMap({ Double($0) }), number.isFinite else {
                throw .invalid("Expected numeric value type for \(field.shown). Found \(token.shown.prefix(256))")
            }
            return Clause(field: field, comparator: comparator, value: .number(number))
        }
        guard let text = token.quoted else {
            throw .invalid("Expected a quoted string value for \(field.shown) (e.g. 'my-value'). Got value \(token.shown.prefix(256))")
        }
        if comparator == .like || comparator == .ilike, case .attribute(let key) = field, grammar.foundAnywhere.contains(key) {
            return Clause(field: field, comparator: comparator, value: .text("%\(text)%"))
        }
        return Clause(field: field, comparator: comparator, value: .text(text))
    }

    private static func comparator(_ tokens: inout ArraySlice<TrackingToken>) -> Comparator? {
        guard let first = tokens.popFirst() else { return nil }
        if case .comparator(let text) = first { return Comparator(rawValue: text) }
        if first.isWord("LIKE") { return .like }
        if first.isWord("ILIKE") { return .ilike }
        if first.isWord("IN") { return .isIn }
        if first.isWord("NOT") { return tokens.popFirst()?.isWord("IN") == true ? .isNotIn : nil }
        guard first.isWord("IS"), let second = tokens.popFirst() else { return nil }
        if second.isWord("NULL") { return .isNull }
        return second.isWord("NOT") && tokens.popFirst()?.isWord("NULL") == true ? .isNotNull : nil
    }

    private static func list(_ tokens: inout ArraySlice<TrackingToken>, _ field: TrackingField) throws(WorkspaceError) -> [String] {
        let refusal = WorkspaceError.invalid("Expected a list of quoted string values in parentheses for \(field.shown), such as ('a', 'b').")
        guard tokens.popFirst() == .open else { throw refusal }
        var values: [String] = []
        while true {
            guard let text = tokens.popFirst()?.quoted else { throw refusal }
            values.append(text)
            switch tokens.popFirst() {
            case .comma: continue
            case .close: return values
            default: throw refusal
            }
        }
    }

    /// The fields whose values a search must look up.
    package var fields: [TrackingField] {
        var seen: Set<TrackingField> = []
        return clauses.map(\.field).filter { seen.insert($0).inserted }
    }

    /// `values`: all values that an object has for a field; one of them must fit. An object without a value fits nothing but `IS NULL`.
    package func matches(_ values: (TrackingField) -> [TrackingValue]) -> Bool {
        clauses.allSatisfy { clause in
            let have = values(clause.field)
            switch clause.comparator {
            case .isNull: return have.isEmpty
            case .isNotNull: return !have.isEmpty
            default: return have.contains { Self.holds($0, clause) }
            }
        }
    }

    private static func holds(_ value: TrackingValue, _ clause: Clause) -> Bool {
        switch (value, clause.value) {
        case (.number(let left), .number(let right)):
            switch clause.comparator {
            case .equal: left == right
            case .notEqual: left != right
            case .less: left < right
            case .lessOrEqual: left <= right
            case .greater: left > right
            case .greaterOrEqual: left >= right
            default: false
            }
        case (.text(let left), .text(let right)):
            switch clause.comparator {
            case .equal: left.utf8.elementsEqual(right.utf8)
            case .notEqual: !left.utf8.elementsEqual(right.utf8)
            case .like: LikePattern.matches(Array(left.unicodeScalars), Array(right.unicodeScalars))
            case .ilike: LikePattern.matches(Array(left.lowercased().unicodeScalars), Array(right.lowercased().unicodeScalars))
            default: false
            }
        case (.text(let left), .list(let right)): right.contains { $0.utf8.elementsEqual(left.utf8) } == (clause.comparator == .isIn)
        default: false
        }
    }
}

/// `%` any text, `_` any character.
enum LikePattern {
    /// Goes back to the last `%` alone: the work is the product of both lengths at most.
    static func matches(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var place = 0
        var next = 0
        var retry: (pattern: Int, text: Int)?
        while place < text.count {
            if next < pattern.count, pattern[next] == "%" {
                retry = (next, place)
                next += 1
            } else if next < pattern.count, pattern[next] == "_" || pattern[next] == text[place] {
                next += 1
                place += 1
            } else if let last = retry {
                retry = (last.pattern, last.text + 1)
                next = last.pattern + 1
                place = last.text + 1
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == "%" }
    }
}

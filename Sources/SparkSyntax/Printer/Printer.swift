import SparkErrors

/// Writes expressions as SQL again: one canonical form with every operator in parentheses, so that text tells structure.
///
/// Names of result columns come from resolved expressions and are the engine's; a view's or default's own text is cut out of the
/// statement by its span (`SourceSpan.text(in:)`).
package struct Printer {
    /// The text that the spans refer to, from which subqueries are cut; without it they are `(...)`.
    let source: String?

    package init(source: String? = nil) {
        self.source = source
    }

    package static func sql(_ expression: Expression, source: String? = nil) -> String {
        Printer(source: source).text(expression)
    }

    package static func sql(_ type: TypeName) -> String { Printer().text(type) }

    package func text(_ expression: Expression) -> String {
        switch expression.kind {
        case .literal(let literal): return text(literal)
        case .name(let name): return text(name)
        case .star(let star): return text(star)
        case .namedParameter(let name): return ":\(name)"
        case .positionalParameter: return "?"
        case .unary(let symbol, let operand): return symbol == .not ? "(NOT \(text(operand)))" : "(\(symbol.rawValue) \(text(operand)))"
        case .binary(let symbol, let left, let right): return "(\(text(left)) \(symbol.rawValue) \(text(right)))"
        case .isTest(let test, let operand, let isNegated): return "(\(text(operand)) IS \(not(isNegated))\(test.rawValue))"
        case .isDistinct(let left, let right, let isNegated): return "(\(text(left)) IS \(not(isNegated))DISTINCT FROM \(text(right)))"
        case .between(let operand, let low, let high, let isNegated):
            return "(\(text(operand)) \(not(isNegated))BETWEEN \(text(low)) AND \(text(high)))"
        case .inList(let operand, let items, let isNegated): return "(\(text(operand)) \(not(isNegated))IN (\(list(items))))"
        case .inQuery(let operand, let query, let isNegated): return "(\(text(operand)) \(not(isNegated))IN \(text(query)))"
        case .like(let like): return text(like)
        case .exists(let query): return "EXISTS \(text(query))"
        case .scalarSubquery(let query): return text(query)
        case .caseWhen(let value): return text(value)
        case .cast(let cast): return text(cast)
        case .field(let base, let name): return "\(text(base)).\(text(name))"
        case .element(let base, let index): return "\(text(base))[\(text(index))]"
        case .semiStructured(let base, let path): return text(base) + ":" + text(path)
        case .collate(let operand, let name): return "\(text(operand)) COLLATE \(text(name))"
        case .row(let items): return "(\(list(items)))"
        case .structure(let items): return "struct(\(list(items)))"
        case .function(let call): return text(call)
        case .extract(let field, let base): return "extract(\(field) FROM \(text(base)))"
        case .trim(let side, let characters, let base):
            let words = [side?.rawValue, characters.map(text), "FROM", text(base)].compactMap { $0 }
            return "trim(\(words.joined(separator: " ")))"
        case .unitFunction(let name, let unit, let arguments): return "\(name.text)(\(unit), \(list(arguments)))"
        case .lambda(let names, let body):
            let shown = names.map(text).joined(separator: ", ")
            return names.count == 1 ? "\(shown) -> \(text(body))" : "(\(shown)) -> \(text(body))"
        case .currentLike(let name): return name.text
        case .computedName(let inner, let suffix): return (["IDENTIFIER(\(text(inner)))"] + suffix.map(text)).joined(separator: ".")
        }
    }

    // MARK: Parts

    func not(_ isNegated: Bool) -> String { isNegated ? "NOT " : "" }

    func list(_ expressions: [Expression]) -> String { expressions.map(text).joined(separator: ", ") }

    func list(_ items: [NamedExpression]) -> String { items.map(text).joined(separator: ", ") }

    package func text(_ item: NamedExpression) -> String {
        switch item.aliases.count {
        case 0: text(item.expression)
        case 1: "\(text(item.expression)) AS \(item.aliases.map(text).joined())"
        default: "\(text(item.expression)) AS (\(item.aliases.map(text).joined(separator: ", ")))"
        }
    }

    /// Backquoted where a plain word would not read back.
    package func text(_ identifier: Identifier) -> String {
        let name = identifier.text
        let isPlain = !name.isEmpty && name.utf8.allSatisfy(isWordByte) && !name.utf8.allSatisfy(isDigit) && !identifier.isQuoted
        return isPlain ? name : SQLQuote.id(name)
    }

    package func text(_ name: MultipartIdentifier) -> String { name.parts.map(text).joined(separator: ".") }

    func text(_ name: NameReference) -> String {
        switch name {
        case .name(let name): text(name)
        case .computed(let expression, let suffix, _):
            (["IDENTIFIER(\(text(expression)))"] + suffix.map(text)).joined(separator: ".")
        }
    }

    func text(_ query: Query) -> String {
        guard let source, let cut = query.span.text(in: source) else { return "(...)" }
        return "(\(cut))"
    }

    private func text(_ star: Expression.Star) -> String {
        let head = star.qualifier.map { text($0) + ".*" } ?? "*"
        return star.except.isEmpty ? head : "\(head) EXCEPT (\(star.except.map(text).joined(separator: ", ")))"
    }

    private func text(_ like: Expression.Like) -> String {
        let head = "\(text(like.operand)) \(not(like.isNegated))\(like.form.rawValue) "
        if let quantifier = like.quantifier { return "(\(head)\(quantifier.rawValue) (\(list(like.patterns))))" }
        let escape = like.escape.map { " ESCAPE \(quoted($0))" } ?? ""
        return "(\(head)\(list(like.patterns))\(escape))"
    }

    private func text(_ value: Expression.Case) -> String {
        var words = ["CASE"]
        if let operand = value.operand { words.append(text(operand)) }
        for branch in value.branches { words.append("WHEN \(text(branch.condition)) THEN \(text(branch.result))") }
        if let otherwise = value.otherwise { words.append("ELSE \(text(otherwise))") }
        return (words + ["END"]).joined(separator: " ")
    }

    private func text(_ cast: Expression.Cast) -> String {
        switch cast.form {
        case .cast, .doubleColon: "CAST(\(text(cast.operand)) AS \(text(cast.type)))"
        case .tryCast, .tryDoubleColon: "TRY_CAST(\(text(cast.operand)) AS \(text(cast.type)))"
        }
    }

    private func text(_ path: [Expression.PathStep]) -> String {
        var result = ""
        for step in path {
            switch step {
            case .field(let name, let isQuoted):
                result += isQuoted ? "[\(quoted(name))]" : (result.isEmpty ? name : ".\(name)")
            case .index(let index): result += "[\(index)]"
            case .wildcard: result += "[*]"
            }
        }
        return result
    }
}

import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    /// What a name means, or UNRESOLVED_COLUMN.
    func resolveName(_ parts: [String], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        if let found = try resolveNameIfKnown(parts, span) { return found }
        throw unresolvedColumn(parts, span)
    }

    /// In this order: lambda parameters, columns, a SQL function's parameters, aliases of earlier SELECT items, columns of enclosing queries,
    /// session variables.
    func resolveNameIfKnown(_ parts: [String], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression? {
        guard let first = parts.first else { return nil }
        for parameters in lambdas.reversed() {
            if let parameter = parameters.first(where: { Names.same($0.name, first) }) {
                let column = ColumnReference(parameter, name: "namedlambdavariable()", span: span)
                return try fields(.column(column), parts.dropFirst(), span)
            }
        }
        for scope in scopes {
            if let match = try scope.resolve(parts, at: span) {
                return try fields(.column(ColumnReference(match.attribute, name: match.name, span: span)), match.rest, span)
            }
        }
        if let item = groupItems.first(where: { $0.generator == nil && Names.same($0.attribute.name, first) }) {
            return try fields(item.expression, parts.dropFirst(), span)
        }
        if let argument = try functionArgument(parts, span) { return argument }
        if let alias = try lateralAlias(first, span) {
            let column = ColumnReference(alias.attribute, name: "lateralAliasReference(\(first))", span: span)
            return try fields(.column(column), parts.dropFirst(), span)
        }
        if let match = try environment.level?.resolve(parts, at: span) {
            let column = ColumnReference(match.attribute, name: match.name, qualifier: match.qualifier, span: span)
            return try fields(.outer(column), match.rest, span)
        }
        if let variable = try variable(parts, span) { return variable }
        if parts.count == 1, allowsGrouping, Names.same(first, "grouping__id") { return .grouping([], isID: true, span: span) }
        return nil
    }

    /// A parameter of the SQL function whose body this is; the function's name may stand before it.
    private func functionArgument(_ parts: [String], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression? {
        guard !environment.arguments.isEmpty, let first = parts.first else { return nil }
        if parts.count > 1, let name = environment.functionName, Names.same(name, first), let argument = environment.arguments[parts[1].lowercased()]
        {
            capture(argument)
            return try fields(argument, parts.dropFirst(2), span)
        }
        guard let argument = environment.arguments[first.lowercased()] else { return nil }
        capture(argument)
        return try fields(argument, parts.dropFirst(), span)
    }

    private func capture(_ argument: ResolvedExpression) {
        guard environment.argumentsAreOuter, let level = environment.level else { return }
        argument.forEach { part in
            switch part {
            case .outer(let column): level.capture(column)
            case .subquery(let subquery): for column in subquery.outer { level.capture(column) }
            default: break
            }
        }
    }

    /// The longest beginning of a name that is a variable's; what is left over are fields.
    private func variable(_ parts: [String], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression? {
        for count in stride(from: min(parts.count, 3), through: 1, by: -1) {
            guard let variable = analyzer.catalog.variable(Array(parts.prefix(count))) else { continue }
            let value = ResolvedExpression.constant(Constant(variable.value.value, variable.value.type))
            let path = variable.path.map(Suggestions.quotedIfNeeded).joined(separator: ".")
            let shown = "variablereference(\(path)=\(variable.value.literal))"
            return try fields(.replaced(sql: shown, value), parts.dropFirst(count), span)
        }
        return nil
    }

    /// Whether a column is called so in this query itself.
    func hasColumn(_ name: String) -> Bool {
        scopes.contains { $0.columns.contains { Names.same($0.attribute.name, name) } }
    }

    private func lateralAlias(_ name: String, _ span: SourceSpan?) throws(SQLError) -> LateralAlias? {
        guard !aliases.isEmpty else { return nil }
        let found = aliases.filter { Names.same($0.name, name) }
        if found.count > 1 { throw SQLError(.ambiguousLateralColumnAlias, ["name": SQLQuote.id(name), "n": "\(found.count)"], at: span) }
        return found.first
    }

    func unresolvedColumn(_ parts: [String], _ span: SourceSpan?) -> SQLError {
        let columns = scopes.first?.columns ?? []
        if columns.isEmpty, !environment.parameters.isEmpty {
            return Suggestions.unresolvedColumn(parts, among: environment.parameters.map { .init(attribute: $0, qualifier: []) }, at: span)
        }
        return Suggestions.unresolvedColumn(parts, among: columns, at: span)
    }

    /// The fields that name parts behind a column's go down to.
    func fields(_ base: ResolvedExpression, _ rest: ArraySlice<String>, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        var result = base
        for part in rest { result = try field(result, part, span) }
        return result
    }

    /// `base.name`: a field of a struct, of every struct of an array, or a map's value.
    func field(_ base: ResolvedExpression, _ name: String, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        switch base.type {
        case .structure(let fields):
            let (index, field) = try structField(fields, name, span)
            return .field(base, index: index, Field(field.name, field.type, nullable: field.nullable))
        case .array(.structure(let fields), let containsNull):
            let (index, field) = try structField(fields, name, span)
            let type = DataType.array(element: field.type, containsNull: containsNull || field.nullable)
            return .field(base, index: index, Field(field.name, type, nullable: false))
        case .map: return try element(base, .constant(Constant(.string(name), .text, isLiteral: true)), span)
        default: throw invalidBase(base, span)
        }
    }

    private func structField(_ fields: [Field], _ name: String, _ span: SourceSpan?) throws(SQLError) -> (Int, Field) {
        let found = fields.indices.filter { Names.same(fields[$0].name, name) }
        guard let index = found.first else {
            throw SQLError(
                .fieldNotFound,
                ["fieldName": SQLQuote.id(name), "fields": fields.map { SQLQuote.id($0.name) }.joined(separator: ", ")], at: span)
        }
        if found.count > 1 {
            throw SQLError(.ambiguousReferenceToFields, ["field": SQLQuote.id(name), "count": "\(found.count)"], at: span)
        }
        return (index, fields[index])
    }

    private func invalidBase(_ base: ResolvedExpression, _ span: SourceSpan?) -> SQLError {
        SQLError(.invalidExtractBaseFieldType, ["base": SQLQuote.expr(base.sql), "other": SQLQuote.type(base.type.sqlText)], at: span)
    }

    /// `base[key]`.
    func element(_ base: ResolvedExpression, _ key: ResolvedExpression, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        switch base.type {
        case .array(let element, _):
            guard key.type.isInteger || key.type == .void else {
                throw SQLError(
                    .datatypeMismatchUnexpectedInputType,
                    [
                        "sqlExpr": SQLQuote.expr("\(base.sql)[\(key.sql)]"), "paramIndex": "second", "requiredType": "\"INTEGRAL\"",
                        "inputSql": SQLQuote.expr(key.sql), "inputType": SQLQuote.type(key.type.sqlText),
                    ], at: span)
            }
            return .element(base, try coerce(key, to: .int, span), type: element, span: span)
        case .map(let keyType, let value, _):
            // A literal takes the keys' collation.
            let isOther = key.type.isString && keyType.isString && key.type.stringCollation != keyType.stringCollation && !key.isStringLiteral
            guard !isOther, let common = Coercion.implicitCast(key.type, to: .exact(keyType)) else {
                throw SQLError(
                    .datatypeMismatchUnexpectedInputType,
                    [
                        "sqlExpr": SQLQuote.expr("\(base.sql)[\(key.sql)]"), "paramIndex": "second", "requiredType": SQLQuote.type(keyType.sqlText),
                        "inputSql": SQLQuote.expr(key.sql), "inputType": SQLQuote.type(key.type.sqlText),
                    ], at: span)
            }
            return .element(base, try coerce(key, to: common, span), type: value, span: span)
        case .structure(let fields):
            guard case .constant(let constant) = key, case .string(let name) = constant.value else {
                throw SQLError(.invalidExtractFieldType, ["extraction": SQLQuote.expr(key.sql)], at: span)
            }
            let (index, field) = try structField(fields, name, span)
            return .field(base, index: index, field)
        default: throw invalidBase(base, span)
        }
    }
}

extension ResolvedExpression {
    fileprivate var isStringLiteral: Bool { if case .constant(let constant) = self { constant.isLiteral && constant.type.isString } else { false } }
}

/// "Did you mean": what Spark proposes for an unknown name.
enum Suggestions {
    static func unresolvedColumn(_ parts: [String], among columns: [Scope.Column], at span: SourceSpan?) -> SQLError {
        guard !columns.isEmpty else {
            return SQLError(.unresolvedColumnWithoutSuggestion, ["objectName": SQLQuote.id(parts)], at: span)
        }
        return SQLError(
            .unresolvedColumnWithSuggestion, ["objectName": SQLQuote.id(parts), "proposal": proposal(parts, columns).joined(separator: ", ")],
            at: span)
    }

    /// At most five names, nearest first; qualifiers that all share are left out if the unknown name had none.
    static func proposal(_ parts: [String], _ columns: [Scope.Column]) -> [String] {
        var names = columns.map { $0.qualifier + [$0.attribute.name] }
        if parts.count == 1, allEqual(names.map { $0.dropLast() }) {
            names = names.map { [$0[$0.count - 1]] }
        } else if parts.count <= 2, allEqual(names.map { $0.dropLast(2) }) {
            names = names.map { Array($0.suffix(2)) }
        }
        // Names may be as long as a statement: what lies beyond the first part does not count.
        let limit = 128
        let wanted = Array(parts.map(quotedIfNeeded).joined(separator: ".").unicodeScalars.prefix(limit))
        let ranked = names.map { SQLQuote.id($0) }.enumerated().map {
            (offset: $0, name: $1, distance: distance(Array($1.unicodeScalars.prefix(limit)), wanted))
        }
        return ranked.sorted { ($0.distance, $0.offset) < ($1.distance, $1.offset) }.prefix(5).map(\.name)
    }

    private static func allEqual(_ lists: [ArraySlice<String>]) -> Bool { lists.dropFirst().allSatisfy { $0.elementsEqual(lists[0]) } }

    static func quotedIfNeeded(_ part: String) -> String {
        let isPlain = part.utf8.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F }
        return isPlain && !part.isEmpty ? part : SQLQuote.id(part)
    }

    /// Levenshtein's.
    static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let best = min(diagonal + (x == y ? 0 : 1), row[j] + 1, row[j + 1] + 1)
                diagonal = row[j + 1]
                row[j + 1] = best
            }
        }
        return row[b.count]
    }
}

extension SQLError {
    /// Whether it says that a name does not fit: it may mean something else where more names are in sight.
    var isOfNames: Bool {
        [.ambiguousReference, .invalidExtractBaseFieldType, .fieldNotFound, .unresolvedColumnWithSuggestion, .unresolvedColumnWithoutSuggestion]
            .contains(condition)
    }
}

extension ResolvedExpression {
    var subqueries: [SubqueryExpression] {
        var found: [SubqueryExpression] = []
        forEach { if case .subquery(let subquery) = $0 { found.append(subquery) } }
        return found
    }
}

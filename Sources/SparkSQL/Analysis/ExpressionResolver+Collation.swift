import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// By what right an expression's strings have their collation.
enum CollationStrength: Int, Comparable {
    /// Literals, and what is made of them.
    case weak
    /// Columns, subqueries and casts of strings.
    case implicit
    /// COLLATE.
    case explicit

    static func < (left: CollationStrength, right: CollationStrength) -> Bool { left.rawValue < right.rawValue }
}

/// Strings are compared by one collation: a stronger one goes before a weaker one, and equally strong ones must be the same.
extension ExpressionResolver {
    /// The arguments with those that a function compares, or puts together, of one collation.
    /// - Parameter operandIsShared: Spark computes the first argument apart, and forgets by what right it has its collation.
    /// - Throws: COLLATION_MISMATCH.EXPLICIT, INDETERMINATE_COLLATION, INDETERMINATE_COLLATION_IN_EXPRESSION.
    func unified(
        _ function: String, _ given: [ResolvedExpression], _ span: SourceSpan?, operandIsShared: Bool = false, sql: ([String]) -> String
    ) throws(SQLError) -> [ResolvedExpression] {
        guard given.contains(where: \.type.hasCollation) else { return given }
        var arguments = given + standardArguments(function, given)
        var isRefused = false
        for group in CollationRules.groups(function, count: arguments.count) ?? [] {
            let members = group.filter { arguments.indices.contains($0) }
            var items: [(type: DataType, strength: CollationStrength)] = []
            for index in members {
                let argument = arguments[index]
                let isText = argument.type.stringCollation != nil
                let type = isText || !CollationRules.wantsStrings(function) ? argument.type : .text
                items.append((type, !isText && type == .text || operandIsShared && index == 0 ? .weak : argument.collationStrength))
            }
            let types = try Self.unified(items)
            for (index, type) in zip(members, types) where arguments[index].type.hasStrings {
                arguments[index] = try recollated(arguments[index], to: type)
            }
            isRefused = isRefused || types.contains(where: \.hasIndeterminateCollation)
        }
        if !CollationRules.takesIndeterminate(function), arguments.contains(where: \.type.hasIndeterminateCollation) { isRefused = true }
        guard isRefused else { return arguments }
        switch CollationRules.conflict(function) {
        case .carried: return arguments
        case .refused: throw SQLError(.indeterminateCollation, at: span, phase: .analysis)
        case .refusedByExpression where CollationRules.takesIndeterminate(function): return arguments
        case .refusedByExpression:
            var shown = given.map(\.sql)
            if operandIsShared { shown[0] = "commonexpressionref()" }
            throw SQLError(.indeterminateCollationInExpression, ["expr": SQLQuote.expr(sql(shown))], at: span, phase: .analysis)
        }
    }

    /// What a call leaves out and Spark's analyser adds: they are of the others' collation, too.
    private func standardArguments(_ function: String, _ given: [ResolvedExpression]) -> [ResolvedExpression] {
        let added: [String] =
            switch (function, given.count) {
            case ("lpad", 2), ("rpad", 2): given[0].type.isString ? [" "] : []
            case ("replace", 2): [""]
            case ("str_to_map", 1): [",", ":"]
            case ("str_to_map", 2): [":"]
            default: []
            }
        return added.map { .constant(literal(Constant(.string($0), .text, isLiteral: true))) }
    }

    /// The types with one collation for the strings that stand at the same place of each.
    static func unified(_ items: [(type: DataType, strength: CollationStrength)]) throws(SQLError) -> [DataType] {
        var result = items.map(\.type)
        let texts = items.indices.filter { items[$0].type.stringCollation != nil }
        let winner = try common(texts.map { (items[$0].type, items[$0].strength) })
        for index in texts { result[index] = items[index].type.recollated(to: winner) }
        let rest = items.indices.filter { items[$0].type.stringCollation == nil && items[$0].type.hasStrings }
        guard let first = rest.first, rest.count > 1 else { return result }
        /// One part of all of them; nil unless all have it.
        func parts(_ part: (DataType) -> DataType?) throws(SQLError) -> [DataType]? {
            var found: [(DataType, CollationStrength)] = []
            for index in rest {
                guard let type = part(items[index].type) else { return nil }
                found.append((type, items[index].strength))
            }
            return try unified(found)
        }
        switch items[first].type {
        case .array:
            let elements = try parts { if case .array(let element, _) = $0 { element } else { nil } }
            for (index, element) in zip(rest, elements ?? []) {
                if case .array(_, let containsNull) = result[index] { result[index] = .array(element: element, containsNull: containsNull) }
            }
        case .map:
            let keys = try parts { if case .map(let key, _, _) = $0 { key } else { nil } }
            let values = try parts { if case .map(_, let value, _) = $0 { value } else { nil } }
            for (index, (key, value)) in zip(rest, zip(keys ?? [], values ?? [])) {
                if case .map(_, _, let containsNull) = result[index] {
                    result[index] = .map(key: key, value: value, valueContainsNull: containsNull)
                }
            }
        case .structure(let fields):
            for position in fields.indices {
                let types = try parts {
                    if case .structure(let fields) = $0, fields.indices.contains(position) { fields[position].type } else { nil }
                }
                for (index, type) in zip(rest, types ?? []) {
                    guard case .structure(var fields) = result[index], fields.indices.contains(position) else { continue }
                    fields[position].type = type
                    result[index] = .structure(fields)
                }
            }
        default: break
        }
        return result
    }

    private static func common(_ texts: [(type: DataType, strength: CollationStrength)]) throws(SQLError) -> Collation {
        guard let strongest = texts.map(\.strength).max() else { return .utf8Binary }
        var found: [Collation] = []
        for text in texts where text.strength == strongest {
            if let collation = text.type.stringCollation, !found.contains(collation) { found.append(collation) }
        }
        if found.count > 1, strongest == .explicit {
            throw SQLError(
                .collationMismatchExplicit,
                ["explicitTypes": found.map { SQLQuote.type(DataType.string($0).sqlText) }.joined(separator: ", ")], phase: .analysis)
        }
        return found.count == 1 ? found[0] : .indeterminate
    }

    /// The same as a type that differs in collations alone. Literals show the collation, casts that were written are forgotten.
    func recollated(_ expression: ResolvedExpression, to type: DataType) throws(SQLError) -> ResolvedExpression {
        if expression.type == type { return expression }
        switch expression {
        case .constant(let constant) where constant.isLiteral && constant.type.isString:
            return .constant(Constant(constant.value, type, text: constant.value.isNull ? constant.text : nil, isLiteral: true))
        case .cast(let cast) where !cast.isImplicit:
            return .cast(CastExpression(cast.operand, to: type, mode: cast.mode, isImplicit: true, span: cast.span))
        default: return try coerce(expression, to: type)
        }
    }

    /// In a view with a DEFAULT COLLATION: a literal of it.
    func literal(_ constant: Constant) -> Constant {
        guard environment.collation != .utf8Binary, constant.isLiteral, constant.type == .text else { return constant }
        return Constant(constant.value, .string(environment.collation), text: constant.value.isNull ? constant.text : nil, isLiteral: true)
    }

    /// In a view with a DEFAULT COLLATION: what a function makes of no string of its arguments.
    func defaulted(_ expression: ResolvedExpression, of function: String) -> ResolvedExpression {
        guard environment.collation != .utf8Binary, CollationRules.makesDefaultStrings(function) else { return expression }
        guard expression.type.stringCollation != nil else { return expression }
        // Spark makes a string of an array, too.
        let type = DataType.string(environment.collation)
        if type == expression.type { return expression }
        return .cast(CastExpression(expression, to: type, mode: .ansi, isImplicit: true, span: expression.span))
    }
}

extension ResolvedExpression {
    /// Without the cast that a function wants of strings.
    private var uncoerced: ResolvedExpression {
        if case .cast(let cast) = self, cast.isImplicit, !cast.isCollate, cast.type == .text, cast.operand.type.isString { return cast.operand }
        return self
    }

    var collationStrength: CollationStrength {
        // Arguments whose collation the result does not have say nothing of it.
        let own = type.stringCollation
        func strongest(_ parts: [ResolvedExpression]) -> CollationStrength {
            let counted = parts.map(\.uncoerced).filter { part in part.type.stringCollation.map { own == nil || own == $0 } ?? false }
            return counted.map(\.collationStrength).max() ?? .weak
        }
        switch self {
        case .constant, .and, .or, .not, .isNull, .isNotNull, .inList, .grouping: return .weak
        case .column, .outer, .subquery, .lambda: return .implicit
        case .cast(let cast):
            if cast.isCollate { return .explicit }
            guard cast.operand.type.hasStrings else { return .weak }
            return cast.isImplicit ? cast.operand.collationStrength : .implicit
        case .call(let call): return call.function == "collate" ? .explicit : strongest(call.arguments)
        case .conditional(let conditional):
            return strongest(conditional.branches.map(\.result) + (conditional.otherwise.map { [$0] } ?? []))
        case .coalesce(let operands, _): return strongest(operands)
        case .field(let base, _, _), .element(let base, _, _, _): return base.collationStrength
        case .aggregate(let aggregate): return strongest(aggregate.arguments)
        case .window(let window):
            switch window.function {
            case .window(_, _, let arguments): return strongest(arguments)
            case .aggregate(let aggregate): return strongest(aggregate.arguments)
            }
        case .check(let operand, _), .replaced(_, let operand): return operand.collationStrength
        }
    }
}

extension DataType {
    /// Whether a string is in it, at any depth.
    var hasStrings: Bool {
        switch self {
        case .string, .char, .varchar: true
        case .array(let element, _): element.hasStrings
        case .map(let key, let value, _): key.hasStrings || value.hasStrings
        case .structure(let fields): fields.contains { $0.type.hasStrings }
        default: false
        }
    }

    /// A string, or an array of them, with another collation.
    fileprivate func recollated(to collation: Collation) -> DataType {
        switch self {
        case .string, .char, .varchar: .string(collation)
        case .array(let element, let containsNull): .array(element: element.recollated(to: collation), containsNull: containsNull)
        default: self
        }
    }
}

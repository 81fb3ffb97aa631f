import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// Which collation a call's strings are compared by: that of COLLATE before that of a column, and that before a literal's.
extension ExpressionResolver {
    private enum Strength: Int, Comparable {
        case none
        case implicit
        case explicit

        static func < (left: Strength, right: Strength) -> Bool { left.rawValue < right.rawValue }
    }

    /// Calls whose strings all take one collation; the others go by their first argument's.
    private static let uniting: Set<String> = [
        "=", "<", "<=", ">", ">=", "<=>", "in", "case", "coalesce", "greatest", "least", "concat", "||", "concat_ws", "array", "array_append",
        "array_contains", "array_except", "array_intersect", "array_join", "array_position", "array_prepend", "array_remove", "array_union",
        "arrays_overlap", "btrim", "contains", "elt", "endswith", "find_in_set", "instr", "levenshtein", "locate", "lpad", "ltrim", "mask", "overlay",
        "regexp_replace", "replace", "rpad", "rtrim", "split_part", "startswith", "str_to_map", "substring_index", "translate", "trim",
    ]

    /// The arguments with their strings in one collation, if they have several.
    /// - Throws: COLLATION_MISMATCH.EXPLICIT, INDETERMINATE_COLLATION_IN_EXPRESSION and its kin.
    func united(
        _ function: String, _ arguments: [ResolvedExpression], _ span: SourceSpan?, sql: ([String]) -> String
    ) throws(SQLError) -> [ResolvedExpression] {
        guard arguments.contains(where: { $0.type.collation == .utf8LCase }), Self.uniting.contains(function) else { return arguments }
        var found: [(collation: Collation, strength: Strength)] = []
        for argument in arguments {
            if let collation = argument.type.collation { found.append((collation, Self.strength(argument))) }
        }
        let strongest = found.map(\.strength).max() ?? .none
        var candidates: [Collation] = []
        for entry in found where entry.strength == strongest && !candidates.contains(entry.collation) { candidates.append(entry.collation) }
        guard strongest != .none || candidates.count == 1 else { return arguments }
        guard let collation = candidates.first, candidates.count == 1 else {
            if strongest == .explicit {
                let types = candidates.map { SQLQuote.type(DataType.string($0).sqlText) }.joined(separator: ", ")
                throw SQLError(.collationMismatchExplicit, ["explicitTypes": types], phase: .analysis)
            }
            throw Self.indeterminate(function, sql(arguments.map(\.sql)), span)
        }
        return try arguments.map { (argument) throws(SQLError) in
            let type = argument.type.collated(collation)
            return type == argument.type ? argument : try coerce(argument, to: type, span)
        }
    }

    private static func indeterminate(_ function: String, _ sql: String, _ span: SourceSpan?) -> SQLError {
        switch function {
        case "greatest", "least": SQLError(.indeterminateCollation, phase: .analysis)
        case "=", "<", "<=", ">", ">=", "<=>", "in", "contains", "startswith", "endswith", "instr", "locate", "find_in_set":
            SQLError(.indeterminateCollationInExpression, ["expr": SQLQuote.expr(sql)], at: span, phase: .analysis)
        default: .unsupported("a string of indeterminate collation (\(sql))", at: span)
        }
    }

    private static func strength(_ expression: ResolvedExpression) -> Strength {
        switch expression {
        case .constant: return .none
        case .column, .outer, .field, .element, .subquery: return .implicit
        case .replaced(_, .cast(let cast)) where cast.isImplicit && cast.type.isString && cast.operand.type.isString: return .explicit
        case .replaced(_, let inner), .check(let inner, _): return strength(inner)
        case .cast(let cast):
            if cast.isImplicit { return strength(cast.operand) }
            return cast.operand.type.isString ? .implicit : .none
        case .call(let call): return call.function == "collate" ? .explicit : strongest(call.arguments)
        case .conditional(let conditional): return strongest(conditional.branches.map(\.result) + (conditional.otherwise.map { [$0] } ?? []))
        case .coalesce(let operands, _): return strongest(operands)
        case .aggregate(let aggregate): return strongest(aggregate.arguments)
        default: return .implicit
        }
    }

    private static func strongest(_ expressions: [ResolvedExpression]) -> Strength {
        expressions.filter { $0.type.collation != nil }.map(strength).max() ?? .none
    }
}

extension DataType {
    /// The collation of a string, or of an array's strings.
    fileprivate var collation: Collation? {
        switch self {
        case .string(let collation): collation
        case .array(let element, _): element.collation
        default: nil
        }
    }

    fileprivate func collated(_ collation: Collation) -> DataType {
        switch self {
        case .string: .string(collation)
        case .array(let element, let containsNull): .array(element: element.collated(collation), containsNull: containsNull)
        default: self
        }
    }
}

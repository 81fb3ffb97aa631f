import Columnar
import SparkFunctions

extension ResolvedExpression {
    /// As Spark prints it in generated column names and messages (`toPrettySQL`): no qualifiers, no quotes, no implicit casts.
    package var sql: String {
        switch self {
        case .constant(let constant): return constant.sql
        case .column(let column): return column.name
        case .outer(let column): return "outer(\((column.qualifier + [column.name]).joined(separator: ".")))"
        case .call(let call): return call.sql
        case .cast(let cast):
            // Spark forgets the casts to types with parts.
            if cast.isImplicit || cast.type.hasParts { return cast.operand.sql }
            return "\(cast.mode == .attempt ? "TRY_CAST" : "CAST")(\(cast.operand.sql) AS \(cast.type.sqlText))"
        case .and(let operands): return Self.chain(operands, "AND")
        case .or(let operands): return Self.chain(operands, "OR")
        case .not(let operand): return "(NOT \(operand.sql))"
        case .isNull(let operand): return "(\(operand.sql) IS NULL)"
        case .isNotNull(let operand): return "(\(operand.sql) IS NOT NULL)"
        case .conditional(let conditional): return conditional.sql
        case .coalesce(let operands, _): return "coalesce(\(operands.map(\.sql).joined(separator: ", ")))"
        case .inList(let operand, let items): return "(\(operand.sql) IN (\(items.map(\.sql).joined(separator: ", "))))"
        case .field(let base, _, let field): return "\(base.sql).\(field.name)"
        case .element(let base, let key, _, _): return "\(base.sql)[\(key.sql)]"
        case .lambda(let call): return call.sql
        case .aggregate(let aggregate): return aggregate.sql
        case .window(let window): return window.sql
        case .subquery(let subquery):
            let outer = subquery.mentions.joined(separator: ", ")
            switch subquery.kind {
            case .scalar: return "scalarsubquery(\(outer))"
            case .exists: return "exists(\(outer))"
            case .membership(let keys):
                let left = keys.count == 1 ? keys[0].sql : Self.row(keys)
                return "(\(left) IN (listquery(\(outer))))"
            }
        case .grouping(let arguments, let isID, _):
            return "\(isID ? "grouping_id" : "grouping")(\(arguments.map(\.sql).joined(separator: ", ")))"
        case .check(let operand, _): return operand.sql
        case .replaced(let sql, _): return sql
        }
    }

    /// Several values as Spark's NAMED_STRUCT of them.
    private static func row(_ values: [ResolvedExpression]) -> String {
        let parts = values.enumerated().map { index, value in
            if case .column(let column) = value { return "'\(column.name)', \(value.sql)" }
            if case .outer(let column) = value { return "'\(column.name)', \(value.sql)" }
            return "'\(index + 1)', \(value.sql)"
        }
        return "named_struct(\(parts.joined(separator: ", ")))"
    }

    private static func chain(_ operands: [ResolvedExpression], _ symbol: String) -> String {
        guard let first = operands.first else { return "" }
        return operands.dropFirst().reduce(first.sql) { "(\($0) \(symbol) \($1.sql))" }
    }
}

extension DataType {
    fileprivate var hasParts: Bool {
        switch self {
        case .array, .map, .structure: true
        default: false
        }
    }
}

extension Constant {
    var sql: String {
        if let text { return text }
        switch value {
        case .null: return "NULL"
        case .boolean(let bit): return bit ? "true" : "false"
        case .integer(let number): return String(number)
        case .decimal(let number): return String(number)
        case .string(let text):
            guard case .string(let collation) = type, collation != .utf8Binary else { return text }
            let quoted = text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "'\(quoted)' collate \(collation.rawValue)"
        case .float(let number): return "\(number)"
        case .double(let number): return "\(number)"
        default: return "\(type.sqlText)"
        }
    }
}

extension Conditional {
    var sql: String {
        if isIf, let branch = branches.first, branches.count == 1 {
            return "(IF(\(branch.condition.sql), \(branch.result.sql), \(otherwise?.sql ?? "NULL")))"
        }
        var text = "CASE"
        for branch in branches { text += " WHEN \(branch.condition.sql) THEN \(branch.result.sql)" }
        if let otherwise { text += " ELSE \(otherwise.sql)" }
        return text + " END"
    }
}

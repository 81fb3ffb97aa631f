import Columnar
import SparkErrors
import SparkFunctions

/// Comparisons of CHAR columns: what is shorter is filled up with blanks.
extension ExpressionResolver {
    private static let comparing: Set<String> = ["=", "<", "<=", ">", ">=", "<=>", "in"]

    /// The operands of a comparison, all of the longest one's length if they are CHAR columns and constants.
    func filledUp(_ function: String, _ arguments: [ResolvedExpression], _ span: SourceSpan?) throws(SQLError) -> [ResolvedExpression] {
        guard !analyzer.charLengths.isEmpty, Self.comparing.contains(function) else { return arguments }
        var lengths: [Int] = []
        var hasColumn = false
        for argument in arguments {
            if let length = charLength(argument) {
                hasColumn = true
                lengths.append(length)
            } else if argument.type.isString || argument.type == .void, let value = constantValue(argument) {
                if case .string(let text) = value { lengths.append(text.unicodeScalars.count) } else { lengths.append(.max) }
            } else {
                return arguments
            }
        }
        guard hasColumn, let longest = lengths.filter({ $0 != .max }).max() else { return arguments }
        var result: [ResolvedExpression] = []
        for (argument, length) in zip(arguments, lengths) {
            guard length < longest else {
                result.append(argument)
                continue
            }
            let blank = ResolvedExpression.constant(Constant(.string(" "), .text, isLiteral: true))
            let width = ResolvedExpression.constant(Constant(.integer(Int64(longest)), .int, isLiteral: true))
            result.append(.replaced(sql: argument.sql, try call("rpad", [argument, width, blank], span)))
        }
        return result
    }

    private func charLength(_ expression: ResolvedExpression) -> Int? {
        switch expression {
        case .column(let column), .outer(let column): analyzer.charLengths[column.id]
        default: nil
        }
    }
}

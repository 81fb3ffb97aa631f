import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    /// `time + make_interval(…)`, `make_interval(…) + time` and `time - make_interval(…)`; nil for everything else. There is no type for what
    /// `make_interval` gives by itself.
    func calendarShift(
        _ symbol: BinaryOperator, _ left: SyntaxExpression, _ right: SyntaxExpression, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression? {
        guard symbol == .add || symbol == .subtract else { return nil }
        var place = left
        var found = interval(right)
        if found == nil, symbol == .add {
            place = right
            found = interval(left)
        }
        guard let (name, call) = found else { return nil }
        let time = try resolve(place)
        guard time.type == .date || time.type == .timestamp || time.type == .timestampNTZ else { return nil }
        let parts = try arguments(call, name, span)
        guard parts.count <= 7 else { throw wrongArity(name, "[0, 1, 2, 3, 4, 5, 6, 7]", parts.count, span) }
        let zero = ResolvedExpression.constant(Constant(.integer(0), .int, isLiteral: true))
        let noSeconds = ResolvedExpression.constant(Constant(.decimal(0), .decimal(DecimalType(8, 6)), text: "0.000000", isLiteral: true))
        let given = parts + (parts.count..<7).map { $0 == 6 ? noSeconds : zero }
        let function = ScalarFunction.calendarShift(isTry: name == "try_make_interval", isNegative: symbol == .subtract)
        let sql = "\(time.sql) \(symbol == .add ? "+" : "-") \(name)(\(given.map(\.sql).joined(separator: ", ")))"
        return .replaced(sql: sql, try self.call(function, as: name, [time] + given, span))
    }

    private func interval(_ expression: SyntaxExpression) -> (name: String, call: FunctionCall)? {
        guard case .function(let call) = expression.kind, call.over == nil, let name = call.name.literal?.names, name.count == 1 else { return nil }
        let lower = name[0].lowercased()
        return lower == "make_interval" || lower == "try_make_interval" ? (lower, call) : nil
    }
}

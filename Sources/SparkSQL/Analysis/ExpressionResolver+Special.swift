import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// Forms of syntax that stand for function calls.
extension ExpressionResolver {
    private func text(_ value: String) -> ResolvedExpression { .constant(Constant(.string(value), .text, isLiteral: true)) }

    func extract(_ field: String, _ source: ResolvedExpression, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        .replaced(sql: "extract(\(field) FROM \(source.sql))", try call("date_part", [text(field), source], span))
    }

    func trim(
        _ side: SyntaxExpression.TrimSide?, _ characters: SyntaxExpression?, _ source: SyntaxExpression, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let source = try resolve(source)
        let side = side ?? .both
        let name =
            switch side {
            case .both: "trim"
            case .leading: "ltrim"
            case .trailing: "rtrim"
            }
        guard let characters else {
            let result = try call(name, [source], span)
            return .replaced(sql: "TRIM(\(side.rawValue) FROM \(source.sql))", result)
        }
        let set = try resolve(characters)
        return try call(name, [set, source], span)
    }

    func unitFunction(_ name: String, _ unit: String, _ arguments: [SyntaxExpression], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let resolved = try resolve(arguments)
        let lower = name.lowercased()
        let isDifference = lower.hasSuffix("diff")
        let function = isDifference ? "timestampdiff" : "timestampadd"
        let sql = "\(function)(\(unit.uppercased()), \(resolved.map(\.sql).joined(separator: ", ")))"
        return .replaced(sql: sql, try call(function, [text(unit)] + resolved, span))
    }

    func collate(_ operand: ResolvedExpression, _ name: MultipartIdentifier, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let collation: Collation
        do throws(SQLError) {
            collation = try Collation.named(name.names.joined(separator: "."))
        } catch {
            throw error.with(span: span)
        }
        let operand = operand.type.isString ? operand : try coerce(operand, to: .text, span)
        let type = DataType.string(collation)
        let cast = ResolvedExpression.cast(CastExpression(operand, to: type, mode: .ansi, isImplicit: true, isCollate: true, span: span))
        return .replaced(sql: "collate(\(operand.sql), \(name.last))", cast)
    }

    /// `column:path` over a JSON string or a VARIANT.
    func semiStructured(
        _ base: ResolvedExpression, _ path: [SyntaxExpression.PathStep], _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        var steps = "$"
        for step in path {
            switch step {
            case .field(let name, _):
                steps += name.contains { !($0.isLetter || $0.isNumber || $0 == "_") } ? "['\(name)']" : ".\(name)"
            case .index(let index): steps += "[\(index)]"
            case .wildcard: steps += "[*]"
            }
        }
        switch base.type {
        case .variant:
            let name = path.reversed().lazy.compactMap { if case .field(let name, _) = $0 { name } else { nil } }.first
            let sql = "variant_get(\(base.sql), \(steps))" + (name.map { " AS \($0)" } ?? "")
            return .replaced(sql: sql, try call("variant_get", [base, text(steps), text("variant")], span))
        case .string, .char, .varchar: return try call("get_json_object", [base, text(steps)], span)
        default: throw .unsupported("a path into \(base.type.sqlText)", at: span)
        }
    }

    func grouping(_ name: String, _ call: FunctionCall, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        try refuseAggregateSyntax(call, name, span)
        let inputs = try arguments(call, name, span)
        if name == "grouping", inputs.count != 1 { throw wrongArity(name, "1", inputs.count, span) }
        return .grouping(inputs, isID: name == "grouping_id", span: span)
    }

    /// A generator where none can be.
    func misplacedGenerator(_ generator: Generator, _ call: FunctionCall, _ span: SourceSpan?) -> SQLError {
        let arguments = (try? self.arguments(call, generator.rawValue, span)) ?? []
        let sql = "\(generator.rawValue)(\(arguments.map(\.sql).joined(separator: ", ")))"
        if operatorName == "Project" || operatorName == "Aggregate" {
            return SQLError(.unsupportedGeneratorNestedInExpressions, ["expression": SQLQuote.expr(sql)])
        }
        return SQLError(.unsupportedGeneratorOutsideSelect, ["plan": "'\(operatorName) \(sql)"])
    }
}

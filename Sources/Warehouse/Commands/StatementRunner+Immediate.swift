import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax

/// EXECUTE IMMEDIATE and EXPLAIN.
extension StatementRunner {
    private static let maximumNesting = 16

    func executeImmediate(_ execute: ExecuteImmediate) throws(SQLError) -> ResultSet {
        let string = try value(of: execute.statement)
        guard string.type.isStringText || string.type == .void else {
            throw SQLError(.invalidExprTypeForQueryExecuteImmediate, ["exprType": SQLQuote.type(string.type.sqlText)])
        }
        guard case .string(let inner) = string.value else {
            throw SQLError(
                .nullQueryStringExecuteImmediate, ["varName": SQLQuote.id(execute.statement.span.text(in: text) ?? "")])
        }
        guard depth < Self.maximumNesting else { throw .notSimulated("EXECUTE IMMEDIATE within itself more than \(Self.maximumNesting) deep") }
        var runner = self
        runner.text = inner
        runner.depth = depth + 1
        do throws(SQLError) {
            let parsed = try Parser.parse(inner)
            if case .script = parsed.kind {
                throw SQLError(.sqlScriptInExecuteImmediate, ["sqlString": SQLQuote.statement(inner)])
            }
            if !execute.into.isEmpty, !parsed.kind.isQuery {
                throw SQLError(.invalidStatementForExecuteInto, ["sqlString": SQLQuote.statement(inner)])
            }
            runner.arguments = try arguments(execute.using)
            let targets = try targets(execute.into)
            if !targets.isEmpty { runner.rowLimit = nil }
            let result = try runner.execute(parsed)
            if targets.isEmpty { return result }
            try assign(result, to: targets)
            return .none
        } catch {
            let unnamed = execute.using.filter { Self.name(of: $0) == nil }
            if error.condition == .unboundSqlParameter, !unnamed.isEmpty, execute.using.count == unnamed.count, inner.utf8.contains(0x3A) {
                let shown = unnamed.map { SQLQuote.expr($0.expression.span.text(in: text) ?? "") }
                throw SQLError(.allParametersMustBeNamed, ["exprs": shown.joined(separator: ", ")])
            }
            throw error.with(statement: inner)
        }
    }

    /// The arguments by place, and by name where they have one.
    func arguments(_ using: [NamedExpression]) throws(SQLError) -> Parameters {
        var result = Parameters()
        for argument in using {
            let value = try value(of: argument.expression)
            result.positional.append(value)
            guard let name = Self.name(of: argument) else { continue }
            guard result.named.updateValue(value, forKey: name) == nil else {
                throw SQLError(.executeImmediateDuplicateArgumentAliases, ["aliases": SQLQuote.id(name)])
            }
        }
        return result
    }

    /// An argument's alias; a variable is one by its own name.
    private static func name(of argument: NamedExpression) -> String? {
        if let alias = argument.alias { return alias.text }
        if case .name(let written) = argument.expression.kind { return written.last }
        return nil
    }
}

extension SparkSyntax.Statement.Kind {
    fileprivate var isQuery: Bool { if case .query = self { true } else { false } }
}

import Columnar
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// How names in a statement become full names: what is missing comes from the session.
extension StatementRunner {
    /// The parts of a name; `IDENTIFIER(…)` is evaluated.
    func parts(_ reference: NameReference) throws(SQLError) -> [String] {
        switch reference {
        case .name(let name): return name.names
        case .computed(let expression, let suffix, let span):
            let value = try QueryEngine.evaluate(expression, catalog: catalog, parameters: try parameters(), context: context)
            guard value.type.isStringText || value.type == .void else {
                throw SQLError(
                    .notAConstantStringWrongType,
                    ["expr": SQLQuote.expr(identifierText(expression)), "name": "IDENTIFIER", "dataType": SQLQuote.type(value.type.sqlText)], at: span
                )
            }
            guard case .string(let text) = value.value else {
                throw SQLError(
                    .notAConstantStringNull, ["expr": SQLQuote.expr(identifierText(expression)), "name": "IDENTIFIER"], at: span)
            }
            return try Parser.parseMultipartIdentifier(text).names + suffix.map(\.text)
        }
    }

    private func identifierText(_ expression: SparkSyntax.Expression) -> String { expression.span.text(in: text) ?? "" }

    func catalogName(_ reference: NameReference) throws(SQLError) -> String {
        let parts = try parts(reference)
        guard parts.count == 1, let name = parts.first else { throw tooManyParts(parts, 1) }
        return name.lowercased()
    }

    func schemaName(_ reference: NameReference) throws(SQLError) -> SchemaName {
        let parts = try parts(reference)
        switch parts.count {
        case 1: return SchemaName(catalog: session.current.catalog, schema: parts[0])
        case 2: return SchemaName(catalog: parts[0], schema: parts[1])
        default: throw tooManyParts(parts, 2)
        }
    }

    /// The schema of `IN …`, or the session's.
    func schemaName(in reference: NameReference?) throws(SQLError) -> SchemaName {
        if let reference { return try schemaName(reference) }
        return SchemaName(catalog: session.current.catalog, schema: session.current.schema)
    }

    func objectName(_ reference: NameReference) throws(SQLError) -> ObjectName {
        let parts = try parts(reference)
        let current = session.current
        switch parts.count {
        // A path in quotes, or behind `delta`.
        case 1 where parts[0].contains("://") || parts[0].hasPrefix("/"), 2 where parts[0].lowercased() == "delta" && parts[1].contains("/"):
            return ObjectName(path: Self.normalized(parts[parts.count - 1]))
        case 1: return ObjectName(catalog: current.catalog, schema: current.schema, name: parts[0])
        case 2: return ObjectName(catalog: current.catalog, schema: parts[0], name: parts[1])
        case 3: return ObjectName(catalog: parts[0], schema: parts[1], name: parts[2])
        default: throw tooManyParts(parts, 3)
        }
    }

    private func tooManyParts(_ parts: [String], _ limit: Int) -> SQLError {
        SQLError(.identifierTooManyNameParts, ["identifier": SQLQuote.id(parts), "limit": String(limit)])
    }
}

extension ObjectName {
    var parts: [String] { isPath ? [schema, name] : [catalog, schema, name] }
}

extension SchemaName {
    var parts: [String] { [catalog, schema] }
}

extension DataType {
    /// STRING, CHAR and VARCHAR.
    var isStringText: Bool {
        switch self {
        case .string, .char, .varchar: true
        default: false
        }
    }
}

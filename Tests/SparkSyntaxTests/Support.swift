import SparkErrors
import SparkSyntax

/// The expression's structure as text: every operator in parentheses.
func shape(_ sql: String) throws -> String {
    Printer.sql(try Parser.parseExpression(sql), source: sql)
}

func query(_ sql: String) throws -> Query {
    guard case .query(let query) = try Parser.parse(sql).kind else { throw Unexpected(sql) }
    return query
}

func select(_ sql: String) throws -> Select { try select(query(sql).body) }

func select(_ body: QueryBody) throws -> Select {
    guard case .select(let select) = body else { throw Unexpected("no SELECT") }
    return select
}

/// The error that parsing the statement ends in.
func failure(_ sql: String) -> SQLError? {
    do throws(SQLError) {
        _ = try Parser.parse(sql)
        return nil
    } catch {
        return error
    }
}

func failureName(_ sql: String) -> String? { failure(sql)?.condition.name }

struct Unexpected: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

extension NameReference {
    /// The parts joined by dots.
    var shown: String { literal?.names.joined(separator: ".") ?? "IDENTIFIER(…)" }
}

/// Relations as nested text: `(a JOIN b)`.
func shape(_ relation: Relation) -> String {
    let alias =
        relation.alias.map { " \($0.name.text)\($0.columns.isEmpty ? "" : "(\($0.columns.map(\.text).joined(separator: ",")))")" } ?? ""
    let lateral = relation.isLateral ? "LATERAL " : ""
    switch relation.kind {
    case .table(let table): return lateral + table.name.shown + alias
    case .subquery: return lateral + "(query)" + alias
    case .values(let table): return "VALUES[\(table.rows.count)]" + alias
    case .function(let function): return lateral + "\(function.name.shown)[\(function.arguments.count)]" + alias
    case .parenthesized(let inner): return "<\(shape(inner))>" + alias
    case .join(let join):
        let criteria =
            switch join.criteria {
            case .none: ""
            case .natural: " NATURAL"
            case .on(let condition): " ON \(Printer.sql(condition))"
            case .using(let names): " USING \(names.map(\.text).joined(separator: ","))"
            }
        return "(\(shape(join.left)) \(join.isComma ? "," : join.kind.rawValue) \(shape(join.right))\(criteria))"
    case .lateralView(let view):
        let columns = view.columns.map(\.text).joined(separator: ",")
        return
            "\(shape(view.source)) LATERAL VIEW\(view.isOuter ? " OUTER" : "") \(view.function.names.joined(separator: "."))[\(view.arguments.count)] \(view.table.text)(\(columns))"
    case .pivot(let pivot): return "PIVOT(\(shape(pivot.source)))" + alias
    case .unpivot(let unpivot): return "UNPIVOT(\(shape(unpivot.source)))" + alias
    case .pipeInput: return "|>"
    }
}

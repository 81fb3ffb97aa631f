import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

extension StatementRunner {
    /// The plan as a text of one cell; what keeps a statement from being planned as lines of text, as Spark gives it.
    func explain(_ explain: Explain) throws(SQLError) -> ResultSet {
        let lines: [String]
        do throws(SQLError) {
            let mode = explain.mode?.uppercased()
            if mode == "CODEGEN" { throw .notSimulated("EXPLAIN CODEGEN") }
            var text = ""
            if case .query(let query) = explain.statement.kind, mode == "EXTENDED" || mode == "COST" || mode == "LOGICAL" {
                let plan = try QueryEngine.analyze(query, catalog: catalog, parameters: try parameters(), context: context)
                if mode != "COST" { text += "== Analyzed Logical Plan ==\n\(plan.explained)\n\n" }
                text += "== Optimized Logical Plan ==\n\(try plan.optimized(context: context).explained)\n"
                if mode != "LOGICAL" { text += "\n" }
            }
            if mode != "LOGICAL" { text += "== Physical Plan ==\n" + (try planLines(explain.statement)).joined(separator: "\n") + "\n" }
            lines = [text]
        } catch {
            switch error.condition {
            case .operationCanceled, .queryExecutionTimeoutExceeded, .unsupportedFeatureNotSimulated: throw error
            default:
                let message = error.with(statement: text).message
                lines =
                    ["Error occurred during query planning: "]
                    + message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            }
        }
        return ResultSet([.init("plan", .text, nullable: false)], rows: lines.map { [.string($0)] })
    }

    /// A query's plan; of another statement what it does, over the plan of the query that it reads.
    private func planLines(_ statement: SparkSyntax.Statement) throws(SQLError) -> [String] {
        switch statement.kind {
        case .query(let query): return try planLines(query)
        case .insert(let insert):
            let name = try objectName(insert.table)
            _ = try writable(name, "INSERT", at: insert.table.span)
            let source =
                insert.with.map { Query(with: $0, body: .parenthesized(insert.source), organization: .init(), span: insert.source.span) }
                ?? insert.source
            return command("InsertIntoTable", name) + (try planLines(source)).map { "  " + $0 }
        case .createTable(let create):
            let lines = command(create.query == nil ? "CreateTable" : "CreateTableAsSelect", try objectName(create.name))
            guard let query = create.query else { return lines }
            return lines + (try planLines(query)).map { "  " + $0 }
        case .createView(let create):
            guard let query = create.query else { return command("CreateView", nil) }
            return command("CreateView", nil) + (try planLines(query)).map { "  " + $0 }
        case .update(let update): return command("UpdateTable", try target(update.table, "UPDATE"))
        case .delete(let delete): return command("DeleteFromTable", try target(delete.table, "DELETE"))
        case .merge(let merge): return command("MergeIntoTable", try target(merge.target, "MERGE INTO"))
        default: throw .notSimulated("EXPLAIN of \(statement.kind.words)")
        }
    }

    private func target(_ reference: NameReference, _ operation: String) throws(SQLError) -> ObjectName {
        let name = try objectName(reference)
        _ = try writable(name, operation, at: reference.span)
        return name
    }

    private func command(_ command: String, _ name: ObjectName?) -> [String] {
        ["Execute \(command)" + (name.map { " " + SQLQuote.id($0.parts) } ?? "")]
    }

    private func planLines(_ query: Query) throws(SQLError) -> [String] {
        let plan = try QueryEngine.analyze(query, catalog: catalog, parameters: try parameters(), context: context)
        return try plan.optimized(context: context).explained.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

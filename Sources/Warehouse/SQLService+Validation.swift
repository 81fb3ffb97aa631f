import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax
import Storage
package import Workspace

/// Dry runs: statements are parsed and analysed, privileges are checked, and nothing comes of them.
extension SQLService {
    /// No warehouse waits for a dry run, and nobody can ask for it later: it has as long as a client waits for a statement at most.
    private static let validationSeconds: Int64 = 50

    /// The statement with its outcome: the schema of its result and no rows, or what is wrong with it. It is in no history, and no warehouse starts
    /// for it. Throws what refuses a statement before it is looked at.
    package func validate(_ request: StatementRequest, as principal: Principal) async throws -> Statement {
        _ = try workspace.warehouses.settings(of: request.warehouseID, usedBy: principal)
        let session = Session(copying: try self.session(for: request, principal))
        var request = request
        request.isDryRun = true
        request.hooks = nil
        let statement = Statement(id: "", request: request, principal: principal, submittedMicros: workspace.environment.nowMicros)
        do {
            try pool.run { [self] in validate(statement, session) }
        } catch {
            statement.fail(SQLError(.tooManyStatements), atMicros: workspace.environment.nowMicros)
        }
        await statement.wait(atMost: .seconds(Self.validationSeconds * 2))
        return statement
    }

    private func validate(_ statement: Statement, _ session: Session) {
        guard statement.begin(atMicros: workspace.environment.nowMicros) else { return }
        statement.cancellation.limit(seconds: min(statement.request.timeoutSeconds ?? .max, Self.validationSeconds))
        do throws(SQLError) {
            let runner = StatementRunner(service: self, session: session, statement: statement)
            let schema = try runner.validated()
            let empty = ResultSet(schema: schema, batches: [])
            statement.succeed(empty, try? ResultDelivery(empty, statement.request.form), atMicros: workspace.environment.nowMicros)
        } catch {
            statement.fail(error.with(statement: statement.request.text), atMicros: workspace.environment.nowMicros)
        }
    }

    /// The same workspace in a copy of its own: its objects are shared, and what is written stays in the copy.
    fileprivate func copied() throws -> SQLService {
        let environment = Environment(seed: workspace.environment.seed, clock: workspace.environment.clock)
        let copy = try Workspace(
            id: workspace.id, name: workspace.name, snapshot: try workspace.snapshot(), environment: environment, resumeIDs: true)
        let objects = OverlayStore(over: tables.objects) { environment.nowMillis }
        return SQLService(
            workspace: copy, objects: objects, pool: pool, storageKey: storageKey, optimizer: optimizer, neighbours: neighbours)
    }
}

extension StatementRunner {
    /// A query is analysed. Any other statement is carried out in a copy of the workspace, where queries give no rows: so its names, types and
    /// privileges are checked by what checks them when it runs. The steps of a script rest on what earlier ones read: there, queries do give rows.
    fileprivate func validated() throws(SQLError) -> Columnar.Schema {
        let parsed = try Parser.parse(text)
        try refreshReceived(for: parsed.kind)
        if case .query(let query) = parsed.kind {
            return try QueryEngine.analyze(query, catalog: catalog, parameters: try parameters(), context: context).schema
        }
        let copy = try onCatalog { try service.copied() }
        return try StatementRunner(service: copy, session: session, statement: statement).execute(parsed).schema
    }

    /// Queries are analysed, and give no rows.
    var readsNothing: Bool { request.isDryRun && locals == nil }
}

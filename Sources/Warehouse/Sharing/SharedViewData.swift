import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import SparkSyntax
import Storage
import Synchronization
import Workspace

/// What shared views showed when recipients asked: each time a Delta table of one version, kept as long as its links live.
final class SharedViewData: Sendable {
    private let made = Mutex<[(location: String, millis: Int64)]>([])

    /// Notes a new one; answers those whose links have ended.
    func add(_ location: String, now: Int64) -> [String] {
        let oldest = now &- Int64(SharedTableReader.linkSeconds) &* 1000
        return made.withLock { made in
            let ended = made.filter { $0.millis <= oldest }.map(\.location)
            made.removeAll { $0.millis <= oldest }
            made.append((location, now))
            return ended
        }
    }
}

extension SQLService {
    /// Reads a shared view with its owner's rights and writes what it shows. Answers where.
    package func materialize(_ view: SharedTable) async throws -> String {
        let refusal = WorkspaceError.invalid("The shared view '\(view.schema).\(view.name)' cannot be read at the provider.")
        return try await withCheckedThrowingContinuation { continuation in
            do {
                // Where statements run: on a stack that is deep enough.
                try pool.run {
                    // What is wrong with a view says what lies behind it, which is not the recipient's to know.
                    continuation.resume(with: Result { try self.write(view) }.mapError { _ in refusal })
                }
            } catch {
                continuation.resume(throwing: WorkspaceError(.resourceExhausted, "Too many statements are waiting; please try again."))
            }
        }
    }

    private func write(_ view: SharedTable) throws -> String {
        let owner: Principal = try workspace.principal(named: view.info.owner)
        let session = Session(
            id: "sharing", warehouseID: "", owner: owner.id, catalog: view.source.catalog, schema: view.source.schema)
        let text = "SELECT * FROM \(SQLQuote.id(view.source.parts))"
        let now = workspace.environment.nowMillis
        let statement = Statement(
            id: "sharing", request: StatementRequest(text: text, warehouseID: ""), principal: owner, submittedMicros: now &* 1000)
        let runner = StatementRunner(service: self, session: session, statement: statement)
        guard case .query(let query) = try Parser.parse(text).kind else { throw WorkspaceError.invalid("The view has no query.") }
        let plan = try QueryEngine.analyze(query, catalog: runner.catalog, context: runner.context)
        let rows = try runner.batches(plan)

        let ids = workspace.environment.ids
        let location = "\(try workspace.metastore.storageRoot)/__sharing/\(view.id)/\(ids.uuid())"
        let table = try tables.delta(at: location)
        let commit = CommitContext(
            timestampMillis: now, newUUID: { ids.uuid() }, userID: Principal.system.id, userName: Principal.system.userName)
        let new = try table.define(schema: TableSchema(plan.schema), description: view.info.comment, commit: commit)
        let files = try DeltaWriter.write(rows, to: table.writeTarget(new.metadata), commit)
        try table.create(
            new, files: files, operation: .create("CREATE TABLE AS SELECT", new.metadata, isManaged: true), commit: commit)
        for ended in viewData.add(location, now: now) {
            tables.forget(ended)
            let place = TableStore.objectPath(ended)
            for object in try objects.list(place + "/", after: nil, limit: .max) { try objects.delete(object.path) }
        }
        return location
    }
}

import Columnar
import DeltaTable
package import JSON
import SparkErrors
package import Workspace

/// Statements that the service runs for itself, in a caller's rights: on no warehouse, in no session and in no history.
extension SQLService {
    /// Throws a `WorkspaceError` with the statement's own message.
    package func answer(_ text: String, by principal: Principal) async throws -> ResultSet {
        let environment = workspace.environment
        let statement = Statement(
            id: environment.ids.timeOrdered(), request: StatementRequest(text: text, warehouseID: ""), principal: principal,
            submittedMicros: environment.nowMicros)
        let session = Session(id: "", warehouseID: "", owner: principal.id, catalog: "main", schema: "default")
        let result: Result<ResultSet, SQLError> = try await withCheckedThrowingContinuation { continuation in
            do {
                try pool.run { [self] in
                    do throws(SQLError) {
                        let rows = try StatementRunner(service: self, session: session, statement: statement).run()
                        continuation.resume(returning: .success(rows))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            } catch {
                continuation.resume(throwing: WorkspaceError(.resourceExhausted, "Too many statements are waiting to be run."))
            }
        }
        switch result {
        case .success(let rows): return rows
        case .failure(let error): throw WorkspaceError.invalid(error.message)
        }
    }

    /// The rows of a query as JSON objects that have all of its columns, as `to_json` writes them.
    package func objects(of query: String, by principal: Principal) async throws -> [JSONObject] {
        let result = try await answer("SELECT to_json(struct(*), map('ignoreNullFields', 'false')) FROM (\(query))", by: principal)
        var rows: [JSONObject] = []
        rows.reserveCapacity(result.rowCount)
        for batch in result.batches {
            guard let column = batch.columns.first else { continue }
            for place in 0..<batch.rowCount {
                guard case .string(let text) = column.value(at: place), case .object(let row) = try JSONValue(parsing: text) else { continue }
                rows.append(row)
            }
        }
        return rows
    }

    /// The catalog's columns of what a query gives.
    package static func columns(of result: ResultSet) -> ColumnList { TableColumns.list(TableSchema(result.schema), partitionColumns: []) }

    /// The newest version of a Delta table; nil for what is none.
    package func version(of table: TableInfo) throws -> Int? {
        guard table.format == "DELTA", !table.type.isView, let location = table.location else { return nil }
        let delta = try tables.delta(at: location)
        do throws(DeltaError) {
            return try delta.snapshot().version
        } catch {
            throw WorkspaceError.invalid(error.text)
        }
    }

    /// The name as SQL has it.
    package static func quoted(_ name: ObjectName) -> String { SQLQuote.id([name.catalog, name.schema, name.name]) }

    package static func quoted(column name: String) -> String { SQLQuote.id(name) }
}

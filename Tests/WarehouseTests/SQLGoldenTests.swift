import Columnar
import Foundation
import SparkErrors
import SparkSQL
import Storage
import TestSupport
import Testing
import Warehouse
import Workspace

/// One session in a workspace of its own.
struct SQLSession {
    static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true)
    private static let pool = WorkerPool(threads: 1)

    let workspace: Workspace
    let service: SQLService
    let warehouseID: String
    let session: Session

    init(optimizer: OptimizerOptions = .standard, pool: WorkerPool = Self.pool) throws {
        workspace = try Workspace(id: 42, name: "test", environment: Environment(seed: 7, clock: VirtualClock()), admin: Self.admin)
        service = SQLService(workspace: workspace, objects: MemoryStore(), pool: pool, optimizer: optimizer)
        warehouseID = try #require(try workspace.warehouses.list(after: 0, limit: 1).first?.id)
        session = try service.openSession(warehouseID: warehouseID, catalog: nil, schema: nil, settings: [], by: Self.admin)
    }

    func run(_ sql: String) async throws -> Warehouse.Statement.Status {
        var request = StatementRequest(text: sql, warehouseID: warehouseID)
        request.sessionID = session.id
        let statement = try service.submit(request, as: Self.admin)
        await statement.wait(atMost: .seconds(30))
        return statement.status
    }

    /// Columns and rows, or the error, as the golden files have them.
    func answer(_ sql: String) async throws -> String {
        let status = try await run(sql)
        if let error = status.error { return "! \(error.condition.name) \(error.condition.sqlState)\n" }
        guard let result = status.result else { return "? \(status.state)\n" }
        if result.schema.fields.isEmpty { return "" }
        let text = ResultText(timeZoneID: result.timeZoneID)
        var lines = "= " + result.schema.fields.map { "\($0.name) \($0.type.sqlText)" }.joined(separator: " | ") + "\n"
        for batch in result.batches {
            for row in 0..<batch.rowCount {
                let cells = batch.columns.map { $0.isNull(row) ? "NULL" : text.text($0.value(at: row), $0.type) }
                lines += "  " + cells.joined(separator: " | ") + "\n"
            }
        }
        return lines
    }
}

/// The SQL cases of `Tests/Golden/sql`: a file is one session; a line `> statement` is followed by `= columns` and the rows, or `! condition`.
/// What is expected was compared with what Apache Spark 4.1 answers, but for the file names that begin with `databricks`.
@Suite struct SQLGoldenTests {
    @Test(arguments: Golden.files(in: "sql", ending: ".txt"))
    func everyStatementAnswersAsRecorded(_ file: String) async throws {
        let text = try String(contentsOf: Golden.root.appendingPathComponent(file), encoding: .utf8)
        let session = try SQLSession()
        var made = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                made += line + "\n"
            } else if line.hasPrefix("> ") {
                made += line + "\n" + (try await session.answer(String(line.dropFirst(2))))
            }
        }
        try Golden.check(made, file)
    }
}

import Columnar
import Foundation
import SparkErrors
import Storage
import TestSupport
import Testing
import Warehouse
import Workspace

/// The function cases of `Tests/Golden/functions`: a line `> statement` is followed by `= columns` and the rows, or `! condition`. Every statement
/// stands alone. What is expected was compared with what Apache Spark 4.1 answers.
@Suite struct FunctionGoldenTests {
    private static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true)
    private static let pool = WorkerPool(threads: 1)

    @Test(arguments: Golden.files(in: "functions", ending: ".txt"))
    func everyCallAnswersAsRecorded(_ file: String) async throws {
        let workspace = try Workspace(id: 42, name: "test", environment: Environment(seed: 7, clock: VirtualClock()), admin: Self.admin)
        let service = SQLService(workspace: workspace, objects: MemoryStore(), pool: Self.pool)
        let warehouseID = try #require(try workspace.warehouses.list(after: 0, limit: 1).first?.id)
        var made = ""
        for line in try String(contentsOf: Golden.root.appendingPathComponent(file), encoding: .utf8).split(separator: "\n") {
            guard line.hasPrefix("> ") else { continue }
            let statement = try service.submit(StatementRequest(text: String(line.dropFirst(2)), warehouseID: warehouseID), as: Self.admin)
            await statement.wait(atMost: .seconds(30))
            made += line + "\n" + Self.text(statement.status)
        }
        try Golden.check(made, file)
    }

    private static func text(_ status: Warehouse.Statement.Status) -> String {
        if let error = status.error { return "! \(error.condition.name) \(error.condition.sqlState)\n" }
        guard let result = status.result else { return "? \(status.state)\n" }
        let text = ResultText(timeZoneID: result.timeZoneID)
        var lines = "= " + result.schema.fields.map { "\($0.name) \($0.type.sqlText)" }.joined(separator: " | ") + "\n"
        for batch in result.batches {
            for row in 0..<batch.rowCount {
                let cells = batch.columns.map { $0.isNull(row) ? "NULL" : text.text($0.value(at: row), $0.type) }
                lines += "  " + cells.joined(separator: " | ").replacingOccurrences(of: "\n", with: "\\n") + "\n"
            }
        }
        return lines
    }
}

import SparkErrors
import SparkSQL
import SparkSyntax
import Storage
import Workspace

/// How long queries take inside of the engine, without a server around them; for benchmarks.
package struct EngineTimes: Sendable {
    /// Microseconds from the text to the operators that would run it; the best of the rounds.
    package let planned: Double
    /// Microseconds from the text to the last row; nil if queries were only planned.
    package let run: Double?

    /// Statements that cannot be set up or measured.
    package struct Failure: Error {
        package let message: String
    }

    /// One thread measures the queries, in a workspace in memory that the statements of `setup` have prepared.
    package static func measure(setup: [String], queries: [String], rounds: Int, runs: Bool) async throws -> [EngineTimes] {
        let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Admin", isAdmin: true)
        let workspace = try Workspace(id: 1, name: "bench", environment: Environment(seed: 1, clock: VirtualClock()), admin: admin)
        guard let warehouse = try workspace.warehouses.list(after: 0, limit: 1).first else { throw Failure(message: "there is no warehouse") }
        let pool = WorkerPool()
        defer { pool.stop() }
        let service = SQLService(workspace: workspace, objects: MemoryStore(), pool: pool)
        let session = try service.openSession(warehouseID: warehouse.id, catalog: nil, schema: nil, settings: [], by: admin)
        for text in setup {
            var request = StatementRequest(text: text, warehouseID: warehouse.id)
            request.sessionID = session.id
            let statement = try service.submit(request, as: admin)
            await statement.wait(atMost: .seconds(600))
            if let error = statement.status.error { throw Failure(message: "\(text.prefix(80)): \(error.message)") }
        }
        return try await withCheckedThrowingContinuation { continuation in
            do {
                // Where statements run: on a stack that is deep enough.
                try pool.run {
                    continuation.resume(
                        with: Result {
                            try queries.map { text in
                                let statement = Statement(
                                    id: "0", request: StatementRequest(text: text, warehouseID: warehouse.id), principal: admin, submittedMicros: 0)
                                let runner = StatementRunner(service: service, session: session, statement: statement)
                                do throws(SQLError) {
                                    return try measure(runner, rounds: rounds, runs: runs)
                                } catch {
                                    throw Failure(message: "\(text.prefix(80)): \(error.message)")
                                }
                            }
                        })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private static func measure(_ runner: StatementRunner, rounds: Int, runs: Bool) throws(SQLError) -> EngineTimes {
        let clock = ContinuousClock()
        var planned: [Double] = []
        var run: [Double] = []
        for round in 0..<max(1, rounds) + 1 {
            let begun = clock.now
            let parsed = try Parser.parse(runner.text)
            guard case .query(let query) = parsed.kind else { throw .notSimulated("measuring anything but queries") }
            let plan = try QueryEngine.analyze(query, catalog: runner.catalog, context: runner.context)
            var source = try QueryEngine.execute(plan, context: runner.context, limits: runner.limits, optimizer: runner.service.optimizer)
            let ready = clock.now
            if runs { while try source.next() != nil {} }
            // The first round meets tables and code for the first time.
            if round == 0 { continue }
            planned.append(micros(ready - begun))
            if runs { run.append(micros(clock.now - begun)) }
        }
        return EngineTimes(planned: planned.min() ?? 0, run: run.min())
    }

    private static func micros(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) * 1e6 + Double(attoseconds) / 1e12
    }
}

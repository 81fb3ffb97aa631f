import Columnar
import Testing
import Warehouse
import Workspace

/// What a statement draws depends on the seed and the order of statements alone; a row limit cuts results, not what is computed.
@Suite struct DeterminismTests {
    private func answers(_ statements: [String], at micros: Int64) async throws -> [String] {
        let session = try SQLSession()
        let clock = try #require(session.workspace.environment.clock as? VirtualClock)
        clock.set(micros: micros)
        var answers: [String] = []
        for statement in statements { answers.append(try await session.answer(statement)) }
        return answers
    }

    @Test func drawsDoNotDependOnTheTime() async throws {
        let statements = ["SELECT rand(), uuid()", "SELECT rand() FROM range(3)", "SELECT shuffle(sequence(1, 20))"]
        let first = try await answers(statements, at: 1_800_000_000_000_000)
        #expect(try await answers(statements, at: 1_900_000_123_456_000) == first)
        let again = try await answers(["SELECT rand()", "SELECT rand()"], at: 1_800_000_000_000_000)
        #expect(again[0] != again[1])
    }

    @Test func everyStepOfAScriptDraws() async throws {
        let script = "BEGIN DECLARE a, b DOUBLE; SET a = rand(); SET b = rand(); SELECT a = b AS same; END"
        #expect(try await answers([script], at: 1_800_000_000_000_000) == ["= same BOOLEAN\n  false\n"])
    }

    @Test func rowLimitCutsTheResultOfAScriptAlone() async throws {
        let session = try SQLSession()
        func rows(_ sql: String) async throws -> (count: Int, first: String?, truncated: Bool) {
            var request = StatementRequest(text: sql, warehouseID: session.warehouseID)
            request.sessionID = session.session.id
            request.rowLimit = 2
            let statement = try session.service.submit(request, as: SQLSession.admin)
            await statement.wait(atMost: .seconds(30))
            let result = try #require(statement.status.result)
            let first = result.batches.first.map { "\($0.columns[0].value(at: 0))" }
            return (result.rowCount, first, result.truncated)
        }
        let sum = try await rows("BEGIN DECLARE s INT DEFAULT 0; FOR r AS SELECT id FROM range(5) DO SET s = s + r.id; END FOR; SELECT s; END")
        #expect(sum.count == 1)
        #expect(sum.first?.contains("10") == true)
        let cut = try await rows("BEGIN SELECT id FROM range(5); END")
        #expect(cut.count == 2 && cut.truncated)
        let whole = try await rows("EXECUTE IMMEDIATE 'SELECT id FROM range(2)'")
        #expect(whole.count == 2 && !whole.truncated)
    }
}

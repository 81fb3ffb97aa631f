import Columnar
import SparkErrors
import Testing
import Warehouse

/// Chains of thousands of operands: the same values as short ones, and no exhausted stack.
@Suite struct ChainTests {
    private func value(_ session: SQLSession, _ sql: String) async throws -> Value {
        let status = try await session.run(sql)
        if let error = status.error { return .string(error.condition.name) }
        return try #require(status.result?.batches.first?.columns.first?.value(at: 0))
    }

    private func times(_ count: Int, _ link: String) -> String { String(repeating: link, count: count) }

    @Test func longChainsOfOperators() async throws {
        let session = try SQLSession()
        #expect(try await value(session, "SELECT 1\(times(3000, " + 1")) AS n") == .integer(3001))
        #expect(try await value(session, "SELECT sum(id\(times(1000, " + id - 1 + 2"))) AS n FROM range(10)") == .integer(45 * 1001 + 10_000))
        #expect(try await value(session, "SELECT length('a'\(times(1000, " || id || 'b'"))) AS n FROM range(3) LIMIT 1") == .integer(2001))
        // Types widen on the way as they do in short chains, and errors stay.
        #expect(
            try await value(session, "SELECT typeof(n) FROM (SELECT CAST(id AS INT)\(times(600, " + 1")) + 1L + 0.5D AS n FROM range(1))")
                == .string("double"))
        #expect(
            try await value(session, "SELECT CAST(id AS INT)\(times(600, " + 1")) + 2147483647 AS n FROM range(1)") == .string("ARITHMETIC_OVERFLOW"))
        #expect(try await value(session, "SELECT id\(times(600, " + 1")) + NULL AS n FROM range(1)") == .null)
        #expect(try await value(session, "SELECT sum(id)\(times(700, " + count(*)")) AS n FROM range(10)") == .integer(45 + 7000))
        let short = try await session.run("SELECT id\(times(300, " + 1")) FROM range(1)")
        #expect(short.result?.schema.fields.first?.name == times(300, "(") + "id" + times(300, " + 1)"))
    }

    @Test func longChainsOfConditionsAndQueries() async throws {
        let session = try SQLSession()
        #expect(try await value(session, "SELECT count(*) FROM range(100) WHERE id = -1\(times(3000, " OR id = 7"))") == .integer(1))
        #expect(try await value(session, "SELECT count(*) FROM range(100) WHERE id >= 0\(times(3000, " AND id <> 7"))") == .integer(99))
        #expect(try await value(session, "SELECT count(*) FROM (SELECT 1\(times(1500, " UNION ALL SELECT 1")))") == .integer(1501))
        #expect(try await value(session, "SELECT count(*) FROM (SELECT 1\(times(300, " UNION SELECT 2")))") == .integer(2))
    }
}

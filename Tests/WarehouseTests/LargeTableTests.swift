import Columnar
import SparkSQL
import Testing
import Warehouse

/// Tables that are read in many pieces, by several threads, with joins that tell scans their keys.
@Suite struct LargeTableTests {
    private static let setup = [
        "USE main.default",
        "CREATE TABLE main.default.large AS SELECT id, CAST(id % 5000 AS INT) AS k, concat('n', id % 11) AS n, id / 7 AS d, "
            + "CAST(id % 1000 / 8 AS DECIMAL(12, 2)) AS m, IF(id % 13 = 0, NULL, id % 17) AS v FROM range(120000)",
        "CREATE TABLE main.default.middle AS SELECT CAST(id AS INT) AS k, id % 40 AS g, concat('g', id % 40) AS label FROM range(5000)",
        "CREATE TABLE main.default.small AS SELECT * FROM VALUES (3), (4999), (5000), (NULL) AS t(x)",
    ]

    private func prepared(_ optimizer: OptimizerOptions = .standard, _ pool: WorkerPool) async throws -> SQLSession {
        let session = try SQLSession(optimizer: optimizer, pool: pool)
        for statement in Self.setup {
            let answer = try await session.answer(statement)
            #expect(!answer.hasPrefix("!"), "\(answer)")
        }
        return session
    }

    private func rows(_ session: SQLSession, _ query: String) async throws -> [String] {
        try await session.answer(query).split(separator: "\n").dropFirst().map { String($0.dropFirst(2)) }
    }

    private static let cases: [(String, [String])] = [
        ("SELECT x FROM small WHERE EXISTS (SELECT 1 FROM large WHERE k = x) ORDER BY x", ["3", "4999"]),
        ("SELECT x FROM small WHERE NOT EXISTS (SELECT 1 FROM large WHERE k = x) ORDER BY x", ["NULL", "5000"]),
        ("SELECT x FROM small WHERE x IN (SELECT k FROM large WHERE id > 115003) ORDER BY x", ["4999"]),
        (
            "SELECT x, (SELECT sum(id) FROM large WHERE k = x) AS s, (SELECT count(*) FROM large WHERE k = x) AS c FROM small ORDER BY x",
            ["NULL | NULL | 0", "3 | 1380072 | 24", "4999 | 1499976 | 24", "5000 | NULL | 0"]
        ),
        (
            "SELECT x, c FROM small LEFT JOIN (SELECT k, count(*) AS c FROM large GROUP BY k HAVING count(*) > 1) ON k = x ORDER BY x",
            ["NULL | NULL", "3 | 24", "4999 | 24", "5000 | NULL"]
        ),
        (
            "SELECT x, count(id), min(n), max(m) FROM small LEFT JOIN (SELECT a.id, a.k, a.n, b.n AS m FROM large a JOIN large b ON a.id = b.id) "
                + "ON k = x GROUP BY x ORDER BY x",
            ["NULL | 0 | NULL | NULL", "3 | 24 | n0 | n9", "4999 | 24 | n0 | n9", "5000 | 0 | NULL | NULL"]
        ),
        ("SELECT count(*), count(x), count(k) FROM small FULL JOIN large ON k = x", ["120002 | 49 | 120000"]),
        ("SELECT count(*) FROM small RIGHT JOIN large ON k <=> x", ["120000"]),
        ("SELECT sum(id), count(DISTINCT n), sum(length(n)) FROM large", ["7199940000 | 11 | 250909"]),
        (
            "SELECT count(*) FROM large, middle WHERE large.k = middle.k AND ((large.id < 10 AND label = 'g3') OR (large.id > 119990 AND g = 39))",
            ["2"]
        ),
        ("SELECT count(*), sum(v) FROM large WHERE id >= 40000 AND id < 40100 AND n IN ('n1', 'n2')", ["18 | 127"]),
        ("SELECT count(*) FROM large WHERE id < 0", ["0"]),
        ("SELECT count(*), min(id) FROM large WHERE v IS NULL AND id > 60000", ["4615 | 60008"]),
    ]

    /// Without ORDER BY: what comes first must not change either.
    private static let ordered = [
        "SELECT n, count(*), sum(d), avg(d), sum(m * m), avg(m), min(v), first(id), stddev(d), collect_list(id)[2] FROM large GROUP BY n",
        "SELECT k, sum(d), max(id), count(DISTINCT n) FROM large WHERE id % 3 = 0 GROUP BY k",
        "SELECT id, sum(d) FROM large GROUP BY id HAVING id % 9999 = 0",
        "SELECT label, sum(d), count(v) FROM large JOIN middle USING (k) WHERE g < 7 GROUP BY label",
        "SELECT large.id, label, d FROM large LEFT JOIN middle ON large.k = middle.k AND g = 5 ORDER BY g DESC, d LIMIT 50",
        "SELECT k, n, d FROM large WHERE EXISTS (SELECT 1 FROM middle WHERE middle.k = large.k AND g > large.v) ORDER BY v, n LIMIT 40",
        "SELECT n, rank() OVER (ORDER BY s), s FROM (SELECT n, sum(d) AS s FROM large WHERE v > 3 GROUP BY n)",
        "SELECT sum(d), avg(d), sum(1 / (id + 1)) FROM large",
    ]

    @Test func threadsAndRulesChangeNothing() async throws {
        let alone = try await prepared(.standard, WorkerPool(threads: 1, helpers: 0))
        let helped = try await prepared(.standard, WorkerPool(threads: 4, helpers: 3))
        let plain = try await prepared(.none, WorkerPool(threads: 1, helpers: 0))
        for (query, expected) in Self.cases {
            // Without rules a comma is a product of all rows.
            let sessions = query.contains("FROM large, middle") ? [alone, helped] : [alone, helped, plain]
            for session in sessions { #expect(try await rows(session, query) == expected, "\(query)") }
        }
        for query in Self.ordered {
            let expected = try await rows(alone, query)
            #expect(!expected.isEmpty && expected.count < 5001, "\(query)")
            for _ in 0..<3 { #expect(try await rows(helped, query) == expected, "\(query)") }
        }
    }

    @Test func faultsOfHelpersAreNamed() async throws {
        let session = try await prepared(.standard, WorkerPool(threads: 4, helpers: 3))
        #expect(try await session.answer("SELECT sum(1 / (id - 100000)) FROM large").hasPrefix("! DIVIDE_BY_ZERO"))
        #expect(try await session.answer("SELECT max(CAST(n AS INT)) FROM large WHERE id > 90000").hasPrefix("! CAST_INVALID_INPUT"))
        #expect(try await rows(session, "SELECT count(*) FROM large") == ["120000"])
    }
}

/// What statistics spare a scan.
@Suite struct ScanPruningTests {
    private func figures(_ session: SQLSession, _ query: String) async throws -> (answer: [String], figures: ScanFigures) {
        var request = StatementRequest(text: query, warehouseID: session.warehouseID)
        request.sessionID = session.session.id
        let statement = try session.service.submit(request, as: SQLSession.admin)
        await statement.wait(atMost: .seconds(30))
        let result = try #require(statement.status.result, "\(query)")
        let rows = result.batches.flatMap { batch in
            (0..<batch.rowCount).map { row in batch.columns.map { "\($0.value(at: row))" }.joined(separator: " ") }
        }
        return (rows, statement.scanned)
    }

    @Test func filesAndPartitionsAreLeftOut() async throws {
        let session = try SQLSession()
        _ = try await session.answer("CREATE TABLE main.default.t (id BIGINT, name STRING, day DATE, p INT) PARTITIONED BY (p)")
        for part in 0..<4 {
            let answer = try await session.answer(
                "INSERT INTO main.default.t SELECT id, concat('n', id), date_add(DATE'2026-01-01', CAST(id AS INT)), \(part % 2) "
                    + "FROM range(\(part * 100), \(part * 100 + 100))")
            #expect(!answer.hasPrefix("!"), "\(answer)")
        }
        let cases: [(String, Int64, Int64, Int64)] = [
            ("id = 150", 1, 1, 3), ("id < 0", 0, 0, 4), ("id >= 350 OR id < 3", 53, 4, 0), ("p = 1", 200, 2, 2),
            ("p IN (1, 7) AND id > 250", 100, 1, 3),
            ("name = 'n7'", 1, 1, 3), ("day BETWEEN DATE'2026-01-05' AND DATE'2026-01-08'", 4, 1, 3), ("id IS NULL", 0, 0, 4),
            ("250 < id", 149, 2, 2),
            ("p IS NOT NULL AND id <=> 5", 1, 4, 0), ("id <> 5", 399, 4, 0),
        ]
        for (condition, count, read, pruned) in cases {
            let (answer, found) = try await figures(session, "SELECT count(id) FROM main.default.t WHERE \(condition)")
            #expect(answer == ["integer(\(count))"], "\(condition)")
            #expect(found.files == read && found.prunedFiles == pruned, "\(condition): \(found)")
        }
    }
}

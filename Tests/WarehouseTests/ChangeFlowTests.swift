import Columnar
import Testing
import Warehouse
import Workspace

/// AUTO CDC against its definition: in whatever order and portions changes come, the table is what they make in the order of their sequence.
@Suite struct ChangeFlowTests {
    private struct Change {
        let key: Int
        let op: String
        let a: Int?
        let b: Int?
        let n: Int

        var text: String { "(\(key), '\(op)', \(a.map(String.init) ?? "NULL"), \(b.map(String.init) ?? "NULL"), \(n))" }
    }

    struct Mode: CustomTestStringConvertible, Sendable {
        let clauses: String
        var keepsHistory = false
        var ignoresNulls = false
        var tracksAllButB = false
        var truncates = false

        var testDescription: String { clauses }
    }

    static let modes = [
        Mode(clauses: ""), Mode(clauses: "IGNORE NULL UPDATES", ignoresNulls: true),
        Mode(clauses: "APPLY AS TRUNCATE WHEN op = 'T'", truncates: true),
        Mode(clauses: "IGNORE NULL UPDATES APPLY AS TRUNCATE WHEN op = 'T' STORED AS SCD TYPE 1", ignoresNulls: true, truncates: true),
        Mode(clauses: "STORED AS SCD TYPE 2", keepsHistory: true),
        Mode(clauses: "IGNORE NULL UPDATES STORED AS SCD TYPE 2", keepsHistory: true, ignoresNulls: true),
        Mode(clauses: "STORED AS SCD TYPE 2 TRACK HISTORY ON (a)", keepsHistory: true, tracksAllButB: true),
    ]

    /// The rows as texts, by a plain reading of what the clauses mean.
    private static func expected(_ changes: [Change], _ mode: Mode) -> [String] {
        var rows: [String] = []
        var open: [Int: (a: Int?, b: Int?, start: Int)] = [:]
        func text(_ key: Int, _ row: (a: Int?, b: Int?, start: Int), _ end: Int?) -> String {
            let cells = [key, row.a, row.b] + (mode.keepsHistory ? [row.start, end] : [])
            return cells.map { $0.map(String.init) ?? "NULL" }.joined(separator: " ")
        }
        for change in changes.sorted(by: { $0.n < $1.n }) {
            if change.op == "T" {
                if mode.truncates { open = [:] }
                continue
            }
            let before = open[change.key]
            if change.op == "D" {
                if mode.keepsHistory, let before { rows.append(text(change.key, before, change.n)) }
                open[change.key] = nil
                continue
            }
            var next = (a: change.a, b: change.b, start: change.n)
            if let before {
                if mode.ignoresNulls { next = (change.a ?? before.a, change.b ?? before.b, change.n) }
                if next.a == before.a, mode.tracksAllButB || next.b == before.b {
                    next.start = before.start
                } else if mode.keepsHistory {
                    rows.append(text(change.key, before, change.n))
                }
            }
            open[change.key] = next
        }
        return (rows + open.map { text($0.key, $0.value, nil) }).sorted()
    }

    @Test(arguments: modes) func portionsInAnyOrder(_ mode: Mode) async throws {
        var random = SeededGenerator(seed: 31)
        let session = try SQLSession()
        func run(_ sql: String) async throws -> [String] {
            let status = try await session.run(sql)
            #expect(status.error == nil, "\(sql): \(String(describing: status.error))")
            return (status.result?.batches ?? []).flatMap { batch in
                (0..<batch.rowCount).map { row in
                    batch.columns.map { column in
                        if case .integer(let number) = column.value(at: row) { String(number) } else { "NULL" }
                    }.joined(separator: " ")
                }
            }
        }
        _ = try await run("CREATE SCHEMA main.cdc")
        for round in 0..<3 {
            let source = "main.cdc.source\(round)"
            let table = "main.cdc.target\(round)"
            var changes: [Change] = []
            for n in (0..<24).shuffled(using: &random) {
                // What empties all tables of the other modes does nothing: such changes are left out.
                let op = ["U", "U", "U", "U", "D", mode.truncates ? "T" : "U"].randomElement(using: &random) ?? "U"
                let value = { (random: inout SeededGenerator) in [nil, 1, 2, 3].randomElement(using: &random) ?? nil }
                changes.append(
                    Change(key: Int.random(in: 1...4, using: &random), op: op, a: value(&random), b: value(&random), n: n))
            }
            _ = try await run("CREATE TABLE \(source) (k INT, op STRING, a INT, b INT, n INT)")
            _ = try await run(
                "CREATE STREAMING TABLE \(table) FLOW AUTO CDC FROM STREAM \(source) KEYS (k) APPLY AS DELETE WHEN op = 'D' SEQUENCE BY n "
                    + "COLUMNS (k, a, b) \(mode.clauses)")
            #expect(try await run("SELECT * FROM \(table)").isEmpty)
            for last in [5, 6, 14, 24] {
                let first = last == 5 ? 0 : last == 6 ? 5 : last == 14 ? 6 : 14
                _ = try await run("INSERT INTO \(source) VALUES " + changes[first..<last].map(\.text).joined(separator: ", "))
                _ = try await run("REFRESH STREAMING TABLE \(table)")
                #expect(try await run("SELECT * FROM \(table)").sorted() == Self.expected(Array(changes.prefix(last)), mode))
            }
            _ = try await run("REFRESH STREAMING TABLE \(table) FULL")
            #expect(try await run("SELECT * FROM \(table)").sorted() == Self.expected(changes, mode))
        }
    }

    @Test func partsOfStructuresAndSequencesOfSeveralParts() async throws {
        let session = try SQLSession()
        let made = """
            CREATE STREAMING TABLE main.default.t FLOW AUTO CDC FROM STREAM main.default.s KEYS (k) IGNORE NULL UPDATES
            SEQUENCE BY struct(day, n) COLUMNS (k, v) STORED AS SCD TYPE 2
            """
        for sql in [
            "CREATE TABLE main.default.s (k DOUBLE, v STRUCT<a: INT, b: STRUCT<c: DOUBLE>>, day DATE, n INT)",
            """
            INSERT INTO main.default.s SELECT double('NaN'), named_struct('a', 1, 'b', named_struct('c', 0.5D)), DATE'2024-01-02', 1
            UNION ALL SELECT double('NaN'), named_struct('a', CAST(NULL AS INT), 'b', named_struct('c', double('NaN'))), DATE'2024-01-01', 2
            """,
            made,
            """
            INSERT INTO main.default.s SELECT double('NaN'), named_struct('a', 2, 'b', named_struct('c', CAST(NULL AS DOUBLE))), DATE'2024-01-01', 3
            UNION ALL SELECT double('NaN'), named_struct('a', CAST(NULL AS INT), 'b', named_struct('c', double('NaN'))), DATE'2024-01-01', 2
            """,
            "REFRESH STREAMING TABLE main.default.t",
        ] { #expect(try await session.answer(sql).hasPrefix("!") == false, "\(sql)") }
        #expect(
            try await session.answer("SELECT v.a, v.b.c, __START_AT.n AS start, __END_AT.n AS end FROM main.default.t ORDER BY __START_AT")
                == """
                = a INT | c DOUBLE | start INT | end INT
                  NULL | NaN | 2 | 3
                  2 | NaN | 3 | 1
                  1 | 0.5 | 1 | NULL

                """)
    }

    @Test func theKeptChangesAreNobodysRows() async throws {
        let session = try SQLSession()
        for sql in [
            "CREATE TABLE main.default.s AS SELECT * FROM VALUES (1, 'a', 1), (1, 'b', 2), (2, 'c', 1) AS v(k, v, n)",
            "CREATE STREAMING TABLE main.default.t FLOW AUTO CDC FROM STREAM main.default.s KEYS (k) SEQUENCE BY n COLUMNS (k, v) STORED AS SCD TYPE 2",
            "INSERT INTO main.default.s VALUES (1, 'd', 3)", "REFRESH STREAMING TABLE main.default.t",
        ] { #expect(try await session.answer(sql).hasPrefix("!") == false, "\(sql)") }
        #expect(try await session.answer("SELECT count(*) AS n FROM main.default.t VERSION AS OF 1") == "= n BIGINT\n  3\n")
        #expect(try await session.answer("SELECT count(*) AS n FROM main.default.t VERSION AS OF 2") == "= n BIGINT\n  4\n")
    }
}

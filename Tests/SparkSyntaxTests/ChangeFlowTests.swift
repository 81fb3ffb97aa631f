import SparkErrors
import SparkSyntax
import Testing

/// AUTO CDC as it is written.
struct ChangeFlowTests {
    private func flow(_ text: String) throws -> (name: String, target: String, changes: ChangeFlow)? {
        guard case .createFlow(let flow) = try Parser.parse(text).kind, case .changes(let changes, _) = flow.source else { return nil }
        return (flow.name.literal?.names.joined(separator: ".") ?? "", flow.target.literal?.names.joined(separator: ".") ?? "", changes)
    }

    @Test func allClauses() throws {
        let text = """
            CREATE FLOW f COMMENT 'c' AS AUTO CDC INTO a.t FROM STREAM(b.s) KEYS (k, `odd name`) IGNORE NULL UPDATES ON (x)
            APPLY AS DELETE WHEN op = 'DELETE' SEQUENCE BY struct(a, b) COLUMNS * EXCEPT (op) STORED AS SCD TYPE 2 TRACK HISTORY ON * EXCEPT (y, z)
            """
        let found = try #require(try flow(text))
        #expect(found.name == "f" && found.target == "a.t")
        #expect(found.changes.keys.map(\.text) == ["k", "odd name"])
        #expect(found.changes.ignoringNulls?.named.map(\.text) == ["x"])
        #expect(found.changes.keepsHistory && !found.changes.hasTruncates)
        guard case .except(let columns) = found.changes.columns, case .except(let untracked) = found.changes.tracked else {
            Issue.record("no exceptions")
            return
        }
        #expect(columns.map(\.text) == ["op"] && untracked.map(\.text) == ["y", "z"])
        #expect(try Parser.relationNames(in: text) == [["b", "s"]])
    }

    @Test func theOlderWordsAndOtherPlaces() throws {
        let older = try #require(
            try flow("APPLY CHANGES INTO LIVE.t FROM stream(LIVE.s) KEYS (k) APPLY AS TRUNCATE WHEN op = 1 SEQUENCE BY n COLUMNS (k, n)"))
        #expect(older.name == "LIVE.t" && older.target == "LIVE.t" && older.changes.hasTruncates && !older.changes.keepsHistory)
        guard case .only(let columns) = older.changes.columns else {
            Issue.record("no list")
            return
        }
        #expect(columns.map(\.text) == ["k", "n"])
        guard case .createTable(let table) = try Parser.parse("CREATE STREAMING TABLE t FLOW AUTO CDC FROM STREAM s KEYS (k) SEQUENCE BY n").kind
        else {
            Issue.record("no table")
            return
        }
        #expect(table.changes?.keys.map(\.text) == ["k"] && table.query == nil)
        // `changes` and `apply` are words like any other elsewhere.
        #expect(try Parser.relationNames(in: "SELECT apply FROM changes") == [["changes"]])
    }

    @Test(arguments: [
        "FROM s SEQUENCE BY n", "FROM s KEYS () SEQUENCE BY n", "FROM s KEYS (k)", "FROM s KEYS (a.b) SEQUENCE BY n",
        "FROM s KEYS (k) SEQUENCE BY n SEQUENCE BY n", "FROM s KEYS (k) SEQUENCE BY n STORED AS SCD TYPE 3",
        "FROM s KEYS (k) SEQUENCE BY n TRACK HISTORY ON (a)", "FROM s KEYS (k) APPLY AS TRUNCATE WHEN a SEQUENCE BY n STORED AS SCD TYPE 2",
        "FROM s KEYS (k) SEQUENCE BY n COLUMNS TO UPDATE c", "FROM read_files('x') KEYS (k) SEQUENCE BY n", "FROM s KEYS (k) SEQUENCE BY n nonsense",
    ])
    func refused(_ text: String) {
        #expect(throws: SQLError.self) { try Parser.parse("CREATE FLOW f AS AUTO CDC INTO t \(text)") }
    }
}

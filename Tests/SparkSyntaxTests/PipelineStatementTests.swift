import SparkErrors
import SparkSyntax
import Testing

/// Statements of pipelines: expectations, streams, the older words.
struct PipelineStatementTests {
    @Test func expectationsStandAmongColumns() throws {
        let text = """
            CREATE OR REFRESH STREAMING TABLE t (
              CONSTRAINT a EXPECT (x > 0) ON VIOLATION DROP ROW, CONSTRAINT b EXPECT (y IS NOT NULL) ON VIOLATION FAIL UPDATE,
              CONSTRAINT c EXPECT (z) ) AS SELECT * FROM STREAM(s)
            """
        guard case .createTable(let table) = try Parser.parse(text).kind else {
            Issue.record("not a table")
            return
        }
        #expect(table.kind == .streamingTable)
        #expect(table.columns == nil)
        #expect(table.expectations.map(\.name.text) == ["a", "b", "c"])
        #expect(table.expectations.map(\.violation) == [.dropRow, .failUpdate, .keep])
        guard case .createView(let view) = try Parser.parse("CREATE MATERIALIZED VIEW v (n, CONSTRAINT a EXPECT (n > 0)) AS SELECT 1").kind else {
            Issue.record("not a view")
            return
        }
        #expect(view.columns.map(\.name.text) == ["n"])
        #expect(view.expectations.map(\.violation) == [.keep])
        #expect(throws: SQLError.self) {
            try Parser.parse("CREATE STREAMING TABLE t (CONSTRAINT a EXPECT (x) ON VIOLATION KEEP ROW) AS SELECT * FROM STREAM s")
        }
    }

    @Test func olderWordsMeanTheSame() throws {
        guard case .createView(let table) = try Parser.parse("CREATE OR REFRESH LIVE TABLE t AS SELECT * FROM LIVE.s").kind,
            case .createView(let view) = try Parser.parse("CREATE TEMPORARY LIVE VIEW t AS SELECT 1").kind,
            case .createTable(let streaming) = try Parser.parse("CREATE STREAMING LIVE TABLE t AS SELECT * FROM STREAM(LIVE.s)").kind
        else {
            Issue.record("other kinds of statements")
            return
        }
        #expect(table.form == .materialized && table.isLive)
        #expect(view.form == .temporary && view.isLive)
        #expect(streaming.kind == .streamingTable && streaming.isLive && streaming.mode == .create)
    }

    @Test func namesOfRelations() throws {
        let text = "CREATE MATERIALIZED VIEW v AS WITH c AS (SELECT * FROM a.b) SELECT d FROM c JOIN STREAM(e) ON d IN (SELECT f FROM x.y.z)"
        #expect(try Parser.relationNames(in: text) == [["a", "b"], ["c"], ["e"], ["x", "y", "z"]])
        // A word like any other where no name follows.
        #expect(try Parser.relationNames(in: "SELECT * FROM stream") == [["stream"]])
    }

    @Test func materializedViewsDescribeTheirTables() throws {
        let text = """
            CREATE MATERIALIZED VIEW v (a NOT NULL COMMENT 'c' PRIMARY KEY, b DECIMAL(10, 2) MASK f USING COLUMNS (a), mask, CONSTRAINT e EXPECT (b > 0),
              CONSTRAINT k FOREIGN KEY (b) REFERENCES s.p) PARTITIONED BY (a) WITH ROW FILTER g ON (a) TBLPROPERTIES ('x' = 'y') AS SELECT 1, 2, 3
            """
        guard case .createView(let view) = try Parser.parse(text).kind, let table = view.table else {
            Issue.record("no table")
            return
        }
        #expect(view.columns.map(\.name.text) == ["a", "b", "mask"] && view.columns.map(\.hasType) == [false, true, false])
        #expect(view.columns.map(\.comment) == ["c", nil, nil] && view.expectations.count == 1)
        #expect((table.columns ?? []).map(\.isNullable) == [false, true, true] && table.columns?[1].mask != nil)
        #expect(table.constraints.count == 1 && table.columns?[0].constraints.count == 1)
        #expect(table.partitionedBy.count == 1 && table.rowFilter != nil && table.clusterBy == nil && view.otherClauses.isEmpty)
        // Other views have no tables.
        #expect(throws: SQLError.self) { try Parser.parse("CREATE VIEW v (a NOT NULL) AS SELECT 1") }
        #expect(throws: SQLError.self) { try Parser.parse("CREATE MATERIALIZED VIEW v (a PRIMARY KEY, PRIMARY KEY (a)) AS SELECT 1") }
        #expect(throws: SQLError.self) { try Parser.parse("CREATE MATERIALIZED VIEW v (a COMMENT 'x' COMMENT 'y') AS SELECT 1") }
    }
}

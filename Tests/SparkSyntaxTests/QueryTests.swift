import SparkErrors
import SparkSyntax
import Testing

@Suite struct QueryTests {
    @Test func clauses() throws {
        let query = try query(
            """
            WITH x AS (SELECT 1), y(a, b) AS (SELECT 2, 3)
            SELECT DISTINCT a AS b, t.*, * EXCEPT (c, d.e), explode(m) AS (k, v)
            FROM t WHERE a > 1 GROUP BY a, b HAVING count(*) > 1 QUALIFY row_number() OVER w = 1 WINDOW w AS (ORDER BY a)
            ORDER BY a DESC NULLS FIRST, b LIMIT 10 OFFSET 5
            """)
        #expect(query.with?.queries.map(\.name.text) == ["x", "y"])
        #expect(query.with?.queries[1].columns.map(\.text) == ["a", "b"])
        #expect(query.with?.isRecursive == false)
        let select = try select(query.body)
        #expect(select.isDistinct)
        #expect(select.items.map { Printer().text($0) } == ["a AS b", "t.*", "* EXCEPT (c, d.e)", "explode(m) AS (k, v)"])
        #expect(select.from.map(shape) == "t")
        #expect(select.filter.map { Printer.sql($0) } == "(a > 1)")
        #expect(select.groupBy?.elements.count == 2)
        #expect(select.having != nil && select.qualify != nil)
        #expect(select.windows.map(\.name.text) == ["w"])
        let organization = query.organization
        #expect(Printer().text(organization.orderBy) == "a DESC NULLS FIRST, b")
        #expect(organization.offset.map { Printer.sql($0) } == "5")
        guard case .count(let limit)? = organization.limit else { throw Unexpected("limit") }
        #expect(Printer.sql(limit) == "10")
    }

    @Test(arguments: [
        ("SELECT 1 FROM t x", "t x"), ("SELECT 1 FROM a.b.c AS x(p, q)", "a.b.c x(p,q)"), ("SELECT 1 FROM a, b, c", "((a , b) , c)"),
        ("SELECT 1 FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (k, l)", "((a INNER b ON (a.x = b.x)) LEFT OUTER c USING k,l)"),
        ("SELECT 1 FROM a NATURAL FULL OUTER JOIN b", "(a FULL OUTER b NATURAL)"), ("SELECT 1 FROM a CROSS JOIN b", "(a CROSS b)"),
        ("SELECT 1 FROM a SEMI JOIN b ON c LEFT ANTI JOIN d ON e", "((a LEFT SEMI b ON c) LEFT ANTI d ON e)"),
        ("SELECT 1 FROM a RIGHT JOIN (b JOIN c ON d) x ON e", "(a RIGHT OUTER <(b INNER c ON d)> x ON e)"),
        ("SELECT 1 FROM a, LATERAL (SELECT a.x) l", "(a , LATERAL (query) l)"),
        ("SELECT 1 FROM a JOIN LATERAL explode(a.x) AS l ON true", "(a INNER LATERAL explode[1] l ON TRUE)"),
        ("SELECT 1 FROM (SELECT 1) left_table", "(query) left_table"), ("SELECT 1 FROM ((SELECT 1))", "(query)"),
        ("SELECT 1 FROM ((SELECT 1) x JOIN b)", "<((query) x INNER b)>"), ("SELECT 1 FROM (VALUES (1), (2)) t(a)", "(query) t(a)"),
        ("SELECT 1 FROM VALUES (1, 2), (3, 4) AS t(a, b)", "VALUES[2] t(a,b)"), ("SELECT 1 FROM range(1, 2)", "range[2]"),
        ("SELECT 1 FROM read_files('/x', format => 'csv') f", "read_files[2] f"), ("SELECT 1 FROM delta.`/a/b`", "delta./a/b"),
        (
            "SELECT 1 FROM t LATERAL VIEW OUTER explode(a) x AS y, z LATERAL VIEW f() w",
            "t LATERAL VIEW OUTER explode[1] x(y,z) LATERAL VIEW f[0] w()"
        ),
        ("SELECT 1 FROM IDENTIFIER('a.b') x", "a.b x"), ("SELECT 1 FROM IDENTIFIER(:t)", "IDENTIFIER(…)"),
        ("SELECT 1 FROM t WHERE", "t WHERE"), ("SELECT 1 FROM t limit", "t limit"), ("SELECT 1 FROM t AS left", "t left"),
        ("SELECT 1 FROM t PIVOT (sum(a) AS s FOR b IN (1 AS x, 2)) p", "PIVOT(t) p"),
        ("SELECT 1 FROM t UNPIVOT INCLUDE NULLS (v FOR n IN (a AS x, b)) AS u", "UNPIVOT(t) u"),
        ("SELECT 1 FROM t AS (a, b)", "t __auto_generated_subquery_name(a,b)"),
    ])
    func relations(_ sql: String, _ expected: String) throws {
        #expect(try select(sql).from.map(shape) == expected)
    }

    @Test func timeTravel() throws {
        func travel(_ sql: String) throws -> String {
            guard case .table(let table)? = try select("SELECT 1 FROM " + sql).from?.kind, let travel = table.timeTravel else {
                return "none"
            }
            switch travel {
            case .version(let version): return "v\(version)"
            case .timestamp(let expression): return Printer.sql(expression)
            case .timestampDigits(let digits): return "@\(digits)"
            }
        }
        #expect(try travel("t VERSION AS OF 3") == "v3")
        #expect(try travel("t FOR SYSTEM_VERSION AS OF 'x' a") == "vx")
        #expect(try travel("t TIMESTAMP AS OF current_date - 1") == "(current_date - 1)")
        #expect(try travel("t@v12 x") == "v12")
        #expect(try travel("a.t@20240131000000000") == "@20240131000000000")
        #expect(try travel("t version") == "none")
    }

    @Test func samples() throws {
        func sample(_ sql: String) throws -> Sample? { try select("SELECT 1 FROM " + sql).from?.sample }
        guard case .percent("12.5")? = try sample("t TABLESAMPLE (12.5 PERCENT) REPEATABLE (7) x")?.method else {
            throw Unexpected("percent")
        }
        #expect(try sample("t TABLESAMPLE (12.5 PERCENT) REPEATABLE (7)")?.seed == 7)
        guard case .bucket(3, 8)? = try sample("t TABLESAMPLE (BUCKET 3 OUT OF 8)")?.method else { throw Unexpected("bucket") }
        guard case .rows? = try sample("(SELECT 1) TABLESAMPLE (5 ROWS)")?.method else { throw Unexpected("rows") }
        #expect(failureName("SELECT 1 FROM t TABLESAMPLE ()") == "_LEGACY_ERROR_TEMP_0014")
        #expect(failure("SELECT 1 FROM t TABLESAMPLE (200 PERCENT)")?.text == "Sampling fraction (2.0) must be on interval [0, 1].")
    }

    @Test func setOperations() throws {
        func shown(_ body: QueryBody) -> String {
            switch body {
            case .setOperation(let operation):
                "(\(shown(operation.left)) \(operation.kind.rawValue)\(operation.isAll ? " ALL" : "")\(operation.isByName ? " BY NAME" : "") \(shown(operation.right)))"
            case .select(let select): Printer().text(select.items[0])
            case .parenthesized(let query): "<\(shown(query.body))>"
            case .values: "values"
            case .table(let name, _): name.shown
            case .pipe(let source, _): shown(source) + "|>"
            }
        }
        #expect(
            try shown(query("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT ALL (SELECT 4)").body)
                == "((1 UNION (2 INTERSECT 3)) EXCEPT ALL <4>)")
        #expect(try shown(query("TABLE a UNION ALL BY NAME VALUES 1").body) == "(a UNION ALL BY NAME values)")
        #expect(try shown(query("SELECT 1 MINUS SELECT 2").body) == "(1 EXCEPT 2)")
        #expect(try shown(query("(SELECT 1 ORDER BY 1) UNION SELECT 2 |> WHERE a").body) == "(<1> UNION 2)|>")
    }

    @Test func grouping() throws {
        func elements(_ sql: String) throws -> [GroupBy.Element] { try select("SELECT 1 FROM t GROUP BY " + sql).groupBy?.elements ?? [] }
        guard case .rollup(let sets) = try elements("ROLLUP (a, (b, c))")[0] else { throw Unexpected("rollup") }
        #expect(sets.map(\.count) == [1, 2])
        guard case .groupingSets(let inner) = try elements("GROUPING SETS ((), a, (a, b), CUBE (c))")[0] else { throw Unexpected("sets") }
        #expect(inner.count == 4)
        guard case .cube(let cube) = try elements("a, b WITH CUBE")[0] else { throw Unexpected("cube") }
        #expect(cube.map(\.count) == [1, 1])
        #expect(try select("SELECT 1 FROM t GROUP BY ALL").groupBy?.isAll == true)
        #expect(try select("SELECT 1 FROM t GROUP BY `all`").groupBy?.isAll == false)
        #expect(try query("SELECT 1 ORDER BY ALL DESC").isOrderedByAll)
        #expect(try elements("a, ROLLUP (b), c").count == 3)
    }

    @Test func valuesRows() throws {
        guard case .values(let table, let alias) = try query("VALUES (1, 'a'), (2, 'b') AS t(x, y)").body else {
            throw Unexpected("values")
        }
        #expect(table.rows.map(\.count) == [2, 2])
        #expect(alias?.columns.map(\.text) == ["x", "y"])
        guard case .values(let single, nil) = try query("VALUES 1, 2, 3").body else { throw Unexpected("values") }
        #expect(single.rows.map(\.count) == [1, 1, 1])
    }

    @Test func recursion() throws {
        let query = try query("WITH RECURSIVE r(n) MAX RECURSION LEVEL 50 AS (VALUES 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r")
        #expect(query.with?.isRecursive == true)
        #expect(query.with?.queries[0].maximumRecursion.map { Printer.sql($0) } == "50")
        #expect(failureName("WITH a AS (SELECT 1), A AS (SELECT 1) SELECT 1") == "DUPLICATED_CTE_NAMES")
    }

    @Test func hintsAreIgnored() throws {
        #expect(try select("SELECT /*+ BROADCAST(t), COALESCE(1) */ DISTINCT a FROM t").items.count == 1)
    }

    @Test func aliasesMayBeKeywords() throws {
        #expect(try select("SELECT 1 AS select, 2 where, 3 FROM t").items.map(\.alias?.text) == ["select", "where", nil])
        #expect(try select("SELECT a left, b order FROM t").items.map(\.alias?.text) == ["left", "order"])
        #expect(try select("SELECT left FROM t").items.map { Printer.sql($0.expression) } == ["left"])
    }

    @Test func pipes() throws {
        let query = try query(
            """
            FROM t |> WHERE a > 1 |> EXTEND b AS c |> SET a = 1, b = 2 |> DROP a, b |> AS x |> AGGREGATE sum(a) AS s GROUP BY b AS g, c
            |> LEFT JOIN u ON x.a = u.a |> UNION ALL (SELECT 1), TABLE v |> TABLESAMPLE (5 ROWS) |> ORDER BY a |> LIMIT 3 OFFSET 1 |> SELECT a
            """.replacing(", TABLE v", with: ""))
        var names: [String] = []
        var body = query.body
        while case .pipe(let source, let step) = body {
            names.append(String("\(step.kind)".prefix { $0 != "(" }))
            body = source
        }
        #expect(
            names.reversed() == [
                "filter", "extend", "set", "drop", "alias", "aggregate", "relation", "setOperation", "relation", "organize", "organize",
                "select",
            ])
        #expect(try select(body).items.isEmpty)
        #expect(failureName("TABLE t |> ORDER BY x LIMIT 1") == "MULTIPLE_QUERY_RESULT_CLAUSES_WITH_PIPE_OPERATORS")
        #expect(failureName("TABLE t |> WHERE a WINDOW w AS (ORDER BY a)") == "NOT_ALLOWED_IN_PIPE_OPERATOR_WHERE.WINDOW_CLAUSE")
        #expect(
            failureName("TABLE t |> AGGREGATE sum(a) GROUP BY ROLLUP(b)") == "UNSUPPORTED_FEATURE.PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE")
        #expect(failureName("TABLE t |> FROM t") == "PARSE_SYNTAX_ERROR")
    }
}

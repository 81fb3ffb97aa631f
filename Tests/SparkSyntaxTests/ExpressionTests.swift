import SparkErrors
import SparkSyntax
import Testing

@Suite struct ExpressionTests {
    @Test(
        arguments: [
            ("a + b * c", "(a + (b * c))"), ("a - b - c", "((a - b) - c)"), ("(a + b) * c", "((a + b) * c)"),
            ("a || b + c", "((a || b) + c)"), ("a & b | c ^ d", "((a & b) | (c ^ d))"), ("a << 1 + 2", "(a << (1 + 2))"),
            ("a >> 1", "(a >> 1)"), ("a >>> 1", "(a >>> 1)"), ("a > > b", nil), ("a div b % c", "((a div b) % c)"),
            ("-a * b", "((- a) * b)"), ("~a + 1", "((~ a) + 1)"), ("+a", "(+ a)"), ("- a.b[0]", "(- a.b[0])"),
            ("a = b = c", "((a = b) = c)"), ("a == b", "(a = b)"), ("a <> b", "(a != b)"), ("a <=> b", "(a <=> b)"),
            ("NOT a = b AND c", "((NOT (a = b)) AND c)"), ("! a", "(NOT a)"), ("NOT NOT a", "(NOT (NOT a))"),
            ("a OR b AND c", "(a OR (b AND c))"), ("a AND b AND c", "((a AND b) AND c)"),
            ("a AND b AND c AND d", "((a AND b) AND (c AND d))"),
            ("a = 1 OR NOT b IS NULL", "((a = 1) OR (NOT (b IS NULL)))"),
        ] as [(String, String?)])
    func operators(_ sql: String, _ expected: String?) throws {
        guard let expected else {
            #expect(throws: SQLError.self) { try shape(sql) }
            return
        }
        #expect(try shape(sql) == expected)
    }

    @Test(arguments: [
        ("a IS NOT NULL", "(a IS NOT NULL)"), ("a IS TRUE", "(a IS TRUE)"), ("a IS NOT UNKNOWN", "(a IS NOT UNKNOWN)"),
        ("a IS DISTINCT FROM b + 1", "(a IS DISTINCT FROM (b + 1))"), ("a BETWEEN 1 AND 2 AND c", "((a BETWEEN 1 AND 2) AND c)"),
        ("a NOT BETWEEN b AND c OR d", "((a NOT BETWEEN b AND c) OR d)"), ("a IN (1, 2)", "(a IN (1, 2))"),
        ("a NOT IN (SELECT 1)", "(a NOT IN (SELECT 1))"), ("(a, b) IN (SELECT 1, 2)", "((a, b) IN (SELECT 1, 2))"),
        ("a LIKE 'x%' ESCAPE '!'", "(a LIKE 'x%' ESCAPE '!')"), ("a NOT ILIKE b || 'x'", "(a NOT ILIKE (b || 'x'))"),
        ("a RLIKE 'x'", "(a RLIKE 'x')"), ("a REGEXP 'x'", "(a RLIKE 'x')"), ("a LIKE ANY ('x', 'y')", "(a LIKE ANY ('x', 'y'))"),
        ("a NOT LIKE ALL ('x')", "(a NOT LIKE ALL ('x'))"), ("a LIKE 'x' = true", "(a LIKE ('x' = TRUE))"),
        ("a + 1 IS NULL", "((a + 1) IS NULL)"), ("EXISTS (SELECT 1) AND a", "(EXISTS (SELECT 1) AND a)"),
    ])
    func predicates(_ sql: String, _ expected: String) throws {
        #expect(try shape(sql) == expected)
    }

    @Test(arguments: [
        ("a.b.c", "a.b.c"), ("a[0].b", "a[0].b"), ("a.b[0].c[x]", "a.b[0].c[x]"), ("f(x).y", "f(x).y"), ("`a.b`.c", "`a.b`.c"),
        ("a::int", "CAST(a AS INT)"), ("-1::string", "CAST(-1 AS STRING)"), ("a::int::string", "CAST(CAST(a AS INT) AS STRING)"),
        ("a ?::date", "TRY_CAST(a AS DATE)"), ("?::int", "CAST(? AS INT)"), (":p + 1", "(:p + 1)"), ("a:b.c[0]['d']", "a:b.c[0]['d']"),
        ("a:['x y'][*]", "a:['x y'][*]"), ("a:b::int", "CAST(a:b AS INT)"), ("a COLLATE UTF8_LCASE = b", "(a COLLATE UTF8_LCASE = b)"),
        ("CAST(a AS ARRAY<ARRAY<INT>>) > b", "(CAST(a AS ARRAY<ARRAY<INT>>) > b)"), ("TRY_CAST(a AS INT)", "TRY_CAST(a AS INT)"),
        ("(a)", "a"), ("(a, b)", "(a, b)"), ("struct(a AS x, b)", "struct(a AS x, b)"), ("(SELECT 1)", "(SELECT 1)"),
        ("(SELECT 1) + 1", "((SELECT 1) + 1)"), ("((SELECT 1))", "((SELECT 1))"), ("((SELECT 1) + 1)", "((SELECT 1) + 1)"),
        ("((SELECT 1) UNION (SELECT 2))", "((SELECT 1) UNION (SELECT 2))"),
        ("CASE WHEN a THEN b WHEN c THEN d ELSE e END", "CASE WHEN a THEN b WHEN c THEN d ELSE e END"),
        ("CASE a WHEN 1 THEN 2 END + 1", "(CASE a WHEN 1 THEN 2 END + 1)"),
    ])
    func operands(_ sql: String, _ expected: String) throws {
        #expect(try shape(sql) == expected)
    }

    @Test(arguments: [
        ("count(*)", "count(*)"), ("count(DISTINCT a, b)", "count(DISTINCT a, b)"), ("count(ALL a)", "count(a)"), ("a.b.f()", "a.b.f()"),
        ("sum(a) FILTER (WHERE b > 1)", "sum(a) FILTER (WHERE (b > 1))"),
        ("listagg(a, ',') WITHIN GROUP (ORDER BY b DESC NULLS LAST)", "listagg(a, ',') WITHIN GROUP (ORDER BY b DESC NULLS LAST)"),
        ("first(a IGNORE NULLS)", "first(a) IGNORE NULLS"), ("lag(a) RESPECT NULLS OVER w", "lag(a) RESPECT NULLS OVER w"),
        ("f(x => 1, y => a)", "f(x => 1, y => a)"), ("rank() OVER (w)", "rank() OVER w"),
        ("sum(a) OVER (PARTITION BY b, c ORDER BY d)", "sum(a) OVER (PARTITION BY b, c ORDER BY d)"),
        (
            "sum(a) OVER (ORDER BY d ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING)",
            "sum(a) OVER (ORDER BY d ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING)"
        ),
        ("sum(a) OVER (RANGE UNBOUNDED PRECEDING)", "sum(a) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"),
        ("transform(a, x -> x + 1)", "transform(a, x -> (x + 1))"),
        ("zip_with(a, b, (x, y) -> (x, y))", "zip_with(a, b, (x, y) -> (x, y))"),
        ("extract(YEAR FROM a)", "extract(YEAR FROM a)"), ("position('a' IN b)", "locate('a', b)"), ("position(a, b)", "position(a, b)"),
        ("substring(a FROM 1 FOR 2)", "substring(a, 1, 2)"), ("substr(a FROM 1)", "substring(a, 1)"), ("substr(a, 1)", "substr(a, 1)"),
        ("overlay(a PLACING b FROM 1)", "overlay(a, b, 1)"), ("trim(a)", "trim(a)"), ("trim(BOTH FROM a)", "trim(BOTH FROM a)"),
        ("trim(LEADING 'x' FROM a)", "trim(LEADING 'x' FROM a)"), ("trim('x' FROM a)", "trim('x' FROM a)"),
        ("dateadd(day, 1, a)", "dateadd(DAY, 1, a)"), ("date_add(a, 1)", "date_add(a, 1)"),
        ("TIMESTAMPDIFF(HOUR, a, b)", "TIMESTAMPDIFF(HOUR, a, b)"),
        ("exists(a, x -> x)", "exists(a, x -> x)"), ("left(a, 1)", "left(a, 1)"), ("if(a, b, c)", "if(a, b, c)"),
        ("current_date", "current_date"), ("current_date()", "current_date()"), ("identifier('a.b')", "a.b"),
        ("identifier('f')(1)", "f(1)"), ("identifier(:n).c", "IDENTIFIER(:n).c"), ("map(1, 2)", "map(1, 2)"),
        ("a IS DISTINCT FROM b", "(a IS DISTINCT FROM b)"), ("trim(a IS DISTINCT FROM b)", "trim((a IS DISTINCT FROM b))"),
    ])
    func calls(_ sql: String, _ expected: String) throws {
        #expect(try shape(sql) == expected)
    }

    @Test(arguments: [
        "date", "timestamp", "key", "value", "values", "order", "case", "left", "not", "exists", "struct", "user1", "x", "2a",
    ])
    func keywordsAreNamesToo(_ name: String) throws {
        #expect(try shape("t.\(name)") == "t.\(name)")
        #expect(try shape("\(name) ") == name)
    }

    @Test func printedFormReadsBack() throws {
        let samples = [
            "a + b * -c[0].d", "CASE WHEN a THEN b END", "sum(a) FILTER (WHERE NOT b) OVER (PARTITION BY c ORDER BY d DESC)",
            "a NOT LIKE ALL ('x', 'y')",
            "trim(BOTH 'x' FROM a || b)", "x -> y -> x + y", "CAST(a AS STRUCT<a: INT, b: MAP<STRING, DECIMAL(10,2)>>)", "X'00FF'",
            "-1.50BD",
            "'it\\'s \\\\ a\\nline'", "`a b`.`c``d`", "1.5F", "a:b['c'][0]", "1e100",
        ]
        for sample in samples {
            let printed = try shape(sample)
            #expect(try shape(printed) == printed, "\(sample)")
        }
    }

    @Test func spansCutTheSource() throws {
        let sql = "SELECT (a + b) * c AS x, f( d ) FROM t WHERE (e) > 1"
        let select = try select(sql)
        #expect(select.items.map { $0.expression.span.text(in: sql) } == ["(a + b) * c", "f( d )"])
        #expect(select.items.map { $0.span.text(in: sql) } == ["(a + b) * c AS x", "f( d )"])
        #expect(select.filter?.span.text(in: sql) == "(e) > 1")
        guard case .binary(_, let sum, _) = select.items[0].expression.kind else { throw Unexpected(sql) }
        #expect(sum.span.text(in: sql) == "a + b")
    }

    @Test func positionalParametersAreCounted() throws {
        guard case .row(let items) = try Parser.parseExpression("(?, f(?), ?)").kind,
            case .positionalParameter(let first) = items[0].expression.kind, case .positionalParameter(let last) = items[2].expression.kind
        else { throw Unexpected("row") }
        #expect((first, last) == (0, 2))
        #expect(failureName("SELECT ?, :a") == "INVALID_QUERY_MIXED_QUERY_PARAMETERS")
    }

    @Test(arguments: [
        ("INT", "INT"), ("integer", "INT"), ("long", "BIGINT"), ("real", "FLOAT"), ("dec", "DECIMAL(10,0)"), ("numeric(5)", "DECIMAL(5,0)"),
        ("decimal(10, 2)", "DECIMAL(10,2)"), ("char(3)", "CHAR(3)"), ("varchar(9)", "VARCHAR(9)"),
        ("string collate unicode_ci", "STRING COLLATE unicode_ci"),
        ("array<map<string,array<int>>>", "ARRAY<MAP<STRING, ARRAY<INT>>>"), ("struct<>", "STRUCT<>"), ("timestamp_ltz", "TIMESTAMP"),
        ("struct<a int, b: string not null comment 'x'>", "STRUCT<a: INT, b: STRING NOT NULL COMMENT 'x'>"), ("interval", "INTERVAL"),
        ("interval year to month", "INTERVAL YEAR TO MONTH"), ("interval day", "INTERVAL DAY"),
        ("interval hour to second", "INTERVAL HOUR TO SECOND"),
        ("timestamp without time zone", "TIMESTAMP_NTZ"), ("variant", "VARIANT"), ("void", "VOID"), ("time(3)", "TIME(3)"),
        ("geometry(4326)", "GEOMETRY(4326)"),
    ])
    func types(_ sql: String, _ expected: String) throws {
        #expect(Printer.sql(try Parser.parseType(sql)) == expected)
    }
}

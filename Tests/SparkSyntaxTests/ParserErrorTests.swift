import SparkErrors
import SparkSyntax
import Testing

/// Messages and places as Apache Spark 4.1 gives them.
@Suite struct ParserErrorTests {
    @Test(arguments: [
        ("SELEC 1", "'SELEC'", "", 0), ("SELECT 1 +", "end of input", "", 10), ("SELECT 1)", "')'", ": extra input ')'", 8),
        ("SELECT 1))", "')'", "", 8), ("SELECT a b c FROM t", "'c'", "", 11), ("SELECT * FROM a b c", "'c'", ": extra input 'c'", 18),
        ("SELECT 1 a; SELECT 2", "'SELECT'", ": extra input 'SELECT'", 12), ("SELECT 'abc", "'''", "", 7), ("-- x", "end of input", "", 4),
        ("SELECT * FROM (SELECT 1", "end of input", ": missing ')'", 23), ("DELETE t", "'t'", ": missing 'FROM'", 7),
        ("SELECT * FROM a LEFT b", "'b'", ": missing 'JOIN'", 21), ("SELECT a[1 FROM t", "'FROM'", ": missing ']'", 11),
        ("SELECT 1 WHERE 1 IN ()", "'IN'", "", 17), ("CREATE TABLE t (a INT NOT)", "')'", ": missing 'NULL'", 25), (";", "';'", "", 0),
        ("INSERT t VALUES (1)", "'t'", "", 7), ("SELECT f(1 2)", "'2'", ": extra input '2'", 11), ("select #x", "'#'", "", 7),
        ("SELECT a FROM t GROUP BY", "end of input", "", 24), ("UPDATE t", "end of input", "", 8),
        ("SELECT 1 LIMIT 1 LIMIT 2", "'LIMIT'", "", 17),
    ])
    func syntaxErrors(_ sql: String, _ token: String, _ hint: String, _ position: Int) throws {
        let error = try #require(failure(sql))
        #expect(error.condition == .parseSyntaxError)
        #expect(error.parameters == ["error": token, "hint": hint])
        #expect(error.place?.column == position)
        #expect(
            error.message
                == "\n[PARSE_SYNTAX_ERROR] Syntax error at or near \(token)\(hint). SQLSTATE: 42601 (line 1, pos \(position))\n\n== SQL ==\n\(sql)\n"
                + String(repeating: "-", count: position) + "^^^\n")
    }

    @Test func emptyStatements() {
        for sql in ["", " ", "\n\t"] { #expect(failureName(sql) == "PARSE_EMPTY_STATEMENT") }
        #expect(
            failure("")?.message
                == "\n[PARSE_EMPTY_STATEMENT] Syntax error, unexpected empty statement. SQLSTATE: 42617 (line 1, pos 0)\n\n== SQL ==\n\n^^^\n"
        )
    }

    @Test func semicolonsAndCommentsMayFollow() throws {
        #expect(failure("SELECT 1;; -- end\n/* x */;") == nil)
        let statement = try Parser.parse("  /* a */ SELECT 1 -- b\n ;")
        #expect(statement.span == SourceSpan(start: 10, end: 18))
    }

    @Test func identifiers() {
        #expect(failure("SELECT * FROM test-table")?.message.contains("The unquoted identifier test-table is invalid") == true)
        #expect(failure("SELECT * FROM test-table")?.message.contains("(line 1, pos 18)") == true)
        #expect(failureName("SELECT é FROM t") == "INVALID_IDENTIFIER")
        #expect(failureName("SELECT `é` FROM t") == nil)
        #expect(failureName("SELECT a.b-c FROM t") == nil)
        #expect(failureName("SELECT 1 AS IDENTIFIER('a.b')") == "IDENTIFIER_TOO_MANY_NAME_PARTS")
    }

    @Test(arguments: [
        ("SELECT a LIKE 'x' ESCAPE 'yy'", "INVALID_ESC"), ("SELECT a LIKE ANY ()", "_LEGACY_ERROR_TEMP_0064"),
        ("SELECT 1 ! IN (1)", "SYNTAX_DISCONTINUED.BANG_EQUALS_NOT"), ("SELECT 1, FROM t", "TRAILING_COMMA_IN_SELECT"),
        ("SELECT dateadd('day', 1, a)", "INVALID_PARAMETER_VALUE.DATETIME_UNIT"), ("SELECT CAST(1 AS CHAR)", "DATATYPE_MISSING_SIZE"),
        ("SELECT CAST(1 AS ARRAY)", "INCOMPLETE_TYPE_DEFINITION.ARRAY"), ("SELECT CAST(1 AS INT(3))", "UNSUPPORTED_DATATYPE"),
        ("SELECT 1 ORDER BY a SORT BY b", "UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES"),
        ("SELECT * FROM a JOIN LATERAL (SELECT 1) USING (x)", "UNSUPPORTED_FEATURE.LATERAL_JOIN_USING"),
        ("SELECT TRANSFORM(a) USING 'cat' FROM t", "UNSUPPORTED_FEATURE.TRANSFORM_NON_HIVE"),
        ("SELECT * FROM LATERAL t", "INVALID_SQL_SYNTAX.LATERAL_WITHOUT_SUBQUERY_OR_TABLE_VALUED_FUNC"),
        ("SELECT 1 /* x", "UNCLOSED_BRACKETED_COMMENT"),
    ])
    func refusals(_ sql: String, _ condition: String) {
        #expect(failureName(sql) == condition)
    }

    @Test func entryPointsForParts() throws {
        #expect(try Parser.parseMultipartIdentifier("a.`b c`.d").names == ["a", "b c", "d"])
        #expect(throws: SQLError.self) { try Parser.parseMultipartIdentifier("a.b c") }
        #expect(throws: SQLError.self) { try Parser.parseExpression("a b") }
        #expect(throws: SQLError.self) { try Parser.parseType("INT x") }
        let fields = try Parser.parseTableSchema("a INT, `b c` ARRAY<STRING> NOT NULL COMMENT 'x'")
        #expect(fields.map(\.name.text) == ["a", "b c"] && fields.map(\.isNullable) == [true, false] && fields[1].comment == "x")
    }
}

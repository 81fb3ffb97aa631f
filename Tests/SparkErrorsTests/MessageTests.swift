import SparkErrors
import Testing

/// The messages are those that Apache Spark 4.1 prints for the same statements.
@Suite struct MessageTests {
    @Test func parameters() {
        let error = SQLError(.unresolvedColumnWithSuggestion, ["objectName": "`x`", "proposal": "`a`, `b`"])
        #expect(
            error.message
                == "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name `x` cannot be resolved. "
                + "Did you mean one of the following? [`a`, `b`]. SQLSTATE: 42703")
    }

    @Test func missingParameterStaysVisible() {
        #expect(SQLError(.schemaNotFound).text.hasPrefix("The schema <schemaName> cannot be found."))
        #expect(ErrorCondition.unresolvedColumnWithSuggestion.parameterNames == ["objectName", "proposal"])
        #expect(ErrorCondition.divideByZero.parameterNames == ["config"])
    }

    @Test func conditionsWithoutNameShowOnlyTheirText() {
        #expect(SQLError(.legacy0014).message == "TABLESAMPLE does not accept empty inputs.")
    }

    @Test func syntaxError() {
        var error = SQLError(
            .parseSyntaxError, ["error": "'SELEC'", "hint": ""], at: SourceSpan(start: 0, end: 5))
        error.statement = "SELEC 1"
        #expect(
            error.message
                == "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'. SQLSTATE: 42601 (line 1, pos 0)\n\n== SQL ==\nSELEC 1\n^^^\n")
    }

    @Test func syntaxErrorAmongLines() {
        let error = SQLError(.parseSyntaxError, ["error": "'x'", "hint": ""], at: SourceSpan(start: 12, end: 13))
            .with(statement: "SELECT 'é'\nx\nb\n\n")
        #expect(error.message.hasSuffix(" (line 2, pos 0)\n\n== SQL ==\nSELECT 'é'\nx\n^^^\nb\n"))
        let later = SQLError(.parseSyntaxError, ["error": "'y'", "hint": ""], at: SourceSpan(start: 11, end: 12))
            .with(statement: "SELECT 'é' y")
        #expect(later.message.hasSuffix(" (line 1, pos 10)\n\n== SQL ==\nSELECT 'é' y\n----------^^^\n"))
        #expect(later.place?.column == 10)
    }

    @Test func refusalByTheParserShowsTheClause() {
        let error = SQLError(.invalidEsc, ["invalidEscape": "'yy'"], at: SourceSpan(start: 9, end: 29), phase: .parsing)
            .with(statement: "SELECT a LIKE 'x' ESCAPE 'yy'")
        #expect(
            error.message
                == "\n[INVALID_ESC] Found an invalid escape string: 'yy'. The escape string must contain only one character. "
                + "SQLSTATE: 42604\n== SQL (line 1, position 10) ==\nSELECT a LIKE 'x' ESCAPE 'yy'\n         ^^^^^^^^^^^^^^^^^^^^\n")
    }

    @Test func analysisErrorEndsInItsPlace() {
        let error = SQLError(.schemaNotFound, ["schemaName": "`s`"], at: SourceSpan(start: 15, end: 16))
            .with(statement: "SELECT a FROM\n b")
        #expect(error.message.hasSuffix("SQLSTATE: 42704; line 2 pos 1"))
    }

    @Test func executionErrorUnderlines() {
        let sql = "SELECT 1/0"
        let error = SQLError(.divideByZero, ["config": "\"ansi_mode\""], at: SourceSpan(start: 7, end: 10)).with(statement: sql)
        #expect(
            error.message
                == "[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. "
                + "If necessary set \"ansi_mode\" to \"false\" to bypass this error. SQLSTATE: 22012\n"
                + "== SQL (line 1, position 8) ==\nSELECT 1/0\n       ^^^\n")
    }

    @Test func executionErrorOverTwoLines() {
        let sql = "SELECT 1,\n  1 /\n     0 AS x,\n 2"
        let error = SQLError(.divideByZero, at: SourceSpan(start: 12, end: 22)).with(statement: sql)
        #expect(error.message.hasSuffix("\n== SQL (line 2, position 3) ==\n  1 /\n  ^^^\n     0 AS x,\n^^^^^^\n"))
    }

    @Test func executionErrorInALongLineIsCut() {
        let sql = "SELECT '" + String(repeating: "a", count: 52) + "', 1/0, '" + String(repeating: "b", count: 61) + "'"
        let error = SQLError(.divideByZero, at: SourceSpan(start: 63, end: 66)).with(statement: sql)
        let a = String(repeating: "a", count: 29)
        let b = String(repeating: "b", count: 29)
        #expect(
            error.message.hasSuffix(
                "\n== SQL (line 1, position 64) ==\n...\(a)', 1/0, '\(b)...\n" + String(repeating: " ", count: 35) + "^^^\n"))
    }

    @Test func positionsCountCharacters() {
        let sql = "SELECT 'é😀', 1/0"
        let error = SQLError(.divideByZero, at: SourceSpan(start: 17, end: 20)).with(statement: sql)
        #expect(error.message.hasSuffix("(line 1, position 14) ==\nSELECT 'é😀', 1/0\n             ^^^\n"))
    }

    @Test func spansOutsideTheTextDoNoHarm() {
        for span in [SourceSpan(start: 99, end: 120), SourceSpan(start: 3, end: 1), SourceSpan(start: -5, end: -1)] {
            for phase in [ErrorPhase.parsing, .analysis, .execution] {
                let error = SQLError(.invalidEsc, at: span, phase: phase).with(statement: "ab")
                #expect(error.message.contains("[INVALID_ESC]"))
            }
        }
        #expect(SourceSpan(start: 1, end: 4).text(in: "abcdef") == "bcd")
        #expect(SourceSpan(start: 1, end: 9).text(in: "abc") == nil)
        #expect(SourceSpan(start: 0, end: 1).text(in: "é") == nil)
    }

    @Test func nearestStatementStays() {
        let error = SQLError(.schemaNotFound).with(statement: "inner").with(statement: "outer")
        #expect(error.statement == "inner")
        #expect(error == error.with(span: nil))
        #expect(error != error.with(phase: .execution))
    }
}

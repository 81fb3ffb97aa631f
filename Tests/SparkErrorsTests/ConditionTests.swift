import SparkErrors
import Testing

@Suite struct ConditionTests {
    @Test func namesAreUnique() {
        let names = ErrorCondition.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count > 600)
    }

    @Test func statesHaveFiveCharacters() {
        for condition in ErrorCondition.all where !condition.name.hasPrefix("_LEGACY") {
            #expect(condition.sqlState.utf8.count == 5, "\(condition.name)")
            #expect(!condition.template.isEmpty, "\(condition.name)")
        }
    }

    @Test(arguments: [
        (ErrorCondition.tableOrViewNotFound, "TABLE_OR_VIEW_NOT_FOUND", "42P01"), (.castInvalidInput, "CAST_INVALID_INPUT", "22018"),
        (.arithmeticOverflow, "ARITHMETIC_OVERFLOW", "22003"), (.parseSyntaxError, "PARSE_SYNTAX_ERROR", "42601"),
        (.parseEmptyStatement, "PARSE_EMPTY_STATEMENT", "42617"), (.schemaNotFound, "SCHEMA_NOT_FOUND", "42704"),
        (.datatypeMismatchUnexpectedInputType, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09"),
        (.failedToParseTooComplex, "FAILED_TO_PARSE_TOO_COMPLEX", "54001"),
        (.insertColumnArityMismatchTooManyDataColumns, "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "21S01"),
    ])
    func wellKnown(_ condition: ErrorCondition, _ name: String, _ state: String) {
        #expect(condition.name == name)
        #expect(condition.sqlState == state)
    }

    @Test func subConditionsFollowTheirFamilysText() {
        #expect(
            ErrorCondition.unsupportedFeatureTimeTravel.template
                == "The feature is not supported: Time travel on the relation: <relationId>.")
        #expect(ErrorCondition.tableOrViewNotFound.template.split(separator: "\n").count == 3)
    }

    @Test func phases() {
        #expect(SQLError(.divideByZero).phase == .execution)
        #expect(SQLError(.scalarSubqueryTooManyRows).phase == .execution)
        #expect(SQLError(.userRaisedException).phase == .execution)
        #expect(SQLError(.tableOrViewNotFound).phase == .analysis)
        #expect(SQLError(.parseSyntaxError).phase == .parsing)
        #expect(SQLError(.divideByZero, phase: .analysis).phase == .analysis)
    }

    @Test func quoting() {
        #expect(SQLQuote.id(["a", "b`c"]) == "`a`.`b``c`")
        #expect(SQLQuote.type("STRUCT<a: INT>") == "\"STRUCT<a: INT>\"")
        #expect(SQLQuote.expr("(a + 1)") == "\"(a + 1)\"")
        #expect(SQLQuote.string("x") == "'x'")
        #expect(SQLQuote.config("ansi_mode") == "\"ansi_mode\"")
    }
}

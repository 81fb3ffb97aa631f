import SparkErrors
import SparkSyntax
import Testing

@Suite struct IntervalTests {
    private func interval(_ sql: String) throws -> IntervalLiteral {
        guard case .literal(.interval(let interval)) = try Parser.parseExpression(sql).kind else { throw Unexpected(sql) }
        return interval
    }

    private static let day: Int64 = 86_400_000_000

    @Test(arguments: [
        ("INTERVAL 1 YEAR", 12, IntervalUnit.year, IntervalUnit.year), ("interval '3' months", 3, .month, .month),
        ("INTERVAL 1 YEAR 2 MONTHS", 14, .year, .month), ("INTERVAL '1-2' YEAR TO MONTH", 14, .year, .month),
        ("INTERVAL '-1-2' YEAR TO MONTH", -14, .year, .month), ("INTERVAL -'1-2' YEAR TO MONTH", -14, .year, .month),
        ("INTERVAL -'-1-2' YEAR TO MONTH", 14, .year, .month), ("INTERVAL '1 year 3 months'", 15, .year, .month),
        ("INTERVAL -5 MONTH", -5, .month, .month), ("INTERVAL 'interval 2 years'", 24, .year, .year),
    ])
    func yearMonth(_ sql: String, _ months: Int32, _ from: IntervalUnit, _ to: IntervalUnit) throws {
        #expect(try interval(sql) == .yearMonth(months: months, from: from, to: to))
    }

    @Test(arguments: [
        ("INTERVAL 1 DAY", day, IntervalUnit.day, IntervalUnit.day), ("INTERVAL 1 WEEK 2 HOURS", 7 * day + 7_200_000_000, .day, .hour),
        ("INTERVAL '1.5' SECOND", 1_500_000, .second, .second), ("INTERVAL 1.5 SECONDS", 1_500_000, .second, .second),
        ("INTERVAL 3 MILLISECOND", 3000, .second, .second), ("INTERVAL '1 02:03:04.5' DAY TO SECOND", day + 7_384_500_000, .day, .second),
        ("INTERVAL '-1 02' DAY TO HOUR", -day - 7_200_000_000, .day, .hour),
        ("INTERVAL '10:11' HOUR TO MINUTE", 36_660_000_000, .hour, .minute),
        ("INTERVAL '90:00.000001' MINUTE TO SECOND", 5_400_000_001, .minute, .second), ("INTERVAL '- 1 day'", -day, .day, .day),
        ("INTERVAL '.5 seconds'", 500_000, .second, .second), ("INTERVAL - 1 DAY", -day, .day, .day),
        ("INTERVAL 1 SECOND 1 SECOND", 2_000_000, .second, .second), ("INTERVAL '0.0000019' SECOND", 1, .second, .second),
    ])
    func dayTime(_ sql: String, _ microseconds: Int64, _ from: IntervalUnit, _ to: IntervalUnit) throws {
        #expect(try interval(sql) == .dayTime(microseconds: microseconds, from: from, to: to))
    }

    @Test(arguments: [
        ("SELECT INTERVAL 1 YEAR 1 DAY", "_LEGACY_ERROR_TEMP_0029"), ("SELECT INTERVAL '1' YEAR 2 DAY", "_LEGACY_ERROR_TEMP_0029"),
        ("SELECT INTERVAL '1-2' YEAR TO MONTH 3 DAY", "_LEGACY_ERROR_TEMP_0024"),
        ("SELECT INTERVAL 1 DAY TO HOUR", "_LEGACY_ERROR_TEMP_0027"),
        ("SELECT INTERVAL '1 day 2' HOUR", "_LEGACY_ERROR_TEMP_0026"),
        ("SELECT INTERVAL 1.5 DAY", "INVALID_INTERVAL_FORMAT.INVALID_FRACTION"),
        ("SELECT INTERVAL '1-13' YEAR TO MONTH", "INVALID_INTERVAL_FORMAT.INTERVAL_PARSING"),
        ("SELECT INTERVAL '1-2-3' YEAR TO MONTH", "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING"),
        ("SELECT INTERVAL '1 25' DAY TO HOUR", "_LEGACY_ERROR_TEMP_0063"),
        ("SELECT INTERVAL '10:11' HOUR TO SECOND", "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE"),
        ("SELECT INTERVAL '1' HOUR TO DAY", "INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION"),
        ("SELECT INTERVAL '99999999999' DAY", "INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION"),
        ("SELECT INTERVAL 3 NANOSECONDS", "INVALID_INTERVAL_FORMAT.INVALID_UNIT"),
        ("SELECT INTERVAL '999999999999999999999-1' YEAR TO MONTH", "INVALID_INTERVAL_FORMAT.INTERVAL_PARSING"),
        ("SELECT INTERVAL 1 FOO", "PARSE_SYNTAX_ERROR"), ("SELECT INTERVAL '1day'", "INVALID_TYPED_LITERAL"),
    ])
    func refused(_ sql: String, _ condition: String) {
        #expect(failureName(sql) == condition)
    }

    @Test func formatErrorShowsTheForm() {
        #expect(
            failure("SELECT INTERVAL 'x' DAY TO SECOND")?.text.contains(
                "day-time format of `[+|-]d h:m:s.n`, `INTERVAL [+|-]'[+|-]d h:m:s.n' DAY TO SECOND` when cast to interval day to second: x."
            )
                == true)
    }

    @Test func intervalIsAlsoAName() throws {
        #expect(try shape("interval") == "interval")
        #expect(try shape("interval - 1") == "(interval - 1)")
        #expect(try shape("t.interval + 1") == "(t.interval + 1)")
    }

    @Test func printedIntervalsReadBack() throws {
        for sql in [
            "INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '-7' MONTH", "INTERVAL '-1 2:3:4.500000' DAY TO SECOND",
            "INTERVAL '3:4' HOUR TO MINUTE",
            "INTERVAL '5' YEAR",
        ] {
            #expect(try shape(sql) == sql)
        }
    }
}

import SparkErrors
import SparkSyntax
import Testing

@Suite struct LiteralTests {
    private func literal(_ sql: String) throws -> Literal {
        guard case .literal(let literal) = try Parser.parseExpression(sql).kind else { throw Unexpected(sql) }
        return literal
    }

    @Test(arguments: [
        ("0", Literal.int(0)), ("2147483647", .int(.max)), ("-2147483648", .int(.min)), ("2147483648", .bigint(2_147_483_648)),
        ("-9223372036854775808", .bigint(.min)), ("9223372036854775807L", .bigint(.max)), ("-128Y", .tinyint(-128)),
        ("32767S", .smallint(.max)), ("1e3", .double(1000)), ("-1.5D", .double(-1.5)), ("0.1f", .float(0.1)), ("NULL", .null),
        ("true", .boolean(true)), ("FALSE", .boolean(false)), ("X'1f'", .binary([0x1F])), ("x'ABC'", .binary([0x0A, 0xBC])),
        ("date '2020-01-01'", .typed(.date, "2020-01-01")), ("timestamp_ntz'x'", .typed(.timestampNTZ, "x")),
    ])
    func values(_ sql: String, _ value: Literal) throws {
        #expect(try literal(sql) == value)
    }

    @Test(arguments: [
        ("1.50", "150", 2, 3, false), ("-0.05", "5", 2, 2, true), (".5", "5", 1, 1, false), ("12.", "12", 0, 2, false),
        ("9223372036854775808", "9223372036854775808", 0, 19, false), ("1.0E5BD", "100000", 0, 6, false), ("0.00", "0", 2, 2, false),
        ("1e-3BD", "1", 3, 3, false), ("00012.5", "125", 1, 3, false), ("0e5BD", "0", 0, 1, false),
    ])
    func decimals(_ sql: String, _ digits: String, _ scale: Int, _ precision: Int, _ isNegative: Bool) throws {
        guard case .decimal(let value) = try literal(sql) else { throw Unexpected(sql) }
        #expect(value.digits == digits)
        #expect(value.scale == scale)
        #expect(value.precision == precision)
        #expect(value.isNegative == isNegative)
    }

    @Test(arguments: [
        ("'a'", "a"), ("\"a\"", "a"), ("'a' 'b'\n\"c\"", "abc"), ("'it''s'", "it's"), (#"'it\'s'"#, "it's"), (#"'\n\t\\'"#, "\n\t\\"),
        (#"r'a\n'"#, #"a\n"#), (#"'\u0041\U0001F600'"#, "A😀"), (#"'\uD83D\uDE00'"#, "😀"), (#"'\uD83Dx'"#, "?x"), (#"'\101\377'"#, "A377"),
        (#"'50\% \_ \x'"#, #"50\% \_ x"#), ("''", ""), (#"'\0'"#, "\0"), ("$$a'b$$", "a'b"), (#"'\ü'"#, "ü"), (#"'\u00'"#, "u00"),
    ])
    func strings(_ sql: String, _ value: String) throws {
        #expect(try literal(sql) == .string(value))
    }

    @Test(arguments: [
        ("SELECT 128Y", "INVALID_NUMERIC_LITERAL_RANGE"), ("SELECT 1e400", "INVALID_NUMERIC_LITERAL_RANGE"),
        ("SELECT 1e40F", "INVALID_NUMERIC_LITERAL_RANGE"), ("SELECT 9223372036854775808L", "INVALID_NUMERIC_LITERAL_RANGE"),
        ("SELECT 123456789012345678901234567890123456789", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
        ("SELECT 1e-9223372036854775808BD", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
        ("SELECT 1e99999999999999999999BD", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"), ("SELECT X'GG'", "INVALID_TYPED_LITERAL"),
        ("SELECT foo 'x'", "UNSUPPORTED_TYPED_LITERAL"), ("SELECT INTERVAL 'abc'", "INVALID_TYPED_LITERAL"),
    ])
    func refused(_ sql: String, _ condition: String) {
        #expect(failureName(sql) == condition)
    }

    @Test func rangeErrorNamesTheLimits() {
        #expect(
            failure("SELECT -129Y")?.text
                == "Numeric literal -129 is outside the valid range for tinyint with minimum value of -128 and maximum value of 127. "
                + "Please adjust the value accordingly.")
    }

    @Test func signBelongsToNumberOnlyDirectly() throws {
        #expect(try shape("-1") == "-1")
        #expect(try shape("- 1") == "-1")
        #expect(try shape("- -1") == "(- -1)")
        #expect(try shape("-a") == "(- a)")
        #expect(try shape("1-1") == "(1 - 1)")
        #expect(try shape("2 * -3") == "(2 * -3)")
    }
}

import SparkErrors
import SparkSyntax
import Testing

@Suite struct LexerTests {
    private func kinds(_ sql: String) throws -> [Token.Kind] { try Lexer.tokens(sql).dropLast().map(\.kind) }

    private func texts(_ sql: String) throws -> [String] {
        try Lexer.tokens(sql).dropLast().map { String(decoding: Array(sql.utf8)[$0.start..<$0.end], as: UTF8.self) }
    }

    @Test func symbols() throws {
        #expect(
            try kinds("<=> <= >= <> != == = < > << || | & ^ ~ ! -> => :: : ? @ |>") == [
                .nullSafeEqual, .lessOrEqual, .greaterOrEqual, .notEqual, .bangEqual, .equal, .equal, .less, .greater, .shiftLeft,
                .doublePipe, .pipe, .ampersand, .hat, .tilde, .bang, .arrow, .fatArrow, .doubleColon, .colon, .question, .atSign,
                .pipeOperator,
            ])
        #expect(try kinds("!> !< >>") == [.lessOrEqual, .greaterOrEqual, .greater, .greater])
    }

    @Test(arguments: [
        ("1", Token.Kind.integer), ("1L", .bigintLiteral), ("1s", .smallintLiteral), ("1Y", .tinyintLiteral), ("1.5", .decimal),
        ("1.", .decimal), (".5", .decimal), ("1e5", .exponent), ("1E+5", .exponent), ("1.5e-3", .exponent), (".5E3", .exponent),
        ("1F", .floatLiteral), ("1.5f", .floatLiteral), ("1D", .doubleLiteral), ("1e5D", .doubleLiteral), ("1BD", .bigDecimalLiteral),
        ("1.0e3bd", .bigDecimalLiteral), ("1a", .word), ("1_000", .word), ("1e", .word), ("1La", .word), ("2024x", .word),
    ])
    func numbers(_ text: String, _ kind: Token.Kind) throws {
        #expect(try kinds(text) == [kind])
    }

    @Test func pointNumbersEndAtWords() throws {
        #expect(try texts("1.5a") == ["1", ".", "5a"])
        #expect(try texts("t.1b") == ["t", ".", "1b"])
        #expect(try texts("1.2.3") == ["1.2", ".3"])
        #expect(try texts("a.b") == ["a", ".", "b"])
    }

    @Test func comments() throws {
        #expect(try texts("a -- b\nc") == ["a", "c"])
        #expect(try texts("a --b\\\nc\nd") == ["a", "d"])
        #expect(try texts("a /* b /* c */ d */ e") == ["a", "e"])
        #expect(try texts("a/**/b/***/c") == ["a", "b", "c"])
        #expect(try kinds("/*+ BROADCAST(t) */ a") == [.hintStart, .word, .leftParen, .word, .rightParen, .hintEnd, .word])
        #expect(try texts("2*/* x */3") == ["2", "*", "3"])
        #expect(throws: SQLError(.unclosedBracketedComment, phase: .parsing)) { try Lexer.tokens("a /* b") }
    }

    @Test func quotes() throws {
        #expect(try texts("'a''b' \"c\"\"d\" `e``f`") == ["'a''b'", "\"c\"\"d\"", "`e``f`"])
        #expect(try texts(#"'a\'b' r'a\' R"b\""#) == [#"'a\'b'"#, #"r'a\'"#, #"R"b\""#])
        #expect(try texts("$$a'b$$ $x$ $$ $x$") == ["$$a'b$$", "$x$ $$ $x$"])
        #expect(try kinds("'abc") == [.unrecognized])
        #expect(try kinds("a \"b\\\"") == [.word, .unrecognized])
    }

    @Test func spans() throws {
        let tokens = try Lexer.tokens("é = 'ü'")
        #expect(tokens.map(\.start) == [0, 3, 5, 9])
        #expect(tokens.map(\.end) == [2, 4, 9, 9])
    }

    @Test func keywords() throws {
        #expect(try Lexer.tokens("sElEcT temp REGEXP selecta `select`").map(\.keyword) == [.select, .temporary, .rlike, nil, nil, nil])
    }

    @Test func spaces() throws {
        #expect(try texts("a\u{00A0}b\u{3000}c\u{2003}d\u{FEFF}e").prefix(4) == ["a", "b", "c", "d"])
    }

    @Test func locationsAreOneWord() throws {
        #expect(try texts("s3://a-b/c.d?x=1 e") == ["s3", ":", "/", "/", "a", "-", "b", "/", "c", ".", "d", "?", "x", "=", "1", "e"])
        #expect(try texts("file://a/b") == ["file://a/b"])
    }
}

import SparkErrors
import Testing

/// Messages show parts of statements: values of secret options are not among them.
@Suite struct SecretLiteralTests {
    private func message(_ statement: String, _ condition: ErrorCondition = .parseSyntaxError, error: String = "'x'", at start: Int = 0) -> String {
        SQLError(condition, ["error": error, "hint": "", "config": "c"], at: SourceSpan(start: start, end: statement.utf8.count)).with(
            statement: statement
        ).message
    }

    @Test(arguments: [
        "OPTIONS (password 'hunter2hunter')", "OPTIONS ('client_secret' = 'hunter2hunter')", "f(api_key => \"hunter2hunter\")",
        "`access_token`'hunter2hunter'",
        "OPTIONS (token 'hunter2hunter')", "password='hunter2hunter", "fs.azure.account.key 'hunter2hunter'", "PASSWORD \n 'hunter2hunter'",
        "password = = 'hunter2hunter'", "password 'ab' 'hunter2hunter'",
        "password 'hunter2\\'hunter'", "password /* of the user */ 'hunter2hunter'", "password--\n'hunter2hunter'", "password = r'hunter2hunter'",
        "-- password\npassword --x\n= --y\n'hunter2hunter'", "password 'hunter2hunter' /**/ 'hunter2hunter'",
    ])
    func valuesOfSecretOptionsAreHidden(statement: String) {
        #expect(message(statement).contains("*******"))
        for condition in [ErrorCondition.parseSyntaxError, .divideByZero] {
            for start in 0..<statement.utf8.count {
                let text = message(statement, condition, at: start)
                #expect(!text.contains("hunter"), "\(text)")
            }
        }
    }

    @Test func marksStayInPlace() {
        #expect(
            message("x password 'abc' y", error: "'y'", at: 17)
                == "\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'y'. SQLSTATE: 42601 (line 1, pos 17)\n\n== SQL ==\nx password '***' y\n"
                + "-----------------^^^\n")
    }

    @Test func theWordAtFaultIsHidden() {
        let text = message("OPTIONS (password = 'hunter2')", error: "''hunter2''", at: 20)
        #expect(text.contains("near ''*******''"))
        #expect(!text.contains("hunter2"))
    }

    @Test func eachOfManySecretsIsHiddenInALongText() {
        let secrets = (0..<3_000).map { "hunter\($0 + 1_000)" }
        let statement = "password " + secrets.map { "'\($0)'" }.joined(separator: " ")
        let filler = String(repeating: "y", count: 1_000_000)
        let text = SQLError(.parseSyntaxError, ["error": "\(filler)'hunter1000' '\(filler)' \"hunter3999\"", "hint": ""]).with(statement: statement)
            .summary
        #expect(text.contains("y'**********' 'y") && text.contains("y' \"**********\""))
        #expect(!text.contains("hunter"))
    }

    /// Quotes by the hundred thousand and secrets of a thousand lengths: what would take too long to look through is hidden as a whole.
    @Test func moreIsHiddenRatherThanSearchedForLong() {
        let statement = "password " + (4..<1_000).map { "'" + String(repeating: "a", count: $0) + "'" }.joined(separator: " ")
        let text = SQLError(.parseSyntaxError, ["error": String(repeating: "' ", count: 200_000) + "'aaaa'", "hint": ""]).with(statement: statement)
            .summary
        #expect(!text.contains("aaaa") && text.contains("******"))
        #expect(text.hasPrefix("[PARSE_SYNTAX_ERROR] Syntax error at or near ' '"))
    }

    @Test func historiesShowTheRest() {
        #expect(
            SecretLiterals.hidden(in: "CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', password 'abc')")
                == "CREATE CONNECTION c TYPE mysql OPTIONS (host 'h', password '***')")
        #expect(SecretLiterals.hidden(in: "SELECT 1 -- password") == "SELECT 1 -- password")
    }

    /// Unfinished literals and comments of every kind come to an end.
    @Test func everyTextEnds() {
        var seed: UInt64 = 7
        let words = ["password", "token", "-", "--", "/*", "*/", "'", "\"", "\\", "=", ":", ">", " ", "\n", "r", "x", "`", "é"]
        for _ in 0..<3_000 {
            var text = ""
            for _ in 0..<12 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += words[Int(seed >> 33) % words.count]
            }
            #expect(SecretLiterals.hidden(in: text).unicodeScalars.count == text.unicodeScalars.count)
        }
    }

    @Test(arguments: [
        "SELECT 'hunter2'", "SELECT token = 'hunter2'", "WHERE secret == 'hunter2'", "passwords 'hunter2'", "password + 'hunter2'",
        "next_page_token 'hunter2'",
    ])
    func otherLiteralsStay(statement: String) {
        #expect(message(statement).contains("hunter2"))
    }
}

import Faults
import TestSupport
import Testing

@Suite struct PatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("a", "a", true), ("a", "ab", false), ("*", "", true), ("*", "a/b", true), ("a*", "a", true),
        ("a*", "ba", false), ("*a", "ba", true), ("*a", "ab", false), ("a*b*c", "aXbYbZc", true), ("a*b*c", "ac", false), ("ab*ba", "aba", false),
        ("/api/2.1/jobs/*", "/api/2.1/jobs/runs/get", true), ("/api/2.1/jobs/*", "/api/2.1/jobs", false), ("sql.*", "sql.statements.get", true),
        ("**", "x", true), ("a**b", "ab", true), ("\\*", "*", true), ("\\*", "a", false), ("a\\b", "a\\b", true), ("*é*", "café!", true),
        ("*ab", "aab", true), ("a.c", "abc", false), ("[a]", "a", false),
    ])
    func globs(_ pattern: String, _ value: String, _ matches: Bool) throws {
        #expect(try Pattern(pattern).matches(value) == matches)
    }

    @Test(arguments: [
        ("", "", true), ("b", "abc", true), ("^b", "abc", false), ("c$", "abc", true), ("^abc$", "abc", true), ("a.c", "abc", true),
        ("a.c", "a\nc", false), ("(?s)a.c", "a\nc", true), ("a+b", "aaab", true), ("^a{2,3}$", "aaaa", false), ("^a{2,3}$", "aaa", true),
        ("^a{2}$", "aa", true), ("^a{2,}$", "aaaaa", true), ("^a{2,}$", "a", false), ("colou?r", "color", true), ("^(ab|cd)*$", "abcdab", true),
        ("^(ab|cd)*$", "abc", false), ("[a-c]\\d", "xb7", true), ("[^a-c]", "abc", false), ("\\bjobs\\b", "/api/jobs/x", true),
        ("\\bjob\\b", "/api/jobs", false), ("(?i)JOBS", "/api/jobs", true), ("(?i)^[A-Z]+$", "abc", true), ("(?i)É", "é", true),
        ("(?m)^b$", "a\nb\nc", true), ("^b$", "a\nb\nc", false), ("\\x41\\u0042", "AB", true), ("[]a]", "]", true), ("[\\]]", "]", true),
        ("a{,3}", "a{,3}", true), ("x{", "x{", true), ("(?:a|b)c", "bc", true), ("(?<n>a)b", "ab", true), ("(?P<n>a)b", "ab", true),
        ("\\/jobs\\.list", "/jobs.list", true), ("(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false), ("a*?b", "aab", true),
        ("|a", "zzz", true), ("\\S+@\\S+", "me@example.com", true), ("[\\w-]+", "--", true), ("[a\\-z]", "-", true), ("\\Aab\\z", "ab", true),
        ("ö", "schön", true), ("^.$", "👍", true), ("[\\d\\s]x", " x", true), ("[\\D]", "5", false),
    ])
    func regularExpressions(_ expression: String, _ value: String, _ found: Bool) throws {
        #expect(try Pattern("re:" + expression).matches(value) == found)
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[a", "*", "+a", "a**", "a+*", "\\", "(?=a)", "(?!a)", "(?<=a)b", "(a)\\1", "[b-a]", "a{3,2}", "a{2000}", "\\p{L}",
        "(?>a)",
        "(?<n", "[[:alpha:]]", "((((a{1000}){1000}){1000}){1000})", "\\xZZ", "a++",
    ])
    func refusedExpressions(_ expression: String) {
        #expect(throws: PatternError.self) { try Pattern("re:" + expression) }
    }

    @Test func emptyRepetitionsEnd() throws {
        #expect(try Pattern("re:((((){1000}){1000}){1000}){1000}x").matches("x"))
        #expect(try Pattern("re:(()*)*$").matches("abc"))
    }

    /// Globs against the plainest matcher that could be right.
    @Test func globsAgreeWithAModel() throws {
        var random = SeededRandom(seed: 11)
        let letters: [Character] = ["a", "b", "/", "*"]
        func naive(_ pattern: ArraySlice<Character>, _ value: ArraySlice<Character>) -> Bool {
            guard let first = pattern.first else { return value.isEmpty }
            if first == "*" { return naive(pattern.dropFirst(), value) || (!value.isEmpty && naive(pattern, value.dropFirst())) }
            return value.first == first && naive(pattern.dropFirst(), value.dropFirst())
        }
        for _ in 0..<20_000 {
            let pattern = (0..<Int.random(in: 0...6, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" }
            let value = (0..<Int.random(in: 0...8, using: &random)).map { _ in letters.dropLast().randomElement(using: &random) ?? "a" }
            let matches = try Pattern(String(pattern)).matches(String(value))
            #expect(matches == naive(pattern[...], value[...]), "\(String(pattern)) on \(String(value))")
        }
    }

    /// Any text either compiles or is refused, and matching ends.
    @Test func expressionsNeverTrap() {
        var random = SeededRandom(seed: 12)
        let pieces = [
            "a", "b", "(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "\\", "^", "$", ".", "-", "0", "9", ",", "(?:", "\\d", "\\b", "é", "\u{0}",
            "👍", "<", ">", "P",
        ]
        var compiled = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            guard let pattern = try? Pattern("re:" + text) else { continue }
            compiled += 1
            _ = pattern.matches("aab0-9é👍\n{}")
        }
        #expect(compiled > 2000)
    }
}

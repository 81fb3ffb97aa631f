import Foundation
import SparkErrors
import SparkSyntax
import Synchronization
import Testing

/// Deeply nested and long statements end in an error or a tree, never in an exhausted stack.
@Suite struct DepthTests {
    /// The condition that parsing ends in on a thread with the stack that workers have; nil for success.
    private static func outcome(_ sql: String) async -> String? {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: failureName(sql)) }
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    private static func nested(_ open: String, _ core: String, _ close: String, _ count: Int) -> String {
        String(repeating: open, count: count) + core + String(repeating: close, count: count)
    }

    static let shapes: [(prefix: String, open: String, core: String, close: String)] = [
        ("SELECT ", "(", "1", ")"), ("SELECT ", "CASE WHEN ", "a", " THEN 1 END"), ("", "SELECT (", "SELECT 1", ")"),
        ("", "SELECT * FROM (", "SELECT 1", ")"), ("", "(", "SELECT 1", ")"), ("SELECT 1 FROM ", "(", "t", ")"),
        ("SELECT ", "NOT ", "a", ""),
        ("SELECT ", "- ", "a", ""), ("SELECT ", "f(", "1", ")"), ("SELECT ", "f(a) OVER (ORDER BY ", "1", ")"),
        ("SELECT ", "x -> ", "1", ""),
        ("SELECT a::", "ARRAY<", "INT", ">"), ("SELECT a::", "STRUCT<a: ", "INT", ">"), ("", "WITH a AS (", "SELECT 1", ") SELECT 1"),
        ("", "BEGIN ", "SELECT 1;", "END;"), ("", "EXPLAIN ", "SELECT 1", ""), ("SELECT 1 GROUP BY ", "GROUPING SETS (", "a", ")"),
        ("SELECT ", "a IN (", "1", ")"), ("SELECT 1 WHERE ", "EXISTS (SELECT 1 WHERE ", "a", ")"), ("SELECT ", "trim(a FROM ", "b", ")"),
        ("SELECT * FROM ", "IDENTIFIER(", "a", ")"), ("SELECT 1", " + 1", "", ""), ("SELECT 'a'", " || b", "", ""),
        ("SELECT a", "[0]", "", ""),
        ("SELECT 1", " UNION ALL SELECT 1", "", ""), ("SELECT 1 FROM t", " JOIN t", "", ""), ("SELECT 1 FROM t", ", t", "", ""),
        ("SELECT 1 FROM t", " LATERAL VIEW f(a) b", "", ""), ("FROM t", " |> WHERE a", "", ""), ("SELECT a", "::INT", "", ""),
    ]

    @Test(arguments: shapes.indices)
    func twentyThousandLevelsAreRefused(_ index: Int) async {
        let shape = Self.shapes[index]
        let outcome = await Self.outcome(shape.prefix + Self.nested(shape.open, shape.core, shape.close, 20_000))
        #expect(outcome == "FAILED_TO_PARSE_TOO_COMPLEX", "\(shape.open)")
    }

    @Test(arguments: shapes.indices)
    func sixtyLevelsAreFine(_ index: Int) async {
        let shape = Self.shapes[index]
        let outcome = await Self.outcome(shape.prefix + Self.nested(shape.open, shape.core, shape.close, 60))
        #expect(outcome == nil, "\(shape.open)")
    }

    @Test func longFlatStatementsAreFine() async throws {
        let list = (0..<5000).map { "\($0)" }.joined(separator: ", ")
        #expect(failure("SELECT a IN (\(list)), f(\(list))") == nil)
        #expect(failure("VALUES \((0..<5000).map { "(\($0), 'x')" }.joined(separator: ", "))") == nil)
        #expect(failure("SELECT a" + String(repeating: " AND a", count: 5000)) == nil)
        #expect(failure("SELECT a" + String(repeating: " OR b = 1", count: 5000)) == nil)
        #expect(failure("SELECT CASE" + String(repeating: " WHEN a THEN b", count: 5000) + " END") == nil)
        #expect(failure("SELECT a" + String(repeating: " + b", count: 400)) == nil)
    }

    @Test func heightsAreBounded() throws {
        // What lies within each other counts; a chain's left sides do not.
        #expect(try Parser.parseExpression("a" + String(repeating: " + b", count: 400)).height == 2)
        #expect(try Parser.parseExpression("a" + String(repeating: " = b", count: 400)).height == 401)
        let conjunction = try Parser.parseExpression("a" + String(repeating: " AND b", count: 4095))
        #expect(conjunction.height == 13)
        // Chains of comparisons within parentheses must still not add up.
        let chain = String(repeating: " = b", count: 200)
        #expect(throws: SQLError(.failedToParseTooComplex, phase: .analysis).with(statement: "((a\(chain)) = a\(chain)) = a\(chain)")) {
            try Parser.parseExpression("((a\(chain)) = a\(chain)) = a\(chain)")
        }
    }

    @Test func longChainsAreFineUpToALimit() async {
        for (prefix, link) in [("SELECT a", " + b"), ("SELECT a", " || b"), ("SELECT 1", " UNION ALL SELECT 1"), ("SELECT 1", " INTERSECT SELECT 1")]
        {
            #expect(await Self.outcome(prefix + String(repeating: link, count: 10_000)) == nil)
            #expect(await Self.outcome(prefix + String(repeating: link, count: 12_065)) == "FAILED_TO_PARSE_TOO_COMPLEX")
        }
        // The limit is the whole statement's, for chains can stand in each other's left sides.
        let long = "(a" + String(repeating: " + b", count: 7000) + ")"
        #expect(await Self.outcome("SELECT \(long)") == nil)
        #expect(await Self.outcome("SELECT \(long) * \(long)") == "FAILED_TO_PARSE_TOO_COMPLEX")
    }

    @Test func longTextsTakeLinearTime() {
        // Quadratic behaviour would take minutes here.
        for sql in [
            "SELECT '" + String(repeating: "\\'", count: 100_000), "SELECT " + String(repeating: "1", count: 100_000),
            "SELECT 0." + String(repeating: "1", count: 100_000), "SELECT " + String(repeating: "(", count: 50_000),
            "SELECT " + String(repeating: "$a ", count: 30_000), "SELECT " + String(repeating: "cast(", count: 20_000),
        ] {
            #expect(failure(sql) != nil)
        }
    }
}

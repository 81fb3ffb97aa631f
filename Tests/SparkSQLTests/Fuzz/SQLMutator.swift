import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax
import TestSupport

/// Makes damaged statements from good ones: mostly by tokens, so that many still parse and reach the analyser.
struct SQLMutator {
    private let seeds: [[String]]
    private let functions: [String]

    /// Seeds that cannot be cut into tokens are left out.
    init(seeds: [String]) {
        self.seeds = seeds.compactMap(Self.pieces)
        functions = FunctionRegistry.builtin.all
    }

    var count: Int { seeds.count }

    private static func pieces(_ sql: String) -> [String]? {
        guard let tokens = try? Lexer.tokens(sql) else { return nil }
        let bytes = Array(sql.utf8)
        let pieces = tokens.filter { $0.end > $0.start && $0.end <= bytes.count }.map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) }
        return pieces.isEmpty ? nil : pieces
    }

    private static let fragments = [
        "(", ")", "'", "\"", "`", "$$", "/*", "*/", "--", ";", ",", ".", "::", "?::", "->", "=>", "|>", "[", "]", "<", ">", "!", "-", "+", "||",
        "*", "%", "DIV", "é", "😀", "\u{0}", "\\", "SELECT", "FROM", "WHERE", "GROUP BY", "GROUP BY ALL", "ORDER BY", "HAVING", "QUALIFY",
        "LIMIT", "UNION ALL", "EXCEPT", "INTERSECT", "CASE", "WHEN", "THEN", "ELSE", "END", "AS", "BY", "NOT", "IN", "LIKE", "OVER",
        "OVER ()", "JOIN", "CROSS JOIN", "LATERAL", "VALUES", "WITH", "DISTINCT", "ON", "AND", "OR", "BETWEEN", "IS NULL", "EXISTS",
        "FILTER (WHERE", "WITHIN GROUP (ORDER BY", "(SELECT", "CAST(", "AS INT)", "INTERVAL", "DATE", "TIMESTAMP", "IDENTIFIER('", "EXPLODE(",
        "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", "PARTITION BY", "PIVOT", "UNPIVOT", "LATERAL VIEW", "TABLESAMPLE (10 PERCENT)",
    ]
    private static let values = [
        "0", "1", "-1", "2147483647", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e308", "1e-400",
        "1e400", "0.1BD", "99999999999999999999999999999999999999", "12345678901234567890.123456789012345678", "127Y", "32767S", "NULL", "TRUE",
        "''", "'a'", "'\u{e9}\u{1F600}'", "'\\\\'", "'%'", "'(('", "'[a-'", "'1'", "'-1'", "'2020-02-30'", "'9999-12-31'", "X''", "X'FF'",
        "'{\"a\":1}'",
        "'a INT'", "'yyyy-MM-dd'", "array()", "array(1, NULL)", "map()", "map('a', 1)", "struct(1)", "named_struct('x', 1)", "DATE '9999-12-31'",
        "DATE '0001-01-01'", "TIMESTAMP '2020-01-01 00:00:00'", "TIMESTAMP '294247-01-10 04:00:54'", "INTERVAL '106751991' DAY",
        "INTERVAL 178956970 YEAR",
        "INTERVAL '-1' MONTH", "CAST('NaN' AS DOUBLE)", "parse_json('[1]')", "(SELECT 1)", "x -> x", "(x, y) -> x + y", "repeat('a', 1000000000)",
        "sequence(1, 1000000000)", "space(2147483647)",
    ]
    private static let names = FuzzCatalog.columns.map(\.name) + ["t", "emp", "dept", "nest", "nums", "t.a", "s.x", "nope", "count(*)", "*", "t.*"]

    /// The statement of a number: always the same for the same seeds.
    func statement(_ random: inout SeededRandom) -> String {
        guard var pieces = seeds.randomElement(using: &random) else { return "" }
        // Long ones cost time without finding more.
        if pieces.count > 120 { pieces = Array(pieces.prefix(120)) }
        for _ in 0..<Int.random(in: 1...3, using: &random) { change(&pieces, &random) }
        var text = pieces.joined(separator: " ")
        if Int.random(in: 0..<20, using: &random) == 0 { text = damaged(text, &random) }
        return text
    }

    private func change(_ pieces: inout [String], _ random: inout SeededRandom) {
        let position = Int.random(in: 0...pieces.count, using: &random)
        let end = min(pieces.count, position + Int.random(in: 1...6, using: &random))
        switch Int.random(in: 0..<21, using: &random) {
        case 0: pieces.insert(Self.fragments.randomElement(using: &random) ?? "", at: position)
        case 1...5: replace(&pieces, position) { _ in [Self.values.randomElement(using: &random) ?? ""] }
        case 6...8: replace(&pieces, position) { _ in [Self.names.randomElement(using: &random) ?? ""] }
        case 9...12: replaceFunction(&pieces, position, &random)
        case 13: pieces.removeSubrange(position..<end)
        case 14: pieces.insert(contentsOf: Array(pieces[position..<end]), at: Int.random(in: 0...pieces.count, using: &random))
        case 15:
            // The end of another statement.
            guard let other = seeds.randomElement(using: &random) else { return }
            pieces = Array(pieces.prefix(position)) + other.suffix(Int.random(in: 0...min(60, other.count), using: &random))
        case 16:
            guard let other = seeds.randomElement(using: &random) else { return }
            let start = Int.random(in: 0..<other.count, using: &random)
            pieces.insert(contentsOf: other[start..<min(other.count, start + Int.random(in: 1...20, using: &random))], at: position)
        case 17: replace(&pieces, position) { [functions.randomElement(using: &random) ?? "abs", "(", $0, ")"] }
        case 18:
            let depth = Int.random(in: 1...40, using: &random)
            let shapes = [("(", ")"), ("array(", ")"), ("- ", ""), ("NOT ", ""), ("(SELECT ", ")"), ("struct(", ")"), ("1 + ", ""), ("", "|| 'a'")]
            let (open, close) = shapes.randomElement(using: &random) ?? ("(", ")")
            replace(&pieces, position) { [String](repeating: open, count: depth) + [$0] + [String](repeating: close, count: depth) }
        case 19:
            replace(&pieces, position) {
                [$0, ["+", "-", "*", "/", "%", "||", "=", "<", "AND", "DIV", "<=>", "&", "LIKE", "IN ("].randomElement(using: &random) ?? "+", $0]
            }
        default:
            guard let other = pieces.indices.randomElement(using: &random), Self.isOperand(pieces[other]) else { return }
            let text = pieces[other]
            replace(&pieces, position) { _ in [text] }
        }
    }

    /// A literal or a name, and no keyword as the seeds write them.
    private static func isOperand(_ piece: String) -> Bool {
        guard let first = piece.first else { return false }
        return first.isNumber || first == "'" || first == "`" || (first.isLetter && piece.contains(where: \.isLowercase))
    }

    /// The next operand at or behind the position.
    private func replace(_ pieces: inout [String], _ position: Int, _ change: (String) -> [String]) {
        let index = pieces[position...].firstIndex(where: Self.isOperand) ?? pieces.firstIndex(where: Self.isOperand)
        guard let index, pieces.index(after: index) == pieces.endIndex || pieces[index + 1] != "(" else { return }
        pieces.replaceSubrange(index...index, with: change(pieces[index]))
    }

    private func replaceFunction(_ pieces: inout [String], _ position: Int, _ random: inout SeededRandom) {
        let name = functions.randomElement(using: &random) ?? "abs"
        for index in position..<max(position, pieces.count - 1) where pieces[index + 1] == "(" && Self.isOperand(pieces[index]) {
            pieces[index] = name
            return
        }
    }

    private func damaged(_ text: String, _ random: inout SeededRandom) -> String {
        var scalars = Array(text.unicodeScalars)
        let position = Int.random(in: 0...scalars.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: scalars.removeSubrange(position..<min(scalars.count, position + Int.random(in: 0...9, using: &random)))
        case 1: scalars.removeSubrange(position...)
        default:
            if scalars.indices.contains(position), let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x180, using: &random)) {
                scalars[position] = scalar
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}

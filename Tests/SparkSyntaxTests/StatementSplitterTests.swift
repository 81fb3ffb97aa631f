import SparkSyntax
import TestSupport
import Testing

@Suite struct StatementSplitterTests {
    @Test(arguments: [
        ("SELECT 1", ["SELECT 1"]), ("", []), (" ;; ; ", []), ("SELECT 1;", ["SELECT 1"]), ("SELECT 1 ; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';' ; SELECT \";\", `a;b`", ["SELECT ';'", "SELECT \";\", `a;b`"]),
        ("SELECT 1 -- a; b\n; SELECT 2", ["SELECT 1 -- a; b", "SELECT 2"]),
        ("SELECT /* ; */ 1; -- the end", ["SELECT /* ; */ 1"]), ("SELECT r'\\'; SELECT 2", ["SELECT r'\\'", "SELECT 2"]),
        ("SELECT 'it\\'s;' ; SELECT 'é;ß'", ["SELECT 'it\\'s;'", "SELECT 'é;ß'"]),
        (
            "BEGIN DECLARE x INT DEFAULT 1; IF x = 1 THEN SELECT 1; END IF; END; SELECT 2",
            ["BEGIN DECLARE x INT DEFAULT 1; IF x = 1 THEN SELECT 1; END IF; END", "SELECT 2"]
        ), ("BEGIN SELECT 1; BEGIN SELECT 2; END; END", ["BEGIN SELECT 1; BEGIN SELECT 2; END; END"]),
        ("SELECT CASE WHEN true THEN 1 END; SELECT 2", ["SELECT CASE WHEN true THEN 1 END", "SELECT 2"]),
        ("BEGIN SELECT 1; nonsense", ["BEGIN SELECT 1; nonsense"]), ("SELECT /* never closed", ["SELECT /* never closed"]),
        ("SELEC 1; SELECT 'open", ["SELEC 1", "SELECT 'open"]),
    ])
    func splits(_ text: String, _ statements: [String]) { #expect(StatementSplitter.statements(in: text) == statements) }

    /// Nothing but semicolons, comments and blanks is lost, whatever the text is.
    @Test func fuzz() {
        var random = SeededRandom(seed: 9)
        let pieces = ["BEGIN", "END", ";", "'", "\"", "`", "--", "\n", "/*", "*/", " SELECT 1 ", "é", "\\", "$$", "l:", "\u{0}"]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...10, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            for statement in StatementSplitter.statements(in: text) {
                #expect(text.contains(statement))
                #expect(!statement.isEmpty)
            }
        }
    }
}

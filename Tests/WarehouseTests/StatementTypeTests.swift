import Testing
import Warehouse

@Suite struct StatementTypeTests {
    @Test(arguments: [
        ("SELECT 1", "SELECT"), ("  -- x\n/* y */ ((select 1))", "SELECT"), ("WITH a AS (SELECT 1) SELECT * FROM a", "SELECT"),
        ("desc main.default.t", "DESCRIBE"), ("insert into t values (1)", "INSERT"), ("BEGIN SELECT 1; END", "OTHER"), ("", "OTHER"),
        ("/*", "OTHER"), ("--", "OTHER"), ("1", "OTHER"), ("LIST '/Volumes'", "OTHER"),
    ])
    func isTheFirstWords(_ text: String, _ type: String) { #expect(StatementType.name(of: text) == type) }
}

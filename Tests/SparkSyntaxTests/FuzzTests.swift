import SparkErrors
import SparkSyntax
import TestSupport
import Testing

/// Damaged statements: whatever they hold, parsing ends in a tree or a named error whose message can be made.
@Suite struct FuzzTests {
    private static let seeds = [
        "SELECT a, b AS c, t.* EXCEPT (d) FROM x.y.z t JOIN LATERAL f(a => 1) u ON t.a = u.b WHERE a BETWEEN 1 AND 2 GROUP BY ALL HAVING c ORDER BY 1 DESC LIMIT 3",
        "WITH RECURSIVE r(n) AS (VALUES (1), (2) UNION ALL SELECT n + 1 FROM r) SELECT * FROM r TABLESAMPLE (10 PERCENT) QUALIFY rank() OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) = 1",
        "SELECT CASE WHEN a THEN INTERVAL '1 2:3' DAY TO MINUTE ELSE -1.5e3 END, x:y[0]['z']::ARRAY<STRUCT<a: INT>>, (p, q) -> p || q, ?, trim(BOTH 'é' FROM s)",
        "SELECT * FROM t VERSION AS OF 3 PIVOT (sum(a) AS s FOR (b, c) IN ((1, 2) AS x)) UNPIVOT (v FOR n IN (a, b AS c)) LATERAL VIEW OUTER explode(m) e AS k, v",
        "CREATE OR REPLACE TABLE c.s.t (id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 1), a STRING DEFAULT 'x' COMMENT 'y', CONSTRAINT pk PRIMARY KEY (id)) USING delta PARTITIONED BY (a) TBLPROPERTIES ('k' = 'v')",
        "MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND b THEN UPDATE SET c = DEFAULT WHEN NOT MATCHED BY SOURCE THEN DELETE WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
        "BEGIN DECLARE x INT = 1; l: WHILE x < 3 DO SET x = x + 1; IF x = 2 THEN LEAVE l; END IF; END WHILE l; FOR r AS SELECT 1 DO SELECT r; END FOR; END",
        "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1, b DROP NOT NULL", "SHOW TABLES IN CATALOG c SCHEMA LIKE 'p' LIKE 'q'",
        "SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE",
        "INSERT INTO t PARTITION (p = 1) (a, b) REPLACE WHERE c > 1 SELECT 1, r'\\n', X'1F', DATE '2020-01-01' -- comment",
        "DESCRIBE EXTENDED t AS JSON",
        "FROM t |> WHERE a |> AGGREGATE sum(b) AS s GROUP BY c |> JOIN u USING (k) |> ORDER BY s |> SELECT /*+ HINT(a) */ DISTINCT *",
        "SET a.b = 'c d'",
        "GRANT SELECT, USE SCHEMA ON SCHEMA a.b TO `x@y`",
        "COPY INTO t FROM (SELECT a FROM 'p') FILEFORMAT = CSV FORMAT_OPTIONS ('a' = 'b')",
        "CREATE FUNCTION f(a INT DEFAULT 1) RETURNS TABLE (b INT) LANGUAGE SQL DETERMINISTIC RETURN SELECT a",
        "EXECUTE IMMEDIATE 'x' INTO a USING (1 AS b)",
        "ALTER SHARE s ADD TABLE a.b COMMENT 'c' PARTITION (d = 1, e LIKE 'f%'), (d = CURRENT_RECIPIENT().g) AS h.i WITH HISTORY",
        "CREATE RECIPIENT IF NOT EXISTS r USING ID 'a:b:c' COMMENT 'd' PROPERTIES ('e' = 'f')",
    ]
    private static let fragments = [
        "(", ")", "'", "\"", "`", "$$", "/*", "*/", "/*+", "--", "\n", ";", ",", ".", "..", ":", "::", "?::", "->", "=>", "|>", "@", "[",
        "]", "<", ">", ">>", "!", "-",
        "1", "1e", "1.5BD", "9223372036854775808L", "999999999999999999999999999999999999999999", "é", "😀", "\u{0}", "\\", "\\u12",
        "SELECT", "FROM", "WHERE",
        "INTERVAL", "CASE", "END", "BEGIN", "AS", "BY", "NOT", "IN", "LIKE", "OVER", "JOIN", "LATERAL", "VALUES", "WITH", "SET",
        "IDENTIFIER('", "UNION", "EXISTS",
        "EXCEPT", "INTERVAL '1' DAY TO", "TIMESTAMP AS OF", "X'", "r'",
    ]

    private func damage(_ text: String, _ random: inout SeededRandom) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let position = Int.random(in: 0...scalars.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: scalars.insert(contentsOf: (Self.fragments.randomElement(using: &random) ?? "").unicodeScalars, at: position)
            case 1: scalars.insert(contentsOf: " \(Self.fragments.randomElement(using: &random) ?? "") ".unicodeScalars, at: position)
            case 2: scalars.removeSubrange(position..<min(scalars.count, position + Int.random(in: 0...9, using: &random)))
            case 3: scalars.removeSubrange(position...)
            case 4:
                let end = min(scalars.count, position + Int.random(in: 0...20, using: &random))
                scalars.insert(contentsOf: Array(scalars[position..<end]), at: Int.random(in: 0...scalars.count, using: &random))
            default:
                if scalars.indices.contains(position), let scalar = Unicode.Scalar(UInt32.random(in: 0..<0x180, using: &random)) {
                    scalars[position] = scalar
                }
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedStatementsEndInTreesOrErrors(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var parsed = 0
        for _ in 0..<700 {
            let sql = damage(Self.seeds.randomElement(using: &random) ?? "", &random)
            do throws(SQLError) {
                _ = try Parser.parse(sql)
                parsed += 1
            } catch {
                #expect(!error.message.isEmpty && !error.condition.name.isEmpty)
            }
        }
        #expect(parsed > 20)
    }

    @Test(arguments: [5, 6] as [UInt64])
    func anyTextCanBeCutIntoTokens(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let sql = (0..<Int.random(in: 0...30, using: &random)).map { _ in Self.fragments.randomElement(using: &random) ?? "" }.joined()
            guard let tokens = try? Lexer.tokens(sql) else { continue }
            #expect(tokens.last?.kind == .end)
            var position = 0
            for token in tokens {
                #expect(token.start >= position && token.end >= token.start && token.end <= sql.utf8.count)
                position = token.end
            }
        }
    }

    @Test func seedsParse() {
        for sql in Self.seeds { #expect(failure(sql) == nil, "\(sql)") }
    }
}

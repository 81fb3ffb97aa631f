import SparkErrors
import SparkSyntax
import Testing

/// Attribute-based policies in statements.
@Suite struct PolicyStatementTests {
    private func policy(_ text: String) throws -> PolicyStatement {
        guard case .policy(let statement) = try Parser.parse(text).kind else { throw Unexpected(text) }
        return statement
    }

    @Test func masksAndFilters() throws {
        let mask = """
            CREATE OR REPLACE POLICY p ON SCHEMA a.b COMMENT 'c' COLUMN MASK a.b.f TO `account users`, u EXCEPT 'x y', GROUP g FOR TABLES
            WHEN has_tag('k') AND NOT has_tag_value('l', 'm') MATCH COLUMNS has_tag('n') AS n, has_tag('o') o, has_tag('q') ON COLUMN n USING COLUMNS (o, 1)
            """
        guard case .create(let create) = try policy(mask) else { throw Unexpected(mask) }
        #expect(create.orReplace && create.name.text == "p" && create.comment == "c" && create.place.kind == .schema)
        #expect(create.function.literal?.names == ["a", "b", "f"])
        #expect(create.principals.map(\.text) == ["account users", "u"] && create.exceptions.map(\.text) == ["x y", "g"])
        #expect(create.condition?.span.text(in: mask) == "has_tag('k') AND NOT has_tag_value('l', 'm')")
        #expect(create.matches.map { $0.alias?.text } == ["n", "o", nil] && create.arguments.count == 2)
        guard case .columnMask(let alias) = create.effect, alias.text == "n" else { throw Unexpected("alias") }
        let filter = "CREATE POLICY p ON TABLE t ROW FILTER f TO u FOR TABLES"
        guard case .create(let plain) = try policy(filter), case .rowFilter = plain.effect else { throw Unexpected(filter) }
        #expect(plain.condition == nil && plain.matches.isEmpty && plain.arguments.isEmpty && !plain.orReplace)
    }

    @Test func theOthers() throws {
        guard case .drop(let name, let place) = try policy("DROP POLICY p ON CATALOG c") else { throw Unexpected("drop") }
        #expect(name.text == "p" && place.kind == .catalog)
        guard case .describe(let told, _) = try policy("DESC POLICY q ON TABLE a.b.c") else { throw Unexpected("describe") }
        #expect(told.text == "q")
        guard case .show(let shown, true) = try policy("SHOW EFFECTIVE POLICIES ON SCHEMA s") else { throw Unexpected("show") }
        #expect(shown.kind == .schema)
        guard case .show(_, false) = try policy("SHOW POLICIES ON TABLE s") else { throw Unexpected("show") }
        // A table of that name is still one.
        guard case .describe(.relation) = try Parser.parse("DESCRIBE policy").kind else { throw Unexpected("relation") }
    }

    @Test(arguments: [
        "CREATE POLICY p ON SCHEMA s ROW FILTER f FOR TABLES", "CREATE POLICY p ON SCHEMA s COLUMN MASK f TO u FOR TABLES",
        "CREATE POLICY p ROW FILTER f TO u FOR TABLES", "CREATE POLICY p ON SCHEMA s ROW FILTER f TO u", "DROP POLICY p", "SHOW POLICIES",
        "DESCRIBE POLICY p ON", "CREATE POLICY p ON SCHEMA s ROW FILTER f TO u FOR TABLES MATCH COLUMNS USING COLUMNS (a)",
    ])
    func mistakes(_ text: String) {
        #expect(throws: SQLError.self) { try Parser.parse(text) }
    }
}

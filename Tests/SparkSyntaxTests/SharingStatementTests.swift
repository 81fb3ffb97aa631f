import SparkSyntax
import Testing

/// Shares and recipients in statements.
@Suite struct SharingStatementTests {
    @Test func creations() throws {
        guard case .createShare(let share) = try Parser.parse("CREATE SHARE IF NOT EXISTS s COMMENT 'a' 'b'").kind else { throw Unexpected("share") }
        #expect(share.ifNotExists && share.comment == "ab")
        let text = "CREATE RECIPIENT r PROPERTIES ('a' = 'b', c = 1) COMMENT 'x' USING ID 'aws:x:y'"
        guard case .createRecipient(let recipient) = try Parser.parse(text).kind else { throw Unexpected(text) }
        #expect(!recipient.ifNotExists && recipient.identifier == "aws:x:y" && recipient.comment == "x")
        #expect(recipient.properties.map(\.key) == ["a", "c"] && recipient.properties.map(\.value) == ["b", "1"])
    }

    @Test func changesOfShares() throws {
        func change(_ text: String) throws -> ShareChange {
            guard case .alter(let alter) = try Parser.parse("ALTER SHARE s \(text)").kind, case .share(let change) = alter.action else {
                throw Unexpected(text)
            }
            return change
        }
        let table = try change("ADD TABLE a.b PARTITION (c = 1, d LIKE 'x%'), (c = CURRENT_RECIPIENT().k) AS e.f WITH HISTORY COMMENT 'g'")
        #expect(table.verb == .add && table.kind == .table && table.alias?.names == ["e", "f"] && table.history == true && table.comment == "g")
        #expect(table.partitions?.map(\.count) == [2, 1] && table.partitions?[0][1].isPattern == true)
        guard case .property("k")? = table.partitions?[1].first?.operand else { throw Unexpected("property") }
        #expect(try change("ADD t").kind == .table)
        #expect(try change("ALTER TABLE t WITHOUT HISTORY").history == false)
        #expect(try change("REMOVE MATERIALIZED VIEW v").kind == .materializedView)
        #expect(try change("REMOVE SCHEMA v").verb == .remove)
        let text = "ALTER SHARE s OWNER TO p"
        guard case .alter(let alter) = try Parser.parse(text).kind, case .setOwner = alter.action else { throw Unexpected(text) }
    }

    @Test func lists() throws {
        func subject(_ text: String) throws -> Show.Subject {
            guard case .show(let show) = try Parser.parse(text).kind else { throw Unexpected(text) }
            return show.subject
        }
        guard case .sharing(.share, .some) = try subject("SHOW SHARES IN PROVIDER p LIKE 'a*'") else { throw Unexpected("shares") }
        guard case .sharing(.recipient, nil) = try subject("SHOW RECIPIENTS 'a*'") else { throw Unexpected("recipients") }
        guard case .allInShare = try subject("SHOW ALL IN SHARE s") else { throw Unexpected("all") }
        guard case .grantsToRecipient = try subject("SHOW GRANT TO RECIPIENT r") else { throw Unexpected("grants") }
        guard case .grant(let grant) = try Parser.parse("GRANT SELECT ON SHARE s TO RECIPIENT `a b`").kind else { throw Unexpected("grant") }
        #expect(grant.objectKind == .share && grant.principal.text == "a b")
    }
}

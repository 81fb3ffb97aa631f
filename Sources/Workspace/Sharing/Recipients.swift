import GRDB
import JSON

/// A recipient's token without its text.
package struct RecipientToken: Sendable, Hashable {
    package let id: String
    /// What activates it; nothing is to be had by it afterwards.
    package let nonce: String
    package let isActivated: Bool
    package let createdAt: Int64
    package let createdBy: String
    package let updatedAt: Int64
    package let updatedBy: String
    /// Milliseconds since 1970.
    package let expiresAt: Int64?
}

/// Who may read shares, with their tokens. A token's text is made when it is activated and is kept nowhere.
package struct Recipients: Sendable {
    let workspace: Workspace

    static let migration = Migration(
        "recipients",
        """
        CREATE TABLE recipient_token (
            id TEXT PRIMARY KEY, recipient TEXT NOT NULL, hash TEXT UNIQUE, nonce TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL, expires_at INTEGER
        ) WITHOUT ROWID;
        CREATE TRIGGER recipient_gone AFTER DELETE ON securable WHEN OLD.type = 'RECIPIENT' BEGIN
            DELETE FROM recipient_token WHERE recipient = OLD.id;
            DELETE FROM privilege WHERE principal = OLD.name AND privilege = 'SELECT'
                AND object IN (SELECT id FROM securable WHERE type = 'SHARE');
        END;
        CREATE TRIGGER recipient_renamed AFTER UPDATE OF name ON securable WHEN OLD.type = 'RECIPIENT' AND OLD.name <> NEW.name BEGIN
            UPDATE OR REPLACE privilege SET principal = NEW.name WHERE principal = OLD.name AND privilege = 'SELECT'
                AND object IN (SELECT id FROM securable WHERE type = 'SHARE');
        END;
        """)

    private var objects: CatalogObjects { workspace.catalogObjects(.recipient) }

    // MARK: Tokens

    package func tokens(of recipient: CatalogObject) throws -> [RecipientToken] {
        try workspace.store.read { try Self.tokens($0, recipient.id) }
    }

    private static func tokens(_ database: Database, _ recipient: String) throws -> [RecipientToken] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT id, nonce, hash IS NOT NULL, created_at, created_by, updated_at, updated_by, expires_at FROM recipient_token
                WHERE recipient = ? ORDER BY created_at, id
                """, arguments: [recipient]
        ).map {
            RecipientToken(
                id: $0[0], nonce: $0[1], isActivated: $0[2], createdAt: $0[3], createdBy: $0[4], updatedAt: $0[5], updatedBy: $0[6],
                expiresAt: $0[7])
        }
    }

    /// How long tokens live by the metastore's setting, seconds; nil: for ever.
    private func lifetime() throws -> Int64? {
        let seconds = try workspace.metastore.details["delta_sharing_recipient_token_lifetime_in_seconds"]?.intValue ?? 0
        return seconds > 0 ? Int64(seconds) : nil
    }

    private func addToken(_ database: Database, to recipient: CatalogObject, expiresAt: Int64?, by principal: Principal) throws -> String {
        let now = workspace.environment.nowMillis
        let nonce = workspace.environment.ids.secretHex(byteCount: 32)
        var end = expiresAt
        if let seconds = try lifetime() {
            let (latest, overflow) = now.addingReportingOverflow(seconds.multipliedReportingOverflow(by: 1000).partialValue)
            if !overflow { end = min(end ?? .max, latest) }
        }
        try database.execute(
            sql: "INSERT INTO recipient_token VALUES (?, ?, NULL, ?, ?, ?, ?, ?, ?)",
            arguments: [workspace.environment.ids.uuid(), recipient.id, nonce, now, principal.userName, now, principal.userName, end])
        return nonce
    }

    /// Makes a recipient; one of `TOKEN` gets a token to activate.
    package func create(_ spec: CatalogObjectSpec, expiresAt: Int64?, by principal: Principal) throws -> CatalogObject {
        let (made, nonce) = try workspace.store.write { database -> (CatalogObject, String?) in
            let made = try objects.create(spec, in: database, by: principal)
            guard made.fields["authentication_type"] == "TOKEN" else { return (made, nil) }
            return (made, try addToken(database, to: made, expiresAt: expiresAt, by: principal))
        }
        if let nonce { workspace.credentials.tokenAdded(Workspaces.TokenHash(nonce), in: workspace) }
        return made
    }

    /// A new token beside the present one, which ends after so many seconds.
    package func rotate(_ name: String, existingExpiresIn seconds: Int, by principal: Principal) throws -> CatalogObject {
        let now = workspace.environment.nowMillis
        let (recipient, nonce) = try workspace.store.write { database -> (CatalogObject, String) in
            let recipient = try CatalogObjects.existing(database, .recipient, name, rpc: "RotateRecipientToken")
            try Access(principal, database).requireManage(try recipient.path(database))
            guard recipient.fields["authentication_type"] == "TOKEN" else {
                throw WorkspaceError.unityCatalog(
                    .invalidParameterValue, "Tokens of recipient '\(recipient.name)' cannot be rotated: its authentication type is not TOKEN.")
            }
            let (span, tooLong) = Int64(seconds).multipliedReportingOverflow(by: 1000)
            let (end, tooLate) = now.addingReportingOverflow(span)
            guard seconds >= 0, !tooLong, !tooLate else {
                throw WorkspaceError.unityCatalog(
                    .invalidParameterValue, "existing_token_expire_in_seconds must not be negative and must name a time: \(seconds).")
            }
            try database.execute(
                sql: "DELETE FROM recipient_token WHERE recipient = ? AND expires_at <= ?", arguments: [recipient.id, now])
            guard try Self.tokens(database, recipient.id).count < 2 else {
                throw WorkspaceError.unityCatalog(
                    .invalidState, "Recipient '\(recipient.name)' has two tokens; the older one must expire before another rotation.")
            }
            try database.execute(
                sql: """
                    UPDATE recipient_token SET expires_at = min(coalesce(expires_at, ?1), ?1), updated_at = ?2, updated_by = ?3 WHERE recipient = ?4
                    """, arguments: [end, now, principal.userName, recipient.id])
            if seconds == 0 { try database.execute(sql: "DELETE FROM recipient_token WHERE recipient = ?", arguments: [recipient.id]) }
            return (recipient, try addToken(database, to: recipient, expiresAt: nil, by: principal))
        }
        workspace.credentials.tokenAdded(Workspaces.TokenHash(nonce), in: workspace)
        return recipient
    }

    /// Changes a recipient, and when its tokens end.
    package func update(_ name: String, _ change: CatalogObjectChange, expiresAt: Int64?, by principal: Principal) throws -> CatalogObject {
        let now = workspace.environment.nowMillis
        return try workspace.store.write { database in
            let recipient = try CatalogObjects.existing(database, .recipient, name, rpc: "UpdateRecipient")
            let access = try Access(principal, database)
            try access.requireManage(try recipient.path(database))
            if change.isEmpty, expiresAt == nil { throw WorkspaceError.nothingToUpdate("UpdateRecipient") }
            if let expiresAt {
                try database.execute(
                    sql: "UPDATE recipient_token SET expires_at = ?, updated_at = ?, updated_by = ? WHERE recipient = ?",
                    arguments: [expiresAt, now, principal.userName, recipient.id])
            }
            return change.isEmpty ? recipient : try objects.update(database, recipient, change, access, now: now, by: principal)
        }
    }

    // MARK: Activation

    private static let gone = "The activation link is invalid, has expired or was used before."

    /// Whether a link can still be activated; throws otherwise.
    package func checkActivation(_ nonce: String) throws { _ = try workspace.store.read { try pending($0, nonce) } }

    private func pending(_ database: Database, _ nonce: String) throws -> (id: String, expiresAt: Int64?) {
        let row = try Row.fetchOne(
            database, sql: "SELECT id, expires_at FROM recipient_token WHERE nonce = ? AND hash IS NULL", arguments: [nonce])
        guard let row else { throw WorkspaceError.unityCatalog(.resourceDoesNotExist, Self.gone) }
        let expiresAt: Int64? = row[1]
        guard expiresAt ?? .max > workspace.environment.nowMillis else { throw WorkspaceError.unityCatalog(.resourceDoesNotExist, Self.gone) }
        return (row[0], expiresAt)
    }

    /// The token's text, this once.
    package func activate(_ nonce: String) throws -> (token: String, expiresAt: Int64?) {
        let token = workspace.environment.ids.secretHex(byteCount: 32)
        let hash = Workspaces.TokenHash(token)
        let expiresAt = try workspace.store.write { database in
            let (id, expiresAt) = try pending(database, nonce)
            try database.execute(sql: "UPDATE recipient_token SET hash = ? WHERE id = ?", arguments: [hash.hex, id])
            return expiresAt
        }
        workspace.credentials.tokenAdded(hash, in: workspace)
        return (token, expiresAt)
    }

    /// Who reads by a bearer token; nil for one that is unknown, revoked or expired.
    package func reader(token: String) throws -> ShareReader? {
        let now = workspace.environment.nowMillis
        return try workspace.store.read { database in
            let found = try database.first(
                """
                SELECT s.name, t.id FROM recipient_token t JOIN securable s ON s.id = t.recipient \
                WHERE t.hash = ? AND (t.expires_at IS NULL OR t.expires_at > ?)
                """, [.text(Workspaces.TokenHash(token).hex), .int(now)]
            ) { (name: $0[0] as String, token: $0[1] as String) }
            guard let found, let recipient = try CatalogObjects.find(database, .recipient, parent: "", name: found.name) else { return nil }
            return ShareReader(recipient: recipient, token: found.token)
        }
    }

    /// Whether what a link to a file hangs on still holds: the token, the grant of the share, and the object in it.
    package func mayStillRead(_ link: String) throws -> Bool {
        guard let link = SharedLink(text: link) else { return false }
        let now = workspace.environment.nowMillis
        return try workspace.store.read { database in
            let isKnown: Int64?
            switch try Self.hasPolicy(link.token, link.recipient, database) {
            case false?: return false
            case true?:
                isKnown = try database.first(
                    "SELECT 1 FROM share_grant WHERE recipient = ? AND share = ?", [.text(link.recipient), .text(link.share)]
                ) { $0[0] as Int64 }
            case nil:
                isKnown = try database.first(
                    """
                    SELECT 1 FROM share_grant g JOIN recipient_token t ON t.recipient = g.recipient \
                    WHERE g.recipient = ? AND g.share = ? AND t.id = ? AND (t.expires_at IS NULL OR t.expires_at > ?)
                    """, [.text(link.recipient), .text(link.share), .text(link.token), .int(now)]
                ) { $0[0] as Int64 }
            }
            guard isKnown != nil else { return false }
            let share = try database.first("\(CatalogObjects.select) WHERE o.id = ?", [.text(link.share)]) { CatalogObject($0) }
            return share?.sharedObjects.contains { $0.key == link.object } ?? false
        }
    }

    /// What may choose the workspace: activated tokens and links.
    static func credentials(_ database: Database) throws -> [Workspaces.TokenHash] {
        let rows = try Row.fetchAll(database, sql: "SELECT hash, nonce FROM recipient_token")
        return rows.flatMap { row -> [Workspaces.TokenHash] in
            let hash: String? = row[0]
            let nonce: String = row[1]
            return [hash.flatMap { Workspaces.TokenHash(hex: $0) }, Workspaces.TokenHash(nonce)].compactMap { $0 }
        }
    }

    // MARK: Grants

    /// What a recipient was granted, by share.
    package func shares(of name: String, by principal: Principal) throws -> [(share: String, privileges: [Privilege])] {
        try workspace.store.read { database in
            let recipient = try CatalogObjects.existing(database, .recipient, name, rpc: "GetRecipientSharePermissions")
            try Access(principal, database).requireSharing(.useRecipient, on: try recipient.path(database))
            return try database.all(
                "SELECT s.name FROM share_grant g JOIN securable s ON s.id = g.share WHERE g.recipient = ? ORDER BY 1", [.text(recipient.id)]
            ) { ($0[0] as String, [.select]) }
        }
    }
}

extension Workspace {
    package var recipients: Recipients { Recipients(workspace: self) }
}

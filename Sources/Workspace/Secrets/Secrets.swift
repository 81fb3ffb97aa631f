import GRDB

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A secret without its value.
package struct SecretInfo: Sendable, Hashable {
    package let key: String
    /// Milliseconds since 1970-01-01 UTC.
    package let updatedAt: Int64
}

/// The secrets in the scopes of a workspace.
package struct Secrets: Sendable {
    let workspace: Workspace

    package static let maxPerScope = 1_000
    /// Bytes.
    package static let maxValue = 128 << 10

    /// Creates or replaces.
    package func put(_ key: String, _ value: Data, in scope: String, by caller: Principal) throws {
        try SecretScopes.check(key, "Secret key")
        guard value.count <= Self.maxValue else {
            throw WorkspaceError.invalid("The secret value exceeds the maximum size of \(Self.maxValue) bytes.")
        }
        try workspace.store.write { database in
            try workspace.secretScopes.require(.write, in: scope, for: caller, database)
            let others = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM secret WHERE scope = ? AND key <> ?", arguments: [scope, key])
            guard (others ?? 0) < Self.maxPerScope else {
                throw WorkspaceError(.resourceLimitExceeded, "Scope \(scope) has the maximum number of secrets: \(Self.maxPerScope).")
            }
            try database.execute(
                sql: "INSERT OR REPLACE INTO secret (scope, key, value, updated_at) VALUES (?, ?, ?, ?)",
                arguments: [scope, key, value, workspace.environment.nowMillis])
        }
    }

    package func get(_ key: String, in scope: String, by caller: Principal) throws -> Data {
        try workspace.store.read { database in
            try workspace.secretScopes.require(.read, in: scope, for: caller, database)
            let row = try Row.fetchOne(database, sql: "SELECT value FROM secret WHERE scope = ? AND key = ?", arguments: [scope, key])
            guard let row else { throw missing(key, scope) }
            return row[0] ?? Data()
        }
    }

    package func delete(_ key: String, in scope: String, by caller: Principal) throws {
        try workspace.store.write { database in
            try workspace.secretScopes.require(.write, in: scope, for: caller, database)
            try database.execute(sql: "DELETE FROM secret WHERE scope = ? AND key = ?", arguments: [scope, key])
            guard database.changesCount > 0 else { throw missing(key, scope) }
        }
    }

    package func list(in scope: String, by caller: Principal) throws -> [SecretInfo] {
        try workspace.store.read { database in
            try workspace.secretScopes.require(.read, in: scope, for: caller, database)
            return try Row.fetchAll(database, sql: "SELECT key, updated_at FROM secret WHERE scope = ? ORDER BY key", arguments: [scope])
                .map { SecretInfo(key: $0[0], updatedAt: $0[1]) }
        }
    }

    private func missing(_ key: String, _ scope: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Secret does not exist with scope: \(scope) and key: \(key.prefix(256))")
    }
}

extension Workspace {
    package var secrets: Secrets { Secrets(workspace: self) }
}

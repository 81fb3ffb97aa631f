import Synchronization

/// The credentials of a workspace in memory, so that a request is let in without a look into the database. What is forgotten is read again when
/// it is needed; every change of tokens, identities and groups forgets.
package final class CredentialCache: Sendable {
    package typealias TokenHash = Workspaces.TokenHash

    private struct Entry {
        let principal: Principal
        /// Milliseconds since 1970-01-01 UTC; nil for never.
        let expiresAt: Int64?
    }

    private struct State {
        var entries: [TokenHash: Entry] = [:]
        var generation: UInt64 = 0
        var adminToken: TokenHash?
        var oauthLifetime = CredentialCache.defaultOAuthLifetime
        weak var authenticator: Authenticator?
    }

    /// Seconds that an OAuth access token is good for unless something else was asked for.
    package static let defaultOAuthLifetime = 3_600
    private static let capacity = 10_000

    private let state = Mutex(State())

    init() {}

    /// Seconds that an OAuth access token is good for.
    var oauthLifetime: Int { state.withLock { $0.oauthLifetime } }

    var authenticator: Authenticator? { state.withLock { $0.authenticator } }

    func attach(_ authenticator: Authenticator, adminToken: TokenHash, oauthLifetime: Int) {
        state.withLock { state in
            state.authenticator = authenticator
            state.adminToken = adminToken
            state.oauthLifetime = oauthLifetime
            state.entries.removeAll()
            state.generation &+= 1
        }
    }

    func isAdminToken(_ token: TokenHash) -> Bool { state.withLock { $0.adminToken == token } }

    /// The caller of a token that is known and has not expired.
    func principal(for token: TokenHash, at now: Int64) -> Principal? {
        state.withLock { state in
            guard let entry = state.entries[token] else { return nil }
            if let expiresAt = entry.expiresAt, expiresAt <= now {
                state.entries[token] = nil
                return nil
            }
            return entry.principal
        }
    }

    /// Grows with every change. Taken before the database is read, and handed back with what was read.
    var generation: UInt64 { state.withLock { $0.generation } }

    /// Remembers a caller, unless something changed since `generation`: what was read may then be stale.
    func remember(_ principal: Principal, for token: TokenHash, expiresAt: Int64?, generation: UInt64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= Self.capacity { state.entries.removeAll() }
            state.entries[token] = Entry(principal: principal, expiresAt: expiresAt)
        }
    }

    /// To be called after a change is committed.
    package func forgetAll() {
        state.withLock { state in
            state.entries.removeAll()
            state.generation &+= 1
        }
    }

    /// The workspace that has a service principal with this application id (and gave out this secret), of all that are served together with this one.
    package func workspace(forClient client: String, secret: String? = nil) -> Workspace? {
        authenticator?.workspace(forClient: client, secret: secret)
    }

    func tokenAdded(_ token: TokenHash, in workspace: Workspace) { authenticator?.register(token, for: workspace) }

    func secretAdded(_ hash: String, in workspace: Workspace) { authenticator?.register(secret: hash, for: workspace) }

    func identityAdded(_ identity: Identity, in workspace: Workspace) {
        forgetAll()
        if identity.kind == .servicePrincipal { authenticator?.register(client: identity.userName, for: workspace) }
    }
}

import Crypto
import Synchronization

/// The workspaces of a running program. A bearer token's hash says which one a request is for; the token itself is not kept.
package final class Workspaces: Sendable {
    /// SHA-256 of a token.
    package struct TokenHash: Sendable, Hashable {
        private let words: (UInt64, UInt64, UInt64, UInt64)

        init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

        package init(_ token: String) {
            var digest = SHA256.hash(data: Array(token.utf8)).makeIterator()
            func word() -> UInt64 { (0..<8).reduce(0) { sum, _ in sum << 8 | UInt64(digest.next() ?? 0) } }
            words = (word(), word(), word(), word())
        }

        package static func == (left: Self, right: Self) -> Bool { left.words == right.words }
        package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

        /// Lower-case hexadecimal, for a column of a table.
        package var hex: String {
            [words.0, words.1, words.2, words.3].map { IDGenerator.hexText($0, digits: 16) }.joined()
        }
    }

    private struct State {
        var byID: [Int: Workspace] = [:]
        var byToken: [TokenHash: Int] = [:]
        var tokens: [Int: Set<TokenHash>] = [:]

        mutating func register(_ token: TokenHash, for id: Int) {
            if let before = byToken.updateValue(id, forKey: token) { tokens[before]?.remove(token) }
            tokens[id, default: []].insert(token)
        }

        mutating func forgetTokens(of id: Int) {
            for token in tokens.removeValue(forKey: id) ?? [] { byToken[token] = nil }
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Adds a workspace; a second one with the same id replaces the first, and its tokens end.
    package func add(_ workspace: Workspace) {
        state.withLock { state in
            state.forgetTokens(of: workspace.id)
            state.byID[workspace.id] = workspace
        }
    }

    /// The same with its tokens, in one step for those who look. A token of `shared` that another workspace has stays with that one.
    func add(_ workspace: Workspace, own token: TokenHash, shared: [TokenHash]) {
        state.withLock { state in
            state.forgetTokens(of: workspace.id)
            state.byID[workspace.id] = workspace
            state.register(token, for: workspace.id)
            for token in shared where state.byToken[token] == nil { state.register(token, for: workspace.id) }
        }
    }

    /// Lets a token choose this workspace. A token that is known moves over to it.
    package func register(_ token: TokenHash, for workspace: Workspace) { state.withLock { $0.register(token, for: workspace.id) } }

    package func unregister(_ token: TokenHash) {
        state.withLock { state in
            if let id = state.byToken.removeValue(forKey: token) { state.tokens[id]?.remove(token) }
        }
    }

    package func workspace(for token: TokenHash) -> Workspace? {
        state.withLock { state in state.byToken[token].flatMap { state.byID[$0] } }
    }

    package func workspace(id: Int) -> Workspace? { state.withLock { $0.byID[id] } }

    /// All of them by id.
    package var all: [Workspace] { state.withLock { Array($0.byID.values) }.sorted { $0.id < $1.id } }

    package var count: Int { state.withLock { $0.byID.count } }

    /// How many tokens choose a workspace.
    package var tokenCount: Int { state.withLock { $0.byToken.count } }

    /// Takes a workspace out, with its tokens; requests under way keep it alive until they end.
    @discardableResult
    package func remove(id: Int) -> Workspace? {
        state.withLock { state in
            state.forgetTokens(of: id)
            return state.byID.removeValue(forKey: id)
        }
    }
}

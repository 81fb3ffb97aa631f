/// Whose positions a request moves: each credential has its own, so that suites that run at once do not take each other's answers.
/// Only a hash is kept, and it is worth nothing outside this process.
package struct ReplayClient: Sendable, Hashable {
    let hash: Int

    private init(hash: Int) { self.hash = hash }

    /// Requests without a credential.
    package static let anonymous = ReplayClient(hash: 0)
    /// Requests with a token that came out of the cassette: the recorded client with its tokens, refreshed ones included.
    static let issued = ReplayClient(hash: 1)

    /// From an `Authorization` header's value.
    package init(authorization: String?) {
        guard let authorization else {
            self = .anonymous
            return
        }
        // Hasher is seeded anew by each process.
        hash = authorization.hashValue
    }
}

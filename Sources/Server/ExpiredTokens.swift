import HTTPTypes
import Synchronization
import Workspace

/// Bearer tokens that fault rules have expired, by their hashes: the tokens themselves are not kept.
final class ExpiredTokens: Sendable {
    private let isEmpty = Atomic<Bool>(true)
    private let rules = Mutex<[Workspaces.TokenHash: String]>([:])

    /// As the service refuses an expired OAuth or personal access token: no different from a wrong one.
    static let refusal = Simulator.refusal(.invalid)

    private func token(_ request: ServedRequest) -> Workspaces.TokenHash? {
        AuthorizationHeader.token(request.authorization).map { Workspaces.TokenHash($0) }
    }

    func expire(_ request: ServedRequest, by rule: String) {
        guard let token = token(request) else { return }
        rules.withLock { $0[token] = rule }
        isEmpty.store(false, ordering: .releasing)
    }

    /// The rule that expired the request's token.
    func rule(for request: ServedRequest) -> String? {
        if isEmpty.load(ordering: .acquiring) { return nil }
        guard let token = token(request) else { return nil }
        return rules.withLock { $0[token] }
    }

    func clear() {
        rules.withLock { $0 = [:] }
        isEmpty.store(true, ordering: .releasing)
    }
}

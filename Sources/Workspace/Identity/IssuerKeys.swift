package import JSON
import Synchronization

/// Where the key sets of token issuers come from that no policy holds itself. Without a source none is fetched.
package final class IssuerKeys: Sendable {
    /// A key set (RFC 7517) by its own address, or by the issuer's, whose discovery document names it; nil for addresses that are not asked.
    package typealias Source = @Sendable (_ issuer: String, _ address: String?) async throws -> JSONValue?

    private let source = Mutex<Source?>(nil)

    init() {}

    package func connect(_ source: @escaping Source) { self.source.withLock { $0 = source } }

    package func keys(of issuer: String, at address: String?) async -> JSONValue? {
        guard let source = source.withLock({ $0 }) else { return nil }
        return (try? await source(issuer, address)) ?? nil
    }
}

extension CredentialCache {
    /// Of the server that the workspace is served by; nil for one that is not served.
    package var issuerKeys: IssuerKeys? { authenticator?.issuerKeys }
}

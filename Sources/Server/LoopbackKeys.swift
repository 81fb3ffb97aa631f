import API
import HTTPTypes
import JSON
import Synchronization
import Upstream

/// Fetches the key sets of token issuers at loopback addresses, as tests have them; no other is asked.
final class LoopbackKeys: Sendable {
    private let upstreams = LoopbackUpstreams(idle: .seconds(5))

    /// OpenID Connect Discovery 1.0, section 4: the issuer's document names the key set.
    func keys(of issuer: String, at address: String?) async throws -> JSONValue? {
        if let address { return try await document(address) }
        let root = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        guard let found = try await document(root + "/.well-known/openid-configuration")?["jwks_uri"]?.stringValue else { return nil }
        return try await document(found)
    }

    private func document(_ url: String) async throws -> JSONValue? {
        guard let (origin, request) = try LoopbackURL.request("GET", url) else { return nil }
        let answer = try await upstreams.upstream(origin).forward(request)
        guard answer.status == 200 else { return nil }
        return try JSONValue(parsing: answer.body, maxDepth: 16)
    }
}

/// Sends the requests of external functions, to loopback addresses alone.
final class LoopbackCalls: Sendable {
    private let upstreams = LoopbackUpstreams(idle: .seconds(60))

    func answer(_ request: OutsideRequest) async throws -> OutsideAnswer? {
        guard let (origin, target) = try LoopbackURL.request(request.method, request.url) else { return nil }
        var forwarded = target
        for field in request.headers { forwarded.headers[field.name] = field.value }
        forwarded.body = request.body
        let answer = try await upstreams.upstream(origin).forward(forwarded)
        return OutsideAnswer(status: answer.status, headers: answer.headers, body: answer.body)
    }
}

/// Connections to servers on this machine.
final class LoopbackUpstreams: Sendable {
    private let known = Mutex<[UpstreamOrigin: Upstream]>([:])
    private let idle: Duration

    init(idle: Duration) { self.idle = idle }

    func upstream(_ origin: UpstreamOrigin) throws -> Upstream {
        try known.withLock { known in
            if let upstream = known[origin] { return upstream }
            // Servers of tests have a port for a while: what was asked long ago is not kept.
            if known.count >= 16 { known = [:] }
            var options = UpstreamOptions()
            options.connectTimeout = .seconds(2)
            options.idleTimeout = idle
            options.maxResponseBytes = 1 << 20
            let upstream = try Upstream(origin, options: options)
            known[origin] = upstream
            return upstream
        }
    }
}

/// Addresses on this machine, which are all that the server calls by itself.
enum LoopbackURL {
    /// Nil for another machine's. Throws for what is no address.
    static func request(_ method: String, _ url: String) throws -> (UpstreamOrigin, UpstreamRequest)? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let origin = try UpstreamOrigin(scheme: String(url[..<scheme.lowerBound]), authority: String(authority))
        guard origin.isLoopback else { return nil }
        let target = rest.dropFirst(authority.count).prefix { $0 != "#" }
        let path = target.prefix { $0 != "?" }
        var request = UpstreamRequest(
            method: method, path: path.isEmpty ? "/" : String(path),
            query: path.endIndex == target.endIndex ? nil : String(target[path.endIndex...].dropFirst()))
        request.headers[.userAgent] = "dbxsim/" + Version.text
        return (origin, request)
    }
}

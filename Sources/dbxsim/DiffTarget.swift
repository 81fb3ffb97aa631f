import Cassettes
import Foundation
import HTTPTypes
import Server
import Upstream

/// The service that recorded answers are compared with.
protocol DiffTarget: Sendable {
    /// Throws what hinders an answer.
    func send(_ request: DiffRequest) async throws(DiffTargetError) -> DiffAnswer
}

struct DiffTargetError: Error, CustomStringConvertible {
    let description: String
}

enum DiffCredential {
    static func authorization(_ credential: DiffRequest.Credential, _ token: String) -> String? {
        switch credential {
        case .own: "Bearer \(token)"
        case .none: nil
        // Of the right form, and nobody's.
        case .wrong: "Bearer dapi00000000000000000000000000000000"
        }
    }

    static func headers(_ request: DiffRequest, _ token: String) -> HTTPFields {
        var headers = HTTPFields()
        headers[.authorization] = authorization(request.credential, token)
        headers[.contentType] = request.contentType
        return headers
    }
}

/// A simulated workspace in this process.
struct SimulatedTarget: DiffTarget {
    private static let base = "http://dbxsim.local"
    let workspace: SimulatedWorkspace
    let token: String

    func send(_ request: DiffRequest) async throws(DiffTargetError) -> DiffAnswer {
        guard let method = HTTPRequest.Method(rawValue: request.method) else { throw DiffTargetError(description: "the method is not valid") }
        var target = request.query.isEmpty ? request.path : "\(request.path)?\(request.query)"
        if let link = request.link {
            guard link.hasPrefix(Self.base + "/") else { throw DiffTargetError(description: "a link leads out of the simulator: \(link.prefix(80))") }
            target = String(link.dropFirst(Self.base.count))
        }
        let answer = await workspace.pipeline.respond(
            to: ServedRequest(
                method: method, target: target, headers: DiffCredential.headers(request, token), body: request.body, baseURL: Self.base))
        return DiffAnswer(status: answer.status, contentType: answer.headers[.contentType], body: answer.body)
    }
}

/// A service behind a URL. Links in its answers are followed to wherever they lead, without the token.
struct RemoteTarget: DiffTarget {
    private let upstream: Upstream
    private let token: String

    init(_ url: String, token: String) throws(UpstreamError) {
        upstream = try Upstream(
            UpstreamOrigin(url), allowedHosts: ["*"], options: UpstreamOptions(environment: ProcessInfo.processInfo.environment))
        self.token = token
    }

    func send(_ request: DiffRequest) async throws(DiffTargetError) -> DiffAnswer {
        do throws(UpstreamError) {
            var forwarded = UpstreamRequest(
                method: request.method, path: request.path, query: request.query.isEmpty ? nil : request.query,
                headers: DiffCredential.headers(request, token), body: request.body)
            if let link = request.link { try Self.follow(link, &forwarded) }
            let response = try await upstream.forward(forwarded)
            return DiffAnswer(status: response.status, contentType: response.headers[.contentType], body: response.body)
        } catch {
            throw DiffTargetError(description: error.description)
        }
    }

    private static func follow(_ link: String, _ request: inout UpstreamRequest) throws(UpstreamError) {
        guard let start = link.firstRange(of: "://")?.upperBound else { throw .invalidRequest("not a link") }
        let rest = link[start...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        request.origin = try UpstreamOrigin(String(link[..<end]))
        let target = rest[end...]
        let mark = target.firstIndex(of: "?")
        request.path = String(target[..<(mark ?? target.endIndex)])
        if request.path.isEmpty { request.path = "/" }
        request.query = mark.map { String(target[target.index(after: $0)...]) }
        request.headers = [:]
    }
}

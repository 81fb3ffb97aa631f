import Cassettes
import HTTPTypes
import JSON
import Upstream

/// A request's way to the upstream and back, as far as recording and falling back share it.
enum Forwarding {
    static func response(_ request: ServedRequest, _ link: LinkRewriter.Target?, _ upstream: Upstream) async throws(UpstreamError) -> UpstreamResponse
    {
        var origin: UpstreamOrigin?
        if let link { origin = try UpstreamOrigin(scheme: link.scheme, authority: link.host) }
        return try await upstream.forward(
            UpstreamRequest(
                method: request.method.rawValue, origin: origin, path: link?.path ?? request.path,
                query: request.query.isEmpty ? nil : request.query, headers: request.headers, body: request.body))
    }

    /// With links leading through this server.
    static func answer(to request: ServedRequest, _ response: UpstreamResponse, _ upstream: Upstream) -> Answer {
        let rewriter = LinkRewriter(base: request.baseURL, service: upstream.base.authority) { host in
            (try? UpstreamOrigin(scheme: "https", authority: host)).map { upstream.allows($0) } ?? false
        }
        let link = LinkRewriter.target(ofPath: request.path)
        var answer = Answer(status: response.status, headers: rewriter.rewrite(response.headers), body: response.body)
        if LinkRewriter.applies(toPath: link?.path ?? request.path, isOtherHost: link != nil), let body = rewriter.rewrite(response.body[...]) {
            answer.body = body
        }
        return answer
    }

    static func answer(_ request: ServedRequest, _ link: LinkRewriter.Target?, _ upstream: Upstream) async -> Answer {
        do throws(UpstreamError) {
            return answer(to: request, try await response(request, link, upstream), upstream)
        } catch {
            return refusal(error.status, error.code, error.description)
        }
    }

    static func refusal(_ status: Int, _ code: String, _ message: String) -> Answer {
        var answer = Answer(status: status, body: JSONValue.members([("error_code", .string(code)), ("message", .string(message))]).encoded())
        answer.headers[.contentType] = "application/json"
        return answer
    }
}

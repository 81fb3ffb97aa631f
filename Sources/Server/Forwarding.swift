import API
import Cassettes
import HTTPTypes
import JSON
import Upstream

/// A request's way to the upstream and back, as far as recording and falling back share it.
enum Forwarding {
    /// What of an answer is waited for before it is passed on: so much fits into one write, and can still become an error.
    static let heldBytes = 1 << 20

    /// Whether an answer is passed on as it comes.
    static let isStream: @Sendable (UpstreamResponseHead) -> Bool = { head in
        head.length ?? 0 > heldBytes || head.headers[.contentType]?.lowercased().hasPrefix("text/event-stream") == true
    }

    /// The answer, with links leading through this server; a large one is read while the client reads it.
    static func answer(_ request: ServedRequest, _ link: LinkRewriter.Target?, _ upstream: Upstream) async -> Answer {
        do throws(UpstreamError) {
            var origin: UpstreamOrigin?
            if let link { origin = try UpstreamOrigin(scheme: link.scheme, authority: link.host) }
            let opened = try await upstream.open(
                UpstreamRequest(
                    method: request.method.rawValue, origin: origin, path: link?.path ?? request.path,
                    query: request.query.isEmpty ? nil : request.query, headers: request.headers, body: request.body),
                holding: heldBytes, isStream: isStream)
            return answer(to: request, link, opened, upstream)
        } catch {
            return refusal(error.status, error.code, error.description)
        }
    }

    private static func answer(
        to request: ServedRequest, _ link: LinkRewriter.Target?, _ opened: UpstreamExchange, _ upstream: Upstream
    ) -> Answer {
        let rewriter = LinkRewriter(base: request.baseURL, service: upstream.base.authority) { host in
            (try? UpstreamOrigin(scheme: "https", authority: host)).map { upstream.allows($0) } ?? false
        }
        var answer = Answer(status: opened.head.status, headers: rewriter.rewrite(opened.head.headers), body: opened.beginning)
        let rewrites =
            LinkRewriter.applies(toPath: link?.path ?? request.path, isOtherHost: link != nil) && !RecordedExchange.isOpaque(opened.head.headers)
        if opened.hasEnded {
            if rewrites, let body = rewriter.rewrite(opened.beginning[...]) { answer.body = body }
            return answer
        }
        let body = ForwardedBody(opened, rewrites ? rewriter : nil)
        answer.body = []
        // Rewritten links change the length.
        answer.stream = BodyStream(length: rewrites ? nil : opened.head.length) { try await body.next() }
        return answer
    }

    static func refusal(_ status: Int, _ code: String, _ message: String) -> Answer {
        var answer = Answer(status: status, body: JSONValue.members([("error_code", .string(code)), ("message", .string(message))]).encoded())
        answer.headers[.contentType] = "application/json"
        return answer
    }
}

/// The body of a large answer on its way through. With the last reference to it the upstream's transfer ends.
private actor ForwardedBody {
    private let iterator: UpstreamBody.AsyncIterator
    private var beginning: [UInt8]?
    private var rewriter: LinkRewriter.Stream?
    private var hasEnded = false

    init(_ opened: UpstreamExchange, _ rewriter: LinkRewriter?) {
        iterator = opened.body.makeAsyncIterator()
        beginning = opened.beginning.isEmpty ? nil : opened.beginning
        self.rewriter = rewriter.map { LinkRewriter.Stream($0) }
    }

    func next() async throws -> [UInt8]? {
        guard !hasEnded else { return nil }
        while let part = try await read() {
            let passed = rewriter?.push(part) ?? part
            if !passed.isEmpty { return passed }
        }
        hasEnded = true
        let rest = rewriter?.finish() ?? []
        return rest.isEmpty ? nil : rest
    }

    private func read() async throws(UpstreamError) -> [UInt8]? {
        if let part = beginning {
            beginning = nil
            return part
        }
        return try await iterator.next()
    }
}

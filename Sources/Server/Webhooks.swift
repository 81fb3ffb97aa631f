import API
import Crypto
import HTTPTypes
import JSON
import Jobs
import Synchronization
import Upstream
import Workspace

/// Sends the webhooks of jobs and of the model registry (`serve --webhooks`), to loopback addresses alone: a test is not to reach the world by mistake. One after another, in their order.
package final class Webhooks: Sendable {
    private let options: UpstreamOptions
    private let upstreams = Mutex<[UpstreamOrigin: Upstream]>([:])
    private let last = Mutex<Task<Void, Never>?>(nil)
    private let onFault: @Sendable (any Error) -> Void

    package init(onFault: @escaping @Sendable (any Error) -> Void) {
        var options = UpstreamOptions()
        options.connectTimeout = .seconds(2)
        options.idleTimeout = .seconds(5)
        options.maxResponseBytes = 1 << 20
        self.options = options
        self.onFault = onFault
    }

    func send(_ notice: RunNotice, of workspace: Workspace) {
        let body = Array(notice.body.text.utf8)
        send(
            notice.destinations.compactMap { id in
                guard var target = try? Self.target(id, workspace) else { return nil }
                target.1.body = body
                return target
            })
    }

    func send(_ hook: OutgoingHook) {
        do {
            if let target = try Self.target(hook) { send([target]) }
        } catch {
            onFault(error)
        }
    }

    /// What the address says; nil for one that is not called.
    func answer(to hook: OutgoingHook) async throws -> (status: Int, body: String)? {
        guard let (origin, request) = try Self.target(hook) else { return nil }
        let answer = try await upstream(origin).forward(request)
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    private func send(_ targets: [(UpstreamOrigin, UpstreamRequest)]) {
        last.withLock { last in
            last = Task { [self, before = last] in
                await before?.value
                for (origin, request) in targets {
                    do { _ = try await upstream(origin).forward(request) } catch { onFault(error) }
                }
            }
        }
    }

    private func upstream(_ origin: UpstreamOrigin) throws -> Upstream {
        try upstreams.withLock { known in
            if let upstream = known[origin] { return upstream }
            let upstream = try Upstream(origin, options: options)
            known[origin] = upstream
            return upstream
        }
    }

    /// Nil for a destination of another kind, or elsewhere.
    private static func target(_ id: String, _ workspace: Workspace) throws -> (UpstreamOrigin, UpstreamRequest)? {
        guard let hook = try workspace.resources.get("notification-destination", id)?.body["config"]?["generic_webhook"],
            let url = hook["url"]?.stringValue, let (origin, target) = try LoopbackURL.request("POST", url)
        else { return nil }
        var request = target
        request.headers[.contentType] = "application/json"
        if let user = hook["username"]?.stringValue {
            request.headers[.authorization] = "Basic " + Base64.encode(Array("\(user):\(hook["password"]?.stringValue ?? "")".utf8))
        }
        return (origin, request)
    }

    private static func target(_ hook: OutgoingHook) throws -> (UpstreamOrigin, UpstreamRequest)? {
        guard let (origin, target) = try LoopbackURL.request("POST", hook.url) else { return nil }
        var request = target
        request.headers[.contentType] = "application/json"
        request.headers[.authorization] = hook.authorization
        if let secret = hook.secret, let name = HTTPField.Name("X-Databricks-Signature") {
            let code = HMAC<SHA256>.authenticationCode(for: hook.body, using: SymmetricKey(data: Array(secret.utf8)))
            request.headers[name] = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        request.body = hook.body
        return (origin, request)
    }
}

import API
import HTTPTypes
import JSON
import Jobs
import Synchronization
import Upstream
import Workspace

/// Sends jobs' webhooks (`serve --webhooks`), to loopback addresses alone: a test is not to reach the world by mistake. One after another, in their order.
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
        let targets = notice.destinations.compactMap { try? Self.target($0, workspace) }
        let body = Array(notice.body.text.utf8)
        last.withLock { last in
            last = Task { [self, before = last] in
                await before?.value
                for (origin, target) in targets {
                    var request = target
                    request.body = body
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
}

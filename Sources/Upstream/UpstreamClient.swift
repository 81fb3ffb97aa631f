import CCurl
import Foundation
import Synchronization

/// Sends requests to the upstream over libcurl's multi interface: one thread, connections kept alive, TLS verified, proxies and
/// certificate authorities from the environment as every curl takes them. Redirects are not followed: they are the client's.
package final class UpstreamClient: Sendable {
    /// A larger answer ends the exchange with an error.
    package static let maxBodyBytes = 256 << 20

    private struct Waiting: Sendable {
        let id: Int
        let request: UpstreamRequest
        let continuation: CheckedContinuation<Result<UpstreamResponse, UpstreamError>, Never>
    }

    private struct State: ~Copyable {
        var waiting: [Waiting] = []
        var cancelled: Set<Int> = []
        var nextID = 0
        var isStopped = false
        /// The multi handle's address, for `curl_multi_wakeup`, the one call that other threads may make; 0 while there is none.
        var multi: UInt = 0

        func wakeUp() {
            if let handle = UnsafeMutableRawPointer(bitPattern: multi) { curl_multi_wakeup(handle) }
        }
    }

    private let state: Mutex<State>
    private let hosts: AllowedHosts

    package init(hosts: AllowedHosts) {
        self.hosts = hosts
        state = Mutex(State())
        _ = Self.initialised
        let thread = Thread { [weak self] in UpstreamLoop().run { self?.work(publishing: $0) ?? .stop } }
        thread.name = "dbxsim-upstream"
        thread.start()
    }

    private static let initialised: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    deinit { stop() }

    /// Ends the thread; exchanges under way fail.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            state.wakeUp()
        }
    }

    /// The upstream's answer. A cancelled task ends the exchange.
    package func forward(_ request: UpstreamRequest) async throws(UpstreamError) -> UpstreamResponse {
        guard hosts.allow(request.url) else { throw UpstreamError(.notAllowed, "requests to this host are not allowed: \(AllowedHosts.host(of: request.url))") }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isStopped = state.withLock { state in
                    if state.isStopped { return true }
                    state.waiting.append(Waiting(id: id, request: request, continuation: continuation))
                    state.wakeUp()
                    return false
                }
                if isStopped { continuation.resume(returning: .failure(UpstreamError(.cancelled, "the recorder is stopping"))) }
            }
        } onCancel: {
            state.withLock { state in
                state.cancelled.insert(id)
                state.wakeUp()
            }
        }
        return try result.get()
    }

    /// What the loop has to do next; called on curl's thread.
    private func work(publishing multi: UInt) -> UpstreamLoop.Work {
        let (waiting, cancelled, isStopped) = state.withLock { state in
            state.multi = state.isStopped ? 0 : multi
            defer {
                state.waiting = []
                state.cancelled = []
            }
            return (state.waiting, state.cancelled, state.isStopped)
        }
        let transfers = waiting.compactMap { item -> Transfer? in
            let transfer = Transfer(id: item.id, item.request, maxBodyBytes: Self.maxBodyBytes, item.continuation)
            if transfer == nil { item.continuation.resume(returning: .failure(UpstreamError(.unreachable, "libcurl has no handle left"))) }
            return transfer
        }
        return isStopped ? .stopAfter(transfers) : .transfers(transfers, cancelled)
    }
}

/// The loop on curl's thread; it owns the multi handle and the transfers.
private struct UpstreamLoop {
    enum Work {
        case transfers([Transfer], Set<Int>)
        case stopAfter([Transfer])
        case stop
    }

    func run(_ work: (UInt) -> Work) {
        guard let multi = curl_multi_init() else { return }
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 64)
        var active: [UnsafeMutableRawPointer: Transfer] = [:]
        defer {
            for transfer in active.values {
                curl_multi_remove_handle(multi, transfer.easy)
                transfer.fail(UpstreamError(.cancelled, "the recorder is stopping"))
            }
            curl_multi_cleanup(multi)
        }
        while true {
            switch work(UInt(bitPattern: multi)) {
            case .stop: return
            case .stopAfter(let transfers):
                for transfer in transfers { transfer.fail(UpstreamError(.cancelled, "the recorder is stopping")) }
                return
            case .transfers(let new, let cancelled):
                for transfer in new {
                    active[transfer.easy] = transfer
                    curl_multi_add_handle(multi, transfer.easy)
                }
                for (easy, transfer) in active where cancelled.contains(transfer.id) {
                    active[easy] = nil
                    curl_multi_remove_handle(multi, easy)
                    transfer.fail(UpstreamError(.cancelled, "the client has gone"))
                }
            }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            var code = CURLE_OK
            while let easy = ccurl_multi_next_done(multi, &code) {
                curl_multi_remove_handle(multi, easy)
                active.removeValue(forKey: easy)?.finish(code)
            }
            curl_multi_poll(multi, nil, 0, active.isEmpty ? 10_000 : 1000, nil)
        }
    }
}

import CCurl
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs all transfers on one thread over libcurl's multi interface. Connections are kept and shared between transfers.
///
/// Only that thread touches libcurl's handles; others leave commands and wake it.
final class CurlDriver: Sendable {
    private enum Command: Sendable {
        case start(Transfer)
        case cancel(Transfer)
        case resume(Transfer)
    }

    private struct Shared {
        var commands: [Command] = []
        var isStopping = false
        var hasStopped = false
        /// The thread waits, and has to be woken to see a command.
        var isWaiting = false
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    /// So long after a command an answer may come at any moment: to fall asleep and be woken would take longer than a near service needs to answer.
    private static let alertness = Duration.microseconds(200)
    /// Handles kept for the next transfers: making one costs more than setting it up.
    private static let maxSpares = 16

    private let shared = Mutex(Shared())
    private let alarm: Alarm

    private static let isInitialized = ccurl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Throws if the thread or libcurl cannot be had.
    init() throws(UpstreamError) {
        guard Self.isInitialized else { throw .other(host: "libcurl", reason: "the library is not installed, or cannot be initialised") }
        guard let alarm = Alarm() else { throw .other(host: "libcurl", reason: "no pipe can be made") }
        self.alarm = alarm
        guard startThread() else { throw .other(host: "libcurl", reason: "its thread cannot be started") }
    }

    // MARK: Any thread

    func start(_ transfer: Transfer) {
        if !post(.start(transfer)) { transfer.fail(.shutDown) }
    }

    func cancel(_ transfer: Transfer) { _ = post(.cancel(transfer)) }
    func resume(_ transfer: Transfer) { _ = post(.resume(transfer)) }

    private func post(_ command: Command) -> Bool {
        let (isTaken, wakes) = shared.withLock { shared in
            guard !shared.isStopping else { return (false, false) }
            shared.commands.append(command)
            defer { shared.isWaiting = false }
            return (true, shared.isWaiting)
        }
        // Not under the lock: the thread would wake up to wait for that.
        if wakes { alarm.ring() }
        return isTaken
    }

    /// Fails what is under way and ends the thread; does not wait.
    func stop() {
        shared.withLock { $0.isStopping = true }
        alarm.ring()
    }

    func waitUntilStopped() async {
        await withCheckedContinuation { continuation in
            let hasStopped = shared.withLock { shared in
                if !shared.hasStopped { shared.stopWaiters.append(continuation) }
                return shared.hasStopped
            }
            if hasStopped { continuation.resume() }
        }
    }

    // MARK: The thread

    private func startThread() -> Bool {
        let context = Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
            let code = pthread_create(
                &thread, nil,
                { context in
                    Unmanaged<CurlDriver>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                }, context)
            if code == 0, let thread { pthread_detach(thread) }
        #else
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<CurlDriver>.fromOpaque(context).takeRetainedValue().run() }
                    return nil
                }, context)
            if code == 0 { pthread_detach(thread) }
        #endif
        if code != 0 { Unmanaged<CurlDriver>.fromOpaque(context).release() }
        return code == 0
    }

    /// A peer that closes while it is written to must not end the process.
    private static func blockPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func run() {
        Self.blockPipeSignal()
        var active: [UnsafeMutableRawPointer: EasyHandle] = [:]
        var spares: [UnsafeMutableRawPointer] = []
        var alertUntil = ContinuousClock().now
        guard let multi = ccurl_multi_init() else {
            let commands = shared.withLock { shared in
                shared.isStopping = true
                defer { shared.commands = [] }
                return shared.commands
            }
            for case .start(let transfer) in commands { transfer.fail(.other(host: transfer.request.host, reason: "libcurl has no memory")) }
            return finishStopping()
        }
        while true {
            let (commands, isStopping) = shared.withLock { shared in
                defer { shared.commands = [] }
                shared.isWaiting = false
                return (shared.commands, shared.isStopping)
            }
            if !commands.isEmpty { alertUntil = ContinuousClock().now + Self.alertness }
            for command in commands { carryOut(command, multi, &active, &spares) }
            if isStopping { break }
            var running: Int32 = 0
            ccurl_multi_perform(multi, &running)
            collect(multi, &active, &spares)
            endOverdue(multi, &active)
            let waits = shared.withLock { shared in
                shared.isWaiting = shared.commands.isEmpty && !shared.isStopping
                return shared.isWaiting
            }
            let isAlert = !active.isEmpty && ContinuousClock().now < alertUntil
            if waits, ccurl_multi_poll(multi, alarm.reader, isAlert ? 0 : pause(active)) != 0 { alarm.clear() }
        }
        for (easy, handle) in active {
            ccurl_multi_remove_handle(multi, easy)
            handle.transfer.fail(.shutDown)
            handle.free()
        }
        for spare in spares { ccurl_easy_cleanup(spare) }
        ccurl_multi_cleanup(multi)
        finishStopping()
    }

    private func finishStopping() {
        let waiters = shared.withLock { shared in
            shared.hasStopped = true
            defer { shared.stopWaiters = [] }
            return shared.stopWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func carryOut(
        _ command: Command, _ multi: UnsafeMutableRawPointer, _ active: inout [UnsafeMutableRawPointer: EasyHandle],
        _ spares: inout [UnsafeMutableRawPointer]
    ) {
        switch command {
        case .start(let transfer):
            guard !transfer.hasEnded else { return }
            guard let handle = EasyHandle(transfer, reusing: spares.popLast()) else {
                transfer.fail(.other(host: transfer.request.host, reason: "libcurl cannot make a handle"))
                return
            }
            guard ccurl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
                handle.free()
                transfer.fail(.other(host: transfer.request.host, reason: "libcurl cannot take a handle"))
                return
            }
            active[handle.easy] = handle
        case .cancel(let transfer):
            if let handle = active.values.first(where: { $0.transfer === transfer }) {
                ccurl_multi_remove_handle(multi, handle.easy)
                active[handle.easy] = nil
                handle.free()
            }
            transfer.fail(.cancelled)
        case .resume(let transfer):
            if let handle = active.values.first(where: { $0.transfer === transfer }) { ccurl_easy_pause(handle.easy, CURLPAUSE_CONT) }
        }
    }

    /// Transfers whose head does not come to an end are ended here: libcurl only knows of silence.
    private func endOverdue(_ multi: UnsafeMutableRawPointer, _ active: inout [UnsafeMutableRawPointer: EasyHandle]) {
        guard !active.isEmpty else { return }
        let now = ContinuousClock().now
        for handle in active.values where handle.transfer.isOverdue(at: now) {
            ccurl_multi_remove_handle(multi, handle.easy)
            active[handle.easy] = nil
            handle.free()
            handle.transfer.fail(.timedOut(handle.transfer.request.host))
        }
    }

    /// Milliseconds to wait at most. Short ones only where timeouts are.
    private func pause(_ active: [UnsafeMutableRawPointer: EasyHandle]) -> Int32 {
        guard let options = active.values.first?.transfer.options else { return 10_000 }
        return Int32(min(10_000, max(100, options.idleTimeout.components.seconds * 1000)))
    }

    private func collect(
        _ multi: UnsafeMutableRawPointer, _ active: inout [UnsafeMutableRawPointer: EasyHandle], _ spares: inout [UnsafeMutableRawPointer]
    ) {
        var left: Int32 = 0
        while let message = ccurl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            let handle = active.removeValue(forKey: easy)
            // Whoever waits for the answer goes on while the rest is done here.
            handle?.transfer.finish(code, detail: handle?.errorText ?? "")
            // The message is gone with its handle.
            ccurl_multi_remove_handle(multi, easy)
            guard let handle else { continue }
            if code == CURLE_OK, spares.count < Self.maxSpares { spares.append(handle.reset()) } else { handle.free() }
        }
    }
}

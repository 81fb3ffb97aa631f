import CCurl
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs all transfers over libcurl's multi interface. Connections are kept and shared between transfers.
///
/// A thread of its own waits for the sockets and goes on with what they report. A transfer is begun by whoever asks for it, if nobody else is at work:
/// the request is on its way before another thread has woken up.
final class CurlDriver: Sendable {
    private enum Command: Sendable {
        case start(Transfer)
        case cancel(Transfer)
        case resume(Transfer)
    }

    private struct Shared {
        var commands: [Command] = []
        /// A transfer was begun elsewhere; the thread does not know of its socket.
        var hasNews = false
        var isStopping = false
        var hasStopped = false
        /// The thread waits, and has to be woken to see a command.
        var isWaiting = false
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
    }

    /// So long after a command an answer may come at any moment: to fall asleep and be woken would take longer than a near service needs to answer.
    private static let alertness = Duration.microseconds(200)

    /// Taken before `shared` where both are needed.
    private let machine: Mutex<CurlMachine>
    private let shared = Mutex(Shared())
    private let alarm: Alarm

    private static let isInitialized: Bool = {
        // A peer that closes while it is written to must not end the process; libcurl cannot keep TLS from it.
        _ = signal(SIGPIPE, SIG_IGN)
        return ccurl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()

    /// Throws if the thread or libcurl cannot be had.
    init() throws(UpstreamError) {
        guard Self.isInitialized else { throw .other(host: "libcurl", reason: "the library is not installed, or cannot be initialised") }
        guard let alarm = Alarm() else { throw .other(host: "libcurl", reason: "no pipe can be made") }
        self.alarm = alarm
        guard let machine = CurlMachine() else { throw .other(host: "libcurl", reason: "the library has no memory") }
        self.machine = Mutex(machine)
        guard startThread() else { throw .other(host: "libcurl", reason: "its thread cannot be started") }
    }

    // MARK: Any thread

    func start(_ transfer: Transfer) {
        let isBegun = machine.withLockIfAvailable { machine in
            // What was asked for before comes first.
            guard !machine.hasEnded, shared.withLock({ $0.commands.isEmpty && !$0.isStopping }) else { return false }
            machine.start(transfer)
            return true
        }
        if isBegun == true {
            tell { $0.hasNews = true }
        } else if !post(.start(transfer)) {
            transfer.fail(.shutDown)
        }
    }

    func cancel(_ transfer: Transfer) {
        transfer.giveUp()
        _ = post(.cancel(transfer))
    }

    func resume(_ transfer: Transfer) { _ = post(.resume(transfer)) }

    private func post(_ command: Command) -> Bool {
        var isTaken = false
        tell { shared in
            isTaken = !shared.isStopping
            if isTaken { shared.commands.append(command) }
        }
        return isTaken
    }

    /// Wakes the thread if it waits.
    private func tell(_ change: (inout Shared) -> Void) {
        let wakes = shared.withLock { shared in
            change(&shared)
            defer { shared.isWaiting = false }
            return shared.isWaiting
        }
        // Not under the lock: the thread would wake up to wait for that.
        if wakes { alarm.ring() }
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

    private func run() {
        let clock = ContinuousClock()
        var alertUntil = clock.now
        var ready: [pollfd] = []
        while true {
            let (commands, hasNews, isStopping) = shared.withLock { shared in
                defer { (shared.commands, shared.hasNews) = ([], false) }
                shared.isWaiting = false
                return (shared.commands, shared.hasNews, shared.isStopping)
            }
            let now = clock.now
            if hasNews || !commands.isEmpty { alertUntil = now + Self.alertness }
            let reported = ready
            let (watched, pause) = machine.withLock { machine in
                for command in commands {
                    switch command {
                    case .start(let transfer): machine.start(transfer)
                    case .cancel(let transfer): machine.cancel(transfer)
                    case .resume(let transfer): machine.resume(transfer)
                    }
                }
                machine.proceed(reported, at: now)
                if isStopping { machine.end() }
                return (machine.descriptors, !machine.isIdle && now < alertUntil ? 0 : machine.pause(at: now))
            }
            if isStopping { break }
            let waits = shared.withLock { shared in
                shared.isWaiting = shared.commands.isEmpty && !shared.hasNews && !shared.isStopping
                return shared.isWaiting
            }
            ready = []
            guard waits else { continue }
            var sockets = watched + [pollfd(fd: alarm.reader, events: Int16(POLLIN), revents: 0)]
            guard poll(&sockets, nfds_t(sockets.count), pause) > 0 else { continue }
            if sockets.removeLast().revents != 0 { alarm.clear() }
            ready = sockets.filter { $0.revents != 0 }
        }
        let waiters = shared.withLock { shared in
            shared.hasStopped = true
            defer { shared.stopWaiters = [] }
            return shared.stopWaiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

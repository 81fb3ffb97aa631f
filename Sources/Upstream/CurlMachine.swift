import CCurl

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// libcurl's handles, and what they wait for. To be used by one thread at a time: all that libcurl calls back is called from here.
struct CurlMachine {
    /// Handles kept for the next transfers: making one costs more than setting it up.
    private static let maxSpares = 16

    /// Nil when it has ended.
    private var multi: UnsafeMutableRawPointer?
    private var active: [UnsafeMutableRawPointer: EasyHandle] = [:]
    private var spares: [UnsafeMutableRawPointer] = []
    private let watch = CurlWatch()

    /// Nil if libcurl has no memory.
    init?() {
        guard let multi = ccurl_multi_init() else { return nil }
        guard ccurl_multi_watch(multi, watchSocket, watchTime, Unmanaged.passUnretained(watch).toOpaque()) == CURLM_OK else {
            ccurl_multi_cleanup(multi)
            return nil
        }
        self.multi = multi
    }

    var isIdle: Bool { active.isEmpty }
    var hasEnded: Bool { multi == nil }

    /// The sockets that are waited for.
    var descriptors: [pollfd] { watch.descriptors }

    /// Sends what can be sent at once. The transfer fails if it cannot be begun.
    mutating func start(_ transfer: Transfer) {
        guard let multi, transfer.isWanted else { return }
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
        ccurl_multi_timeout_action(multi)
    }

    mutating func cancel(_ transfer: Transfer) {
        if let handle = active.values.first(where: { $0.transfer === transfer }) { remove(handle) }
        transfer.fail(.cancelled)
    }

    /// Goes on with a transfer that has paused.
    func resume(_ transfer: Transfer) {
        if let handle = active.values.first(where: { $0.transfer === transfer }) { ccurl_easy_pause(handle.easy, CURLPAUSE_CONT) }
    }

    /// Goes on with what has been waited for. `ready`: sockets with something to report.
    mutating func proceed(_ ready: [pollfd], at now: ContinuousClock.Instant) {
        guard let multi else { return }
        for descriptor in ready { ccurl_multi_socket_action(multi, descriptor.fd, CurlWatch.events(of: descriptor)) }
        if let deadline = watch.deadline, deadline <= now {
            watch.deadline = nil
            ccurl_multi_timeout_action(multi)
        }
        collect(multi)
        endOverdue(at: now)
    }

    /// Milliseconds until something is to be done though no socket reports. Short ones only where timeouts are.
    func pause(at now: ContinuousClock.Instant) -> Int32 {
        var pause: Int64 = 10_000
        if let options = active.values.first?.transfer.options { pause = min(pause, max(100, options.idleTimeout.components.seconds * 1000)) }
        if let deadline = watch.deadline {
            let (seconds, attoseconds) = (deadline - now).components
            pause = min(pause, max(0, seconds) * 1000 + (seconds < 0 || attoseconds < 0 ? 0 : attoseconds / 1_000_000_000_000_000 + 1))
        }
        return Int32(pause)
    }

    /// Fails what is under way.
    mutating func end() {
        guard let multi else { return }
        for handle in active.values {
            remove(handle)
            handle.transfer.fail(.shutDown)
        }
        for spare in spares { ccurl_easy_cleanup(spare) }
        spares = []
        ccurl_multi_cleanup(multi)
        self.multi = nil
    }

    private mutating func remove(_ handle: EasyHandle) {
        if let multi { ccurl_multi_remove_handle(multi, handle.easy) }
        active[handle.easy] = nil
        handle.free()
    }

    private mutating func collect(_ multi: UnsafeMutableRawPointer) {
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

    /// Transfers whose head does not come to an end are ended here: libcurl only knows of silence.
    private mutating func endOverdue(at now: ContinuousClock.Instant) {
        for handle in active.values where handle.transfer.isOverdue(at: now) {
            remove(handle)
            handle.transfer.fail(.timedOut(handle.transfer.request.host))
        }
    }
}

/// What libcurl waits for, as it tells by its callbacks.
private final class CurlWatch {
    private(set) var descriptors: [pollfd] = []
    /// When libcurl is to be called though no socket reports.
    var deadline: ContinuousClock.Instant?

    func set(_ socket: Int32, _ what: Int32) {
        let events: Int16 =
            switch what {
            case CURL_POLL_IN: Int16(POLLIN)
            case CURL_POLL_OUT: Int16(POLLOUT)
            case CURL_POLL_INOUT: Int16(POLLIN | POLLOUT)
            default: 0
            }
        let place = descriptors.firstIndex { $0.fd == socket }
        switch (place, events) {
        case (let place?, 0): descriptors.remove(at: place)
        case (let place?, _): descriptors[place].events = events
        case (nil, 0): break
        case (nil, _): descriptors.append(pollfd(fd: socket, events: events, revents: 0))
        }
    }

    /// What is told to libcurl of a socket; of errors it is to find out itself.
    static func events(of descriptor: pollfd) -> Int32 {
        let found = descriptor.revents
        if found & ~Int16(POLLIN | POLLOUT) != 0 { return 0 }
        return (found & Int16(POLLIN) != 0 ? CURL_CSELECT_IN : 0) | (found & Int16(POLLOUT) != 0 ? CURL_CSELECT_OUT : 0)
    }
}

private let watchSocket: ccurl_socket_callback = { _, socket, what, context, _ in
    guard let context else { return 0 }
    Unmanaged<CurlWatch>.fromOpaque(context).takeUnretainedValue().set(socket, what)
    return 0
}

private let watchTime: ccurl_timer_callback = { _, milliseconds, context in
    guard let context else { return 0 }
    let watch = Unmanaged<CurlWatch>.fromOpaque(context).takeUnretainedValue()
    watch.deadline = milliseconds < 0 ? nil : ContinuousClock().now + .milliseconds(milliseconds)
    return 0
}

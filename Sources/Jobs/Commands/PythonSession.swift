import Foundation
import JSON
import Synchronization

/// An interpreter that lasts for a context: it gets commands and gives answers as lines of JSON over a socket that is its standard input.
final class PythonSession: Sendable {
    private struct State {
        var isReady = false
        var isOver = false
        /// The interpreter has begun with the command that is waited for.
        var hasBegun = false
        var wantsInterrupt = false
        /// Of the command, from 1.
        var number = 0
        var waiter: CheckedContinuation<JSONValue?, Never>?
    }

    /// How long an interpreter may take to stop a command before it is ended.
    private static let patience = Duration.seconds(5)

    private let process = LocalProcess()
    private let socket: Int32
    private let state = Mutex(State())

    /// Begins the interpreter. `ended` is called once, when it is gone.
    init(_ python: LocalPython, token: String, ended: @escaping @Sendable () -> Void) throws {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            let made = socketpair(AF_UNIX, SOCK_STREAM, 0, &ends)
        #else
            let made = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        #endif
        guard made == 0 else { throw LocalProcess.Failure(message: "There is no socket for an interpreter.") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #if canImport(Darwin)
            var on: Int32 = 1
            setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
        socket = ends[0]
        let theirs = ends[1]
        Task { [self] in
            try? await python.serve(process, input: theirs, token: token) { close(theirs) }
            over()
            ended()
        }
        let thread = Thread { [self] in read() }
        thread.name = "dbxsim-python-answers"
        thread.start()
    }

    deinit { close(socket) }

    var isReady: Bool { state.withLock { $0.isReady } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func stop() { process.stop() }

    /// A command and its end; without the interpreter there is none. `run` tells whether it was cancelled before it began.
    func execute(_ code: String, _ run: SQLRun) async -> (CommandContext.CommandState, JSONObject?) {
        let line = JSONValue.members([("code", .string(code))]).text + "\n"
        let answer: JSONValue? = await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard !state.isOver else { return true }
                state.waiter = continuation
                state.hasBegun = false
                state.wantsInterrupt = run.isStopped
                state.number += 1
                return false
            }
            if isOver { return continuation.resume(returning: nil) }
            send(Array(line.utf8))
        }
        guard let answer else { return (.error, CommandContext.error("The Python process has ended.", cause: "")) }
        return Self.outcome(answer)
    }

    /// Stops the command that runs; an interpreter that does not listen is ended.
    func interrupt() {
        let (hasBegun, number) = state.withLock { state in
            state.wantsInterrupt = true
            return (state.hasBegun, state.number)
        }
        if hasBegun { process.interrupt() }
        Task { [weak self] in
            try? await Task.sleep(for: Self.patience)
            guard let self, state.withLock({ $0.number == number && $0.waiter != nil }) else { return }
            stop()
        }
    }

    // MARK: Lines

    private func send(_ bytes: [UInt8]) {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        var position = 0
        while position < bytes.count {
            let sent = bytes.withUnsafeBytes { buffer -> Int in
                guard let base = buffer.baseAddress else { return -1 }
                return Foundation.send(socket, base + position, bytes.count - position, flags)
            }
            if sent < 0 {
                if errno == EINTR { continue }
                // Its end is seen where answers are read.
                return
            }
            position += sent
        }
    }

    /// On a thread of its own, for as long as the interpreter lives.
    private func read() {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            var rest = buffer[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = pending + rest[..<end]
                pending = []
                rest = rest[(end + 1)...]
                if let message = try? JSONValue(parsing: line) { take(message) }
            }
            pending += rest
        }
        over()
    }

    private func take(_ message: JSONValue) {
        if message["ready"] != nil {
            state.withLock { $0.isReady = true }
        } else if message["started"] != nil {
            let wantsInterrupt = state.withLock { state in
                state.hasBegun = true
                return state.wantsInterrupt
            }
            if wantsInterrupt { process.interrupt() }
        } else {
            let waiter = state.withLock { state -> CheckedContinuation<JSONValue?, Never>? in
                defer { state.waiter = nil }
                state.hasBegun = false
                return state.waiter
            }
            waiter?.resume(returning: message)
        }
    }

    private func over() {
        let waiter = state.withLock { state -> CheckedContinuation<JSONValue?, Never>? in
            defer { state.waiter = nil }
            state.isOver = true
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    private static func outcome(_ answer: JSONValue) -> (CommandContext.CommandState, JSONObject?) {
        let secrets = (answer["secrets"]?.arrayValue ?? []).compactMap(\.stringValue).filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
        func shown(_ name: String) -> String { secrets.reduce(answer[name]?.stringValue ?? "") { $0.replacing($1, with: "[REDACTED]") } }
        if answer["cancelled"] == true { return (.cancelled, nil) }
        if answer["error"] != nil { return (.finished, CommandContext.error(shown("message"), name: shown("error"), cause: shown("trace"))) }
        return (
            .finished,
            JSONObject([("resultType", "text"), ("data", .string(shown("text"))), ("truncated", .bool(answer["truncated"] == true))])
        )
    }
}

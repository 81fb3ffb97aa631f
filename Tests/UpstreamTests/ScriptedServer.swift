import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// A server on a free loopback port, each of whose connections runs a script on a thread of its own: for what happens over time.
final class ScriptedServer: Sendable {
    struct Connection {
        fileprivate let socket: Int32

        /// Head and body of the next request; nil when the client has closed.
        func request() -> String? {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) == 1 {
                bytes.append(byte)
                guard bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) else { continue }
                let head = String(decoding: bytes, as: UTF8.self)
                let length = head.lowercased().firstRange(of: "content-length: ").flatMap { Int(head[$0.upperBound...].prefix { $0.isNumber }) } ?? 0
                for _ in 0..<length where recv(socket, &byte, 1, 0) == 1 { bytes.append(byte) }
                return String(decoding: bytes, as: UTF8.self)
            }
            return nil
        }

        /// False when the client has gone.
        @discardableResult
        func send(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                #if canImport(Glibc)
                    let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                #else
                    let count = bytes[sent...].withUnsafeBytes { Darwin.send(socket, $0.baseAddress, $0.count, 0) }
                #endif
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }

        @discardableResult
        func send(_ text: String) -> Bool { send(Array(text.utf8)) }

        /// Returns when the client has closed.
        func waitForClose() {
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) > 0 {}
        }
    }

    struct Failure: Error {}

    private final class Job: Sendable {
        let server: ScriptedServer
        let connection: Int32?

        init(_ server: ScriptedServer, _ connection: Int32?) {
            self.server = server
            self.connection = connection
        }
    }

    let port: Int
    private let listener: Int32
    private let script: @Sendable (Connection) -> Void
    private let accepted = Atomic<Int>(0)

    var connections: Int { accepted.load(ordering: .relaxed) }

    init(_ script: @escaping @Sendable (Connection) -> Void) throws {
        #if canImport(Glibc)
            listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isReady = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.script = script
        guard listener >= 0, isReady else { throw Failure() }
        run(Job(self, nil))
    }

    /// A port of this machine that nobody listens on.
    static func closedPort() throws -> Int {
        let server = try ScriptedServer { _ in }
        server.stop()
        return server.port
    }

    /// Wakes up the thread that accepts, which then closes: closed from here, the number could be another socket's by the next `accept`.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accept() {
        while true {
            #if canImport(Glibc)
                let connection = Glibc.accept(listener, nil, nil)
            #else
                let connection = Darwin.accept(listener, nil, nil)
            #endif
            guard connection >= 0 else {
                close(listener)
                return
            }
            accepted.add(1, ordering: .relaxed)
            run(Job(self, connection))
        }
    }

    private func run(_ job: Job) {
        let context = Unmanaged.passRetained(job).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
            pthread_create(&thread, nil, { Self.work($0) }, context)
            if let thread { pthread_detach(thread) }
        #else
            var thread = pthread_t()
            pthread_create(&thread, nil, { $0.flatMap { ScriptedServer.work($0) } }, context)
            pthread_detach(thread)
        #endif
    }

    private static func work(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
        guard let connection = job.connection else {
            job.server.accept()
            return nil
        }
        job.server.script(Connection(socket: connection))
        shutdown(connection, Int32(SHUT_RDWR))
        close(connection)
        return nil
    }
}

/// Something that happens once and can be waited for.
final class Event: Sendable {
    private struct State {
        var hasHappened = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func happen() {
        let waiters = state.withLock { state in
            state.hasHappened = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    var hasHappened: Bool { state.withLock { $0.hasHappened } }

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasHappened = state.withLock { state in
                if !state.hasHappened { state.waiters.append(continuation) }
                return state.hasHappened
            }
            if hasHappened { continuation.resume() }
        }
    }
}

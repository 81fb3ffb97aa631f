package import HTTPTypes
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Appends exchanges to a cassette: redacted, body files first, the line in one write. A crash loses the exchange under way at most.
///
/// The file is locked while the writer lives; a second recorder is refused. After a failure nothing more is written. Appending takes as long as the
/// redaction and a write to the page cache, and waits for no other thread but one that does the same.
package final class CassetteWriter: Sendable {
    private struct State {
        var descriptor: Int32
        var length: Int
        var nextNumber: Int
        var startsAfresh: Bool
        var writtenBodies: Set<String> = []
        var failure: CassetteError?
        var isStopTold = false
        /// Nil if ids are written as they are.
        var ids: StableIDs?
    }

    private let folder: String
    private let file: String
    private let mode: RecordMode
    private let redactor: Redactor
    private let header: CassetteHeader
    private let state: Mutex<State>

    /// Opens or makes the cassette. Throws if it is locked, if it cannot be read, or if `mode` is `.once` and it holds exchanges.
    /// `stableIDs`: ids that the service makes up are written under names that do not change from recording to recording.
    package init(folder: String, mode: RecordMode, header: CassetteHeader, redactor: Redactor, stableIDs: Bool = false) throws(CassetteError) {
        let file = folder + "/" + CassetteFormat.fileName
        try Files.makeFolder(folder)
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Files.failure(file, "cannot be opened") }
        let start: Start
        do throws(CassetteError) {
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw CassetteError(file: file, "another recorder is writing to this cassette")
            }
            start = try Self.prepare(descriptor, folder: folder, file: file, mode: mode, header: header, redactor: redactor)
        } catch {
            close(descriptor)
            throw error
        }
        self.folder = folder
        self.file = file
        self.mode = mode
        self.redactor = redactor
        self.header = header
        state = Mutex(
            State(
                descriptor: descriptor, length: start.length, nextNumber: start.nextNumber, startsAfresh: start.startsAfresh,
                ids: stableIDs ? StableIDs(continuing: start.recorded) : nil))
    }

    deinit {
        state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
        }
    }

    private struct Start {
        var length: Int
        var nextNumber = 1
        var startsAfresh = false
        /// The lines that stay.
        var recorded: [UInt8] = []
    }

    private static func prepare(
        _ descriptor: Int32, folder: String, file: String, mode: RecordMode, header: CassetteHeader, redactor: Redactor
    ) throws(CassetteError) -> Start {
        BodySpool.removeLeftovers(in: "\(folder)/\(CassetteFormat.bodiesFolder)")
        let bytes = try Files.read(descriptor, file)
        if bytes.isEmpty { return Start(length: try writeHeader(header, to: descriptor, file)) }
        // A cassette that is about to be replaced need not be readable.
        if mode == .all { return Start(length: bytes.count, startsAfresh: true) }
        let cassette = try CassetteReader.parse(bytes, name: folder) { name throws(CassetteError) in
            try reserve("\(folder)/\(CassetteFormat.bodiesFolder)/\(name)", redactor)
            return []
        }
        if cassette.exchanges.isEmpty, cassette.torn == nil, mode == .once {
            try cut(descriptor, to: 0, file)
            return Start(length: try writeHeader(header, to: descriptor, file))
        }
        guard mode == .new else {
            throw CassetteError(file: file, "is recorded already (\(cassette.exchanges.count) exchanges); record with --mode new or all")
        }
        redactor.reserve(wordsIn: bytes)
        var length = bytes.count
        if let torn = cassette.torn { length -= torn.bytes }
        try cut(descriptor, to: length, file)
        if length > 0, bytes[length - 1] != 0x0A {
            try Files.write([0x0A], to: descriptor, file)
            length += 1
        }
        return Start(length: length, nextNumber: (cassette.exchanges.last?.number ?? 0) + 1, recorded: bytes)
    }

    /// Placeholders in a body of any size are taken.
    private static func reserve(_ path: String, _ redactor: Redactor) throws(CassetteError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Files.failure(path, "cannot be read") }
        defer { close(descriptor) }
        var window: [UInt8] = []
        while true {
            let part = try Files.readPart(descriptor, path, upTo: 1 << 20)
            if part.isEmpty { return }
            window += part
            redactor.reserve(wordsIn: window)
            window.removeFirst(max(0, window.count - Placeholders.maxLength))
        }
    }

    private static func writeHeader(_ header: CassetteHeader, to descriptor: Int32, _ file: String) throws(CassetteError) -> Int {
        let line = CassetteFormat.line(header) + [0x0A]
        try Files.write(line, to: descriptor, file)
        return line.count
    }

    /// Cuts the file, and goes on writing at its new end.
    private static func cut(_ descriptor: Int32, to length: Int, _ file: String) throws(CassetteError) {
        guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, off_t(length), SEEK_SET) >= 0 else {
            throw Files.failure(file, "cannot be cut")
        }
    }

    /// Writes an exchange whose answer has ended, and answers it as stored. Throws if it may not or cannot be written; then, and from
    /// then on, nothing is.
    @discardableResult
    package func append(_ raw: RawExchange) throws(CassetteError) -> Exchange {
        try state.withLock { state throws(CassetteError) in
            if let failure = state.failure { throw failure }
            guard state.descriptor >= 0 else { throw CassetteError(file: file, "the recording has ended") }
            do throws(CassetteError) {
                return try store(raw, &state)
            } catch {
                state.failure = error
                throw error
            }
        }
    }

    /// Takes a body that may be too large for memory. `headers` are the request's: their secrets must be known before the first byte is
    /// written. `title` names the body in messages, without its path.
    package func spool(
        _ title: String, operation: String?, path: String, headers: HTTPFields, limits: BodySpool.Limits = BodySpool.Limits()
    ) -> BodySpool {
        redactor.learn(headers)
        return BodySpool(
            folder: "\(folder)/\(CassetteFormat.bodiesFolder)", redactor: redactor, context: SecretContext(operation: operation, path: path),
            title: "\(title) \(redactor.text(path))", limits: limits)
    }

    /// Ends the recording for a reason found elsewhere, or tells whether it was not told yet. True for the first.
    package func stop(_ error: CassetteError) -> Bool {
        state.withLock { state in
            state.failure = state.failure ?? error
            defer { state.isStopTold = true }
            return !state.isStopTold
        }
    }

    /// Why recording stopped; nil while it goes on.
    package var stopReason: CassetteError? { state.withLock { $0.failure } }

    private func store(_ raw: RawExchange, _ state: inout State) throws(CassetteError) -> Exchange {
        for (headers, part) in [(raw.requestHeaders, "request"), (raw.responseHeaders, "answer")] {
            guard let encoding = headers.first(where: { $0.name == .contentEncoding })?.value, encoding.lowercased() != "identity", !encoding.isEmpty
            else { continue }
            throw CassetteError(
                file: file,
                "the \(part) of \(raw.method) \(redactor.text(raw.path)) is encoded (content-encoding: \(encoding)); it cannot be searched for secrets"
            )
        }
        let exchange: Exchange
        var line: [UInt8]
        do {
            (exchange, line) = try redactor.stored(raw, number: state.nextNumber) { state.ids?.rename($0) ?? $0 }
        } catch {
            throw CassetteError(file: file, error.description)
        }
        if state.startsAfresh {
            try Self.cut(state.descriptor, to: 0, file)
            state.length = try Self.writeHeader(header, to: state.descriptor, file)
            state.startsAfresh = false
        }
        for (body, file) in [(exchange.request.body, raw.requestFile), (exchange.response.body, raw.responseFile)] {
            guard case .file(let name, let bytes) = body else { continue }
            let isNew = state.writtenBodies.insert(name).inserted
            if let file { try file.keep() } else if isNew { try storeBody(name, bytes) }
        }
        line.append(0x0A)
        do {
            try Files.write(line, to: state.descriptor, file)
        } catch {
            // Half a line must not stay in front of a later one.
            try? Self.cut(state.descriptor, to: state.length, file)
            throw error
        }
        state.length += line.count
        state.nextNumber += 1
        return exchange
    }

    private func storeBody(_ name: String, _ bytes: [UInt8]) throws(CassetteError) {
        let bodies = "\(folder)/\(CassetteFormat.bodiesFolder)"
        guard !Files.exists("\(bodies)/\(name)") else { return }
        try Files.makeFolder(bodies)
        try Files.writeWhole(bytes, to: "\(bodies)/\(name)")
    }

    /// Flushes to the disk and unlocks. A cassette recorded afresh loses the body files that only its predecessor used.
    package func finish() {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            fsync(state.descriptor)
            let bodies = "\(folder)/\(CassetteFormat.bodiesFolder)"
            // Of exchanges that the end broke off.
            BodySpool.removeLeftovers(in: bodies)
            if mode == .all, !state.startsAfresh, state.failure == nil {
                for name in Files.names(in: bodies) where BodyFiles.isName(name) && !state.writtenBodies.contains(name) {
                    unlink("\(bodies)/\(name)")
                }
            }
            close(state.descriptor)
            state.descriptor = -1
        }
    }
}

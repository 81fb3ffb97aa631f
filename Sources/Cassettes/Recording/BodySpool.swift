import Crypto
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Takes one body as it comes. What stays small is handed back for the redaction of whole bodies; what grows beyond the limits is
/// scrubbed window by window, and only scrubbed bytes reach the disk, under a temporary name.
///
/// A window overlaps the next one by more than any secret is long, and is cut where no secret stands.
package actor BodySpool {
    package enum Result: Sendable {
        case memory([UInt8])
        case file(SpooledFile)
    }

    /// In bytes.
    package struct Limits: Sendable {
        /// JSON and other texts are better scrubbed whole, since what a value is may be said far from it.
        package var heldText = 8 << 20
        package var heldBinary = 1 << 20
        package var window = 1 << 20

        package init() {}
    }

    static let temporaryPrefix = ".part-"
    private static let counter = Atomic<Int>(0)

    private let folder: String
    private let redactor: Redactor
    private let context: SecretContext
    /// `request body of PUT /path`, for messages; redacted.
    private let title: String
    private let limits: Limits
    /// Not yet written.
    private var pending: [UInt8] = []
    private var output: Output?

    private struct Output {
        let path: String
        let descriptor: Int32
        let isText: Bool
        /// Secrets known when the first byte was written.
        let knownAtStart: Int
        var hash = SHA256()
    }

    init(folder: String, redactor: Redactor, context: SecretContext, title: String, limits: Limits) {
        self.folder = folder
        self.redactor = redactor
        self.context = context
        self.title = title
        self.limits = limits
    }

    deinit {
        guard let output else { return }
        close(output.descriptor)
        unlink(output.path)
    }

    /// What a crash has left.
    static func removeLeftovers(in folder: String) {
        for name in Files.names(in: folder) where name.hasPrefix(temporaryPrefix) || name.hasSuffix(".part") { unlink("\(folder)/\(name)") }
    }

    package func append(_ bytes: [UInt8]) throws(CassetteError) {
        if pending.isEmpty { pending = bytes } else { pending += bytes }
        if output == nil {
            guard pending.count > limits.heldBinary else { return }
            let isText = StreamedText.beginsAsText(pending)
            guard pending.count > (isText ? limits.heldText : limits.heldBinary) else { return }
            output = try open(isText: isText)
        }
        if pending.count >= limits.window + WindowScrubber.overlap { try writeWindow(isLast: false) }
    }

    package func finish() throws(CassetteError) -> Result {
        guard output != nil else { return .memory(pending) }
        try writeWindow(isLast: true)
        guard let output else { return .memory([]) }
        close(output.descriptor)
        self.output = nil
        let file = SpooledFile(folder: folder, temporary: output.path, name: Hex.text(output.hash.finalize()))
        // A secret that was recognised at the end may stand at the beginning.
        if redactor.knownSecrets > output.knownAtStart { try search(output.path) }
        return .file(file)
    }

    private func open(isText: Bool) throws(CassetteError) -> Output {
        try Files.makeFolder(folder)
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        let path = "\(folder)/\(Self.temporaryPrefix)\(getpid())-\(number)"
        let descriptor = systemOpen(path)
        guard descriptor >= 0 else { throw Files.failure(path, "cannot be written") }
        return Output(path: path, descriptor: descriptor, isText: isText, knownAtStart: redactor.knownSecrets)
    }

    private func writeWindow(isLast: Bool) throws(CassetteError) {
        guard var output else { return }
        let window: WindowScrubber.Window
        do {
            window = try redactor.window(pending, context, isText: output.isText, isLast: isLast)
        } catch {
            throw survived(error.kind)
        }
        try Files.write(window.scrubbed, to: output.descriptor, output.path)
        window.scrubbed.withUnsafeBytes { output.hash.update(bufferPointer: $0) }
        self.output = output
        pending.removeFirst(window.consumed)
    }

    private func survived(_ kind: SecretKind) -> CassetteError {
        CassetteError(file: folder, "a secret (\(kind.rawValue)) survived redaction in the \(title); recording stops. Name it in a --redact file.")
    }

    /// Reads the file again, in windows, for secrets that were not known when it was written.
    private func search(_ path: String) throws(CassetteError) {
        let descriptor = systemOpenForReading(path)
        guard descriptor >= 0 else { throw Files.failure(path, "cannot be read") }
        defer { close(descriptor) }
        var window: [UInt8] = []
        while true {
            let part = try Files.readPart(descriptor, path, upTo: limits.window)
            if part.isEmpty { return }
            window += part
            if let kind = redactor.knownSecret(in: window) {
                throw survived(kind)
            }
            window.removeFirst(max(0, window.count - WindowScrubber.overlap))
        }
    }
}

private func systemOpen(_ path: String) -> Int32 { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
private func systemOpenForReading(_ path: String) -> Int32 { open(path, O_RDONLY | O_CLOEXEC) }

/// Whether bytes that go on elsewhere are text so far.
enum StreamedText {
    /// The last character may be cut.
    static func beginsAsText(_ bytes: [UInt8]) -> Bool {
        var end = bytes.count
        var continuation = 0
        while continuation < 4, end > 0, bytes[end - 1] & 0xC0 == 0x80 {
            end -= 1
            continuation += 1
        }
        if end > 0, bytes[end - 1] >= 0xC0 { end -= 1 }
        return BodyPolicy.isText(Array(bytes[..<end]))
    }
}

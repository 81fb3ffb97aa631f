import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A scrubbed body on the disk under a temporary name. It is removed with its last reference unless it is kept.
package final class SpooledFile: Sendable {
    /// SHA-256 of the scrubbed bytes: its name in the cassette.
    package let name: String
    private let folder: String
    private let temporary: String
    private let isKept = Atomic<Bool>(false)

    init(folder: String, temporary: String, name: String) {
        self.folder = folder
        self.temporary = temporary
        self.name = name
    }

    deinit {
        if !isKept.load(ordering: .relaxed) { unlink(temporary) }
    }

    /// As an exchange refers to it; the bytes stay on the disk.
    var body: RecordedBody { .file(name: name, bytes: []) }

    /// Gives the file its name in the cassette.
    func keep() throws(CassetteError) {
        guard !isKept.load(ordering: .relaxed) else { return }
        guard rename(temporary, "\(folder)/\(name)") == 0 else { throw Files.failure("\(folder)/\(name)", "cannot be written") }
        isKept.store(true, ordering: .relaxed)
    }
}

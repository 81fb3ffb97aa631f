#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes whole cassettes: what the commands make, as opposed to what a recorder appends.
package enum CassetteStore {
    /// The file as it stands.
    package static func source(_ folder: String) throws(CassetteError) -> [UInt8] {
        try Files.read(folder + "/" + CassetteFormat.fileName)
    }

    package static func isCassette(_ folder: String) -> Bool { Files.exists(folder + "/" + CassetteFormat.fileName) }

    /// Names in a cassette's folder, sorted; those of body files with `bodies/` before them.
    package static func files(_ folder: String) -> [String] {
        Files.names(in: folder) + Files.names(in: "\(folder)/\(CassetteFormat.bodiesFolder)").map { "\(CassetteFormat.bodiesFolder)/\($0)" }
    }

    /// Makes a cassette where none is.
    package static func create(_ cassette: Cassette, in folder: String) throws(CassetteError) {
        guard !isCassette(folder) else {
            throw CassetteError(file: folder + "/" + CassetteFormat.fileName, "is there already; name another folder")
        }
        try Files.makeFolder(folder)
        try write(cassette, to: folder)
    }

    /// Puts a cassette in the place of the one in its folder; body files that are no longer used go. Refused while it is being recorded.
    package static func replace(_ cassette: Cassette, in folder: String) throws(CassetteError) {
        let file = folder + "/" + CassetteFormat.fileName
        let descriptor = open(file, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Files.failure(file, "cannot be written") }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw CassetteError(file: file, "a recorder is writing to this cassette") }
        try write(cassette, to: folder)
        let used = Set(bodies(cassette).map(\.name))
        let bodies = "\(folder)/\(CassetteFormat.bodiesFolder)"
        for name in Files.names(in: bodies) where BodyFiles.isName(name) && !used.contains(name) { unlink("\(bodies)/\(name)") }
        rmdir(bodies)
    }

    /// Body files first: a line never names a file that is not there.
    private static func write(_ cassette: Cassette, to folder: String) throws(CassetteError) {
        let bodies = "\(folder)/\(CassetteFormat.bodiesFolder)"
        for (index, body) in self.bodies(cassette).enumerated() {
            if index == 0 { try Files.makeFolder(bodies) }
            if !Files.exists("\(bodies)/\(body.name)") { try Files.writeWhole(body.bytes, to: "\(bodies)/\(body.name)") }
        }
        try Files.writeWhole(CassetteTools.format(cassette), to: folder + "/" + CassetteFormat.fileName)
    }

    private static func bodies(_ cassette: Cassette) -> [(name: String, bytes: [UInt8])] {
        cassette.exchanges.flatMap { exchange in
            [exchange.request.body, exchange.response.body].compactMap { body in
                if case .file(let name, let bytes) = body { (name, bytes) } else { nil }
            }
        }
    }
}

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The few file operations that a cassette needs, over descriptors: locks and single writes are what it is about.
enum Files {
    static func read(_ path: String) throws(CassetteError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "cannot be read") }
        defer { close(descriptor) }
        return try read(descriptor, path)
    }

    static func read(_ descriptor: Int32, _ path: String) throws(CassetteError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CassetteError(file: path, "is not a file")
        }
        var result: [UInt8] = []
        let expected = max(0, Int(status.st_size))
        var failed = false
        while true {
            // One byte more than is left, so that the end is seen by a short read.
            let wanted = max(1 << 16, expected - result.count + 1)
            let part = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
                let got = systemRead(descriptor, buffer.baseAddress, wanted)
                failed = got < 0
                count = max(0, got)
            }
            if failed { throw failure(path, "cannot be read") }
            if part.isEmpty { return result }
            if result.isEmpty {
                result = part
            } else {
                result += part
            }
        }
    }

    /// The next bytes; empty at the end.
    static func readPart(_ descriptor: Int32, _ path: String, upTo wanted: Int) throws(CassetteError) -> [UInt8] {
        var failed = false
        let part = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            let got = systemRead(descriptor, buffer.baseAddress, wanted)
            failed = got < 0
            count = max(0, got)
        }
        if failed { throw failure(path, "cannot be read") }
        return part
    }

    private static func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
        while true {
            #if canImport(Darwin)
                let got = Darwin.read(descriptor, buffer, count)
            #elseif canImport(Glibc)
                let got = Glibc.read(descriptor, buffer, count)
            #else
                let got = Musl.read(descriptor, buffer, count)
            #endif
            if got >= 0 || errno != EINTR { return got }
        }
    }

    /// All bytes, in one call to the system unless it takes fewer.
    static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(CassetteError) {
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { throw failure(path, "cannot be written") }
            start += written
        }
    }

    private static func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
        while true {
            #if canImport(Darwin)
                let written = Darwin.write(descriptor, buffer, count)
            #elseif canImport(Glibc)
                let written = Glibc.write(descriptor, buffer, count)
            #else
                let written = Musl.write(descriptor, buffer, count)
            #endif
            if written >= 0 || errno != EINTR { return written }
        }
    }

    /// Under another name first, so that the file is there whole or not at all.
    static func writeWhole(_ bytes: [UInt8], to path: String) throws(CassetteError) {
        let temporary = path + ".part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "cannot be written") }
        do {
            try write(bytes, to: descriptor, path)
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        guard rename(temporary, path) == 0 else { throw failure(path, "cannot be written") }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// With all folders above it.
    static func makeFolder(_ path: String) throws(CassetteError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o755) != 0, errno != EEXIST { throw failure(made, "the folder cannot be made") }
        }
    }

    /// Names in a folder, sorted; empty if there is no such folder.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func failure(_ path: String, _ what: String) -> CassetteError {
        CassetteError(file: path, "\(what): \(String(cString: strerror(errno)))")
    }
}

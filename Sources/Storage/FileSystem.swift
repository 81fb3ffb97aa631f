#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system calls that `DirectoryStore` needs.
enum FileSystem {
    struct Status {
        let isFile: Bool
        let isDirectory: Bool
        let size: Int
        /// Milliseconds since 1970.
        let modified: Int64
        let inode: UInt64
        /// Nanoseconds since 1970 of the last change of contents or names.
        let changed: Int64
    }

    static func error(_ path: String, _ operation: String) -> StorageError {
        let code = errno
        return .system(path: path, operation: operation, code: code, text: String(cString: strerror(code)))
    }

    static func parent(_ file: String) -> String {
        guard let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    static func makeDirectories(_ directory: String) throws(StorageError) {
        if mkdir(directory, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, directory != "/", directory != "." else {
            if errno == ENOTDIR || errno == ENAMETOOLONG { throw .invalidPath(directory) }
            throw error(directory, "create directory")
        }
        try makeDirectories(parent(directory))
        guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw error(directory, "create directory") }
    }

    static func status(_ file: String) -> Status? {
        var data = stat()
        guard stat(file, &data) == 0 else { return nil }
        #if canImport(Darwin)
            let time = data.st_mtimespec
            let change = data.st_ctimespec
        #else
            let time = data.st_mtim
            let change = data.st_ctim
        #endif
        let kind = data.st_mode & S_IFMT
        return Status(
            isFile: kind == S_IFREG, isDirectory: kind == S_IFDIR, size: Int(data.st_size),
            modified: Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000,
            inode: UInt64(data.st_ino), changed: Int64(change.tv_sec) &* 1_000_000_000 &+ Int64(change.tv_nsec))
    }

    /// The names in a directory, unordered, with `.` and `..`; none if there is no such directory.
    static func names(_ directory: String) throws(StorageError) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw error(directory, "list")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    static func read(_ file: String, _ path: String, range: Range<Int>) throws(StorageError) -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .notFound(path) }
            throw error(path, "read")
        }
        defer { close(descriptor) }
        var data = stat()
        guard fstat(descriptor, &data) == 0 else { throw error(path, "read") }
        guard data.st_mode & S_IFMT == S_IFREG else { throw .notFound(path) }
        let wanted = range.clamped(to: 0..<Int(data.st_size))
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted.count) { buffer, filled in
            while filled < wanted.count, let start = buffer.baseAddress {
                let count = pread(descriptor, start + filled, wanted.count - filled, off_t(wanted.lowerBound + filled))
                if count < 0 && errno == EINTR { continue }
                if count < 0 { failed = true }
                guard count > 0 else { break }
                filled += count
            }
        }
        if failed { throw error(path, "read") }
        return bytes
    }

    static func write(_ file: String, _ path: String, _ bytes: [UInt8], sync: Bool, modified: Int64?) throws(StorageError) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw error(path, "write") }
        defer { close(descriptor) }
        try append(descriptor, path, bytes)
        try finish(descriptor, path, sync: sync, modified: modified)
    }

    /// A new file to be written in parts.
    static func create(_ file: String, _ path: String) throws(StorageError) -> Int32 {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw error(path, "write") }
        return descriptor
    }

    static func append(_ descriptor: Int32, _ path: String, _ bytes: [UInt8]) throws(StorageError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { rest in
                rest.baseAddress.map { systemWrite(descriptor, $0, rest.count) } ?? 0
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw error(path, "write") }
            written += count
        }
    }

    static func finish(_ descriptor: Int32, _ path: String, sync: Bool, modified: Int64?) throws(StorageError) {
        if let modified {
            let seconds = modified >= 0 ? modified / 1000 : (modified - 999) / 1000
            let time = timespec(tv_sec: Int(seconds), tv_nsec: Int(modified - seconds * 1000) * 1_000_000)
            guard futimens(descriptor, [time, time]) == 0 else { throw error(path, "write") }
        }
        if sync { guard fsync(descriptor) == 0 else { throw error(path, "write") } }
    }

    /// So that a new name survives a crash. Some file systems cannot; the file itself is safe then all the same.
    static func syncDirectory(_ directory: String) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes, count)
        #else
            Darwin.write(descriptor, bytes, count)
        #endif
    }
}

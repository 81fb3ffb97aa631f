import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A map ordered by key: a sorted array cut into chunks, so that an insertion moves few entries and a copy shares chunks until they are written.
struct OrderedObjects: Sendable {
    struct Object: Sendable {
        let key: [UInt8]
        let bytes: [UInt8]
        let modified: Int64
        /// Never given twice in the process.
        let serial: UInt64

        init(key: [UInt8], bytes: [UInt8], modified: Int64) {
            self.key = key
            self.bytes = bytes
            self.modified = modified
            serial = OrderedObjects.serials.wrappingAdd(1, ordering: .relaxed).newValue
        }

        var info: ObjectInfo { ObjectInfo(path: String(decoding: key, as: UTF8.self), size: bytes.count, modified: modified) }
    }

    private static let serials = Atomic<UInt64>(0)
    private static let chunkLimit = 256
    /// None is empty; keys ascend within and across chunks.
    private var chunks: [[Object]] = []
    private(set) var count = 0

    subscript(_ key: [UInt8]) -> Object? {
        let chunk = chunkIndex(of: key)
        guard chunk >= 0 else { return nil }
        let (position, found) = Self.position(of: key, in: chunks[chunk])
        return found ? chunks[chunk][position] : nil
    }

    /// False if there was an object of that key, which is then replaced only if `replacing`.
    mutating func insert(_ object: Object, replacing: Bool) -> Bool {
        let chunk = max(chunkIndex(of: object.key), 0)
        guard chunk < chunks.count else {
            chunks.append([object])
            count += 1
            return true
        }
        let (position, found) = Self.position(of: object.key, in: chunks[chunk])
        if found {
            if replacing { chunks[chunk][position] = object }
            return false
        }
        chunks[chunk].insert(object, at: position)
        count += 1
        if chunks[chunk].count > Self.chunkLimit {
            let half = Array(chunks[chunk][(Self.chunkLimit / 2)...])
            chunks[chunk].removeLast(half.count)
            chunks.insert(half, at: chunk + 1)
        }
        return true
    }

    mutating func remove(_ key: [UInt8]) {
        let chunk = chunkIndex(of: key)
        guard chunk >= 0 else { return }
        let (position, found) = Self.position(of: key, in: chunks[chunk])
        guard found else { return }
        chunks[chunk].remove(at: position)
        count -= 1
        if chunks[chunk].isEmpty { chunks.remove(at: chunk) }
    }

    func list(prefix: [UInt8], after: [UInt8]?, limit: Int) -> [ObjectInfo] {
        var result: [ObjectInfo] = []
        var start = prefix
        var excludesStart = false
        if let after, Self.compare(after, prefix) >= 0 {
            start = after
            excludesStart = true
        }
        var chunk = max(chunkIndex(of: start), 0)
        guard chunk < chunks.count else { return [] }
        var (position, found) = Self.position(of: start, in: chunks[chunk])
        if found && excludesStart { position += 1 }
        while chunk < chunks.count, result.count < limit {
            guard position < chunks[chunk].count else {
                chunk += 1
                position = 0
                continue
            }
            let object = chunks[chunk][position]
            guard object.key.starts(with: prefix) else { break }
            result.append(object.info)
            position += 1
        }
        return result
    }

    /// The last chunk whose first key is not behind `key`; -1 if there is none.
    private func chunkIndex(of key: [UInt8]) -> Int {
        var low = 0
        var high = chunks.count
        while low < high {
            let middle = (low + high) / 2
            if Self.compare(chunks[middle][0].key, key) <= 0 { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }

    private static func position(of key: [UInt8], in chunk: [Object]) -> (position: Int, found: Bool) {
        var low = 0
        var high = chunk.count
        while low < high {
            let middle = (low + high) / 2
            let order = compare(chunk[middle].key, key)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// Negative, zero or positive, by bytes.
    static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let order = left.withUnsafeBytes { left in
            right.withUnsafeBytes { right -> Int in
                guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return 0 }
                return Int(memcmp(leftStart, rightStart, min(left.count, right.count)))
            }
        }
        return order != 0 ? order : left.count - right.count
    }
}

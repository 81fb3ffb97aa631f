import Columnar
import Storage

/// The rows of a data file that are deleted. Source: Delta's PROTOCOL.md, "Deletion Vectors", and the portable format of Roaring bitmaps.
struct DeletionVector {
    /// As long as the file has rows; one where a row is left.
    let kept: Bitmap

    /// Reads the vector of a file of `rowCount` rows from where the descriptor says it is.
    init(_ descriptor: DeletionVectorDescriptor, rowCount: Int, _ log: LogStore) throws(DeltaError) {
        guard (0...Int64(1 << 30)).contains(descriptor.sizeInBytes), (0...Int64(1 << 40)).contains(descriptor.offset ?? 0),
            descriptor.cardinality >= 0
        else { throw .malformedLog(log.logPrefix, "deletion vector of impossible size") }
        let size = Int(descriptor.sizeInBytes)
        let bytes: [UInt8]
        var place = log.logPrefix
        switch descriptor.storageType {
        case "i":
            guard let decoded = Self.base85(Array(descriptor.pathOrInlineDV.utf8)), decoded.count >= size, decoded.count < size + 4 else {
                throw .malformedLog(place, "inline deletion vector")
            }
            bytes = Array(decoded.prefix(size))
        case "u", "p":
            guard let path = Self.path(descriptor, log) else { throw .malformedLog(place, "path of a deletion vector") }
            place = path
            let start = Int(descriptor.offset ?? 1)
            // The vector lies between its length and its checksum.
            let framed = try log.access("Reading", path) { () throws(StorageError) in
                try log.store.get(path, range: start..<start + size + 8)
            }
            guard framed.count == size + 8, Self.bigEndian(framed.prefix(4)) == UInt32(truncatingIfNeeded: size) else {
                throw .fileUnreadable(path, "a deletion vector of another size than the log says")
            }
            bytes = Array(framed[4..<size + 4])
            guard Self.bigEndian(framed.suffix(4)) == Self.checksum(bytes) else {
                throw .fileUnreadable(path, "the checksum of a deletion vector does not match")
            }
        default: throw .malformedLog(place, "deletion vector of storage type \(descriptor.storageType)")
        }
        var reader = RoaringReader(bytes: bytes, limit: rowCount)
        guard let deleted = reader.read(), Int64(deleted.onesCount) == descriptor.cardinality else {
            throw .fileUnreadable(place, "a deletion vector that is damaged")
        }
        kept = ~deleted
    }

    /// `u`: a folder and a UUID of twenty characters, below the table; `p`: a path of its own.
    static func path(_ descriptor: DeletionVectorDescriptor, _ log: LogStore) -> String? {
        let text = descriptor.pathOrInlineDV
        guard descriptor.storageType == "u" else { return log.object(text) }
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, let uuid = base85(Array(bytes.suffix(20))) else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        var name: [UInt8] = []
        for (index, byte) in uuid.enumerated() {
            if [4, 6, 8, 10].contains(index) { name.append(UInt8(ascii: "-")) }
            name += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        let folder = String(decoding: bytes.dropLast(20), as: UTF8.self)
        return log.path((folder.isEmpty ? "" : folder + "/") + "deletion_vector_\(String(decoding: name, as: UTF8.self)).bin")
    }

    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    /// Z85 of ZeroMQ: five characters for four bytes.
    static func base85(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 5 == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 5 * 4)
        for start in stride(from: 0, to: text.count, by: 5) {
            var value: UInt64 = 0
            for character in text[start..<start + 5] {
                guard let digit = digits[character] else { return nil }
                value = value * 85 + digit
            }
            guard value <= UInt64(UInt32.max) else { return nil }
            for shift in stride(from: UInt64(24), through: 0, by: -8) { result.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        return result
    }

    private static let digits: [UInt8: UInt64] = {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)
        return Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, UInt64($0)) })
    }()

    /// CRC-32 as in zlib.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = (sum >> 1) ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~sum
    }
}

/// Reads a Roaring bitmap of 64-bit values as Delta keeps it. nil wherever the data are damaged, or have a value that is not below the limit.
private struct RoaringReader {
    let bytes: [UInt8]
    private var position = 0
    private let limit: Int
    private var words: [UInt64]

    private static let magic = 1_681_511_377
    private static let cookie = 12346
    private static let runCookie = 12347

    init(bytes: [UInt8], limit: Int) {
        self.bytes = bytes
        self.limit = limit
        words = [UInt64](repeating: 0, count: (limit + 63) / 64)
    }

    private mutating func set(_ row: Int) -> Bool {
        guard row < limit else { return false }
        words[row >> 6] |= 1 << UInt64(row & 63)
        return true
    }

    /// A word at a time: a run of four bytes stands for 65,536 rows.
    private mutating func set(_ rows: ClosedRange<Int>) -> Bool {
        guard rows.upperBound < limit else { return false }
        for word in rows.lowerBound >> 6...rows.upperBound >> 6 {
            var bits = UInt64.max
            if word == rows.lowerBound >> 6 { bits &= .max << UInt64(rows.lowerBound & 63) }
            if word == rows.upperBound >> 6 { bits &= .max >> UInt64(63 - rows.upperBound & 63) }
            words[word] |= bits
        }
        return true
    }

    private mutating func number(_ size: Int) -> Int? {
        guard bytes.count - position >= size else { return nil }
        var value = 0
        for index in 0..<size { value |= Int(bytes[position + index]) << (8 * index) }
        position += size
        return value
    }

    mutating func read() -> Bitmap? {
        guard number(4) == Self.magic, let count = number(8), count >= 0, count <= bytes.count else { return nil }
        for _ in 0..<count {
            guard let high = number(4), high < 1 << 31, bitmap(high << 32) else { return nil }
        }
        return Bitmap(words: words, count: limit)
    }

    private mutating func bitmap(_ base: Int) -> Bool {
        guard let first = number(4) else { return false }
        var count = 0
        var runs: ArraySlice<UInt8>?
        if first & 0xFFFF == Self.runCookie {
            count = (first >> 16) + 1
            let size = (count + 7) / 8
            guard bytes.count - position >= size else { return false }
            runs = bytes[position..<position + size]
            position += size
        } else {
            guard first == Self.cookie, let number = number(4) else { return false }
            count = number
        }
        guard count <= 1 << 16, bytes.count - position >= 4 * count else { return false }
        var containers: [(key: Int, size: Int)] = []
        for _ in 0..<count {
            guard let key = number(2), let size = number(2) else { return false }
            containers.append((key, size + 1))
        }
        // Where each container begins; they follow in order.
        if runs == nil || count >= 4 {
            guard bytes.count - position >= 4 * count else { return false }
            position += 4 * count
        }
        for (index, container) in containers.enumerated() {
            let start = base | container.key << 16
            if let runs, (runs[runs.startIndex + index / 8] >> UInt8(index % 8)) & 1 == 1 {
                guard let runCount = number(2) else { return false }
                for _ in 0..<runCount {
                    guard let from = number(2), let more = number(2), from + more <= 0xFFFF else { return false }
                    guard set(start + from...start + from + more) else { return false }
                }
            } else if container.size <= 4096 {
                for _ in 0..<container.size {
                    guard let value = number(2), set(start + value) else { return false }
                }
            } else {
                for word in 0..<1024 {
                    guard let low = number(4), let high = number(4) else { return false }
                    var bits = UInt64(low) | UInt64(high) << 32
                    while bits != 0 {
                        guard set(start + word * 64 + bits.trailingZeroBitCount) else { return false }
                        bits &= bits - 1
                    }
                }
            }
        }
        return true
    }
}

extension DeletionVector {
    /// The object that holds the vector; nil for one in the log itself.
    static func object(_ descriptor: DeletionVectorDescriptor, _ log: LogStore) -> String? {
        switch descriptor.storageType {
        case "u", "p": path(descriptor, log)
        default: nil
        }
    }
}

/// Values that were recognised as secrets once, and so are secrets wherever else they turn up.
struct KnownSecrets: Sendable {
    private static let window = 8
    /// Bounds the memory of a long recording; what is recognised later is still redacted where it is recognised.
    private static let maxCount = 10_000

    private var values: [[UInt8]] = []
    private var kinds: [SecretKind] = []
    private var noted: Set<String> = []
    var count: Int { values.count }
    /// First eight bytes of a value to the values that begin so.
    private var starts: [UInt64: [Int]] = [:]
    /// One bit for each hash of a beginning: nearly all places are ruled out by it, without a look into the dictionary.
    private var filter = [UInt64](repeating: 0, count: 1024)

    @inline(__always)
    private static func bit(_ start: UInt64) -> (word: Int, mask: UInt64) {
        let hash = (start &* 0x9E37_79B9_7F4A_7C15) >> 48
        return (Int(hash >> 6), 1 << (hash & 63))
    }

    /// Short words are not noted: replacing them everywhere would spoil the recording.
    mutating func note(_ value: String, _ kind: SecretKind, isCredential: Bool) {
        let bytes = Array(value.utf8)
        guard bytes.count >= Self.window, kind != .signature, kind != .accessKey, values.count < Self.maxCount else { return }
        // Numbers stand in ids, and short words anywhere.
        guard !bytes.allSatisfy(SecretShapes.isDigit) else { return }
        guard isCredential || bytes.count >= 16 || bytes.contains(where: SecretShapes.isDigit) else { return }
        guard !value.hasPrefix("REDACTED"), noted.insert(value).inserted else { return }
        let start = bytes.prefix(Self.window).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        starts[start, default: []].append(values.count)
        filter[Self.bit(start).word] |= Self.bit(start).mask
        values.append(bytes)
        kinds.append(kind)
    }

    /// One pass, whatever the number of values.
    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> [SecretShapes.Finding] {
        guard !values.isEmpty, bytes.count >= Self.window else { return [] }
        var findings: [SecretShapes.Finding] = []
        var rolling: UInt64 = 0
        var next = 0
        filter.withUnsafeBufferPointer { filter in
            for index in bytes.indices {
                rolling = rolling << 8 | UInt64(bytes[index])
                let bit = Self.bit(rolling)
                if filter[bit.word] & bit.mask != 0 { look(at: index - Self.window + 1, rolling, bytes, &next, &findings) }
            }
        }
        return findings
    }

    private func look(
        at start: Int, _ beginning: UInt64, _ bytes: UnsafeBufferPointer<UInt8>, _ next: inout Int, _ findings: inout [SecretShapes.Finding]
    ) {
        guard start >= next, let candidates = starts[beginning] else { return }
        for candidate in candidates {
            let value = values[candidate]
            guard start + value.count <= bytes.count, value.indices.allSatisfy({ bytes[start + $0] == value[$0] }) else { continue }
            findings.append(.init(range: start..<(start + value.count), kind: kinds[candidate]))
            next = start + value.count
            return
        }
    }
}

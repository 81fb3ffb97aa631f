/// The block cipher of FIPS 197 over keys of 16, 24 and 32 bytes, with the modes that SQL's functions offer (NIST SP 800-38A and 38D).
/// For test data: no care is taken against measuring its time.
struct AES: Sendable {
    private let roundKeys: [[UInt8]]

    /// nil unless the key has one of the three lengths.
    init?(key: [UInt8]) {
        guard [16, 24, 32].contains(key.count) else { return nil }
        let words = key.count / 4
        let rounds = words + 6
        var schedule = stride(from: 0, to: key.count, by: 4).map { Array(key[$0..<($0 + 4)]) }
        var constant: UInt8 = 1
        for index in words..<(4 * (rounds + 1)) {
            var word = schedule[index - 1]
            if index % words == 0 {
                word = [Self.box[Int(word[1])] ^ constant, Self.box[Int(word[2])], Self.box[Int(word[3])], Self.box[Int(word[0])]]
                constant = Self.doubled(constant)
            } else if words > 6, index % words == 4 {
                word = word.map { Self.box[Int($0)] }
            }
            schedule.append(zip(schedule[index - words], word).map { $0 ^ $1 })
        }
        roundKeys = stride(from: 0, to: schedule.count, by: 4).map { Array(schedule[$0..<($0 + 4)].joined()) }
    }

    private static func doubled(_ value: UInt8) -> UInt8 { value << 1 ^ (value & 0x80 == 0 ? 0 : 0x1B) }

    private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var (a, b, result) = (a, b, UInt8(0))
        while b != 0 {
            if b & 1 == 1 { result ^= a }
            a = doubled(a)
            b >>= 1
        }
        return result
    }

    /// The inverse in GF(2^8), then an affine map.
    private static let box: [UInt8] = {
        var box = [UInt8](repeating: 0x63, count: 256)
        var (p, q) = (UInt8(1), UInt8(1))
        repeat {
            p = p ^ doubled(p)
            q ^= q << 1
            q ^= q << 2
            q ^= q << 4
            if q & 0x80 != 0 { q ^= 0x09 }
            func turned(_ by: UInt8) -> UInt8 { q << by | q >> (8 - by) }
            box[Int(p)] = q ^ turned(1) ^ turned(2) ^ turned(3) ^ turned(4) ^ 0x63
        } while p != 1
        return box
    }()

    private static let inverseBox: [UInt8] = {
        var inverse = [UInt8](repeating: 0, count: 256)
        for (index, value) in box.enumerated() { inverse[Int(value)] = UInt8(index) }
        return inverse
    }()

    private static func table(_ factor: UInt8) -> [UInt8] { (0..<256).map { product(UInt8($0), factor) } }
    private static let (by2, by3) = (table(2), table(3))
    private static let (by9, by11, by13, by14) = (table(9), table(11), table(13), table(14))

    func encrypted(_ block: ArraySlice<UInt8>) -> [UInt8] {
        var state = zip(block, roundKeys[0]).map { $0 ^ $1 }
        for round in 1..<roundKeys.count {
            var next = [UInt8](repeating: 0, count: 16)
            for column in 0..<4 { for row in 0..<4 { next[4 * column + row] = Self.box[Int(state[4 * ((column + row) % 4) + row])] } }
            if round < roundKeys.count - 1 {
                for start in stride(from: 0, to: 16, by: 4) {
                    let (a, b, c, d) = (Int(next[start]), Int(next[start + 1]), Int(next[start + 2]), Int(next[start + 3]))
                    next[start] = Self.by2[a] ^ Self.by3[b] ^ UInt8(c) ^ UInt8(d)
                    next[start + 1] = UInt8(a) ^ Self.by2[b] ^ Self.by3[c] ^ UInt8(d)
                    next[start + 2] = UInt8(a) ^ UInt8(b) ^ Self.by2[c] ^ Self.by3[d]
                    next[start + 3] = Self.by3[a] ^ UInt8(b) ^ UInt8(c) ^ Self.by2[d]
                }
            }
            state = zip(next, roundKeys[round]).map { $0 ^ $1 }
        }
        return state
    }

    func decrypted(_ block: ArraySlice<UInt8>) -> [UInt8] {
        var state = zip(block, roundKeys[roundKeys.count - 1]).map { $0 ^ $1 }
        for round in stride(from: roundKeys.count - 2, through: 0, by: -1) {
            var next = [UInt8](repeating: 0, count: 16)
            for column in 0..<4 { for row in 0..<4 { next[4 * ((column + row) % 4) + row] = Self.inverseBox[Int(state[4 * column + row])] } }
            state = zip(next, roundKeys[round]).map { $0 ^ $1 }
            guard round > 0 else { break }
            for start in stride(from: 0, to: 16, by: 4) {
                let (a, b, c, d) = (Int(state[start]), Int(state[start + 1]), Int(state[start + 2]), Int(state[start + 3]))
                state[start] = Self.by14[a] ^ Self.by11[b] ^ Self.by13[c] ^ Self.by9[d]
                state[start + 1] = Self.by9[a] ^ Self.by14[b] ^ Self.by11[c] ^ Self.by13[d]
                state[start + 2] = Self.by13[a] ^ Self.by9[b] ^ Self.by14[c] ^ Self.by11[d]
                state[start + 3] = Self.by11[a] ^ Self.by13[b] ^ Self.by9[c] ^ Self.by14[d]
            }
        }
        return state
    }

    // MARK: Modes

    /// Padded by PKCS #7; `chain` is CBC's initialization vector, nil for ECB.
    func encrypt(_ bytes: [UInt8], chain: [UInt8]?) -> [UInt8] {
        let padding = 16 - bytes.count % 16
        let padded = bytes + [UInt8](repeating: UInt8(padding), count: padding)
        var previous = chain
        var result: [UInt8] = []
        result.reserveCapacity(padded.count)
        for start in stride(from: 0, to: padded.count, by: 16) {
            var block = Array(padded[start..<(start + 16)])
            if let previous { block = zip(block, previous).map { $0 ^ $1 } }
            let done = encrypted(block[...])
            if chain != nil { previous = done }
            result += done
        }
        return result
    }

    /// nil: the padding is not right.
    func decrypt(_ bytes: ArraySlice<UInt8>, chain: [UInt8]?) -> [UInt8]? {
        guard !bytes.isEmpty, bytes.count % 16 == 0 else { return nil }
        var previous = chain
        var result: [UInt8] = []
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 16) {
            let block = bytes[start..<(start + 16)]
            var plain = decrypted(block)
            if let before = previous {
                plain = zip(plain, before).map { $0 ^ $1 }
                previous = Array(block)
            }
            result += plain
        }
        guard let padding = result.last, (1...16).contains(padding), result.suffix(Int(padding)).allSatisfy({ $0 == padding }) else { return nil }
        return result.dropLast(Int(padding))
    }

    /// Counter mode over a vector of 12 bytes, from a block number on.
    private func counted(_ bytes: ArraySlice<UInt8>, vector: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var number: UInt32 = 2
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 16) {
            let key = encrypted((vector + Self.bigEndian(number))[...])
            result += zip(bytes[start..<min(start + 16, bytes.endIndex)], key).map { $0 ^ $1 }
            number &+= 1
        }
        return result
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) } }

    /// The product of two elements of GF(2^128), most significant bit first.
    private static func product(_ x: UInt128, _ y: UInt128) -> UInt128 {
        var (result, factor) = (UInt128(0), y)
        for bit in 0..<128 {
            if x >> UInt128(127 - bit) & 1 == 1 { result ^= factor }
            factor = factor >> 1 ^ (factor & 1 == 1 ? UInt128(0xE1) << 120 : 0)
        }
        return result
    }

    private func tag(_ cipher: ArraySlice<UInt8>, vector: [UInt8], extra: [UInt8]) -> [UInt8] {
        func number(_ bytes: ArraySlice<UInt8>) -> UInt128 {
            let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
            return bytes.isEmpty ? 0 : value << UInt128(8 * (16 - bytes.count))
        }
        let key = number(encrypted([UInt8](repeating: 0, count: 16)[...])[...])
        var hash: UInt128 = 0
        for part in [extra[...], cipher] {
            for start in stride(from: part.startIndex, to: part.endIndex, by: 16) {
                hash = Self.product(hash ^ number(part[start..<min(start + 16, part.endIndex)]), key)
            }
        }
        hash = Self.product(hash ^ (UInt128(extra.count * 8) << 64 | UInt128(cipher.count * 8)), key)
        hash ^= number(encrypted((vector + Self.bigEndian(1))[...])[...])
        return (0..<16).map { UInt8(truncatingIfNeeded: hash >> UInt128(120 - 8 * $0)) }
    }

    /// The text with its tag of 16 bytes behind it.
    func seal(_ bytes: [UInt8], vector: [UInt8], extra: [UInt8]) -> [UInt8] {
        let cipher = counted(bytes[...], vector: vector)
        return cipher + tag(cipher[...], vector: vector, extra: extra)
    }

    /// nil: the tag does not match.
    func open(_ bytes: ArraySlice<UInt8>, vector: [UInt8], extra: [UInt8]) -> [UInt8]? {
        guard bytes.count >= 16 else { return nil }
        let cipher = bytes.dropLast(16)
        guard tag(cipher, vector: vector, extra: extra) == Array(bytes.suffix(16)) else { return nil }
        return counted(cipher, vector: vector)
    }
}

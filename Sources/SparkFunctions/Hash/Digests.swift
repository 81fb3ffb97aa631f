/// MD5, SHA-1 and SHA-2 (RFC 1321, FIPS 180-4) and CRC-32.
enum Digests {
    /// The message with its padding: a one bit, zeros, and the length in bits.
    private static func padded(_ message: ByteSlice, block: Int, bigEndian: Bool) -> [UInt8] {
        var bytes = Array(message)
        let bits = UInt64(bytes.count) * 8
        let lengthBytes = block / 8
        bytes.append(0x80)
        while bytes.count % block != block - lengthBytes { bytes.append(0) }
        if lengthBytes == 16 { bytes.append(contentsOf: [UInt8](repeating: 0, count: 8)) }
        for index in 0..<8 {
            let shift = UInt64(bigEndian ? 56 - 8 * index : 8 * index)
            bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        return bytes
    }

    private static func word32(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
    }

    private static func bigEndian<T: FixedWidthInteger>(_ words: [T]) -> [UInt8] {
        words.flatMap { word in (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> T(T.bitWidth - 8 - 8 * $0)) } }
    }

    // MARK: MD5

    private static let md5Shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    /// The whole parts of 2^32 · |sin i|.
    private static let md5Table: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501, 0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1,
        0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821, 0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453,
        0xd8a1_e681, 0xe7d3_fbc8, 0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a, 0xfffa_3942,
        0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70, 0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05,
        0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665, 0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d,
        0x8584_5dd1, 0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]

    static func md5(_ message: ByteSlice) -> [UInt8] {
        let bytes = padded(message, block: 64, bigEndian: false)
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        for start in stride(from: 0, to: bytes.count, by: 64) {
            let words = (0..<16).map { word32(bytes, start + 4 * $0).byteSwapped }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            for i in 0..<64 {
                let mix: UInt32
                let index: Int
                switch i / 16 {
                case 0: (mix, index) = ((b & c) | (~b & d), i)
                case 1: (mix, index) = ((d & b) | (~d & c), (5 * i + 1) % 16)
                case 2: (mix, index) = (b ^ c ^ d, (3 * i + 5) % 16)
                default: (mix, index) = (c ^ (b | ~d), 7 * i % 16)
                }
                let sum = a &+ mix &+ md5Table[i] &+ words[index]
                let shift = md5Shifts[i / 16 * 4 + i % 4]
                (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
            }
            state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
        }
        return bigEndian(state.map(\.byteSwapped))
    }

    // MARK: SHA-1

    static func sha1(_ message: ByteSlice) -> [UInt8] {
        let bytes = padded(message, block: 64, bigEndian: true)
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        for start in stride(from: 0, to: bytes.count, by: 64) {
            var w = (0..<16).map { word32(bytes, start + 4 * $0) }
            for i in 16..<80 {
                let x = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16]
                w.append(x << 1 | x >> 31)
            }
            var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
            for i in 0..<80 {
                let (f, k): (UInt32, UInt32) =
                    switch i / 20 {
                    case 0: ((b & c) | (~b & d), 0x5a82_7999)
                    case 1: (b ^ c ^ d, 0x6ed9_eba1)
                    case 2: ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc)
                    default: (b ^ c ^ d, 0xca62_c1d6)
                    }
                let next = (a << 5 | a >> 27) &+ f &+ e &+ k &+ w[i]
                (e, d, c, b, a) = (d, c, b << 30 | b >> 2, a, next)
            }
            state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d, state[4] &+ e]
        }
        return bigEndian(state)
    }

    // MARK: SHA-2

    /// The first 64 bits of the fractional parts of the cube roots of the first 80 primes; SHA-256 takes the upper halves of the first 64.
    private static let roundConstants: [UInt64] = {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 80 {
            if !primes.contains(where: { candidate % $0 == 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { fraction(root: 3, of: $0) }
    }()

    /// The first 64 bits behind the point of a square or cube root.
    private static func fraction(root: Int, of number: UInt64) -> UInt64 {
        // Bit by bit the greatest x for which x^root does not exceed number · 2^(64·root).
        var result = Wide(0)
        for bit in stride(from: 68, through: 0, by: -1) {
            var trial = result
            trial.set(bit)
            if Wide.power(trial, root).isAtMost(number, shiftedBy: 64 * root) { result = trial }
        }
        return result.words[0]
    }

    /// Enough of long numbers for the roots above.
    private struct Wide {
        var words: [UInt64]
        init(_ value: UInt64) { words = [value, 0, 0, 0, 0] }

        mutating func set(_ bit: Int) { words[bit / 64] |= 1 << UInt64(bit % 64) }

        static func power(_ base: Wide, _ exponent: Int) -> Wide {
            var result = base
            for _ in 1..<exponent {
                var product = Wide(0)
                for (i, a) in result.words.enumerated() where a != 0 {
                    var carry: UInt64 = 0
                    for (j, b) in base.words.enumerated() where i + j < 5 {
                        let (high, low) = a.multipliedFullWidth(by: b)
                        let (sum, over) = product.words[i + j].addingReportingOverflow(low)
                        let (all, beyond) = sum.addingReportingOverflow(carry)
                        product.words[i + j] = all
                        carry = high &+ (over ? 1 : 0) &+ (beyond ? 1 : 0)
                    }
                }
                result = product
            }
            return result
        }

        func isAtMost(_ number: UInt64, shiftedBy bits: Int) -> Bool {
            let top = bits / 64
            for index in stride(from: 4, through: 0, by: -1) {
                let other = index == top ? number : 0
                if words[index] != other { return words[index] < other }
            }
            return true
        }
    }

    private static func initial(_ bits: Int) -> [UInt64] {
        switch bits {
        case 224: [0xc105_9ed8, 0x367c_d507, 0x3070_dd17, 0xf70e_5939, 0xffc0_0b31, 0x6858_1511, 0x64f9_8fa7, 0xbefa_4fa4]
        case 256: [2, 3, 5, 7, 11, 13, 17, 19].map { fraction(root: 2, of: $0) >> 32 }
        case 384: [23, 29, 31, 37, 41, 43, 47, 53].map { fraction(root: 2, of: $0) }
        default: [2, 3, 5, 7, 11, 13, 17, 19].map { fraction(root: 2, of: $0) }
        }
    }

    private static let initial256 = initial(256).map { UInt32(truncatingIfNeeded: $0) }
    private static let initial224 = initial(224).map { UInt32(truncatingIfNeeded: $0) }
    private static let initial384 = initial(384)
    private static let initial512 = initial(512)
    private static let roundConstants32 = roundConstants.prefix(64).map { UInt32(truncatingIfNeeded: $0 >> 32) }

    /// `bits` is 224, 256, 384 or 512.
    static func sha2(_ message: ByteSlice, bits: Int) -> [UInt8] {
        switch bits {
        case 224: Array(rounds(message, initial224, roundConstants32, [7, 18, 3, 17, 19, 10, 6, 11, 25, 2, 13, 22]).prefix(28))
        case 256: rounds(message, initial256, roundConstants32, [7, 18, 3, 17, 19, 10, 6, 11, 25, 2, 13, 22])
        case 384: Array(rounds(message, initial384, roundConstants, [1, 8, 7, 19, 61, 6, 14, 18, 41, 28, 34, 39]).prefix(48))
        default: rounds(message, initial512, roundConstants, [1, 8, 7, 19, 61, 6, 14, 18, 41, 28, 34, 39])
        }
    }

    private static func rounds<W: FixedWidthInteger & UnsignedInteger>(_ message: ByteSlice, _ initial: [W], _ constants: [W], _ s: [W]) -> [UInt8] {
        let width = W.bitWidth / 8
        let bytes = padded(message, block: 16 * width, bigEndian: true)
        func rotate(_ x: W, _ by: W) -> W { x &>> by | x &<< (W(W.bitWidth) - by) }
        var state = initial
        for start in stride(from: 0, to: bytes.count, by: 16 * width) {
            var w: [W] = (0..<16).map { index in
                var word: W = 0
                for offset in 0..<width { word = word &<< 8 | W(bytes[start + index * width + offset]) }
                return word
            }
            for i in 16..<constants.count {
                let s0 = rotate(w[i - 15], s[0]) ^ rotate(w[i - 15], s[1]) ^ (w[i - 15] &>> s[2])
                let s1 = rotate(w[i - 2], s[3]) ^ rotate(w[i - 2], s[4]) ^ (w[i - 2] &>> s[5])
                w.append(w[i - 16] &+ s0 &+ w[i - 7] &+ s1)
            }
            var v = state
            for i in 0..<constants.count {
                let e1 = rotate(v[4], s[6]) ^ rotate(v[4], s[7]) ^ rotate(v[4], s[8])
                let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
                let t1 = v[7] &+ e1 &+ choice &+ constants[i] &+ w[i]
                let e0 = rotate(v[0], s[9]) ^ rotate(v[0], s[10]) ^ rotate(v[0], s[11])
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
                v = [t1 &+ e0 &+ majority, v[0], v[1], v[2], v[3] &+ t1, v[4], v[5], v[6]]
            }
            for i in 0..<8 { state[i] = state[i] &+ v[i] }
        }
        return bigEndian(state)
    }

    // MARK: CRC-32

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func crc32(_ bytes: ByteSlice) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes { crc = crcTable[Int((crc ^ UInt32(byte)) & 255)] ^ (crc >> 8) }
        return ~crc
    }
}

/// Spark's `XORShiftRandom` under Java's `Random`: the numbers of `rand(seed)` and `randn(seed)`.
struct JavaRandom {
    private var state: UInt64

    init(seed: Int64) { state = Self.hash(seed) }

    /// The seed is spread by Murmur3 over its eight bytes, most significant first.
    private static func hash(_ seed: Int64) -> UInt64 {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: seed >> Int64(56 - 8 * $0)) }
        let low = murmur(bytes, 0x3c07_4a61)
        let high = murmur(bytes, low)
        return UInt64(high) << 32 | UInt64(low)
    }

    /// Scala's `MurmurHash3.bytesHash` of a multiple of four bytes.
    private static func murmur(_ bytes: [UInt8], _ seed: UInt32) -> UInt32 {
        var h = seed
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var k = UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24
            k = k &* 0xcc9e_2d51
            k = (k << 15 | k >> 17) &* 0x1b87_3593
            h ^= k
            h = (h << 13 | h >> 19) &* 5 &+ 0xe654_6b64
        }
        h ^= UInt32(bytes.count)
        h = (h ^ h >> 16) &* 0x85eb_ca6b
        h = (h ^ h >> 13) &* 0xc2b2_ae35
        return h ^ h >> 16
    }

    private static func step(_ x: UInt64) -> UInt64 {
        var x = x ^ (x << 21)
        x ^= x >> 35
        return x ^ (x << 4)
    }

    mutating func next(bits: UInt64) -> Int64 {
        state = Self.step(state)
        return Int64(state & ((1 << bits) - 1))
    }

    mutating func nextInt() -> Int32 { Int32(truncatingIfNeeded: next(bits: 32)) }

    mutating func nextDouble() -> Double {
        let high = next(bits: 26) << 27
        return Double(high + next(bits: 27)) * 0x1p-53
    }

    /// The polar method gives two numbers at a time.
    private var pending: Double?

    mutating func nextGaussian() -> Double {
        if let value = pending {
            pending = nil
            return value
        }
        while true {
            let v1 = 2 * nextDouble() - 1
            let v2 = 2 * nextDouble() - 1
            let s = v1 * v1 + v2 * v2
            if s < 1, s != 0 {
                let multiplier = (-2 * Libm.log(s) / s).squareRoot()
                pending = v2 * multiplier
                return v1 * multiplier
            }
        }
    }

    /// The steps are linear over bits: powers of two of them are tables of 64 words, so that any number is skipped in 64 of them.
    private static let jumps: [[UInt64]] = {
        var jump = (0..<64).map { step(1 << UInt64($0)) }
        var jumps = [jump]
        for _ in 1..<48 {
            jump = jump.map { apply(jump, $0) }
            jumps.append(jump)
        }
        return jumps
    }()

    private static func apply(_ jump: [UInt64], _ state: UInt64) -> UInt64 {
        var result: UInt64 = 0
        var rest = state
        while rest != 0 {
            result ^= jump[rest.trailingZeroBitCount]
            rest &= rest - 1
        }
        return result
    }

    mutating func skip(steps: Int) {
        var rest = max(0, steps)
        var power = 0
        while rest != 0, power < Self.jumps.count {
            if rest & 1 == 1 { state = Self.apply(Self.jumps[power], state) }
            rest >>= 1
            power += 1
        }
    }
}

/// A generator of 64-bit numbers that needs nothing but a seed and a row: results depend neither on batches nor on threads.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64, row: Int) {
        state = seed
        // Rows begin far apart.
        state = next() ^ (UInt64(bitPattern: Int64(row)) &* 0xD134_2543_DE82_EF95)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

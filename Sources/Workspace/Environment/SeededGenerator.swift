/// SplitMix64: a full-period 64-bit generator whose state is one word, so that it can be stored in a snapshot.
package struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
    package private(set) var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A generator for one purpose: streams of different names do not disturb each other.
    package init(seed: UInt64, stream: String) {
        state = SeededGenerator.hash(stream, seed: seed)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return SeededGenerator.mix(state)
    }

    /// A uniform number in 0..<1 with 53 bits.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    package static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// FNV-1a of the text, mixed with the seed: the same on every platform and in every run, unlike `Hasher`.
    package static func hash(_ text: String, seed: UInt64) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return mix(hash ^ mix(seed &+ 0x9E37_79B9_7F4A_7C15))
    }
}

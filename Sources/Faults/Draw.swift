#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A random number that is a function of what it is for: the seed, the rule's name, the rule's own match count and a lane (a match may
/// need several numbers). Neither other rules nor the order of threads change it.
enum Draw {
    enum Lane: UInt64 {
        case probability = 1
        case delay = 2
        case delaySpread = 3
    }

    /// Evenly distributed over 0 ..< 1, 53 bits.
    static func unit(seed: UInt64, rule: UInt64, count: Int, lane: Lane) -> Double {
        Double(bits(seed: seed, rule: rule, count: count, lane: lane) >> 11) * 0x1p-53
    }

    /// The standard normal distribution, by Box and Muller.
    static func normal(seed: UInt64, rule: UInt64, count: Int) -> Double {
        let first = unit(seed: seed, rule: rule, count: count, lane: .delay)
        let second = unit(seed: seed, rule: rule, count: count, lane: .delaySpread)
        return (-2 * log(1 - first)).squareRoot() * cos(2 * .pi * second)
    }

    /// FNV-1a over a rule's name, computed once a rule.
    static func digest(_ name: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }

    private static func bits(seed: UInt64, rule: UInt64, count: Int, lane: Lane) -> UInt64 {
        var state = mixed(seed &+ 0x9E37_79B9_7F4A_7C15)
        state = mixed(state ^ rule)
        state = mixed(state ^ UInt64(bitPattern: Int64(count)))
        return mixed(state ^ lane.rawValue)
    }

    /// The finaliser of SplitMix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

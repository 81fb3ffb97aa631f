import Columnar

/// Spark's hashes of rows: Murmur3 in 32 bits (`hash`) and xxHash in 64 (`xxhash64`), both seeded with the hash of the column before.
protocol RowHash: SendableMetatype {
    associatedtype Word: FixedWidthInteger & SignedInteger & Sendable
    static func int(_ value: Int32, _ seed: Word) -> Word
    static func long(_ value: Int64, _ seed: Word) -> Word
    static func bytes(_ value: ByteSlice, _ seed: Word) -> Word
}

extension RowHash {
    /// The hash of one value; a null leaves the seed as it is. The index must be in range.
    static func hash(_ column: Column, _ row: Int, _ seed: Word) -> Word {
        if column.isNull(row) { return seed }
        switch column.values {
        case .void: return seed
        case .boolean(let array): return int(array.values[row] ? 1 : 0, seed)
        case .int8(let array): return int(Int32(array.values[row]), seed)
        case .int16(let array): return int(Int32(array.values[row]), seed)
        case .int32(let array): return int(array.values[row], seed)
        case .int64(let array): return long(array.values[row], seed)
        case .int128(let array): return bytes(Self.bigEndian(array.values[row])[...], seed)
        case .float(let array):
            let value = array.values[row]
            return int(value == 0 ? 0 : (value.isNaN ? 0x7fc0_0000 : Int32(bitPattern: value.bitPattern)), seed)
        case .double(let array):
            let value = array.values[row]
            return long(value == 0 ? 0 : (value.isNaN ? 0x7ff8_0000_0000_0000 : Int64(bitPattern: value.bitPattern)), seed)
        case .bytes(let array): return bytes(array[row], seed)
        case .list(let array): return array.range(row).reduce(seed) { hash(array.child, $1, $0) }
        case .structure(let array): return array.children.reduce(seed) { hash($1, row, $0) }
        }
    }

    /// As `BigInteger.toByteArray`: the fewest bytes that keep the sign.
    private static func bigEndian(_ value: Int128) -> [UInt8] {
        var bytes = (0..<16).map { UInt8(truncatingIfNeeded: value >> Int128(120 - 8 * $0)) }
        while bytes.count > 1, (bytes[0] == 0 && bytes[1] < 128) || (bytes[0] == 255 && bytes[1] >= 128) { bytes.removeFirst() }
        return bytes
    }
}

enum Murmur3: RowHash {
    private static func mixed(_ k: UInt32) -> UInt32 {
        let k = k &* 0xcc9e_2d51
        return (k << 15 | k >> 17) &* 0x1b87_3593
    }

    private static func step(_ h: UInt32, _ k: UInt32) -> UInt32 {
        let h = h ^ mixed(k)
        return (h << 13 | h >> 19) &* 5 &+ 0xe654_6b64
    }

    private static func finish(_ h: UInt32, _ length: Int) -> Int32 {
        var h = h ^ UInt32(truncatingIfNeeded: length)
        h = (h ^ h >> 16) &* 0x85eb_ca6b
        h = (h ^ h >> 13) &* 0xc2b2_ae35
        return Int32(bitPattern: h ^ h >> 16)
    }

    static func int(_ value: Int32, _ seed: Int32) -> Int32 { finish(step(UInt32(bitPattern: seed), UInt32(bitPattern: value)), 4) }

    static func long(_ value: Int64, _ seed: Int32) -> Int32 {
        let low = UInt32(truncatingIfNeeded: value)
        let high = UInt32(truncatingIfNeeded: value >> 32)
        return finish(step(step(UInt32(bitPattern: seed), low), high), 8)
    }

    /// Spark takes each byte of the tail by itself, as a signed number.
    static func bytes(_ value: ByteSlice, _ seed: Int32) -> Int32 {
        var h = UInt32(bitPattern: seed)
        let bytes = value.withUnsafeBufferPointer { bytes -> UInt32 in
            var h = h
            let whole = bytes.count / 4 * 4
            for start in stride(from: 0, to: whole, by: 4) {
                let word =
                    UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24
                h = step(h, word)
            }
            for index in whole..<bytes.count { h = step(h, UInt32(bitPattern: Int32(Int8(bitPattern: bytes[index])))) }
            return h
        }
        h = bytes
        return finish(h, value.count)
    }
}

enum XXHash64: RowHash {
    private static let p1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let p2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let p3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let p4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let p5: UInt64 = 0x27D4_EB2F_1656_67C5

    private static func rotate(_ x: UInt64, _ by: UInt64) -> UInt64 { x &<< by | x &>> (64 - by) }

    private static func finish(_ h: UInt64) -> Int64 {
        var h = (h ^ h >> 33) &* p2
        h = (h ^ h >> 29) &* p3
        return Int64(bitPattern: h ^ h >> 32)
    }

    static func int(_ value: Int32, _ seed: Int64) -> Int64 {
        var h = UInt64(bitPattern: seed) &+ p5 &+ 4
        h ^= UInt64(UInt32(bitPattern: value)) &* p1
        return finish(rotate(h, 23) &* p2 &+ p3)
    }

    static func long(_ value: Int64, _ seed: Int64) -> Int64 {
        var h = UInt64(bitPattern: seed) &+ p5 &+ 8
        h ^= rotate(UInt64(bitPattern: value) &* p2, 31) &* p1
        return finish(rotate(h, 27) &* p1 &+ p4)
    }

    static func bytes(_ value: ByteSlice, _ seed: Int64) -> Int64 {
        value.withUnsafeBufferPointer { bytes -> Int64 in
            func word64(_ at: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) } }
            let seed = UInt64(bitPattern: seed)
            let count = bytes.count
            var position = 0
            var h: UInt64
            if count >= 32 {
                var lanes = [seed &+ p1 &+ p2, seed &+ p2, seed, seed &- p1]
                while position <= count - 32 {
                    for lane in 0..<4 { lanes[lane] = rotate(lanes[lane] &+ word64(position + 8 * lane) &* p2, 31) &* p1 }
                    position += 32
                }
                h = rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12) &+ rotate(lanes[3], 18)
                for lane in lanes { h = (h ^ rotate(lane &* p2, 31) &* p1) &* p1 &+ p4 }
            } else {
                h = seed &+ p5
            }
            h = h &+ UInt64(count)
            while position <= count - 8 {
                h = rotate(h ^ rotate(word64(position) &* p2, 31) &* p1, 27) &* p1 &+ p4
                position += 8
            }
            if position <= count - 4 {
                let word = (0..<4).reduce(UInt64(0)) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
                h = rotate(h ^ word &* p1, 23) &* p2 &+ p3
                position += 4
            }
            while position < count {
                h = rotate(h ^ UInt64(bytes[position]) &* p5, 11) &* p1
                position += 1
            }
            return finish(h)
        }
    }
}

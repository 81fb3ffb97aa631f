import Columnar
import SparkErrors

/// `MurmurHash3` in 128 bits, of which the sketches take both halves; the seed is that of Apache DataSketches.
enum SketchHash {
    static let seed: UInt64 = 9001
    /// The mark of the seed in a sketch's header.
    static let seedMark: UInt16 = 0x93CC

    static func hash(_ value: Int64) -> (UInt64, UInt64) {
        var bytes: [UInt8] = []
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> Int64(shift))) }
        return hash(bytes[...])
    }

    static func hash(_ value: Double) -> (UInt64, UInt64) {
        hash(Int64(bitPattern: value == 0 ? 0 : value.isNaN ? 0x7ff8_0000_0000_0000 : value.bitPattern))
    }

    static func hash(_ bytes: ByteSlice) -> (UInt64, UInt64) {
        let (c1, c2): (UInt64, UInt64) = (0x87c3_7b91_1142_53d5, 0x4cf5_ad43_2745_937f)
        var (h1, h2) = (seed, seed)
        func rotate(_ x: UInt64, _ by: UInt64) -> UInt64 { x << by | x >> (64 - by) }
        func word(_ start: Int, _ count: Int) -> UInt64 {
            var value: UInt64 = 0
            for index in 0..<max(0, min(8, count)) { value |= UInt64(bytes[bytes.startIndex + start + index]) << UInt64(8 * index) }
            return value
        }
        var position = 0
        while position + 16 <= bytes.count {
            h1 ^= rotate(word(position, 8) &* c1, 31) &* c2
            h1 = (rotate(h1, 27) &+ h2) &* 5 &+ 0x52dc_e729
            h2 ^= rotate(word(position + 8, 8) &* c2, 33) &* c1
            h2 = (rotate(h2, 31) &+ h1) &* 5 &+ 0x3849_5ab5
            position += 16
        }
        let rest = bytes.count - position
        if rest > 8 { h2 ^= rotate(word(position + 8, rest - 8) &* c2, 33) &* c1 }
        if rest > 0 { h1 ^= rotate(word(position, rest) &* c1, 31) &* c2 }
        h1 ^= UInt64(bytes.count)
        h2 ^= UInt64(bytes.count)
        h1 = h1 &+ h2
        h2 = h2 &+ h1
        func mixed(_ x: UInt64) -> UInt64 {
            var x = (x ^ x >> 33) &* 0xff51_afd7_ed55_8ccd
            x = (x ^ x >> 33) &* 0xc4ce_b9fe_1a85_ec53
            return x ^ x >> 33
        }
        h1 = mixed(h1)
        h2 = mixed(h2)
        h1 = h1 &+ h2
        return (h1, h2 &+ h1)
    }
}

/// A HyperLogLog sketch of Apache DataSketches with registers of eight bits: first a list of coupons, then a set of them, then registers with a running
/// estimate.
struct HLLSketch: Sendable {
    static let precisions = 4...21

    let precision: Int
    private var coupons: Set<UInt32> = []
    /// In the order of arrival, as the format's list has them.
    private var order: [UInt32] = []
    private var registers: [UInt8] = []
    private var running = 0.0
    /// Sums of `2^-register` over registers below 32 and from 32 on.
    private var lowSum = 0.0
    private var highSum = 0.0
    /// Registers came from elsewhere: the running estimate does not hold.
    private var isOutOfOrder = false

    init(precision: Int) { self.precision = precision }

    private static let keyBits: UInt32 = 26

    mutating func add(_ hash: (UInt64, UInt64)) {
        let value = UInt32(min(hash.1.leadingZeroBitCount, 62) + 1)
        add(coupon: value << Self.keyBits | UInt32(hash.0 & 0x3ff_ffff))
    }

    private mutating func add(coupon: UInt32) {
        if !registers.isEmpty { return raise(coupon) }
        guard coupons.insert(coupon).inserted else { return }
        order.append(coupon)
        let isFull = precision < 8 ? order.count >= 8 : order.count >= 8 && 4 * order.count > (3 << precision) >> 3
        if isFull {
            let all = order
            start()
            for coupon in all { raise(coupon) }
        }
    }

    private mutating func start() {
        registers = [UInt8](repeating: 0, count: 1 << precision)
        (coupons, order, running, lowSum, highSum) = ([], [], 0, Double(registers.count), 0)
    }

    private mutating func raise(_ coupon: UInt32) {
        let index = Int(coupon & (1 << Self.keyBits - 1)) & (registers.count - 1)
        let value = UInt8(truncatingIfNeeded: coupon >> Self.keyBits)
        let old = registers[index]
        guard value > old else { return }
        running += Double(registers.count) / (lowSum + highSum)
        func part(_ register: UInt8) -> Double { Double(sign: .plus, exponent: -Int(register), significand: 1) }
        if old < 32 { lowSum -= part(old) } else { highSum -= part(old) }
        if value < 32 { lowSum += part(value) } else { highSum += part(value) }
        registers[index] = value
    }

    /// Takes in a sketch; of two precisions the lesser remains.
    mutating func merge(_ other: HLLSketch) {
        if other.precision < precision {
            var lesser = HLLSketch(precision: other.precision)
            lesser.merge(self)
            self = lesser
        }
        guard !other.registers.isEmpty else {
            for coupon in other.order { add(coupon: coupon) }
            return
        }
        if registers.isEmpty {
            let own = order
            let isEmpty = own.isEmpty
            start()
            if isEmpty, other.precision == precision {
                self = other
                return
            }
            for (index, value) in other.registers.enumerated() where value > 0 { raise(UInt32(value) << Self.keyBits | UInt32(index)) }
            for coupon in own { raise(coupon) }
        } else {
            for (index, value) in other.registers.enumerated() where value > 0 { raise(UInt32(value) << Self.keyBits | UInt32(index)) }
        }
        isOutOfOrder = true
    }

    var estimate: Double {
        if registers.isEmpty {
            // Coupons of 26 bits that fell together are few as long as there are no registers.
            let count = Double(order.count)
            return count + count * count / 0x1p27
        }
        guard isOutOfOrder else { return running }
        let count = Double(registers.count)
        let empty = registers.count { $0 == 0 }
        let raw = 0.7213 / (1 + 1.079 / count) * count * count / (lowSum + highSum)
        return empty > 0 && raw < 3 * count ? count * Libm.log(count / Double(empty)) : raw
    }

    // MARK: Format

    var bytes: [UInt8] {
        var writer = ByteWriter()
        let lg = UInt8(precision)
        if !registers.isEmpty {
            writer.append([10, 1, 7, lg, 0, isOutOfOrder ? 16 : 0, 0, 10])
            for number in [running, lowSum, highSum] { writer.little(number.bitPattern) }
            writer.little(Int32(truncatingIfNeeded: registers.count { $0 == 0 }))
            writer.little(Int32(0))
            writer.append(registers)
        } else if order.count < 8 {
            writer.append([2, 1, 7, lg, 3, order.isEmpty ? 4 : 0, UInt8(order.count), 8])
            for coupon in order { writer.little(coupon) }
            for _ in order.count..<8 { writer.little(UInt32(0)) }
        } else {
            var size = 5
            while 4 * order.count > (3 << size) { size += 1 }
            writer.append([3, 1, 7, lg, UInt8(size), 0, 0, 9])
            writer.little(Int32(truncatingIfNeeded: order.count))
            for coupon in Self.table(order, size) { writer.little(coupon) }
        }
        return writer.bytes
    }

    /// The hash set as it lies in memory: open addressing with a stride from the coupon.
    private static func table(_ coupons: [UInt32], _ size: Int) -> [UInt32] {
        var size = size
        var table = [UInt32](repeating: 0, count: 32)
        var (filled, lg) = (0, 5)
        func insert(_ coupon: UInt32, _ table: inout [UInt32], _ lg: Int) {
            let mask = table.count - 1
            var probe = Int(coupon) & mask
            while table[probe] != 0 {
                let stride = Int((coupon & (1 << keyBits - 1)) >> UInt32(lg)) | 1
                probe = (probe + stride) & mask
            }
            table[probe] = coupon
        }
        for coupon in coupons {
            insert(coupon, &table, lg)
            filled += 1
            if 4 * filled > (3 << lg) {
                lg += 1
                var next = [UInt32](repeating: 0, count: 1 << lg)
                for old in table where old != 0 { insert(old, &next, lg) }
                table = next
            }
        }
        size = lg
        return size == lg ? table : []
    }

    /// nil: these are not the bytes of such a sketch.
    init?(_ bytes: ByteSlice) {
        var reader = ByteReader(bytes)
        guard let header = reader.take(8).map(Array.init), header[1] == 1, header[2] == 7, Self.precisions.contains(Int(header[3])) else {
            return nil
        }
        self.init(precision: Int(header[3]))
        switch header[0] {
        case 2:
            for _ in 0..<header[6] {
                guard let coupon = reader.little(UInt32.self) else { return nil }
                add(coupon: coupon)
            }
        case 3:
            guard reader.little(Int32.self) != nil else { return nil }
            while let coupon = reader.little(UInt32.self) { if coupon != 0 { add(coupon: coupon) } }
        case 10:
            guard header[7] & 0b1100 == 8, let running = reader.little(UInt64.self), let low = reader.little(UInt64.self),
                let high = reader.little(UInt64.self), reader.take(8) != nil, let registers = reader.take(1 << precision)
            else { return nil }
            self.registers = Array(registers)
            self.running = Double(bitPattern: running)
            (lowSum, highSum) = (Double(bitPattern: low), Double(bitPattern: high))
            isOutOfOrder = header[5] & 16 != 0
        default: return nil
        }
    }
}

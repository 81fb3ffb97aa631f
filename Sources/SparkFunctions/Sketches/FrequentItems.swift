import Columnar
import SparkErrors

/// The frequent-items sketch of Apache DataSketches: counters in an open hash table; as it overflows, all fall by the median.
struct FrequentItems: Sendable {
    private static let least = 3

    let maximum: Int
    private var bits = FrequentItems.least
    private var items: [Value?]
    private var counts: [Int64]
    private var hashes: [Int32]
    private var active = 0
    private var offset: Int64 = 0
    private var weight: Int64 = 0

    /// - Parameter maximum: the table grows to this power of two.
    init(maximum: Int) {
        self.maximum = max(maximum, Self.least)
        items = [Value?](repeating: nil, count: 1 << Self.least)
        counts = [Int64](repeating: 0, count: 1 << Self.least)
        hashes = [Int32](repeating: 0, count: 1 << Self.least)
    }

    /// The table for so many items, filled to three quarters.
    static func bits(tracking items: Int) -> Int {
        let wanted = Int((Double(items) / 0.75).rounded(.up))
        return wanted <= 1 ? 0 : Int.bitWidth - (wanted - 1).leadingZeroBitCount
    }

    /// Not beyond the greatest number, whatever a sketch's bytes say.
    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }

    private static func spread(_ hash: Int32) -> Int {
        var key = UInt64(bitPattern: Int64(hash))
        key = (key ^ key >> 33) &* 0xff51_afd7_ed55_8ccd
        key = (key ^ key >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return Int(truncatingIfNeeded: key ^ key >> 33)
    }

    private func place(_ item: Value, _ hash: Int32) -> Int {
        let mask = items.count - 1
        var probe = Self.spread(hash) & mask
        while counts[probe] > 0, items[probe] != item { probe = (probe + 1) & mask }
        return probe
    }

    mutating func add(_ item: Value, hash: Int32, count: Int64 = 1) {
        weight = Self.sum(weight, count)
        raise(item, hash, count)
    }

    private mutating func raise(_ item: Value, _ hash: Int32, _ count: Int64) {
        let probe = place(item, hash)
        if counts[probe] > 0 {
            counts[probe] = Self.sum(counts[probe], count)
            return
        }
        (items[probe], counts[probe], hashes[probe]) = (item, count, hash)
        active += 1
        guard 4 * active > 3 * items.count else { return }
        if bits < maximum {
            bits += 1
            rebuild()
        } else {
            let sorted = counts.filter { $0 > 0 }.sorted()
            let median = sorted[sorted.count / 2]
            for index in counts.indices { counts[index] -= min(counts[index], median) }
            offset = Self.sum(offset, median)
            rebuild()
        }
    }

    private mutating func rebuild() {
        let old = zip(items, zip(counts, hashes)).filter { $0.1.0 > 0 }
        items = [Value?](repeating: nil, count: 1 << bits)
        counts = [Int64](repeating: 0, count: 1 << bits)
        hashes = [Int32](repeating: 0, count: 1 << bits)
        active = old.count
        for (item, (count, hash)) in old {
            guard let item else { continue }
            let probe = place(item, hash)
            (items[probe], counts[probe], hashes[probe]) = (item, count, hash)
        }
    }

    /// The places in use in the order in which the library walks them: by strides of the golden section.
    private var walk: [Int] {
        let mask = items.count - 1
        let stride = Int(Double(items.count) * 0.618_033_988_749_894_9) | 1
        return items.indices.map { $0 * stride & mask }.filter { counts[$0] > 0 }
    }

    mutating func merge(_ other: FrequentItems) {
        let total = Self.sum(weight, other.weight)
        for place in other.walk { if let item = other.items[place] { raise(item, other.hashes[place], other.counts[place]) } }
        offset = Self.sum(offset, other.offset)
        weight = total
    }

    /// The most frequent items with what they count at most.
    func top(_ count: Int) -> [(item: Value, count: Int64)] {
        let all = walk.enumerated().compactMap { order, place in items[place].map { (order: order, item: $0, count: Self.sum(counts[place], offset)) }
        }
        return all.sorted { ($1.count, $0.order) < ($0.count, $1.order) }.prefix(count).map { ($0.item, $0.count) }
    }

    // MARK: Format

    func bytes(_ type: FrequentItemType) -> [UInt8] {
        var writer = ByteWriter()
        writer.append([active == 0 ? 1 : 4, 1, 10, UInt8(maximum), UInt8(bits), active == 0 ? 5 : 0, 0, 0])
        if active == 0 { return writer.bytes }
        writer.little(Int64(active))
        writer.little(weight)
        writer.little(offset)
        let used = items.indices.filter { counts[$0] > 0 }
        for place in used { writer.little(counts[place]) }
        for place in used { if let item = items[place] { type.write(item, to: &writer) } }
        writer.little(Int64(0))
        return writer.bytes
    }

    /// nil: these are not the bytes of such a sketch.
    init?(_ bytes: ByteSlice, _ type: FrequentItemType) {
        var reader = ByteReader(bytes)
        guard let header = reader.take(8).map(Array.init), header[1] == 1, header[2] == 10, header[3] <= 26 else { return nil }
        self.init(maximum: Int(header[3]))
        if header[0] == 1 { return }
        guard let count = reader.little(Int64.self), let total = reader.little(Int64.self), let offset = reader.little(Int64.self),
            total >= 0, offset >= 0, count >= 0, count <= Int64(reader.remaining / 8)
        else { return nil }
        var counts: [Int64] = []
        for _ in 0..<count {
            guard let count = reader.little(Int64.self), count > 0 else { return nil }
            counts.append(count)
        }
        for count in counts {
            guard let item = type.read(&reader) else { return nil }
            raise(item, type.hash(item), count)
        }
        weight = total
        self.offset = Self.sum(self.offset, offset)
    }
}

/// How items of a type are hashed and written: as Java's boxes of them.
struct FrequentItemType: Sendable {
    let type: DataType

    /// nil: such items are not counted.
    init?(_ type: DataType) {
        switch type {
        case .boolean, .byte, .short, .int, .long, .float, .double, .date, .timestamp, .timestampNTZ, .decimal, .string(.utf8Binary): self.type = type
        default: return nil
        }
    }

    func hash(_ value: Value) -> Int32 {
        func folded(_ word: Int64) -> Int32 { Int32(truncatingIfNeeded: word ^ Int64(bitPattern: UInt64(bitPattern: word) >> 32)) }
        switch value {
        case .boolean(let bit): return bit ? 1231 : 1237
        case .integer(let number):
            switch type {
            case .long, .timestamp, .timestampNTZ: return folded(number)
            default: return Int32(truncatingIfNeeded: number)
            }
        case .decimal(let digits):
            return Decimals.fits(digits, precision: 9) ? Int32(truncatingIfNeeded: digits) : folded(Int64(truncatingIfNeeded: digits))
        case .float(let number): return Int32(bitPattern: number.bitPattern)
        case .double(let number): return folded(Int64(bitPattern: number.bitPattern))
        case .string(let text): return text.utf16.reduce(Int32(0)) { $0 &* 31 &+ Int32($1) }
        default: return 0
        }
    }

    func write(_ value: Value, to writer: inout ByteWriter) {
        switch (type, value) {
        case (.boolean, .boolean(let bit)): writer.append([bit ? 1 : 0])
        case (.long, .integer(let number)), (.timestamp, .integer(let number)), (.timestampNTZ, .integer(let number)): writer.little(number)
        case (.byte, .integer(let number)): writer.append([2, UInt8(truncatingIfNeeded: number)])
        case (.short, .integer(let number)):
            writer.append([3])
            writer.little(Int16(truncatingIfNeeded: number))
        case (_, .integer(let number)):
            writer.append([9])
            writer.little(Int32(truncatingIfNeeded: number))
        case (_, .float(let number)):
            writer.append([6])
            writer.little(number.bitPattern)
        case (_, .double(let number)): writer.little(number.bitPattern)
        case (.decimal(let decimal), .decimal(let digits)):
            if decimal.precision <= 9 {
                writer.append([9])
                writer.little(Int32(truncatingIfNeeded: digits))
            } else {
                writer.little(digits)
            }
        case (_, .string(let text)):
            writer.little(Int32(truncatingIfNeeded: text.utf8.count))
            writer.append(text.utf8)
        default: break
        }
    }

    func read(_ reader: inout ByteReader) -> Value? {
        switch type {
        case .boolean: return reader.take(1).map { .boolean($0.first == 1) }
        case .long, .timestamp, .timestampNTZ: return reader.little(Int64.self).map { .integer($0) }
        case .byte: return reader.take(2).map { .integer(Int64(Int8(bitPattern: $0[$0.startIndex + 1]))) }
        case .short: return reader.take(1) == nil ? nil : reader.little(Int16.self).map { .integer(Int64($0)) }
        case .int, .date: return reader.take(1) == nil ? nil : reader.little(Int32.self).map { .integer(Int64($0)) }
        case .float: return reader.take(1) == nil ? nil : reader.little(UInt32.self).map { .float(Float(bitPattern: $0)) }
        case .double: return reader.little(UInt64.self).map { .double(Double(bitPattern: $0)) }
        case .decimal(let decimal) where decimal.precision <= 9:
            return reader.take(1) == nil ? nil : reader.little(Int32.self).map { .decimal(Int128($0)) }
        case .decimal: return reader.little(Int128.self).map { .decimal($0) }
        case .string:
            guard let count = reader.little(Int32.self), let bytes = reader.take(Int(count)) else { return nil }
            return .string(String(decoding: bytes, as: UTF8.self))
        default: return nil
        }
    }
}

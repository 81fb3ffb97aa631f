import Columnar
import SparkErrors

/// What a KLL sketch is made of.
protocol KLLItem: Cell, Comparable {
    static var family: String { get }
    static var byteCount: Int { get }
    static var type: DataType { get }
    static var text: @Sendable (Self?) -> String { get }
    /// False for NaN, which no rank has.
    var isOrdered: Bool { get }
    func write(to writer: inout ByteWriter)
    static func read(_ reader: inout ByteReader) -> Self?
}

extension Int64: KLLItem {
    static let family = "bigint"
    static let byteCount = 8
    static let type = DataType.long
    static let text: @Sendable (Int64?) -> String = { $0.map { "\($0)" } ?? "" }
    var isOrdered: Bool { true }
    func write(to writer: inout ByteWriter) { writer.little(self) }
    static func read(_ reader: inout ByteReader) -> Int64? { reader.little() }
}

extension Double: KLLItem {
    static let family = "double"
    static let byteCount = 8
    static let type = DataType.double
    static let text: @Sendable (Double?) -> String = { NumberText.text($0 ?? .nan) }
    var isOrdered: Bool { !isNaN }
    func write(to writer: inout ByteWriter) { writer.little(bitPattern) }
    static func read(_ reader: inout ByteReader) -> Double? { reader.little(UInt64.self).map(Double.init(bitPattern:)) }
}

extension Float: KLLItem {
    static let family = "float"
    static let byteCount = 4
    static let type = DataType.float
    static let text: @Sendable (Float?) -> String = { NumberText.text($0 ?? .nan) }
    var isOrdered: Bool { !isNaN }
    func write(to writer: inout ByteWriter) { writer.little(bitPattern) }
    static func read(_ reader: inout ByteReader) -> Float? { reader.little(UInt32.self).map(Float.init(bitPattern:)) }
}

/// A quantiles sketch (Z. Karnin, K. Lang, E. Liberty, 2016) in the binary format of Apache DataSketches.
struct KLLSketch<Item: KLLItem>: Sendable {
    static var defaultK: Int { 200 }
    private static var least: Int { 8 }

    let k: Int
    private(set) var count: UInt64 = 0
    private var minimum: Item?
    private var maximum: Item?
    /// The lowest in the order of arrival, the others sorted; an item of level `h` stands for `2^h`.
    private var levels: [[Item]] = [[]]
    private var coin: UInt64 = 0x9E37_79B9_7F4A_7C15

    init(k: Int) { self.k = k }

    var retained: Int { levels.reduce(0) { $0 + $1.count } }

    private func capacity(_ level: Int) -> Int {
        max(Self.least, Int((Double(k) * Libm.pow(2.0 / 3, Double(levels.count - level - 1))).rounded()))
    }

    var capacity: Int { levels.indices.reduce(0) { $0 + capacity($1) } }

    mutating func add(_ item: Item) {
        guard item.isOrdered else { return }
        minimum = minimum.map { min($0, item) } ?? item
        maximum = maximum.map { max($0, item) } ?? item
        count &+= 1
        if retained >= capacity { compress() }
        levels[0].append(item)
    }

    mutating func merge(_ other: KLLSketch) {
        guard other.count > 0 else { return }
        // The sketch may say of itself to have seen more than there can be.
        let (sum, overflow) = count.addingReportingOverflow(other.count)
        let total = overflow ? .max : sum
        for item in other.levels[0] { add(item) }
        while levels.count < other.levels.count { levels.append([]) }
        for level in 1..<max(1, other.levels.count) { levels[level] = (levels[level] + other.levels[level]).sorted() }
        minimum = [minimum, other.minimum].compactMap { $0 }.min()
        maximum = [maximum, other.maximum].compactMap { $0 }.max()
        count = total
        while retained > capacity { compress() }
    }

    /// Halves the lowest level that is full.
    private mutating func compress() {
        guard let level = levels.indices.first(where: { levels[$0].count >= capacity($0) }) else {
            levels.append([])
            return
        }
        if level + 1 == levels.count { levels.append([]) }
        var items = level == 0 ? levels[0].sorted() : levels[level]
        var rest: [Item] = []
        if items.count % 2 == 1 { rest.append(items.removeFirst()) }
        coin ^= coin << 13
        coin ^= coin >> 7
        coin ^= coin << 17
        let offset = Int(coin & 1)
        let half = stride(from: offset, to: items.count, by: 2).map { items[$0] }
        levels[level] = rest
        levels[level + 1] = (levels[level + 1] + half).sorted()
    }

    // MARK: Questions

    private var weighted: [(item: Item, weight: UInt64)] {
        levels.enumerated().flatMap { level, items in items.map { ($0, UInt64(1) << UInt64(min(level, 63))) } }.sorted { $0.item < $1.item }
    }

    /// The items up to which those parts of all lie; nil of an empty sketch.
    func quantiles(_ ranks: [Double]) -> [Item]? {
        guard count > 0 else { return nil }
        let sorted = weighted
        return ranks.map { rank in
            let natural = (rank * Double(count) * 1e7).rounded() / 1e7
            var sum: UInt64 = 0
            for entry in sorted {
                sum &+= entry.weight
                if Double(sum) >= natural.rounded(.up) { return entry.item }
            }
            return sorted[sorted.count - 1].item
        }
    }

    /// Which part of all is at most as large; nil of an empty sketch.
    func ranks(_ items: [Item]) -> [Double]? {
        guard count > 0 else { return nil }
        let sorted = weighted
        return items.map { item in Double(sorted.reduce(UInt64(0)) { $0 &+ ($1.item <= item ? $1.weight : 0) }) / Double(count) }
    }

    // MARK: Format

    var bytes: [UInt8] {
        var writer = ByteWriter()
        let (isEmpty, isSingle) = (count == 0, count == 1)
        writer.append([isEmpty || isSingle ? 2 : 5, isSingle ? 2 : 1, 15, isEmpty ? 1 : isSingle ? 4 : 0])
        writer.little(UInt16(truncatingIfNeeded: k))
        writer.append([UInt8(Self.least), 0])
        if isEmpty { return writer.bytes }
        if isSingle {
            minimum?.write(to: &writer)
            return writer.bytes
        }
        writer.little(count)
        writer.little(UInt16(truncatingIfNeeded: k))
        writer.append([UInt8(truncatingIfNeeded: levels.count), 0])
        var start = capacity - retained
        for level in levels {
            writer.little(Int32(truncatingIfNeeded: start))
            start += level.count
        }
        minimum?.write(to: &writer)
        maximum?.write(to: &writer)
        for item in levels[0].reversed() { item.write(to: &writer) }
        for level in levels.dropFirst() { for item in level { item.write(to: &writer) } }
        return writer.bytes
    }

    /// nil: these are not the bytes of such a sketch.
    init?(_ bytes: ByteSlice) {
        var reader = ByteReader(bytes)
        guard let preamble = reader.take(4).map(Array.init), let k = reader.little(UInt16.self), reader.take(2) != nil, k >= 8,
            preamble[2] == 15
        else { return nil }
        self.init(k: Int(k))
        switch (preamble[0], preamble[3]) {
        case (2, let flags) where flags & 1 == 1: return
        case (2, let flags) where flags & 4 == 4:
            guard let item = Item.read(&reader) else { return nil }
            add(item)
        case (5, _):
            guard let total = reader.little(UInt64.self), reader.little(UInt16.self) != nil, let sizes = reader.take(2).map(Array.init),
                (1...60).contains(sizes[0])
            else { return nil }
            var starts: [Int] = []
            for _ in 0..<sizes[0] {
                guard let start = reader.little(Int32.self) else { return nil }
                starts.append(Int(start))
            }
            guard let least = Item.read(&reader), let most = Item.read(&reader) else { return nil }
            let ends = starts.dropFirst() + [starts[0] + reader.remaining / Item.byteCount]
            levels = []
            var weight: UInt64 = 0
            for (level, (start, end)) in zip(starts, ends).enumerated() {
                guard start >= 0, end >= start, end - start <= reader.remaining / Item.byteCount else { return nil }
                var items: [Item] = []
                for _ in start..<end {
                    guard let item = Item.read(&reader), item.isOrdered else { return nil }
                    items.append(item)
                }
                weight &+= UInt64(items.count) << UInt64(level)
                levels.append(level == 0 ? items.reversed() : items)
            }
            guard weight == total, total > 0, total < 1 << 62 else { return nil }
            (count, minimum, maximum) = (total, least, most)
        default: return nil
        }
    }

    var summary: String {
        func percent(_ value: Double) -> String {
            let thousandths = Int((value * 100_000).rounded())
            let rest = "\(thousandths % 1000)"
            return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest + "%"
        }
        let name = ["bigint": "KllLongsSketch", "float": "KllFloatsSketch", "double": "KllDoublesSketch"][Item.family] ?? ""
        let compact = count == 0 ? 8 : count == 1 ? 8 + Item.byteCount : 20 + 4 * levels.count + (2 + retained) * Item.byteCount
        let lines: [(String, String)] = [
            ("K", "\(k)"), ("Dynamic min K", "\(k)"), ("M", "\(Self.least)"), ("N", "\(count)"),
            ("Epsilon", percent(2.296 / Libm.pow(Double(k), 0.9723))), ("Epsilon PMF", percent(2.446 / Libm.pow(Double(k), 0.9433))),
            ("Empty", "\(count == 0)"), ("Estimation Mode", "\(levels.count > 1)"), ("Levels", "\(levels.count)"), ("Level 0 Sorted", "false"),
            ("Capacity Items", "\(capacity)"), ("Retained Items", "\(retained)"), ("Free Space", "\(capacity - retained)"),
            ("ReadOnly", "false"),
            ("Updatable Storage Bytes", "\(20 + 4 * (levels.count + 1) + (2 + capacity) * Item.byteCount)"), ("Compact Storage Bytes", "\(compact)"),
            ("Min Item", Item.text(minimum)), ("Max Item", Item.text(maximum)),
        ]
        let body = lines.map { key, value in "   " + key + String(repeating: " ", count: max(0, 23 - key.count)) + ": " + value }
        return "\n### Kll\(name) Summary:\n" + body.joined(separator: "\n") + "\n### End sketch summary\n"
    }
}

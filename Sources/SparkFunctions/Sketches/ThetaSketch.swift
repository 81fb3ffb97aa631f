import Columnar
import SparkErrors

/// A theta sketch of Apache DataSketches: the hashes below a bound, which falls as there are too many.
struct ThetaSketch: Sendable {
    static let precisions = 4...26
    private static let one = UInt64(Int64.max)

    let precision: Int
    /// Hashes from this on are not kept; all of them count for `one / theta` as many.
    private(set) var theta = ThetaSketch.one
    private(set) var hashes: Set<UInt64> = []
    private var isEmpty = true

    init(precision: Int) { self.precision = precision }

    private init(precision: Int, theta: UInt64, hashes: Set<UInt64>, isEmpty: Bool) {
        (self.precision, self.theta, self.hashes, self.isEmpty) = (precision, theta, hashes, isEmpty)
    }

    mutating func add(_ hash: (UInt64, UInt64)) { add(hash.0 >> 1) }

    private mutating func add(_ hash: UInt64) {
        isEmpty = false
        guard hash != 0, hash < theta else { return }
        hashes.insert(hash)
        // The table holds twice the nominal entries, filled to 15/16.
        if hashes.count > (15 << (precision + 1)) / 16 { rebuild() }
    }

    /// Keeps the nominal number of entries: those below the next smallest hash.
    private mutating func rebuild() {
        let nominal = 1 << precision
        guard hashes.count > nominal else { return }
        theta = hashes.sorted()[nominal]
        hashes = hashes.filter { $0 < theta }
    }

    var estimate: Double { Double(hashes.count) * (theta == Self.one ? 1 : Double(Self.one) / Double(theta)) }

    /// With no more than the nominal number of entries.
    var trimmed: ThetaSketch {
        var sketch = self
        sketch.rebuild()
        return sketch
    }

    mutating func merge(_ other: ThetaSketch) {
        isEmpty = isEmpty && other.isEmpty
        theta = min(theta, other.theta)
        hashes = hashes.filter { $0 < theta }
        // In order, so that the bound falls in the same steps always.
        for hash in other.hashes.sorted() { add(hash) }
    }

    func intersection(_ other: ThetaSketch) -> ThetaSketch {
        if isEmpty || other.isEmpty { return ThetaSketch(precision: precision) }
        let bound = min(theta, other.theta)
        let common = hashes.intersection(other.hashes).filter { $0 < bound }
        return ThetaSketch(precision: precision, theta: bound, hashes: common, isEmpty: common.isEmpty && bound == Self.one)
    }

    func subtracting(_ other: ThetaSketch) -> ThetaSketch {
        if isEmpty || other.isEmpty { return self }
        let bound = min(theta, other.theta)
        let rest = hashes.subtracting(other.hashes).filter { $0 < bound }
        return ThetaSketch(precision: precision, theta: bound, hashes: rest, isEmpty: rest.isEmpty && bound == Self.one)
    }

    // MARK: Format

    private enum Flags {
        static let readOnly: UInt8 = 2, empty: UInt8 = 4, compact: UInt8 = 8, ordered: UInt8 = 16, single: UInt8 = 32
    }

    /// Compact and ordered; more than one entry are packed as differences of as few bits as the widest needs.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        let sorted = hashes.sorted()
        let isEstimated = theta != Self.one
        let base = Flags.readOnly | Flags.compact | Flags.ordered
        guard sorted.count > 1 || (sorted.count == 1 && isEstimated) else {
            let flags = base | (isEmpty ? Flags.empty : 0) | (sorted.count == 1 ? Flags.single : 0)
            writer.append([isEstimated && !isEmpty ? 3 : 1, 3, 3, 0, 0, flags])
            writer.little(isEmpty ? 0 : Self.mark)
            if isEstimated, !isEmpty {
                writer.little(UInt32(0))
                writer.little(Float(1).bitPattern)
                writer.little(theta)
            }
            for hash in sorted { writer.little(hash) }
            return writer.bytes
        }
        var differences: [UInt64] = []
        var previous: UInt64 = 0
        for hash in sorted {
            differences.append(hash - previous)
            previous = hash
        }
        let bits = 64 - differences.reduce(0, |).leadingZeroBitCount
        let countBytes = (UInt32(sorted.count).bitWidth - UInt32(sorted.count).leadingZeroBitCount + 7) / 8
        writer.append([isEstimated ? 2 : 1, 4, 3, UInt8(bits), UInt8(countBytes), base])
        writer.little(Self.mark)
        if isEstimated { writer.little(theta) }
        for index in 0..<countBytes { writer.append([UInt8(truncatingIfNeeded: sorted.count >> (8 * index))]) }
        var (pending, filled) = (UInt8(0), 0)
        for difference in differences {
            for bit in stride(from: bits - 1, through: 0, by: -1) {
                pending = pending << 1 | UInt8(truncatingIfNeeded: difference >> UInt64(bit)) & 1
                filled += 1
                if filled == 8 {
                    writer.append([pending])
                    (pending, filled) = (0, 0)
                }
            }
        }
        if filled > 0 { writer.append([pending << UInt8(8 - filled)]) }
        return writer.bytes
    }

    private static var mark: UInt16 { SketchHash.seedMark }

    /// nil: these are not the bytes of such a sketch.
    init?(_ bytes: ByteSlice, precision: Int = 12) {
        var reader = ByteReader(bytes)
        guard let header = reader.take(6).map(Array.init), header[2] == 3, reader.little(UInt16.self) != nil else { return nil }
        self.init(precision: precision)
        if header[5] & Flags.empty != 0 { return }
        isEmpty = false
        switch header[1] {
        case 3:
            var count = 1
            if header[0] > 1 {
                guard let given = reader.little(Int32.self), given >= 0, reader.take(4) != nil else { return nil }
                count = Int(given)
            }
            if header[0] > 2 {
                guard let bound = reader.little(UInt64.self), bound <= Self.one else { return nil }
                theta = bound
            }
            guard count <= reader.remaining / 8 else { return nil }
            for _ in 0..<count { if let hash = reader.little(UInt64.self) { hashes.insert(hash) } }
        case 4:
            if header[0] > 1 {
                guard let bound = reader.little(UInt64.self), bound <= Self.one else { return nil }
                theta = bound
            }
            let bits = Int(header[3])
            guard (1...63).contains(bits), let size = reader.take(Int(header[4])), size.count <= 4 else { return nil }
            let count = size.reversed().reduce(0) { $0 << 8 | Int($1) }
            guard let packed = reader.take((count * bits + 7) / 8) else { return nil }
            var (hash, position) = (UInt64(0), 0)
            for _ in 0..<count {
                var difference: UInt64 = 0
                for _ in 0..<bits {
                    difference = difference << 1 | UInt64(packed[packed.startIndex + position / 8] >> UInt8(7 - position % 8)) & 1
                    position += 1
                }
                hash = hash &+ difference
                hashes.insert(hash)
            }
        default: return nil
        }
    }
}

import Columnar

/// The binary form of VARIANT (Apache Parquet, `VariantEncoding.md`): a dictionary of names, and a value that refers to it.
struct VariantEncoder {
    private var names: [String] = []
    private var ids: [String: Int] = [:]

    static func encode(_ node: VariantNode) -> (metadata: [UInt8], value: [UInt8]) {
        var encoder = VariantEncoder()
        let value = encoder.value(node)
        return (encoder.metadata(), value)
    }

    private static func width(_ value: Int) -> Int { value < 1 << 8 ? 1 : (value < 1 << 16 ? 2 : (value < 1 << 24 ? 3 : 4)) }

    private static func append(_ value: Int, width: Int, to bytes: inout [UInt8]) {
        for index in 0..<width { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }

    private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
    }

    private static func primitive(_ type: UInt8, _ bytes: [UInt8] = []) -> [UInt8] { [type << 2] + bytes }

    private mutating func id(_ name: String) -> Int {
        if let known = ids[name] { return known }
        ids[name] = names.count
        names.append(name)
        return names.count - 1
    }

    private func metadata() -> [UInt8] {
        let total = names.reduce(0) { $0 + $1.utf8.count }
        let width = Self.width(max(total, names.count))
        // Version 1; the names are not sorted.
        var bytes: [UInt8] = [UInt8(1 | (width - 1) << 6)]
        Self.append(names.count, width: width, to: &bytes)
        var offset = 0
        Self.append(0, width: width, to: &bytes)
        for name in names {
            offset += name.utf8.count
            Self.append(offset, width: width, to: &bytes)
        }
        for name in names { bytes.append(contentsOf: name.utf8) }
        return bytes
    }

    private mutating func value(_ node: VariantNode) -> [UInt8] {
        switch node {
        case .null: return Self.primitive(0)
        case .boolean(let bit): return Self.primitive(bit ? 1 : 2)
        case .integer(let number):
            if let small = Int8(exactly: number) { return Self.primitive(3, Self.littleEndian(small)) }
            if let small = Int16(exactly: number) { return Self.primitive(4, Self.littleEndian(small)) }
            if let small = Int32(exactly: number) { return Self.primitive(5, Self.littleEndian(small)) }
            return Self.primitive(6, Self.littleEndian(number))
        case .double(let number): return Self.primitive(7, Self.littleEndian(number.bitPattern))
        case .decimal(let digits, let scale):
            let byte = [UInt8(truncatingIfNeeded: scale)]
            if scale <= 9, DecimalMath.fits(digits, precision: 9) {
                return Self.primitive(8, byte + Self.littleEndian(Int32(truncatingIfNeeded: digits)))
            }
            if scale <= 18, DecimalMath.fits(digits, precision: 18) {
                return Self.primitive(9, byte + Self.littleEndian(Int64(truncatingIfNeeded: digits)))
            }
            return Self.primitive(10, byte + Self.littleEndian(digits))
        case .date(let days): return Self.primitive(11, Self.littleEndian(days))
        case .timestamp(let micros): return Self.primitive(12, Self.littleEndian(micros))
        case .timestampNTZ(let micros): return Self.primitive(13, Self.littleEndian(micros))
        case .float(let number): return Self.primitive(14, Self.littleEndian(number.bitPattern))
        case .binary(let bytes): return Self.primitive(15, Self.littleEndian(UInt32(truncatingIfNeeded: bytes.count)) + bytes)
        case .string(let text):
            let bytes = Array(text.utf8)
            if bytes.count < 64 { return [UInt8(bytes.count << 2 | 1)] + bytes }
            return Self.primitive(16, Self.littleEndian(UInt32(truncatingIfNeeded: bytes.count)) + bytes)
        case .array(let items):
            let parts = items.map { value($0) }
            let total = parts.reduce(0) { $0 + $1.count }
            let width = Self.width(total)
            let isLarge = items.count > 255
            var bytes: [UInt8] = [UInt8((isLarge ? 1 : 0) << 4 | (width - 1) << 2 | 3)]
            Self.append(items.count, width: isLarge ? 4 : 1, to: &bytes)
            Self.offsets(parts, width, to: &bytes)
            return bytes + parts.joined()
        case .object(let members):
            let keys = members.map { id($0.name) }
            let parts = members.map { value($0.value) }
            let total = parts.reduce(0) { $0 + $1.count }
            let width = Self.width(total)
            let idWidth = Self.width(keys.max() ?? 0)
            let isLarge = members.count > 255
            var bytes: [UInt8] = [UInt8((isLarge ? 1 : 0) << 6 | (idWidth - 1) << 4 | (width - 1) << 2 | 2)]
            Self.append(members.count, width: isLarge ? 4 : 1, to: &bytes)
            for key in keys { Self.append(key, width: idWidth, to: &bytes) }
            Self.offsets(parts, width, to: &bytes)
            return bytes + parts.joined()
        }
    }

    private static func offsets(_ parts: [[UInt8]], _ width: Int, to bytes: inout [UInt8]) {
        var offset = 0
        append(0, width: width, to: &bytes)
        for part in parts {
            offset += part.count
            append(offset, width: width, to: &bytes)
        }
    }
}

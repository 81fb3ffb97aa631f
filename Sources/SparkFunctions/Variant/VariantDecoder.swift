/// Reads the binary form of VARIANT. Every place is checked against the bytes; nil for anything malformed or nested too deep.
struct VariantDecoder {
    private let names: [String]
    private let bytes: ByteSlice
    private static let maxDepth = 256

    static func decode(metadata: ByteSlice, value: ByteSlice) -> VariantNode? {
        guard let names = names(metadata) else { return nil }
        var budget = 4 * value.count + 16
        return VariantDecoder(names: names, bytes: value).node(value.startIndex, depth: 0, &budget)
    }

    private static func number(_ bytes: ByteSlice, _ at: Int, _ width: Int) -> Int? {
        guard at >= bytes.startIndex, width <= bytes.endIndex - at else { return nil }
        var value = 0
        for index in 0..<width { value |= Int(bytes[at + index]) << (8 * index) }
        return value
    }

    private static func names(_ bytes: ByteSlice) -> [String]? {
        guard let header = bytes.first, header & 15 == 1 else { return nil }
        let width = Int(header >> 6) + 1
        var position = bytes.startIndex + 1
        guard let count = number(bytes, position, width), count <= bytes.count else { return nil }
        position += width
        let text = position + (count + 1) * width
        guard text <= bytes.endIndex else { return nil }
        var names: [String] = []
        for index in 0..<count {
            guard let start = number(bytes, position + index * width, width), let end = number(bytes, position + (index + 1) * width, width),
                start <= end,
                end <= bytes.endIndex - text
            else { return nil }
            names.append(String(decoding: bytes[(text + start)..<(text + end)], as: UTF8.self))
        }
        return names
    }

    private func integer<T: FixedWidthInteger>(_ at: Int, _: T.Type) -> T? {
        guard at >= bytes.startIndex, T.bitWidth / 8 <= bytes.endIndex - at else { return nil }
        var value: T = 0
        for index in 0..<T.bitWidth / 8 { value |= T(truncatingIfNeeded: bytes[at + index]) << T(8 * index) }
        return value
    }

    /// `budget` bounds the work: offsets may point at the same bytes many times.
    private func node(_ at: Int, depth: Int, _ budget: inout Int) -> VariantNode? {
        budget -= 1
        guard depth < Self.maxDepth, budget > 0, at >= bytes.startIndex, at < bytes.endIndex else { return nil }
        let header = Int(bytes[at])
        let info = header >> 2
        switch header & 3 {
        case 0: return primitive(info, at + 1)
        case 1:
            guard info <= bytes.endIndex - at - 1 else { return nil }
            return .string(String(decoding: bytes[(at + 1)..<(at + 1 + info)], as: UTF8.self))
        case 2: return object(info, at + 1, depth, &budget)
        default: return array(info, at + 1, depth, &budget)
        }
    }

    private func primitive(_ type: Int, _ at: Int) -> VariantNode? {
        func decimal<T: FixedWidthInteger>(_: T.Type) -> VariantNode? {
            guard at < bytes.endIndex, bytes[at] <= 38, let digits = integer(at + 1, T.self) else { return nil }
            return .decimal(Int128(truncatingIfNeeded: digits), scale: Int(bytes[at]))
        }
        func run() -> ByteSlice? {
            guard let count = integer(at, UInt32.self), Int(count) <= bytes.endIndex - at - 4 else { return nil }
            return bytes[(at + 4)..<(at + 4 + Int(count))]
        }
        switch type {
        case 0: return .null
        case 1: return .boolean(true)
        case 2: return .boolean(false)
        case 3: return integer(at, Int8.self).map { .integer(Int64($0)) }
        case 4: return integer(at, Int16.self).map { .integer(Int64($0)) }
        case 5: return integer(at, Int32.self).map { .integer(Int64($0)) }
        case 6: return integer(at, Int64.self).map { .integer($0) }
        case 7: return integer(at, UInt64.self).map { .double(Double(bitPattern: $0)) }
        case 8: return decimal(Int32.self)
        case 9: return decimal(Int64.self)
        case 10: return decimal(Int128.self)
        case 11: return integer(at, Int32.self).map { .date($0) }
        case 12: return integer(at, Int64.self).map { .timestamp($0) }
        case 13: return integer(at, Int64.self).map { .timestampNTZ($0) }
        case 14: return integer(at, UInt32.self).map { .float(Float(bitPattern: $0)) }
        case 15: return run().map { .binary(Array($0)) }
        case 16: return run().map { .string(String(decoding: $0, as: UTF8.self)) }
        default: return nil
        }
    }

    private func array(_ info: Int, _ at: Int, _ depth: Int, _ budget: inout Int) -> VariantNode? {
        let width = info & 3 + 1
        let countWidth = info >> 2 & 1 == 1 ? 4 : 1
        guard let count = Self.number(bytes, at, countWidth), count <= bytes.count else { return nil }
        let offsets = at + countWidth
        let data = offsets + (count + 1) * width
        var items: [VariantNode] = []
        for index in 0..<count {
            guard let offset = Self.number(bytes, offsets + index * width, width), let item = node(data + offset, depth: depth + 1, &budget) else {
                return nil
            }
            items.append(item)
        }
        return .array(items)
    }

    private func object(_ info: Int, _ at: Int, _ depth: Int, _ budget: inout Int) -> VariantNode? {
        let width = info & 3 + 1
        let idWidth = info >> 2 & 3 + 1
        let countWidth = info >> 4 & 1 == 1 ? 4 : 1
        guard let count = Self.number(bytes, at, countWidth), count <= bytes.count else { return nil }
        let ids = at + countWidth
        let offsets = ids + count * idWidth
        let data = offsets + (count + 1) * width
        var members: [VariantNode.Member] = []
        for index in 0..<count {
            guard let id = Self.number(bytes, ids + index * idWidth, idWidth), names.indices.contains(id),
                let offset = Self.number(bytes, offsets + index * width, width), let value = node(data + offset, depth: depth + 1, &budget)
            else { return nil }
            members.append(.init(names[id], value))
        }
        return .object(members)
    }
}

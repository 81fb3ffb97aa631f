import Columnar

/// Values from Avro's binary encoding. What lies behind the value is not looked at.
struct AvroReader {
    struct Malformed: Error {}

    private let bytes: ByteSlice
    private var position: Int
    /// Values in elements that take no bytes: they are few, however many are announced.
    private var empties = 0

    init(_ bytes: ByteSlice) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    private var left: Int { bytes.endIndex - position }

    private mutating func take(_ count: Int) throws(Malformed) -> ByteSlice {
        guard count >= 0, count <= left else { throw Malformed() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func long() throws(Malformed) -> Int64 {
        var (result, shift): (UInt64, UInt64) = (0, 0)
        while true {
            guard let byte = try take(1).first, shift < 64 else { throw Malformed() }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return Int64(bitPattern: result >> 1) ^ -Int64(bitPattern: result & 1)
    }

    private mutating func int() throws(Malformed) -> Int64 {
        guard let number = Int32(exactly: try long()) else { throw Malformed() }
        return Int64(number)
    }

    private mutating func block() throws(Malformed) -> ByteSlice {
        guard let count = Int(exactly: try long()) else { throw Malformed() }
        return try take(count)
    }

    private mutating func fixed<T: FixedWidthInteger>(_ type: T.Type) throws(Malformed) -> T {
        try take(MemoryLayout<T>.size).reversed().reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }

    private mutating func moment(_ isMillis: Bool) throws(Malformed) -> Value {
        let number = try long()
        guard isMillis else { return .integer(number) }
        let (micros, overflow) = number.multipliedReportingOverflow(by: 1000)
        if overflow { throw Malformed() }
        return .integer(micros)
    }

    mutating func value(_ type: AvroType) throws(Malformed) -> Value {
        switch type {
        case .null: return .null
        case .boolean:
            switch try take(1).first {
            case 0: return .boolean(false)
            case 1: return .boolean(true)
            default: throw Malformed()
            }
        case .int, .date: return .integer(try int())
        case .long: return .integer(try long())
        case .float: return .float(Float(bitPattern: try fixed(UInt32.self)))
        case .double: return .double(Double(bitPattern: try fixed(UInt64.self)))
        case .bytes: return .binary(Array(try block()))
        case .string: return .string(String(decoding: try block(), as: UTF8.self))
        case .fixed(let size): return .binary(Array(try take(size)))
        case .enumeration(let symbols):
            guard let index = Int(exactly: try long()), symbols.indices.contains(index) else { throw Malformed() }
            return .string(symbols[index])
        case .timestamp(let isMillis), .timestampNTZ(let isMillis): return try moment(isMillis)
        case .decimal(let decimal, let size):
            let digits = if let size { try take(size) } else { try block() }
            let number = try Self.number(digits)
            guard Decimals.fits(number, precision: decimal.precision) else { throw Malformed() }
            return .decimal(number)
        case .array(let items):
            var values: [Value] = []
            try blocks(of: items) { (reader) throws(Malformed) in values.append(try reader.value(items)) }
            return .list(values)
        case .map(let values):
            var entries: [Value.MapEntry] = []
            try blocks(of: values) { (reader) throws(Malformed) in
                let key = String(decoding: try reader.block(), as: UTF8.self)
                entries.append(.init(.string(key), try reader.value(values)))
            }
            return .map(entries)
        case .record(let members):
            var parts: [Value] = []
            for member in members { parts.append(try value(member.type)) }
            return .structure(parts)
        case .union(let members): return try union(members, type)
        }
    }

    private mutating func union(_ members: [AvroType], _ type: AvroType) throws(Malformed) -> Value {
        guard let index = Int(exactly: try long()), members.indices.contains(index) else { throw Malformed() }
        let found = try value(members[index])
        if members[index] == .null { return .null }
        switch type.sqlType.type {
        case .double where members[index] == .float:
            guard case .float(let number) = found else { throw Malformed() }
            return .double(Double(number))
        case .structure(let fields) where members.count(where: { $0 != .null }) > 1:
            let place = members[..<index].count { $0 != .null }
            return .structure(fields.indices.map { $0 == place ? found : .null })
        default: return found
        }
    }

    private mutating func blocks(of type: AvroType, _ body: (inout AvroReader) throws(Malformed) -> Void) throws(Malformed) {
        while true {
            var count = try long()
            if count == 0 { return }
            if count < 0 {
                guard count != .min else { throw Malformed() }
                count = -count
                _ = try long()
            }
            for _ in 0..<count {
                let before = position
                try body(&self)
                if position == before {
                    empties += type.extent.size
                    if empties > 1 << 16 { throw Malformed() }
                }
            }
        }
    }

    /// A big-endian number in two's complement.
    private static func number(_ bytes: ByteSlice) throws(Malformed) -> Int128 {
        guard let first = bytes.first else { return 0 }
        let sign: UInt8 = first >= 0x80 ? 0xFF : 0
        let significant = bytes.count > 16 ? bytes.suffix(16) : bytes
        guard bytes.dropLast(significant.count).allSatisfy({ $0 == sign }), (significant.first ?? 0 >= 0x80) == (sign == 0xFF) else {
            throw Malformed()
        }
        return significant.reduce(Int128(sign == 0 ? 0 : -1)) { $0 << 8 | Int128($1) }
    }
}

/// Avro's binary encoding of values.
struct AvroWriter {
    private(set) var bytes: [UInt8] = []

    mutating func long(_ value: Int64) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private mutating func block(_ content: some Collection<UInt8>) {
        long(Int64(content.count))
        bytes.append(contentsOf: content)
    }

    private mutating func fixed<T: FixedWidthInteger>(_ value: T) {
        for shift in stride(from: 0, to: T.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> T(shift))) }
    }

    /// False: the value is none of the schema's.
    mutating func write(_ value: Value, _ type: AvroType) -> Bool {
        switch (type, value) {
        case (.null, .null): return true
        case (.boolean, .boolean(let bit)): bytes.append(bit ? 1 : 0)
        case (.int, .integer(let number)), (.date, .integer(let number)), (.long, .integer(let number)): long(number)
        case (.timestamp(let isMillis), .integer(let micros)), (.timestampNTZ(let isMillis), .integer(let micros)):
            // Cut towards the past, as Spark does.
            long(isMillis ? (micros >= 0 ? micros / 1000 : -((999 &- micros) / 1000)) : micros)
        case (.float, .float(let number)): fixed(number.bitPattern)
        case (.double, .double(let number)): fixed(number.bitPattern)
        case (.bytes, .binary(let content)): block(content)
        case (.string, .string(let text)): block(text.utf8)
        case (.fixed(let size), .binary(let content)):
            guard content.count == size else { return false }
            bytes.append(contentsOf: content)
        case (.enumeration(let symbols), .string(let text)):
            guard let index = symbols.firstIndex(of: text) else { return false }
            long(Int64(index))
        case (.decimal(_, let size), .decimal(let digits)): return decimal(digits, size)
        case (.array(let items), .list(let values)):
            if !values.isEmpty { long(Int64(values.count)) }
            for item in values { guard write(item, items) else { return false } }
            long(0)
        case (.map(let values), .map(let entries)):
            if !entries.isEmpty { long(Int64(entries.count)) }
            for entry in entries {
                guard case .string(let key) = entry.key else { return false }
                block(key.utf8)
                guard write(entry.value, values) else { return false }
            }
            long(0)
        case (.record(let members), .structure(let parts)):
            guard members.count == parts.count else { return false }
            for (member, part) in zip(members, parts) { guard write(part, member.type) else { return false } }
        case (.union(let members), _):
            guard let index = members.firstIndex(where: { ($0 == .null) == value.isNull }) else { return false }
            long(Int64(index))
            return write(value, members[index])
        default: return false
        }
        return true
    }

    private mutating func decimal(_ digits: Int128, _ size: Int?) -> Bool {
        var content: [UInt8] = []
        for shift in stride(from: 120, through: 0, by: -8) { content.append(UInt8(truncatingIfNeeded: digits >> Int128(shift))) }
        let sign: UInt8 = digits < 0 ? 0xFF : 0
        while content.count > 1, content[0] == sign, (content[1] >= 0x80) == (sign == 0xFF) { content.removeFirst() }
        guard let size else {
            block(content)
            return true
        }
        guard content.count <= size else { return false }
        bytes.append(contentsOf: [UInt8](repeating: sign, count: size - content.count) + content)
        return true
    }
}

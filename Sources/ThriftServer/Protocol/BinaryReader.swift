/// What is wrong with a message.
package struct ThriftError: Error, Sendable, Equatable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// The wire types of Thrift's binary protocol (thrift, doc/specs/thrift-binary-protocol.md).
enum WireType: UInt8 {
    case stop = 0
    case bool = 2
    case byte = 3
    case double = 4
    case i16 = 6
    case i32 = 8
    case i64 = 10
    case string = 11
    case structure = 12
    case map = 13
    case set = 14
    case list = 15
}

/// A call as it came: its name, its number, and its arguments.
package struct ThriftCall: Sendable, Equatable {
    package let name: String
    package let sequence: Int32
    package let arguments: ThriftStructure
}

/// Reads messages of Thrift's strict binary protocol. Every length is checked against the bytes there are, nesting and the number of values against limits.
package struct BinaryReader {
    private static let maxDepth = 32
    private static let maxValues = 2_000_000

    private let bytes: [UInt8]
    private var position = 0
    private var values = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The head of a call; the arguments are not looked at.
    package static func head(_ bytes: [UInt8]) throws(ThriftError) -> (name: String, sequence: Int32) {
        var reader = BinaryReader(bytes)
        return try reader.head()
    }

    package static func call(_ bytes: [UInt8]) throws(ThriftError) -> ThriftCall {
        var reader = BinaryReader(bytes)
        let (name, sequence) = try reader.head()
        return ThriftCall(name: name, sequence: sequence, arguments: try reader.structure(depth: 0))
    }

    /// A reply, for tests and tools: its arguments are the structure with the result in field 0.
    package static func reply(_ bytes: [UInt8]) throws(ThriftError) -> (kind: UInt8, call: ThriftCall) {
        var reader = BinaryReader(bytes)
        let kind = try reader.version()
        let name = String(decoding: try reader.text(), as: UTF8.self)
        let sequence: Int32 = try reader.integer()
        return (kind, ThriftCall(name: name, sequence: sequence, arguments: try reader.structure(depth: 0)))
    }

    private mutating func version() throws(ThriftError) -> UInt8 {
        let word: UInt32 = try integer()
        guard word >> 16 == 0x8001 else { throw ThriftError("no message of the strict binary protocol") }
        return UInt8(truncatingIfNeeded: word)
    }

    private mutating func head() throws(ThriftError) -> (name: String, sequence: Int32) {
        let kind = try version()
        guard kind == 1 || kind == 4 else { throw ThriftError("a message of type \(kind) is no call") }
        let name = String(decoding: try text(), as: UTF8.self)
        return (name, try integer())
    }

    private mutating func integer<T: FixedWidthInteger>() throws(ThriftError) -> T {
        let size = T.bitWidth / 8
        guard bytes.count - position >= size else { throw ThriftError("the message ends in the middle of a value") }
        defer { position += size }
        var value: T = 0
        for byte in bytes[position..<(position + size)] { value = (T.bitWidth > 8 ? value << 8 : 0) | T(truncatingIfNeeded: byte) }
        return value
    }

    private mutating func text() throws(ThriftError) -> ArraySlice<UInt8> {
        let length: Int32 = try integer()
        guard length >= 0, Int(length) <= bytes.count - position else { throw ThriftError("a length of \(length) is beyond the message") }
        defer { position += Int(length) }
        return bytes[position..<(position + Int(length))]
    }

    private mutating func type() throws(ThriftError) -> WireType {
        let code: UInt8 = try integer()
        guard let type = WireType(rawValue: code) else { throw ThriftError("unknown type \(code)") }
        return type
    }

    private mutating func structure(depth: Int) throws(ThriftError) -> ThriftStructure {
        guard depth < Self.maxDepth else { throw ThriftError("more than \(Self.maxDepth) levels") }
        var structure = ThriftStructure()
        while true {
            let type = try type()
            if type == .stop { return structure }
            let id: Int16 = try integer()
            structure.fields.append((id, try value(type, depth: depth)))
        }
    }

    private mutating func value(_ type: WireType, depth: Int) throws(ThriftError) -> ThriftValue {
        values += 1
        guard values <= Self.maxValues else { throw ThriftError("more than \(Self.maxValues) values") }
        switch type {
        case .stop: throw ThriftError("a value of type 0")
        case .bool:
            let byte: UInt8 = try integer()
            return .bool(byte != 0)
        case .byte: return .byte(try integer())
        case .i16: return .i16(try integer())
        case .i32: return .i32(try integer())
        case .i64: return .i64(try integer())
        case .double:
            let bits: UInt64 = try integer()
            return .double(Double(bitPattern: bits))
        case .string: return .bytes(Array(try text()))
        case .structure: return .structure(try structure(depth: depth + 1))
        case .list, .set: return .list(try list(depth: depth + 1))
        case .map: return .map(try map(depth: depth + 1))
        }
    }

    /// The number of elements; each takes a byte at least.
    private mutating func count(bytesEach size: Int) throws(ThriftError) -> Int {
        let count: Int32 = try integer()
        guard count >= 0, Int(count) * size <= bytes.count - position else { throw ThriftError("a count of \(count) is beyond the message") }
        return Int(count)
    }

    private mutating func list(depth: Int) throws(ThriftError) -> [ThriftValue] {
        guard depth < Self.maxDepth else { throw ThriftError("more than \(Self.maxDepth) levels") }
        let type = try type()
        let count = try count(bytesEach: 1)
        var items: [ThriftValue] = []
        items.reserveCapacity(min(count, 1024))
        for _ in 0..<count { items.append(try value(type, depth: depth)) }
        return items
    }

    private mutating func map(depth: Int) throws(ThriftError) -> [ThriftValue.Entry] {
        guard depth < Self.maxDepth else { throw ThriftError("more than \(Self.maxDepth) levels") }
        // An empty map has types of 0.
        let keyCode: UInt8 = try integer()
        let valueCode: UInt8 = try integer()
        let count = try count(bytesEach: 2)
        guard count > 0 else { return [] }
        guard let key = WireType(rawValue: keyCode), let value = WireType(rawValue: valueCode) else { throw ThriftError("a map of unknown types") }
        var entries: [ThriftValue.Entry] = []
        for _ in 0..<count {
            let name = try self.value(key, depth: depth)
            entries.append(ThriftValue.Entry(key: name, value: try self.value(value, depth: depth)))
        }
        return entries
    }
}

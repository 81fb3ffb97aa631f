/// A field's number and wire type within a structure of Thrift's compact protocol.
struct ThriftField {
    let id: Int
    let type: ThriftType
}

enum ThriftType: UInt8 {
    case booleanTrue = 1, booleanFalse, byte, int16, int32, int64, double, binary, list, set, map, structure
}

/// Reads Thrift's compact protocol. Every length is checked against the bytes there are, and nesting against a limit.
struct ThriftReader {
    private static let maxDepth = 32

    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int
    private var depth = 0

    /// Reads within `range`, which must lie in the bytes.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// Calls `body` for each field, whose value it must read or skip.
    mutating func structure(_ body: (inout ThriftReader, ThriftField) throws(ParquetError) -> Void) throws(ParquetError) {
        try enter()
        var id = 0
        while true {
            let header = try byte()
            if header == 0 { break }
            let delta = Int(header >> 4)
            id = delta == 0 ? Int(try signed(Int16.self)) : id + delta
            guard let type = ThriftType(rawValue: header & 0x0F) else {
                throw .malformed("a Thrift field of unknown type \(header & 0x0F)")
            }
            try body(&self, ThriftField(id: id, type: type))
        }
        depth -= 1
    }

    /// The fields of a nested structure.
    mutating func structure(
        _ field: ThriftField, _ body: (inout ThriftReader, ThriftField) throws(ParquetError) -> Void
    ) throws(ParquetError) {
        try expect(field, .structure)
        try structure(body)
    }

    mutating func list<Element>(
        _ field: ThriftField, of type: ThriftType, _ element: (inout ThriftReader) throws(ParquetError) -> Element
    ) throws(ParquetError) -> [Element] {
        try expect(field, .list)
        let (count, found) = try listHeader()
        guard count == 0 || found == type else { throw .malformed("a Thrift list of unexpected elements") }
        var result: [Element] = []
        for _ in 0..<count { result.append(try element(&self)) }
        return result
    }

    mutating func boolean(_ field: ThriftField) throws(ParquetError) -> Bool {
        switch field.type {
        case .booleanTrue: true
        case .booleanFalse: false
        default: throw .malformed("a Thrift field \(field.id) that is no boolean")
        }
    }

    mutating func int8(_ field: ThriftField) throws(ParquetError) -> Int8 {
        try expect(field, .byte)
        return Int8(bitPattern: try byte())
    }

    mutating func int16(_ field: ThriftField) throws(ParquetError) -> Int16 {
        try expect(field, .int16)
        return try signed(Int16.self)
    }

    mutating func int32(_ field: ThriftField) throws(ParquetError) -> Int32 {
        try expect(field, .int32)
        return try signed(Int32.self)
    }

    mutating func int64(_ field: ThriftField) throws(ParquetError) -> Int64 {
        try expect(field, .int64)
        return try signed(Int64.self)
    }

    mutating func binary(_ field: ThriftField) throws(ParquetError) -> [UInt8] {
        try expect(field, .binary)
        return try binary()
    }

    mutating func string(_ field: ThriftField) throws(ParquetError) -> String { String(decoding: try binary(field), as: UTF8.self) }

    /// An element of a list of binaries.
    mutating func binary() throws(ParquetError) -> [UInt8] {
        let count = try length()
        let start = position
        position += count
        return Array(bytes[start..<position])
    }

    /// An element of a list of 32-bit integers.
    mutating func int32() throws(ParquetError) -> Int32 { try signed(Int32.self) }

    mutating func skip(_ field: ThriftField) throws(ParquetError) {
        switch field.type {
        case .booleanTrue, .booleanFalse: break
        default: try skipElement(field.type)
        }
    }

    private mutating func skipElement(_ type: ThriftType) throws(ParquetError) {
        switch type {
        case .booleanTrue, .booleanFalse, .byte: _ = try byte()
        case .int16, .int32, .int64: _ = try varint()
        case .double:
            guard end - position >= 8 else { throw .malformed("Thrift data end too early") }
            position += 8
        case .binary: position += try length()
        case .list, .set:
            try enter()
            let (count, element) = try listHeader()
            for _ in 0..<count { try skipElement(element) }
            depth -= 1
        case .map:
            try enter()
            let count = try length()
            if count > 0 {
                let types = try byte()
                guard let key = ThriftType(rawValue: types >> 4), let value = ThriftType(rawValue: types & 0x0F) else {
                    throw .malformed("a Thrift map of unknown types")
                }
                for _ in 0..<count {
                    try skipElement(key)
                    try skipElement(value)
                }
            }
            depth -= 1
        case .structure: try structure { reader, field throws(ParquetError) in try reader.skip(field) }
        }
    }

    private mutating func enter() throws(ParquetError) {
        depth += 1
        guard depth <= Self.maxDepth else { throw .malformed("Thrift data nested too deeply") }
    }

    private func expect(_ field: ThriftField, _ type: ThriftType) throws(ParquetError) {
        guard field.type == type else { throw .malformed("a Thrift field \(field.id) of type \(field.type) where \(type) was expected") }
    }

    private mutating func listHeader() throws(ParquetError) -> (Int, ThriftType) {
        let header = try byte()
        var count = Int(header >> 4)
        if count == 15 { count = try length() }
        // Each element has a byte at least.
        guard count <= end - position else { throw .malformed("a Thrift list longer than its data") }
        guard let type = ThriftType(rawValue: header & 0x0F) else {
            if count == 0 { return (0, .byte) }
            throw .malformed("a Thrift list of unknown type \(header & 0x0F)")
        }
        return (count, type)
    }

    /// A length that the remaining bytes can hold.
    private mutating func length() throws(ParquetError) -> Int {
        let value = try varint()
        guard value <= UInt64(end - position) else { throw .malformed("a Thrift length beyond the end of the data") }
        return Int(value)
    }

    private mutating func byte() throws(ParquetError) -> UInt8 {
        guard position < end else { throw .malformed("Thrift data end too early") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func varint() throws(ParquetError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let next = try byte()
            result |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return result }
            shift += 7
        }
        throw .malformed("a Thrift integer of more than 64 bits")
    }

    /// A zigzag integer.
    private mutating func signed<T: FixedWidthInteger>(_ type: T.Type) throws(ParquetError) -> T {
        let raw = try varint()
        let value = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
        guard let result = T(exactly: value) else { throw .malformed("a Thrift integer that does not fit its type") }
        return result
    }
}

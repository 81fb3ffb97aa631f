/// Writes Thrift's compact protocol. Fields are written in ascending order of their numbers.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var lastID = 0

    init() {}

    mutating func boolean(_ id: Int, _ value: Bool) { header(id, value ? .booleanTrue : .booleanFalse) }

    mutating func int8(_ id: Int, _ value: Int8) {
        header(id, .byte)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func int16(_ id: Int, _ value: Int16) {
        header(id, .int16)
        signed(Int64(value))
    }

    mutating func int32(_ id: Int, _ value: Int32) {
        header(id, .int32)
        signed(Int64(value))
    }

    mutating func int64(_ id: Int, _ value: Int64) {
        header(id, .int64)
        signed(value)
    }

    mutating func binary(_ id: Int, _ value: some Collection<UInt8>) {
        header(id, .binary)
        element(value)
    }

    mutating func string(_ id: Int, _ value: String) { binary(id, Array(value.utf8)) }

    mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
        header(id, .structure)
        structure(body)
    }

    /// A structure without a header: the outermost one, or an element of a list.
    mutating func structure(_ body: (inout ThriftWriter) -> Void) {
        let outer = lastID
        lastID = 0
        body(&self)
        bytes.append(0)
        lastID = outer
    }

    mutating func list<Element>(_ id: Int, of type: ThriftType, _ elements: [Element], _ body: (inout ThriftWriter, Element) -> Void) {
        header(id, .list)
        if elements.count < 15 {
            bytes.append(UInt8(elements.count) << 4 | type.rawValue)
        } else {
            bytes.append(0xF0 | type.rawValue)
            varint(UInt64(elements.count))
        }
        for element in elements { body(&self, element) }
    }

    /// An element of a list of binaries.
    mutating func element(_ value: some Collection<UInt8>) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// An element of a list of 32-bit integers.
    mutating func element(_ value: Int32) { signed(Int64(value)) }

    private mutating func header(_ id: Int, _ type: ThriftType) {
        let delta = id - lastID
        if (1...15).contains(delta) {
            bytes.append(UInt8(delta) << 4 | type.rawValue)
        } else {
            bytes.append(type.rawValue)
            signed(Int64(id))
        }
        lastID = id
    }

    private mutating func signed(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

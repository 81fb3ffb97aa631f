/// Writes messages of Thrift's strict binary protocol.
package struct BinaryWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// A whole message: the head and one structure. `kind` is 1 for a call, 2 for a reply, 3 for an exception.
    package static func message(_ name: String, _ sequence: Int32, kind: UInt8, _ body: (inout BinaryWriter) -> Void) -> [UInt8] {
        var writer = BinaryWriter()
        writer.append(0x8001_0000 as UInt32 | UInt32(kind))
        writer.append(Array(name.utf8))
        writer.append(sequence)
        body(&writer)
        writer.bytes.append(WireType.stop.rawValue)
        return writer.bytes
    }

    /// The answer to a call that cannot be carried out at all (TApplicationException: 1 message, 2 type).
    package static func exception(_ name: String, _ sequence: Int32, code: Int32, _ reason: String) -> [UInt8] {
        message(name, sequence, kind: 3) { writer in
            writer.string(1, reason)
            writer.i32(2, code)
        }
    }

    private mutating func append<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ text: [UInt8]) {
        append(Int32(truncatingIfNeeded: text.count))
        bytes.append(contentsOf: text)
    }

    private mutating func head(_ id: Int16, _ type: WireType) {
        bytes.append(type.rawValue)
        append(id)
    }

    private mutating func head(list id: Int16, of type: WireType, count: Int) {
        head(id, .list)
        bytes.append(type.rawValue)
        append(Int32(truncatingIfNeeded: count))
    }

    package mutating func bool(_ id: Int16, _ value: Bool) {
        head(id, .bool)
        bytes.append(value ? 1 : 0)
    }

    package mutating func i16(_ id: Int16, _ value: Int16) {
        head(id, .i16)
        append(value)
    }

    package mutating func i32(_ id: Int16, _ value: Int32) {
        head(id, .i32)
        append(value)
    }

    package mutating func i64(_ id: Int16, _ value: Int64) {
        head(id, .i64)
        append(value)
    }

    package mutating func double(_ id: Int16, _ value: Double) {
        head(id, .double)
        append(value.bitPattern)
    }

    package mutating func string(_ id: Int16, _ text: String) { binary(id, Array(text.utf8)) }

    package mutating func binary(_ id: Int16, _ value: [UInt8]) {
        head(id, .string)
        append(value)
    }

    package mutating func structure(_ id: Int16, _ body: (inout BinaryWriter) -> Void) {
        head(id, .structure)
        body(&self)
        bytes.append(WireType.stop.rawValue)
    }

    package mutating func structures<Items: Collection>(_ id: Int16, _ items: Items, _ body: (inout BinaryWriter, Items.Element) -> Void) {
        head(list: id, of: .structure, count: items.count)
        for item in items {
            body(&self, item)
            bytes.append(WireType.stop.rawValue)
        }
    }

    package mutating func strings(_ id: Int16, _ items: [String]) {
        head(list: id, of: .string, count: items.count)
        for item in items { append(Array(item.utf8)) }
    }

    package mutating func binaries(_ id: Int16, count: Int, _ item: (Int) -> [UInt8]) {
        head(list: id, of: .string, count: count)
        for index in 0..<count { append(item(index)) }
    }

    package mutating func bools(_ id: Int16, count: Int, _ item: (Int) -> Bool) {
        head(list: id, of: .bool, count: count)
        for index in 0..<count { bytes.append(item(index) ? 1 : 0) }
    }

    package mutating func doubles(_ id: Int16, count: Int, _ item: (Int) -> Double) {
        head(list: id, of: .double, count: count)
        for index in 0..<count { append(item(index).bitPattern) }
    }

    package mutating func bytes(_ id: Int16, count: Int, _ item: (Int) -> Int8) {
        head(list: id, of: .byte, count: count)
        for index in 0..<count { append(item(index)) }
    }

    package mutating func i16s(_ id: Int16, count: Int, _ item: (Int) -> Int16) {
        head(list: id, of: .i16, count: count)
        for index in 0..<count { append(item(index)) }
    }

    package mutating func i32s(_ id: Int16, count: Int, _ item: (Int) -> Int32) {
        head(list: id, of: .i32, count: count)
        for index in 0..<count { append(item(index)) }
    }

    package mutating func i64s(_ id: Int16, count: Int, _ item: (Int) -> Int64) {
        head(list: id, of: .i64, count: count)
        for index in 0..<count { append(item(index)) }
    }

    /// A map of strings; an empty one has its types all the same.
    package mutating func stringMap(_ id: Int16, _ entries: [(key: String, value: String)]) {
        head(id, .map)
        bytes.append(WireType.string.rawValue)
        bytes.append(WireType.string.rawValue)
        append(Int32(truncatingIfNeeded: entries.count))
        for entry in entries {
            append(Array(entry.key.utf8))
            append(Array(entry.value.utf8))
        }
    }

    /// A map of names to structures.
    package mutating func structureMap(_ id: Int16, _ entries: [(key: String, value: (inout BinaryWriter) -> Void)]) {
        head(id, .map)
        bytes.append(WireType.string.rawValue)
        bytes.append(WireType.structure.rawValue)
        append(Int32(truncatingIfNeeded: entries.count))
        for entry in entries {
            append(Array(entry.key.utf8))
            entry.value(&self)
            bytes.append(WireType.stop.rawValue)
        }
    }
}

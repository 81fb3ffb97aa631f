/// A value of Thrift's data model, as far as the protocol of the SQL drivers needs it.
package indirect enum ThriftValue: Sendable, Equatable {
    case bool(Bool)
    case byte(Int8)
    case i16(Int16)
    case i32(Int32)
    case i64(Int64)
    case double(Double)
    /// Strings and binaries: the wire makes no difference.
    case bytes([UInt8])
    case list([ThriftValue])
    case map([Entry])
    case structure(ThriftStructure)

    package struct Entry: Sendable, Equatable {
        package let key: ThriftValue
        package let value: ThriftValue
    }
}

/// A structure's fields by their numbers; of a number that comes twice the first counts. Fields that nobody asks for are skipped thereby.
package struct ThriftStructure: Sendable, Equatable {
    package var fields: [(id: Int16, value: ThriftValue)] = []

    package init(_ fields: [(id: Int16, value: ThriftValue)] = []) { self.fields = fields }

    package static func == (left: ThriftStructure, right: ThriftStructure) -> Bool {
        left.fields.elementsEqual(right.fields) { $0.id == $1.id && $0.value == $1.value }
    }

    package subscript(_ id: Int16) -> ThriftValue? { fields.first { $0.id == id }?.value }

    package func bool(_ id: Int16) -> Bool? { if case .bool(let value)? = self[id] { value } else { nil } }

    package func integer(_ id: Int16) -> Int64? {
        switch self[id] {
        case .byte(let value)?: Int64(value)
        case .i16(let value)?: Int64(value)
        case .i32(let value)?: Int64(value)
        case .i64(let value)?: value
        default: nil
        }
    }

    package func bytes(_ id: Int16) -> [UInt8]? { if case .bytes(let value)? = self[id] { value } else { nil } }

    package func string(_ id: Int16) -> String? { bytes(id).map { String(decoding: $0, as: UTF8.self) } }

    package func structure(_ id: Int16) -> ThriftStructure? { if case .structure(let value)? = self[id] { value } else { nil } }

    package func structures(_ id: Int16) -> [ThriftStructure]? {
        guard case .list(let items)? = self[id] else { return nil }
        return items.compactMap { if case .structure(let value) = $0 { value } else { nil } }
    }

    package func strings(_ id: Int16) -> [String]? {
        guard case .list(let items)? = self[id] else { return nil }
        return items.compactMap { if case .bytes(let value) = $0 { String(decoding: value, as: UTF8.self) } else { nil } }
    }

    /// A map of strings, in the order of the wire.
    package func stringMap(_ id: Int16) -> [(key: String, value: String)] {
        guard case .map(let entries)? = self[id] else { return [] }
        return entries.compactMap { entry in
            guard case .bytes(let key) = entry.key, case .bytes(let value) = entry.value else { return nil }
            return (String(decoding: key, as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
    }
}

/// Fields and types as Arrow's `Schema.fbs` has them.
enum ArrowSchema {
    private typealias Value = FlatBufferBuilder.FieldValue

    static func field(_ field: Field, _ timeZoneID: String, _ buffer: inout FlatBufferBuilder) -> FlatBufferBuilder.Place {
        let children = children(of: field.type).map { self.field($0, timeZoneID, &buffer) }
        let (kind, fields) = type(field.type, timeZoneID, &buffer)
        let type = buffer.table(fields)
        let name = buffer.string(field.name)
        let list = buffer.vector(children)
        return buffer.table([.reference(name), .bool(field.nullable), .byte(kind), .reference(type), nil, .reference(list)])
    }

    private static func children(of type: DataType) -> [Field] {
        switch type {
        case .array(let element, let containsNull): [Field("element", element, nullable: containsNull)]
        case .map(let key, let value, let containsNull):
            [
                Field(
                    "entries", .structure([Field("key", key, nullable: false), Field("value", value, nullable: containsNull)]), nullable: false)
            ]
        case .structure(let fields): fields
        default: []
        }
    }

    /// The number of the type in the union `Type`, and the fields of its table.
    private static func type(_ type: DataType, _ timeZoneID: String, _ buffer: inout FlatBufferBuilder) -> (UInt8, [Value?]) {
        let microseconds = Value.short(2)
        switch type {
        case .void: return (1, [])
        case .byte: return (2, [.int(8), .bool(true)])
        case .short: return (2, [.int(16), .bool(true)])
        case .int: return (2, [.int(32), .bool(true)])
        case .long: return (2, [.int(64), .bool(true)])
        case .float: return (3, [.short(1)])
        case .double: return (3, [.short(2)])
        case .binary: return (4, [])
        case .string, .char, .varchar: return (5, [])
        case .boolean: return (6, [])
        case .decimal(let type): return (7, [.int(Int32(type.precision)), .int(Int32(type.scale)), .int(128)])
        case .date: return (8, [.short(0)])
        case .timestamp: return (10, [microseconds, .reference(buffer.string(timeZoneID))])
        case .timestampNTZ: return (10, [microseconds])
        case .yearMonthInterval: return (11, [.short(0)])
        case .dayTimeInterval: return (18, [microseconds])
        case .array: return (12, [])
        case .structure: return (13, [])
        case .map: return (17, [.bool(false)])
        // Two binaries, as they lie in memory.
        case .variant: return (13, [])
        }
    }
}

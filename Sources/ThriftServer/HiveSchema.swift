import Columnar

/// A result's columns as the protocol describes them (`TTableSchema`).
enum HiveSchema {
    static func write(_ id: Int16, _ schema: Schema, to writer: inout BinaryWriter) {
        writer.structure(id) { writer in
            writer.structures(1, Array(schema.fields.enumerated())) { writer, column in
                writer.string(1, column.element.name)
                writer.structure(2) { $0.structures(1, [column.element.type]) { writer, type in writer.structure(1) { write(type, to: &$0) } } }
                writer.i32(3, Int32(truncatingIfNeeded: column.offset + 1))
                writer.string(4, "")
            }
        }
    }

    private static func write(_ type: DataType, to writer: inout BinaryWriter) {
        writer.i32(1, typeID(type).rawValue)
        guard case .decimal(let decimal) = type else { return }
        writer.structure(2) { writer in
            writer.structureMap(
                1,
                [
                    ("precision", { $0.i32(1, Int32(truncatingIfNeeded: decimal.precision)) }),
                    ("scale", { $0.i32(1, Int32(truncatingIfNeeded: decimal.scale)) }),
                ])
        }
    }

    static func typeID(_ type: DataType) -> TCLI.TypeID {
        switch type {
        case .void: .null
        case .boolean: .boolean
        case .byte: .tinyint
        case .short: .smallint
        case .int: .int
        case .long: .bigint
        case .float: .float
        case .double: .double
        case .decimal: .decimal
        // VARIANT is given as its JSON text.
        case .string, .char, .varchar, .variant: .string
        case .binary: .binary
        case .date: .date
        case .timestamp, .timestampNTZ: .timestamp
        case .yearMonthInterval: .intervalYearMonth
        case .dayTimeInterval: .intervalDayTime
        case .array: .array
        case .map: .map
        case .structure: .structure
        }
    }
}

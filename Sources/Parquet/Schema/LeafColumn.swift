import Columnar

/// How one leaf column of a file is laid out, and what Spark type it has.
struct LeafColumn: Sendable {
    /// The names of what it lies in and its own, with dots between: for errors.
    let name: String
    let physicalType: PhysicalType
    /// Of `fixedLenByteArray`.
    let typeLength: Int
    let type: DataType
    /// How the file's numbers become the type's.
    let conversion: Conversion
    /// The level at which there is a value, and the number of lists around it.
    let maxDefinition: Int
    let maxRepetition: Int

    enum Conversion: Sendable, Equatable {
        case none
        case millisToMicros
        case nanosToMicros
        /// Sixteen bits, little-endian.
        case halfFloat
        /// Sixteen bytes that are shown as text.
        case uuid
        case unsigned
        /// Big-endian two's complement.
        case bigEndian
    }
}

extension LeafColumn {
    init(_ element: SchemaElement, name: String, definition: Int, repetition: Int) throws(ParquetError) {
        guard let physical = element.type else { throw .malformed("a leaf without a type") }
        let length = Int(element.typeLength ?? 0)
        if physical == .fixedLenByteArray {
            guard length > 0 else { throw .malformed("the column '\(element.name)' of fixed length without a length") }
        }
        self.name = name
        physicalType = physical
        typeLength = length
        maxDefinition = definition
        maxRepetition = repetition
        (type, conversion) = try Self.type(element, physical, length)
    }

    private static func type(_ element: SchemaElement, _ physical: PhysicalType, _ length: Int) throws(ParquetError) -> (
        DataType, Conversion
    ) {
        let annotation = element.annotation
        func refused(_ what: String) -> ParquetError { .unsupported("the column '\(element.name)' of type \(what)") }
        switch (physical, annotation) {
        case (.boolean, nil): return (.boolean, .none)
        case (.float, nil): return (.float, .none)
        case (.double, nil): return (.double, .none)
        case (.int96, nil): return (.timestamp, .none)
        case (.int32, nil), (.int32, .integer(bits: 32, isSigned: true)): return (.int, .none)
        case (.int32, .integer(bits: 8, isSigned: true)): return (.byte, .none)
        case (.int32, .integer(bits: 16, isSigned: true)): return (.short, .none)
        case (.int32, .integer(bits: 8, isSigned: false)): return (.short, .unsigned)
        case (.int32, .integer(bits: 16, isSigned: false)): return (.int, .unsigned)
        case (.int32, .integer(bits: 32, isSigned: false)): return (.long, .unsigned)
        case (.int32, .date): return (.date, .none)
        case (.int64, nil), (.int64, .integer(bits: 64, isSigned: true)): return (.long, .none)
        case (.int64, .integer(bits: 64, isSigned: false)): return (.decimal(DecimalType(20, 0)), .unsigned)
        case (.int64, .timestamp(let adjusted, .micros)): return (adjusted ? .timestamp : .timestampNTZ, .none)
        case (.int64, .timestamp(let adjusted, .millis)): return (adjusted ? .timestamp : .timestampNTZ, .millisToMicros)
        case (.int64, .timestamp(let adjusted, .nanos)): return (adjusted ? .timestamp : .timestampNTZ, .nanosToMicros)
        case (.fixedLenByteArray, .float16):
            guard length == 2 else { throw .malformed("the column '\(element.name)' of type FLOAT16 in \(length) bytes") }
            return (.float, .halfFloat)
        case (.fixedLenByteArray, .uuid):
            guard length == 16 else { throw .malformed("the column '\(element.name)' of type UUID in \(length) bytes") }
            return (.text, .uuid)
        case (.byteArray, .string), (.byteArray, .enum), (.byteArray, .json): return (.text, .none)
        case (.byteArray, nil), (.byteArray, .bson), (.fixedLenByteArray, nil): return (.binary, .none)
        case (.int32, .decimal(let scale, let precision)), (.int64, .decimal(let scale, let precision)),
            (.fixedLenByteArray, .decimal(let scale, let precision)), (.byteArray, .decimal(let scale, let precision)):
            guard precision >= 1, precision <= DecimalType.maxPrecision, scale >= 0, scale <= precision else {
                throw refused("DECIMAL(\(precision),\(scale))")
            }
            guard physical != .int32 || precision <= 9, physical != .int64 || precision <= 18 else {
                throw .malformed("the column '\(element.name)' of type DECIMAL(\(precision),\(scale)) in too narrow a type")
            }
            let isBytes = physical == .fixedLenByteArray || physical == .byteArray
            return (.decimal(DecimalType(precision, scale)), isBytes ? .bigEndian : .none)
        default: throw refused("\(physical.name) (\(annotation?.name ?? "none"))")
        }
    }
}

extension SchemaElement {
    /// The logical type, or what says the same in older files. A column that is said to hold nulls alone is read by its physical type, as Spark does.
    fileprivate var annotation: LogicalType? {
        if let logicalType { return logicalType == .unknown ? nil : logicalType }
        return switch convertedType {
        case nil, .mapKeyValue: nil
        case .utf8: .string
        case .map: .map
        case .list: .list
        case .enum: .enum
        case .decimal: .decimal(scale: Int(scale ?? 0), precision: Int(precision ?? 0))
        case .date: .date
        case .timeMillis, .timeMicros: .time
        case .timestampMillis: .timestamp(isAdjustedToUTC: true, .millis)
        case .timestampMicros: .timestamp(isAdjustedToUTC: true, .micros)
        case .uint8: .integer(bits: 8, isSigned: false)
        case .uint16: .integer(bits: 16, isSigned: false)
        case .uint32: .integer(bits: 32, isSigned: false)
        case .uint64: .integer(bits: 64, isSigned: false)
        case .int8: .integer(bits: 8, isSigned: true)
        case .int16: .integer(bits: 16, isSigned: true)
        case .int32: .integer(bits: 32, isSigned: true)
        case .int64: .integer(bits: 64, isSigned: true)
        case .json: .json
        case .bson: .bson
        case .interval: .other(0)
        }
    }
}

extension PhysicalType {
    var name: String {
        switch self {
        case .boolean: "BOOLEAN"
        case .int32: "INT32"
        case .int64: "INT64"
        case .int96: "INT96"
        case .float: "FLOAT"
        case .double: "DOUBLE"
        case .byteArray: "BYTE_ARRAY"
        case .fixedLenByteArray: "FIXED_LEN_BYTE_ARRAY"
        }
    }
}

extension LogicalType {
    fileprivate var name: String {
        switch self {
        case .string: "STRING"
        case .map: "MAP"
        case .list: "LIST"
        case .enum: "ENUM"
        case .decimal(let scale, let precision): "DECIMAL(\(precision),\(scale))"
        case .date: "DATE"
        case .time: "TIME"
        case .timestamp(let adjusted, let unit): "TIMESTAMP(\("\(unit)".uppercased()),\(adjusted))"
        case .integer(let bits, let isSigned): "INTEGER(\(bits),\(isSigned))"
        case .unknown: "UNKNOWN"
        case .json: "JSON"
        case .bson: "BSON"
        case .uuid: "UUID"
        case .float16: "FLOAT16"
        case .other(0): "INTERVAL"
        case .other(let number): "logical type \(number)"
        }
    }
}

import Columnar

/// How one leaf column of a file is laid out, and what Spark type it has.
struct LeafColumn: Sendable {
    let path: [String]
    let physicalType: PhysicalType
    /// Of `fixedLenByteArray`.
    let typeLength: Int
    let type: DataType
    /// How the file's numbers become the type's.
    let conversion: Conversion
    let isOptional: Bool

    enum Conversion: Sendable, Equatable {
        case none
        case millisToMicros
        case unsigned
        /// Big-endian two's complement.
        case bigEndian
    }
}

/// The top-level columns of a file.
struct FileSchema: Sendable {
    struct TopLevel: Sendable {
        let field: Field
        let fieldID: Int32?
        /// nil if the column is nested, and so not yet read.
        let leaf: LeafColumn?
        /// The number of its (first) leaf among all leaves.
        let leafIndex: Int
    }

    private(set) var columns: [TopLevel] = []
    private(set) var leafCount = 0

    init(_ elements: [SchemaElement]) throws(ParquetError) {
        guard let root = elements.first, root.type == nil else { throw .malformed("a schema without a root") }
        var walk = SchemaWalk(elements: elements)
        let children = try walk.childCount(root)
        for _ in 0..<children {
            let index = walk.leafCount
            let element = try walk.peek()
            let field = try walk.field(depth: 1)
            columns.append(
                TopLevel(
                    field: field, fieldID: element.fieldID,
                    leaf: element.type == nil || element.repetition == .repeated ? nil : try LeafColumn(element), leafIndex: index))
        }
        leafCount = walk.leafCount
        guard walk.isAtEnd else { throw .malformed("a schema with more elements than its root has") }
    }
}

/// Goes through the flattened schema once, from the element behind the root on.
private struct SchemaWalk {
    private static let maxDepth = 64

    let elements: [SchemaElement]
    private var next = 1
    private(set) var leafCount = 0

    init(elements: [SchemaElement]) { self.elements = elements }

    var isAtEnd: Bool { next == elements.count }

    func peek() throws(ParquetError) -> SchemaElement {
        guard elements.indices.contains(next) else { throw .malformed("a schema with fewer elements than it says") }
        return elements[next]
    }

    func childCount(_ element: SchemaElement) throws(ParquetError) -> Int {
        let count = Int(element.childCount ?? 0)
        guard count >= 0, count <= elements.count - next else { throw .malformed("a schema with fewer elements than it says") }
        return count
    }

    mutating func field(depth: Int) throws(ParquetError) -> Field {
        guard depth <= Self.maxDepth else { throw .malformed("a schema nested too deeply") }
        let element = try peek()
        next += 1
        var type: DataType
        if element.type != nil {
            leafCount += 1
            type = try LeafColumn(element).type
        } else {
            let count = try childCount(element)
            guard count > 0 else { throw .malformed("the group '\(element.name)' without fields") }
            let first = try peek()
            var fields: [Field] = []
            var repeated: [Bool] = []
            for _ in 0..<count {
                repeated.append(try peek().repetition == .repeated)
                fields.append(try self.field(depth: depth + 1))
            }
            type = Self.groupType(element, first, fields, isRepeated: repeated[0])
        }
        if element.repetition == .repeated { type = .array(element: type, containsNull: false) }
        return Field(element.name, type, nullable: element.repetition == .optional)
    }

    /// A list or map by its annotation and the usual shape beneath it, else a struct.
    private static func groupType(_ element: SchemaElement, _ first: SchemaElement, _ fields: [Field], isRepeated: Bool) -> DataType {
        // A repeated child has been given the type of an array already.
        if fields.count == 1, isRepeated, case .array(let inner, _) = fields[0].type {
            if element.logicalType == .list || element.convertedType == .list {
                if case .structure(let parts) = inner, parts.count == 1, first.type == nil, first.name != "array",
                    first.name != element.name + "_tuple"
                {
                    return .array(element: parts[0].type, containsNull: parts[0].nullable)
                }
                return .array(element: inner, containsNull: false)
            }
            if element.logicalType == .map || element.convertedType == .map || element.convertedType == .mapKeyValue,
                case .structure(let parts) = inner, parts.count == 2
            {
                return .map(key: parts[0].type, value: parts[1].type, valueContainsNull: parts[1].nullable)
            }
        }
        return .structure(fields)
    }
}

extension LeafColumn {
    init(_ element: SchemaElement) throws(ParquetError) {
        guard let physical = element.type else { throw .malformed("a leaf without a type") }
        let length = Int(element.typeLength ?? 0)
        if physical == .fixedLenByteArray {
            guard length > 0 else { throw .malformed("the column '\(element.name)' of fixed length without a length") }
        }
        path = [element.name]
        physicalType = physical
        typeLength = length
        isOptional = element.repetition == .optional
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
    /// The logical type, or what says the same in older files.
    fileprivate var annotation: LogicalType? {
        if let logicalType { return logicalType }
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

// MARK: Writing

extension SchemaElement {
    static func root(childCount: Int) -> SchemaElement {
        var root = SchemaElement()
        root.name = "spark_schema"
        root.childCount = Int32(truncatingIfNeeded: childCount)
        return root
    }

    /// A flat column as Spark writes it (its intervals are integers in files).
    init(_ field: Field, fieldID: Int32?) throws(ParquetError) {
        var element = SchemaElement()
        element.name = field.name
        element.repetition = field.nullable ? .optional : .required
        element.fieldID = fieldID
        switch field.type {
        case .boolean: element.type = .boolean
        case .byte:
            element.type = .int32
            (element.convertedType, element.logicalType) = (.int8, .integer(bits: 8, isSigned: true))
        case .short:
            element.type = .int32
            (element.convertedType, element.logicalType) = (.int16, .integer(bits: 16, isSigned: true))
        case .int, .yearMonthInterval: element.type = .int32
        case .long, .dayTimeInterval: element.type = .int64
        case .float: element.type = .float
        case .double: element.type = .double
        case .date:
            element.type = .int32
            (element.convertedType, element.logicalType) = (.date, .date)
        case .timestamp:
            element.type = .int64
            (element.convertedType, element.logicalType) = (.timestampMicros, .timestamp(isAdjustedToUTC: true, .micros))
        case .timestampNTZ:
            element.type = .int64
            element.logicalType = .timestamp(isAdjustedToUTC: false, .micros)
        case .decimal(let type):
            if type.precision <= 9 {
                element.type = .int32
            } else if type.fitsLong {
                element.type = .int64
            } else {
                element.type = .fixedLenByteArray
                element.typeLength = Int32(truncatingIfNeeded: type.byteLength)
            }
            element.convertedType = .decimal
            element.scale = Int32(truncatingIfNeeded: type.scale)
            element.precision = Int32(truncatingIfNeeded: type.precision)
            element.logicalType = .decimal(scale: type.scale, precision: type.precision)
        case .string, .char, .varchar:
            element.type = .byteArray
            (element.convertedType, element.logicalType) = (.utf8, .string)
        case .binary: element.type = .byteArray
        case .void, .array, .map, .structure, .variant:
            throw .unsupported("the column '\(field.name)' of type \(field.type.sqlText)")
        }
        self = element
    }
}

extension DecimalType {
    /// The fewest bytes that hold the precision's greatest value with a sign.
    var byteLength: Int { (129 - DecimalMath.greatest(precision: precision).leadingZeroBitCount + 7) / 8 }
}

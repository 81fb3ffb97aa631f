import Columnar
import JSON
import SparkErrors

/// An Avro schema with its logical types.
indirect enum AvroType: Sendable, Equatable {
    case null
    case boolean
    case int
    case long
    case float
    case double
    case bytes
    case string
    case fixed(Int)
    case enumeration([String])
    case date
    /// Microseconds, or milliseconds.
    case timestamp(isMillis: Bool)
    case timestampNTZ(isMillis: Bool)
    /// In so many bytes, or in as many as it needs.
    case decimal(DecimalType, fixed: Int?)
    case array(AvroType)
    case map(AvroType)
    case union([AvroType])
    case record([Member])

    struct Member: Sendable, Equatable {
        let name: String
        let type: AvroType
    }

    struct Malformed: Error {
        let reason: String
    }

    /// Types that have been named, and how much may still be made of them: each use of a name counts as all that it stands for.
    private struct Names {
        private var known: [String: (type: AvroType, size: Int, height: Int)] = [:]
        private var left = AvroType.mostParts

        mutating func spend(_ parts: Int) throws(Malformed) {
            left -= parts
            if left < 0 { throw Malformed(reason: "it has more than \(AvroType.mostParts) parts") }
        }

        mutating func remember(_ name: String, _ type: AvroType) {
            let (size, height) = type.extent
            known[name] = (type, size, height)
        }

        mutating func find(_ name: String, depth: Int) throws(Malformed) -> AvroType {
            guard let found = known[name] else { throw Malformed(reason: "there is no type \(name) before its use") }
            try spend(found.size)
            guard depth + found.height <= AvroType.mostDepth else { throw Malformed(reason: "it is nested too deeply") }
            return found.type
        }
    }

    private static let mostParts = 10_000
    private static let mostDepth = 64

    /// Types within it, itself among them, and the levels that they are on.
    var extent: (size: Int, height: Int) {
        let parts: [AvroType] =
            switch self {
            case .array(let item), .map(let item): [item]
            case .union(let members): members
            case .record(let members): members.map(\.type)
            default: []
            }
        return parts.reduce((1, 1)) { total, part in
            let (size, height) = part.extent
            return (total.0 + size, max(total.1, height + 1))
        }
    }

    /// - Throws: `Malformed` for what is no schema; schemas within themselves are none here.
    init(parsing text: String) throws(Malformed) {
        guard let json = try? JSONValue(parsing: text) else { throw Malformed(reason: "it is no JSON") }
        var names = Names()
        self = try AvroType(json, &names, depth: 0)
    }

    private init(_ json: JSONValue, _ names: inout Names, depth: Int) throws(Malformed) {
        guard depth < Self.mostDepth else { throw Malformed(reason: "it is nested too deeply") }
        try names.spend(1)
        switch json {
        case .string(let name): self = if let plain = Self.primitive(name) { plain } else { try names.find(name, depth: depth) }
        case .array(let members):
            var types: [AvroType] = []
            for member in members { types.append(try AvroType(member, &names, depth: depth + 1)) }
            self = .union(types)
        case .object(let object): self = try Self.complex(object, &names, depth: depth)
        default: throw Malformed(reason: "a schema is a name, an array or an object")
        }
    }

    private static func primitive(_ name: String) -> AvroType? {
        switch name {
        case "null": .null
        case "boolean": .boolean
        case "int": .int
        case "long": .long
        case "float": .float
        case "double": .double
        case "bytes": .bytes
        case "string": .string
        default: nil
        }
    }

    private static func complex(_ object: JSONObject, _ names: inout Names, depth: Int) throws(Malformed) -> AvroType {
        guard let given = object["type"] else { throw Malformed(reason: "an object has no type") }
        guard case .string(let kind) = given else { return try AvroType(given, &names, depth: depth + 1) }
        func remember(_ type: AvroType, _ names: inout Names) throws(Malformed) {
            guard case .string(let name)? = object["name"], !name.isEmpty else { throw Malformed(reason: "a \(kind) has no name") }
            names.remember(name, type)
            if case .string(let space)? = object["namespace"] { names.remember("\(space).\(name)", type) }
        }
        func size(_ name: String) -> Int? {
            guard case .number(let digits)? = object[name] else { return nil }
            return Int(digits)
        }
        let logical: String? = if case .string(let name)? = object["logicalType"] { name } else { nil }
        func decimal(_ fixed: Int?) -> AvroType? {
            guard logical == "decimal", let precision = size("precision"), (1...38).contains(precision), case let scale = size("scale") ?? 0,
                (0...precision).contains(scale)
            else { return nil }
            return .decimal(DecimalType(precision, scale), fixed: fixed)
        }
        switch kind {
        case "record":
            guard case .array(let fields)? = object["fields"] else { throw Malformed(reason: "a record has no fields") }
            var members: [Member] = []
            for field in fields {
                guard case .object(let field) = field, case .string(let name)? = field["name"], let type = field["type"] else {
                    throw Malformed(reason: "a field has no name or type")
                }
                if members.contains(where: { $0.name == name }) { throw Malformed(reason: "two fields are called \(name)") }
                members.append(Member(name: name, type: try AvroType(type, &names, depth: depth + 1)))
            }
            try remember(.record(members), &names)
            return .record(members)
        case "enum":
            guard case .array(let items)? = object["symbols"] else { throw Malformed(reason: "an enum has no symbols") }
            let symbols = items.compactMap(\.stringValue)
            guard symbols.count == items.count else { throw Malformed(reason: "a symbol is no string") }
            try remember(.enumeration(symbols), &names)
            return .enumeration(symbols)
        case "fixed":
            guard let size = size("size"), (0...(1 << 20)).contains(size) else { throw Malformed(reason: "a fixed has no size") }
            let type = decimal(size) ?? .fixed(size)
            try remember(type, &names)
            return type
        case "array":
            guard let items = object["items"] else { throw Malformed(reason: "an array has no items") }
            return .array(try AvroType(items, &names, depth: depth + 1))
        case "map":
            guard let values = object["values"] else { throw Malformed(reason: "a map has no values") }
            return .map(try AvroType(values, &names, depth: depth + 1))
        default: break
        }
        guard let plain = primitive(kind) else { return try names.find(kind, depth: depth) }
        switch (plain, logical) {
        case (.bytes, "decimal"): return decimal(nil) ?? .bytes
        case (.int, "date"): return .date
        case (.long, "timestamp-millis"): return .timestamp(isMillis: true)
        case (.long, "timestamp-micros"): return .timestamp(isMillis: false)
        case (.long, "local-timestamp-millis"): return .timestampNTZ(isMillis: true)
        case (.long, "local-timestamp-micros"): return .timestampNTZ(isMillis: false)
        default: return plain
        }
    }

    /// The SQL type, and whether NULL is among its values.
    var sqlType: (type: DataType, nullable: Bool) {
        switch self {
        case .null: return (.void, true)
        case .boolean: return (.boolean, false)
        case .int: return (.int, false)
        case .long: return (.long, false)
        case .float: return (.float, false)
        case .double: return (.double, false)
        case .bytes, .fixed: return (.binary, false)
        case .string, .enumeration: return (.text, false)
        case .date: return (.date, false)
        case .timestamp: return (.timestamp, false)
        case .timestampNTZ: return (.timestampNTZ, false)
        case .decimal(let type, _): return (.decimal(type), false)
        case .array(let items):
            let (element, nullable) = items.sqlType
            return (.array(element: element, containsNull: nullable), false)
        case .map(let values):
            let (value, nullable) = values.sqlType
            return (.map(key: .text, value: value, valueContainsNull: nullable), false)
        case .record(let members):
            return (
                .structure(
                    members.map {
                        let (type, nullable) = $0.type.sqlType
                        return Field($0.name, type, nullable: nullable)
                    }), false
            )
        case .union(let members):
            let others = members.filter { $0 != .null }
            let nullable = others.count < members.count
            if others.isEmpty { return (.void, true) }
            if others.count == 1 { return (others[0].sqlType.type, nullable || others[0].sqlType.nullable) }
            if others.count == 2, others.contains(.int), others.contains(.long) { return (.long, nullable) }
            if others.count == 2, others.contains(.float), others.contains(.double) { return (.double, nullable) }
            // One member of the struct holds the value, the others are NULL.
            return (.structure(others.enumerated().map { Field("member\($0)", $1.sqlType.type, nullable: true) }), nullable)
        }
    }

    /// The schema that values of a SQL type are written by, if none is given; nil if there is none.
    init?(_ type: DataType, nullable: Bool) {
        guard let plain = AvroType(plain: type) else { return nil }
        self = nullable && plain != .null ? .union([plain, .null]) : plain
    }

    private init?(plain type: DataType) {
        switch type {
        case .void: self = .null
        case .boolean: self = .boolean
        case .byte, .short, .int, .yearMonthInterval: self = .int
        case .long, .dayTimeInterval: self = .long
        case .float: self = .float
        case .double: self = .double
        case .string, .char, .varchar: self = .string
        case .binary: self = .bytes
        case .date: self = .date
        case .timestamp: self = .timestamp(isMillis: false)
        case .timestampNTZ: self = .timestampNTZ(isMillis: false)
        case .decimal(let decimal): self = .decimal(decimal, fixed: Self.width(decimal.precision))
        case .array(let element, let containsNull):
            guard let items = AvroType(element, nullable: containsNull) else { return nil }
            self = .array(items)
        case .map(let key, let value, let containsNull):
            guard key.isString, let values = AvroType(value, nullable: containsNull) else { return nil }
            self = .map(values)
        case .structure(let fields):
            var members: [Member] = []
            for field in fields {
                guard let type = AvroType(field.type, nullable: field.nullable) else { return nil }
                members.append(Member(name: field.name, type: type))
            }
            self = .record(members)
        case .variant: return nil
        }
    }

    /// The bytes that numbers of so many digits need.
    private static func width(_ precision: Int) -> Int {
        var (width, largest) = (1, Int128(127))
        let bound = (0..<precision).reduce(Int128(1)) { power, _ in power * 10 } - 1
        while largest < bound, width < 16 {
            width += 1
            largest = largest << 8 | 0xFF
        }
        return width
    }
}

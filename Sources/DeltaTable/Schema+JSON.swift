package import Columnar
package import JSON

// Source: Delta's PROTOCOL.md, "Schema Serialization Format"; Spark's `DataType.json` for char, varchar and collations.

/// Why a schema's JSON is not one.
package struct SchemaError: Error, Sendable, Hashable {
    package let message: String

    init(_ message: String) { self.message = message }
}

private let charVarcharKey = "__CHAR_VARCHAR_TYPE_STRING"
private let collationsKey = "__COLLATIONS"

extension TableSchema {
    /// Spark's JSON for a struct type, compact.
    package var schemaString: String {
        JSONValue.members([("type", "struct"), ("fields", .array(fields.map(\.json)))]).text
    }

    package init(schemaString: String) throws(SchemaError) {
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: schemaString) } catch { throw SchemaError("schemaString: \(error)") }
        guard value["type"]?.stringValue == "struct", let fields = value["fields"]?.arrayValue else {
            throw SchemaError("schemaString is not a struct type")
        }
        self.init([])
        for field in fields { self.fields.append(try TableField(json: field)) }
    }
}

extension TableField {
    /// `{"name":…,"type":…,"nullable":…,"metadata":{…}}`
    package var json: JSONValue {
        DeltaTypeJSON.field(Field(name, type, nullable: nullable, comment: comment), metadata, path: [], nestedMetadata)
    }

    package init(json: JSONValue) throws(SchemaError) {
        var nested: [[String]: JSONObject] = [:]
        let (field, metadata) = try DeltaTypeJSON.parseField(json, path: [], &nested, depth: 0)
        self.init(field.name, field.type, nullable: field.nullable, metadata: metadata)
        nestedMetadata = nested
    }
}

package enum DeltaTypeJSON {
    /// A type without metadata, as `information_schema` and the API's `type_json` show it.
    package static func json(_ type: DataType) -> JSONValue { self.json(type, path: [], [:]) }

    fileprivate static func field(_ field: Field, _ metadata: JSONObject, path: [String], _ nested: [[String]: JSONObject]) -> JSONValue {
        var metadata = metadata
        if let comment = field.comment { metadata["comment"] = .string(comment) }
        // Beside the column, for all of its type: fields of structs inside have none of their own.
        let hasLengths = path.isEmpty && field.type.contains(\.hasLength)
        metadata[charVarcharKey] = hasLengths ? .string(field.type.simpleText) : nil
        let collations = self.collations(of: field.type, at: field.name)
        if !collations.isEmpty { metadata[collationsKey] = .members(collations) }
        return .members([
            ("name", .string(field.name)), ("type", json(field.type, path: path, nested)), ("nullable", .bool(field.nullable)),
            ("metadata", .object(metadata)),
        ])
    }

    /// The collations of a field's strings, also of those in arrays and maps (`a.element`, `m.key`); fields of structs have their own.
    private static func collations(of type: DataType, at path: String) -> [(String, JSONValue)] {
        switch type {
        case .string(let collation) where collation != .utf8Binary: [(path, .string("spark.\(collation.rawValue)"))]
        case .array(let element, _): collations(of: element, at: path + ".element")
        case .map(let key, let value, _): collations(of: key, at: path + ".key") + collations(of: value, at: path + ".value")
        default: []
        }
    }

    /// The type with the collations that a field's metadata has for it.
    private static func collated(_ type: DataType, at path: String, _ collations: JSONValue, of column: String) throws(SchemaError) -> DataType {
        switch type {
        case .string:
            guard let name = collations[path]?.stringValue else { return type }
            guard let known = Collation.named.first(where: { name == "spark.\($0.rawValue)" }) else {
                throw SchemaError("collation \(name) of column \(column)")
            }
            return .string(known)
        case .array(let element, let containsNull):
            return .array(element: try collated(element, at: path + ".element", collations, of: column), containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            return .map(
                key: try collated(key, at: path + ".key", collations, of: column),
                value: try collated(value, at: path + ".value", collations, of: column), valueContainsNull: containsNull)
        default: return type
        }
    }

    private static func json(_ type: DataType, path: [String], _ nested: [[String]: JSONObject]) -> JSONValue {
        switch type {
        case .array(let element, let containsNull):
            return ["type": "array", "elementType": json(element, path: path + ["element"], nested), "containsNull": .bool(containsNull)]
        case .map(let key, let value, let valueContainsNull):
            return [
                "type": "map", "keyType": json(key, path: path + ["key"], nested), "valueType": json(value, path: path + ["value"], nested),
                "valueContainsNull": .bool(valueContainsNull),
            ]
        case .structure(let fields):
            let members = fields.map { field in
                let inner = path + [field.name]
                return self.field(field, nested[inner] ?? JSONObject(), path: inner, nested)
            }
            return ["type": "struct", "fields": .array(members)]
        case .byte: return "byte"
        case .short: return "short"
        case .int: return "integer"
        case .long: return "long"
        case .string, .char, .varchar: return "string"
        default: return .string(type.simpleText)
        }
    }

    fileprivate static func parseField(
        _ json: JSONValue, path: [String], _ nested: inout [[String]: JSONObject], depth: Int
    ) throws(SchemaError) -> (Field, JSONObject) {
        guard let name = json["name"]?.stringValue, let typeJSON = json["type"] else { throw SchemaError("a field without name or type") }
        let metadata = json["metadata"]?.objectValue ?? JSONObject()
        var type = try parse(typeJSON, path: path, &nested, depth: depth + 1)
        if let text = metadata[charVarcharKey]?.stringValue { type = TypeText.overlay(text, on: type) }
        if let collations = metadata[collationsKey] { type = try collated(type, at: name, collations, of: name) }
        let field = Field(name, type, nullable: json["nullable"]?.boolValue ?? true, comment: metadata["comment"]?.stringValue)
        return (field, metadata)
    }

    private static func parse(_ json: JSONValue, path: [String], _ nested: inout [[String]: JSONObject], depth: Int) throws(SchemaError)
        -> DataType
    {
        guard depth <= 128 else { throw SchemaError("a type is nested too deeply") }
        if let name = json.stringValue {
            guard let type = primitive(name) else { throw SchemaError("unknown type \(name)") }
            return type
        }
        switch json["type"]?.stringValue {
        case "array":
            guard let element = json["elementType"] else { throw SchemaError("an array without elementType") }
            return .array(
                element: try parse(element, path: path + ["element"], &nested, depth: depth + 1),
                containsNull: json["containsNull"]?.boolValue ?? true)
        case "map":
            guard let key = json["keyType"], let value = json["valueType"] else { throw SchemaError("a map without keyType or valueType") }
            return .map(
                key: try parse(key, path: path + ["key"], &nested, depth: depth + 1),
                value: try parse(value, path: path + ["value"], &nested, depth: depth + 1),
                valueContainsNull: json["valueContainsNull"]?.boolValue ?? true)
        case "struct":
            guard let fields = json["fields"]?.arrayValue else { throw SchemaError("a struct without fields") }
            var parsed: [Field] = []
            for field in fields {
                guard let name = field["name"]?.stringValue else { throw SchemaError("a field without name") }
                let (inner, metadata) = try parseField(field, path: path + [name], &nested, depth: depth + 1)
                if !metadata.isEmpty { nested[path + [name]] = metadata }
                parsed.append(inner)
            }
            return .structure(parsed)
        default: throw SchemaError("unknown type \(json.text)")
        }
    }

    private static func primitive(_ name: String) -> DataType? {
        switch name {
        case "string": .text
        case "long": .long
        case "integer": .int
        case "short": .short
        case "byte": .byte
        case "float": .float
        case "double": .double
        case "boolean": .boolean
        case "binary": .binary
        case "date": .date
        case "timestamp": .timestamp
        case "timestamp_ntz": .timestampNTZ
        case "variant": .variant
        case "void", "null": .void
        case "decimal": .decimal(DecimalType(10, 0))
        case let name where name.hasPrefix("interval "): intervals[name]
        default: decimal(name)
        }
    }

    /// No table has them, but a catalog's rows of views do.
    private static let intervals: [String: DataType] = {
        var types: [DataType] = []
        for start in [YearMonthRange.Unit.year, .month] {
            for end in [YearMonthRange.Unit.year, .month] where start.rawValue <= end.rawValue {
                types.append(.yearMonthInterval(YearMonthRange(start, end)))
            }
        }
        let units: [DayTimeRange.Unit] = [.day, .hour, .minute, .second]
        for start in units {
            for end in units where start.rawValue <= end.rawValue { types.append(.dayTimeInterval(DayTimeRange(start, end))) }
        }
        return Dictionary(uniqueKeysWithValues: types.map { ($0.simpleText, $0) })
    }()

    private static func decimal(_ name: String) -> DataType? {
        guard name.hasPrefix("decimal("), name.hasSuffix(")") else { return nil }
        let parts = name.dropFirst(8).dropLast().split(separator: ",").map { Int($0.filter { $0 != " " }) }
        guard parts.count == 2, let precision = parts[0], let scale = parts[1], (1...DecimalType.maxPrecision).contains(precision),
            (0...precision).contains(scale)
        else { return nil }
        return .decimal(DecimalType(precision, scale))
    }
}

extension DataType {
    fileprivate var hasLength: Bool {
        switch self {
        case .char, .varchar: true
        default: false
        }
    }
}

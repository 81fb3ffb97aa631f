import Columnar
import JSON

/// Types as Spark writes them in JSON: `{"type":"struct","fields":[…]}`, `"integer"`.
enum JSONSchemaText {
    private static let maxDepth = 64

    /// nil if the text is no such type.
    static func parse(_ text: String) -> DataType? {
        guard text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "{"), let json = try? JSONValue(parsing: Array(text.utf8)[...], maxDepth: 256)
        else { return nil }
        return type(json, 0)
    }

    private static func type(_ json: JSONValue, _ depth: Int) -> DataType? {
        guard depth < maxDepth else { return nil }
        if let name = json.stringValue {
            // The names that JSON has beside those of DDL; CHAR and VARCHAR are kept out, as Spark does.
            switch name {
            case "integer": return .int
            case "long": return .long
            case "short": return .short
            case "byte": return .byte
            case _ where name.hasPrefix("char") || name.hasPrefix("varchar"): return nil
            default: return try? DDLParser.parse(name)
            }
        }
        guard case .object(let members) = json, let kind = members["type"]?.stringValue else { return nil }
        switch kind {
        case "struct":
            guard case .array(let items)? = members["fields"] else { return nil }
            var fields: [Field] = []
            for item in items {
                guard case .object(let field) = item, let name = field["name"]?.stringValue,
                    let inner = field["type"].flatMap({ type($0, depth + 1) })
                else { return nil }
                fields.append(Field(name, inner, nullable: field["nullable"]?.boolValue ?? true))
            }
            return .structure(fields)
        case "array":
            guard let element = members["elementType"].flatMap({ type($0, depth + 1) }) else { return nil }
            return .array(element: element, containsNull: members["containsNull"]?.boolValue ?? true)
        case "map":
            guard let key = members["keyType"].flatMap({ type($0, depth + 1) }), let value = members["valueType"].flatMap({ type($0, depth + 1) })
            else { return nil }
            return .map(key: key, value: value, valueContainsNull: members["valueContainsNull"]?.boolValue ?? true)
        default: return nil
        }
    }
}

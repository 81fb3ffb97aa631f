import JSON
import Workspace

extension Contract {
    /// What is kept of a value that a request gives for a type: wrong types and values of enumerations are refused, unknown members and nulls are dropped,
    /// and scalars get the type that the contract has, as the service's own decoder does: `7` is the text "7" where a text is expected.
    static func accepted(_ value: JSONValue, _ type: FieldType, at place: String) throws(WorkspaceError) -> JSONValue {
        for finding in ContractCheck(value, type, at: place).findings {
            switch finding.kind {
            case .unknownField, .unknownParameter: continue
            case .unknownValue, .wrongType, .missing: throw finding.error
            }
        }
        try ContractCheck.refuseNUL(value)
        return cast(known(value, type), type)
    }

    /// Scalars with the types of the contract; all else as it is.
    static func cast(_ value: JSONValue, _ type: FieldType, depth: Int = 0) -> JSONValue {
        guard depth < 64 else { return value }
        switch (type, value) {
        case (.string, .number), (.string, .bool), (.bytes, .number), (.bytes, .bool), (.timestamp, .number), (.timestamp, .bool),
            (.duration, .number), (.duration, .bool), (.fieldMask, .number), (.fieldMask, .bool):
            return value.scalar.map { .string($0) } ?? value
        case (.integer, .string(let text)): return Int(text).map { .int($0) } ?? value
        case (.integer, .number):
            if value.intValue != nil { return value }
            return value.doubleValue.flatMap { Int(exactly: $0) }.map { .int($0) } ?? value
        case (.number, .string(let text)):
            guard let number = try? JSONValue(parsing: Array(text.utf8)), case .number = number else { return value }
            return number
        case (.boolean, .string("true")): return true
        case (.boolean, .string("false")): return false
        case (.list(let element), .array(let items)): return .array(items.map { cast($0, element, depth: depth + 1) })
        case (.map(let element), .object(let object)):
            return .members(object.members.map { ($0.name, cast($0.value, element, depth: depth + 1)) })
        case (.named(let name), .object(let object)):
            guard case .object(let fields)? = schema(name) else { return value }
            return .object(cast(object, fields, depth: depth + 1))
        default: return value
        }
    }

    static func cast(_ object: JSONObject, _ fields: [Field], depth: Int = 0) -> JSONObject {
        let types = Dictionary(fields.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        return JSONObject(object.members.map { name, value in (name, types[name].map { cast(value, $0, depth: depth) } ?? value) })
    }
}

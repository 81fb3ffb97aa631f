import JSON
import Workspace

/// Types of a request's fields, read from a compact text: reads a body against them, drops what the service does not know, and names what is wrong.
struct FieldSchema: Sendable {
    indirect enum FieldType: Sendable, Hashable {
        case string
        case int
        case bool
        case object
        case list(FieldType)
        case map(FieldType)
        case named(String)
    }

    struct Field: Sendable {
        let name: String
        let type: FieldType
        let isRequired: Bool
    }

    private enum Definition: Sendable {
        case object([String: Field], required: [String])
        case choice([String])
    }

    private let definitions: [String: Definition]

    /// Lines `Name: field=type …` and `Name = VALUE …`; a line that begins with a space goes on with the one before it.
    init(_ text: String) {
        var lines: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix(" "), let last = lines.popLast() { lines.append(last + line) } else { lines.append(String(line)) }
        }
        var definitions: [String: Definition] = [:]
        for line in lines {
            var words = line.split(separator: " ")[...]
            guard let first = words.popFirst() else { continue }
            if first.hasSuffix(":") {
                var fields: [String: Field] = [:]
                var required: [String] = []
                for word in words {
                    guard let sign = word.firstIndex(of: "=") else { continue }
                    let isRequired = word[..<sign].hasSuffix("!")
                    let name = String(isRequired ? word[..<sign].dropLast() : word[..<sign])
                    fields[name] = Field(name: name, type: Self.type(word[word.index(after: sign)...]), isRequired: isRequired)
                    if isRequired { required.append(name) }
                }
                definitions[String(first.dropLast())] = .object(fields, required: required)
            } else {
                definitions[String(first)] = .choice(words.dropFirst().map(String.init))
            }
        }
        self.definitions = definitions
    }

    private static func type(_ text: Substring) -> FieldType {
        if text.hasPrefix("["), text.hasSuffix("]") { return .list(type(text.dropFirst().dropLast())) }
        if text.hasPrefix("{"), text.hasSuffix("}") { return .map(type(text.dropFirst().dropLast())) }
        return switch text {
        case "string": .string
        case "int": .int
        case "bool": .bool
        case "object": .object
        default: .named(String(text))
        }
    }

    /// Reads an object of a named type. Fields that the type does not have are dropped, and so are nulls; numbers may be sent as texts.
    /// `path` is where the object is in the body, for messages: `settings.`, or empty.
    func read(_ object: JSONObject, as name: String, at path: String = "") throws(WorkspaceError) -> JSONObject {
        guard case .object(let fields, let required) = definitions[name] else { return object }
        var read: [(String, JSONValue)] = []
        read.reserveCapacity(object.count)
        for member in object.members where !member.value.isNull {
            guard let field = fields[member.name] else { continue }
            read.append((member.name, try value(member.value, field.type, path + member.name)))
        }
        for name in required where !read.contains(where: { $0.0 == name }) { throw .missing(path + name) }
        return JSONObject(read)
    }

    private func value(_ value: JSONValue, _ type: FieldType, _ path: String) throws(WorkspaceError) -> JSONValue {
        switch type {
        case .string:
            switch value {
            case .string(let text):
                if text.utf8.contains(0) { throw .invalid("Field '\(path)' must not contain the character U+0000.") }
                return value
            case .number(let text): return .string(text)
            case .bool(let flag): return .string(flag ? "true" : "false")
            default: throw Self.wrong(path, "Scalar value", value)
            }
        case .int:
            if let number = value.intValue { return .int(number) }
            if let text = value.stringValue, let number = Int(text) { return .int(number) }
            if let number = value.doubleValue, let exact = Int(exactly: number) { return .int(exact) }
            throw Self.wrong(path, "Integer value", value)
        case .bool:
            switch value {
            case .bool: return value
            case .string("true"): return true
            case .string("false"): return false
            default: throw Self.wrong(path, "Boolean value", value)
            }
        case .object:
            guard case .object = value else { throw Self.wrong(path, "Object value", value) }
            return value
        case .list(let element):
            guard case .array(let elements) = value else { throw Self.wrong(path, "Array value", value) }
            var read: [JSONValue] = []
            read.reserveCapacity(elements.count)
            for item in elements { read.append(try self.value(item, element, path)) }
            return .array(read)
        case .map(let element):
            guard case .object(let object) = value else { throw Self.wrong(path, "Object value", value) }
            var read: [(String, JSONValue)] = []
            for member in object.members where !member.value.isNull {
                read.append((member.name, try self.value(member.value, element, "\(path).\(member.name)")))
            }
            return .members(read)
        case .named(let name):
            return try named(value, name, path)
        }
    }

    private func named(_ value: JSONValue, _ name: String, _ path: String) throws(WorkspaceError) -> JSONValue {
        switch definitions[name] {
        case .choice(let values):
            guard let text = value.stringValue else { throw Self.wrong(path, "Scalar value", value) }
            guard values.contains(text) else {
                throw .invalid("Invalid value '\(text.prefix(64))' for field '\(path)'; valid values are: \(values.joined(separator: ", "))")
            }
            return value
        case .object:
            guard case .object(let object) = value else { throw Self.wrong(path, "Object value", value) }
            return .object(try read(object, as: name, at: path + "."))
        case nil: return value
        }
    }

    private static func wrong(_ path: String, _ expected: String, _ value: JSONValue) -> WorkspaceError {
        let kind =
            switch value {
            case .null: "null"
            case .bool: "a boolean"
            case .number: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        return .malformed("Could not parse request object: Expected \(expected) for field '\(path)', got \(kind)")
    }
}

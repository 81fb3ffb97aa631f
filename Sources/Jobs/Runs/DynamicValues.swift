package import JSON

/// References such as `{{job.parameters.day}}` in a task's fields. One that is not known stays as it is written.
package enum DynamicValues {
    package static func resolve(_ text: String, _ look: (String) -> String?) -> String {
        guard text.contains("{{") else { return text }
        var resolved = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            resolved += rest[..<open.lowerBound]
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else { break }
            let name = rest[open.upperBound..<close.lowerBound].trimmed
            if let value = look(name) { resolved += value } else { resolved += rest[open.lowerBound..<close.upperBound] }
            rest = rest[close.upperBound...]
        }
        return resolved + rest
    }

    package static func resolve(_ value: JSONValue, _ look: (String) -> String?) -> JSONValue {
        switch value {
        case .string(let text): .string(resolve(text, look))
        case .array(let elements): .array(elements.map { resolve($0, look) })
        case .object(let object): .members(object.members.map { ($0.name, resolve($0.value, look)) })
        default: value
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

extension JSONValue {
    /// A text bare, anything else as JSON.
    var bareText: String { stringValue ?? text }
}

import JSON

extension ConfigNode {
    init(_ value: JSONValue) {
        line = nil
        switch value {
        case .null: content = .null
        case .bool(let flag): content = .scalar(flag ? "true" : "false", quoted: false)
        case .number(let text): content = .scalar(text, quoted: false)
        case .string(let text): content = .scalar(text, quoted: true)
        case .array(let elements): content = .sequence(elements.map(ConfigNode.init))
        case .object(let object):
            content = .mapping(object.members.map { Entry(key: $0.name, line: nil, value: ConfigNode($0.value)) })
        }
    }

    /// The same as JSON; unquoted scalars become numbers and booleans where they spell one.
    var json: JSONValue {
        switch content {
        case .null: .null
        case .sequence(let elements): .array(elements.map(\.json))
        case .mapping(let entries): .members(entries.map { ($0.key, $0.value.json) })
        case .scalar(let text, let quoted):
            if quoted {
                .string(text)
            } else if text == "true" || text == "false" {
                .bool(text == "true")
            } else if ConfigNode.isNumber(text), (try? JSONValue(parsing: Array(text.utf8))) != nil {
                .number(text)
            } else {
                .string(text)
            }
        }
    }
}

/// A JSON document that keeps what a parser usually loses: the order of an object's members and the digits of a number.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The number's own text: 64-bit ids and decimals must not pass through `Double`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    package static func int<T: BinaryInteger>(_ value: T) -> JSONValue { .number(String(value)) }

    /// The members in order; later duplicates win, as in most JSON readers.
    package static func members(_ pairs: [(String, JSONValue)]) -> JSONValue { .object(JSONObject(pairs)) }
}

extension JSONValue {
    package var isNull: Bool { self == .null }

    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The integer that a number's text spells exactly (`3`, not `3.5`).
    package var intValue: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }

    package var doubleValue: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }

    /// A member of an object; nil if absent or if this is not an object.
    package subscript(_ name: String) -> JSONValue? {
        if case .object(let object) = self { object[name] } else { nil }
    }

    /// An element of an array; nil if out of range or if this is not an array.
    package subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
}

extension JSONValue: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .members(elements) }
}

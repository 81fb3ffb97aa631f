package import JSON
import Synchronization
package import Workspace

/// The members of a request's JSON object, read by name and type. A null counts as absent. Unknown members are ignored, and can be listed afterwards.
package struct Fields: Sendable {
    package let object: JSONObject
    /// Where this object is in the body: empty, or with a trailing dot (`columns[0].`).
    private let prefix: String
    private let log: FieldLog?

    package init(_ object: JSONObject, prefix: String = "", log: FieldLog? = nil) {
        self.object = object
        self.prefix = prefix
        self.log = log
        log?.saw(object, prefix)
    }

    /// The member's value; nil if absent or null.
    package func value(_ name: String) -> JSONValue? {
        log?.read(prefix + name)
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    package func has(_ name: String) -> Bool { value(name) != nil }

    private func required<T>(_ name: String, _ value: T?) throws(WorkspaceError) -> T {
        guard let value else { throw .missing(prefix + name) }
        return value
    }

    private func wrong(_ name: String, _ expected: String, _ value: JSONValue) -> WorkspaceError {
        .malformed("Could not parse request object: Expected \(expected) for field '\(prefix)\(name)', got \(value.kind)")
    }

    /// Text. Numbers and booleans are taken as their text, as protobuf's JSON reader on the other side does.
    package func string(optional name: String) throws(WorkspaceError) -> String? {
        switch value(name) {
        case nil: return nil
        case .string(let text):
            // The store would cut the text off there.
            if text.utf8.contains(0) { throw .invalid("Field '\(prefix)\(name)' must not contain the character U+0000.") }
            return text
        case .number(let text): return text
        case .bool(let flag): return flag ? "true" : "false"
        case let other?: throw wrong(name, "Scalar value", other)
        }
    }

    package func string(_ name: String) throws(WorkspaceError) -> String { try required(name, string(optional: name)) }

    /// An integer, or its text: 64-bit fields may be sent as strings.
    package func int(optional name: String) throws(WorkspaceError) -> Int? {
        guard let value = value(name) else { return nil }
        if let number = value.intValue { return number }
        if let text = value.stringValue, let number = Int(text) { return number }
        // 3.0 and 3e2 are integers too.
        if let number = value.doubleValue, let exact = Int(exactly: number) { return exact }
        throw wrong(name, "Integer value", value)
    }

    package func int(_ name: String) throws(WorkspaceError) -> Int { try required(name, int(optional: name)) }

    package func double(optional name: String) throws(WorkspaceError) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.doubleValue ?? value.stringValue.flatMap(Double.init), number.isFinite else {
            throw wrong(name, "Double value", value)
        }
        return number
    }

    package func bool(optional name: String) throws(WorkspaceError) -> Bool? {
        switch value(name) {
        case nil: return nil
        case .bool(let flag): return flag
        case .string("true"): return true
        case .string("false"): return false
        case let other?: throw wrong(name, "Boolean value", other)
        }
    }

    package func bool(_ name: String) throws(WorkspaceError) -> Bool { try required(name, bool(optional: name)) }

    /// One of an enumeration's values.
    package func choice(optional name: String, of values: [String]) throws(WorkspaceError) -> String? {
        guard let text = try string(optional: name) else { return nil }
        guard values.contains(text) else {
            throw .invalid(
                "Invalid value '\(text.prefix(64))' for field '\(prefix)\(name)'; valid values are: \(values.joined(separator: ", "))")
        }
        return text
    }

    package func choice(_ name: String, of values: [String]) throws(WorkspaceError) -> String {
        try required(name, choice(optional: name, of: values))
    }

    package func object(optional name: String) throws(WorkspaceError) -> Fields? {
        switch value(name) {
        case nil: return nil
        case .object(let object): return Fields(object, prefix: "\(prefix)\(name).", log: log)
        case let other?: throw wrong(name, "Object value", other)
        }
    }

    package func object(_ name: String) throws(WorkspaceError) -> Fields { try required(name, object(optional: name)) }

    package func array(optional name: String) throws(WorkspaceError) -> [JSONValue]? {
        switch value(name) {
        case nil: return nil
        case .array(let elements): return elements
        case let other?: throw wrong(name, "Array value", other)
        }
    }

    package func array(_ name: String) throws(WorkspaceError) -> [JSONValue] { try required(name, array(optional: name)) }

    /// An array of objects; empty if absent.
    package func objects(_ name: String) throws(WorkspaceError) -> [Fields] {
        var fields: [Fields] = []
        for (position, element) in (try array(optional: name) ?? []).enumerated() {
            guard case .object(let object) = element else { throw wrong("\(name)[\(position)]", "Object value", element) }
            fields.append(Fields(object, prefix: "\(prefix)\(name)[\(position)].", log: log))
        }
        return fields
    }

    /// An array of texts; nil if absent.
    package func strings(optional name: String) throws(WorkspaceError) -> [String]? {
        guard let elements = try array(optional: name) else { return nil }
        var texts: [String] = []
        for (position, element) in elements.enumerated() {
            guard let text = element.stringValue else { throw wrong("\(name)[\(position)]", "Scalar value", element) }
            texts.append(text)
        }
        return texts
    }

    /// A map from texts to texts in the order in which it was written; nil if absent.
    package func stringMap(optional name: String) throws(WorkspaceError) -> [(key: String, value: String)]? {
        guard let map = try object(optional: name) else { return nil }
        var pairs: [(key: String, value: String)] = []
        for key in map.object.names {
            guard let value = try map.string(optional: key) else { throw wrong("\(name).\(key)", "Scalar value", .null) }
            pairs.append((key, value))
        }
        return pairs
    }
}

extension JSONValue {
    /// A word for error messages.
    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// Remembers which fields of a body there were and which of them an operation asked for.
package final class FieldLog: Sendable {
    private struct State {
        var seen: [String] = []
        var read: Set<String> = []
    }

    private let state = Mutex(State())

    package init() {}

    func saw(_ object: JSONObject, _ prefix: String) { state.withLock { $0.seen.append(contentsOf: object.names.map { prefix + $0 }) } }

    func read(_ name: String) { state.withLock { _ = $0.read.insert(name) } }

    /// Fields that nobody asked for, in the order of the body.
    package var unread: [String] { state.withLock { state in state.seen.filter { !state.read.contains($0) } } }
}

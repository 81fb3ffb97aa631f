/// A path into a JSON value: `$`, then members (`.a`, `["a"]`, `['a']`), elements (`[0]`) and wildcards (`.*`, `[*]`).
package struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    package enum Step: Sendable, Hashable {
        case member(String)
        case element(Int)
        /// All members of an object or all elements of an array.
        case any
    }

    package let steps: [Step]
    /// The path as it was written.
    package let description: String

    /// Errors tell the place in the path. The leading `$` may not be left out.
    package init(_ text: String) throws(JSONError) {
        var parser = Parser(bytes: Array(text.utf8))
        steps = try parser.parse()
        description = text
    }

    /// All values that the path leads to, in document order.
    package func values(in root: JSONValue) -> [JSONValue] {
        var current = [root]
        for step in steps {
            var next: [JSONValue] = []
            for value in current {
                switch (step, value) {
                case (.member(let name), .object(let object)):
                    if let member = object[name] { next.append(member) }
                case (.element(let index), .array(let elements)):
                    if elements.indices.contains(index) { next.append(elements[index]) }
                case (.any, .array(let elements)): next.append(contentsOf: elements)
                case (.any, .object(let object)): next.append(contentsOf: object.members.map(\.value))
                default: break
                }
            }
            current = next
        }
        return current
    }

    /// The value without what the path leads to. Removing the root leaves null.
    package func removing(from root: JSONValue) -> JSONValue {
        replacing(in: root) { _ in nil }
    }

    /// The value with each value that the path leads to put through `change`; nil removes it.
    package func replacing(in root: JSONValue, _ change: (JSONValue) -> JSONValue?) -> JSONValue {
        Self.replace(root, steps[...], change) ?? .null
    }

    private static func replace(_ value: JSONValue, _ steps: ArraySlice<Step>, _ change: (JSONValue) -> JSONValue?) -> JSONValue? {
        guard let step = steps.first else { return change(value) }
        let rest = steps.dropFirst()
        switch (step, value) {
        case (.member(let name), .object(var object)):
            guard let member = object[name] else { return value }
            object[name] = replace(member, rest, change)
            return .object(object)
        case (.element(let index), .array(var elements)):
            guard elements.indices.contains(index) else { return value }
            if let element = replace(elements[index], rest, change) {
                elements[index] = element
            } else {
                elements.remove(at: index)
            }
            return .array(elements)
        case (.any, .array(let elements)): return .array(elements.compactMap { replace($0, rest, change) })
        case (.any, .object(let object)):
            return .object(
                JSONObject(
                    object.members.compactMap { member in
                        replace(member.value, rest, change).map { (member.name, $0) }
                    }))
        default: return value
        }
    }
}

extension JSONPath {
    private struct Parser {
        let bytes: [UInt8]
        var position = 0

        func error(_ message: String) -> JSONError {
            bytes.withUnsafeBufferPointer { JSONError(message, at: position, in: $0) }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < bytes.count, bytes[position] == byte else { return false }
            position += 1
            return true
        }

        mutating func parse() throws(JSONError) -> [Step] {
            guard take(UInt8(ascii: "$")) else { throw error("a JSON path starts with '$'") }
            var steps: [Step] = []
            while position < bytes.count {
                if take(UInt8(ascii: ".")) {
                    steps.append(try dotted())
                } else if take(UInt8(ascii: "[")) {
                    steps.append(try bracketed())
                    guard take(UInt8(ascii: "]")) else { throw error("expected ']'") }
                } else {
                    throw error("expected '.' or '['")
                }
            }
            return steps
        }

        mutating func dotted() throws(JSONError) -> Step {
            if take(UInt8(ascii: "*")) { return .any }
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "."), bytes[position] != UInt8(ascii: "[") { position += 1 }
            guard position > start else { throw error("expected a member's name") }
            return .member(String(decoding: bytes[start..<position], as: UTF8.self))
        }

        mutating func bracketed() throws(JSONError) -> Step {
            if take(UInt8(ascii: "*")) { return .any }
            let start = position
            for quote in [UInt8(ascii: "\""), UInt8(ascii: "'")] where take(quote) {
                var name: [UInt8] = []
                while !take(quote) {
                    // A backslash stands before a quote or a backslash that is part of the name.
                    _ = take(UInt8(ascii: "\\"))
                    guard position < bytes.count else { throw error("unterminated name") }
                    name.append(bytes[position])
                    position += 1
                }
                return .member(String(decoding: name, as: UTF8.self))
            }
            while position < bytes.count, JSONReader.isDigit(bytes[position]) { position += 1 }
            guard let index = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
                throw error("expected an index, a quoted name or '*'")
            }
            return .element(index)
        }
    }
}

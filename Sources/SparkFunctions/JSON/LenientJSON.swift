import JSON

/// JSON as Spark reads it: strings may stand in single quotes, and what lies behind the first value is not looked at.
enum LenientJSON {
    static let maxDepth = 256

    /// nil: the text does not begin with an object, an array or, if nothing else is in it, any value.
    static func parse(_ text: ByteSlice, _ leniency: JSONLeniency = .standard) -> JSONValue? {
        if let value = try? JSONValue(parsing: text, maxDepth: maxDepth) { return value }
        return LenientJSONReader.value(text, leniency)
    }

    /// Compact text in which floating numbers have Java's form.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .number(let digits): number(digits)
        case .array(let items): "[" + items.map(text).joined(separator: ",") + "]"
        case .object(let object): "{" + object.members.map { JSONValue.string($0.name).text + ":" + text($0.value) }.joined(separator: ",") + "}"
        default: value.text
        }
    }

    static func number(_ digits: String) -> String {
        // A number that JSON does not have.
        if digits.utf8.first.map({ ($0 | 0x20) >= 0x61 }) == true || digits.hasSuffix("y") || digits.hasSuffix("F") { return "\"\(digits)\"" }
        let isFloating = digits.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        return isFloating ? Double(digits).map { NumberText.text($0) } ?? digits : digits
    }
}

/// A path of `get_json_object`: `$.a['b'][0][*]`.
struct SparkJSONPath {
    enum Step: Equatable {
        case name(String)
        case index(Int)
        case anyElement
        case anyMember
    }

    let steps: [Step]

    /// nil if malformed.
    init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard rest.popFirst() == UInt8(ascii: "$") else { return nil }
        var steps: [Step] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "."):
                if rest.first == UInt8(ascii: "*") {
                    rest = rest.dropFirst()
                    steps.append(.anyMember)
                    continue
                }
                let name = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
                if name.isEmpty { return nil }
                rest = rest.dropFirst(name.count)
                steps.append(.name(String(decoding: name, as: UTF8.self)))
            case UInt8(ascii: "["):
                if rest.first == UInt8(ascii: "'") {
                    rest = rest.dropFirst()
                    guard let end = rest.firstIndex(of: UInt8(ascii: "'")) else { return nil }
                    let name = rest[..<end]
                    rest = rest[(end + 1)...]
                    guard rest.popFirst() == UInt8(ascii: "]"), !name.isEmpty else { return nil }
                    steps.append(name.elementsEqual([UInt8(ascii: "*")]) ? .anyMember : .name(String(decoding: name, as: UTF8.self)))
                } else if rest.first == UInt8(ascii: "*") {
                    rest = rest.dropFirst()
                    guard rest.popFirst() == UInt8(ascii: "]") else { return nil }
                    steps.append(.anyElement)
                } else {
                    guard let end = rest.firstIndex(of: UInt8(ascii: "]")), let index = Int(String(decoding: rest[..<end], as: UTF8.self)), index >= 0
                    else { return nil }
                    rest = rest[(end + 1)...]
                    steps.append(.index(index))
                }
            default: return nil
            }
        }
        self.steps = steps
    }

    /// What lies at the path as text; several matches of a wildcard as an array. nil if there is nothing, or JSON's null.
    func text(in value: JSONValue) -> String? {
        let found = Self.matches(value, steps[...])
        guard found.wild else {
            guard let first = found.values.first, !first.isNull else { return nil }
            return Self.plain(first)
        }
        switch found.values.count {
        case 0: return nil
        case 1: return steps.last == .anyElement ? "[" + LenientJSON.text(found.values[0]) + "]" : Self.plain(found.values[0])
        default: return "[" + found.values.map(LenientJSON.text).joined(separator: ",") + "]"
        }
    }

    private static func plain(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        return LenientJSON.text(value)
    }

    private static func matches(_ value: JSONValue, _ steps: ArraySlice<Step>) -> (values: [JSONValue], wild: Bool) {
        guard let step = steps.first else { return ([value], false) }
        let rest = steps.dropFirst()
        switch (step, value) {
        case (.name(let name), .object(let object)):
            guard let member = object[name] else { return ([], false) }
            return matches(member, rest)
        case (.index(let index), .array(let items)):
            guard items.indices.contains(index) else { return ([], false) }
            return matches(items[index], rest)
        case (.anyElement, .array(let items)):
            return (items.flatMap { matches($0, rest).values }.filter { !$0.isNull || rest.isEmpty }, true)
        default: return ([], false)
        }
    }
}

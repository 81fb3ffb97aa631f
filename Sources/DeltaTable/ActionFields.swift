import JSON

/// What is wrong with an action; `LogStore` adds the file and line.
struct MalformedAction: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

/// Typed access to an action's members. A null is the same as an absent member.
struct ActionFields {
    let kind: String
    let object: JSONObject

    init(_ kind: String, _ value: JSONValue) throws(MalformedAction) {
        guard let object = value.objectValue else { throw MalformedAction("\(kind) is not an object") }
        self.kind = kind
        self.object = object
    }

    private func member<T>(_ name: String, _ wanted: String, _ convert: (JSONValue) -> T?) throws(MalformedAction) -> T? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let converted = convert(value) else { throw MalformedAction("\(kind).\(name) is not \(wanted)") }
        return converted
    }

    func required<T>(_ value: T?, _ name: String) throws(MalformedAction) -> T {
        guard let value else { throw MalformedAction("\(kind).\(name) is missing") }
        return value
    }

    func string(_ name: String) throws(MalformedAction) -> String? { try member(name, "a string", \.stringValue) }

    func bool(_ name: String) throws(MalformedAction) -> Bool? { try member(name, "a boolean", \.boolValue) }

    func int64(_ name: String) throws(MalformedAction) -> Int64? {
        try member(name, "an integer") { $0.intValue.map { Int64($0) } }
    }

    func object(_ name: String) throws(MalformedAction) -> JSONObject? { try member(name, "an object", \.objectValue) }

    func strings(_ name: String) throws(MalformedAction) -> [String: String]? {
        try member(name, "a map of strings") { value in
            guard let object = value.objectValue else { return nil }
            var result: [String: String] = [:]
            for member in object.members where !member.value.isNull {
                guard let text = member.value.stringValue else { return nil }
                result[member.name] = text
            }
            return result
        }
    }

    func stringList(_ name: String) throws(MalformedAction) -> [String]? {
        try member(name, "a list of strings") { value in
            guard let elements = value.arrayValue else { return nil }
            let texts = elements.compactMap(\.stringValue)
            return texts.count == elements.count ? texts : nil
        }
    }

    func partitionValues() throws(MalformedAction) -> PartitionValues? {
        try member("partitionValues", "a map of strings") { value in
            guard let object = value.objectValue else { return nil }
            guard object.members.allSatisfy({ $0.value.isNull || $0.value.stringValue != nil }) else { return nil }
            return PartitionValues(object.members.map { ($0.name, $0.value.stringValue) })
        }
    }

    func deletionVector() throws(MalformedAction) -> DeletionVectorDescriptor? {
        guard let value = object["deletionVector"], !value.isNull else { return nil }
        return try DeletionVectorDescriptor(ActionFields("\(kind).deletionVector", value))
    }
}

extension [(String, JSONValue)] {
    /// Optional members are left out rather than written as null.
    mutating func add(_ name: String, _ value: JSONValue?) {
        if let value { append((name, value)) }
    }

    mutating func add(_ name: String, _ value: String?) {
        if let value { append((name, .string(value))) }
    }

    mutating func add(_ name: String, _ value: Int64?) {
        if let value { append((name, .int(value))) }
    }

    mutating func add(_ name: String, _ value: [String: String]?) {
        if let value { append((name, .sorted(value))) }
    }
}

extension JSONValue {
    /// An object with its members sorted by name, since a dictionary has no order to keep.
    static func sorted(_ map: [String: String]) -> JSONValue {
        .members(map.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }
}

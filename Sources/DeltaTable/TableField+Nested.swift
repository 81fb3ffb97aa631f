package import Columnar
import JSON

/// Parts of a column's type, by their paths: names of struct fields, and `element`, `key` and `value` for what is in lists and maps.
extension TableField {
    /// The path as the column has it; case does not matter. nil if there is no such part.
    package func resolve(_ path: some Sequence<String>) -> [String]? {
        var resolved: [String] = []
        var current = type
        for step in path {
            switch current {
            case .array(let element, _):
                guard step.lowercased() == "element" else { return nil }
                resolved.append("element")
                current = element
            case .map(let key, let value, _):
                let word = step.lowercased()
                guard word == "key" || word == "value" else { return nil }
                resolved.append(word)
                current = word == "key" ? key : value
            case .structure(let fields):
                guard let field = fields.first(where: { $0.name.lowercased() == step.lowercased() }) else { return nil }
                resolved.append(field.name)
                current = field.type
            default: return nil
            }
        }
        return resolved
    }

    /// The type at a resolved path.
    package func type(at path: [String]) -> DataType? {
        var current = type
        for step in path {
            switch current {
            case .array(let element, _): current = element
            case .map(let key, let value, _): current = step == "key" ? key : value
            case .structure(let fields):
                guard let field = fields.first(where: { $0.name == step }) else { return nil }
                current = field.type
            default: return nil
            }
        }
        return current
    }

    /// The fields of the struct at a resolved path; nil if it is none.
    package func fields(at path: [String]) -> [Field]? {
        if case .structure(let fields)? = type(at: path) { fields } else { nil }
    }

    package mutating func setType(_ new: DataType, at path: [String]) { type = Self.replacing(type, path[...], by: new) }

    package mutating func setFields(_ fields: [Field], at path: [String]) { setType(.structure(fields), at: path) }

    private static func replacing(_ type: DataType, _ path: ArraySlice<String>, by new: DataType) -> DataType {
        guard let step = path.first else { return new }
        let rest = path.dropFirst()
        switch type {
        case .array(let element, let containsNull): return .array(element: replacing(element, rest, by: new), containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            return step == "key"
                ? .map(key: replacing(key, rest, by: new), value: value, valueContainsNull: containsNull)
                : .map(key: key, value: replacing(value, rest, by: new), valueContainsNull: containsNull)
        case .structure(var fields):
            for index in fields.indices where fields[index].name == step { fields[index].type = replacing(fields[index].type, rest, by: new) }
            return .structure(fields)
        default: return type
        }
    }

    /// Gives the struct field at a resolved path another name; data files know it by its physical name.
    package mutating func renameField(at path: [String], to name: String) {
        guard let last = path.last, var fields = fields(at: path.dropLast()), let index = fields.firstIndex(where: { $0.name == last }) else {
            return
        }
        fields[index].name = name
        setFields(fields, at: path.dropLast())
        let renamed = path.dropLast() + [name]
        for (key, metadata) in nestedMetadata where key.starts(with: path) {
            nestedMetadata[key] = nil
            nestedMetadata[Array(renamed + key.dropFirst(path.count))] = metadata
        }
    }

    package mutating func removeField(at path: [String]) {
        guard let last = path.last, let fields = fields(at: path.dropLast()) else { return }
        setFields(fields.filter { $0.name != last }, at: path.dropLast())
        for key in nestedMetadata.keys where key.starts(with: path) { nestedMetadata[key] = nil }
    }

    /// As `widen(to:)`, for what is at a resolved path: the change is noted with the struct field around it.
    package mutating func widen(to new: DataType, at path: [String]) {
        guard !path.isEmpty, let old = type(at: path) else { return widen(to: new) }
        func name(_ type: DataType) -> JSONValue { TableField("c", type).json["type"] ?? .null }
        var owner = path
        while !owner.isEmpty, fields(at: owner.dropLast()) == nil { owner.removeLast() }
        var members: [(String, JSONValue)] = [("fromType", name(old)), ("toType", name(new))]
        if owner.count < path.count { members.append(("fieldPath", .string(path.dropFirst(owner.count).joined(separator: ".")))) }
        func noted(_ metadata: JSONObject) -> JSONObject {
            var metadata = metadata
            var changes: [JSONValue] = []
            if case .array(let before)? = metadata["delta.typeChanges"] { changes = before }
            metadata["delta.typeChanges"] = .array(changes + [.members(members)])
            return metadata
        }
        if owner.isEmpty { metadata = noted(metadata) } else { nestedMetadata[owner] = noted(nestedMetadata[owner] ?? JSONObject()) }
        setType(new, at: path)
    }

    /// The struct field at a resolved path as a column of its own, with what is kept beside it.
    package func nestedField(at path: [String]) -> TableField? {
        guard let last = path.last, let field = fields(at: path.dropLast())?.first(where: { $0.name == last }) else { return nil }
        var made = TableField(field)
        made.metadata = nestedMetadata[path] ?? JSONObject()
        if let comment = field.comment { made.comment = comment }
        return made
    }
}

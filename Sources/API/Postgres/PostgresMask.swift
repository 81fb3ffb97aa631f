import JSON
import Workspace

/// The members of an object that an update names by `update_mask`. What the service accepts differs from the fields' names where several of them are one
/// choice: these are named together (`spec.expiration` for `expire_time`, `no_expiry` and `ttl`).
struct PostgresMask {
    struct Rules: Sendable {
        /// Every path that can be changed by itself.
        let leaves: [String]
        /// Objects that may be named as a whole, beside `spec`.
        var wholes: [String] = []
        /// Choices, with their members.
        var choices: [String: [String]] = [:]
        /// Not asked for by `*`.
        var optional: Set<String> = []
        var root = "spec"
    }

    private let rules: Rules
    private let paths: [String]

    /// Reads `update_mask`; `body` must have what it names.
    init(_ call: Call, _ body: JSONObject, _ rules: Rules) throws {
        self.rules = rules
        let mask = call.query.string("update_mask") ?? ""
        let named = mask.split(separator: ",").map { String($0.trimmingSpaces()) }.filter { !$0.isEmpty }
        var paths: [String] = []
        for path in named where path != "*" {
            guard path == rules.root || rules.leaves.contains(path) || rules.wholes.contains(path) else {
                throw WorkspaceError.invalid("Unknown field path in update_mask: '\(path.prefix(128))'")
            }
            paths.append(path)
        }
        if named.contains("*") {
            for path in rules.leaves where !rules.optional.contains(path) {
                guard rules.isIn(body, path) else { throw Self.missing(path) }
                paths.append(path)
            }
            paths += rules.leaves.filter { rules.optional.contains($0) && rules.isIn(body, $0) }
        }
        // A whole object that the request leaves out changes nothing; a field of one that is there must be there, too.
        for path in paths where path.contains(".") {
            let parts = path.split(separator: ".").map(String.init)
            if rules.value(body, parts.dropLast().joined(separator: ".")) != nil, !rules.isIn(body, path) { throw Self.missing(path) }
        }
        self.paths = paths
    }

    private static func missing(_ path: String) -> WorkspaceError {
        WorkspaceError.invalid("Field '\(path)' is in update_mask but not provided in request")
    }

    /// The members of the root that the mask names, as the request has them: only these are to be merged.
    func changes(in body: JSONObject) -> JSONObject {
        var result = JSONObject()
        for path in paths {
            if path == rules.root {
                let all = rules.root.isEmpty ? body : body[rules.root]?.objectValue ?? JSONObject()
                for (name, value) in all.members { result[name] = value }
                continue
            }
            let parts = path.split(separator: ".").map(String.init)
            let inner = rules.root.isEmpty ? parts : Array(parts.dropFirst())
            guard rules.root.isEmpty || parts.first == rules.root else { continue }
            if let members = rules.choices[path] {
                for member in members {
                    let place = Array(inner.dropLast()) + [member]
                    let full = (parts.dropLast() + [member]).joined(separator: ".")
                    if let value = rules.value(body, full) { Self.set(value, at: place[...], in: &result) }
                }
            } else if let value = rules.value(body, path) {
                Self.set(value, at: inner[...], in: &result)
            }
        }
        return result
    }

    private static func set(_ value: JSONValue, at place: ArraySlice<String>, in object: inout JSONObject) {
        guard let name = place.first else { return }
        guard place.count > 1 else {
            object[name] = value
            return
        }
        var inner = object[name]?.objectValue ?? JSONObject()
        set(value, at: place.dropFirst(), in: &inner)
        object[name] = .object(inner)
    }
}

extension PostgresMask.Rules {
    func value(_ body: JSONObject, _ path: String) -> JSONValue? {
        var value: JSONValue? = .object(body)
        for part in path.split(separator: ".") { value = value?[String(part)] }
        return value
    }

    /// Whether the request has a value for the path, or for one of the choice's members.
    func isIn(_ body: JSONObject, _ path: String) -> Bool {
        guard let members = choices[path] else { return value(body, path) != nil }
        let parent = path.split(separator: ".").dropLast().joined(separator: ".")
        return members.contains { value(body, parent.isEmpty ? $0 : parent + "." + $0) != nil }
    }
}

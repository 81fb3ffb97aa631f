import JSON
import Workspace

/// The changes of a SCIM PATCH request (RFC 7644, section 3.5.2), applied to a resource's JSON.
struct SCIMPatch {
    private enum Kind: String {
        case add
        case remove
        case replace
    }

    private struct Change {
        let kind: Kind
        let path: Target?
        let value: JSONValue?
    }

    /// `attribute`, `attribute.sub`, `attribute[filter]` or `attribute[filter].sub`.
    private struct Target {
        var attribute: String
        var filter: SCIMFilter?
        var sub: String?

        init(_ text: String) throws(WorkspaceError) {
            if let open = text.firstIndex(of: "["), let close = text.lastIndex(of: "]"), open < close {
                attribute = String(text[..<open])
                filter = try SCIMFilter(parsing: String(text[text.index(after: open)..<close]))
                let rest = text[text.index(after: close)...]
                if !rest.isEmpty {
                    guard rest.first == ".", rest.count > 1 else {
                        throw SCIM.invalid("Invalid path: \(text.prefix(64))", type: "invalidPath")
                    }
                    sub = String(rest.dropFirst())
                }
            } else {
                var text = text[...]
                if text.lowercased().hasPrefix("urn:"), let colon = text.lastIndex(of: ":") { text = text[text.index(after: colon)...] }
                let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                attribute = parts[0]
                sub = parts.count > 1 ? parts[1] : nil
            }
            guard Self.isName(attribute), sub.map(Self.isName) ?? true else {
                throw SCIM.invalid("Invalid path: \(text.prefix(64))", type: "invalidPath")
            }
        }

        private static func isName(_ text: String) -> Bool {
            !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-$".contains($0)) }
        }
    }

    private let changes: [Change]

    init(_ body: JSONObject) throws(WorkspaceError) {
        guard let operations = body["Operations"]?.arrayValue, !operations.isEmpty else {
            throw SCIM.invalid("Attribute Operations is missing or not a list.", type: "invalidSyntax")
        }
        var changes: [Change] = []
        for operation in operations {
            guard let kind = operation["op"]?.stringValue.flatMap({ Kind(rawValue: $0.lowercased()) }) else {
                throw SCIM.invalid("Attribute op must be add, remove or replace.", type: "invalidSyntax")
            }
            var target: Target?
            if let path = operation["path"], !path.isNull {
                guard let text = path.stringValue else { throw SCIM.invalid("Attribute path must be a string.", type: "invalidPath") }
                if !text.isEmpty { target = try Target(text) }
            }
            changes.append(Change(kind: kind, path: target, value: operation["value"]))
        }
        self.changes = changes
    }

    /// The resource after all changes.
    func applied(to resource: JSONObject) throws(WorkspaceError) -> JSONObject {
        var resource = resource
        for change in changes {
            if let path = change.path {
                try apply(change.kind, path, change.value, to: &resource)
                continue
            }
            guard change.kind != .remove else { throw SCIM.invalid("A remove needs a path.", type: "noTarget") }
            guard case .object(let members)? = change.value else { throw SCIM.invalid("Without a path the value must be an object.") }
            for (name, value) in members.members { try apply(change.kind, Target(name), value, to: &resource) }
        }
        return resource
    }

    private func apply(_ kind: Kind, _ target: Target, _ value: JSONValue?, to resource: inout JSONObject) throws(WorkspaceError) {
        let name = Self.member(target.attribute, of: resource)
        guard name != "id", name != "schemas" else { throw SCIM.invalid("Attribute \(name) cannot be changed.", type: "mutability") }
        if let filter = target.filter {
            resource[name] = .array(try Self.changed(resource[name]?.arrayValue ?? [], filter, kind, target.sub, value))
            return
        }
        if let sub = target.sub {
            var object = resource[name]?.objectValue ?? JSONObject()
            object[Self.member(sub, of: object)] = kind == .remove ? nil : value
            resource[name] = .object(object)
            return
        }
        switch (kind, value, resource[name]) {
        case (.remove, let value?, .array(let elements)?) where !value.isNull:
            let gone = value.arrayValue ?? [value]
            resource[name] = .array(elements.filter { element in !gone.contains { Self.isSame($0, element) } })
        case (.remove, _, _):
            resource[name] = nil
        case (.add, let value?, .array(let elements)?):
            let new = (value.arrayValue ?? [value]).filter { value in !elements.contains { Self.isSame($0, value) } }
            resource[name] = .array(elements + new)
        case (_, let value?, _):
            resource[name] = value
        case (_, nil, _):
            throw SCIM.invalid("A \(kind.rawValue) needs a value.")
        }
    }

    private static func changed(
        _ elements: [JSONValue], _ filter: SCIMFilter, _ kind: Kind, _ sub: String?, _ value: JSONValue?
    ) throws(WorkspaceError) -> [JSONValue] {
        guard elements.contains(where: filter.matches) || kind == .remove else {
            throw SCIM.invalid("No value matches the path.", type: "noTarget")
        }
        return elements.compactMap { element -> JSONValue? in
            guard filter.matches(element) else { return element }
            guard let sub else { return kind == .remove ? nil : value ?? element }
            guard case .object(var object) = element else { return element }
            object[member(sub, of: object)] = kind == .remove ? nil : value
            return .object(object)
        }
    }

    /// The member's name as the resource spells it: names are compared without regard to case.
    private static func member(_ name: String, of object: JSONObject) -> String {
        let lower = name.lowercased()
        return object.names.first { $0.lowercased() == lower } ?? Self.spelling[lower] ?? name
    }

    private static let spelling: [String: String] = [
        "displayname": "displayName", "username": "userName", "externalid": "externalId", "familyname": "familyName",
        "givenname": "givenName",
        "applicationid": "applicationId",
    ]

    /// Elements of a list are the same if their values are.
    private static func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool { (left["value"] ?? left) == (right["value"] ?? right) }
}

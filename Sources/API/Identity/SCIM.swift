import JSON
import Synchronization
import Workspace

/// SCIM 2.0 as the service speaks it: resources, lists, errors.
enum SCIM {
    /// Held from the reading of what a PATCH changes to its writing: another change between them would be lost. Groups and their members share it.
    static let changing = Mutex(())

    static let userSchemas: JSONValue = [
        "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:workspace:2.0:User",
    ]
    static let servicePrincipalSchemas: JSONValue = ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"]
    static let groupSchemas: JSONValue = ["urn:ietf:params:scim:schemas:core:2.0:Group"]
    static let listSchemas: JSONValue = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]

    static func reply(_ resource: JSONObject, status: Int = 200) -> Reply {
        Reply(status: status, body: .bytes(JSONValue.object(resource).encoded(), contentType: "application/scim+json"))
    }

    static func invalid(_ message: String, type: String = "invalidValue") -> WorkspaceError {
        .init(.invalidParameterValue, message, shape: .scim(type: type))
    }

    /// The body's object; what is wrong with it is said in SCIM's shape.
    static func body(_ call: Call) throws -> JSONObject {
        do {
            return try call.fields().object
        } catch {
            throw invalid("Request is unparsable, syntactically incorrect, or violates schema.", type: "invalidSyntax")
        }
    }

    /// The numeric id of the route; an id that is not a number belongs to nothing.
    static func id(_ call: Call, orElse missing: (String) -> WorkspaceError) throws -> Int {
        let text = try call.path("id")
        guard let id = Int(text) else { throw missing(text) }
        return id
    }

    static func requireAdmin(_ call: Call) throws {
        guard call.principal.isAdmin else {
            throw WorkspaceError(
                .permissionDenied, "\(call.principal.userName) is not an administrator of this workspace.", shape: .scim(type: nil))
        }
    }

    static func memberships(_ memberships: [Membership]) -> JSONValue {
        .array(
            memberships.map {
                [
                    "display": .string($0.displayName), "type": $0.isDirect ? "direct" : "indirect", "value": .string(String($0.group)),
                    "$ref": .string("Groups/\($0.group)"),
                ]
            })
    }

    /// The numeric ids of a multi-valued attribute's elements; an element may be `{"value": "123"}` or the id itself.
    static func ids(_ attribute: JSONValue?, _ name: String) throws(WorkspaceError) -> [Int] {
        var ids: [Int] = []
        for element in attribute?.arrayValue ?? [] {
            let value = element["value"] ?? element
            guard let id = value.stringValue.flatMap(Int.init) ?? value.intValue else {
                throw invalid("Attribute \(name) has an element without a numeric value.")
            }
            ids.append(id)
        }
        return ids
    }

    static func text(_ object: JSONObject, _ name: String) throws(WorkspaceError) -> String? {
        switch object[name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw invalid("Attribute \(name) must be a string.")
        }
    }

    static func flag(_ object: JSONObject, _ name: String) throws(WorkspaceError) -> Bool? {
        switch object[name] {
        case nil, .null?: return nil
        case .bool(let flag)?: return flag
        // Some identity providers send "True".
        case .string(let text)? where ["true", "false"].contains(text.lowercased()): return text.lowercased() == "true"
        default: throw invalid("Attribute \(name) must be a boolean.")
        }
    }

    /// The structured attributes that are kept as they are written.
    static func attributes(_ object: JSONObject, _ names: [String]) throws(WorkspaceError) -> JSONObject {
        var attributes = JSONObject()
        for name in names {
            guard let value = object[name], !value.isNull else { continue }
            switch value {
            case .object where name == "name": attributes[name] = try accepted(value, .named("iam.Name"), name)
            case .array(let elements) where name != "name":
                if elements.isEmpty { continue }
                guard elements.allSatisfy({ $0.objectValue != nil }) else { throw invalid("Attribute \(name) must be a list of objects.") }
                attributes[name] = try accepted(value, .list(.named("iam.ComplexValue")), name)
            default: throw invalid("Attribute \(name) has the wrong type.")
            }
        }
        return attributes
    }

    private static func accepted(_ value: JSONValue, _ type: Contract.FieldType, _ name: String) throws(WorkspaceError) -> JSONValue {
        do {
            return try Contract.accepted(value, type, at: name)
        } catch {
            throw invalid("Attribute \(name) has a member of the wrong type.")
        }
    }
}

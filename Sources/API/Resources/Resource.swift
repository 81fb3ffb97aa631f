import HTTPTypes
package import JSON
package import Workspace

/// A kind of object that is made, read, changed and deleted by the API's own fields, described instead of programmed: where its id comes from, what
/// must be unique, what the service sets by itself, what is never shown, and who may do what. Fields and their types are the contract's.
package struct Resource: Sendable {
    package enum IDForm: Sendable {
        case number, hex16, uuid
        /// The client's own, in the member `idName`.
        case given
    }

    /// What the service sets by itself.
    package enum Stamp: Sendable {
        case createdMillis, updatedMillis, createdText, updatedText, owner, ownerID
        /// Sixteen hexadecimal digits that change with every change.
        case etag
        case constant(JSONValue)
    }

    package enum Access: Sendable {
        /// Everybody may do everything.
        case everybody
        /// Everybody may read, administrators write.
        case adminWrites
        case admins
        /// By the lists of the permissions API, for objects of this type.
        case permissions(String)
        /// By the list of the object that it belongs to, which is of this type: who may edit that one may do everything.
        case permissionsOfParent(String)
        /// His own objects; administrators see all.
        case owner
        /// Everybody may read; who made it, and administrators, write.
        case ownerWrites
    }

    package let kind: String
    /// For messages: "Instance pool".
    package let noun: String
    /// The contract's name of what is shown: other members stay inside.
    package let schema: String
    package let idName: String
    package var idForm: IDForm
    package var access = Access.everybody
    /// A member that no two objects share.
    package var unique: String?
    /// The member of a request's body in which the object is.
    package var wrapper: String?
    package var required: [String] = []
    package var defaults: [(String, JSONValue)] = []
    package var stamps: [(String, Stamp)] = []
    /// Taken, kept and never shown.
    package var hidden: Set<String> = []
    package var missing = ErrorCode.resourceDoesNotExist
    package var taken = ErrorCode.resourceAlreadyExists
    package var takenStatus: Int?
    /// Kinds whose objects go with the one that they belong to.
    package var children: [String] = []
    /// The member that names the object that it belongs to, where the route does not.
    package var parentMember: String?
    /// How many milliseconds a deleted object stays in the trash, from where it can be restored; nil: it is gone at once.
    package var trash: Int64?
    /// The `lifecycle_state` of what is in the trash.
    package var trashState = "TRASHED"
    /// Checks and completes a new or changed object beyond the contract; `old` is nil for a new one.
    package var rule: (@Sendable (_ object: inout JSONObject, _ old: StoredResource?, _ call: Call) throws -> Void)?
    /// What follows from a change that was made.
    package var changed: (@Sendable (_ old: StoredResource, _ new: StoredResource, _ call: Call) throws -> Void)?
    /// To be told of every object that was made, changed, deleted or restored.
    package var touched: (@Sendable (_ id: String, _ call: Call) throws -> Void)?
    /// Completes what is shown.
    package var show: (@Sendable (_ object: inout JSONObject, _ resource: StoredResource, _ call: Call) throws -> Void)?

    package init(_ kind: String, _ noun: String, schema: String, id idName: String, _ idForm: IDForm = .uuid) {
        self.kind = kind
        self.noun = noun
        self.schema = schema
        self.idName = idName
        self.idForm = idForm
    }

    /// For descriptions: `Resource(…).with { $0.unique = "name" }`.
    package func with(_ change: (inout Resource) -> Void) -> Resource {
        var copy = self
        change(&copy)
        return copy
    }

    // MARK: Identity and access

    func makeID(_ object: JSONObject, _ call: Call) throws -> String {
        let ids = call.workspace.environment.ids
        switch idForm {
        case .number: return String(ids.numeric())
        case .hex16: return ids.hex16()
        case .uuid: return ids.uuid()
        case .given:
            guard let id = object[idName]?.scalar, !id.isEmpty else { throw WorkspaceError.missing(idName) }
            return id
        }
    }

    func notFound(_ id: String) -> WorkspaceError { WorkspaceError(missing, "\(noun) \(id.prefix(256)) does not exist.") }

    func alreadyExists(_ object: JSONObject) -> WorkspaceError {
        let name = object[unique ?? idName]?.scalar ?? ""
        return WorkspaceError(taken, "\(noun) '\(name.prefix(256))' already exists.", status: takenStatus)
    }

    func key(_ object: JSONObject) -> String? { unique.flatMap { object[$0]?.scalar } }

    /// `edit` is a change of what the object says, `write` one of the object as a whole.
    enum Action { case create, read, edit, write }

    /// Throws unless the caller may do this; `resource` is nil for lists and new objects.
    func authorize(_ action: Action, _ resource: StoredResource?, _ call: Call) throws {
        guard try isAllowed(action, resource, call) else {
            throw WorkspaceError(
                .permissionDenied,
                resource.map { "\(call.principal.userName) does not have permission to \(action == .read ? "view" : "manage") \(noun) \($0.id)." }
                    ?? "Only workspace administrators can manage this: \(noun).")
        }
    }

    func isAllowed(_ action: Action, _ resource: StoredResource?, _ call: Call) throws -> Bool {
        if call.principal.isAdmin { return true }
        switch access {
        case .everybody: return true
        case .adminWrites: return action == .read
        case .admins: return false
        case .owner: return resource.map { $0.owner == call.principal.userName } ?? true
        case .ownerWrites: return action == .create || action == .read || (resource.map { $0.owner == call.principal.userName } ?? true)
        case .permissions(let type):
            guard let resource else { return true }
            guard let level = try call.workspace.permissions.level(of: call.principal, on: type, resource.id) else { return false }
            return action == .read || PermissionType.named(type)?.allows(level, action == .edit ? Self.editLevel(type) : "CAN_MANAGE") ?? false
        case .permissionsOfParent(let type):
            guard let resource else { return true }
            guard let level = try call.workspace.permissions.level(of: call.principal, on: type, resource.parent) else { return false }
            return action == .read || PermissionType.named(type)?.allows(level, Self.editLevel(type)) ?? false
        }
    }

    /// What a change of such an object needs.
    private static func editLevel(_ type: String) -> String {
        PermissionType.named(type)?.levels.contains("CAN_EDIT") ?? false ? "CAN_EDIT" : "CAN_MANAGE"
    }

    // MARK: Showing

    static func etag(_ resource: StoredResource) -> String {
        String(SeededGenerator.hash("\(resource.id) \(resource.updatedAt) \(JSONValue.object(resource.body).text)", seed: 0), radix: 16)
    }

    func shown(_ resource: StoredResource, _ call: Call, schema: String? = nil) throws -> JSONValue {
        var object = resource.body
        let id: JSONValue = idForm == .number ? .number(resource.id) : .string(resource.id)
        object[idName] = id
        for (name, stamp) in stamps {
            switch stamp {
            case .createdMillis: object[name] = .int(resource.createdAt)
            case .updatedMillis: object[name] = .int(resource.updatedAt)
            case .createdText: object[name] = .string(RFC3339.text(millis: resource.createdAt))
            case .updatedText: object[name] = .string(RFC3339.text(millis: resource.updatedAt))
            case .owner: object[name] = .string(resource.owner)
            case .ownerID: object[name] = try call.workspace.identityID(of: resource.owner).map { .int($0) }
            case .etag: object[name] = .string(Self.etag(resource))
            case .constant(let value): if object[name] == nil { object[name] = value }
            }
        }
        for name in hidden { object[name] = nil }
        try show?(&object, resource, call)
        return Contract.known(.object(object), .named(schema ?? self.schema))
    }
}

extension JSONValue {
    /// A scalar's text.
    var scalar: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }
}

extension Contract {
    /// The value without the members that the type does not have, and without nulls.
    static func known(_ value: JSONValue, _ type: FieldType, depth: Int = 0) -> JSONValue {
        guard depth < 64 else { return value }
        switch (type, value) {
        case (.list(let element), .array(let items)): return .array(items.map { known($0, element, depth: depth + 1) })
        case (.named(let name), .object(let object)):
            guard case .object(let fields)? = schema(name) else { return value }
            return .object(known(object, fields, depth: depth + 1))
        default: return value
        }
    }

    static func known(_ object: JSONObject, _ fields: [Field], depth: Int = 0) -> JSONObject {
        let types = Dictionary(fields.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        return JSONObject(
            object.members.compactMap { name, member in
                guard !member.isNull, let type = types[name] else { return nil }
                return (name, known(member, type, depth: depth))
            })
    }
}

import HTTPTypes
import JSON
import Workspace

extension Resource {
    package enum Answer: Sendable {
        case object, id, nothing
    }

    package enum Change: Sendable {
        /// What is absent is cleared.
        case replace
        /// What is absent stays.
        case merge
        /// What `update_mask` names is replaced; without a mask, what is there.
        case mask
    }

    /// `parent`: the route's parameter with the object that the new one belongs to; its kind must have it.
    func create(
        _ id: String, _ path: String, method: HTTPRequest.Method = .post, aliases: [String] = [], answers: Answer = .object,
        status: Int = 200, limits: String? = nil, parent: Parent? = nil
    ) -> Operation {
        Operation(id, method, path, aliases: aliases, limits: limits) { call -> Reply in
            var object = try input(call, method, path)
            try authorize(.create, nil, call)
            var parentID = try parent?.existing(call) ?? ""
            for name in required where object[name]?.isNull ?? true { throw WorkspaceError.missing(wrapper.map { $0 + "." + name } ?? name) }
            for (name, value) in defaults where object[name] == nil { object[name] = value }
            if let parent { object[parent.idName] = .string(parentID) }
            try rule?(&object, nil, call)
            if let parentMember { parentID = object[parentMember]?.scalar ?? "" }
            let made = try call.workspace.resources.insert(self, object, parent: parentID, call)
            try touched?(made.id, call)
            switch answers {
            case .object: return .json(try shown(made, call), status: status)
            case .id: return .json([idName: idForm == .number ? .number(made.id) : .string(made.id)], status: status)
            case .nothing: return .emptyObject
            }
        }
    }

    /// `schema`: of what is shown, if it is not what the resource has in lists.
    func get(_ id: String, _ path: String, aliases: [String] = [], schema: String? = nil) -> Operation {
        Operation(id, .get, path, aliases: aliases) { call -> JSONValue in
            try shown(try existing(call, .read, JSONObject()), call, schema: schema)
        }
    }

    /// `paged` by `page_size` and `page_token`; else everything at once.
    func list(
        _ id: String, _ path: String, items: String, aliases: [String] = [], schema: String? = nil, paged: Bool = false, most: Int = 100,
        sizeName: String = "page_size", parent: Parent? = nil, keepsEmpty: Bool = false,
        filter: (@Sendable (StoredResource, Call) throws -> Bool)? = nil
    ) -> Operation {
        Operation(id, .get, path, aliases: aliases) { call -> JSONValue in
            if case .admins = access { try authorize(.read, nil, call) }
            try check(call, .get, path)
            let parentID = try parent?.existing(call)
            let paging = paged ? try Paging(call, list: kind + (parentID ?? ""), pageSize: 100, most: most, sizeName: sizeName) : nil
            let all = try call.workspace.resources.list(kind, parent: parentID, after: paging?.after.flatMap { Int64($0) } ?? 0)
            let rows = try all.filter { try !isTrashed($0) && isAllowed(.read, $0, call) && (filter?($0, call) ?? true) }
            var reply: JSONValue
            if let paging {
                let page = paging.limit.map { rows.prefix($0) } ?? rows[...]
                var body = JSONObject()
                if !page.isEmpty { body[items] = .array(try page.map { try shown($0, call, schema: schema) }) }
                if let token = paging.nextToken(page: page, rows: rows, key: { String($0.position) }) { body["next_page_token"] = .string(token) }
                reply = .object(body)
            } else {
                reply = rows.isEmpty ? .object(JSONObject()) : [items: .array(try rows.map { try shown($0, call, schema: schema) })]
            }
            if keepsEmpty, reply[items] == nil, case .object(var body) = reply {
                body[items] = []
                reply = .object(body)
            }
            return reply
        }
    }

    func update(
        _ id: String, _ method: HTTPRequest.Method, _ path: String, _ change: Change, aliases: [String] = [], answers: Answer = .object,
        schema: String? = nil
    ) -> Operation {
        Operation(id, method, path, aliases: aliases) { call -> Reply in
            let body = try self.body(call, method, path)
            let object = try unwrapped(body)
            let old = try existing(call, .edit, body)
            let mask = body["update_mask"]?.scalar ?? call.query.string("update_mask")
            let result = try call.workspace.resources.update(self, old.id, call) { stored in
                try refuseTrashed(stored)
                var new = stored.body
                switch change {
                case .replace:
                    new = object
                    for (name, value) in defaults where new[name] == nil { new[name] = stored.body[name] ?? value }
                    for name in hidden where new[name] == nil { new[name] = stored.body[name] }
                case .merge:
                    for (name, value) in object.members { new[name] = value }
                case .mask:
                    try apply(mask, object, to: &new)
                }
                new[idName] = stored.body[idName]
                try rule?(&new, stored, call)
                stored.body = new
            }
            try changed?(old, result, call)
            try touched?(old.id, call)
            return answers == .object ? .json(try shown(result, call, schema: schema)) : .emptyObject
        }
    }

    func delete(_ id: String, _ method: HTTPRequest.Method, _ path: String, aliases: [String] = []) -> Operation {
        Operation(id, method, path, aliases: aliases) { call -> Void in
            let body = method == .delete ? JSONObject() : try self.body(call, method, path)
            let resource = try existing(call, .write, body)
            let purges = try Contract.endpoint(method, path)?.query.contains { $0.name == "purge" } ?? false && call.query.bool("purge") ?? false
            if trash == nil || purges { try remove(resource, call) } else { try moveToTrash(resource, call) }
            try touched?(resource.id, call)
        }
    }

    /// An operation of the resource's own: gets the object, and changes it.
    func action(
        _ id: String, _ method: HTTPRequest.Method, _ path: String, answers: Answer = .nothing,
        _ change: @escaping @Sendable (inout JSONObject, JSONObject, Call) throws -> Void
    ) -> Operation {
        Operation(id, method, path) { call -> Reply in
            let body = try self.body(call, method, path)
            let resource = try existing(call, .edit, body)
            let result = try call.workspace.resources.update(self, resource.id, call) {
                try refuseTrashed($0)
                try change(&$0.body, body, call)
            }
            try touched?(resource.id, call)
            return answers == .object ? .json(try shown(result, call)) : .emptyObject
        }
    }

    // MARK: Parts

    /// The object that another one belongs to.
    package struct Parent: Sendable {
        let resource: Resource
        let idName: String

        package init(_ resource: Resource, _ idName: String) {
            self.resource = resource
            self.idName = idName
        }

        func existing(_ call: Call) throws -> String {
            let id = try call.path(idName)
            guard let found = try resource.find(id, call) else { throw resource.notFound(id) }
            try resource.authorize(.read, found, call)
            return id
        }
    }

    /// The object whose id is in the route, the query or the body, if the caller may do this to it.
    func existing(_ call: Call, _ action: Action, _ body: JSONObject) throws -> StoredResource {
        let named = call.pathParameters[idName] ?? call.pathParameters.all.last?.value
        guard let id = named ?? call.query.string(idName) ?? body[idName]?.scalar, !id.isEmpty else { throw WorkspaceError.missing(idName) }
        guard let resource = try find(id, call) else { throw notFound(id) }
        // Where the route names a parent, it must be this one.
        let others = call.pathParameters.all
        if !resource.parent.isEmpty, others.count > 1, !others.contains(where: { $0.value == resource.parent }) { throw notFound(id) }
        try authorize(action, resource, call)
        return resource
    }

    /// The fields of a request that the contract knows, checked against their types.
    func body(_ call: Call, _ method: HTTPRequest.Method, _ path: String) throws -> JSONObject { try call.contractBody(method, path) }

    private func check(_ call: Call, _ method: HTTPRequest.Method, _ path: String) throws { _ = try call.contractBody(method, path) }

    private func input(_ call: Call, _ method: HTTPRequest.Method, _ path: String) throws -> JSONObject {
        try unwrapped(body(call, method, path))
    }

    private func unwrapped(_ body: JSONObject) throws -> JSONObject {
        guard let wrapper else { return body }
        guard let inner = body[wrapper]?.objectValue else { throw WorkspaceError.missing(wrapper) }
        return inner
    }

    /// `a,b.c` or `*`: a path deeper than one member is taken as its first.
    private func apply(_ mask: String?, _ object: JSONObject, to new: inout JSONObject) throws {
        guard let mask, mask != "*" else {
            for (name, value) in object.members { new[name] = value }
            return
        }
        for path in mask.split(separator: ",") {
            let parts = path.trimmingSpaces().split(separator: ".")
            guard let name = parts.first.map({ String($0 == wrapper ?? "" && parts.count > 1 ? parts[1] : $0) }) else { continue }
            if case .object(let fields)? = Contract.schema(schema), !fields.contains(where: { $0.name == name }) {
                throw WorkspaceError.invalid("Invalid field in update_mask: '\(path.prefix(64))'.")
            }
            new[name] = object[name]
        }
    }
}

extension Substring {
    func trimmingSpaces() -> Substring {
        var rest = drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}

extension ResourceStore {
    /// With an id of the resource's form; the maker gets the right to manage it.
    func insert(_ resource: Resource, _ object: JSONObject, parent: String = "", _ call: Call) throws -> StoredResource {
        for _ in 0..<8 {
            let id = try resource.makeID(object, call)
            do {
                let made = try insert(
                    resource.kind, id: id, uniqueKey: resource.key(object), parent: parent, owner: call.principal.userName, object)
                if case .permissions(let type) = resource.access { try call.workspace.permissions.grantOwner(call.principal, on: type, id) }
                return made
            } catch let taken as Taken {
                // A workspace that came from a snapshot may be given an id for the second time.
                if taken.isID, case .given = resource.idForm { throw resource.alreadyExists(object) }
                if !taken.isID { throw resource.alreadyExists(object) }
            }
        }
        throw WorkspaceError(.aborted, "No id was free; try again.")
    }

    func update(_ resource: Resource, _ id: String, _ call: Call, _ change: (inout StoredResource) throws -> Void) throws -> StoredResource {
        var new = JSONObject()
        do {
            guard
                let changed = try update(
                    resource.kind, id, uniqueKey: { resource.key($0) },
                    { stored in
                        try change(&stored)
                        new = stored.body
                    })
            else { throw resource.notFound(id) }
            return changed
        } catch is Taken {
            throw resource.alreadyExists(new)
        }
    }
}

extension Call {
    /// The body's members that the contract knows, once they have the contract's types and enumerations' values, and all that it demands is there.
    func contractBody(_ method: HTTPRequest.Method, _ path: String) throws -> JSONObject {
        guard let endpoint = Contract.endpoint(method, path) else { return try fields().object }
        let json = try json()
        let check = ContractCheck(endpoint, query: query, body: json)
        for finding in check.findings {
            switch finding.kind {
            case .unknownField, .unknownParameter: continue
            case .unknownValue, .wrongType, .missing: throw finding.error
            }
        }
        try ContractCheck.refuseNUL(json)
        guard case .object(let object) = json else { throw WorkspaceError.malformed("Could not parse request object: Expected 'START_OBJECT'") }
        switch endpoint.body {
        case .fields(let fields): return Contract.cast(Contract.known(object, fields), fields)
        case .object(let type): return Contract.cast(Contract.known(json, type), type).objectValue ?? JSONObject()
        case .none: return Contract.cast(Contract.known(object, endpoint.query), endpoint.query)
        case .opaque: return object
        }
    }
}

extension ContractCheck {
    /// The store would cut a text off at U+0000.
    static func refuseNUL(_ value: JSONValue) throws(WorkspaceError) {
        switch value {
        case .string(let text):
            if text.utf8.contains(0) { throw .invalid("Texts must not contain the character U+0000.") }
        case .array(let items): for item in items { try refuseNUL(item) }
        case .object(let object):
            for (name, member) in object.members {
                if name.utf8.contains(0) { throw .invalid("Names must not contain the character U+0000.") }
                try refuseNUL(member)
            }
        case .null, .bool, .number: break
        }
    }
}

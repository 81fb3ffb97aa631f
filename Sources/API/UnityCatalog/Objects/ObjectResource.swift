import HTTPTypes
import JSON
import Workspace

/// A resource of Unity Catalog whose operations are the usual five: what its members are, not how each is handled.
struct ObjectResource: Sendable {
    struct Member: Sendable {
        enum Kind: Sendable {
            case string
            case bool
            case integer
            case strings
            case choice([String])
            /// An object of a schema of the contract (`catalog.…`), kept but for members of these names, which are secret and never kept.
            case object(String, without: [String] = [])
            /// A map from texts to texts, but for keys with these words in them, which are secret. Of those the ones in `hiding` are kept under the
            /// member's name with `_` in front, which no answer shows; the others are not kept.
            case map(without: [String], hiding: [String] = [])
        }

        let name: String
        let kind: Kind
        var onCreate = true
        var onUpdate = true
        /// What an object has if it is not sent.
        var initial: JSONValue?

        init(_ name: String, _ kind: Kind, onCreate: Bool = true, onUpdate: Bool = true, initial: JSONValue? = nil) {
            self.name = name
            self.kind = kind
            self.onCreate = onCreate
            self.onUpdate = onUpdate
            self.initial = initial
        }
    }

    let type: SecurableType
    /// `catalog.storage_credentials`, what the operations' names begin with.
    let id: String
    /// `/storage-credentials`
    let path: String
    /// `storage_credentials`, the list's member.
    let list: String
    /// The name of the route's parameter.
    var parameter = "name"
    /// Members of the type itself, in the order of the answer.
    let members: [Member]
    var limits: String?
    /// Adds what follows from the object to an answer.
    var complete: @Sendable (CatalogObject, Call, inout JSONWriter) throws -> Void = { _, _, _ in }

    var operations: [Operation] { [create, get, all, update, delete] }

    private var create: Operation {
        .unityCatalog("\(id).create", .post, path, limits: limits) { call in
            let body = try call.fields()
            var spec = CatalogObjectSpec(name: try body.name("name"), comment: try body.string(optional: "comment"))
            spec.fields = try read(body) { $0.onCreate }
            for member in members where spec.fields[member.name] == nil { spec.fields[member.name] = member.initial }
            return try reply(call, try call.workspace.catalogObjects(type).create(spec, by: call.principal))
        }
    }

    private var get: Operation {
        .unityCatalog("\(id).get", .get, "\(path)/{\(parameter)}") { call in
            let browse = try call.query.bool("include_browse") ?? false
            let found = try call.workspace.catalogObjects(type).get(call.path(parameter), browse: browse, by: call.principal)
            return try reply(call, found.object, browseOnly: found.browseOnly)
        }
    }

    private var all: Operation {
        .unityCatalog("\(id).list", .get, path) { call in
            let paging = try Paging(call, list: list, pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
            let rows = try call.workspace.catalogObjects(type).list(
                after: paging.after, limit: paging.fetchLimit, browse: try call.query.bool("include_browse") ?? false, by: call.principal)
            let metastoreID = try UnityCatalogAPI.metastoreID(call)
            return try paging.encoded(list, rows, key: \.name) { object, writer in try write(object, call, metastoreID, to: &writer) }
        }
    }

    private var update: Operation {
        .unityCatalog("\(id).update", .patch, "\(path)/{\(parameter)}") { call in
            let body = try call.fields()
            var change = CatalogObjectChange()
            change.name = try body.newName()
            change.owner = try body.owner()
            change.comment = try body.string(optional: "comment")
            change.fields = try read(body) { $0.onUpdate }
            return try reply(call, try call.workspace.catalogObjects(type).update(call.path(parameter), change, by: call.principal))
        }
    }

    private var delete: Operation {
        .unityCatalog("\(id).delete", .delete, "\(path)/{\(parameter)}") { call in
            let force = try call.query.bool("force") ?? false
            try call.workspace.catalogObjects(type).delete(call.path(parameter), force: force, by: call.principal)
            return .emptyObject
        }
    }

    // MARK: Members

    private func read(_ body: Fields, _ isWanted: (Member) -> Bool) throws(WorkspaceError) -> JSONObject {
        var object = JSONObject()
        for member in members {
            // Members that cannot be set are known all the same.
            guard body.has(member.name), isWanted(member) else { continue }
            object[member.name] = try value(of: member, in: body)
            if case .map(_, let hidden) = member.kind, !hidden.isEmpty, let pairs = try body.stringMap(optional: member.name) {
                object["_" + member.name] = .members(pairs.filter { hidden.contains($0.key) }.map { ($0.key, .string($0.value)) })
            }
        }
        return object
    }

    private func value(of member: Member, in body: Fields) throws(WorkspaceError) -> JSONValue? {
        switch member.kind {
        case .string: return try body.string(optional: member.name).map { .string($0) }
        case .bool: return try body.bool(optional: member.name).map { .bool($0) }
        case .integer: return try body.int(optional: member.name).map { .int($0) }
        case .strings: return try body.strings(optional: member.name).map { .array($0.map { .string($0) }) }
        case .choice(let values): return try body.choice(optional: member.name, of: values).map { .string($0) }
        case .object(let schema, let secrets):
            guard let fields = try body.object(optional: member.name) else { return nil }
            let accepted = try Contract.accepted(.object(fields.object), .named("catalog." + schema), at: member.name)
            return .members((accepted.objectValue?.members ?? []).filter { !secrets.contains($0.name) }.map { ($0.name, $0.value) })
        case .map(let secrets, _):
            guard let pairs = try body.stringMap(optional: member.name) else { return nil }
            let kept = pairs.filter { pair in !secrets.contains { pair.key.lowercased().contains($0) } }
            return .members(kept.map { ($0.key, .string($0.value)) })
        }
    }

    // MARK: Answers

    private func reply(_ call: Call, _ object: CatalogObject, browseOnly: Bool = false) throws -> Reply {
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return try .object { try write(object, call, metastoreID, to: &$0) }
    }

    func write(_ object: CatalogObject, _ call: Call, _ metastoreID: String, to writer: inout JSONWriter) throws {
        writer.member("name", object.name)
        writer.member("owner", object.owner)
        writer.optional("comment", object.comment)
        writer.member("metastore_id", metastoreID)
        writer.times(createdAt: object.createdAt, createdBy: object.createdBy, updatedAt: object.updatedAt, updatedBy: object.updatedBy)
        for member in members {
            if let value = object.fields[member.name], !value.isNull { writer.member(member.name, value) }
        }
        try complete(object, call, &writer)
    }
}

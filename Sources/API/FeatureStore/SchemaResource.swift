import JSON
import Workspace

/// Objects that are in a schema of the catalog, by a name of three parts, and are kept as documents: features, feature specifications, streams.
/// Who sees the schema reads them; who made one, the schema's owner and administrators change it.
struct SchemaResource: Sendable {
    let resource: Resource
    let creation: Privilege

    init(_ kind: String, _ noun: String, schema: String, id idName: String, creation: Privilege) {
        resource = Resource(kind, noun, schema: schema, id: idName, .given)
        self.creation = creation
    }

    func name(_ text: String) throws(WorkspaceError) -> ObjectName {
        try ObjectName(fullName: text, rpc: "Get\(resource.kind)", field: resource.idName)
    }

    private func ofSchema(_ id: String, _ schema: SchemaInfo, _ call: Call) throws -> StoredResource? {
        // One of an earlier schema of that name is gone with it.
        try call.workspace.resources.get(resource.kind, id).flatMap { $0.parent == schema.id ? $0 : nil }
    }

    func find(_ name: ObjectName, _ call: Call) throws -> StoredResource? {
        guard let schema = try call.workspace.schemas.find(name.schemaName) else { return nil }
        return try ofSchema(name.description, schema, call)
    }

    func existing(_ text: String, _ action: Resource.Action, _ call: Call) throws -> StoredResource {
        let name = try name(text)
        let schema = try call.workspace.schemas.get(name.schemaName.description, by: call.principal)
        guard let found = try ofSchema(name.description, schema, call) else { throw resource.notFound(name.description) }
        if action == .write, !call.principal.isAdmin, found.owner != call.principal.userName, schema.owner != call.principal.userName {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) does not have permission to manage \(resource.noun) \(found.id).")
        }
        return found
    }

    func insert(_ text: String, _ object: JSONObject, _ call: Call) throws -> StoredResource {
        let asked = try name(text)
        let name = ObjectName(
            catalog: asked.catalog, schema: asked.schema,
            name: try SecurableName.new(asked.name, rpc: "Create\(resource.kind)", field: resource.idName))
        try call.workspace.require(creation, on: .schema, name.schemaName.description, for: call.principal)
        let schema = try call.workspace.schemas.get(name.schemaName.description, by: call.principal)
        if try ofSchema(name.description, schema, call) == nil { _ = try call.workspace.resources.delete(resource.kind, name.description) }
        var object = object
        object[resource.idName] = .string(name.description)
        return try call.workspace.resources.insert(resource, object, parent: schema.id, call)
    }

    func list(in schema: SchemaName, after: Int64, _ call: Call) throws -> [StoredResource] {
        let schema = try call.workspace.schemas.get(schema.description, by: call.principal)
        return try call.workspace.resources.list(resource.kind, parent: schema.id, after: after)
    }

    func delete(_ found: StoredResource, _ call: Call) throws { _ = try call.workspace.resources.delete(resource.kind, found.id) }
}

extension JSONObject {
    /// The members of these names that are there and not null.
    func present(_ names: [String]) -> [String] { names.filter { !(self[$0]?.isNull ?? true) } }

    /// The one member of these names that is there; throws unless there is exactly one.
    func one(of names: [String], _ place: String) throws(WorkspaceError) -> String {
        let present = present(names)
        guard present.count == 1, let name = present.first else {
            throw .invalid("Exactly one of \(names.joined(separator: ", ")) must be given\(place.isEmpty ? "" : " in \(place)").")
        }
        return name
    }

    func required(_ name: String, _ place: String = "") throws(WorkspaceError) -> String {
        guard let text = self[name]?.stringValue, !text.isEmpty else { throw .missing(place + name) }
        return text
    }
}

import JSON
package import Workspace

/// A model as one recipient sees it in a share.
package struct SharedModel: Sendable {
    package let schema: String
    package let name: String
    package let object: SharedObject
    /// In the provider's workspace.
    package let model: CatalogObject
    package let versions: [CatalogObject]
}

extension ReceivedShare {
    /// Models by their names in the share; one that is shared by itself hides the same name of a shared schema.
    package func models() throws -> [SharedModel] {
        var found: [SharedModel] = []
        func add(_ schema: String, _ name: String, _ object: SharedObject, _ model: CatalogObject) throws {
            let versions = try provider.workspace.modelVersions.list(model.fullName, by: .system).versions
            found.append(SharedModel(schema: schema, name: name, object: object, model: model, versions: versions))
        }
        let objects = try objects()
        for object in objects where object.kind == .model {
            let alias = object.alias.lowercased().split(separator: ".").map(String.init)
            guard alias.count == 2, let model = try? provider.workspace.catalogObjects(.model).get(object.name, by: .system).object else { continue }
            try add(alias[0], alias[1], object, model)
        }
        for object in objects where object.kind == .schema {
            let source = object.name.split(separator: ".").map(String.init)
            guard source.count == 2, try provider.workspace.schemas.find(SchemaName(catalog: source[0], schema: source[1])) != nil else { continue }
            for model in try provider.workspace.catalogObjects(.model).list(in: object.name, by: .system) {
                try add(object.alias.lowercased(), model.name, object, model)
            }
        }
        var seen: Set<String> = []
        return found.filter { seen.insert("\($0.schema).\($0.name)").inserted }.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
    }
}

/// Where a model version's files lie, and with whose rights they are reached.
package struct ModelFiles: Sendable {
    package let holder: SQLService
    package let location: String
    package let reader: Principal
}

extension SQLService {
    /// The files of a model version for who may execute the model, or change it: they can be written until the version is finalized.
    package func modelFiles(_ name: String, _ version: Int, writes: Bool, by principal: Principal) throws -> ModelFiles {
        try refreshReceived()
        let (model, found) = try workspace.modelVersions.get(name, version, by: principal)
        try workspace.require(.execute, on: .model, model.fullName, for: principal)
        if writes {
            try workspace.modelVersions.requireWritable(model.fullName, version, by: principal)
            guard found.fields["status"] == "PENDING_REGISTRATION" else {
                throw WorkspaceError.unityCatalog(
                    .invalidState, "Files of version \(version) of model '\(model.fullName)' can be written at its creation alone.")
            }
        }
        let full = try ObjectName(fullName: model.fullName, rpc: "GetModelVersion", field: "full_name_arg")
        guard let source = try workspace.catalogs.find(full.catalog)?.share else {
            return ModelFiles(holder: self, location: found.fields["storage_location"]?.stringValue ?? "", reader: principal)
        }
        let share = try receivedShare(source.share, of: source.provider, by: .system)
        let shared = try share.models().first { $0.schema == full.schema && $0.name == full.name }
        guard let location = shared?.versions.first(where: { $0.name == found.name })?.fields["storage_location"]?.stringValue else {
            throw WorkspaceError.unityCatalog(.resourceDoesNotExist, "Version \(version) of model '\(model.fullName)' is not shared any more.")
        }
        return ModelFiles(holder: share.provider, location: location, reader: .system)
    }
}

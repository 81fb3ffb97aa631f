import JSON
package import Workspace

/// A share that another workspace of the server gives to this one.
package struct ReceivedShare: Sendable {
    package let share: CatalogObject
    let provider: SQLService
    /// What the provider knows this workspace by.
    let recipient: CatalogObject

    /// Names as the share gives them, by schema and name.
    package func tables() throws -> SharedTables { try SharedTables(share, in: provider.workspace, columns: true) }

    /// Volumes by their names in the share; one that is shared by itself hides the same name of a shared schema.
    package func volumes() throws -> [SharedVolume] {
        var found: [SharedVolume] = []
        let objects = try objects()
        for object in objects where object.kind == .volume {
            let source = object.name.split(separator: ".").map(String.init)
            let alias = object.alias.lowercased().split(separator: ".").map(String.init)
            guard source.count == 3, alias.count == 2,
                let info = try provider.workspace.volumes.find(ObjectName(catalog: source[0], schema: source[1], name: source[2]))
            else { continue }
            found.append(SharedVolume(schema: alias[0], name: alias[1], object: object, info: info))
        }
        for object in objects where object.kind == .schema {
            let source = object.name.split(separator: ".").map(String.init)
            guard source.count == 2, try provider.workspace.schemas.find(SchemaName(catalog: source[0], schema: source[1])) != nil else { continue }
            for info in try provider.workspace.volumes.list(in: SchemaName(catalog: source[0], schema: source[1]), by: .system) {
                found.append(SharedVolume(schema: object.alias.lowercased(), name: info.name.name, object: object, info: info))
            }
        }
        var seen: Set<String> = []
        return found.filter { seen.insert("\($0.schema).\($0.name)").inserted }.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
    }

    /// Objects of any kind.
    package func objects() throws -> [SharedObject] { try provider.workspace.shares.objects(of: share) }
}

/// A volume as one recipient sees it in a share.
package struct SharedVolume: Sendable {
    package let schema: String
    package let name: String
    package let object: SharedObject
    /// In the provider's workspace.
    package let info: VolumeInfo
}

/// What this workspace receives: other workspaces' recipients of the type DATABRICKS that have its sharing identifier.
extension SQLService {
    private var offers: [(provider: SQLService, recipient: CatalogObject)] {
        get throws {
            let identifier = try workspace.metastore.globalID
            return try neighbours.all.filter { $0.workspace.id != workspace.id }.compactMap { provider in
                let recipients = try provider.workspace.catalogObjects(.recipient).list(by: .system)
                return recipients.first { $0.fields["data_recipient_global_metastore_id"]?.stringValue == identifier }.map { (provider, $0) }
            }
        }
    }

    /// Writes a provider for every workspace that has this one among its recipients: they appear by themselves.
    package func discoverProviders() throws {
        let offers = try offers
        if offers.isEmpty { return }
        let known = try workspace.catalogObjects(.provider).list(by: .system)
        var identifiers = Set(known.compactMap { $0.fields["data_provider_global_metastore_id"]?.stringValue })
        var names = Set(known.map(\.name))
        for (provider, _) in offers {
            let theirs = try provider.workspace.metastore
            guard identifiers.insert(theirs.globalID).inserted else { continue }
            let name = names.contains(theirs.name) ? "\(theirs.name)_\(theirs.id.prefix(8))" : theirs.name
            names.insert(name)
            var spec = CatalogObjectSpec(name: name)
            spec.fields = JSONObject([
                ("authentication_type", "DATABRICKS"), ("data_provider_global_metastore_id", .string(theirs.globalID)),
                ("cloud", .string(theirs.cloud)), ("region", .string(theirs.region)), ("metastore_id", .string(theirs.id)),
            ])
            try workspace.catalogObjects(.provider).create(spec, by: .system)
        }
    }

    /// The shares of a provider among the server's workspaces, by name, for who may see the provider.
    package func receivedShares(of provider: String, by principal: Principal) throws -> [ReceivedShare] {
        try discoverProviders()
        let object = try workspace.catalogObjects(.provider).get(provider, by: principal).object
        guard object.fields["authentication_type"] == "DATABRICKS" else {
            throw WorkspaceError.unityCatalog(.invalidState, "Provider '\(object.name)' is outside of this server.")
        }
        let identifier = object.fields["data_provider_global_metastore_id"]?.stringValue
        return try offers.filter { try $0.provider.workspace.metastore.globalID == identifier }.flatMap { provider, recipient in
            try provider.workspace.shares.list(for: recipient).map { ReceivedShare(share: $0, provider: provider, recipient: recipient) }
        }.sorted { $0.share.name < $1.share.name }
    }

    /// One share of a provider; throws `SHARE_DOES_NOT_EXIST`.
    package func receivedShare(_ name: String, of provider: String, by principal: Principal) throws -> ReceivedShare {
        guard let found = try receivedShares(of: provider, by: principal).first(where: { $0.share.name == name.lowercased() }) else {
            throw WorkspaceError.unityCatalog(
                .shareDoesNotExist, "Share '\(name.prefix(255))' does not exist or is not shared by provider '\(provider.prefix(255))'.")
        }
        return found
    }

    /// Makes a catalog over a share of another workspace.
    func createReceivedCatalog(_ spec: CatalogSpec, provider: String, share: String, by principal: Principal) throws -> CatalogInfo {
        let received = try receivedShare(share, of: provider, by: principal)
        var spec = spec
        spec.share = (provider.lowercased(), received.share.name)
        let made = try workspace.catalogs.create(spec, by: principal)
        try refreshReceived()
        return made
    }

    /// Brings what is in the catalogs over the other workspaces' shares up to date. Nothing is held while these are read: they may do the same.
    /// Answers the catalogs over shares of providers outside of this server, which `refresh` asks.
    @discardableResult
    package func refreshReceived() throws -> [CatalogInfo] {
        let catalogs = try workspace.catalogs.received()
        if catalogs.isEmpty { return [] }
        var outside: [CatalogInfo] = []
        for catalog in catalogs {
            guard let source = catalog.share else { continue }
            if try hasOutsideProvider(source.provider) {
                outside.append(catalog)
                continue
            }
            let received = try? receivedShare(source.share, of: source.provider, by: .system)
            try workspace.catalogs.fill(catalog, with: received?.contents() ?? [])
        }
        return outside
    }

    private func hasOutsideProvider(_ name: String) throws -> Bool {
        let provider = try? workspace.catalogObjects(.provider).get(name, by: .system).object
        return provider.map { $0.fields["authentication_type"] != "DATABRICKS" } ?? false
    }

    /// The volume behind a name in a catalog over a share, with the workspace where it lies; nil if it is not shared any more.
    func receivedVolume(_ name: ObjectName) throws -> (provider: SQLService, volume: VolumeInfo)? {
        guard let source = try workspace.catalogs.find(name.catalog)?.share,
            let share = try? receivedShare(source.share, of: source.provider, by: .system)
        else { return nil }
        return try share.volumes().first { $0.schema == name.schema && $0.name == name.name }.map { (share.provider, $0.info) }
    }

    /// The table behind a name in a catalog over a share; nil if it is not shared any more.
    func received(_ name: ObjectName) throws -> (share: ReceivedShare, table: SharedTable)? {
        guard let source = try workspace.catalogs.find(name.catalog)?.share,
            let share = try? receivedShare(source.share, of: source.provider, by: .system)
        else { return nil }
        return try share.tables().tables.first { $0.schema == name.schema && $0.name == name.name }.map { (share, $0) }
    }
}

extension ReceivedShare {
    /// What the recipient's catalog lists.
    fileprivate func contents() throws -> [Catalogs.ReceivedSchema] {
        let tables = try tables()
        let volumes = try volumes()
        let models = try models()
        return Set(tables.schemas + volumes.map(\.schema) + models.map(\.schema)).sorted().map { schema in
            var received = Catalogs.ReceivedSchema(
                name: schema, tables: tables.tables.filter { $0.schema == schema }.map { Catalogs.ReceivedTable(name: $0.name, $0.info) },
                volumes: volumes.filter { $0.schema == schema }.map { ($0.name, $0.info) })
            received.models = models.filter { $0.schema == schema }.map { Catalogs.ReceivedModel(name: $0.name, $0.model, $0.versions) }
            return received
        }
    }
}

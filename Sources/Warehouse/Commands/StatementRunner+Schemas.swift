import Columnar
import SparkErrors
import SparkSyntax
import Workspace

/// CREATE and DROP of catalogs, schemas and volumes; COMMENT ON and ALTER of them.
extension StatementRunner {
    func createCatalog(_ create: CreateCatalog) throws(SQLError) -> ResultSet {
        let name = try catalogName(create.name)
        if create.isForeign { throw .notSimulated("CREATE FOREIGN CATALOG") }
        try refuseDefaultCollation(create.defaultCollation)
        let spec = CatalogSpec(name: name, comment: create.comment, storageRoot: create.managedLocation)
        return try unlessExists(create.ifNotExists, .catalogAlreadyExists, [name]) {
            switch create.source {
            case .none: _ = try workspace.catalogs.create(spec, by: principal)
            case .share(let share):
                guard share.names.count == 2 else {
                    throw WorkspaceError.invalid("USING SHARE takes a provider and a share: provider.share")
                }
                let (service, principal) = (service, principal)
                _ = try catalog.outsideWait.run {
                    try await service.createCatalog(spec, provider: share.names[0], share: share.names[1], by: principal)
                }
            case .connection: throw SQLError.notSimulated("CREATE CATALOG USING CONNECTION")
            }
        }
    }

    func createSchema(_ create: CreateSchema) throws(SQLError) -> ResultSet {
        let name = try schemaName(create.name)
        if create.location != nil { throw .notSimulated("CREATE SCHEMA … LOCATION") }
        try refuseDefaultCollation(create.defaultCollation)
        let properties = PropertyMap(create.properties.map { (key: $0.key, value: $0.value ?? "") })
        return try unlessExists(create.ifNotExists, .schemaAlreadyExists, name.parts) {
            var spec = SchemaSpec(catalog: name.catalog, name: name.schema, comment: create.comment, storageRoot: create.managedLocation)
            spec.properties = properties
            _ = try workspace.schemas.create(spec, by: principal)
        }
    }

    /// Of catalogs and schemas none but the default one is kept.
    private func refuseDefaultCollation(_ name: String?) throws(SQLError) {
        guard let name, try DefaultCollation(named: name).applied != .utf8Binary else { return }
        throw .notSimulated("DEFAULT COLLATION \(name)")
    }

    func createVolume(_ create: CreateVolume) throws(SQLError) -> ResultSet {
        let name = try objectName(create.name)
        if create.isExternal || create.location != nil { throw .notSimulated("CREATE EXTERNAL VOLUME") }
        return try unlessExists(create.ifNotExists, .volumeAlreadyExists, name.parts) {
            _ = try workspace.volumes.create(
                VolumeSpec(catalog: name.catalog, schema: name.schema, name: name.name, comment: create.comment), by: principal)
        }
    }

    /// Runs a creation; with IF NOT EXISTS a taken name is no error.
    func unlessExists(
        _ ifNotExists: Bool, _ taken: ErrorCondition, _ name: [String], _ body: () throws -> Void
    ) throws(SQLError) -> ResultSet {
        do {
            try onCatalog(name, body)
        } catch {
            guard ifNotExists, error.condition == taken else { throw error }
        }
        return .none
    }

    func drop(_ drop: Drop) throws(SQLError) -> ResultSet {
        switch drop.kind {
        case .catalog:
            let name = try catalogName(drop.name)
            return try ifPresent(drop.ifExists, .noSuchCatalog, [name]) {
                service.tables.forget(try workspace.catalogs.delete(name, force: drop.cascade ?? false, by: principal))
            }
        case .schema:
            let name = try schemaName(drop.name)
            return try ifPresent(drop.ifExists, .schemaNotFound, name.parts) {
                service.tables.forget(try workspace.schemas.delete(name.description, force: drop.cascade ?? false, by: principal))
            }
        case .volume:
            let name = try objectName(drop.name)
            return try ifPresent(drop.ifExists, .volumeNotFound, name.parts) { _ = try workspace.volumes.delete(name, by: principal) }
        case .table, .view, .materializedView, .streamingTable: return try dropRelation(drop)
        case .function, .temporaryFunction: return try dropFunction(drop)
        case .share: return try dropSharing(drop, .share)
        case .recipient: return try dropSharing(drop, .recipient)
        case .provider: return try dropSharing(drop, .provider)
        default: throw .notSimulated("DROP \(drop.kind.rawValue)")
        }
    }

    /// Runs a removal; with IF EXISTS what is not there is no error.
    func ifPresent(_ ifExists: Bool, _ missing: ErrorCondition, _ name: [String], _ body: () throws -> Void) throws(SQLError) -> ResultSet {
        do {
            try onCatalog(name, body)
        } catch {
            guard ifExists, error.condition == missing || error.condition == .schemaNotFound || error.condition == .noSuchCatalog else {
                throw error
            }
        }
        return .none
    }

    func comment(_ comment: CommentOn) throws(SQLError) -> ResultSet {
        let text = comment.text ?? ""
        switch comment.kind {
        case .catalog:
            let name = try catalogName(comment.name)
            var change = CatalogChange()
            change.comment = text
            return try changed([name]) { [change] in _ = try workspace.catalogs.update(name, change, by: principal) }
        case .schema:
            let name = try schemaName(comment.name)
            var change = SchemaChange()
            change.comment = text
            return try changed(name.parts) { [change] in _ = try workspace.schemas.update(name.description, change, by: principal) }
        case .table, .view:
            let name = try objectName(comment.name)
            return try changed(name.parts) {
                _ = try workspace.tables.update(name, by: principal) { _ in
                    var change = TableChange()
                    change.comment = text
                    return change
                }
            }
        case .volume:
            let name = try objectName(comment.name)
            var change = VolumeChange()
            change.comment = text
            return try changed(name.parts) { [change] in _ = try workspace.volumes.update(name, change, by: principal) }
        case .column: return try commentOnColumn(comment)
        case .share, .recipient, .provider:
            let name = try catalogName(comment.name)
            let type = try Self.securableType(comment.kind)
            var change = CatalogObjectChange()
            change.comment = text
            return try changeSharing { [change] in _ = try workspace.catalogObjects(type).update(name, change, by: principal) }
        default: throw .notSimulated("COMMENT ON \(comment.kind.rawValue)")
        }
    }

    func changed(_ name: [String], _ body: () throws -> Void) throws(SQLError) -> ResultSet {
        try onCatalog(name, body)
        return .none
    }

}

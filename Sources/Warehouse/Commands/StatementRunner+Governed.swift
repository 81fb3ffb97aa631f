import SparkErrors
import SparkSyntax
import Workspace

/// OWNER TO, RENAME TO and tags of the objects that are neither tables, views nor schemas; tags of all.
extension StatementRunner {
    func alterGoverned(_ alter: Alter) throws(SQLError) -> ResultSet {
        let (type, name) = try securable(alter.kind, alter.name)
        let parts = name.split(separator: ".").map(String.init)
        switch alter.action {
        case .setTags(let properties): return try setTags(Tags.Entity(type: type, name: name), properties)
        case .unsetTags(let keys): return try unsetTags(Tags.Entity(type: type, name: name), keys)
        default: break
        }
        switch type {
        case .catalog:
            var change = CatalogChange()
            switch alter.action {
            case .setOwner(let owner): change.owner = owner.text
            case .setComment(let comment): change.comment = comment ?? ""
            case .rename(let new): change.name = try catalogName(new)
            case .predictiveOptimization(let word):
                change.predictiveOptimization = PredictiveOptimization(rawValue: word.split(separator: " ").first.map(String.init) ?? word)
            default: throw .notSimulated("this form of ALTER CATALOG")
            }
            return try changed(parts) { [change] in _ = try workspace.catalogs.update(name, change, by: principal) }
        case .volume:
            var change = VolumeChange()
            switch alter.action {
            case .setOwner(let owner): change.owner = owner.text
            case .setComment(let comment): change.comment = comment ?? ""
            case .rename(let new): change.name = try self.parts(new).last
            default: throw .notSimulated("this form of ALTER VOLUME")
            }
            let object = try objectName(alter.name)
            return try changed(parts) { [change] in _ = try workspace.volumes.update(object, change, by: principal) }
        case .function:
            guard case .setOwner(let owner) = alter.action else { throw .notSimulated("this form of ALTER FUNCTION") }
            let object = try objectName(alter.name)
            return try changed(parts) { _ = try workspace.functions.update(object, owner: owner.text, by: principal) }
        case .model, .connection, .externalLocation, .storageCredential, .credential:
            var change = CatalogObjectChange()
            switch alter.action {
            case .setOwner(let owner): change.owner = owner.text
            case .setComment(let comment): change.comment = comment ?? ""
            case .rename(let new): change.name = try self.parts(new).last
            default: throw .notSimulated("this form of ALTER \(alter.kind.rawValue)")
            }
            return try changed(parts) { [change] in _ = try workspace.catalogObjects(type).update(name, change, by: principal) }
        default: throw .notSimulated("ALTER \(alter.kind.rawValue)")
        }
    }

    func setTags(_ entity: Tags.Entity, _ properties: [Property]) throws(SQLError) -> ResultSet {
        try changed(entity.name.split(separator: ".").map(String.init)) {
            let tags = properties.map { (key: $0.key, value: $0.value.flatMap { $0.isEmpty ? nil : $0 }) }
            try workspace.tags.set(entity, tags, by: principal)
        }
    }

    func unsetTags(_ entity: Tags.Entity, _ keys: [String]) throws(SQLError) -> ResultSet {
        try changed(entity.name.split(separator: ".").map(String.init)) {
            try workspace.tags.remove(entity, keys, mustExist: false, by: principal)
        }
    }
}

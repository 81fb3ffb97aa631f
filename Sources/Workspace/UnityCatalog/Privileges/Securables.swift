import GRDB

/// Finds governed objects of any type by their full names.
enum Securables {
    /// Throws the error of what is missing first.
    static func existing(_ database: Database, _ type: SecurableType, _ fullName: String, rpc: String = "GetPermissions") throws -> SecurablePath {
        switch type {
        case .metastore: return try metastore(database, fullName)
        case .catalog:
            let name = try SecurableName.new(fullName, rpc: rpc, field: "full_name_arg")
            guard let info = try Catalogs.find(database, name) else { throw WorkspaceError.noSuch(.catalog, name) }
            return info.path
        case .schema:
            return try Schemas.existing(database, SchemaName(fullName: fullName, rpc: rpc, field: "full_name_arg")).path
        case .table:
            return try Tables.existing(database, ObjectName(fullName: fullName, rpc: rpc, field: "full_name_arg")).path
        case .volume:
            return try Volumes.existing(database, ObjectName(fullName: fullName, rpc: rpc, field: "full_name_arg")).path
        case .function:
            return try Functions.existing(database, ObjectName(fullName: fullName, rpc: rpc, field: "full_name_arg")).path
        default:
            return try CatalogObjects.existing(database, type, fullName, rpc: rpc).path(database)
        }
    }

    /// The object behind an id; nil if it is gone.
    static func find(_ database: Database, type: SecurableType, id: String) throws -> SecurablePath? {
        let name: String?
        switch type {
        case .catalog: name = try database.first("SELECT name FROM catalog WHERE id = ?", [.text(id)]) { $0[0] as String }
        case .schema:
            name = try database.first(
                "SELECT c.name || '.' || s.name FROM schema s JOIN catalog c ON c.key = s.catalog WHERE s.id = ?", [.text(id)]
            ) { $0[0] as String }
        default: name = nil
        }
        return try name.map { try existing(database, type, $0) }
    }

    /// The present name of an object in a schema, or of a schema; nil if it is gone.
    static func fullName(_ database: Database, _ type: SecurableType, id: String) throws -> String? {
        let table: String
        switch type {
        case .schema: return try find(database, type: type, id: id)?.name
        case .table: table = "relation"
        case .volume: table = "volume"
        case .function: table = "function"
        default:
            return try database.first("\(CatalogObjects.select) WHERE o.id = ?", [.text(id)]) { CatalogObject($0).fullName }
        }
        return try database.first(
            "SELECT c.name || '.' || s.name || '.' || o.name FROM \(table) o JOIN schema s ON s.key = o.schema JOIN catalog c ON c.key = s.catalog "
                + "WHERE o.id = ?", [.text(id)]
        ) { $0[0] as String }
    }

    /// The metastore is named by its id.
    private static func metastore(_ database: Database, _ id: String) throws -> SecurablePath {
        let found = try database.first("SELECT id, owner FROM metastore WHERE id = ?", [.text(id.lowercased())]) {
            SecurablePath(.init(type: .metastore, id: $0[0], name: $0[0], owner: $0[1]))
        }
        guard let found else { throw WorkspaceError.noSuch(.metastore, String(id.prefix(64))) }
        return found
    }

    /// The metastore of the workspace.
    static func metastore(_ database: Database) throws -> SecurablePath {
        let found = try database.first("SELECT id, owner, name FROM metastore WHERE assigned = 1") {
            SecurablePath(.init(type: .metastore, id: $0[0], name: $0[0], owner: $0[1]))
        }
        guard let found else { throw WorkspaceError(.metastoreDoesNotExist, "No metastore assigned for the current workspace.") }
        return found
    }
}

import DeltaTable
import SparkErrors
import Storage
package import Workspace

/// What triggers of jobs look at.
extension SQLService {
    /// Commands that change no data of a table.
    private static let upkeep: Set<String> = [
        "OPTIMIZE", "REORG", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "CLUSTER BY", "SET TABLE TAGS",
        "CHANGE COLUMN", "ADD COLUMNS", "RENAME COLUMN", "DROP COLUMNS", "ADD CONSTRAINT", "DROP CONSTRAINT", "DROP FEATURE", "UPGRADE PROTOCOL",
    ]

    /// The last version of a table that changed its rows, if it is behind `known`; otherwise `known`. Without `known` the latest version.
    package func dataVersion(of table: String, after known: Int?, by principal: Principal) throws -> Int? {
        let name = try ObjectName(fullName: table, rpc: "TableUpdateTrigger", field: "table_names")
        let info = try workspace.tables.get(name, requiring: .select, by: principal)
        guard !info.type.isView, let location = info.location else { return nil }
        let delta = try tables.delta(at: location)
        let latest = try delta.snapshot().version
        guard let known else { return latest }
        if latest == known { return known }
        // A table made anew begins its versions anew.
        if latest < known { return latest }
        return try delta.history(limit: latest - known).first { $0.version > known && !Self.upkeep.contains($0.info.operation ?? "") }?.version
            ?? known
    }

    /// When a version of a table was committed, in milliseconds since 1970-01-01 UTC.
    package func commitTime(of table: String, version: Int, by principal: Principal) throws -> Int64? {
        let name = try ObjectName(fullName: table, rpc: "TableUpdateTrigger", field: "table_names")
        let info = try workspace.tables.get(name, requiring: .select, by: principal)
        guard let location = info.location else { return nil }
        return try tables.delta(at: location).history().first { $0.version == version }?.timestamp
    }

    /// The text of a file of a volume, of DBFS or of an external location; nil if there is none.
    package func fileText(_ path: String, by principal: Principal) throws -> String? {
        let files = try sourceFiles(path, by: principal)
        guard files.count == 1, let file = files.first else { return nil }
        return String(decoding: try file.store.get(file.object), as: UTF8.self)
    }

    /// The files below a volume's path or an external location's URL; none where nothing has arrived yet.
    package func files(below path: String, by principal: Principal) throws -> [String] {
        do throws(SQLError) {
            return try sourceFiles(path, by: principal).map(\.object)
        } catch {
            guard error.condition == .pathNotFound else { throw error }
            return []
        }
    }
}

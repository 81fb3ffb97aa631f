import GRDB

extension Workspace {
    /// Whoever has this user name or application id, as a caller; nil if there is nobody, or nobody active.
    package func principal(named name: String) throws -> Principal? {
        try store.read { database in
            let id = try database.first("SELECT id FROM identity WHERE user_name = ?", [.text(name)]) { Int($0[0] as Int64) }
            return try id.flatMap { try principal($0, database) }
        }
    }
}

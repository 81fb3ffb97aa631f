import GRDB

/// Shallow clones: tables whose logs name files of other tables. What places they may name is kept here and not in the log, which anyone with
/// credentials for the table's location can write.
extension Tables {
    static let clonesMigration = Migration(
        "clones",
        """
        CREATE TABLE clone_root (location TEXT NOT NULL, root TEXT NOT NULL, PRIMARY KEY (location, root)) WITHOUT ROWID;
        CREATE INDEX clone_root_root ON clone_root (root);
        """)

    /// Places, beside its own, into which the log of the table at a location may point. Locations are paths in the store.
    package func roots(of location: String) throws -> [String] {
        try store.read { try $0.all("SELECT root FROM clone_root WHERE location = ? ORDER BY root", [.text(location)]) { $0[0] as String } }
    }

    /// Locations of the tables whose logs may point into a place.
    package func clones(of root: String) throws -> [String] {
        try store.read { try $0.all("SELECT location FROM clone_root WHERE root = ? ORDER BY location", [.text(root)]) { $0[0] as String } }
    }

    package func addRoots(_ roots: [String], of location: String) throws {
        try store.write { database in
            for root in roots where root != location {
                try database.execute(sql: "INSERT OR IGNORE INTO clone_root VALUES (?, ?)", arguments: [location, root])
            }
        }
    }
}

package import GRDB
import GRDBSQLite

/// The workspace's database: one connection, used by one thread at a time, in memory or in a file.
/// Closures are synchronous, so that no invariant is open across a suspension. A `read` inside a closure sees what the closure has written;
/// a `write` inside a `write` throws.
package final class StateStore: Sendable {
    private let queue: DatabaseQueue

    /// Opens a database and brings it to the newest schema. Throws `StateStoreError` with one line that says what and where.
    package init(path: String? = nil, migrations: [Migration]) throws {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        do {
            if let path {
                queue = try DatabaseQueue(path: path, configuration: StateStore.fileConfiguration)
                if try queue.read({ try migrator.hasBeenSuperseded($0) }) {
                    throw StateStoreError("\(path): written by a newer version of this program")
                }
            } else {
                queue = try DatabaseQueue(configuration: StateStore.memoryConfiguration)
            }
            try migrator.migrate(queue)
        } catch let error as DatabaseError {
            throw StateStoreError("\(path ?? "in-memory database"): \(error.message ?? "cannot be opened as a database")")
        }
    }

    /// A store in memory with the contents of a snapshot; no migration runs, so this costs about as much as copying the bytes.
    package init(snapshot: StateSnapshot) throws {
        queue = try DatabaseQueue(configuration: StateStore.memoryConfiguration)
        try restore(snapshot)
    }

    /// Thousands of small databases: small pages waste less of each table's and index's last page. Files have the same, so that snapshots fit both.
    private static let pageSize = 1024

    private static var memoryConfiguration: Configuration {
        var configuration = Configuration()
        configuration.prepareDatabase {
            try $0.execute(sql: "PRAGMA page_size = \(pageSize); PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    private static var fileConfiguration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase {
            try $0.execute(
                sql: "PRAGMA page_size = \(pageSize); PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Reads without opening a transaction: the connection has one user, so what the closure sees does not change under it.
    package func read<T>(_ body: (Database) throws -> T) throws -> T {
        try queue.unsafeReentrantRead(body)
    }

    /// Runs the closure in a transaction; if it throws, nothing has happened.
    package func write<T>(_ body: (Database) throws -> T) throws -> T {
        try queue.unsafeReentrantWrite { database in
            // By cached statements: compiling these two costs more than a small change does.
            try database.run("BEGIN IMMEDIATE TRANSACTION")
            do {
                let result = try body(database)
                try database.run("COMMIT TRANSACTION")
                return result
            } catch {
                // Some failures have ended the transaction already.
                if database.isInsideTransaction { try database.run("ROLLBACK TRANSACTION") }
                throw error
            }
        }
    }

    /// Grows with every row that is written; equal counts mean that nothing was.
    package var changeCount: Int {
        get throws { try read { $0.totalChangesCount } }
    }

    /// The whole database as the bytes of a SQLite file.
    package func snapshot() throws -> StateSnapshot {
        try queue.writeWithoutTransaction { database in
            guard let connection = database.sqliteConnection else { throw StateStoreError("the database is closed") }
            var size: sqlite3_int64 = 0
            guard let bytes = sqlite3_serialize(connection, "main", &size, 0) else {
                throw StateStoreError("the database could not be serialised")
            }
            defer { sqlite3_free(bytes) }
            var copy = Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
            // Bytes 18 and 19 of the header say that there is a write-ahead log; the copy has none, and cannot be opened if they do.
            if copy.count > 19 { copy.replaceSubrange(18...19, with: [1, 1]) }
            return StateSnapshot(bytes: copy)
        }
    }

    /// Replaces everything by what the snapshot holds.
    package func restore(_ snapshot: StateSnapshot) throws {
        let source = try StateStore.open(snapshot)
        try source.backup(to: queue)
        try source.close()
    }

    /// A connection over a copy of the snapshot's bytes, which SQLite frees.
    private static func open(_ snapshot: StateSnapshot) throws -> DatabaseQueue {
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { database in
            guard let connection = database.sqliteConnection, !snapshot.bytes.isEmpty,
                let copy = sqlite3_malloc64(UInt64(snapshot.bytes.count))
            else { throw StateStoreError("the snapshot could not be opened") }
            snapshot.bytes.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count) }
            let size = sqlite3_int64(snapshot.bytes.count)
            let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE) | UInt32(SQLITE_DESERIALIZE_RESIZEABLE)
            // On failure SQLite has freed the copy.
            guard sqlite3_deserialize(connection, "main", copy.assumingMemoryBound(to: UInt8.self), size, size, flags) == SQLITE_OK else {
                throw StateStoreError("the snapshot is not a database")
            }
        }
        return queue
    }

    package func close() throws { try queue.close() }
}

/// A copy of a whole database.
package struct StateSnapshot: Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
}

/// The database cannot be opened, read or copied: an operator's problem, in one line.
package struct StateStoreError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

extension DatabaseError {
    /// A row with this key exists: the store's own word, so that two writers cannot both believe that a name is free.
    package var isUniqueViolation: Bool {
        extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE || extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
    }

    package var isForeignKeyViolation: Bool { extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY }
}

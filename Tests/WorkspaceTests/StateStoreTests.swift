import Foundation
import GRDB
import Testing
import Workspace

@Suite struct StateStoreTests {
    private static let migrations = [
        Migration("one", "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"),
        Migration("two", "ALTER TABLE item ADD COLUMN size INTEGER"),
    ]

    private func names(_ store: StateStore) throws -> [String] {
        try store.read { try String.fetchAll($0, sql: "SELECT name FROM item ORDER BY name") }
    }

    private func add(_ name: String, to store: StateStore) throws {
        try store.write { try $0.execute(sql: "INSERT INTO item (name, size) VALUES (?, 1)", arguments: [name]) }
    }

    @Test func aThrowingWriteLeavesNothing() throws {
        struct Stop: Error {}
        let store = try StateStore(migrations: Self.migrations)
        try add("a", to: store)
        #expect(throws: Stop.self) {
            try store.write { database in
                try database.execute(sql: "INSERT INTO item (name) VALUES ('b')")
                throw Stop()
            }
        }
        #expect(try names(store) == ["a"])
        #expect { try add("a", to: store) } throws: { ($0 as? DatabaseError)?.isUniqueViolation == true }
    }

    @Test func nestedUse() throws {
        let store = try StateStore(migrations: Self.migrations)
        try store.write { database in
            try database.execute(sql: "INSERT INTO item (name) VALUES ('a')")
            #expect(try names(store) == ["a"])
        }
        #expect(throws: DatabaseError.self) { try store.write { _ in try add("b", to: store) } }
        #expect(try names(store) == ["a"])
    }

    @Test func rowsAreReadWithoutTraps() throws {
        let store = try StateStore(migrations: Self.migrations)
        try store.write { try $0.execute(sql: "INSERT INTO item VALUES (1, NULL, NULL), (2, 'é' || char(0) || 'x', 'text')") }
        let rows = try store.read { try $0.all("SELECT id, name, size FROM item ORDER BY id") { ($0[0] as Int64, $0[1] as String?, $0[2] as Int?) } }
        #expect(rows.map(\.1) == [nil, "é\0x"])
        #expect(rows.map(\.2) == [nil, 0])
        let text = try store.read { try $0.first("SELECT name, size FROM item WHERE id = ? AND ? = ''", [.int(1), ""]) { $0[0] as String } }
        #expect(text == "")
        #expect(try store.read { try $0.first("SELECT ?", [.null]) { $0[0] as String? } } == .some(nil))
        #expect(try store.read { try $0.first("SELECT 1 WHERE 0") { $0[0] as Int64 } } == nil)
        #expect(throws: DatabaseError.self) { try store.read { try $0.first("SELECT 1", [.int(1)]) { $0[0] as Int64 } } }
    }

    @Test func snapshotsAreCopies() throws {
        let store = try StateStore(migrations: Self.migrations)
        try add("a", to: store)
        let snapshot = try store.snapshot()
        try add("b", to: store)
        let copy = try StateStore(snapshot: snapshot)
        #expect(try names(copy) == ["a"])
        try add("c", to: copy)
        #expect(try names(copy) == ["a", "c"])
        #expect(try names(store) == ["a", "b"])
        try store.restore(snapshot)
        #expect(try names(store) == ["a"])
        try add("d", to: store)
        #expect(try names(store) == ["a", "d"])
        #expect(try store.snapshot().bytes != snapshot.bytes)
    }

    @Test func damagedSnapshotsAreRefused() throws {
        let store = try StateStore(migrations: Self.migrations)
        try add("a", to: store)
        #expect(throws: (any Error).self) { try store.restore(StateSnapshot(bytes: [])) }
        #expect(throws: (any Error).self) { try store.restore(StateSnapshot(bytes: Array(repeating: 7, count: 4096))) }
        #expect(try names(store) == ["a"])
    }

    @Test func filesOutliveTheProgram() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-\(UUID().uuidString).db").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        let store = try StateStore(path: path, migrations: Self.migrations)
        try add("a", to: store)
        let snapshot = try store.snapshot()
        try add("b", to: store)
        try store.close()

        let again = try StateStore(path: path, migrations: Self.migrations + [Migration("three", "CREATE TABLE other (id INTEGER)")])
        #expect(try names(again) == ["a", "b"])
        try again.restore(snapshot)
        #expect(try names(again) == ["a"])
        try again.close()

        try "not a database, and longer than the header of one".write(toFile: path, atomically: true, encoding: .utf8)
        #expect { try StateStore(path: path, migrations: Self.migrations) } throws: { "\($0)".hasPrefix(path) }
    }

    @Test func aNewerFileIsRefused() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-\(UUID().uuidString).db").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        try StateStore(path: path, migrations: Self.migrations).close()
        #expect { try StateStore(path: path, migrations: [Self.migrations[0]]) } throws: { "\($0)".contains("newer version") }
    }

    @Test func manyWorkspacesFromOneTemplate() throws {
        let template = try CatalogRealm().workspace.snapshot()
        let workspaces = Workspaces()
        for id in 1...200 {
            let workspace = try Workspace(
                id: id, name: "w\(id)", snapshot: template, environment: Environment(seed: UInt64(id), clock: VirtualClock()))
            workspaces.add(workspace)
            workspaces.register(Workspaces.TokenHash("token-\(id)"), for: workspace)
            try workspace.catalogs.create(CatalogSpec(name: "own_\(id)"), by: CatalogRealm.admin)
        }
        #expect(workspaces.count == 200)
        let found = try #require(workspaces.workspace(for: Workspaces.TokenHash("token-77")))
        #expect(found.id == 77)
        #expect(try found.catalogs.names(by: CatalogRealm.admin) == ["hive_metastore", "main", "own_77", "samples", "system"])
        workspaces.remove(id: 77)
        #expect(workspaces.workspace(for: Workspaces.TokenHash("token-77")) == nil)
        #expect(workspaces.workspace(for: Workspaces.TokenHash("token-78"))?.id == 78)
    }

    /// FIPS 180-2's example for "abc".
    @Test func tokensAreKeptAsSHA256() {
        #expect(Workspaces.TokenHash("abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func oneSeedGivesTheSameDatabase() throws {
        func run(_ seed: UInt64) throws -> [UInt8] {
            let realm = try CatalogRealm(seed: seed)
            try realm.workspace.catalogs.create(CatalogSpec(name: "c"), by: CatalogRealm.admin)
            realm.clock.advance(byMicros: 5_000)
            _ = try realm.table("t")
            return try realm.workspace.snapshot().state.bytes
        }
        #expect(try run(1) == run(1))
        #expect(try run(1) != run(2))
    }
}

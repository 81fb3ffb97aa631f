import Testing
import Workspace

@Suite struct TableTests {
    private let realm: CatalogRealm
    private let admin = CatalogRealm.admin
    private var workspace: Workspace { realm.workspace }
    private var tables: Tables { workspace.tables }

    init() throws { realm = try CatalogRealm() }

    @Test func createAndLookUp() throws {
        let made = try realm.table("Orders").table
        #expect(made.name.description == "main.default.orders")
        #expect(try tables.find(ObjectName(catalog: "MAIN", schema: "Default", name: "ORDERS")) == made)
        #expect(try made.location == "\(#require(workspace.catalogs.get("main", by: admin).storageLocation))/tables/\(made.id)")
        #expect(made.columns.all.map(\.name) == ["Id"])
        #expect(made.columns.all.first?.nullable == false)
        #expect(made.format == "DELTA")
        #expect(try tables.find(realm.name("none")) == nil)
        #expect(
            refusal { _ = try tables.get(realm.name("none"), by: admin) }
                == "404 TABLE_DOES_NOT_EXIST: Table 'main.default.none' does not exist.")
        #expect(
            refusal { _ = try tables.get(realm.name("t", schema: "no"), by: admin) }
                == "404 SCHEMA_DOES_NOT_EXIST: Schema 'main.no' does not exist.")
    }

    @Test func aSchemasOwnLocationWins() throws {
        let schema = try workspace.schemas.create(SchemaSpec(catalog: "main", name: "s", storageRoot: "s3://own/"), by: admin)
        #expect(schema.storageLocation == "s3://own/__unitystorage/schemas/\(schema.id)")
        #expect(try realm.table("t", schema: "s").table.location?.hasPrefix("s3://own/__unitystorage/schemas/\(schema.id)/tables/") == true)
    }

    @Test func creationModes() throws {
        let first = try realm.table("t").table
        #expect(refusal { _ = try realm.table("T") } == "400 TABLE_ALREADY_EXISTS: Table 't' already exists")
        #expect(try realm.table("t", mode: .ifNotExists) == .existed(first))
        realm.clock.advance(byMicros: 9_000)
        var spec = TableSpec(first.name, .managed, format: "DELTA")
        spec.comment = "new"
        guard case .replaced(let after, let before) = try tables.create(spec, mode: .replace, by: admin) else {
            Issue.record("not replaced")
            return
        }
        #expect(before == first)
        #expect((after.id, after.location, after.createdAt) == (first.id, first.location, first.createdAt))
        #expect((after.comment, after.columns.isEmpty, after.updatedAt) == ("new", true, first.updatedAt + 9))
    }

    @Test func alterations() throws {
        let made = try realm.table("t").table
        let altered = try tables.update(made.name, by: admin) { table in
            var change = TableChange()
            change.properties = table.properties.setting([("b", "2"), ("a", "1")])
            change.columns = ColumnList(
                table.columns.all + [
                    ColumnInfo(
                        name: "d", typeText: "decimal(10,2)", typeName: "DECIMAL", typeJSON: "", precision: 10, scale: 2, position: 1,
                        comment: "c", partitionIndex: 0)
                ])
            return change
        }
        #expect(altered.properties.json == #"{"b":"2","a":"1"}"#)
        #expect(altered.properties["a"] == "1")
        #expect(altered.columns.all.last?.scale == 2)
        #expect(altered.columns.all.last?.partitionIndex == 0)
        #expect(try tables.find(made.name) == altered)
        let again = try tables.update(made.name, by: admin) { table in
            var change = TableChange()
            change.properties = table.properties.setting([("b", "3")], removing: ["a", "none"])
            return change
        }
        #expect(again.properties.json == #"{"b":"3"}"#)
        #expect(
            refusal { try tables.update(made.name, by: admin) { _ in TableChange() } }
                == "400 INVALID_PARAMETER_VALUE: UpdateTable Nothing to update.")
    }

    @Test func renaming() throws {
        try workspace.schemas.create(SchemaSpec(catalog: "main", name: "other"), by: admin)
        let made = try realm.table("a").table
        _ = try realm.table("b")
        #expect(
            refusal { try tables.rename(made.name, to: realm.name("B"), by: admin) } == "400 TABLE_ALREADY_EXISTS: Table 'b' already exists"
        )
        let moved = try tables.rename(made.name, to: realm.name("A2", schema: "other"), by: admin)
        #expect(moved.name.description == "main.other.a2")
        #expect((moved.id, moved.location) == (made.id, made.location))
        #expect(try tables.find(made.name) == nil)
        #expect(
            refusal { try tables.rename(moved.name, to: ObjectName(catalog: "system", schema: "x", name: "y"), by: admin) }.hasPrefix("400")
        )
        // Renamed parents take their tables with them.
        var change = SchemaChange()
        change.name = "third"
        _ = try workspace.schemas.update("main.other", change, by: admin)
        #expect(try tables.find(realm.name("a2", schema: "third"))?.id == made.id)
        #expect(try tables.delete(realm.name("a2", schema: "third"), by: admin).location == made.location)
    }

    @Test func lists() throws {
        for name in ["b", "a", "c"] { _ = try realm.table(name) }
        _ = try realm.table("v", type: .view)
        let schema = SchemaName(catalog: "main", schema: "default")
        #expect(try tables.names(in: schema, by: admin)?.map(\.name) == ["a", "b", "c", "v"])
        #expect(try tables.names(in: schema, by: admin)?.last?.type == .view)
        #expect(try tables.list(in: schema, after: "a", limit: 2, by: admin).map(\.name.name) == ["b", "c"])
        #expect(try tables.list(in: schema, columns: false, by: admin).allSatisfy { $0.columns.isEmpty })
        #expect(
            try tables.list(inCatalog: "main", schemaPattern: "def%", tablePattern: "_", by: admin).map(\.name.name) == [
                "a", "b", "c", "v",
            ])
        #expect(try tables.list(inCatalog: "main", tablePattern: "A%", after: nil, by: admin).map(\.name.name) == ["a"])
        #expect(try tables.list(inCatalog: "main", after: ("default", "b"), by: admin).map(\.name.name) == ["c", "v"])
        #expect(try tables.list(inCatalog: "main", tablePattern: "a\\", by: admin).isEmpty)
        #expect(
            refusal { _ = try tables.list(inCatalog: "main", tablePattern: String(repeating: "%", count: 2_000), by: admin) }.hasPrefix(
                "400"))
    }

    @Test func samplesAreMadeByTheProgramOnly() throws {
        try workspace.schemas.create(SchemaSpec(catalog: "samples", name: "nyctaxi"), by: .system)
        let spec = TableSpec(ObjectName(catalog: "samples", schema: "nyctaxi", name: "trips"), .managed, format: "DELTA")
        #expect(
            refusal { try tables.create(spec, by: admin) }
                == "403 PERMISSION_DENIED: User does not have CREATE TABLE on Schema 'samples.nyctaxi'.")
        try tables.create(spec, by: .system)
        #expect(
            refusal { try tables.delete(spec.name, by: admin) }
                == "403 PERMISSION_DENIED: User does not have MANAGE on Table 'samples.nyctaxi.trips'.")
    }

    /// Two tasks that want one name: exactly one gets it.
    @Test func oneOfManyWritersWins() async throws {
        let winners = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask { [realm] in (try? realm.table("contested")) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
    }
}

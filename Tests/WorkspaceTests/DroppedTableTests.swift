import Testing
import Workspace

@Suite struct DroppedTableTests {
    private let realm: CatalogRealm
    private let admin = CatalogRealm.admin
    private var workspace: Workspace { realm.workspace }
    private var tables: Tables { workspace.tables }
    private let schema = SchemaName(catalog: "main", schema: "default")

    init() throws { realm = try CatalogRealm() }

    @Test func comesBackAsItWas() throws {
        let made = try realm.table("t").table
        let user = try workspace.users.create(Identity(id: 0, kind: .user, userName: "u@example.com", displayName: "U"))
        try workspace.grants.update(.table, "main.default.t", [.init(principal: user.userName, add: [.select])], by: admin)
        _ = try workspace.tags.set(Tags.Entity(type: .table, name: "main.default.t"), [(key: "team", value: "blue")], by: admin)
        _ = try tables.addConstraint(
            TableConstraint(name: "pk", columns: ["Id"], rely: false, kind: .primaryKey(timeSeries: [])), to: made.name, by: admin)
        realm.clock.advance(byMicros: 5_000_000)
        try tables.delete(made.name, by: admin)
        #expect(try tables.find(made.name) == nil)
        let dropped = try tables.listDropped(in: schema, by: admin)
        #expect(dropped.map(\.id) == [made.id])
        #expect(dropped.first?.droppedAt == made.createdAt + 5_000)
        let back = try tables.undrop(made.name, by: admin)
        #expect((back.id, back.location, back.owner, back.createdAt) == (made.id, made.location, made.owner, made.createdAt))
        #expect(back.columns == made.columns)
        #expect(back.constraints.isEmpty)
        #expect(try workspace.grants.list(.table, "main.default.t", by: admin).map(\.principal) == ["u@example.com"])
        #expect(try workspace.tags.list(Tags.Entity(type: .table, name: "main.default.t"), by: admin).map(\.key) == ["team"])
        #expect(try tables.listDropped(in: schema, by: admin).isEmpty)
    }

    @Test func isKeptForSevenDays() throws {
        let name = try realm.table("t").table.name
        try tables.delete(name, by: admin)
        realm.clock.advance(byMicros: 7 * 86_400_000_000 - 1_000)
        #expect(try tables.listDropped(in: schema, by: admin).count == 1)
        realm.clock.advance(byMicros: 1_000)
        #expect(try tables.listDropped(in: schema, by: admin).isEmpty)
        #expect(refusal { try tables.undrop(name, by: admin) } == "404 TABLE_DOES_NOT_EXIST: Table 'main.default.t' does not exist.")
    }

    @Test func theLastOneOfANameComesBackUnlessAnIDIsGiven() throws {
        let first = try realm.table("t").table
        try tables.delete(first.name, by: admin)
        realm.clock.advance(byMicros: 1_000_000)
        let second = try realm.table("t").table
        try tables.delete(second.name, by: admin)
        #expect(try tables.listDropped(in: schema, by: admin).map(\.id) == [second.id, first.id])
        #expect(try tables.listDropped(in: schema, limit: 1, by: admin).map(\.id) == [second.id])
        #expect(try tables.droppedName(id: first.id) == first.name)
        #expect(try tables.undrop(id: first.id, by: admin).id == first.id)
        #expect(refusal { try tables.undrop(first.name, by: admin) } == "400 TABLE_ALREADY_EXISTS: Table 't' already exists")
        try tables.rename(first.name, to: realm.name("u"), by: admin)
        #expect(try tables.undrop(first.name, by: admin).id == second.id)
    }

    @Test func viewsAreNotKept() throws {
        let view = try realm.table("v", type: .view).table
        try tables.delete(view.name, by: admin)
        #expect(try tables.listDropped(in: schema, by: admin).isEmpty)
    }

    @Test func onlyWhoOwnedItMayBringItBack() throws {
        let made = try realm.table("t").table
        let user = try workspace.users.create(Identity(id: 0, kind: .user, userName: "u@example.com", displayName: "U"))
        let stranger = Principal(id: String(user.id), userName: user.userName, displayName: "U", isAdmin: false)
        for (type, name, privileges) in [
            (SecurableType.catalog, "main", [Privilege.useCatalog]), (.schema, "main.default", [.useSchema, .createTable]),
        ] {
            try workspace.grants.update(type, name, [.init(principal: user.userName, add: privileges)], by: admin)
        }
        try tables.delete(made.name, by: admin)
        #expect(try tables.listDropped(in: schema, by: stranger).isEmpty)
        #expect(
            refusal { try tables.undrop(made.name, by: stranger) }
                == "403 PERMISSION_DENIED: User does not have MANAGE on Table 'main.default.t'.")
        #expect(try tables.listDropped(in: schema, by: admin).count == 1)
    }

    @Test func itsSchemaMayHaveGoneMeanwhile() throws {
        _ = try workspace.schemas.create(SchemaSpec(catalog: "main", name: "s"), by: admin)
        let made = try realm.table("t", schema: "s").table
        try workspace.schemas.delete("main.s", force: true, by: admin)
        #expect(refusal { try tables.undrop(made.name, by: admin) } == "404 SCHEMA_DOES_NOT_EXIST: Schema 'main.s' does not exist.")
        _ = try workspace.schemas.create(SchemaSpec(catalog: "main", name: "s"), by: admin)
        #expect(try tables.undrop(made.name, by: admin).location == made.location)
    }
}

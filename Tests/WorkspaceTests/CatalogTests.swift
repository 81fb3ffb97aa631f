import Testing
import Workspace

@Suite struct CatalogTests {
    private let realm: CatalogRealm
    private let admin = CatalogRealm.admin
    private var workspace: Workspace { realm.workspace }

    init() throws { realm = try CatalogRealm() }

    @Test func startState() throws {
        #expect(try workspace.catalogs.names(by: admin) == ["hive_metastore", "main", "samples", "system"])
        #expect(try workspace.schemas.names(in: "main", by: admin) == ["default", "information_schema"])
        #expect(try workspace.schemas.names(in: "samples", by: admin) == ["information_schema"])
        #expect(try workspace.schemas.names(in: "hive_metastore", by: admin) == ["default"])
        #expect(try workspace.schemas.names(in: "none", by: admin) == nil)
        #expect(try workspace.tables.names(in: SchemaName(catalog: "main", schema: "default"), by: admin)?.isEmpty == true)
        #expect(try workspace.tables.names(in: SchemaName(catalog: "main", schema: "none"), by: admin) == nil)
        let main = try workspace.catalogs.get("main", by: admin)
        #expect(main.owner == "admin@example.com")
        #expect(main.kind == .managed)
        #expect(try main.storageLocation == "\(workspace.metastore.storageRoot)/__unitystorage/catalogs/\(main.id)")
        #expect(try workspace.catalogs.get("samples", by: admin).storageLocation == nil)
    }

    @Test func namesAreFoldedAndChecked() throws {
        let made = try workspace.catalogs.create(CatalogSpec(name: "Ünïcode-Name_1"), by: admin)
        #expect(made.name == "ünïcode-name_1")
        #expect(try workspace.catalogs.get("ÜNÏCODE-NAME_1", by: admin) == made)
        for name in ["", "a.b", "a b", "a/b", "a\tb", "a\u{7f}", String(repeating: "x", count: 256)] {
            #expect(
                refusal { try workspace.catalogs.create(CatalogSpec(name: name), by: admin) }.hasPrefix(
                    "400 INVALID_PARAMETER_VALUE: Invalid input: RPC CreateCatalog Field managedcatalog.CatalogInfo.name: name \""))
        }
        try workspace.catalogs.create(CatalogSpec(name: String(repeating: "x", count: 255)), by: admin)
        #expect(
            refusal { try workspace.catalogs.create(CatalogSpec(name: "a\"\n/"), by: admin) }.hasSuffix(
                #"name "a\"\n/" is not a valid name. Valid names cannot contain spaces, periods, forward slashes, or control characters."#))
    }

    @Test func aTakenNameIsRefused() throws {
        #expect(
            refusal { try workspace.catalogs.create(CatalogSpec(name: "MAIN"), by: admin) }
                == "400 CATALOG_ALREADY_EXISTS: Catalog 'main' already exists")
        #expect(
            refusal { try workspace.schemas.create(SchemaSpec(catalog: "main", name: "Default"), by: admin) }
                == "400 SCHEMA_ALREADY_EXISTS: Schema 'default' already exists")
        // The refused creation left no row behind, and no schemas of a catalog that is not there.
        #expect(try workspace.catalogs.list(by: admin).count == 4)
    }

    @Test func updatesChangeWhatTheyName() throws {
        let before = try workspace.catalogs.create(CatalogSpec(name: "c", comment: "old", storageRoot: "s3://bucket/root//"), by: admin)
        #expect(before.storageRoot == "s3://bucket/root")
        #expect(before.storageLocation == "s3://bucket/root/__unitystorage/catalogs/\(before.id)")
        realm.clock.advance(byMicros: 1_000_000)
        var change = CatalogChange()
        change.name = "D"
        change.owner = "someone"
        change.properties = PropertyMap([("k", "v"), ("a", "b")])
        change.predictiveOptimization = .disable
        #expect(
            refusal { _ = try workspace.catalogs.update("c", change, by: admin) }
                == "404 PRINCIPAL_DOES_NOT_EXIST: Could not find principal with name someone")
        _ = try workspace.groups.create(Group(id: 0, displayName: "someone"))
        var other = Principal(id: "2", userName: "b@example.com", displayName: "B", isAdmin: false)
        #expect(
            refusal { _ = try workspace.catalogs.update("c", change, by: other) }
                == "403 PERMISSION_DENIED: User does not have MANAGE on Catalog 'c'.")
        other.isAdmin = true
        let after = try workspace.catalogs.update("c", change, by: other)
        #expect((after.name, after.comment, after.owner, after.updatedBy) == ("d", "old", "someone", "b@example.com"))
        #expect(after.updatedAt == before.updatedAt + 1_000)
        #expect(after.createdAt == before.createdAt)
        #expect(after.id == before.id)
        #expect(try workspace.catalogs.get("d", by: admin) == after)
        #expect(try workspace.schemas.get("d.default", by: admin).effectivePredictiveOptimization.value == .disable)
        #expect(refusal { _ = try workspace.catalogs.get("c", by: admin) } == "404 CATALOG_DOES_NOT_EXIST: Catalog 'c' does not exist.")
        #expect(
            refusal { _ = try workspace.catalogs.update("d", CatalogChange(), by: admin) }
                == "400 INVALID_PARAMETER_VALUE: UpdateCatalog Nothing to update.")
        change.name = "main"
        #expect(
            refusal { _ = try workspace.catalogs.update("d", change, by: admin) }
                == "400 CATALOG_ALREADY_EXISTS: Catalog 'main' already exists")
        change = CatalogChange()
        change.comment = ""
        #expect(try workspace.catalogs.update("d", change, by: admin).comment == nil)
    }

    @Test func deletionOfACatalog() throws {
        try workspace.catalogs.create(CatalogSpec(name: "c"), by: admin)
        // The schema `default` counts, as in the service.
        #expect(
            refusal { try workspace.catalogs.delete("c", force: false, by: admin) } == "400 CATALOG_NOT_EMPTY: Catalog 'c' is not empty")
        try workspace.schemas.delete("c.default", force: false, by: admin)
        try workspace.catalogs.delete("C", force: false, by: admin)
        #expect(
            refusal { try workspace.catalogs.delete("c", force: true, by: admin) }
                == "404 CATALOG_DOES_NOT_EXIST: Catalog 'c' does not exist.")

        let managed = try realm.table("t").table
        _ = try realm.table("v", type: .view)
        let volume = try workspace.volumes.create(VolumeSpec(catalog: "main", schema: "default", name: "files"), by: admin)
        try workspace.volumes.create(
            VolumeSpec(catalog: "main", schema: "default", name: "outside", kind: .external, location: "s3://b/x/"), by: admin)
        let dropped = try workspace.catalogs.delete("main", force: true, by: admin)
        #expect(dropped.tables == [managed.location])
        #expect(dropped.volumes == [volume.location])
        #expect(try workspace.tables.find(managed.name) == nil)
        #expect(
            refusal { _ = try workspace.tables.get(managed.name, by: admin) }
                == "404 CATALOG_DOES_NOT_EXIST: Catalog 'main' does not exist.")
    }

    @Test func deletionOfASchema() throws {
        _ = try realm.table("t")
        _ = try realm.table("v", type: .view)
        try workspace.volumes.create(VolumeSpec(catalog: "main", schema: "default", name: "files"), by: admin)
        #expect(
            refusal { try workspace.schemas.delete("main.default", force: false, by: admin) }
                == "400 SCHEMA_NOT_EMPTY: Schema 'main.default' is not empty. The schema has 2 tables(s), 0 functions(s), 1 volumes(s)")
        #expect(try workspace.schemas.delete("main.default", force: true, by: admin).tables.count == 1)
        #expect(
            refusal { _ = try workspace.schemas.get("main.default", by: admin) }
                == "404 SCHEMA_DOES_NOT_EXIST: Schema 'main.default' does not exist.")
        #expect(
            refusal { _ = try workspace.schemas.get("none.default", by: admin) }
                == "404 CATALOG_DOES_NOT_EXIST: Catalog 'none' does not exist.")
    }

    @Test func theServicesOwnObjectsStay() throws {
        #expect(
            refusal { try workspace.catalogs.delete("system", force: true, by: admin) }
                == "403 PERMISSION_DENIED: User does not have MANAGE on Catalog 'system'.")
        #expect(refusal { try workspace.catalogs.delete("hive_metastore", force: true, by: admin) }.hasPrefix("403"))
        #expect(refusal { try workspace.schemas.delete("main.information_schema", force: true, by: admin) }.hasPrefix("403"))
        #expect(
            refusal { try workspace.schemas.create(SchemaSpec(catalog: "samples", name: "s"), by: admin) }
                == "403 PERMISSION_DENIED: User does not have CREATE SCHEMA on Catalog 'samples'.")
        try workspace.schemas.create(SchemaSpec(catalog: "samples", name: "s"), by: .system)
        try workspace.schemas.create(SchemaSpec(catalog: "hive_metastore", name: "s"), by: admin)
    }

    @Test func volumes() throws {
        let made = try workspace.volumes.create(VolumeSpec(catalog: "Main", schema: "Default", name: "Files", comment: "c"), by: admin)
        #expect(made.name.description == "main.default.files")
        #expect(try made.location == "\(#require(workspace.catalogs.get("main", by: admin).storageLocation))/volumes/\(made.id)")
        #expect(
            refusal { try workspace.volumes.create(VolumeSpec(catalog: "main", schema: "default", name: "files"), by: admin) }
                == "409 RESOURCE_ALREADY_EXISTS: Volume 'files' already exists")
        #expect(
            refusal {
                try workspace.volumes.create(VolumeSpec(catalog: "main", schema: "default", name: "x", location: "s3://b/x"), by: admin)
            }
                == "400 INVALID_PARAMETER_VALUE: CreateVolume storage_location can not be provided.")
        #expect(
            refusal { try workspace.volumes.create(VolumeSpec(catalog: "main", schema: "default", name: "x", kind: .external), by: admin) }
                == "400 INVALID_PARAMETER_VALUE: CreateVolume Missing required field: storage_location")
        var change = VolumeChange()
        change.name = "Data"
        #expect(try workspace.volumes.update(made.name, change, by: admin).name.name == "data")
        #expect(
            refusal { _ = try workspace.volumes.get(made.name, by: admin) }
                == "404 RESOURCE_DOES_NOT_EXIST: Volume 'main.default.files' does not exist.")
        try workspace.volumes.delete(realm.name("data"), by: admin)
        #expect(try workspace.volumes.list(in: SchemaName(catalog: "main", schema: "default"), by: admin).isEmpty)
    }
}

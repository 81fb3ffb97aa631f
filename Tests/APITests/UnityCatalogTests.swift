import API
import HTTPTypes
import JSON
import Testing
import Workspace

@Suite struct UnityCatalogTests {
    private let client: CatalogClient
    private let now: Int64

    init() throws {
        client = try CatalogClient()
        now = client.clock.nowMillis
    }

    private func metastoreID() throws -> String { try client.workspace.metastore.id }

    @Test func metastore() async throws {
        let current = try await client.get("/current-metastore-assignment")
        #expect(try current.text == #"{"metastore_id":"\#(metastoreID())","workspace_id":42,"default_catalog_name":"main"}"#)
        let summary = try await client.get("/metastore_summary")
        #expect(try summary["metastore_id"]?.stringValue == metastoreID())
        #expect(try summary["global_metastore_id"]?.stringValue == "aws:us-west-2:\(metastoreID())")
        #expect(try await client.get("/metastores")["metastores"] == [summary])
        #expect(try await client.get("/metastores/\(metastoreID())") == summary)
        #expect(try await client.refusal(.get, "/metastores/none") == "404 METASTORE_DOES_NOT_EXIST Metastore 'none' does not exist.")
    }

    @Test func aCatalogsJSON() async throws {
        let made = try await client.send(
            .post, "/catalogs",
            [
                "name": "Sales", "comment": "of all", "properties": ["team": "a", "x": "\"q\""], "storage_root": "s3://b/r/",
                "custom_max_retention_hours": 48,
            ])
        #expect(made.status == 200)
        let id = try client.workspace.catalogs.get("sales", by: CatalogClient.admin).id
        #expect(
            try made.json.text == """
                {"name":"sales","owner":"admin@example.com","comment":"of all","properties":{"team":"a","x":"\\"q\\""},"storage_root":"s3://b/r",\
                "enable_predictive_optimization":"INHERIT","catalog_type":"MANAGED_CATALOG","metastore_id":"\(metastoreID())",\
                "created_at":\(now),"created_by":"admin@example.com","updated_at":\(now),"updated_by":"admin@example.com",\
                "storage_location":"s3://b/r/__unitystorage/catalogs/\(id)","isolation_mode":"OPEN",\
                "effective_predictive_optimization_flag":{"value":"ENABLE"},"custom_max_retention_hours":48,"browse_only":false,\
                "full_name":"sales","securable_type":"CATALOG"}
                """)
        #expect(try await client.get("/catalogs/SALES") == made.json)
        let system = try await client.get("/catalogs/system")
        #expect(system["provisioning_info"] == ["state": "ACTIVE"])
        #expect(system["storage_location"] == nil)
        #expect(system["enable_predictive_optimization"] == nil)
    }

    @Test func aSchemasJSON() async throws {
        let made = try await client.send(.post, "/schemas", ["catalog_name": "main", "name": "bronze", "comment": "", "properties": [:]])
        let id = try client.workspace.schemas.get("main.bronze", by: CatalogClient.admin).id
        #expect(
            try made.json.text == """
                {"name":"bronze","catalog_name":"main","owner":"admin@example.com","enable_predictive_optimization":"INHERIT",\
                "metastore_id":"\(metastoreID())","full_name":"main.bronze","created_at":\(now),"created_by":"admin@example.com",\
                "updated_at":\(now),"updated_by":"admin@example.com","catalog_type":"MANAGED_CATALOG",\
                "effective_predictive_optimization_flag":{"value":"ENABLE","inherited_from_type":"CATALOG","inherited_from_name":"main"},\
                "schema_id":"\(id)","browse_only":false}
                """)
        #expect(
            try await client.get("/schemas?catalog_name=main")["schemas"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == [
                "bronze", "default", "information_schema",
            ])
    }

    @Test func aTablesJSON() async throws {
        try client.table(
            "main.default.t",
            details: #"{"table_constraints":[{"primary_key_constraint":{"name":"pk","child_columns":["id"]}}],"sql_path":"x"}"#)
        let columns = """
            [{"name":"id","type_text":"bigint","type_name":"LONG",\
            "type_json":"{\\"name\\":\\"id\\",\\"type\\":\\"long\\",\\"nullable\\":false,\\"metadata\\":{}}","position":0,"nullable":false},\
            {"name":"d","type_text":"decimal(10,2)","type_name":"DECIMAL","type_precision":10,"type_scale":2,"position":1,"nullable":true,\
            "partition_index":0}]
            """
        let text = """
            {"name":"t","catalog_name":"main","schema_name":"default","table_type":"MANAGED","data_source_format":"DELTA","columns":\(columns),\
            "storage_location":"s3://b/t","owner":"admin@example.com","properties":{"delta.minReaderVersion":"1"},\
            "metastore_id":"\(try metastoreID())","full_name":"main.default.t","created_at":\(now),"created_by":"admin@example.com",\
            "updated_at":\(now),"updated_by":"admin@example.com","table_id":"00000000-0000-4000-8000-000000000001",\
            "enable_predictive_optimization":"INHERIT",\
            "effective_predictive_optimization_flag":{"value":"ENABLE","inherited_from_type":"CATALOG","inherited_from_name":"main"},\
            "table_constraints":[{"primary_key_constraint":{"name":"pk","child_columns":["id"]}}],"sql_path":"x","browse_only":false}
            """
        #expect(try await client.get("/tables/MAIN.default.T").text == text)
        let listed = try #require(await client.get("/tables?catalog_name=main&schema_name=default")["tables"]?[0])
        #expect(listed["table_constraints"] == nil)
        #expect(listed["sql_path"]?.stringValue == "x")
        #expect(listed["columns"]?.arrayValue?.count == 2)
        let short = try #require(
            await client.get("/tables?catalog_name=main&schema_name=default&omit_columns=true&omit_properties=true&omit_username=true")[
                "tables"]?[0])
        for member in ["columns", "properties", "owner", "created_by", "updated_by"] { #expect(short[member] == nil) }
    }

    @Test func tableOperations() async throws {
        #expect(try await client.send(.get, "/tables?catalog_name=main&schema_name=default").json == [:])
        try client.table("main.default.t")
        #expect(try await client.get("/tables/main.default.t/exists") == ["table_exists": true])
        #expect(try await client.get("/tables/main.default.none/exists") == ["table_exists": false])
        #expect(
            try await client.refusal(.get, "/tables/main.none.t/exists") == "404 SCHEMA_DOES_NOT_EXIST Schema 'main.none' does not exist.")
        #expect(try await client.send(.patch, "/tables/main.default.t", ["owner": "account users", "comment": "c"]).status == 200)
        let table = try await client.get("/tables/main.default.t")
        #expect((table["owner"], table["comment"]) == ("account users", "c"))
        #expect(
            try await client.get("/table-summaries?catalog_name=MAIN&table_name_pattern=%25") == [
                "tables": [["full_name": "main.default.t", "table_type": "MANAGED"]]
            ])
        #expect(try await client.get("/table-summaries?catalog_name=main&schema_name_pattern=x%25") == [:])
        let deleted = try await client.send(.delete, "/tables/main.default.t")
        #expect((deleted.status, deleted.json) == (200, [:]))
        #expect(
            try await client.refusal(.delete, "/tables/main.default.t") == "404 TABLE_DOES_NOT_EXIST Table 'main.default.t' does not exist."
        )
        let refused = try await client.refusal(
            .post, "/tables",
            [
                "catalog_name": "main", "schema_name": "default", "name": "e", "table_type": "MANAGED", "data_source_format": "DELTA",
                "storage_location": "s3://b/e", "columns": [],
            ])
        #expect(
            refused
                == "400 INVALID_PARAMETER_VALUE CreateTable only supports external tables; 'main.default.e' has the type MANAGED."
        )
    }

    @Test func volumeLife() async throws {
        let made = try await client.send(
            .post, "/volumes",
            ["catalog_name": "main", "schema_name": "default", "name": "Files", "volume_type": "MANAGED", "comment": "c"])
        let info = try client.workspace.volumes.get(ObjectName(catalog: "main", schema: "default", name: "files"), by: CatalogClient.admin)
        #expect(
            try made.json.text == """
                {"name":"files","catalog_name":"main","schema_name":"default","volume_type":"MANAGED","storage_location":"\(info.location)",\
                "full_name":"main.default.files","volume_id":"\(info.id)","owner":"admin@example.com","comment":"c",\
                "metastore_id":"\(metastoreID())","created_at":\(now),"created_by":"admin@example.com","updated_at":\(now),\
                "updated_by":"admin@example.com","browse_only":false}
                """)
        #expect(try await client.get("/volumes?catalog_name=main&schema_name=default") == ["volumes": [made.json]])
        #expect(try await client.send(.patch, "/volumes/main.default.files", ["new_name": "data"]).json["full_name"] == "main.default.data")
        #expect(
            try await client.refusal(.get, "/volumes/main.default.files")
                == "404 RESOURCE_DOES_NOT_EXIST Volume 'main.default.files' does not exist.")
        #expect(try await client.send(.delete, "/volumes/main.default.data").json == [:])
        #expect(try await client.get("/volumes?catalog_name=main&schema_name=default") == [:])
        let external = try await client.send(
            .post, "/volumes",
            ["catalog_name": "main", "schema_name": "default", "name": "x", "volume_type": "EXTERNAL", "storage_location": "s3://b/p//"])
        #expect(external.json["storage_location"] == "s3://b/p")
    }

    @Test func bothPrefixesAndEncodedNames() async throws {
        let older = try CatalogClient(prefix: "/api/2.0/unity-catalog")
        #expect(try await older.send(.post, "/catalogs", ["name": "naïve#1"]).status == 200)
        #expect(try await older.get("/catalogs/na%C3%AFve%231")["name"] == "naïve#1")
        #expect(try await older.get("/schemas/na%C3%AFve%231%2Edefault")["full_name"] == "naïve#1.default")
        #expect(try await older.get("/catalogs/main/")["name"] == "main")
        #expect(try await older.send(.delete, "/catalogs/na%C3%AFve%231?force=true").status == 200)
    }

    @Test func pages() async throws {
        for number in 0..<25 { try client.table("main.default.t\(number < 10 ? "0" : "")\(number)") }
        var names: [String] = []
        var token: String?
        var pages = 0
        repeat {
            let page = try await client.get("/tables?catalog_name=main&schema_name=default&max_results=10&page_token=\(token ?? "")")
            names += page["tables"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
            token = page["next_page_token"]?.stringValue
            pages += 1
            // What comes and goes between two pages disturbs nothing else.
            if pages == 1 { _ = try await client.send(.delete, "/tables/main.default.t03") }
        } while token != nil && pages < 10
        #expect(pages == 3)
        #expect(names.count == 25)
        #expect(names == names.sorted())
        #expect(try await client.get("/tables?catalog_name=main&schema_name=default")["tables"]?.arrayValue?.count == 24)
        #expect(try await client.get("/tables?catalog_name=main&schema_name=default&max_results=0")["tables"]?.arrayValue?.count == 24)
        #expect(
            try await client.refusal(.get, "/tables?catalog_name=main&schema_name=default&max_results=-1").hasPrefix(
                "400 INVALID_PARAMETER_VALUE"))
        #expect(try await client.refusal(.get, "/catalogs?max_results=many").hasPrefix("400 MALFORMED_REQUEST"))
        #expect(try await client.get("/table-summaries?catalog_name=main&max_results=1")["next_page_token"] != nil)
    }

    @Test func tokensAreBoundToTheirList() async throws {
        let page = try await client.get("/catalogs?max_results=1")
        let token = try #require(page["next_page_token"]?.stringValue)
        #expect(try await client.get("/catalogs?max_results=1&page_token=\(token)")["catalogs"]?[0]?["name"] == "main")
        #expect(
            try await client.refusal(.get, "/schemas?catalog_name=main&page_token=\(token)").hasPrefix(
                "400 INVALID_PARAMETER_VALUE Invalid page token"))
        for forged in ["zzz", "%00", "....", String(repeating: "A", count: 100_000), token + "%FF", String(token.dropLast(3)) + "!!!"] {
            #expect(
                try await client.refusal(.get, "/catalogs?page_token=\(forged)").hasPrefix("400 INVALID_PARAMETER_VALUE Invalid page token")
            )
        }
    }

    @Test func errorsHaveTheServicesShape() async throws {
        let missing = try await client.send(.get, "/tables/main.default.none")
        #expect(
            missing.json.text == """
                {"error_code":"TABLE_DOES_NOT_EXIST","message":"Table 'main.default.none' does not exist.","details":[\
                {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"TABLE_DOES_NOT_EXIST","domain":"unity-catalog.databricks.com","metadata":{}},\
                {"@type":"type.googleapis.com/google.rpc.RequestInfo","request_id":"r","serving_data":""}]}
                """)
    }

    @Test(arguments: [
        ("POST", "/catalogs", #"{"name":"#, "400 MALFORMED_REQUEST Could not parse request object: "),
        ("POST", "/catalogs", "[]", "400 MALFORMED_REQUEST Could not parse request object: "),
        (
            "POST", "/catalogs", "",
            #"400 INVALID_PARAMETER_VALUE Invalid input: RPC CreateCatalog Field managedcatalog.CatalogInfo.name: name "" is not a valid name."#
        ),
        (
            "POST", "/catalogs", #"{"name":{}}"#,
            "400 MALFORMED_REQUEST Could not parse request object: Expected Scalar value for field 'name', got an object"
        ),
        (
            "POST", "/catalogs", #"{"name":"x","properties":{"a":[]}}"#,
            "400 MALFORMED_REQUEST Could not parse request object: Expected Scalar value for field 'properties.a'"
        ),
        ("POST", "/catalogs", #"{"name":"x","comment":"a\u0000b"}"#, "400 INVALID_PARAMETER_VALUE Field 'comment' must not contain"),
        (
            "POST", "/catalogs", #"{"name":"x","connection_name":"c"}"#,
            "404 RESOURCE_DOES_NOT_EXIST Connection 'c' does not exist."
        ),
        (
            "POST", "/schemas", #"{"name":"s"}"#,
            #"400 INVALID_PARAMETER_VALUE Invalid input: RPC CreateSchema Field managedcatalog.SchemaInfo.catalog_name: name """#
        ),
        ("POST", "/schemas", #"{"name":"s","catalog_name":"none"}"#, "404 CATALOG_DOES_NOT_EXIST Catalog 'none' does not exist."),
        ("PATCH", "/schemas/main.default", "{}", "400 INVALID_PARAMETER_VALUE UpdateSchema Nothing to update."),
        ("PATCH", "/schemas/main.default", #"{"comment":null}"#, "400 INVALID_PARAMETER_VALUE UpdateSchema Nothing to update."),
        (
            "PATCH", "/schemas/main.default", #"{"enable_predictive_optimization":"MAYBE"}"#,
            "400 INVALID_PARAMETER_VALUE Invalid value 'MAYBE' for field 'enable_predictive_optimization'"
        ),
        ("PATCH", "/catalogs/main", #"{"new_name":"a b"}"#, "400 INVALID_PARAMETER_VALUE Invalid input: RPC UpdateCatalog"),
        ("GET", "/schemas", "", "400 INVALID_PARAMETER_VALUE ListSchemas Missing required field: catalog_name"),
        ("GET", "/tables?catalog_name=main", "", "400 INVALID_PARAMETER_VALUE ListTables Missing required field: schema_name"),
        (
            "GET", "/tables/main.default", "",
            #"400 INVALID_PARAMETER_VALUE Invalid input: RPC GetTable Field managedcatalog.GetTable.full_name_arg: name "main.default" is not a valid name."#
        ),
        ("GET", "/tables/a.b.c.d", "", "400 INVALID_PARAMETER_VALUE"),
        ("GET", "/tables/..%2F..%2Fetc%2Fpasswd", "", "400 INVALID_PARAMETER_VALUE"),
        ("GET", "/tables/main.default.%00", "", "404 TABLE_DOES_NOT_EXIST"),
        ("GET", "/catalogs/main%00", "", "404 CATALOG_DOES_NOT_EXIST"),
        ("GET", "/catalogs/%20", "", "400 INVALID_PARAMETER_VALUE"),
        (
            "GET", "/volumes/main.default", "",
            "400 INVALID_PARAMETER_VALUE Invalid input: RPC GetVolume Field managedcatalog.volume.GetVolume.full_name_arg"
        ),
        (
            "POST", "/volumes", #"{"catalog_name":"main","schema_name":"default","name":"v"}"#,
            "400 INVALID_PARAMETER_VALUE CreateVolume Missing required field: volume_type"
        ),
        ("DELETE", "/catalogs/main?force=perhaps", "", "400 MALFORMED_REQUEST"),
        ("DELETE", "/catalogs/main", "", "400 CATALOG_NOT_EMPTY Catalog 'main' is not empty"),
        ("PUT", "/catalogs/main", "", "404 ENDPOINT_NOT_FOUND No API found for 'PUT /unity-catalog/catalogs/main'"),
        ("POST", "/constraints", "{}", "400 INVALID_PARAMETER_VALUE Missing required field: full_name_arg"),
    ])
    func refusals(method: String, path: String, body: String, expected: String) async throws {
        let reply = await client.raw(try #require(HTTPRequest.Method(method)), client.prefix + path, Array(body.utf8))
        let json = try JSONValue(parsing: reply.payload?.bytes ?? [])
        let text = "\(reply.status) \(json["error_code"]?.stringValue ?? "") \(json["message"]?.stringValue ?? "")"
        #expect(text.hasPrefix(expected), "\(text)")
    }
}

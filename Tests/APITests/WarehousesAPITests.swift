import API
import HTTPTypes
import JSON
import Testing
import Workspace

@Suite struct WarehousesAPITests {
    private static let path = "/api/2.0/sql/warehouses"

    @Test func theStarterWarehouseInFull() async throws {
        let client = try IdentityClient()
        let id = try client.workspace.warehouses.list()[0].id
        let stopped = try await client.get("\(Self.path)/\(id)")
        #expect(
            stopped == [
                "id": .string(id), "name": "Starter Warehouse", "cluster_size": "2X-Small", "min_num_clusters": 1, "max_num_clusters": 1,
                "auto_stop_mins": 10, "creator_name": "admin@example.com", "tags": [:], "spot_instance_policy": "COST_OPTIMIZED",
                "enable_photon": true,
                "channel": ["name": "CHANNEL_NAME_CURRENT"], "enable_serverless_compute": true, "warehouse_type": "PRO", "num_clusters": 0,
                "num_active_sessions": 0, "state": "STOPPED",
                "jdbc_url": .string(
                    "jdbc:spark://127.0.0.1:8080/default;transportMode=http;ssl=0;AuthMech=3;httpPath=/sql/1.0/warehouses/\(id);"),
                "odbc_params": ["hostname": "127.0.0.1", "path": .string("/sql/1.0/warehouses/\(id)"), "protocol": "http", "port": 8080],
            ])
        #expect(try await client.send(.post, "\(Self.path)/\(id)/start").text == "{}")
        let running = try await client.get("\(Self.path)/\(id)")
        #expect([running["state"], running["num_clusters"], running["health"]] == ["RUNNING", 1, ["status": "HEALTHY"]])
        #expect(try await client.get(Self.path) == ["warehouses": [running]])
        #expect(try await client.get("/api/2.0/sql/endpoints") == ["endpoints": [running]])
        #expect(try await client.send(.post, "\(Self.path)/\(id)/stop", [:]).text == "{}")
        #expect(try await client.get("\(Self.path)/\(id)")["state"] == "STOPPED")
    }

    @Test(arguments: [
        ("https://dbx.test", "jdbc:spark://dbx.test:443/default;transportMode=http;ssl=1;", "dbx.test", 443),
        ("http://[::1]:81", "jdbc:spark://[::1]:81/", "[::1]", 81), ("http://[::1]", "jdbc:spark://[::1]:80/", "[::1]", 80),
        ("http://localhost:", "jdbc:spark://localhost::80/", "localhost:", 80), ("", "jdbc:spark://:80/", "", 80),
    ])
    func addresses(_ base: String, _ jdbc: String, _ host: String, _ port: Int) async throws {
        var client = try IdentityClient()
        client.baseURL = base
        let warehouse = try await client.get(Self.path)["warehouses"]?[0]
        #expect(warehouse?["jdbc_url"]?.stringValue?.hasPrefix(jdbc) == true)
        #expect(warehouse?["odbc_params"]?["hostname"]?.stringValue == host)
        #expect(warehouse?["odbc_params"]?["port"]?.intValue == port)
    }

    @Test func fromMakingToDeletion() async throws {
        let client = try IdentityClient()
        let made = try await client.post(
            Self.path,
            [
                "name": "w", "cluster_size": "Small", "max_num_clusters": 2, "auto_stop_mins": "15", "warehouse_type": "PRO",
                "enable_serverless_compute": false,
                "tags": ["custom_tags": [["key": "team", "value": "data"]]], "channel": ["name": "CHANNEL_NAME_PREVIEW"], "colour": "red",
            ])
        #expect(made.objectValue?.names == ["id"])
        let path = Self.path + "/" + (made["id"]?.stringValue ?? "")
        let warehouse = try await client.get(path)
        #expect(warehouse["state"] == "RUNNING")
        #expect(warehouse["auto_stop_mins"] == 15)
        #expect(warehouse["tags"] == ["custom_tags": [["key": "team", "value": "data"]]])
        #expect(warehouse["channel"] == ["name": "CHANNEL_NAME_PREVIEW"])
        #expect(try await client.send(.post, path + "/edit", ["cluster_size": "Large", "tags": ["custom_tags": []]]).text == "{}")
        #expect(try await client.get(path)["cluster_size"] == "Large")
        #expect(try await client.get(path)["tags"] == [:])
        #expect(try await client.send(.delete, path).text == "{}")
        let gone = try await client.send(.get, path)
        #expect((gone.status, gone.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST"))
        #expect(try await client.send(.get, Self.path + "/nosuch").json["message"] == "nosuch is not a valid endpoint id.")
    }

    @Test func pages() async throws {
        let client = try IdentityClient()
        for name in ["a", "b"] { _ = try await client.post(Self.path, ["name": .string(name), "cluster_size": "Small"]) }
        let first = try await client.get(Self.path + "?page_size=2")
        #expect(first["warehouses"]?.all("name") == ["Starter Warehouse", "a"])
        let second = try await client.get(Self.path + "?page_size=2&page_token=" + (first["next_page_token"]?.stringValue ?? ""))
        #expect(second["warehouses"]?.all("name") == ["b"])
        #expect(second["next_page_token"] == nil)
        #expect(try await client.send(.get, Self.path + "?page_token=zz").status == 400)
        for warehouse in try client.workspace.warehouses.list() { try client.workspace.warehouses.delete(warehouse.id) }
        #expect(try await client.get(Self.path) == [:])
    }

    @Test func wrongTypes() async throws {
        let client = try IdentityClient()
        for (field, value) in [
            ("auto_stop_mins", "x"), ("max_num_clusters", .number("1.5")), ("enable_photon", "perhaps"), ("tags", []),
            ("tags", ["custom_tags": [3]]),
            ("tags", ["custom_tags": [[:]]]), ("channel", "x"), ("name", []), ("cluster_size", [:]),
        ] as [(String, JSONValue)] {
            var body = JSONObject([("name", "w"), ("cluster_size", "Small")])
            body[field] = value
            let answer = try await client.send(.post, Self.path, .object(body))
            #expect(answer.status == 400, "\(field) \(value.text)")
            #expect(answer.json["message"]?.stringValue?.contains(field) == true, "\(answer.text)")
        }
    }
}

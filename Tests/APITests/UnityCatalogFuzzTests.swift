import API
import Foundation
import HTTPTypes
import JSON
import Testing
import Workspace

/// Whatever is sent, the answer is JSON with a status below 500, or a refusal by name.
@Suite struct UnityCatalogFuzzTests {
    private static let names = [
        "main", "default", "MAIN", "t", "", ".", "..", "a.b", "main.default", "main.default.t", "main.default.files", "%00", "%2F", "%",
        "%zz", "é", "💥",
        "'; DROP TABLE relation; --", "\"", "\\", "{full_name}", "information_schema", "system", String(repeating: "x", count: 300),
        "a%2Eb%2Ec", "\u{202E}",
    ]
    private static let values = [
        "null", "true", "0", "-1", "1e999", "9223372036854775808", "\"\"", "\"main\"", "\"default\"", "\"t\"", "\"MANAGED\"",
        "\"EXTERNAL\"", "[]", "{}",
        #"[{"principal":"account users","add":["SELECT"],"remove":["SELECT",1]}]"#,
        #"{"primary_key_constraint":{"name":"k","child_columns":["Id"]}}"#,
        #"{"role_arn":"arn:aws:iam::1:role/r"}"#, "\"tables\"", "\"MYSQL\"", #"[{"workspace_id":-9223372036854775808}]"#, "[-1.5e300]",
        "[1]", #"{"a":null}"#, #"{"a":"b"}"#, #""\u0000""#, #""\ud83d\ude00""#, "\"s3://b/p\"", "\"\(String(repeating: "y", count: 500))\"",
    ]
    private static let fields = [
        "name", "catalog_name", "schema_name", "comment", "properties", "options", "owner", "new_name", "storage_root", "storage_location",
        "volume_type",
        "custom_max_retention_hours", "managed_encryption_settings", "isolation_mode", "enable_predictive_optimization", "table_type",
        "data_source_format",
        "columns", "unknown", "url", "credential_name", "aws_iam_role", "azure_service_principal", "purpose", "connection_type", "changes",
        "principal",
        "add", "remove", "function_info", "constraint", "full_name_arg", "entity_type", "entity_name", "tag_key", "tag_value", "metastore_id",
        "default_catalog_name", "external_location_name", "storage_credential_name", "assign_workspaces", "version_num", "read_only",
    ]
    private static let queries = [
        "max_results", "page_token", "force", "catalog_name", "schema_name", "table_name_pattern", "schema_name_pattern", "omit_columns",
        "principal", "include_browse", "purpose", "update_mask", "constraint_name", "cascade", "page_size",
    ]

    @Test func oddRequests() async throws {
        let client = try CatalogClient()
        try client.table("main.default.t")
        var random = SeededGenerator(seed: 11)
        let operations = CatalogClient.groups.flatMap { $0.operations }
        for _ in 0..<4_000 {
            guard let operation = operations.randomElement(using: &random) else { return }
            var path = operation.path
            while let open = path.firstIndex(of: "{"), let close = path[open...].firstIndex(of: "}") {
                let name = Self.names.randomElement(using: &random) ?? ""
                path.replaceSubrange(open...close, with: name.contains("{") ? PercentCoding.encode(name) : name)
            }
            let query = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                "\(Self.queries.randomElement(using: &random) ?? "")=\((Self.names + ["-1", "0", "3", "true", "99999999999999999999"]).randomElement(using: &random) ?? "")"
            }
            var body = ""
            if operation.method != .get {
                let members = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    "\"\(Self.fields.randomElement(using: &random) ?? "")\":\(Self.values.randomElement(using: &random) ?? "")"
                }
                body = "{\(members.joined(separator: ","))}"
                if Int.random(in: 0..<20, using: &random) == 0 { body.removeLast(Int.random(in: 0...body.count, using: &random)) }
            }
            let target = query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
            let before = operation.method == .get ? nil : try client.workspace.store.snapshot()
            let reply = await client.raw(operation.method, target, Array(body.utf8))
            if let before, reply.status >= 400 {
                let after = try client.workspace.store.snapshot()
                #expect(Self.areSame(before.bytes, after.bytes), "a refused call changed something: \(operation.method) \(target) \(body)")
            }
            #expect(reply.status < 500 || reply.status == 501, "\(operation.method) \(target) \(body)")
            let json = try JSONValue(parsing: reply.payload?.bytes ?? [])
            #expect(json.objectValue != nil)
            if reply.status >= 400 { #expect(json["error_code"]?.stringValue != nil) }
        }
        // The metastore is still in order.
        #expect(try await client.get("/catalogs/system")["name"] == "system")
    }

    private static func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool { Data(left) == Data(right) }

    /// The same requests in two workspaces with one seed give the same bytes.
    @Test func runsAreRepeatable() async throws {
        func run() async throws -> [UInt8] {
            let client = try CatalogClient()
            var bytes: [UInt8] = []
            for number in 0..<20 {
                client.clock.advance(byMicros: 1_500)
                bytes +=
                    await client.raw(.post, "\(client.prefix)/schemas", Array(#"{"catalog_name":"main","name":"s\#(number)"}"#.utf8))
                    .payload?.bytes ?? []
                bytes +=
                    await client.raw(
                        .post, "\(client.prefix)/volumes",
                        Array(#"{"catalog_name":"main","schema_name":"s\#(number)","name":"v","volume_type":"MANAGED"}"#.utf8)
                    ).payload?.bytes ?? []
            }
            for path in ["/catalogs", "/schemas?catalog_name=main", "/volumes?catalog_name=main&schema_name=s3", "/metastore_summary"] {
                bytes += await client.raw(.get, client.prefix + path).payload?.bytes ?? []
            }
            return bytes
        }
        let first = try await run()
        #expect(first.count > 10_000)
        #expect(try await run() == first)
    }
}

import ArgumentParser
import Foundation
import HTTPTypes
import JSON
import SparkSyntax
import Upstream

struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Runs SQL statements on a server and prints their results; each statement has a session of its own.")

    @Argument(help: "Statements separated by semicolons, a file of them, or - for standard input.")
    var source: String

    @Option(help: "The server; else DATABRICKS_HOST, or http://127.0.0.1:8080.")
    var server: String?

    @Option(help: "Else DATABRICKS_TOKEN, or dapi-dbxsim.")
    var token: String?

    @Option(help: "The warehouse's id; else DATABRICKS_WAREHOUSE_ID, or the first one.")
    var warehouse: String?

    @Option(help: "The current catalog.")
    var catalog: String?

    @Option(help: "The current schema.")
    var schema: String?

    @Option(help: "table, csv or json.")
    var output: ResultFormat = .table

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let statements = StatementSplitter.statements(in: try text())
        guard !statements.isEmpty else { throw CommandFailure(message: "sql: there is no statement") }
        let host = server ?? environment["DATABRICKS_HOST"] ?? "http://127.0.0.1:8080"
        let client: StatementClient
        do throws(UpstreamError) {
            client = try StatementClient(
                host.contains("://") ? host : "https://" + host, token: token ?? environment["DATABRICKS_TOKEN"] ?? "dapi-dbxsim",
                warehouse: warehouse ?? environment["DATABRICKS_WAREHOUSE_ID"], catalog: catalog, schema: schema)
        } catch {
            throw ValidationError("--server: \(error)")
        }
        for (number, statement) in statements.enumerated() {
            do {
                let result = try await client.run(statement)
                if number > 0, output == .table { print() }
                FileHandle.standardOutput.write(Data(output.text(result).utf8))
            } catch let error as StatementClient.Failure {
                let place = statements.count > 1 ? "statement \(number + 1): " : ""
                throw CommandFailure(message: place + error.description)
            }
        }
    }

    private func text() throws -> String {
        let data: Data
        if source == "-" {
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else if let file = FileManager.default.contents(atPath: source) {
            data = file
        } else {
            return source
        }
        guard let text = String(data: data, encoding: .utf8) else { throw CommandFailure(message: "\(source): is not UTF-8") }
        return text
    }
}

/// Runs statements over the REST statement API.
final class StatementClient {
    /// What the server or the network said; the error's class comes first.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Column {
        let name: String
        /// `BIGINT`, as the API names types: `LONG`.
        let type: String
    }

    struct Result {
        var columns: [Column] = []
        /// As texts; nil for NULL.
        var rows: [[String?]] = []
    }

    private let upstream: Upstream
    private let token: String
    private var warehouse: String?
    private let catalog: String?
    private let schema: String?

    init(_ host: String, token: String, warehouse: String?, catalog: String?, schema: String?) throws(UpstreamError) {
        upstream = try Upstream(UpstreamOrigin(host), options: UpstreamOptions(environment: ProcessInfo.processInfo.environment))
        self.token = token
        self.warehouse = warehouse
        self.catalog = catalog
        self.schema = schema
    }

    func run(_ statement: String) async throws -> Result {
        var body = JSONObject([
            ("warehouse_id", .string(try await warehouseID())), ("statement", .string(statement)), ("wait_timeout", "50s"),
            ("on_wait_timeout", "CONTINUE"), ("disposition", "INLINE"), ("format", "JSON_ARRAY"),
        ])
        if let catalog { body["catalog"] = .string(catalog) }
        if let schema { body["schema"] = .string(schema) }
        var answer = try await call("POST", "/api/2.0/sql/statements", .object(body))
        // The call above waits for 50 seconds, the longest that the API allows; after that its clients can only ask again.
        var pause = Duration.milliseconds(50)
        while let state = answer["status"]?["state"]?.stringValue, state == "PENDING" || state == "RUNNING" {
            guard let id = answer["statement_id"]?.stringValue else { break }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
            answer = try await call("GET", "/api/2.0/sql/statements/\(id)")
        }
        guard answer["status"]?["state"] == "SUCCEEDED" else {
            throw Self.failure(answer["status"]?["error"], answer["status"]?["state"]?.stringValue ?? "the server gave no state")
        }
        var result = Result()
        for column in answer["manifest"]?["schema"]?["columns"]?.arrayValue ?? [] {
            result.columns.append(Column(name: column["name"]?.stringValue ?? "", type: column["type_name"]?.stringValue ?? ""))
        }
        var chunk = answer["result"]
        while let part = chunk {
            for row in part["data_array"]?.arrayValue ?? [] { result.rows.append((row.arrayValue ?? []).map(\.stringValue)) }
            chunk = nil
            if let next = part["next_chunk_internal_link"]?.stringValue { chunk = try await call("GET", next) }
        }
        return result
    }

    private func warehouseID() async throws -> String {
        if let warehouse { return warehouse }
        let list = try await call("GET", "/api/2.0/sql/warehouses")
        guard let id = list["warehouses"]?[0]?["id"]?.stringValue else { throw Failure(description: "the server has no SQL warehouse") }
        warehouse = id
        return id
    }

    private func call(_ method: String, _ target: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        let response: UpstreamResponse
        do throws(UpstreamError) {
            response = try await upstream.forward(
                UpstreamRequest(
                    method: method, path: parts.first ?? "/", query: parts.count > 1 ? parts[1] : nil,
                    headers: [.authorization: "Bearer \(token)", .contentType: "application/json"], body: body?.encoded() ?? []))
        } catch {
            throw Failure(description: error.description)
        }
        let value = try? JSONValue(parsing: response.body)
        guard response.status == 200, let value else { throw Self.failure(value, "\(upstream.base) answered with status \(response.status)") }
        return value
    }

    /// Messages of the SQL engine begin with their class in brackets; others get their error code.
    private static func failure(_ error: JSONValue?, _ otherwise: String) -> Failure {
        guard let message = error?["message"]?.stringValue, !message.isEmpty else { return Failure(description: otherwise) }
        let code = error?["error_code"]?.stringValue
        return Failure(description: message.hasPrefix("[") || code == nil ? message : "[\(code ?? "")] \(message)")
    }
}

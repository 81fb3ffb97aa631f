import API
import HTTPTypes
import JSON
import Testing
import Workspace

@Suite struct QualityMonitorTests {
    private static let path = "/tables/main.default.t/monitor"

    /// A monitored table in a workspace where a refresh waits for five seconds and runs for as long.
    private func monitored() async throws -> CatalogClient {
        let client = try CatalogClient()
        try client.workspace.warehouses.set(.init(start: 5_000, stop: 0))
        try client.table("main.default.t")
        let made = try await client.send(
            .post, Self.path,
            ["output_schema_name": "main.default", "assets_dir": "/Shared", "snapshot": [:], "skip_builtin_dashboard": true])
        #expect(made.status == 200 && made.json["status"] == "MONITOR_STATUS_PENDING")
        return client
    }

    private func advance(_ client: CatalogClient, seconds: Int64) { _ = client.clock.advance(byMicros: seconds * 1_000_000) }

    @Test func refreshesMoveOnTheClock() async throws {
        let client = try await monitored()
        let start = client.workspace.environment.nowMillis
        let first = try #require(try await client.get(Self.path + "/refreshes")["refreshes"]?[0])
        #expect(first["state"] == "PENDING" && first["end_time_ms"] == nil && first["message"] == nil)
        advance(client, seconds: 5)
        let shown = try await client.get(Self.path)
        #expect(shown["status"] == "MONITOR_STATUS_ACTIVE" && shown["latest_monitor_failure_msg"] == nil)
        let one = Self.path + "/refreshes/" + (first["refresh_id"]?.intValue.map(String.init) ?? "")
        #expect(try await client.get(one)["state"] == "PENDING")
        advance(client, seconds: 5)
        #expect(try await client.get(one)["state"] == "RUNNING")
        advance(client, seconds: 5)
        let over = try await client.get(one)
        #expect(over["state"] == "FAILED" && over["start_time_ms"] == .int(start) && over["end_time_ms"] == .int(start + 15_000))
        #expect(try await client.get(Self.path)["latest_monitor_failure_msg"] == over["message"])
        #expect(try await client.refusal(.post, one + "/cancel").hasPrefix("400 INVALID_STATE"))
    }

    @Test func aRefreshThatIsCancelledDoesNotFail() async throws {
        let client = try await monitored()
        let id = try await client.send(.post, Self.path + "/refreshes").json["refresh_id"]?.intValue.map(String.init) ?? ""
        advance(client, seconds: 6)
        let one = Self.path + "/refreshes/" + id
        #expect(try await client.get(one)["state"] == "RUNNING")
        #expect(try await client.send(.post, one + "/cancel").status == 200)
        let now = client.workspace.environment.nowMillis
        advance(client, seconds: 60)
        let over = try await client.get(one)
        #expect(over["state"] == "CANCELED" && over["end_time_ms"] == .int(now) && over["message"] == nil)
    }
}

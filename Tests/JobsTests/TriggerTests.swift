import JSON
import Jobs
import Testing
import Workspace

@Suite struct TriggerTests {
    private static let minute: Int64 = 60_000

    private static func job(_ trigger: String) -> String { "{\"name\": \"f\", \"tasks\": [\(task("t"))], \"trigger\": \(trigger)}" }

    private static func model(_ condition: String, _ more: String = "") -> String {
        job("{\"model\": {\"securable_name\": \"main.default.m\", \"condition\": \"\(condition)\"\(more)}}")
    }

    private static func monitored(_ job: Int) -> String { "{\"job_id\": \"\(job)\", \"workspace_id\": \"1\"}" }

    private static func count(_ job: Int, _ fixture: JobsFixture) throws -> Int {
        var filter = RunFilter()
        filter.jobID = job
        return try fixture.workspace.jobStore.runs(filter).count
    }

    @Test func versionsAndAliasesOfModels() async throws {
        let fixture = try JobsFixture()
        let workspace = fixture.workspace
        _ = try workspace.catalogObjects(.model).create(CatalogObjectSpec(schema: "main.default", name: "m"), by: fixture.admin)
        func version(_ status: String) throws {
            let fields = JSONObject([("status", .string(status))])
            _ = try workspace.modelVersions.create("main.default.m", fields: fields, comment: nil, by: fixture.admin)
        }
        try version("READY")
        let ready = try fixture.create(Self.model("MODEL_VERSION_READY"))
        let alias = try fixture.create(Self.model("MODEL_ALIAS_SET", ", \"aliases\": [\"Champion\"]"))
        let calm = try fixture.create(Self.model("MODEL_VERSION_READY", ", \"wait_after_last_change_seconds\": 120"))
        func counts() throws -> [Int] { try [ready, alias, calm].map { try Self.count($0, fixture) } }
        try await fixture.advance(5 * Self.minute)
        #expect(try counts() == [0, 0, 0], "what was there before counts as seen")
        try version("PENDING_REGISTRATION")
        try await fixture.advance(Self.minute)
        #expect(try counts() == [0, 0, 0])
        try version("READY")
        try workspace.modelVersions.setAlias("champion", of: "main.default.m", to: 1, by: fixture.admin)
        try workspace.modelVersions.setAlias("other", of: "main.default.m", to: 1, by: fixture.admin)
        try await fixture.advance(Self.minute)
        #expect(try counts() == [1, 1, 0])
        try workspace.modelVersions.setAlias("champion", of: "main.default.m", to: 3, by: fixture.admin)
        try await fixture.advance(2 * Self.minute)
        #expect(try counts() == [1, 2, 1])
        try workspace.modelVersions.deleteAlias("champion", of: "main.default.m", by: fixture.admin)
        try await fixture.advance(2 * Self.minute)
        #expect(try counts() == [1, 2, 1])
        try workspace.modelVersions.setAlias("champion", of: "main.default.m", to: 3, by: fixture.admin)
        try await fixture.advance(2 * Self.minute)
        #expect(try counts() == [1, 3, 1])
    }

    @Test func endsOfSeveralJobsAreKnownAfterARestart() async throws {
        let fixture = try JobsFixture()
        let a = try fixture.create("{\"name\": \"a\", \"tasks\": [\(task("a"))]}")
        let b = try fixture.create("{\"name\": \"b\", \"tasks\": [\(task("b"))]}")
        let follower = try fixture.create(Self.job("{\"job_completion\": {\"jobs\": [\(Self.monitored(a)), \(Self.monitored(b))]}}"))
        _ = try fixture.runNow(a)
        try await fixture.advance(10_000)
        #expect(try Self.count(follower, fixture) == 0)
        let again = JobsService(workspace: fixture.workspace, sql: fixture.sql)
        try again.resume()
        _ = try again.runNow(JSONObject([("job_id", .int(b))]), by: fixture.admin)
        fixture.clock.advance(byMicros: 10_000_000)
        try await again.catchUp()
        #expect(try Self.count(follower, fixture) == 1)
    }

    @Test func settingsThatNameNoTriggerAreRefused() throws {
        let fixture = try JobsFixture()
        for trigger in [
            "{\"sql_condition\": {\"sql_query_id\": \"q\", \"warehouse_id\": \"w\"}}",
            "{\"periodic\": {\"interval\": 1, \"unit\": \"HOURS\"}, \"sql_condition\": {\"sql_query_id\": \"\", \"warehouse_id\": \"w\"}}",
            "{\"model\": {\"condition\": \"MODEL_CREATED\", \"securable_name\": \"a.b.c.d\"}}",
            "{\"job_completion\": {\"jobs\": [{\"job_id\": \"x\", \"workspace_id\": \"1\"}]}}",
        ] {
            #expect(throws: WorkspaceError.self) { try fixture.create(Self.job(trigger)) }
        }
    }
}

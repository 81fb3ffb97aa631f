import JSON
import Jobs
import TestSupport
import Testing
import Workspace

/// What is checked and filled in when a job is made.
@Suite struct JobSettingsTests {
    private func plan(_ json: String) throws -> JobPlan {
        guard case .object(let object) = try JSONValue(parsing: json) else { throw WorkspaceError.invalid("") }
        return try JobPlan(checking: object, .job)
    }

    private func message(_ json: String) -> String {
        do {
            _ = try plan(json)
            return ""
        } catch {
            return (error as? WorkspaceError)?.message ?? "\(error)"
        }
    }

    @Test func defaultsAreFilledIn() throws {
        let settings = try plan("{\"tasks\": [\(task("b", after: ["z", "a"])), \(task("z")), \(task("a"))], \"unknown\": 1}").settings
        #expect(settings["name"] == "Untitled")
        #expect(settings["format"] == "MULTI_TASK")
        #expect(settings["max_concurrent_runs"] == 1)
        #expect(settings["timeout_seconds"] == 0)
        #expect(settings["email_notifications"] == .object(JSONObject()))
        #expect(settings["webhook_notifications"] == .object(JSONObject()))
        #expect(settings["unknown"] == nil)
        let first = settings["tasks"]?[0]
        #expect(first?["run_if"] == "ALL_SUCCESS")
        #expect(first?["notebook_task"]?["source"] == "WORKSPACE")
        #expect(first?["depends_on"] == [["task_key": "a"], ["task_key": "z"]])
    }

    @Test func theOlderFormHasOneTask() throws {
        let plan = try plan("{\"notebook_task\": {\"notebook_path\": \"/n\"}, \"existing_cluster_id\": \"c\"}")
        #expect(plan.isSingleTask && plan.settings["format"] == "SINGLE_TASK" && plan.tasks.count == 1)
        #expect(plan.settings["tasks"] == nil)
    }

    @Test(arguments: [
        ("{\"tasks\": [{\"notebook_task\": {\"notebook_path\": \"/n\"}}]}", "Missing required field: settings.tasks.task_key"),
        (
            "{\"tasks\": [{\"task_key\": \"a\", \"depends_on\": [{}], \"notebook_task\": {\"notebook_path\": \"/n\"}}]}",
            "Missing required field: settings.tasks.depends_on.task_key"
        ),
        ("{\"tasks\": [{\"task_key\": \"a\"}]}", "Task 'a' does not say what to run"),
        ("{\"tasks\": [{\"task_key\": \"a b\", \"notebook_task\": {\"notebook_path\": \"/n\"}}]}", "The task_key 'a b' is invalid"),
        ("{\"tasks\": [\(task("a", after: ["a"]))]}", "Invalid dependency graph, task 'a' can not reference itself."),
        ("{\"tasks\": [\(task("a", after: ["x"]))]}", "Invalid dependency graph, task 'a' depends on the task 'x', which does not exist."),
        (
            "{\"tasks\": [\(task("a", after: ["b"])), \(task("b", after: ["a"]))]}",
            "Invalid dependency graph, there is a cycle among the tasks 'a', 'b'."
        ),
        ("{\"tasks\": [\(task("a")), \(task("a"))]}", "Task key 'a' is not unique"),
        ("{\"tasks\": [\(task("a", "\"job_cluster_key\": \"x\""))]}", "Job cluster 'x' of the task 'a' is not defined in field 'job_clusters'."),
        ("{\"tasks\": [\(task("a", "\"run_if\": \"SOMETIMES\""))]}", "Invalid value 'SOMETIMES' for field 'settings.tasks.run_if'"),
        ("{\"tasks\": [\(task("a", "\"max_retries\": -2"))]}", "max_retries of the task 'a' must be -1 or more"),
        ("{\"max_concurrent_runs\": 1001}", "max_concurrent_runs must be between 0 and 1000, got 1001."),
        (
            "{\"timeout_seconds\": \"soon\"}",
            "Could not parse request object: Expected Integer value for field 'settings.timeout_seconds', got a string"
        ),
        ("{\"tasks\": 3}", "Could not parse request object: Expected Array value for field 'settings.tasks', got a number"),
        (
            "{\"schedule\": {\"quartz_cron_expression\": \"@daily\", \"timezone_id\": \"UTC\"}}",
            "Invalid quartz_cron_expression: @daily. Databricks uses"
        ),
        ("{\"schedule\": {\"quartz_cron_expression\": \"0 0 0 * * ?\", \"timezone_id\": \"Mars/Base\"}}", "Invalid timezone_id: Mars/Base."),
        ("{\"schedule\": {\"timezone_id\": \"UTC\"}}", "Missing required field: settings.schedule.quartz_cron_expression"),
        ("{\"continuous\": {}, \"max_concurrent_runs\": 2}", "A continuous job runs once at a time"),
        (
            "{\"continuous\": {}, \"schedule\": {\"quartz_cron_expression\": \"0 0 0 * * ?\", \"timezone_id\": \"UTC\"}}",
            "A job can have only one of schedule, continuous and trigger"
        ),
        ("{\"trigger\": {}}", "settings.trigger must have exactly one of"),
        ("{\"trigger\": {\"periodic\": {\"interval\": 0, \"unit\": \"DAYS\"}}}", "settings.trigger.periodic.interval must be positive"),
        ("{\"git_source\": {\"git_url\": \"u\"}}", "Missing required field: settings.git_source.git_provider"),
        ("{\"job_clusters\": [{\"job_cluster_key\": \"k\"}]}", "Shared job cluster feature is only supported in multi-task jobs."),
        (
            "{\"parameters\": [{\"name\": \"p\", \"default\": \"1\"}, {\"name\": \"p\", \"default\": \"2\"}]}",
            "settings.parameters.name 'p' occurs more than once."
        ),
        ("{\"webhook_notifications\": {\"on_start\": [{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"},{\"id\":\"4\"}]}}", "A maximum of 3 destinations"),
        ("{\"tasks\": [{\"task_key\": \"c\", \"condition_task\": {\"op\": \"IS\", \"left\": \"1\", \"right\": \"1\"}}]}", "Invalid value 'IS'"),
        (
            "{\"tasks\": [{\"task_key\": \"f\", \"for_each_task\": {\"inputs\": \"{}\", \"task\": {\"task_key\": \"x\"}}}]}",
            "The inputs of the for each task 'f' must be"
        ),
        ("{\"tasks\": [{\"task_key\": \"s\", \"sql_task\": {\"warehouse_id\": \"w\"}}]}", "The sql_task of the task 's' must have exactly one of"),
        ("{\"tasks\": [{\"task_key\": \"n\", \"notebook_task\": {\"notebook_path\": \"n\"}}]}", "Only absolute paths are supported"),
    ])
    func whatIsWrongIsNamed(_ json: String, _ expected: String) {
        #expect(message(json).hasPrefix(expected), "\(message(json))")
    }

    @Test func aThousandTasksAreAllowed() throws {
        func job(_ count: Int) -> String {
            "{\"tasks\": [\((0..<count).map { task("t\($0)", after: $0 == 0 ? [] : ["t\($0 - 1)"]) }.joined(separator: ","))]}"
        }
        #expect(try plan(job(1_000)).tasks.count == 1_000)
        #expect(message(job(1_001)) == "The job has 1001 tasks; the maximum number of tasks in a job is 1000.")
    }

    /// Valid settings with one value replaced by something else: never a trap, and never anything but a refusal or a plan that reads back as itself.
    @Test func brokenSettingsAreRefusedOrRead() throws {
        let base = """
            {"name": "j", "max_concurrent_runs": 2, "tags": {"a": "b"}, "timeout_seconds": 5, "queue": {"enabled": true},
             "parameters": [{"name": "p", "default": "1"}], "schedule": {"quartz_cron_expression": "0 0 0 * * ?", "timezone_id": "UTC"},
             "tasks": [\(task("a")), \(task("b", after: ["a"], "\"max_retries\": 1")),
              {"task_key": "c", "depends_on": [{"task_key": "a"}], "condition_task": {"op": "EQUAL_TO", "left": "1", "right": "{{job.parameters.p}}"}},
              {"task_key": "f", "for_each_task": {"inputs": "[1]", "concurrency": 3, "task": {"task_key": "i", "spark_python_task": {"python_file": "f.py"}}}}]}
            """
        let root = try JSONValue(parsing: base)
        var random = SeededGenerator(seed: 5)
        let strange: [JSONValue] = [
            .null, true, 0, -1, "", "x", .number("1e400"), .number("9223372036854775808"), .string(String(repeating: "é", count: 5_000)), [], [.null],
            .object(JSONObject()), "{{", "{{job.parameters.p}}", "\u{0}", ["task_key": "a"], .number("3.5"),
        ]
        func mutated(_ value: JSONValue) -> JSONValue {
            if random.next() % 12 == 0 { return strange[Int(random.next() % UInt64(strange.count))] }
            switch value {
            case .array(let elements): return .array(elements.map(mutated))
            case .object(let object): return .members(object.members.map { ($0.name, mutated($0.value)) })
            default: return value
            }
        }
        var (read, refused) = (0, 0)
        for _ in 0..<3_000 {
            guard case .object(let object) = mutated(root) else { continue }
            do {
                let plan = try JobPlan(checking: object, .job)
                read += 1
                #expect(JobPlan(stored: plan.text)?.text == plan.text)
            } catch {
                refused += 1
                #expect(error.status == 400)
            }
        }
        #expect(read > 20 && refused > 1_000)
    }
}

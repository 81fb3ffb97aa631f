import JSON
import Jobs
import Testing
import Workspace

/// How tasks and runs end, by the ends of other tasks.
@Suite struct RunOutcomeTests {
    private func state(_ life: RunLife) -> String { "\(life.phase.rawValue) \(life.result?.rawValue ?? "-")" }

    @Test func aRunOfTasksSucceeds() async throws {
        let fixture = try JobsFixture()
        let job = try fixture.create("{\"name\": \"j\", \"tasks\": [\(task("a")), \(task("b", after: ["a"]))]}")
        let id = try fixture.runNow(job)
        let run = try await fixture.run(id)
        #expect(state(run.life) == "TERMINATED SUCCESS")
        #expect(run.life.start == JobsFixture.start && run.life.end == JobsFixture.start)
        #expect(try await fixture.tasks(id).mapValues { state($0.life) } == ["a": "TERMINATED SUCCESS", "b": "TERMINATED SUCCESS"])
    }

    @Test func aRunMovesOnTheClock() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .ending(.success, setup: 2_000, after: 3_000))
        let id = try fixture.submit("{\"tasks\": [\(task("a")), \(task("b", after: ["a"]))]}")
        #expect(try await fixture.run(id).life.phase == .pending)
        #expect(try await fixture.tasks(id)["b"]?.life.phase == .blocked)
        try await fixture.advance(1_999)
        #expect(try await fixture.run(id).life.phase == .pending)
        try await fixture.advance(1)
        #expect(try await fixture.run(id).life.phase == .running)
        try await fixture.advance(10_000)
        let run = try await fixture.run(id)
        #expect(state(run.life) == "TERMINATED SUCCESS")
        // The times are those of the events, not those at which somebody looked.
        #expect(run.life.end == JobsFixture.start + 5_000)
        let a = try #require(try await fixture.tasks(id)["a"]).life
        #expect([a.start, a.running, a.end] == [JobsFixture.start, JobsFixture.start + 2_000, JobsFixture.start + 5_000])
    }

    @Test func aFailureSkipsWhatFollows() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .failed)
        let id = try fixture.submit("{\"tasks\": [\(task("a")), \(task("b", after: ["a"])), \(task("c", after: ["b"])), \(task("d"))]}")
        let run = try await fixture.run(id)
        #expect(state(run.life) == "INTERNAL_ERROR FAILED")
        #expect(
            run.life.message
                == "Task a failed with message: Workload failed, see run output for details. This caused all downstream tasks to get skipped.")
        let tasks = try await fixture.tasks(id)
        #expect(
            tasks.mapValues { state($0.life) } == [
                "a": "TERMINATED FAILED", "b": "SKIPPED UPSTREAM_FAILED", "c": "SKIPPED UPSTREAM_FAILED", "d": "TERMINATED SUCCESS",
            ])
        #expect(tasks["a"]?.output?["error"] == "boom")
    }

    @Test(arguments: [
        // run_if, ends of a and b, state of c
        ("ALL_SUCCESS", "ss", "TERMINATED SUCCESS"), ("ALL_SUCCESS", "sf", "SKIPPED UPSTREAM_FAILED"),
        ("ALL_SUCCESS", "sc", "SKIPPED UPSTREAM_CANCELED"),
        ("ALL_DONE", "ff", "TERMINATED SUCCESS"), ("ALL_DONE", "cf", "TERMINATED SUCCESS"),
        ("NONE_FAILED", "ss", "TERMINATED SUCCESS"), ("NONE_FAILED", "sf", "SKIPPED UPSTREAM_FAILED"),
        ("AT_LEAST_ONE_SUCCESS", "sf", "TERMINATED SUCCESS"), ("AT_LEAST_ONE_SUCCESS", "ff", "SKIPPED UPSTREAM_FAILED"),
        ("ALL_FAILED", "ff", "TERMINATED SUCCESS"), ("ALL_FAILED", "sf", "SKIPPED EXCLUDED"),
        ("AT_LEAST_ONE_FAILED", "sf", "TERMINATED SUCCESS"), ("AT_LEAST_ONE_FAILED", "ss", "SKIPPED EXCLUDED"),
        ("AT_LEAST_ONE_FAILED", "st", "TERMINATED SUCCESS"),
    ])
    func runIfDecides(_ runIf: String, _ ends: String, _ expected: String) async throws {
        let fixture = try JobsFixture()
        for (key, end) in zip(["a", "b"], ends) {
            fixture.ends(key, .ending(end == "s" ? .success : end == "f" ? .failed : end == "t" ? .timedOut : .canceled))
        }
        let id = try fixture.submit("{\"tasks\": [\(task("a")), \(task("b")), \(task("c", after: ["a", "b"], "\"run_if\": \"\(runIf)\""))]}")
        #expect(try await fixture.tasks(id)["c"].map { state($0.life) } == expected)
    }

    @Test func aFailureThatIsHandledIsASuccessWithFailures() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .failed)
        let id = try fixture.submit("{\"tasks\": [\(task("a")), \(task("b", after: ["a"], "\"run_if\": \"ALL_DONE\""))]}")
        #expect(state(try await fixture.run(id).life) == "TERMINATED SUCCESS_WITH_FAILURES")
    }

    @Test func anotherAttemptFollowsAFailure() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .failed, .failed, .ending(.success))
        let id = try fixture.submit("{\"tasks\": [\(task("a", "\"max_retries\": 2, \"min_retry_interval_millis\": 60000"))]}")
        #expect(try await fixture.tasks(id)["a"]?.life.phase == .waitingForRetry)
        try await fixture.advance(60_000)
        #expect(try await fixture.tasks(id)["a"]?.attempt == 2)
        #expect(try await !fixture.run(id).life.phase.isFinal)
        try await fixture.advance(60_000)
        #expect(state(try await fixture.run(id).life) == "TERMINATED SUCCESS")
        let attempts = try fixture.attempts(id)
        #expect(attempts.map(\.attempt) == [0, 1, 2])
        #expect(attempts.map { state($0.life) } == ["TERMINATED FAILED", "TERMINATED FAILED", "TERMINATED SUCCESS"])
        #expect(Set(attempts.map(\.original)) == [attempts[0].id])
        #expect(attempts.map(\.life.end) == [0, 60_000, 120_000].map { JobsFixture.start + $0 })
    }

    @Test func retriesEnd() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .failed)
        let id = try fixture.submit("{\"tasks\": [\(task("a", "\"max_retries\": 3"))]}")
        #expect(state(try await fixture.run(id).life) == "INTERNAL_ERROR FAILED")
        #expect(try fixture.attempts(id).count == 4)
    }

    @Test func retriesWithoutEndPauseOnAClockThatStandsStill() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .failed)
        let id = try fixture.submit("{\"tasks\": [\(task("a", "\"max_retries\": -1"))]}")
        #expect(try await fixture.run(id).life.phase != .terminated)
        let before = try fixture.attempts(id).count
        try await fixture.advance(5_000)
        #expect(try fixture.attempts(id).count == before + 5)
    }

    @Test func timeLimitsEndTasksAndRuns() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .ending(.success, after: 100_000))
        let limited = try fixture.submit("{\"tasks\": [\(task("a", "\"timeout_seconds\": 10"))]}")
        let whole = try fixture.submit("{\"timeout_seconds\": 20, \"tasks\": [\(task("a")), \(task("b", after: ["a"]))]}")
        try await fixture.advance(50_000)
        #expect(state(try await fixture.run(limited).life) == "TERMINATED TIMEDOUT")
        #expect(try await fixture.run(limited).life.end == JobsFixture.start + 10_000)
        #expect(state(try await fixture.run(whole).life) == "TERMINATED TIMEDOUT")
        #expect(try await fixture.run(whole).life.end == JobsFixture.start + 20_000)
    }

    @Test func aCancellationEndsEverything() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .ending(.success, after: 100_000))
        let id = try fixture.submit("{\"tasks\": [\(task("a")), \(task("b", after: ["a"]))]}")
        try await fixture.advance(1_000)
        try fixture.jobs.cancel(id, by: fixture.admin)
        let run = try await fixture.run(id)
        #expect(state(run.life) == "TERMINATED CANCELED")
        #expect(run.life.end == JobsFixture.start + 1_000)
        #expect(run.life.stateJSON["user_cancelled_or_timedout"] == true)
        #expect(run.life.statusJSON["termination_details"]?["code"] == "USER_CANCELED")
        #expect(try await fixture.tasks(id)["a"].map { state($0.life) } == "TERMINATED CANCELED")
        try await fixture.advance(200_000)
        #expect(try await fixture.run(id).life == run.life)
    }

    @Test func conditionsChooseABranch() async throws {
        let fixture = try JobsFixture()
        let job = try fixture.create(
            """
            {"name": "j", "parameters": [{"name": "n", "default": "1"}], "tasks": [
              {"task_key": "c", "condition_task": {"op": "GREATER_THAN", "left": "{{job.parameters.n}}", "right": "5"}},
              {"task_key": "yes", "notebook_task": {"notebook_path": "/n"}, "depends_on": [{"task_key": "c", "outcome": "true"}]},
              {"task_key": "no", "notebook_task": {"notebook_path": "/n"}, "depends_on": [{"task_key": "c", "outcome": "false"}]},
              {"task_key": "after", "notebook_task": {"notebook_path": "/n"}, "depends_on": [{"task_key": "yes"}, {"task_key": "no"}]}]}
            """)
        for (parameters, outcome, yes, no) in [
            ("", "false", "SKIPPED EXCLUDED", "TERMINATED SUCCESS"),
            ("\"job_parameters\": {\"n\": \"10\"}", "true", "TERMINATED SUCCESS", "SKIPPED EXCLUDED"),
        ] {
            let id = try fixture.runNow(job, parameters)
            let tasks = try await fixture.tasks(id)
            #expect(tasks["c"]?.outcome == outcome)
            #expect(tasks["yes"].map { state($0.life) } == yes)
            #expect(tasks["no"].map { state($0.life) } == no)
            #expect(tasks["after"].map { state($0.life) } == "TERMINATED SUCCESS")
            #expect(try await fixture.run(id).life.result == .success)
        }
        let bad = try fixture.runNow(job, "\"job_parameters\": {\"n\": \"many\"}")
        #expect(state(try await fixture.run(bad).life) == "INTERNAL_ERROR FAILED")
    }

    @Test func loopsRunTheirTaskForEachInput() async throws {
        let fixture = try JobsFixture()
        fixture.ends("inner", .ending(.success, after: 1_000))
        let id = try fixture.submit(
            """
            {"tasks": [{"task_key": "loop", "for_each_task": {"inputs": "[1, {\\"x\\": \\"two\\"}, \\"3\\"]", "concurrency": 2, "task":
              {"task_key": "inner", "notebook_task": {"notebook_path": "/n", "base_parameters": {"p": "{{input}}", "q": "{{input.x}}"}}}}}]}
            """)
        #expect(try fixture.attempts(id).filter { $0.iteration != nil }.count == 2)
        try await fixture.advance(1_000)
        #expect(try fixture.attempts(id).filter { $0.iteration != nil }.count == 3)
        try await fixture.advance(1_000)
        #expect(state(try await fixture.run(id).life) == "TERMINATED SUCCESS")
        let parameters = try fixture.attempts(id).filter { $0.iteration != nil }.map { $0.resolved?["base_parameters"] }
        #expect(parameters.map { $0?["p"] } == ["1", "{\"x\":\"two\"}", "3"])
        #expect(parameters[1]?["q"] == "two")
    }

    @Test func anIterationThatFailsFailsTheLoop() async throws {
        let fixture = try JobsFixture()
        fixture.ends("inner", .failed)
        let id = try fixture.submit(
            """
            {"tasks": [{"task_key": "loop", "for_each_task": {"inputs": "[1, 2]", "task": {"task_key": "inner", "notebook_task": {"notebook_path": "/n"}}}}]}
            """)
        #expect(state(try await fixture.run(id).life) == "INTERNAL_ERROR FAILED")
        #expect(try await fixture.tasks(id)["loop"]?.life.message == "2 of 2 iterations failed")
    }

    @Test func aTaskRunsAnotherJob() async throws {
        let fixture = try JobsFixture()
        fixture.ends("inner", .ending(.success, after: 5_000))
        let child = try fixture.create(
            "{\"name\": \"child\", \"parameters\": [{\"name\": \"p\", \"default\": \"0\"}], \"tasks\": [\(task("inner"))]}")
        let id = try fixture.submit(
            "{\"tasks\": [{\"task_key\": \"r\", \"run_job_task\": {\"job_id\": \(child), \"job_parameters\": {\"p\": \"{{task.name}}\"}}}]}")
        let childID = try #require(try await fixture.tasks(id)["r"]?.childRun)
        let run = try await fixture.run(childID)
        #expect(run.trigger == "RUN_JOB_TASK")
        #expect(run.parameters.map(\.value) == ["r"])
        try await fixture.advance(5_000)
        #expect(state(try await fixture.run(id).life) == "TERMINATED SUCCESS")
        #expect(try await fixture.tasks(id)["r"]?.output?["run_job_output"]?["run_id"] == .int(childID))
        fixture.ends("inner", .failed)
        let failing = try fixture.submit("{\"tasks\": [{\"task_key\": \"r\", \"run_job_task\": {\"job_id\": \(child)}}]}")
        #expect(state(try await fixture.run(failing).life) == "INTERNAL_ERROR FAILED")
    }

    @Test func aJobThatRunsItselfEnds() async throws {
        let fixture = try JobsFixture()
        let job = try fixture.create("{\"name\": \"j\", \"max_concurrent_runs\": 10, \"tasks\": [\(task("a"))]}")
        guard case .object(let change) = try JSONValue(parsing: "{\"tasks\": [{\"task_key\": \"a\", \"run_job_task\": {\"job_id\": \(job)}}]}") else {
            return
        }
        try fixture.jobs.update(job, change, removing: [])
        let id = try fixture.runNow(job)
        #expect(state(try await fixture.run(id).life) == "INTERNAL_ERROR FAILED")
    }

    @Test func valuesOfEarlierTasksCanBeReferredTo() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .ending(.success, values: JSONObject([("n", "7")])))
        let id = try fixture.submit(
            """
            {"tasks": [\(task("a")), {"task_key": "b", "depends_on": [{"task_key": "a"}], "notebook_task": {"notebook_path": "/n", "base_parameters":
              {"v": "{{tasks.a.values.n}}", "r": "{{tasks.a.result_state}}", "k": "{{ task.name }}", "d": "{{job.start_time.iso_date}}", "u": "{{nothing}}"}}}]}
            """)
        let values = try await fixture.tasks(id)["b"]?.resolved?["base_parameters"]
        #expect(values == ["v": "7", "r": "success", "k": "b", "d": "2026-01-01", "u": "{{nothing}}"])
    }
}

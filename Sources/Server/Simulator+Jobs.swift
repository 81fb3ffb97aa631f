import API
import Faults
import JSON
import Jobs
import Warehouse
import Workspace

extension Simulator {
    private static let loopbackCalls = LoopbackCalls()

    /// What calls to a workspace work on; its runs end as the compartment's scenarios say.
    static func tenant(_ workspace: Workspace, _ sql: SQLService, _ compartment: Compartment, _ options: Options) -> Tenant {
        let (plan, clock) = (compartment.faults.plan, compartment.clock)
        let script: RunScript = { facts in plan.run(RunFacts(facts), now: .microseconds(clock.nowMicros)).map { ScriptedEnding($0) } }
        let jobs = JobsService(workspace: workspace, sql: sql, script: script, python: options.python) { [webhooks = options.webhooks] notice in
            webhooks?.send(notice, of: workspace)
        }
        let hooks = options.webhooks.map { webhooks in
            HookSender(post: { webhooks.send($0) }, ask: { try await webhooks.answer(to: $0) })
        }
        return Tenant(workspace: workspace, sql: sql, jobs: jobs, hooks: hooks) { try await loopbackCalls.answer($0) }
    }

    /// Lets happen what became due when the clock was moved; statements that this began have ended on return.
    package func clockMoved(_ compartment: Compartment) async {
        guard let tenant = room(compartment.id)?.tenant else { return }
        do {
            try await tenant.jobs.catchUp()
        } catch {
            onFault("clock", error)
        }
    }
}

extension RunFacts {
    fileprivate init(_ facts: TaskFacts) {
        self.init(
            notebookPath: facts.notebookPath, taskKey: facts.taskKey, jobName: facts.jobName, taskType: facts.taskType, parameters: facts.parameters,
            attempt: facts.attempt)
    }
}

extension ScriptedEnding {
    fileprivate init(_ rule: RunRule) {
        self.init()
        outcome = Outcome(rawValue: rule.outcome.rawValue) ?? .success
        setup = rule.setup.map(Self.millis) ?? 0
        duration = rule.duration.map(Self.millis) ?? 0
        error = rule.error
        errorTrace = rule.output?.errorTrace
        result = rule.output?.result
        isTruncated = rule.output?.truncated ?? false
        logs = rule.output?.logs
        values = JSONObject((rule.output?.values ?? []).map { ($0.name, .string($0.value)) })
        isGiven = true
    }

    private static func millis(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflow ? Int64.max / 4 : min(Int64.max / 4, product + attoseconds / 1_000_000_000_000_000)
    }
}

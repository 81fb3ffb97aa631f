import API
package import Faults
import HTTPTypes
import JSON
package import Workspace

/// The faults in force, and their carrying out on requests. Deciding is the plan's; what a decision does to an answer is said here.
package final class FaultControl: Sendable {
    let plan: FaultPlan
    let mode: FaultMode
    private let clock: any WorkspaceClock
    private let expired = ExpiredTokens()

    /// `seed` wins over the scenarios' own; `defaultSeed` is for those without one. Throws a `FaultRefusal` for rules that the mode cannot carry out.
    package init(
        scenarios: [Scenario], seed: UInt64?, defaultSeed: UInt64, clock: any WorkspaceClock, mode: FaultMode
    ) throws {
        for scenario in scenarios { try FaultRefusal.check(scenario.faults, file: scenario.file, mode) }
        self.clock = clock
        self.mode = mode
        plan = try FaultPlan(scenarios: scenarios, seed: seed, defaultSeed: defaultSeed, now: .microseconds(clock.nowMicros))
    }

    var now: Duration { .microseconds(clock.nowMicros) }

    // MARK: On a request

    /// What a request could still be told before the handler: how far it can be shown the past, and what else can be done to it.
    struct Prospects {
        var lastWrite: UInt64?
        var canCompete = false
        /// The caller has a token, and none that control calls need.
        var canExpire = false
    }

    func decide(_ call: AdmittedCall, _ phase: FaultEvent.Phase, _ prospects: Prospects = Prospects()) -> Injection? {
        if plan.traits.isEmpty { return nil }
        var event = Self.event(call, phase)
        event.abilities = .hold
        event.lastWrite = prospects.lastWrite
        if prospects.canCompete { event.abilities.insert(.compete) }
        if prospects.canExpire { event.abilities.insert(.expireToken) }
        return plan.decide(event, now: now)
    }

    static func event(_ call: AdmittedCall, _ phase: FaultEvent.Phase) -> FaultEvent {
        FaultEvent(
            phase: phase, operation: call.match.operationID, method: call.request.method.rawValue, path: call.request.path,
            principal: call.caller.name, headers: call.request.headers, query: call.request.query, body: call.request.body)
    }

    /// What an injection does besides waiting.
    enum Effect {
        case none
        /// Sent instead of the handler's answer.
        case replace(Answer)
        /// Done to the connection.
        case deliver(Answer.Delivery)
        /// The answer from before the last write.
        case earlierAnswer
        /// The same request is carried out once before.
        case compete
        /// The request was held; whoever comes after it waits for the ticket's end.
        case held(HoldTicket)
    }

    /// Waits out the injection's delay or hold, in real time, and says what follows.
    func carryOut(_ injection: Injection, _ call: AdmittedCall, _ phase: FaultEvent.Phase) async -> Effect {
        if let delay = injection.delay { try? await Task.sleep(for: delay) }
        switch injection.kind {
        case .proceed: return .none
        case .answer(let answer): return .replace(Answer(status: answer.status, headers: answer.headers, body: answer.body))
        case .rateLimited(let answer, _): return .replace(Answer(status: answer.status, headers: answer.headers, body: answer.body))
        case .throttle(let rate): return .deliver(.throttled(bytesPerSecond: rate))
        case .connection(.reset): return .deliver(.reset)
        case .connection(.close): return .deliver(.close)
        case .connection(.closeMidBody): return .deliver(.closeMidBody)
        case .connection(.stall): return .deliver(.stall)
        case .connection(.malformedChunk): return .deliver(.malformedChunk)
        case .stale: return .earlierAnswer
        case .conflict: return .compete
        case .expireToken:
            expired.expire(call.request, by: injection.rule)
            return phase == .beforeHandler ? .replace(ExpiredTokens.refusal) : .none
        case .hold(let ticket):
            if await ticket.waitForNext(atMost: FaultPlan.holdLimit) { return .held(ticket) }
            ticket.end()
            let error = WorkspaceError(.deadlineExceeded, Self.holdMessage(injection.rule))
            let requestID = call.requestID.isEmpty ? call.compartment.nextRequestID() : call.requestID
            return .replace(Simulator.error(error, requestID))
        case .follow(let ticket):
            await ticket.waitForEnd(atMost: FaultPlan.holdLimit)
            return .none
        }
    }

    static func holdMessage(_ rule: String) -> String {
        "The fault rule '\(rule)' held this request for \(DurationText.text(FaultPlan.holdLimit)), and no other one came."
    }

    /// The refusal of a request whose token has expired by a rule, and the rule's name.
    func expiry(of request: ServedRequest) -> (answer: Answer, rule: String)? {
        expired.rule(for: request).map { (ExpiredTokens.refusal, $0) }
    }

    // MARK: Control calls

    /// The scenarios in force with the seeds that their rules draw from.
    var activeScenarios: [(scenario: Scenario, seed: UInt64)] { plan.scenarios.map { ($0, plan.seed(of: $0)) } }

    var reports: [FaultReport] { plan.reports }

    func listing() -> JSONValue {
        .array(
            plan.reports.map { report in
                var object = JSONObject([("name", .string(report.name))])
                if let scenario = report.scenario { object["scenario"] = .string(scenario) }
                object["matched"] = .int(report.matched)
                object["fired"] = .int(report.fired)
                for member in report.rule.objectValue?.members ?? [] where object[member.name] == nil { object[member.name] = member.value }
                return .object(object)
            })
    }

    /// Adds the rules of a request's body, all or none; their names.
    func add(_ body: [UInt8]) throws(WorkspaceError) -> [String] {
        let drafts: [FaultRuleDraft]
        do {
            drafts = try FaultRuleDraft.list(parsing: body)
        } catch {
            throw .invalid(error.description)
        }
        try refuseImpossible(drafts.map(\.preview), file: "fault")
        do {
            return try plan.add(drafts, now: now)
        } catch {
            throw WorkspaceError(.resourceConflict, error.description)
        }
    }

    func remove(_ name: String) throws(WorkspaceError) {
        guard plan.remove(name) else { throw WorkspaceError(.resourceDoesNotExist, "There is no fault rule named '\(name)'.") }
    }

    func removeAll() { plan.removeAll() }

    /// The scenario's name, and what is worth knowing about it.
    func addScenario(_ body: [UInt8]) throws(WorkspaceError) -> (name: String, warnings: [String]) {
        let scenario: Scenario
        do {
            scenario = try Scenario(parsing: body, file: "scenario")
        } catch {
            throw .invalid(error.description)
        }
        try refuseImpossible(scenario.faults, file: scenario.file)
        do {
            try plan.load(scenario, now: now)
        } catch {
            throw WorkspaceError(.resourceConflict, error.description)
        }
        return (scenario.name, ScenarioWarnings.of(scenario))
    }

    func removeScenario(_ name: String) throws(WorkspaceError) {
        guard plan.unload(scenario: name) else { throw WorkspaceError(.resourceDoesNotExist, "There is no scenario named '\(name)'.") }
    }

    func reset() {
        plan.reset(now: now)
        expired.clear()
    }

    private func refuseImpossible(_ rules: [FaultRule], file: String) throws(WorkspaceError) {
        do {
            try FaultRefusal.check(rules, file: file, mode)
        } catch {
            throw .invalid(error.description)
        }
    }
}

package import Faults
import HTTPTypes
import JSON
package import Workspace

/// The faults in force, and their carrying out on requests. Deciding is the plan's; what a decision does to an answer is said here.
package final class FaultControl: Sendable {
    private let plan: FaultPlan
    private let clock: any WorkspaceClock

    /// `seed` wins over the scenarios' own; `defaultSeed` is for those without one.
    package init(scenarios: [Scenario], seed: UInt64?, defaultSeed: UInt64, clock: any WorkspaceClock) throws {
        for scenario in scenarios { try Self.checkCanDo(scenario.faults) }
        self.clock = clock
        plan = try FaultPlan(scenarios: scenarios, seed: seed, defaultSeed: defaultSeed, now: .microseconds(clock.nowMicros))
    }

    private var now: Duration { .microseconds(clock.nowMicros) }

    // MARK: On a request

    func decide(_ call: AdmittedCall, _ phase: FaultEvent.Phase) -> Injection? {
        plan.decide(
            FaultEvent(
                phase: phase, operation: call.match.operationID, method: call.request.method.rawValue, path: call.request.path,
                principal: call.caller.name, headers: call.request.headers, query: call.request.query, body: call.request.body),
            now: now)
    }

    /// What an injection sends instead of the handler's answer, or does to it.
    enum Effect {
        case none
        case replace(Answer)
        case deliver(Answer.Delivery)
    }

    /// Waits out the injection's delay, in real time, and says what follows.
    func carryOut(_ injection: Injection) async -> Effect {
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
        // Rules with these are refused when they are loaded.
        case .stale, .expireToken, .hold, .conflict: return .none
        }
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
        try refuseImpossible(drafts.map(\.preview))
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

    func addScenario(_ body: [UInt8]) throws(WorkspaceError) -> String {
        let scenario: Scenario
        do {
            scenario = try Scenario(parsing: body, file: "scenario")
        } catch {
            throw .invalid(error.description)
        }
        try refuseImpossible(scenario.faults)
        do {
            try plan.load(scenario, now: now)
        } catch {
            throw WorkspaceError(.resourceConflict, error.description)
        }
        return scenario.name
    }

    func removeScenario(_ name: String) throws(WorkspaceError) {
        guard plan.unload(scenario: name) else { throw WorkspaceError(.resourceDoesNotExist, "There is no scenario named '\(name)'.") }
    }

    func reset() { plan.reset(now: now) }

    // MARK: What can not be done yet

    /// A rule that would be loaded and never act is worse than a refusal.
    package struct CannotDo: Error, CustomStringConvertible {
        package let description: String
    }

    private static func checkCanDo(_ rules: [FaultRule]) throws(CannotDo) {
        for rule in rules {
            let kind: String
            switch rule.effect {
            case .stale: kind = "stale"
            case .expireToken: kind = "expire_token"
            case .hold: kind = "hold"
            case .conflict: kind = "conflict"
            default:
                guard rule.match.point == nil else {
                    throw CannotDo(description: "the rule '\(rule.name)' names a point; points are not available yet")
                }
                continue
            }
            throw CannotDo(description: "the rule '\(rule.name)' injects \(kind), which is not available yet")
        }
    }

    private func refuseImpossible(_ rules: [FaultRule]) throws(WorkspaceError) {
        do {
            try Self.checkCanDo(rules)
        } catch {
            throw WorkspaceError(.notImplemented, error.description)
        }
    }
}

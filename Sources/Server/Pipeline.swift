import API
import Cassettes
import Faults
import HTTPTypes
package import Workspace

/// The path of every request, in order: admission, fault before the handler, backend, fault after it, headers, journal.
package final class Pipeline: Sendable {
    package let backend: any Backend
    package let faults: FaultControl
    package let journal = Journal()
    package let metrics = Metrics()
    private let control: ControlAPI
    private let index: OperationIndex
    /// Real microseconds, for durations.
    private let stopwatch = ContinuousClock()
    private let clock: any WorkspaceClock
    private let ids: IDGenerator
    private let orgID: String

    package init(backend: any Backend, faults: FaultControl, clock: any WorkspaceClock, adminToken: String, seed: UInt64, orgID: Int) {
        self.backend = backend
        self.faults = faults
        self.clock = clock
        index = OperationIndex(simulated: APIGroups.all, known: KnownOperations.all)
        control = ControlAPI(adminToken: adminToken, clock: clock)
        // A generator of its own: requests that fail or only look must not change the ids of what is made.
        ids = IDGenerator(seed: SeededGenerator.hash("requests", seed: seed), clock: clock)
        self.orgID = String(orgID)
    }

    package func respond(to request: ServedRequest) async -> Answer {
        if Self.isControl(request.path) { return await control.answer(request, in: self) }
        let begun = stopwatch.now
        let requestID = nextRequestID()
        let match = index.match(request.method, request.path)
        let admission = backend.admit(request, match)

        var outcome = Outcome()
        switch admission {
        case .refused(let answer): outcome.answer = answer
        case .admitted(let caller):
            outcome.caller = caller.name
            let call = AdmittedCall(request: request, match: match, caller: caller, requestID: requestID)
            outcome = await run(call)
        }
        addHeaders(to: &outcome.answer, requestID)
        record(request, match, outcome, begun)
        return outcome.answer
    }

    /// Rewritten links lie under the same prefix as the control API, and are traffic.
    private static func isControl(_ path: String) -> Bool {
        path == "/metrics" || path.hasPrefix("/_dbxsim/") && !path.hasPrefix(LinkRewriter.prefix)
    }

    private struct Outcome {
        var answer = Answer(status: 500)
        var caller: String?
        var fault: String?
        var note: String?
    }

    private func run(_ call: AdmittedCall) async -> Outcome {
        var outcome = Outcome(caller: call.caller.name)
        var delivery = Answer.Delivery.whole
        if let injection = faults.decide(call, .beforeHandler) {
            outcome.fault = injection.rule
            switch await faults.carryOut(injection) {
            case .none: break
            case .replace(let answer):
                outcome.answer = answer
                return outcome
            // Half an answer needs a whole one first; the others stand in for the handler.
            case .deliver(let broken) where broken.needsAnswer: delivery = broken
            case .deliver(let broken):
                outcome.answer.delivery = broken
                return outcome
            }
        }
        (outcome.answer, outcome.note) = await backend.answer(call)
        outcome.answer.delivery = delivery
        if let injection = faults.decide(call, .afterHandler) {
            outcome.fault = injection.rule
            switch await faults.carryOut(injection) {
            case .none: break
            case .replace(let answer): outcome.answer = answer
            case .deliver(let broken): outcome.answer.delivery = broken
            }
        }
        return outcome
    }

    /// The answer to a body over the listener's limit.
    func tooLarge(limit: Int) -> Answer {
        let requestID = nextRequestID()
        var answer = Simulator.error(
            WorkspaceError(.malformedRequest, "The request body is larger than the limit of \(limit) bytes.", status: 413), requestID)
        addHeaders(to: &answer, requestID)
        return answer
    }

    private func addHeaders(to answer: inout Answer, _ requestID: String) {
        guard backend.mode == "serve" else { return }
        answer.headers[.server] = "databricks"
        answer.headers[.requestID] = requestID
        // The gateway's refusals have neither (recorded answers of the real service).
        if answer.status == 401 || answer.status == 403, answer.headers[.reasonPhrase] != nil { return }
        answer.headers[.orgID] = orgID
        answer.headers[.contentTypeOptions] = "nosniff"
        answer.headers[.hsts] = "max-age=31536000; includeSubDomains; preload"
        if answer.body.count > 2, answer.headers[.vary] == nil { answer.headers[.vary] = "Accept-Encoding" }
    }

    private func record(_ request: ServedRequest, _ match: OperationIndex.Match, _ outcome: Outcome, _ begun: ContinuousClock.Instant) {
        let elapsed = (stopwatch.now - begun).components
        let micros = elapsed.seconds &* 1_000_000 &+ elapsed.attoseconds / 1_000_000_000_000
        let operation = match.operationID
        metrics.count(operation: operation, status: outcome.answer.visibleStatus, micros: micros, fault: outcome.fault)
        journal.append(
            JournalEntry(
                at: clock.nowMicros, operation: operation, method: request.method.rawValue, path: request.path, query: request.query,
                status: outcome.answer.visibleStatus, durationMicros: micros, fault: outcome.fault, principal: outcome.caller,
                note: outcome.note, request: .init(headers: request.headers, body: request.body),
                response: .init(headers: outcome.answer.headers, body: outcome.answer.body)))
    }

    private func nextRequestID() -> String { ids.uuid() }
}

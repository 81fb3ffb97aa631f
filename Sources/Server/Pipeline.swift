import API
import Cassettes
import Faults
import HTTPTypes
import JSON
import Workspace

/// The path of every request, in order: admission, fault before the handler, backend, fault after it, headers, journal.
package final class Pipeline: Sendable {
    package let backend: any Backend
    package let compartments: Compartments
    package let metrics = Metrics()
    private let control: ControlAPI
    private let hasObjectStore: Bool
    private let index: OperationIndex
    /// The real service's answers have ids; recorded ones have their own headers.
    private let sendsRequestIDs: Bool
    /// Real microseconds, for durations.
    private let stopwatch = ContinuousClock()

    package init(backend: any Backend, compartments: Compartments, adminToken: String) {
        self.backend = backend
        self.compartments = compartments
        sendsRequestIDs = backend.mode == "serve"
        index = OperationIndex(simulated: APIGroups.all, known: KnownOperations.all)
        control = ControlAPI(adminToken: adminToken)
        hasObjectStore = backend.mode == "serve"
    }

    /// What has become of a request without waiting for anything.
    enum Beginning: Sendable {
        case answered(Answer)
        case open(OpenExchange)
    }

    /// A request that is still to be answered: `finish` does.
    struct OpenExchange: Sendable {
        fileprivate enum Work: Sendable {
            case control
            case call(AdmittedCall, Opening)
        }

        fileprivate let request: ServedRequest
        fileprivate let work: Work

        /// What may compute for long, or reads a body while it comes, is no work for an event loop, on which other connections wait.
        var isLight: Bool {
            if case .control = work { return false }
            return request.rest == nil && request.body.count <= 64 << 10
        }
    }

    /// What is known of an exchange from its beginning.
    fileprivate struct Opening: Sendable {
        let compartment: Compartment
        /// By the workspace's clock, in microseconds, and in the order of the journal.
        let arrived: Int64
        let after: Int
        let begun: ContinuousClock.Instant
    }

    package func respond(to request: ServedRequest) async -> Answer {
        switch begin(request) {
        case .answered(let answer): answer
        case .open(let exchange): await finish(exchange)
        }
    }

    /// Admission, and all the rest if nothing has to be waited for.
    func begin(_ request: ServedRequest) -> Beginning {
        if Self.isControl(request.path) { return .open(OpenExchange(request: request, work: .control)) }
        let begun = stopwatch.now
        let match = match(request)
        let admission = backend.admit(request, match)
        let compartment = admission.compartment ?? compartments.main
        let opening = Opening(compartment: compartment, arrived: compartment.clock.nowMicros, after: compartment.journal.mark, begun: begun)
        let requestID = sendsRequestIDs ? compartment.nextRequestID() : ""
        let caller: Caller
        switch admission {
        case .refused(let answer, _): return .answered(close(request, match, Outcome(answer: answer), opening, requestID))
        case .admitted(let admitted): caller = admitted
        }
        if let (answer, rule) = compartment.faults.expiry(of: request) {
            let outcome = Outcome(answer: answer, note: "the token has expired by the fault rule '\(rule)'")
            return .answered(close(request, match, outcome, opening, requestID))
        }
        let call = AdmittedCall(request: request, match: match, caller: caller, compartment: compartment, requestID: requestID)
        if compartment.faults.plan.traits.isEmpty, let (answer, note) = backend.answerAtOnce(call) {
            return .answered(close(request, match, Outcome(answer: answer, caller: caller.name, note: note, work: .asAnswered), opening, requestID))
        }
        return .open(OpenExchange(request: request, work: .call(call, opening)))
    }

    func finish(_ exchange: OpenExchange) async -> Answer {
        switch exchange.work {
        case .control: await control.answer(exchange.request, in: self)
        case .call(let call, let opening): close(call.request, call.match, await run(call), opening, call.requestID)
        }
    }

    /// Headers and journal; the answer as it is sent.
    private func close(
        _ request: ServedRequest, _ match: OperationIndex.Match, _ outcome: consuming Outcome, _ opening: Opening, _ requestID: String
    ) -> Answer {
        addHeaders(to: &outcome.answer, opening.compartment, requestID)
        // A streamed answer is over when its body is.
        if let stream = outcome.answer.stream {
            outcome.answer.stream = stream.observed(keeping: Journal.keptBodyBytes) { [self, outcome] beginning in
                var outcome = outcome
                outcome.answer.stream = nil
                outcome.answer.body = beginning
                record(request, match, outcome, opening)
            }
        } else {
            record(request, match, outcome, opening)
        }
        return outcome.answer
    }

    private func match(_ request: ServedRequest) -> OperationIndex.Match {
        if hasObjectStore,
            ObjectStoreAPI.isMeant(
                authorization: request.authorization, path: request.path, query: request.query, request.headers)
        {
            return .simulated(ObjectStoreAPI.match(request.method, request.path, query: request.query, request.headers), .none)
        }
        return index.match(request.method, request.path, body: request.body)
    }

    /// Whether a large body of this request is handed on while it comes, rather than refused.
    func streamsBody(_ request: ServedRequest) -> Bool {
        if backend.streams { return true }
        guard case .simulated(let operation, _) = match(request) else { return false }
        return operation.streamsBody
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
        var work = JournalEntry.Work.none
    }

    private func run(_ call: AdmittedCall) async -> Outcome {
        let traits = call.compartment.faults.plan.traits
        guard traits.isEmpty else { return await runWithFaults(call, traits) }
        let (answer, note) = await backend.answer(call)
        return Outcome(answer: answer, caller: call.caller.name, note: note, work: .asAnswered)
    }

    private func runWithFaults(_ call: AdmittedCall, _ traits: FaultPlan.Traits) async -> Outcome {
        var call = call
        let faults = call.compartment.faults
        var outcome = Outcome(caller: call.caller.name)
        var delivery = Answer.Delivery.whole
        var ticket: HoldTicket?
        defer { ticket?.end() }
        var prospects = FaultControl.Prospects()
        var earlier: EarlierAnswer?
        if traits.contains(.stale) {
            call.keepsEarlierState = true
            if call.request.method == .get { earlier = await backend.earlierAnswer(call) }
            prospects.lastWrite = earlier?.write
        }
        if traits.contains(.expireToken) { prospects.canExpire = canExpire(call) }
        if traits.contains(.conflict) { prospects.canCompete = backend.canCompete(call) }
        var isAnswered = false
        if let injection = faults.decide(call, .beforeHandler, prospects) {
            outcome.fault = injection.rule
            switch await faults.carryOut(injection, call, .beforeHandler) {
            case .none: break
            case .replace(let answer):
                outcome.answer = answer
                return outcome
            // Half an answer needs a whole one first; the others stand in for the handler.
            case .deliver(let broken) where broken.needsAnswer: delivery = broken
            case .deliver(let broken):
                outcome.answer.delivery = broken
                return outcome
            case .earlierAnswer:
                if let earlier {
                    outcome.answer = earlier.answer
                    isAnswered = true
                }
            case .compete: _ = await backend.answer(call)
            case .held(let held): ticket = held
            }
        }
        if !isAnswered {
            let points = traits.contains(.points) ? FaultPointRun(faults, call) : nil
            call.hooks = points?.hooks
            (outcome.answer, outcome.note) = await backend.answer(call)
            if let rule = points?.lastFired { outcome.fault = rule }
        }
        let done = outcome.answer
        func hidden() -> JournalEntry.Work {
            .hidden(succeeded: Evidence.isSuccess(done.status, call.match.operationID, done.body))
        }
        outcome.work = delivery.isBroken ? hidden() : .asAnswered
        outcome.answer.delivery = delivery
        prospects.canCompete = false
        prospects.lastWrite = nil
        if let injection = faults.decide(call, .afterHandler, prospects) {
            outcome.fault = injection.rule
            switch await faults.carryOut(injection, call, .afterHandler) {
            case .none, .earlierAnswer, .compete: break
            case .replace(let answer):
                outcome.answer = answer
                outcome.work = hidden()
            case .deliver(let broken):
                outcome.answer.delivery = broken
                if broken.isBroken { outcome.work = hidden() }
            case .held(let held): held.end()
            }
        }
        return outcome
    }

    /// Whether the request has a token that no control call needs.
    private func canExpire(_ call: AdmittedCall) -> Bool {
        guard let token = AuthorizationHeader.token(call.request.authorization).map({ Workspaces.TokenHash($0) }) else { return false }
        return token != control.adminToken && backend.isolation?.compartment(administeredBy: token) == nil
    }

    /// The answer to a body over the listener's limit.
    func tooLarge(limit: Int) -> Answer {
        let main = compartments.main
        let requestID = main.nextRequestID()
        var answer = Simulator.error(
            WorkspaceError(.malformedRequest, "The request body is larger than the limit of \(limit) bytes.", status: 413), requestID)
        addHeaders(to: &answer, main, requestID)
        return answer
    }

    private func addHeaders(to answer: inout Answer, _ compartment: Compartment, _ requestID: String) {
        guard sendsRequestIDs else { return }
        answer.headers[.server] = "databricks"
        answer.headers[.requestID] = requestID
        // The gateway's refusals have neither (recorded answers of the real service).
        if answer.status == 401 || answer.status == 403, answer.headers[.reasonPhrase] != nil { return }
        answer.headers[.orgID] = String(compartment.id)
        answer.headers[.contentTypeOptions] = "nosniff"
        answer.headers[.hsts] = "max-age=31536000; includeSubDomains; preload"
        if answer.body.count > 2, answer.headers[.vary] == nil { answer.headers[.vary] = "Accept-Encoding" }
    }

    /// The `error_code` of an error's JSON object, else its status.
    private static func errorType(_ answer: Answer, _ status: Int) -> String? {
        guard status >= 400 else { return nil }
        let code = answer.body.count <= 65_536 ? (try? JSONValue(parsing: answer.body))?["error_code"]?.stringValue : nil
        return code.map { String($0.prefix(64)) } ?? "HTTP_\(status)"
    }

    private func record(_ request: ServedRequest, _ match: OperationIndex.Match, _ outcome: Outcome, _ opening: Opening) {
        let elapsed = (stopwatch.now - opening.begun).components
        let micros = elapsed.seconds &* 1_000_000 &+ elapsed.attoseconds / 1_000_000_000_000
        let operation = match.operationID
        let status = outcome.answer.visibleStatus
        metrics.count(operation: operation, status: status, micros: micros, fault: outcome.fault, error: Self.errorType(outcome.answer, status))
        var entry = JournalEntry(
            at: opening.arrived, completedAt: opening.compartment.clock.nowMicros, operation: operation, method: request.method.rawValue,
            path: request.path, query: request.query, status: status, durationMicros: micros,
            fault: outcome.fault, principal: outcome.caller, note: outcome.note,
            request: .init(headers: request.headers, body: request.body),
            response: .init(headers: outcome.answer.headers, body: outcome.answer.body))
        entry.after = opening.after
        entry.isBroken = outcome.answer.delivery.isBroken
        entry.work = outcome.work
        opening.compartment.journal.append(entry)
    }
}

import Dispatch
import Faults
import Synchronization
import Warehouse

/// The points that the statements of one request pass, and what the rules do there. Runs on workers' threads, which it blocks.
final class FaultPointRun: Sendable {
    private struct State {
        var fired: [String] = []
        var tickets: [HoldTicket] = []
        /// Points passed: a second time is a second attempt, which is left to succeed.
        var passed: Set<String> = []
    }

    private let faults: FaultControl
    private let call: AdmittedCall
    private let state = Mutex(State())

    init(_ faults: FaultControl, _ call: AdmittedCall) {
        self.faults = faults
        self.call = call
    }

    /// The last rule that fired at a point.
    var lastFired: String? { state.withLock { $0.fired.last } }

    var hooks: StatementHooks {
        StatementHooks(
            at: { [self] site in try pass(site) },
            ended: { [self] in
                for ticket in state.withLock({ $0.tickets }) { ticket.end() }
            })
    }

    private func pass(_ site: StatementSite) throws {
        var event = FaultControl.event(call, .point(site.point.rawValue))
        event.table = site.table
        if state.withLock({ $0.passed.insert("\(site.point) \(site.table ?? "")").inserted }) {
            event.abilities = site.compete == nil ? .hold : [.hold, .compete]
        }
        guard let injection = faults.plan.decide(event, now: faults.now) else { return }
        state.withLock { $0.fired.append(injection.rule) }
        if let delay = injection.delay {
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .microseconds(Int(delay.wholeMicroseconds)))
        }
        switch injection.kind {
        case .answer(let answer):
            throw StatementFailure(code: answer.errorCode, message: answer.message)
        case .hold(let ticket):
            state.withLock { $0.tickets.append(ticket) }
            guard ticket.waitForNext(atMost: FaultPlan.holdLimit) else {
                throw StatementFailure(code: "DEADLINE_EXCEEDED", message: FaultControl.holdMessage(injection.rule))
            }
        case .follow(let ticket): ticket.waitForEnd(atMost: FaultPlan.holdLimit)
        case .conflict:
            do {
                try site.compete?()
            } catch {
                throw StatementFailure(
                    code: "INTERNAL_ERROR", message: "The competing change of the fault rule '\(injection.rule)' could not be committed.")
            }
        // The others are refused at points when they are read.
        case .proceed, .rateLimited, .connection, .throttle, .stale, .expireToken: break
        }
    }
}

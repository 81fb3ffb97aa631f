package import API
package import Warehouse
package import Workspace

/// Who answers requests: the simulator, a cassette, or the real service behind the recorder. What the three have in common
/// (faults, journal, control calls) is the pipeline's.
package protocol Backend: Sendable {
    /// The mode's name in `GET /_dbxsim/health`.
    var mode: String { get }

    /// Whether large request bodies are handed on while they come, and hang-ups are told.
    var streams: Bool { get }

    /// Whether its answers need so little computation that what they wait for had better come straight back to the event loop.
    var staysOnLoop: Bool { get }

    /// Who is calling; an answer instead if the call is refused before anything is done.
    func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission

    /// The answer to an admitted call on which no fault lies, if nothing has to be waited for; nil leaves it to `answer`. On the connection's thread.
    func answerAtOnce(_ call: AdmittedCall) -> (answer: Answer, note: String?)?

    /// Answers an admitted call. `note` tells the journal what is worth telling.
    func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?)

    /// The answer to a read as it was before the last write that changed it; nil if no write did, or none that is remembered.
    func earlierAnswer(_ call: AdmittedCall) async -> EarlierAnswer?

    /// Whether another client's same request could get in between.
    func canCompete(_ call: AdmittedCall) -> Bool

    /// A virtual clock was moved.
    func clockMoved(_ compartment: Compartment) async

    /// Back to the state at the start.
    func reset() throws(WorkspaceError)

    /// The isolated workspaces beside the main one; nil if the backend has none.
    var isolation: (any Isolation)? { get }
}

extension Backend {
    package var isolation: (any Isolation)? { nil }
}

extension Backend {
    package func clockMoved(_ compartment: Compartment) async {}
    package var streams: Bool { false }
    package var staysOnLoop: Bool { false }
    package func answerAtOnce(_ call: AdmittedCall) -> (answer: Answer, note: String?)? { nil }
    package func earlierAnswer(_ call: AdmittedCall) async -> EarlierAnswer? { nil }
    package func canCompete(_ call: AdmittedCall) -> Bool { false }
}

package struct EarlierAnswer: Sendable {
    package let answer: Answer
    /// The number of the write that it does not see.
    package let write: UInt64
}

package enum Admission: Sendable {
    case admitted(Caller)
    /// The compartment is that which the credential once chose, for the journal.
    case refused(Answer, in: Compartment? = nil)

    /// nil: the main one.
    var compartment: Compartment? {
        switch self {
        case .admitted(let caller): caller.compartment
        case .refused(_, let compartment): compartment
        }
    }
}

/// Whose call it is, as far as the backend needs to know.
package struct Caller: Sendable {
    package var name: String?
    package var tenant: Tenant?
    package var principal: Principal?
    /// nil: the main one.
    package var compartment: Compartment?

    package init(name: String? = nil, tenant: Tenant? = nil, principal: Principal? = nil, compartment: Compartment? = nil) {
        self.name = name
        self.tenant = tenant
        self.principal = principal
        self.compartment = compartment
    }
}

package struct AdmittedCall: Sendable {
    package let request: ServedRequest
    package let match: OperationIndex.Match
    package let caller: Caller
    /// Whose faults and journal the call belongs to.
    package let compartment: Compartment
    package let requestID: String
    /// For the statements that the call runs.
    package var hooks: StatementHooks?
    /// Writes leave the state before them behind, for stale reads.
    package var keepsEarlierState = false
}

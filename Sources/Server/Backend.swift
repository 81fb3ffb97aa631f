package import API
package import Workspace

/// Who answers requests: the simulator, a cassette, or the real service behind the recorder. What the three have in common
/// (faults, journal, control calls) is the pipeline's.
package protocol Backend: Sendable {
    /// The mode's name in `GET /_dbxsim/health`.
    var mode: String { get }

    /// Who is calling; an answer instead if the call is refused before anything is done.
    func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission

    /// Answers an admitted call. `note` tells the journal what is worth telling.
    func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?)

    /// Back to the state at the start.
    func reset() throws(WorkspaceError)
}

package enum Admission: Sendable {
    case admitted(Caller)
    case refused(Answer)
}

/// Whose call it is, as far as the backend needs to know.
package struct Caller: Sendable {
    package var name: String?
    package var tenant: Tenant?
    package var principal: Principal?

    package init(name: String? = nil, tenant: Tenant? = nil, principal: Principal? = nil) {
        self.name = name
        self.tenant = tenant
        self.principal = principal
    }
}

package struct AdmittedCall: Sendable {
    package let request: ServedRequest
    package let match: OperationIndex.Match
    package let caller: Caller
    package let requestID: String
}

extension OperationIndex.Match {
    /// The operation's id, simulated or not.
    package var operationID: String? {
        switch self {
        case .simulated(let operation, _): operation.id
        case .known(let operation): operation.id
        case .unknown: nil
        }
    }
}

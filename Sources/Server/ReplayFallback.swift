package import Cassettes
package import Workspace

/// Who answers a replaying client's requests that are not in the cassette.
package protocol ReplayFallback: Sendable {
    /// For the journal: `the simulator`.
    var name: String { get }

    /// `link`: what the request's path stands for, if it is a link that was rewritten.
    func answer(_ call: AdmittedCall, _ link: LinkRewriter.Target?) async -> Answer

    func reset() throws(WorkspaceError)
}

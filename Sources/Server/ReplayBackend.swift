package import API
package import Cassettes
import HTTPTypes
import JSON
package import Workspace

/// Answers from cassettes. Any bearer token is taken: who recorded was let in, and secrets are not in a cassette. Each token has its own
/// positions in the recording.
package final class ReplayBackend: Backend {
    package let mode = "replay"
    package let misses = MissLog()
    private let index: ReplayIndex
    private let waitsAsRecorded: Bool
    private let fallback: (any ReplayFallback)?
    private let workspaces: ReplayWorkspaces?

    /// `waitsAsRecorded`: answers take as long as they took when they were recorded. `fallback`: who answers what is not recorded. With `compartments`
    /// there can be further workspaces; `warehouseID` is what they are told.
    package init(
        _ cassettes: [Cassette], polls: ReplayIndex.Polls, waitsAsRecorded: Bool, fallback: (any ReplayFallback)? = nil,
        compartments: Compartments? = nil, warehouseID: String? = nil
    ) {
        let index = ReplayIndex(cassettes, polls: polls)
        self.waitsAsRecorded = waitsAsRecorded
        self.index = index
        self.fallback = fallback
        workspaces = compartments.map { ReplayWorkspaces($0, index, warehouseID: warehouseID) }
    }

    package func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission {
        .admitted(Caller(compartment: workspaces?.compartment(authorization: request.authorization)))
    }

    package var isolation: (any Isolation)? { workspaces }

    package func answerAtOnce(_ call: AdmittedCall) -> (answer: Answer, note: String?)? {
        if waitsAsRecorded || fallback != nil { return nil }
        switch next(call.request, LinkRewriter.target(ofPath: call.request.path)) {
        case .hit(let recorded): return (Self.answer(recorded, call.request), recorded.place)
        case .miss(let miss): return refusal(miss, call.request)
        }
    }

    package func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?) {
        let link = LinkRewriter.target(ofPath: call.request.path)
        switch next(call.request, link) {
        case .hit(let recorded):
            if waitsAsRecorded, let wait = recorded.milliseconds { try? await Task.sleep(for: .milliseconds(wait)) }
            return (Self.answer(recorded, call.request), recorded.place)
        case .miss(let miss):
            if let fallback { return (await fallback.answer(call, link), "not recorded; answered by \(fallback.name)") }
            return refusal(miss, call.request)
        }
    }

    private func next(_ request: ServedRequest, _ link: LinkRewriter.Target?) -> ReplayIndex.Answer {
        let asked = ReplayRequest(
            method: request.method.rawValue, host: link?.host, path: link?.path ?? request.path, query: request.query, body: request.body)
        return index.next(asked, for: index.client(authorization: request.authorization))
    }

    private static func answer(_ recorded: ReplayIndex.Replayed, _ request: ServedRequest) -> Answer {
        Answer(status: recorded.status, headers: recorded.headers(base: request.baseURL), body: recorded.body(base: request.baseURL))
    }

    private func refusal(_ miss: NearestMiss, _ request: ServedRequest) -> (answer: Answer, note: String?) {
        if !Self.isOptional(request) { misses.add(miss) }
        var answer = Answer(status: 404, body: miss.body.encoded())
        answer.headers[.contentType] = "application/json"
        return (answer, miss.message)
    }

    /// Newer SDKs look for the host's metadata first and go on without; older recordings do not have it.
    private static func isOptional(_ request: ServedRequest) -> Bool { request.path == "/.well-known/databricks-config" }

    package func reset() throws(WorkspaceError) {
        misses.clear()
        if let workspaces { try workspaces.resetMain() } else { index.reset() }
        try fallback?.reset()
    }
}

package import API
package import Cassettes
import HTTPTypes
import JSON
import Synchronization
package import Workspace

/// Answers from cassettes alone. Any bearer token is taken: who recorded was let in, and secrets are not in a cassette.
package final class ReplayBackend: Backend {
    package let mode = "replay"
    private let index: ReplayIndex
    private let waitsAsRecorded: Bool
    private let missCount = Atomic<Int>(0)

    /// `waitsAsRecorded`: answers take as long as they took when they were recorded.
    package init(_ cassettes: [Cassette], polls: ReplayIndex.Polls, waitsAsRecorded: Bool) {
        index = ReplayIndex(cassettes, polls: polls)
        self.waitsAsRecorded = waitsAsRecorded
    }

    /// Requests that had no recorded answer.
    package var misses: Int { missCount.load(ordering: .relaxed) }

    package func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission { .admitted(Caller()) }

    package func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?) {
        let request = call.request
        let link = LinkRewriter.target(ofPath: request.path)
        let asked = ReplayRequest(
            method: request.method.rawValue, host: link?.host, path: link?.path ?? request.path, query: request.query, body: request.body)
        switch index.next(asked) {
        case .hit(let recorded):
            if waitsAsRecorded, let wait = recorded.milliseconds { try? await Task.sleep(for: .milliseconds(wait)) }
            let hosts = index.linkedHosts
            let rewriter = LinkRewriter(base: request.baseURL, service: "REDACTED") { hosts.contains($0) }
            let body = rewriter.rewrite(recorded.body) ?? Array(recorded.body)
            return (Answer(status: recorded.status, headers: recorded.headers, body: body), "replayed from \(recorded.place)")
        case .miss(let miss):
            missCount.add(1, ordering: .relaxed)
            var answer = Answer(status: 404, body: miss.body.encoded())
            answer.headers[.contentType] = "application/json"
            return (answer, miss.message)
        }
    }

    package func reset() throws(WorkspaceError) {
        index.reset()
        missCount.store(0, ordering: .relaxed)
    }
}

package import Cassettes
package import Upstream
package import Workspace

/// The real service, reached as by the recorder, but not recorded. The client's own credentials go through.
package struct UpstreamFallback: ReplayFallback {
    private let upstream: Upstream

    package init(_ upstream: Upstream) { self.upstream = upstream }

    package var name: String { upstream.base.description }

    package func answer(_ call: AdmittedCall, _ link: LinkRewriter.Target?) async -> Answer {
        await Forwarding.answer(call.request, link, upstream)
    }

    package func reset() throws(WorkspaceError) {}
}

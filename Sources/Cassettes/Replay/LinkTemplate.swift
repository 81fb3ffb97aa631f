/// A body or a header's value that holds links to be rewritten, cut where the server's own base goes. Made once, filled for each answer.
struct LinkTemplate: Sendable {
    /// A byte that no text with links holds.
    private static let mark: UInt8 = 0x01

    private let parts: [ArraySlice<UInt8>]

    /// Nil if nothing is to be rewritten. `hosts`: those that were recorded besides the service.
    init?(_ bytes: ArraySlice<UInt8>, hosts: Set<String>) {
        let rewriter = LinkRewriter(base: String(decoding: [Self.mark], as: UTF8.self), service: "REDACTED") { hosts.contains($0) }
        guard let rewritten = rewriter.rewrite(bytes) else { return nil }
        parts = rewritten.split(separator: Self.mark, omittingEmptySubsequences: false)
    }

    /// `base`: scheme and host by which the client reached this server.
    func filled(_ base: String) -> [UInt8] { Array(parts.joined(separator: base.utf8)) }
}

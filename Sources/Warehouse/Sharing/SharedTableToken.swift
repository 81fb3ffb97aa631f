import Workspace

/// What a token of a query stands for: a version of the table and a place in its files. A token fits one recipient, table and query, for an hour.
struct SharedTableToken {
    private static let lifetimeMillis: Int64 = 3_600_000

    let version: Int
    let offset: Int
    private let expires: Int64

    init(version: Int, offset: Int = 0, now: Int64) {
        self.version = version
        self.offset = offset
        expires = now &+ Self.lifetimeMillis
    }

    /// Throws `INVALID_PARAMETER_VALUE` for a token that was not made for this, or has ended.
    init(_ text: String, for purpose: String, _ workspace: Workspace) throws(WorkspaceError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count < 512, parts.count == 4, let version = Int(parts[0]), let offset = Int(parts[1]), let expires = Int64(parts[2]),
            version >= 0, offset >= 0, workspace.isLinkSignature(String(parts[3]), of: Self.signed(version, offset, expires, purpose))
        else { throw .invalid("The token is not valid for this query.") }
        guard expires > workspace.environment.nowMillis else { throw .invalid("The token has expired; please start the query anew.") }
        self.version = version
        self.offset = offset
        self.expires = expires
    }

    func text(for purpose: String, _ workspace: Workspace) -> String {
        "\(version).\(offset).\(expires)." + workspace.linkSignature(of: Self.signed(version, offset, expires, purpose))
    }

    private static func signed(_ version: Int, _ offset: Int, _ expires: Int64, _ purpose: String) -> String {
        "sharing \(version) \(offset) \(expires) \(purpose)"
    }
}

extension SharedTableReader {
    /// What a token for fresh links is for.
    private var refreshPurpose: String { "refresh \(link.text)" }

    /// What a token for a next page is for: the query as it was asked.
    private func pagePurpose(_ request: SharedTableRequest) -> String {
        let parts: [Any?] = [
            request.version, request.timestamp, request.startingVersion, request.endingVersion, request.startingTimestamp, request.endingTimestamp,
            request.limit, request.predicate, request.refreshToken,
        ]
        return "page \(link.text) " + parts.map { $0.map { "\($0)" } ?? "-" }.joined(separator: " ")
    }

    /// The version that a token of the request names, and the place in the files; nil without one.
    func token(_ request: SharedTableRequest) throws(WorkspaceError) -> SharedTableToken? {
        if let most = request.maxFiles, most <= 0 { throw .invalid("maxFiles must be positive: \(most).") }
        if let text = request.pageToken { return try SharedTableToken(text, for: pagePurpose(request), service.workspace) }
        guard let text = request.refreshToken else { return nil }
        guard request.version == nil, request.timestamp == nil, request.startingVersion == nil else {
            throw .invalid("A refreshToken takes no version, timestamp or startingVersion beside it.")
        }
        return try SharedTableToken(text, for: refreshPurpose, service.workspace)
    }

    func refreshToken(_ version: Int) -> String {
        SharedTableToken(version: version, now: service.workspace.environment.nowMillis).text(for: refreshPurpose, service.workspace)
    }

    /// One page of what is answered, and the token for the next; nil at the end.
    func page<Line>(_ all: [Line], _ request: SharedTableRequest, from token: SharedTableToken?, version: Int) -> (ArraySlice<Line>, next: String?) {
        // A token for fresh links begins at the start.
        let start = min(token?.offset ?? 0, all.count)
        guard let most = request.maxFiles, most < all.count - start else { return (all[start...], nil) }
        let next = SharedTableToken(version: version, offset: start + most, now: service.workspace.environment.nowMillis)
        return (all[start..<(start + most)], next.text(for: pagePurpose(request), service.workspace))
    }
}

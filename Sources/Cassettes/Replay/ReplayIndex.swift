package import HTTPTypes

/// Finds the recorded answer to a request. Built once and frozen; the only thing that moves is how far each client has come in each chain.
package final class ReplayIndex: Sendable {
    package enum Polls: String, Sendable, Hashable, CaseIterable {
        /// Consecutive identical answers to a GET count as one; `PollRules` says what may hold back the one after them.
        case collapsed
        case recorded
    }

    package enum Answer: Sendable {
        case hit(Replayed)
        case miss(NearestMiss)
    }

    /// An answer as it is given.
    package struct Replayed: Sendable {
        package let status: Int
        let storedHeaders: HTTPFields
        /// Before links are rewritten.
        package let storedBody: ArraySlice<UInt8>
        let bodyLinks: LinkTemplate?
        let headerLinks: [(position: Int, value: LinkTemplate)]
        package let operation: String?
        /// As recorded; nil if not known.
        package let milliseconds: Int?
        /// Where it stands: `cassettes/x/cassette.jsonl:7`.
        package let place: String

        /// `base`: scheme and host by which the client reached this server; links lead there.
        package func body(base: String) -> [UInt8] { bodyLinks?.filled(base) ?? Array(storedBody) }

        package func headers(base: String) -> HTTPFields {
            if headerLinks.isEmpty { return storedHeaders }
            var headers = storedHeaders
            for (position, value) in headerLinks { headers[position].value = String(decoding: value.filled(base), as: UTF8.self) }
            return headers
        }
    }

    struct Record: Sendable {
        let exchange: Exchange
        let cassette: Int
        let position: Int
        /// With placeholders made up, where there are any.
        let requestPath: String
        let requestQuery: String
        let requestBody: ArraySlice<UInt8>
        let answer: Replayed
    }

    /// Requests to one target with one query.
    struct QueryGroup: Sendable {
        /// Numbers of chains, bodies apart; one if all recorded bodies are the same bytes, and then it is not hashed.
        enum Bodies: Sendable {
            case single(Int)
            case several([CanonicalRequest.Body: Int], order: [Int])
        }

        let query: String
        let bodies: Bodies

        var chains: [Int] {
            switch bodies {
            case .single(let chain): [chain]
            case .several(_, let order): order
            }
        }
    }

    struct TargetGroup: Sendable {
        let target: CanonicalRequest.Target
        let queries: [String: QueryGroup]
        /// Queries in the order of the recording.
        let order: [String]
    }

    /// Cassettes that are matched alike, as one recording.
    struct Part: Sendable {
        let header: CassetteHeader
        let targets: [CanonicalRequest.Target: Int]
        let groups: [TargetGroup]

        func canonicalQuery(_ query: String) -> String {
            var canonicalizer = Canonicalizer(header)
            return canonicalizer.query(query)
        }
    }

    let records: [Record]
    let cassettes: [Cassette]
    let parts: [Part]
    let chains: [ReplayChain]
    private let cursors = ReplayCursors()
    /// Tokens that the answers hold, as clients send them.
    private let issued: Set<String>

    /// Several cassettes follow each other; those with other match rules are asked when the ones before have no answer.
    package init(_ cassettes: [Cassette], polls: Polls = .collapsed) {
        var builder = ReplayIndexBuilder(cassettes, polls: polls)
        builder.build()
        self.cassettes = cassettes
        records = builder.records
        parts = builder.parts
        chains = builder.chains
        issued = builder.issued
    }

    /// Whose positions a request with this `Authorization` moves.
    package func client(authorization: String?) -> ReplayClient {
        if !issued.isEmpty, let authorization, issued.contains(authorization) { return .issued }
        return ReplayClient(authorization: authorization)
    }

    package func next(_ request: ReplayRequest, for client: ReplayClient = .anonymous) -> Answer {
        var exhausted: Int?
        for part in parts.indices {
            guard let chain = chain(for: request, inPart: part) else { continue }
            if let record = cursors.next(chains[chain], for: client) { return .hit(records[record].answer) }
            if exhausted == nil { exhausted = chain }
        }
        return .miss(NearestMiss(request, in: self, exhausted: exhausted.map { chains[$0] }))
    }

    /// Nothing large is taken out of the arrays on this path: all requests share them, and each copy would count references.
    private func chain(for request: ReplayRequest, inPart part: Int) -> Int? {
        let target = Canonicalizer.target(request.method, request.host, request.path, parts[part].header.match)
        guard let index = parts[part].targets[target] else { return nil }
        let query = request.query.isEmpty ? "" : parts[part].canonicalQuery(request.query)
        guard let group = parts[part].groups[index].queries[query] else { return nil }
        switch group.bodies {
        case .single(let chain):
            guard parts[part].header.match.contains(.body) else { return chain }
            let record = chains[chain].steps[0].record
            if records[record].requestBody == request.body[...] { return chain }
            guard records[record].requestBody.isEmpty == request.body.isEmpty else { return nil }
            var canonicalizer = Canonicalizer(parts[part].header)
            let wanted = canonicalizer.body(records[record].requestBody, path: request.path)
            return wanted == canonicalizer.body(request.body[...], path: request.path) ? chain : nil
        case .several(let chains, _):
            var canonicalizer = Canonicalizer(parts[part].header)
            return chains[canonicalizer.body(request.body[...], path: request.path)]
        }
    }

    // MARK: Positions

    /// Everybody back to the beginning.
    package func reset() { cursors.reset() }

    /// How far every client has come.
    package struct Positions: Sendable {
        let state: ReplayCursors.State
    }

    /// To be restored into the same index.
    package var positions: Positions { Positions(state: cursors.snapshot) }

    package func restore(_ positions: Positions) { cursors.snapshot = positions.state }

    /// How far some clients have come.
    package func positions(of isMeant: (ReplayClient) -> Bool) -> Positions { Positions(state: cursors.snapshot(of: isMeant)) }

    /// Brings some clients back to where they were; nil: to the beginning.
    package func restore(_ positions: Positions?, of isMeant: (ReplayClient) -> Bool) {
        cursors.replace(positions?.state ?? ReplayCursors.State(), of: isMeant)
    }

    /// Places of the exchanges that nobody has been given (and somebody would have been, had the clients gone on).
    package var ungiven: [String] {
        chains.flatMap { $0.steps.dropFirst(cursors.furthest(in: $0)).map(\.record) }.sorted().map { place(of: $0) }
    }

    /// Places of the exchanges that are never given, because they repeat the answer before them.
    package var collapsed: [String] { chains.flatMap(\.collapsed).sorted().map { place(of: $0) } }

    func place(of record: Int) -> String { records[record].answer.place }
}

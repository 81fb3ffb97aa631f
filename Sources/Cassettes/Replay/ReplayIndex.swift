package import HTTPTypes

/// Finds the recorded answer to a request. Built once and frozen; the only thing that moves is how far each chain has been given.
package final class ReplayIndex: Sendable {
    package enum Polls: String, Sendable, Hashable, CaseIterable {
        /// Consecutive identical answers to a GET count as one, unless something was changed between them.
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
        package let headers: HTTPFields
        package let body: ArraySlice<UInt8>
        package let operation: String?
        /// As recorded; nil if not known.
        package let milliseconds: Int?
        /// Where it stands: `cassettes/x/cassette.jsonl:7`.
        package let place: String
    }

    struct Record: Sendable {
        let exchange: Exchange
        let cassette: Int
        let position: Int
        /// With placeholders made up, where there are any.
        let requestPath: String
        let requestQuery: String
        let requestBody: ArraySlice<UInt8>
        let responseBody: ArraySlice<UInt8>
        let headers: HTTPFields
    }

    /// Requests to one target with one query.
    struct QueryGroup: Sendable {
        /// Bodies apart; one if all recorded bodies are the same bytes, and then it is not hashed.
        enum Bodies: Sendable {
            case single(ReplayChain)
            case several([CanonicalRequest.Body: ReplayChain], order: [ReplayChain])
        }

        let query: String
        let bodies: Bodies

        var chains: [ReplayChain] {
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
    }

    let records: [Record]
    let cassettes: [Cassette]
    let parts: [Part]
    private let chains: [ReplayChain]

    /// Several cassettes follow each other; those with other match rules are asked when the ones before have no answer.
    package init(_ cassettes: [Cassette], polls: Polls = .collapsed) {
        var builder = ReplayIndexBuilder(cassettes, polls: polls)
        builder.build()
        self.cassettes = cassettes
        records = builder.records
        parts = builder.parts
        chains = builder.chains
    }

    package func next(_ request: ReplayRequest) -> Answer {
        var exhausted: ReplayChain?
        for part in parts {
            guard let chain = chain(for: request, in: part) else { continue }
            if let record = chain.next() { return .hit(replayed(records[record])) }
            if exhausted == nil { exhausted = chain }
        }
        return .miss(NearestMiss(request, in: self, exhausted: exhausted))
    }

    private func chain(for request: ReplayRequest, in part: Part) -> ReplayChain? {
        var canonicalizer = Canonicalizer(part.header)
        guard let index = part.targets[canonicalizer.target(request.method, request.host, request.path)] else { return nil }
        let query = request.query.isEmpty ? "" : canonicalizer.query(request.query)
        guard let group = part.groups[index].queries[query] else { return nil }
        switch group.bodies {
        case .single(let chain):
            guard part.header.match.contains(.body) else { return chain }
            let recorded = records[chain.records[0]].requestBody
            if recorded == request.body[...] { return chain }
            guard recorded.isEmpty == request.body.isEmpty else { return nil }
            let wanted = canonicalizer.body(recorded, path: request.path)
            return wanted == canonicalizer.body(request.body[...], path: request.path) ? chain : nil
        case .several(let chains, _):
            return chains[canonicalizer.body(request.body[...], path: request.path)]
        }
    }

    private func replayed(_ record: Record) -> Replayed {
        Replayed(
            status: record.exchange.response.status, headers: record.headers, body: record.responseBody, operation: record.exchange.operation,
            milliseconds: record.exchange.milliseconds, place: cassettes[record.cassette].place(of: record.position))
    }

    // MARK: Positions

    /// Back to the beginning.
    package func reset() {
        for chain in chains { chain.position = 0 }
    }

    /// How far each chain has been given; only of use to `restore` of the same index.
    package var positions: [Int] { chains.map(\.position) }

    package func restore(_ positions: [Int]) {
        for (chain, position) in zip(chains, positions) { chain.position = position }
    }

    /// Places of the exchanges that have not been given (and would have been, had the client gone on).
    package var ungiven: [String] {
        chains.flatMap { $0.records.dropFirst($0.position) }.sorted().map { place(of: $0) }
    }

    /// Places of the exchanges that are never given, because they repeat the answer before them.
    package var collapsed: [String] { chains.flatMap(\.collapsed).sorted().map { place(of: $0) } }

    func place(of record: Int) -> String { cassettes[records[record].cassette].place(of: records[record].position) }

    /// Hosts other than the recorded service that answers were recorded from.
    package var linkedHosts: Set<String> { Set(records.compactMap(\.exchange.request.host)) }
}

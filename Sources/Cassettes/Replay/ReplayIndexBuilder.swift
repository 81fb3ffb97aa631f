import HTTPTypes

/// Groups recorded exchanges into chains.
struct ReplayIndexBuilder {
    private let cassettes: [Cassette]
    private let polls: ReplayIndex.Polls
    private(set) var records: [ReplayIndex.Record] = []
    private(set) var parts: [ReplayIndex.Part] = []
    private(set) var chains: [ReplayChain] = []
    /// For each record, how many changing requests were recorded before it: two equal numbers mean that nothing was changed between.
    private var changesBefore: [Int] = []

    init(_ cassettes: [Cassette], polls: ReplayIndex.Polls) {
        self.cassettes = cassettes
        self.polls = polls
    }

    mutating func build() {
        var headers: [CassetteHeader] = []
        var members: [[Int]] = []
        var changes = 0
        for (cassetteIndex, cassette) in cassettes.enumerated() {
            let part = headers.firstIndex { $0.match == cassette.header.match && $0.ignore == cassette.header.ignore } ?? headers.count
            if part == headers.count {
                headers.append(cassette.header)
                members.append([])
            }
            for (position, exchange) in cassette.exchanges.enumerated() {
                members[part].append(records.count)
                changesBefore.append(changes)
                if !Self.isRead(exchange.request.method) { changes += 1 }
                records.append(Self.record(exchange, cassetteIndex, position))
            }
        }
        for (header, members) in zip(headers, members) { parts.append(part(header, members)) }
    }

    static func isRead(_ method: String) -> Bool { method == "GET" || method == "HEAD" || method == "OPTIONS" }

    private static func record(_ exchange: Exchange, _ cassette: Int, _ position: Int) -> ReplayIndex.Record {
        var headers = exchange.response.headers
        for index in headers.indices where headers[index].value.utf8.count > Placeholders.start.utf8.count {
            let value = headers[index].value
            let expanded = MadeUp.expand(value)
            if expanded != value { headers[index].value = expanded }
        }
        let requestBody = exchange.request.body.bytes
        let responseBody = exchange.response.body.bytes
        return ReplayIndex.Record(
            exchange: exchange, cassette: cassette, position: position, requestPath: MadeUp.expand(exchange.request.path),
            requestQuery: MadeUp.expand(exchange.request.query ?? ""),
            requestBody: MadeUp.expand(requestBody).map { $0[...] } ?? requestBody,
            responseBody: MadeUp.expand(responseBody).map { $0[...] } ?? responseBody, headers: headers)
    }

    private mutating func part(_ header: CassetteHeader, _ members: [Int]) -> ReplayIndex.Part {
        let canonicalizer = Canonicalizer(header)
        var targets: [CanonicalRequest.Target: Int] = [:]
        var lists: [(target: CanonicalRequest.Target, records: [Int])] = []
        for index in members {
            let request = records[index].exchange.request
            let target = canonicalizer.target(request.method, request.host, records[index].requestPath)
            if let list = targets[target] {
                lists[list].records.append(index)
            } else {
                targets[target] = lists.count
                lists.append((target, [index]))
            }
        }
        return ReplayIndex.Part(header: header, targets: targets, groups: lists.map { group($0.target, $0.records, header) })
    }

    private mutating func group(_ target: CanonicalRequest.Target, _ members: [Int], _ header: CassetteHeader) -> ReplayIndex.TargetGroup {
        var canonicalizer = Canonicalizer(header)
        var order: [String] = []
        var byQuery: [String: [Int]] = [:]
        for index in members {
            let query = canonicalizer.query(records[index].requestQuery)
            if byQuery[query] == nil { order.append(query) }
            byQuery[query, default: []].append(index)
        }
        var queries: [String: ReplayIndex.QueryGroup] = [:]
        for query in order {
            queries[query] = .init(query: query, bodies: bodies(byQuery[query] ?? [], header, &canonicalizer))
        }
        return .init(target: target, queries: queries, order: order)
    }

    private mutating func bodies(
        _ members: [Int], _ header: CassetteHeader, _ canonicalizer: inout Canonicalizer
    ) -> ReplayIndex.QueryGroup.Bodies {
        let first = records[members[0]].requestBody
        if !header.match.contains(.body) || members.allSatisfy({ records[$0].requestBody == first }) { return .single(chain(members)) }
        var order: [CanonicalRequest.Body] = []
        var byBody: [CanonicalRequest.Body: [Int]] = [:]
        for index in members {
            let body = canonicalizer.body(records[index].requestBody, path: records[index].requestPath)
            if byBody[body] == nil { order.append(body) }
            byBody[body, default: []].append(index)
        }
        var made: [CanonicalRequest.Body: ReplayChain] = [:]
        var list: [ReplayChain] = []
        for body in order {
            let chain = chain(byBody[body] ?? [])
            made[body] = chain
            list.append(chain)
        }
        return .several(made, order: list)
    }

    private mutating func chain(_ members: [Int]) -> ReplayChain {
        var kept: [Int] = []
        var collapsed: [Int] = []
        for index in members {
            if polls == .collapsed, let last = kept.last, isRepeat(index, of: last) {
                collapsed.append(index)
            } else {
                kept.append(index)
            }
        }
        let stands = kept.last.map { Self.isRead(records[$0].exchange.request.method) } ?? false
        let chain = ReplayChain(records: kept, collapsed: collapsed, standsAtEnd: stands)
        chains.append(chain)
        return chain
    }

    /// The same answer to a read, with nothing changed in between. Dates and request ids are not looked at.
    private func isRepeat(_ index: Int, of last: Int) -> Bool {
        let (new, old) = (records[index], records[last])
        guard Self.isRead(new.exchange.request.method), changesBefore[index] == changesBefore[last] else { return false }
        return new.exchange.response.status == old.exchange.response.status && new.responseBody == old.responseBody
            && new.headers[.contentType] == old.headers[.contentType]
    }
}

import HTTPTypes

/// Groups recorded exchanges into chains.
struct ReplayIndexBuilder {
    private let cassettes: [Cassette]
    private let polls: ReplayIndex.Polls
    private(set) var records: [ReplayIndex.Record] = []
    private(set) var parts: [ReplayIndex.Part] = []
    private(set) var chains: [ReplayChain] = []
    /// Values of tokens that answers hold, as clients send them: `Bearer VALUE`.
    private(set) var issued: Set<String> = []

    /// Hosts other than the recorded service that answers were recorded from.
    private let linkedHosts: Set<String>

    init(_ cassettes: [Cassette], polls: ReplayIndex.Polls) {
        self.cassettes = cassettes
        linkedHosts = Set(cassettes.flatMap { $0.exchanges.compactMap(\.request.host) })
        self.polls = polls
    }

    mutating func build() {
        var headers: [CassetteHeader] = []
        var members: [[Int]] = []
        for (cassetteIndex, cassette) in cassettes.enumerated() {
            let part = headers.firstIndex { $0.match == cassette.header.match && $0.ignore == cassette.header.ignore } ?? headers.count
            if part == headers.count {
                headers.append(cassette.header)
                members.append([])
            }
            for (position, exchange) in cassette.exchanges.enumerated() {
                members[part].append(records.count)
                records.append(record(exchange, cassetteIndex, position))
            }
        }
        for (header, members) in zip(headers, members) { parts.append(part(header, members)) }
        if polls == .collapsed { setGates() }
    }

    private mutating func record(_ exchange: Exchange, _ cassette: Int, _ position: Int) -> ReplayIndex.Record {
        let headers = headers(of: exchange)
        let requestBody = exchange.request.body.bytes
        let storedBody = exchange.response.body.bytes
        let expanded = MadeUp.expand(storedBody)
        if expanded != nil { issued.formUnion(MadeUp.tokens(in: storedBody).map { "Bearer \($0)" }) }
        let body = expanded.map { $0[...] } ?? storedBody
        return ReplayIndex.Record(
            exchange: exchange, cassette: cassette, position: position, requestPath: MadeUp.expand(exchange.request.path),
            requestQuery: MadeUp.expand(exchange.request.query ?? ""),
            requestBody: MadeUp.expand(requestBody).map { $0[...] } ?? requestBody,
            answer: .init(
                status: exchange.response.status, storedHeaders: headers, storedBody: body,
                bodyLinks: LinkRewriter.applies(toPath: exchange.request.path, isOtherHost: exchange.request.host != nil)
                    ? LinkTemplate(body, hosts: linkedHosts) : nil,
                headerLinks: headers.enumerated().compactMap { header in
                    guard LinkRewriter.holdsLinks(header.element.name) else { return nil }
                    return LinkTemplate(Array(header.element.value.utf8)[...], hosts: linkedHosts).map { (header.offset, $0) }
                },
                operation: exchange.operation, milliseconds: exchange.milliseconds, place: cassettes[cassette].place(of: position)))
    }

    /// Of the connection, or of a form in which the body is not stored.
    private static let dropped: Set<String> = ["connection", "keep-alive", "transfer-encoding", "content-encoding", "trailer", "upgrade"]

    private func headers(of exchange: Exchange) -> HTTPFields {
        var headers = HTTPFields()
        for field in exchange.response.headers {
            let name = field.name.canonicalName
            // The length of an answer to HEAD is that of a body which is not there; any other is counted.
            if Self.dropped.contains(name) || name == "content-length" && exchange.request.method != "HEAD" { continue }
            var field = field
            if field.value.utf8.count > Placeholders.start.utf8.count {
                let expanded = MadeUp.expand(field.value)
                if expanded != field.value { field.value = expanded }
            }
            headers.append(field)
        }
        return headers
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
        var made: [CanonicalRequest.Body: Int] = [:]
        var list: [Int] = []
        for body in order {
            let chain = chain(byBody[body] ?? [])
            made[body] = chain
            list.append(chain)
        }
        return .several(made, order: list)
    }

    /// The chain's number.
    private mutating func chain(_ members: [Int]) -> Int {
        var steps: [ReplayChain.Step] = []
        var collapsed: [Int] = []
        for index in members {
            if polls == .collapsed, let step = steps.last, isRepeat(index, of: step.record) {
                collapsed.append(index)
                steps[steps.count - 1].last = index
                steps[steps.count - 1].repeats += 1
            } else {
                steps.append(.init(record: index, last: index))
            }
        }
        let stands = steps.last.map { PollRules.isRead(records[$0.record].exchange) } ?? false
        chains.append(ReplayChain(number: chains.count, steps: steps, collapsed: collapsed, standsAtEnd: stands))
        return chains.count - 1
    }

    /// The same answer to a read. Dates and request ids are not looked at.
    private func isRepeat(_ index: Int, of last: Int) -> Bool {
        let (new, old) = (records[index], records[last])
        return PollRules.isRead(new.exchange) && new.answer.status == old.answer.status && new.answer.storedBody == old.answer.storedBody
            && new.answer.storedHeaders[.contentType] == old.answer.storedHeaders[.contentType]
    }
}

// MARK: What holds an answer back

extension ReplayIndexBuilder {
    /// How many changing requests are looked at for one answer.
    private static let reach = 256

    /// See `PollRules`. Only runs of several equal answers can be held back, so only what follows them needs gates.
    private mutating func setGates() {
        var places: [Int: ReplayChain.Gate] = [:]
        for chain in chains {
            for (step, value) in chain.steps.enumerated() where !PollRules.isRead(records[value.record].exchange) {
                places[value.record] = .init(chain: chain.number, step: step)
            }
        }
        let changes = places.keys.sorted()
        for chain in chains.indices where chains[chain].steps.count > 1 && !chains[chain].collapsed.isEmpty {
            for step in 1..<chains[chain].steps.count {
                let (before, after) = (chains[chain].steps[step - 1], chains[chain].steps[step])
                guard before.repeats > 1 else { continue }
                chains[chain].steps[step].gates = gates(before, after.record, changes).compactMap { places[$0] }
            }
        }
    }

    /// Records of the changing requests that must come before the answer `after`.
    private func gates(_ before: ReplayChain.Step, _ after: Int, _ changes: [Int]) -> [Int] {
        let read = records[before.record]
        let end = changes.partitioningIndex { $0 >= after }
        let between = changes[..<end].suffix(Self.reach).reversed()
        let last = between.first { $0 > before.last }
        if PollRules.isUnderWay(read.answer.storedBody, path: read.requestPath) {
            return between.first { $0 > before.last && PollRules.addresses(records[$0], read, atRest: false) }.map { [$0] } ?? []
        }
        let during = between.first { $0 > before.record && PollRules.addresses(records[$0], read, atRest: true) }
        return Array(Set([last, during].compactMap(\.self))).sorted()
    }
}

extension Array {
    /// The first index whose element satisfies a predicate that, once true, stays true.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

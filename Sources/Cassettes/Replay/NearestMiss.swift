package import JSON

/// Why a request has no recorded answer: the recorded request that comes nearest, and what differs.
package struct NearestMiss: Sendable {
    package struct Difference: Sendable, Hashable, CustomStringConvertible {
        /// `method`, `host`, `path`, `query` or `body`, with a segment's number, a parameter's name or a JSON path behind it.
        package let field: String
        /// Nil if the recorded request has nothing there.
        package let recorded: String?
        package let asked: String?

        package var description: String {
            switch (recorded, asked) {
            case (let recorded?, let asked?): "\(field): recorded \(recorded), asked \(asked)"
            case (let recorded?, nil): "\(field): recorded \(recorded), asked without it"
            case (nil, let asked?): "\(field): recorded without it, asked \(asked)"
            case (nil, nil): field
            }
        }
    }

    /// `GET /api/…?…`, secrets masked.
    package let request: String
    /// The nearest recorded request in the same form, and where it stands; nil if nothing is recorded.
    package let nearest: String?
    package let place: String?
    /// Empty if all recorded answers to this very request have been given.
    package let differences: [Difference]
    /// How many answers the exhausted chain held; nil if the request differs.
    package let exhausted: Int?

    /// One or two sentences.
    package var message: String {
        if let exhausted, let place {
            return "\(exhausted == 1 ? "The only recorded answer" : "All \(exhausted) recorded answers") to \(request) "
                + "\(exhausted == 1 ? "has" : "have") been given; the last stands at \(place)."
        }
        guard let nearest, let place else { return "No answer to \(request) is recorded: the cassette is empty." }
        return "No answer to \(request) is recorded. Nearest is \(nearest) at \(place); "
            + "it differs in \(differences.map(\.description).joined(separator: "; "))."
    }

    /// For people: a line for the request, one for the nearest, one for each difference.
    package var report: [String] {
        if let exhausted, let place {
            return [
                request,
                "  \(exhausted == 1 ? "its only recorded answer has" : "its \(exhausted) recorded answers have") been given, the last at \(place)",
            ]
        }
        guard let nearest, let place else { return [request, "  the cassette is empty"] }
        return [request, "  nearest: \(nearest) at \(place)"] + differences.map { "    \($0)" }
    }

    /// For the error's `details`.
    package var details: [JSONValue] {
        var metadata = JSONObject([("request", .string(request))])
        if let nearest { metadata["nearest"] = .string(nearest) }
        if let place { metadata["place"] = .string(place) }
        for (index, difference) in differences.enumerated() { metadata["difference_\(index + 1)"] = .string(difference.description) }
        return [
            .members([
                ("@type", "type.googleapis.com/google.rpc.ErrorInfo"), ("reason", "CASSETTE_MISS"), ("domain", "dbxsim"),
                ("metadata", .object(metadata)),
            ])
        ]
    }

    /// The whole answer's body; its status is 404.
    package var body: JSONValue {
        .members([("error_code", "CASSETTE_MISS"), ("message", .string(message)), ("details", .array(details))])
    }
}

extension NearestMiss {
    /// Masks what a message shows: the client's own secrets must not reach a log.
    private static func shown(_ method: String, _ host: String?, _ path: String, _ query: String) -> String {
        var scrubber = Scrubber(.uniform)
        scrubber.remembers = false
        let query = scrubber.query(query)
        return "\(method) \(host.map { "https://\($0)" } ?? "")\(scrubber.path(path))\(query.isEmpty ? "" : "?\(query)")"
    }

    init(_ asked: ReplayRequest, in index: ReplayIndex, exhausted chain: ReplayChain?) {
        request = Self.shown(asked.method, asked.host, asked.path, asked.query)
        if let chain, let last = chain.steps.last?.record {
            nearest = request
            place = index.place(of: last)
            differences = []
            exhausted = chain.steps.count
            return
        }
        exhausted = nil
        var best: (score: Int, part: Int, group: Int)?
        for (partNumber, part) in index.parts.enumerated() {
            let target = Canonicalizer(part.header).target(asked.method, asked.host, asked.path)
            for (groupNumber, group) in part.groups.enumerated() {
                let score = Self.distance(group.target, target)
                if score < best?.score ?? .max { best = (score, partNumber, groupNumber) }
            }
        }
        guard let best, let found = Self.closest(asked, index, best.part, best.group) else {
            nearest = nil
            place = nil
            differences = []
            return
        }
        let recorded = index.records[found.record]
        nearest = Self.shown(recorded.exchange.request.method, recorded.exchange.request.host, recorded.requestPath, recorded.requestQuery)
        place = index.place(of: found.record)
        differences = found.differences
    }

    /// Of the group's requests the one with the fewest differences; a few dozen are compared.
    private static func closest(
        _ asked: ReplayRequest, _ index: ReplayIndex, _ part: Int, _ group: Int
    ) -> (record: Int, differences: [Difference])? {
        let header = index.parts[part].header
        let canonical = CanonicalRequest(asked, header)
        var best: (record: Int, differences: [Difference])?
        let group = index.parts[part].groups[group]
        for chain in group.order.lazy.compactMap({ group.queries[$0] }).flatMap(\.chains).prefix(50) {
            guard let first = index.chains[chain].steps.first?.record else { continue }
            let record = index.records[first]
            let recorded = CanonicalRequest(
                ReplayRequest(
                    method: record.exchange.request.method, host: record.exchange.request.host, path: record.requestPath,
                    query: record.requestQuery, body: Array(record.requestBody)), header)
            let differences = Self.differences(recorded, canonical)
            if best == nil || differences.count < best?.differences.count ?? 0 { best = (first, differences) }
        }
        return best
    }

    /// Method and host weigh more than a path's segment; a segment that begins alike weighs less than another one.
    private static func distance(_ left: CanonicalRequest.Target, _ right: CanonicalRequest.Target) -> Int {
        var score = (left.method == right.method ? 0 : 25) + (left.host == right.host ? 0 : 60)
        if left.path == right.path { return score }
        var first = left.path.utf8[...]
        var second = right.path.utf8[...]
        while !first.isEmpty || !second.isEmpty {
            let one = Self.segment(&first)
            let other = Self.segment(&second)
            if one.elementsEqual(other) { continue }
            let alike = zip(one, other).prefix { $0 == $1 }.count
            score += one.isEmpty || other.isEmpty ? 20 : max(2, 12 - 10 * alike / max(one.count, other.count))
        }
        return score
    }

    private static func segment(_ path: inout Substring.UTF8View) -> Substring.UTF8View {
        let end = path.firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        let segment = path[..<end]
        path = end == path.endIndex ? path[end...] : path[path.index(after: end)...]
        return segment
    }
}

extension FaultKind {
    static let throttle = FaultKind(
        name: "throttle", keys: ["throttle"],
        summary: "Sends the real answer slowly.",
        description: "The body trickles at `bytes_per_second`; the status and the headers come at once.",
        places: [.beforeHandler, .afterHandler],
        example: """
            - name: thin-line
              match: {path: "/api/2.0/fs/files/*"}
              inject: {throttle: {bytes_per_second: 1024}}
            """
    ) { mapping in
        mapping["throttle"]?.mapping("a mapping with bytes_per_second", keys: ["bytes_per_second"])?
            .required("bytes_per_second", "a number of bytes")?.integer("a number of bytes", in: 1...1_000_000_000)
            .map { .effect(.throttle(bytesPerSecond: $0)) }
    }

    static let rateLimit = FaultKind(
        name: "rate_limit", keys: ["rate_limit"],
        summary: "Lets so many requests through in a time, and answers 429 to the rest.",
        description: """
            The first `requests` of each window of length `per` go on to the rules below and to the handler; further ones are answered 429 \
            `REQUEST_LIMIT_EXCEEDED` with `Retry-After`: the seconds, rounded up, until the next window. The limit is shared by all that the rule matches; with \
            `key: principal` each caller has one of its own (by the user or service principal; where that is not known, on replay and in front of a \
            recording, by the token). Windows count from the rule's load, by the workspace's clock.
            """,
        places: [.beforeHandler, .afterHandler],
        example: """
            - name: ten-a-second
              match: {path: "/api/2.1/jobs/*"}
              inject: {rate_limit: {requests: 10, per: 1s, key: principal}}
            """
    ) { mapping in
        guard let limit = mapping["rate_limit"]?.mapping("a mapping with requests and per", keys: ["requests", "per", "key"]),
            let requests = limit.required("requests", "a number of requests")?.integer("a number of requests", in: 0...1_000_000_000),
            let reader = limit.required("per", "a duration"), let per = reader.duration()
        else { return nil }
        guard per > .zero else {
            reader.report("expected a duration above 0")
            return nil
        }
        let key = limit["key"].map { $0.choice(FaultRateLimit.Key.self) } ?? .all
        return key.map { .effect(.rateLimit(FaultRateLimit(requests: requests, per: per, key: $0))) }
    }
}

/// So many requests in each window.
package struct FaultRateLimit: Sendable, Hashable {
    /// Who shares a limit.
    package enum Key: String, Sendable, Hashable, CaseIterable {
        case all
        case principal
    }

    package var requests: Int
    package var per: Duration
    package var key = Key.all
}

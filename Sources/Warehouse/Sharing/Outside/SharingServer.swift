import JSON

/// A sharing server outside of this one, as its recipient sees it. Protocol: delta-io/delta-sharing, PROTOCOL.md.
struct SharingServer: Sendable {
    struct Share: Sendable {
        let name: String
        let id: String?
    }

    struct Table: Sendable, Hashable {
        let share: String
        /// Both in lower case: the protocol's names have no case.
        let schema: String
        let name: String
        var id: String?
        var shareID: String?
    }

    /// The provider's name here, for messages.
    let provider: String
    let profile: SharingProfile
    let transport: any SharingTransport
    let tokens: SharingTokens

    /// Asked so many times in all, with growing pauses, as long as the failure may pass.
    private static let attempts = 4
    private static let pauseMillis = 100
    /// What a server may ask to wait before it is asked again.
    private static let maxPauseSeconds = 5
    private static let pageBytes = 32 << 20
    private static let lineBytes = 512 << 20
    private static let maxItems = 100_000

    // MARK: Lists

    func shares() async throws -> [Share] {
        try await list(["shares"]).map { item in
            Share(name: try name(item, "name", of: "a share"), id: item["id"]?.stringValue)
        }.sorted { $0.name < $1.name }
    }

    /// Throws `notFound`.
    func share(_ name: String) async throws -> Share {
        guard let found = try await shares().first(where: { $0.name == name.lowercased() }) else {
            throw SharingFailure(.notFound, "Share '\(name.prefix(255))' is not shared by provider '\(provider)', or does not exist.")
        }
        return found
    }

    func schemas(of share: String) async throws -> [String] {
        try await list(["shares", share, "schemas"]).map { try name($0, "name", of: "a schema") }.sorted()
    }

    func tables(of share: String) async throws -> [Table] {
        var seen: Set<String> = []
        return try await list(["shares", share, "all-tables"]).map { item in
            let table = Table(
                share: share, schema: try name(item, "schema", of: "a table's schema"), name: try name(item, "name", of: "a table"),
                id: item["id"]?.stringValue, shareID: item["shareId"]?.stringValue)
            guard seen.insert("\(table.schema).\(table.name)").inserted else {
                throw malformed("has two tables of the name '\(table.schema).\(table.name)'")
            }
            return table
        }.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
    }

    /// Names that a catalog can have.
    private func name(_ item: JSONValue, _ member: String, of what: String) throws -> String {
        guard let text = item[member]?.stringValue, !text.isEmpty, text.utf8.count <= 255,
            !text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F || $0 == "." || $0 == "/" })
        else { throw malformed("has no usable name of \(what)") }
        return text.lowercased()
    }

    private func list(_ path: [String]) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var token: String?
        var seen: Set<String> = []
        repeat {
            var query = [(name: "maxResults", value: "500")]
            if let token { query.append(("pageToken", token)) }
            let answer = try await ask(SharingRequest(profile.endpoint.appending(path, query: query)), maxBytes: Self.pageBytes)
            guard let body = try? JSONValue(parsing: answer.body, maxDepth: 32), body.objectValue != nil else {
                throw malformed("is no JSON object")
            }
            items += body["items"]?.arrayValue ?? []
            guard items.count <= Self.maxItems else { throw malformed("lists more than \(Self.maxItems) items") }
            token = body["nextPageToken"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            if let token, token.utf8.count > 8 << 10 || !seen.insert(token).inserted { throw malformed("gives a page token that leads nowhere") }
            guard seen.count <= 1000 else { throw malformed("has more than 1000 pages") }
        } while token != nil
        return items
    }

    // MARK: Tables

    private func path(_ table: Table, _ rest: String) -> [String] {
        ["shares", table.share, "schemas", table.schema, "tables", table.name, rest]
    }

    func metadata(of table: Table, _ travel: SharingTravel? = nil) async throws -> SharingLines {
        let query = travel.map { [(name: $0.field, value: $0.text)] } ?? []
        return try await lines(SharingRequest(profile.endpoint.appending(path(table, "metadata"), query: query)))
    }

    /// - Parameter predicate: `jsonPredicateHints`
    func query(_ table: Table, _ travel: SharingTravel?, predicate: JSONValue?, limit: Int?) async throws -> SharingLines {
        var request = SharingRequest(profile.endpoint.appending(path(table, "query")))
        request.method = "POST"
        var body = JSONObject()
        switch travel {
        case .version(let version): body["version"] = .int(version)
        case .timestamp: body["timestamp"] = travel.map { .string($0.text) }
        case nil: break
        }
        if let predicate { body["jsonPredicateHints"] = .string(predicate.text) }
        if let limit { body["limitHint"] = .int(limit) }
        request.body = JSONValue.object(body).encoded()
        request.headers = [("Content-Type", "application/json; charset=utf-8")]
        return try await lines(request)
    }

    /// The files of each commit of a range of versions, in Delta's own form, which tells those that only rearrange.
    func growth(of table: Table, from start: Int, through end: Int) async throws -> SharingLines {
        var request = SharingRequest(profile.endpoint.appending(path(table, "query")))
        request.method = "POST"
        request.body = JSONValue.object(JSONObject([("startingVersion", .int(start)), ("endingVersion", .int(end))])).encoded()
        request.headers = [("Content-Type", "application/json; charset=utf-8")]
        return try await lines(request, formats: "delta")
    }

    func changes(_ table: Table, from start: SharingTravel, through end: SharingTravel?) async throws -> SharingLines {
        var query = [(name: start.bound("starting"), value: start.text)]
        if let end { query.append((end.bound("ending"), end.text)) }
        return try await lines(SharingRequest(profile.endpoint.appending(path(table, "changes"), query: query)))
    }

    private func lines(_ request: SharingRequest, formats: String = "parquet,delta") async throws -> SharingLines {
        var request = request
        request.headers.append(
            ("delta-sharing-capabilities", "responseformat=\(formats);readerfeatures=" + SharingLines.readerFeatures.joined(separator: ",")))
        let answer = try await ask(request, maxBytes: Self.lineBytes)
        return try SharingLines(answer.body, version: answer.headers["delta-table-version"].flatMap { Int($0) }, self)
    }

    func malformed(_ what: String) -> SharingFailure {
        SharingFailure(.malformed, "The answer of provider '\(provider)' (\(profile.endpoint.authority)) \(what).")
    }

    // MARK: Exchanges

    /// An answer of status 200.
    private func ask(_ request: SharingRequest, maxBytes: Int) async throws -> SharingAnswer {
        var renewed = false
        return try await retrying { last in
            var request = request
            let token = try await tokens.token(profile.credential, transport)
            request.headers.append(("Authorization", "Bearer " + token))
            let answer = try await transport.send(request, maxBytes: maxBytes)
            if answer.status == 200 { return .success(answer) }
            if answer.status == 401, !renewed, case .client = profile.credential {
                // A token may have been taken back before its time.
                renewed = true
                tokens.forget(profile.credential)
                if !last { return .failure(SharingFailure(.failed, "")) }
            }
            let failure = refusal(answer, hiding: profile.secrets + [token])
            guard failure.kind.isPassing else { throw failure }
            if let seconds = answer.headers["retry-after"].flatMap({ Int($0) }), seconds > 0 {
                guard seconds <= Self.maxPauseSeconds, !last else { throw failure }
                try await Task.sleep(for: .seconds(seconds))
            }
            return .failure(failure)
        }
    }

    /// A file by its link, which is a credential itself.
    func file(_ link: SharingURL, maxBytes: Int) async throws -> [UInt8] {
        try await retrying { _ in
            let answer = try await transport.send(SharingRequest(link), maxBytes: maxBytes)
            guard answer.status != 200 else { return .success(answer.body) }
            let kind: SharingFailure.Kind =
                switch answer.status {
                case 401, 403: .forbidden
                case 404, 410: .notFound
                case 429: .throttled
                case 500...: .failed
                default: .malformed
                }
            let failure = SharingFailure(
                kind, "A file that provider '\(provider)' linked to was not given by \(link.authority): status \(answer.status).")
            guard kind.isPassing else { throw failure }
            return .failure(failure)
        }
    }

    private func retrying<T>(_ body: (_ last: Bool) async throws -> Result<T, SharingFailure>) async throws -> T {
        var failure = SharingFailure(.failed, "")
        for attempt in 1...Self.attempts {
            do {
                switch try await body(attempt == Self.attempts) {
                case .success(let value): return value
                case .failure(let passing): failure = passing
                }
            } catch let error as SharingFailure where [.unreachable, .brokenOff].contains(error.kind) {
                failure = error
            }
            if attempt < Self.attempts { try await Task.sleep(for: .milliseconds(Self.pauseMillis << (attempt - 1))) }
        }
        throw failure
    }

    /// What a status other than 200 means, with what the server says of it.
    private func refusal(_ answer: SharingAnswer, hiding secrets: [String]) -> SharingFailure {
        let kind: SharingFailure.Kind =
            switch answer.status {
            case 401: .unauthenticated
            case 403: .forbidden
            case 404: .notFound
            case 429: .throttled
            case 400..<500: .refused
            case 500...: .failed
            default: .malformed
            }
        var told = ""
        if answer.body.count <= 64 << 10, let body = try? JSONValue(parsing: answer.body, maxDepth: 16) {
            told = [body["errorCode"]?.stringValue ?? body["error_code"]?.stringValue, body["message"]?.stringValue].compactMap { $0 }
                .joined(separator: ": ")
        }
        for secret in secrets where !secret.isEmpty { told = told.replacing(secret, with: "[REDACTED]") }
        told = String(told.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(500).map(Character.init))
        let what =
            switch kind {
            case .unauthenticated: "does not take the credential of the provider's profile: it has expired, or was revoked or rotated"
            case .throttled: "has too many requests"
            default: "answered with status \(answer.status)"
            }
        return SharingFailure(
            kind, "The sharing server \(profile.endpoint.authority) of provider '\(provider)' \(what)" + (told.isEmpty ? "." : ": \(told)"))
    }
}

/// A version or a time of a table at a sharing server.
enum SharingTravel: Sendable, Hashable {
    case version(Int)
    /// Microseconds since 1970.
    case timestamp(Int64)

    var field: String {
        switch self {
        case .version: "version"
        case .timestamp: "timestamp"
        }
    }

    func bound(_ prefix: String) -> String {
        switch self {
        case .version: prefix + "Version"
        case .timestamp: prefix + "Timestamp"
        }
    }

    var text: String {
        switch self {
        case .version(let version): return String(version)
        case .timestamp(let micros):
            let rest = (micros % 1_000_000 + 1_000_000) % 1_000_000
            let digits = String(rest)
            return DateText.iso(millis: (micros &- rest) / 1000).dropLast() + "." + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
        }
    }
}

import HTTPTypes
package import JSON

/// Plays a cassette against another service: turns recorded requests into live ones, and compares the answers.
package struct DiffSession: Sendable {
    /// How a recorded exchange is to be treated.
    package enum Role: Sendable, Hashable {
        case play
        /// A poll before the last one of its kind: the live service is polled for as long as it takes.
        case earlierPoll
        /// An operation that this comparison does not read, and why.
        case unread(String)
    }

    private var bindings = DiffBindings()
    /// Links of recorded answers (`host/path`), and where the same links lead now.
    private var links: [String: String] = [:]
    private let header: CassetteHeader
    private let ignored: [JSONPath]
    private let warehouse: String?

    /// `ignored`: paths that are left out of both bodies. `warehouse`: stands for recorded warehouses that no answer has brought up.
    package init(_ header: CassetteHeader, ignoring ignored: [JSONPath] = [], warehouse: String? = nil) {
        self.header = header
        self.ignored = ignored
        self.warehouse = warehouse
    }

    /// The roles of a cassette's exchanges.
    package static func roles(_ cassette: Cassette) -> [Role] {
        var roles: [Role] = Array(repeating: .play, count: cassette.exchanges.count)
        var nextPoll: Set<String> = []
        for index in cassette.exchanges.indices.reversed() {
            let exchange = cassette.exchanges[index]
            if exchange.operation?.hasPrefix("thrift.") == true || exchange.request.headers[.contentType]?.hasPrefix("application/x-thrift") == true {
                roles[index] = .unread("Thrift")
                continue
            }
            guard PollRules.isRead(exchange) else { continue }
            let target = "\(exchange.request.method) \(exchange.request.host ?? "") \(exchange.request.path)?\(exchange.request.query ?? "")"
            if isUnderWay(exchange), nextPoll.contains(target) { roles[index] = .earlierPoll }
            nextPoll.insert(target)
        }
        return roles
    }

    private static func isUnderWay(_ exchange: Exchange) -> Bool {
        PollRules.isUnderWay(exchange.response.body.bytes, path: exchange.request.path)
    }

    // MARK: Requests

    /// Nil if the recorded request went to a link that no answer has brought up.
    package mutating func request(for exchange: Exchange) -> DiffRequest? {
        let recorded = exchange.request
        if let host = recorded.host {
            guard let link = links[host + recorded.path] else { return nil }
            return DiffRequest(method: recorded.method, path: recorded.path, link: link, credential: .none)
        }
        let body = Array(recorded.body.bytes)
        let live = (try? JSONValue(parsing: body)).map { jsonRequest($0) }
        return DiffRequest(
            method: recorded.method, path: path(recorded.path), query: query(recorded.query ?? ""),
            body: live ?? bindings.substituted(body) ?? body,
            contentType: recorded.headers[.contentType] ?? (body.isEmpty ? nil : "application/json"), credential: Self.credential(exchange.response))
    }

    private static func credential(_ response: RecordedResponse) -> DiffRequest.Credential {
        switch response.status {
        case 401: .none
        case 403 where response.headers.contains { $0.name.canonicalName == "x-databricks-reason-phrase" }: .wrong
        default: .own
        }
    }

    private mutating func path(_ path: String) -> String {
        var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for index in parts.indices where !parts[index].isEmpty {
            let name = index > 0 && parts[index - 1] == "warehouses" ? "warehouse_id" : "id"
            parts[index] = value(parts[index], name: name)
        }
        return parts.joined(separator: "/")
    }

    private mutating func query(_ query: String) -> String {
        query.split(separator: "&", omittingEmptySubsequences: false).map { item in
            guard let sign = item.firstIndex(of: "=") else { return String(item) }
            let name = String(item[..<sign])
            return "\(name)=\(value(String(item[item.index(after: sign)...]), name: name))"
        }.joined(separator: "&")
    }

    private mutating func value(_ recorded: String, name: String) -> String {
        if let bound = bindings.bound(recorded, name: name) { return bound }
        if name == "warehouse_id", let warehouse, recorded.utf8.count >= 8 {
            bindings.bind(recorded, to: warehouse, name: name)
            return warehouse
        }
        return bindings.substituted(recorded)
    }

    private mutating func jsonRequest(_ value: JSONValue) -> [UInt8] { substituted(value, name: "").encoded() }

    private mutating func substituted(_ value: JSONValue, name: String) -> JSONValue {
        switch value {
        case .string(let text): return .string(self.value(text, name: name))
        case .number(let digits): return .number(DiffMasks.mask(name) == .identity ? bindings.bound(digits, name: name) ?? digits : digits)
        case .array(let elements): return .array(elements.map { substituted($0, name: name) })
        case .object(let object): return .members(object.members.map { ($0.name, substituted($0.value, name: $0.name)) })
        case .null, .bool: return value
        }
    }

    // MARK: Answers

    /// Whether the live answer should be asked for again: the recorded one had come to rest.
    package func isToBeAwaited(_ exchange: Exchange, _ answer: DiffAnswer) -> Bool {
        !Self.isUnderWay(exchange) && answer.status < 300 && PollRules.isUnderWay(answer.body[...], path: exchange.request.path)
    }

    /// The request by which an answer under way is asked for again: a read itself, a statement by its id.
    package func poll(after request: DiffRequest, _ answer: DiffAnswer) -> DiffRequest? {
        if request.method == "GET" { return request }
        guard request.path.hasPrefix("/api/2.0/sql/statements"), let value = try? JSONValue(parsing: answer.body),
            let id = value["statement_id"]?.stringValue, id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
        else { return nil }
        return DiffRequest(method: "GET", path: "/api/2.0/sql/statements/\(id)")
    }

    package mutating func compare(_ exchange: Exchange, _ answer: DiffAnswer) -> [AnswerDifference] {
        var found: [AnswerDifference] = []
        let response = exchange.response
        if response.status != answer.status {
            found.append(AnswerDifference(.status, recorded: String(response.status), live: "\(answer.status)\(Self.reason(answer))"))
        }
        if exchange.request.method == "HEAD" { return found }
        let recordedType = Self.mediaType(response.headers[.contentType])
        let recorded = try? JSONValue(parsing: response.body.bytes)
        let live = try? JSONValue(parsing: answer.body)
        if let recorded, let live {
            let codes = (recorded["error_code"], live["error_code"])
            if codes.0 != codes.1, response.status >= 400, answer.status >= 400 {
                found.append(
                    AnswerDifference(.errorCode, recorded: codes.0?.stringValue ?? "none", live: codes.1?.stringValue ?? "none"))
            }
            // Two errors that are not the same, or an error in the place of a result, have nothing more to compare.
            if !found.isEmpty { return found }
            let (one, other) = (cleaned(recorded), cleaned(live))
            noteLinks(recorded, live)
            var comparison = AnswerComparison(bindings)
            comparison.compare(one, other)
            bindings = comparison.bindings
            // One of the two has gone further: what it has more is not a difference.
            let isSameProgress = Self.isUnderWay(exchange) == PollRules.isUnderWay(answer.body[...], path: exchange.request.path)
            if isSameProgress { found += comparison.differences }
            return found
        }
        if !found.isEmpty { return found }
        if let recordedType, recordedType != Self.mediaType(answer.contentType), !(response.body.bytes.isEmpty && answer.body.isEmpty) {
            found.append(AnswerDifference(.contentType, recorded: recordedType, live: Self.mediaType(answer.contentType) ?? "none"))
        }
        if Self.isUncompared(exchange) { return found }
        if response.body.bytes != answer.body[...] {
            let texts = (
                DiffMasks.normalized(bindings.substituted(String(decoding: response.body.bytes, as: UTF8.self))),
                DiffMasks.normalized(String(decoding: answer.body, as: UTF8.self))
            )
            if texts.0 != texts.1 {
                found.append(AnswerDifference(.body, recorded: "\(response.body.bytes.count) bytes", live: "\(answer.body.count) bytes"))
            }
        }
        return found
    }

    /// Arrow streams differ in their bytes by writer and compressor; they are not taken apart here.
    package static func isUncompared(_ exchange: Exchange) -> Bool {
        guard exchange.request.host != nil || exchange.response.headers[.contentType]?.contains("arrow") == true else { return false }
        return (try? JSONValue(parsing: exchange.response.body.bytes)) == nil
    }

    private func cleaned(_ value: JSONValue) -> JSONValue { ignored.reduce(value) { $1.removing(from: $0) } }

    private static func mediaType(_ header: String?) -> String? {
        header.map { $0.prefix { $0 != ";" }.lowercased() }
    }

    private static func reason(_ answer: DiffAnswer) -> String {
        guard let value = try? JSONValue(parsing: answer.body), let code = value["error_code"]?.stringValue else { return "" }
        return " \(code): \((value["message"]?.stringValue ?? "").prefix(120))"
    }

    /// Remembers where recorded links lead now: by their place in the answer.
    private mutating func noteLinks(_ recorded: JSONValue, _ live: JSONValue) {
        switch (recorded, live) {
        case (.object(let one), .object(let other)):
            for member in one.members { if let value = other[member.name] { noteLinks(member.value, value) } }
        case (.array(let one), .array(let other)):
            for (left, right) in zip(one, other) { noteLinks(left, right) }
        case (.string(let link), .string(let now)):
            guard link.hasPrefix("http"), let start = link.firstRange(of: "://")?.upperBound else { return }
            let target = String(link[start...].prefix { $0 != "?" })
            if links[target] == nil { links[target] = now }
        default: break
        }
    }
}

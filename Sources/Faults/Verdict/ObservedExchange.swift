package import HTTPTypes
import JSON

/// An exchange as evidence: what a judge may know about it.
package struct ObservedExchange: Sendable {
    /// Its number in the journal, in the order of completion.
    package var number: Int
    /// The number of the last exchange that had ended when this one arrived.
    package var after: Int
    /// Microseconds by the workspace's clock.
    package var arrived: Int64
    package var completed: Int64
    package var operation: String?
    package var method: String
    package var path: String
    package var query: String
    package var principal: String?
    /// Equal for equal credentials, and does not tell them; nil without one.
    package var credential: String?
    package var headers: HTTPFields
    package var body: [UInt8]
    /// 0 if the client got none.
    package var status: Int
    /// The connection ended before the answer was whole.
    package var isBroken: Bool
    /// Seconds, as the answer's `Retry-After` gave them.
    package var retryAfter: Double?
    /// What the client saw was a success: a status below 400, a whole answer, and no failed statement.
    package var succeeded: Bool
    /// The work behind the answer was done, whatever the client saw of it.
    package var tookEffect: Bool
    /// The request can change something: repeated, it may do so twice.
    package var isRepeatable: Bool
    /// The credential was refused, as one that has expired is.
    package var tokenRefused: Bool

    package init(
        number: Int, after: Int, arrived: Int64, completed: Int64, operation: String?, method: String, path: String, query: String,
        principal: String?, credential: String?, headers: HTTPFields, body: [UInt8], status: Int, isBroken: Bool = false,
        retryAfter: Double? = nil, succeeded: Bool, tookEffect: Bool, isRepeatable: Bool = true, tokenRefused: Bool = false
    ) {
        self.number = number
        self.after = after
        self.arrived = arrived
        self.completed = completed
        self.operation = operation
        self.method = method
        self.path = path
        self.query = query
        self.principal = principal
        self.credential = credential
        self.headers = headers
        self.body = body
        self.status = status
        self.isBroken = isBroken
        self.retryAfter = retryAfter
        self.succeeded = succeeded
        self.tookEffect = tookEffect
        self.isRepeatable = isRepeatable
        self.tokenRefused = tokenRefused
    }

    /// Absence is an answer, too, and is polled for.
    var endsCall: Bool { succeeded || status == 404 }

    /// `503`, `a broken connection`.
    var failureText: String { status == 0 || isBroken ? "a broken connection" : "\(status)" }

    /// Seconds from the end of this exchange to the beginning of a later one.
    func wait(until next: ObservedExchange) -> Double { (Double(next.arrived) - Double(completed)) / 1_000_000 }
}

extension Expectation.Target {
    func matches(_ exchange: ObservedExchange) -> Bool {
        guard matches(operation: exchange.operation, method: exchange.method, path: exchange.path) else { return false }
        // Who sent a refused credential is not known.
        guard let principal, let name = exchange.principal else { return true }
        return principal.matches(name)
    }
}

/// The value of a header `Retry-After` in seconds; nil for a date, which is not judged.
package func retryAfterSeconds(_ headers: HTTPFields) -> Double? {
    guard let text = headers[.retryAfter], text.utf8.count <= 12, let seconds = Double(text), seconds >= 0, seconds.isFinite else { return nil }
    return seconds
}

/// A request's sameness: a body of JSON by its value, without the members that tell one attempt from another.
struct RequestKey: Hashable {
    let method: String
    let path: String
    let query: String
    let body: [UInt8]

    /// Members that clients use to mark a request.
    static let marks: Set<String> = ["idempotency_token", "idempotency_key", "request_id"]

    init(_ exchange: ObservedExchange, ignoring fields: Set<String>) {
        method = exchange.method
        path = exchange.path
        query = exchange.query.split(separator: "&").sorted().joined(separator: "&")
        if case .object(var object)? = try? JSONValue(parsing: exchange.body) {
            for field in fields { object[field] = nil }
            body = Self.canonical(.object(object)).encoded()
        } else {
            body = exchange.body
        }
    }

    private static func canonical(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            .members(object.members.sorted { $0.name < $1.name }.map { ($0.name, canonical($0.value)) })
        case .array(let elements): .array(elements.map(canonical))
        default: value
        }
    }
}

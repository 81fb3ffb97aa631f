import API
import Cassettes
import Faults
import HTTPTypes
import JSON
import Workspace

/// `GET /_dbxsim/journal?operation=&path=&status=&fault=&since=&limit=`.
struct JournalQuery {
    private var operation: Pattern?
    private var path: Pattern?
    private var status: Int?
    private var fault: String?
    /// Only entries with a larger number.
    private var since = 0
    private var limit = Int.max

    init(_ query: QueryItems) throws(WorkspaceError) {
        operation = try Self.pattern(query.string("operation"))
        path = try Self.pattern(query.string("path"))
        status = try query.int("status")
        fault = query.string("fault")
        since = try query.int("since") ?? 0
        limit = try query.int("limit") ?? Int.max
        guard limit >= 0 else { throw .invalid("limit must not be negative") }
    }

    private static func pattern(_ text: String?) throws(WorkspaceError) -> Pattern? {
        guard let text else { return nil }
        do {
            return try Pattern(text)
        } catch {
            throw .invalid("not a pattern: \(text)")
        }
    }

    /// The newest `limit` of the entries that match, oldest first.
    func run(on journal: Journal) -> JSONValue {
        let found = journal.entries().filter { entry in
            if entry.number <= since { return false }
            if let operation, !operation.matches(entry.operation ?? "") { return false }
            if let path, !path.matches(entry.path) { return false }
            if let status, entry.status != status { return false }
            if let fault, entry.fault != fault { return false }
            return true
        }
        return ["exchanges": .array(found.suffix(limit).map(Self.json))]
    }

    private static func json(_ entry: JournalEntry) -> JSONValue {
        let redactor = Redactor()
        var value: JSONObject = JSONObject([
            ("n", .int(entry.number)), ("at", .string(ControlClock.text(entry.at))),
            ("completed_at", .string(ControlClock.text(entry.completedAt))),
            ("operation", entry.operation.map { .string($0) } ?? .null), ("method", .string(entry.method)),
            ("path", .string(redactor.path(entry.path))), ("query", .string(redactor.query(entry.query))), ("status", .int(entry.status)),
            ("duration_ms", .number(milliseconds(entry.durationMicros))), ("fault", entry.fault.map { .string($0) } ?? .null),
            ("principal", entry.principal.map { .string($0) } ?? .null),
            ("request", message(entry.request, entry, redactor)),
            ("response", message(entry.response, entry, redactor)),
        ])
        let unknown = ContractCheck.unknown(
            operation: entry.operation, query: entry.query, headers: entry.request.headers, body: entry.request.body)
        if !unknown.isEmpty { value["unknown_fields"] = .array(unknown.map { .string($0) }) }
        if let note = entry.note { value["note"] = .string(note) }
        return .object(value)
    }

    private static func message(_ message: JournalEntry.Message, _ entry: JournalEntry, _ redactor: Redactor) -> JSONValue {
        var value = JSONObject()
        value["headers"] = .members(redactor.headers(message.headers).map { ($0.name.rawName, .string($0.value)) })
        if let body = try? JSONValue(parsing: message.body) {
            let once = redactor.json(body, operation: entry.operation, path: entry.path)
            // What is recognised late in a body may stand early in it too.
            value["body"] = once == body ? once : redactor.json(once, operation: entry.operation, path: entry.path)
        } else if !message.body.isEmpty {
            value["text"] = .string(redactor.text(body: message.body, operation: entry.operation, path: entry.path))
        }
        return .object(value)
    }

    private static func milliseconds(_ micros: Int64) -> String {
        let rest = String(micros % 1000)
        return "\(micros / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}

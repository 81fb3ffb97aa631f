package import Faults
import HTTPTypes
import JSON
import Workspace

/// Turns journal entries into what a judge may see.
package enum Evidence {
    /// `base` is what is taken from serial numbers to get the entries' numbers.
    package static func exchange(_ entry: JournalEntry, base: Int) -> ObservedExchange {
        let succeeded = isSuccess(entry.status, entry.operation, entry.response.body)
        let tookEffect =
            switch entry.work {
            case .none: false
            case .asAnswered: succeeded
            case .hidden(let succeeded): succeeded
            }
        return ObservedExchange(
            number: entry.number, after: entry.after - base, arrived: entry.at, completed: entry.completedAt, operation: entry.operation,
            method: entry.method, path: entry.path, query: entry.query, principal: entry.principal,
            credential: entry.request.headers[.authorization].map { Workspaces.TokenHash($0).hex }, headers: entry.request.headers,
            body: entry.request.body, status: entry.status, isBroken: entry.isBroken, retryAfter: retryAfterSeconds(entry.response.headers),
            succeeded: succeeded && !entry.isBroken && entry.status != 0, tookEffect: tookEffect, isRepeatable: !isHarmless(entry),
            tokenRefused: entry.status == 401 || entry.status == 403 && entry.response.headers[.reasonPhrase] != nil)
    }

    /// A statement that failed is HTTP 200 with its state in the body.
    static func isSuccess(_ status: Int, _ operation: String?, _ body: [UInt8]) -> Bool {
        guard (200..<400).contains(status) else { return false }
        guard operation == "sql.statements.execute", let json = try? JSONValue(parsing: body) else { return true }
        return json["status"]?["state"]?.stringValue != "FAILED"
    }

    private static let readingMethods: Set<String> = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]
    private static let readingWords: Set<String> = ["SELECT", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "VALUES", "USE", "SET", "TABLE", "FROM"]

    /// Repeating it does no more than doing it once: HTTP's safe and idempotent methods, and statements that only read.
    private static func isHarmless(_ entry: JournalEntry) -> Bool {
        if readingMethods.contains(entry.method) { return true }
        guard entry.operation == "sql.statements.execute" else { return false }
        guard let text = (try? JSONValue(parsing: entry.request.body))?["statement"]?.stringValue else { return false }
        let word = text.drop { !$0.isLetter }.prefix { $0.isLetter }
        return readingWords.contains(word.uppercased())
    }
}

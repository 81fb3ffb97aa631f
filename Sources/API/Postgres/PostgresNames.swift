import JSON
import Workspace

/// Ids, names and the like in requests.
enum PostgresNames {
    /// The pattern that the service names for ids of projects, branches, endpoints, roles and databases.
    private static let pattern = "^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"

    static func required(_ text: String?, _ field: String) throws -> String {
        guard let text, !text.isEmpty else {
            throw WorkspaceError.invalid("Field '\(field)' is required, expected non-default value (not \"\")!")
        }
        return text
    }

    static func id(_ text: String?, _ field: String) throws -> String {
        let id = try required(text, field)
        let bytes = Array(id.utf8)
        guard (1...63).contains(bytes.count), bytes.first.map(isLetter) ?? false, bytes.last != UInt8(ascii: "-"),
            bytes.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") })
        else { throw WorkspaceError.invalid("Field \(field) must match pattern \(pattern), got '\(id.prefix(128))'.") }
        return id
    }

    /// Of a configuration of change feeds: `[a-z][a-z0-9_]{0,62}`.
    static func feedID(_ text: String) throws -> String {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), bytes.first.map(isLetter) ?? false,
            bytes.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") })
        else { throw WorkspaceError.invalid("Field cdf_config_id must match pattern ^[a-z][a-z0-9_]{0,62}$, got '\(text.prefix(128))'.") }
        return text
    }

    /// A name in Postgres: of a database or of a role.
    static func identifier(_ text: String?, _ field: String) throws -> String {
        let name = try required(text, field)
        guard name.utf8.count <= 63 else { throw WorkspaceError.invalid("Field '\(field)' must have at most 63 bytes.") }
        guard !name.hasPrefix("pg_") else {
            throw WorkspaceError.invalid("Field '\(field)' must not begin with \"pg_\": Postgres keeps such names for itself.")
        }
        return name
    }

    /// The name of a schema as the Data API takes it: `[a-zA-Z_][a-zA-Z0-9_$]*`, at most 63 characters.
    static func isSchema(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let isWord: (UInt8) -> Bool = { isLetter($0 | 0x20) && $0 < 128 || $0 == UInt8(ascii: "_") }
        return (1...63).contains(bytes.count) && (bytes.first.map(isWord) ?? false)
            && bytes.allSatisfy { isWord($0) || isDigit($0) || $0 == UInt8(ascii: "$") }
    }

    /// The ids in a name such as `projects/a/branches/b`, if it is of these collections.
    static func ids(_ name: String, _ collections: [String], _ field: String) throws -> [String] {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == collections.count * 2, !parts.contains(""),
            zip(stride(from: 0, to: parts.count, by: 2), collections).allSatisfy({ parts[$0] == $1 })
        else {
            let form = collections.map { "\($0)/{id}" }.joined(separator: "/")
            throw WorkspaceError.invalid("Field '\(field)' must be a name of the form \(form), got '\(name.prefix(256))'.")
        }
        return stride(from: 1, to: parts.count, by: 2).map { parts[$0] }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}

/// Durations as the contract writes them: `604800s`, `1.5s`.
enum PostgresDuration {
    /// Milliseconds; nil for another text, a negative duration or one beyond 10,000 years.
    static func millis(_ text: String) -> Int64? {
        guard text.hasSuffix("s") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = parts.first, (1...12).contains(whole.utf8.count),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }), let seconds = Int64(whole), seconds <= 315_576_000_000
        else { return nil }
        var fraction: Int64 = 0
        if parts.count == 2 {
            guard parts[1].utf8.count <= 9 else { return nil }
            fraction = Int64((parts[1] + "000").prefix(3)) ?? 0
        }
        return seconds * 1000 + fraction
    }

    static func text(_ millis: Int64) -> String {
        let (seconds, rest) = millis.quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return "\(seconds)s" }
        let digits = String(rest)
        return "\(seconds).\(String(repeating: "0", count: 3 - digits.count))\(digits)s"
    }

    /// A member's duration within these bounds in seconds; nil if it is absent.
    static func checked(_ value: JSONValue?, _ field: String, _ seconds: ClosedRange<Int64>) throws -> Int64? {
        guard let value else { return nil }
        guard let millis = value.scalar.flatMap(Self.millis) else {
            throw WorkspaceError.invalid("Field '\(field)' must be a duration such as \"300s\", got '\((value.scalar ?? "").prefix(64))'.")
        }
        guard millis >= seconds.lowerBound * 1000, millis <= seconds.upperBound * 1000 else {
            throw WorkspaceError.invalid("Field '\(field)' must be between \(seconds.lowerBound)s and \(seconds.upperBound)s.")
        }
        return millis
    }
}

/// How long a branch or a snapshot lives: one of `expire_time`, `ttl` and `no_expiry`.
enum PostgresExpiration {
    case unsaid
    case never
    /// Milliseconds since 1970-01-01 UTC.
    case at(Int64)

    static let members = ["expire_time", "no_expiry", "ttl"]

    init(_ spec: JSONObject, created: Int64, now: Int64) throws {
        let given = Self.members.filter { spec[$0] != nil }
        guard given.count <= 1 else {
            throw WorkspaceError.invalid("At most one of spec.expire_time, spec.no_expiry and spec.ttl may be given.")
        }
        switch given.first {
        case "no_expiry":
            guard spec["no_expiry"] == true else {
                throw WorkspaceError.invalid("spec.no_expiry must be true if it is given; else give spec.ttl or spec.expire_time.")
            }
            self = .never
        case "ttl":
            let millis = try PostgresDuration.checked(spec["ttl"], "spec.ttl", 1...315_576_000_000) ?? 0
            self = .at(created &+ millis)
        case "expire_time":
            guard let micros = spec["expire_time"]?.scalar.flatMap(RFC3339.micros) else {
                throw WorkspaceError.invalid("Field 'spec.expire_time' must be a time such as \"2026-01-31T00:00:00Z\".")
            }
            self = .at(micros / 1000)
        default:
            self = .unsaid
        }
        if case .at(let time) = self, time <= now { throw WorkspaceError.invalid("The expiration must be in the future.") }
    }

    var time: Int64? {
        if case .at(let time) = self { return time }
        return nil
    }
}

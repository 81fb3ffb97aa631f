import Faults
import Foundation
import JSON
import Workspace

/// The clock's calls.
enum ControlClock {
    static func move(_ clock: any WorkspaceClock, _ body: JSONValue) throws(WorkspaceError) -> JSONValue {
        guard let clock = clock as? VirtualClock else {
            throw WorkspaceError(.resourceConflict, "The clock is the system's: start with --clock virtual to move it.")
        }
        if let text = body["advance"]?.stringValue {
            guard let duration = DurationText.parse(text) else {
                throw .invalid("advance takes a duration such as \"90s\", not \"\(text)\"")
            }
            let (seconds, attoseconds) = duration.components
            guard clock.advance(byMicros: seconds * 1_000_000 + attoseconds / 1_000_000_000_000) else { throw .invalid("advance: out of range") }
        } else if let text = body["set"]?.stringValue {
            guard let micros = parse(text) else { throw .invalid("set takes a time such as \"2026-01-01T00:00:00Z\", not \"\(text)\"") }
            clock.set(micros: micros)
        } else {
            throw .invalid("Give {\"advance\": \"90s\"} or {\"set\": \"2026-01-01T00:00:00Z\"}")
        }
        return ["now": .string(Self.text(clock.nowMicros)), "mode": "virtual"]
    }

    private static func parse(_ text: String) -> Int64? {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        let seconds = date.timeIntervalSince1970
        guard abs(seconds) < 1e11 else { return nil }
        return Int64((seconds * 1_000_000).rounded())
    }

    /// `2026-01-01T00:00:00.000Z`.
    static func text(_ micros: Int64) -> String {
        Date(timeIntervalSince1970: Double(micros / 1000) / 1000).formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
            + "Z"
    }
}

import Synchronization

/// Counters since the start, printed as Prometheus text.
package final class Metrics: Sendable {
    private struct Key: Hashable {
        let operation: String
        let status: Int
    }

    private struct Total {
        var count = 0
        var micros: Int64 = 0

        mutating func add(_ micros: Int64) {
            count += 1
            self.micros += micros
        }
    }

    private struct State {
        var requests: [Key: Total] = [:]
        var faults: [String: Int] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func count(operation: String?, status: Int, micros: Int64, fault: String?) {
        state.withLock { state in
            let key = Key(operation: operation ?? "unknown", status: status)
            state.requests[key, default: Total()].add(micros)
            if let fault { state.faults[fault, default: 0] += 1 }
        }
    }

    package func clear() { state.withLock { $0 = State() } }

    /// Prometheus text format 0.0.4; series in the order of their labels.
    package func text() -> String {
        let (requests, faults) = state.withLock { ($0.requests, $0.faults) }
        let series = requests.sorted { ($0.key.operation, $0.key.status) < ($1.key.operation, $1.key.status) }
        var lines = [
            "# HELP dbxsim_requests_total Requests answered, by operation and HTTP status (0: no answer, by a fault).",
            "# TYPE dbxsim_requests_total counter",
        ]
        lines += series.map { "dbxsim_requests_total{\(Self.labels($0.key))} \($0.value.count)" }
        lines += [
            "# HELP dbxsim_request_seconds_total Time spent on requests, by operation and HTTP status.",
            "# TYPE dbxsim_request_seconds_total counter",
        ]
        lines += series.map { "dbxsim_request_seconds_total{\(Self.labels($0.key))} \(Double($0.value.micros) / 1_000_000)" }
        lines += ["# HELP dbxsim_faults_total Faults injected, by rule.", "# TYPE dbxsim_faults_total counter"]
        lines += faults.sorted { $0.key < $1.key }.map { "dbxsim_faults_total{rule=\"\(Self.escape($0.key))\"} \($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func labels(_ key: Key) -> String { "operation=\"\(escape(key.operation))\",status=\"\(key.status)\"" }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}

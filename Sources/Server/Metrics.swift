import Synchronization
import Workspace

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
        var errors: [String: Int] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// - Parameter error: the answer's error code, for one that has one.
    package func count(operation: String?, status: Int, micros: Int64, fault: String?, error: String? = nil) {
        state.withLock { state in
            let key = Key(operation: operation ?? "unknown", status: status)
            state.requests[key, default: Total()].add(micros)
            if let error { state.errors[error, default: 0] += 1 }
            if let fault { state.faults[fault, default: 0] += 1 }
        }
    }

    package func clear() { state.withLock { $0 = State() } }

    /// Prometheus text format 0.0.4; series in the order of their labels.
    package func text() -> String {
        let (requests, faults, errors) = state.withLock { ($0.requests, $0.faults, $0.errors) }
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
        lines += faults.sorted { $0.key < $1.key }.map { "dbxsim_faults_total{rule=\"\(PrometheusText.escape($0.key))\"} \($0.value)" }
        lines += [
            "# HELP databricks_api_requests_total Requests answered, by operation and HTTP status.", "# TYPE databricks_api_requests_total counter",
        ]
        lines += series.map { "databricks_api_requests_total{\(Self.endpoint($0.key)),status=\"\($0.key.status)\"} \($0.value.count)" }
        lines += ["# HELP databricks_rate_limits_total Answers with status 429, by operation.", "# TYPE databricks_rate_limits_total counter"]
        lines += series.filter { $0.key.status == 429 }.map { "databricks_rate_limits_total{\(Self.endpoint($0.key))} \($0.value.count)" }
        lines += ["# HELP databricks_errors_total Answers that are errors, by error code.", "# TYPE databricks_errors_total counter"]
        lines += errors.sorted { $0.key < $1.key }.map { "databricks_errors_total{\(PrometheusText.label("error_type", $0.key))} \($0.value)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func endpoint(_ key: Key) -> String { PrometheusText.label("endpoint", key.operation) }

    private static func labels(_ key: Key) -> String { "operation=\"\(PrometheusText.escape(key.operation))\",status=\"\(key.status)\"" }
}

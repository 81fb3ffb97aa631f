import Synchronization

/// Counters of what the services have done since the program's start, under the names that a Databricks client's own metrics have.
package final class ServiceMetrics: Sendable {
    package static let shared = ServiceMetrics()

    /// Upper bounds of the buckets; one more is for what is larger.
    private static let seconds: [Double] = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 3600]
    private static let rows: [Double] = [0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
    /// Further label values of a family are counted as `other`.
    private static let mostSeries = 2_000

    private struct Histogram {
        var counts: [Int]
        var sum = 0.0

        mutating func add(_ value: Double, _ bounds: [Double]) {
            counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            sum += value
        }
    }

    private struct State {
        var counters: [String: [[String]: Int]] = [:]
        var histograms: [String: [String: Histogram]] = [:]

        mutating func add(_ name: String, _ labels: [String], _ number: Int = 1) {
            var series = counters[name] ?? [:]
            let isKnown = series[labels] != nil || series.count < ServiceMetrics.mostSeries
            series[isKnown ? labels : ["other"] + labels.dropFirst(), default: 0] += number
            counters[name] = series
        }

        mutating func observe(_ name: String, _ label: String, _ value: Double, _ bounds: [Double]) {
            var series = histograms[name] ?? [:]
            let label = series[label] != nil || series.count < ServiceMetrics.mostSeries ? label : "other"
            series[label, default: Histogram(counts: Array(repeating: 0, count: bounds.count + 1))].add(value, bounds)
            histograms[name] = series
        }
    }

    private struct Family {
        let name: String
        let help: String
        let labels: [String]
        /// Nil for a counter
        var bounds: [Double]?
    }

    private static let families: [Family] = [
        Family(
            name: "databricks_jobs_submitted_total", help: "Runs begun, queued or skipped, by kind and first state.", labels: ["job_type", "status"]),
        Family(name: "databricks_job_duration_seconds", help: "Time from a run's begin to its end.", labels: ["job_type"], bounds: seconds),
        Family(name: "databricks_sql_queries_total", help: "Statements that have ended, by final state.", labels: ["warehouse_id", "status"]),
        Family(
            name: "databricks_sql_query_duration_seconds", help: "Time from a statement's submission to its end.", labels: ["warehouse_id"],
            bounds: seconds),
        Family(name: "databricks_sql_rows_returned", help: "Rows of a statement's result.", labels: ["warehouse_id"], bounds: rows),
        Family(name: "databricks_delta_operations_total", help: "Commits to tables.", labels: ["table", "operation"]),
        Family(
            name: "databricks_delta_rows_processed", help: "Rows that commits have written, as their metrics say.", labels: ["table", "operation"]),
        Family(name: "databricks_delta_bytes_processed", help: "Bytes of the files that commits have added.", labels: ["table", "operation"]),
    ]

    private let state = Mutex(State())

    package init() {}

    package func submittedRun(type: String, status: String) { state.withLock { $0.add("databricks_jobs_submitted_total", [type, status]) } }

    package func endedRun(type: String, millis: Int64) {
        state.withLock { $0.observe("databricks_job_duration_seconds", type, Double(max(0, millis)) / 1_000, Self.seconds) }
    }

    package func endedStatement(warehouse: String, status: String, micros: Int64, rows: Int) {
        state.withLock { state in
            state.add("databricks_sql_queries_total", [warehouse, status])
            state.observe("databricks_sql_query_duration_seconds", warehouse, Double(max(0, micros)) / 1_000_000, Self.seconds)
            state.observe("databricks_sql_rows_returned", warehouse, Double(rows), Self.rows)
        }
    }

    /// - Parameter table: full name
    package func committed(table: String, operation: String, rows: Int, bytes: Int) {
        state.withLock { state in
            state.add("databricks_delta_operations_total", [table, operation])
            if rows > 0 { state.add("databricks_delta_rows_processed", [table, operation], rows) }
            if bytes > 0 { state.add("databricks_delta_bytes_processed", [table, operation], bytes) }
        }
    }

    /// Prometheus text format 0.0.4; series in the order of their labels.
    package func text() -> String {
        let (counters, histograms) = state.withLock { ($0.counters, $0.histograms) }
        var lines: [String] = []
        for family in Self.families {
            lines.append("# HELP \(family.name) \(family.help)")
            lines.append("# TYPE \(family.name) \(family.bounds == nil ? "counter" : "histogram")")
            if let bounds = family.bounds {
                for (label, histogram) in (histograms[family.name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                    let own = PrometheusText.label(family.labels[0], label)
                    var below = 0
                    for (place, count) in histogram.counts.enumerated() {
                        below += count
                        let bound = place < bounds.count ? Self.number(bounds[place]) : "+Inf"
                        lines.append("\(family.name)_bucket{\(own),le=\"\(bound)\"} \(below)")
                    }
                    lines.append("\(family.name)_sum{\(own)} \(Self.number(histogram.sum))")
                    lines.append("\(family.name)_count{\(own)} \(below)")
                }
            } else {
                for (values, count) in (counters[family.name] ?? [:]).sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                    let labels = zip(family.labels, values).map { PrometheusText.label($0, $1) }.joined(separator: ",")
                    lines.append("\(family.name){\(labels)} \(count)")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func number(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
}

package enum PrometheusText {
    package static func label(_ name: String, _ value: String) -> String { "\(name)=\"\(escape(value))\"" }

    package static func escape(_ text: String) -> String {
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

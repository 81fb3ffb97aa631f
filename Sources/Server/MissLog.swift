import Cassettes
import Synchronization

/// The requests that had no recorded answer, for the report at the end: distinct ones with their count.
package final class MissLog: Sendable {
    private struct State {
        var total = 0
        var counts: [[String]: Int] = [:]
        /// Reports in the order of their first miss.
        var order: [[String]] = []
    }

    /// How many distinct misses are kept.
    private static let limit = 100

    private let state = Mutex(State())

    func add(_ miss: NearestMiss) {
        let report = miss.report
        state.withLock { state in
            state.total += 1
            if state.counts[report] == nil {
                guard state.order.count < Self.limit else { return }
                state.order.append(report)
            }
            state.counts[report, default: 0] += 1
        }
    }

    func clear() { state.withLock { $0 = State() } }

    package var count: Int { state.withLock { $0.total } }

    /// A summary line, then each distinct miss with what is nearest to it; nil if there are none.
    package var report: String? {
        let (total, order, counts) = state.withLock { ($0.total, $0.order, $0.counts) }
        guard total > 0 else { return nil }
        var lines = ["\(total) request\(total == 1 ? "" : "s") had no recorded answer"]
        var listed = 0
        for report in order {
            let count = counts[report] ?? 0
            listed += count
            lines += report.enumerated().map { $0.offset == 0 ? "  \(count) × \($0.element)" : "    \($0.element)" }
        }
        if listed < total { lines.append("  and \(total - listed) more of other kinds") }
        return lines.joined(separator: "\n")
    }
}

import SparkErrors

extension [UInt8] {
    /// Appends a pattern so many times, in bites between which the statement may end.
    mutating func append(_ pattern: ArraySlice<UInt8>, times: Int) throws(SQLError) {
        guard times > 0, !pattern.isEmpty else { return }
        let bite = Swift.min(times, Swift.max(1, (1 << 16) / pattern.count))
        var block: [UInt8] = []
        block.reserveCapacity(bite * pattern.count)
        for _ in 0..<bite { block.append(contentsOf: pattern) }
        let (whole, rest) = times.quotientAndRemainder(dividingBy: bite)
        for turn in 0..<whole {
            append(contentsOf: block)
            if turn & 63 == 63 { try ExecutionMonitor.check() }
        }
        append(contentsOf: block.prefix(rest * pattern.count))
    }
}

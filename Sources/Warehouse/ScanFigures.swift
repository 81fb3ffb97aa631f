import DeltaTable

/// What a statement's scans of tables have read, and what statistics and partition values have spared them.
package struct ScanFigures: Sendable {
    package let files: Int64
    package let bytes: Int64
    /// Of the row groups that were read.
    package let rows: Int64
    package let prunedFiles: Int64
    package let prunedBytes: Int64

    /// Counters of all scans since the program's start, as Prometheus text.
    package static var metrics: [String] {
        let counts = ScanCounters.all.counts
        func counter(_ name: String, _ help: String, _ series: [(String, Int)]) -> [String] {
            ["# HELP dbxsim_\(name) \(help)", "# TYPE dbxsim_\(name) counter"] + series.map { "dbxsim_\(name){outcome=\"\($0.0)\"} \($0.1)" }
        }
        return counter(
            "scan_files_total", "Data files of tables, read or left out by statistics and partition values.",
            [("read", counts.filesRead), ("pruned", counts.filesPruned)])
            + counter(
                "scan_row_groups_total", "Row groups of data files, read or left out by statistics.",
                [("read", counts.rowGroupsRead), ("pruned", counts.rowGroupsPruned)])
    }
}

extension Statement {
    package var scanned: ScanFigures {
        let counts = scans.counts
        return ScanFigures(
            files: Int64(counts.filesRead), bytes: Int64(counts.bytesRead), rows: Int64(counts.rowsRead), prunedFiles: Int64(counts.filesPruned),
            prunedBytes: Int64(counts.bytesPruned))
    }
}

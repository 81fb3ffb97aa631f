import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// VACUUM.
extension StatementRunner {
    private static let mostShown = 1000

    func vacuum(_ statement: SparkSyntax.Vacuum) throws(SQLError) -> ResultSet {
        let name = try objectName(statement.table)
        let table = try writable(name, "VACUUM", at: statement.table.span)
        let location = try tableInfo(name, at: statement.table.span).location ?? ""
        let scheme = location.firstRange(of: "://").map { String(location[..<$0.upperBound]) } ?? ""
        let commit = commit(to: table, name)
        let snapshot = try onTable { try table.snapshot() }
        let standard = DeltaVacuum.retention(snapshot)
        let specified = try statement.retainHours.map { (hours) throws(SQLError) in try millis(ofHours: hours) }
        let checks = try session.current.value(of: Session.State.retentionCheck).lowercased() != "false"
        if let specified, checks, specified < standard {
            throw SQLError(
                .delta("DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT", sqlState: "22003", Self.tooShort),
                ["configuredRetentionHours": "\((standard &+ 3_599_999) / 3_600_000)"], phase: .execution)
        }
        let lite = statement.mode == "LITE"
        return try onTable { () throws -> ResultSet in
            var kept: Set<String> = []
            for clone in try workspace.tables.clones(of: TableStore.objectPath(location)) {
                // A clone that is no longer there needs nothing.
                guard let snapshot = try? service.tables.delta(at: clone).snapshot() else { continue }
                kept.formUnion(snapshot.reachableObjects(now: commit.timestampMillis))
            }
            let vacuum = DeltaVacuum(table, snapshot, now: commit.timestampMillis, retention: specified ?? standard, keeping: kept)
            let files = try vacuum.candidates(lite: lite)
            if statement.dryRun {
                return ResultSet(
                    [Field("path", .text, nullable: false)], rows: files.prefix(Self.mostShown).map { [.string(scheme + $0.path)] })
            }
            var start = CommitOperation("VACUUM START", [("retentionCheckEnabled", checks ? "true" : "false")])
            if let specified { start.parameters.append(("specifiedRetentionMillis", .string(String(specified)))) }
            start.parameters += [("defaultRetentionMillis", .string(String(standard)))]
            if lite { start.parameters.append(("typeOfVacuum", "LITE")) }
            start.metrics = [
                ("numFilesToDelete", "\(files.count)"), ("sizeOfDataToDelete", "\(files.reduce(0) { $0 &+ $1.size })"),
            ]
            _ = try table.begin(commit, enforcing: Self.enforced).commit(start)
            try vacuum.delete(files)
            var end = CommitOperation("VACUUM END", [("status", "COMPLETED")])
            end.metrics = [("numDeletedFiles", "\(files.count)"), ("numVacuumedDirectories", "\(vacuum.directories(files))")]
            _ = try table.begin(commit, enforcing: Self.enforced).commit(end)
            return ResultSet([Field("path", .text)], rows: [[.string(location)]])
        }
    }

    private func millis(ofHours expression: SparkSyntax.Expression) throws(SQLError) -> Int64 {
        let typed = try value(of: expression, as: .double)
        guard case .double(let hours) = typed.value, hours >= 0, hours < 1e9 else {
            throw .notSimulated("RETAIN of less than 0 hours", at: expression.span)
        }
        return Int64(hours * 3_600_000)
    }

    private static let tooShort = """
        The specified VACUUM retention period is too low and may corrupt this Delta table if any writes are in progress.

        If no operations (insert, upsert, delete, optimize) are running, you can disable this safety check by setting:
        delta.retentionDurationCheck.enabled = false

        Otherwise, use a retention period of at least <configuredRetentionHours> hours.
        """
}

import Columnar
import DeltaTable
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// What INSERT, DELETE, UPDATE and MERGE have in common.
extension StatementRunner {
    /// INSERT's answer: one row of counts; CREATE TABLE AS SELECT has the columns and no row.
    static func insertResult(rows: Int?) -> ResultSet {
        let counts = rows.map { [[Value.integer(Int64($0)), .integer(Int64($0))]] } ?? []
        return ResultSet([Field("num_affected_rows", .long), Field("num_inserted_rows", .long)], rows: counts)
    }

    static func affected(_ rows: Int) -> ResultSet {
        ResultSet([Field("num_affected_rows", .long)], rows: [[.integer(Int64(rows))]])
    }

    /// Features of tables whose rules over rows the statements keep.
    static let enforced: Set<TableFeature> = [
        .allowColumnDefaults, .invariants, .checkConstraints, .generatedColumns, .identityColumns, .changeDataFeed,
    ]

    /// The Delta table behind a name that is to be written to.
    func writable(_ name: ObjectName, _ operation: String, at span: SourceSpan) throws(SQLError) -> DeltaTable {
        let table = try tableInfo(name, at: span)
        if table.type.isView {
            throw SQLError(.expectTableNotViewNoAlternative, ["viewName": SQLQuote.id(name.parts), "operation": operation], at: span)
        }
        guard table.isDelta, let location = table.location else {
            throw .notSimulated("\(operation) on a table of the type \(table.type.rawValue) and the format \(table.format ?? "")", at: span)
        }
        try authorize(table, operation)
        if name.catalog == SampleTable.catalog {
            throw SQLError(.insufficientPermissions, ["report": "User does not have MODIFY on Table '\(name)'."], at: span)
        }
        return try onTable { try service.tables.delta(at: location) }
    }

    /// All rows of a plan, without the request's row limit.
    func batches(_ plan: ResolvedPlan) throws(SQLError) -> [RecordBatch] {
        if readsNothing { return [] }
        return try QueryEngine.collect(plan, context: context, cancellation: statement.cancellation, limits: limits, optimizer: service.optimizer)
            .filter {
                $0.rowCount > 0
            }
    }

    /// All rows of a plan as one batch, without the request's row limit; nil for none.
    func collectAll(_ plan: ResolvedPlan) throws(SQLError) -> RecordBatch? {
        let batches = try self.batches(plan)
        guard let first = batches.first else { return nil }
        return batches.count == 1 ? first : RecordBatch.concat(batches, schema: first.schema)
    }

    /// How long the statement has taken so far by the workspace's clock, as metrics have it.
    private var elapsed: String { String(max(workspace.environment.nowMillis - statement.submittedMicros / 1000, 0)) }

    /// DELETE's and UPDATE's metrics.
    func metrics(_ outcome: TableEdit.Outcome, deleted: Int? = nil, updated: Int? = nil) -> [(String, String)] {
        var metrics = [
            ("numRemovedFiles", "\(outcome.removedFiles)"), ("numRemovedBytes", "\(outcome.removedBytes)"),
            ("numCopiedRows", "\(outcome.copiedRows)"),
            ("numDeletionVectorsAdded", "\(outcome.vectorsAdded + outcome.vectorsUpdated)"),
            ("numDeletionVectorsRemoved", "\(outcome.vectorsRemoved + outcome.vectorsUpdated)"),
            ("numDeletionVectorsUpdated", "\(outcome.vectorsUpdated)"), ("numAddedChangeFiles", "\(outcome.changes.count)"),
            ("executionTimeMs", elapsed), ("scanTimeMs", "0"), ("rewriteTimeMs", "0"),
        ]
        if let deleted { metrics.append(("numDeletedRows", "\(deleted)")) }
        if let updated { metrics.append(("numUpdatedRows", "\(updated)")) }
        return metrics + [("numAddedFiles", "\(outcome.addedFiles)"), ("numAddedBytes", "\(outcome.addedBytes)")]
    }

    /// MERGE's metrics. Counts by kind of clause: matched, and not matched by source.
    func metrics(
        _ outcome: TableEdit.Outcome, sourceRows: Int, inserted: Int, updated: (matched: Int, bySource: Int), deleted: (matched: Int, bySource: Int)
    ) -> [(String, String)] {
        let allUpdated = updated.matched + updated.bySource
        return [
            ("numTargetRowsCopied", "\(outcome.copiedRows)"), ("numTargetRowsDeleted", "\(deleted.matched + deleted.bySource)"),
            ("numTargetFilesAdded", "\(outcome.addedFiles)"), ("numTargetBytesAdded", "\(outcome.addedBytes)"),
            ("numTargetBytesRemoved", "\(outcome.removedBytes)"),
            ("numTargetDeletionVectorsAdded", "\(outcome.vectorsAdded + outcome.vectorsUpdated)"),
            ("numTargetRowsMatchedUpdated", "\(updated.matched)"), ("executionTimeMs", elapsed), ("materializeSourceTimeMs", "0"),
            ("numTargetRowsInserted", "\(inserted)"), ("numTargetRowsMatchedDeleted", "\(deleted.matched)"),
            ("numTargetDeletionVectorsUpdated", "\(outcome.vectorsUpdated)"), ("scanTimeMs", "0"), ("numTargetRowsUpdated", "\(allUpdated)"),
            ("numOutputRows", "\(inserted + allUpdated + outcome.copiedRows)"),
            ("numTargetDeletionVectorsRemoved", "\(outcome.vectorsRemoved + outcome.vectorsUpdated)"),
            ("numTargetRowsNotMatchedBySourceUpdated", "\(updated.bySource)"), ("numTargetChangeFilesAdded", "\(outcome.changes.count)"),
            ("numSourceRows", "\(sourceRows)"), ("numTargetFilesRemoved", "\(outcome.removedFiles)"),
            ("numTargetRowsNotMatchedBySourceDeleted", "\(deleted.bySource)"), ("rewriteTimeMs", "0"),
        ]
    }
}

extension Transaction {
    /// Takes up what a change of rows came to.
    mutating func take(_ outcome: TableEdit.Outcome) {
        remove(outcome.removed)
        add(outcome.added)
        for file in outcome.changes { add(file) }
    }
}

import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// DELETE, UPDATE and TRUNCATE.
extension StatementRunner {
    func delete(_ delete: Delete) throws(SQLError) -> ResultSet {
        let name = try objectName(delete.table)
        let table = try writable(name, "DELETE", at: delete.table.span)
        let commit = commit(to: table, name)
        let rows = try onTable { () throws -> Int in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let work = try TableWork(self, name, table, commit, transaction.snapshot)
            let (edit, scope) = try deleting(delete.filter, with: delete.with, alias: delete.alias, work)
            let outcome = try edit.write(work.writeTarget, commit)
            scope.record(in: &transaction)
            transaction.take(outcome)
            var operation = CommitOperation.delete(predicate: delete.filter.flatMap { $0.span.text(in: text) })
            operation.metrics = metrics(outcome, deleted: edit.deletedRows)
            if !outcome.removed.isEmpty { _ = try transaction.commit(operation) }
            return edit.deletedRows
        }
        return Self.affected(rows)
    }

    /// The rows for which a condition is true, all without one, are to go.
    func deleting(
        _ condition: SparkSyntax.Expression?, with: With? = nil, alias: TableAlias? = nil, _ work: TableWork
    ) throws -> (edit: TableEdit, scope: ScannedFiles) {
        let (target, scope) = try work.rows(alias)
        let plan = try QueryEngine.analyzeDelete(
            condition, with: with, from: target, catalog: catalog, parameters: try parameters(), context: context)
        let matched = try batches(plan)
        var edit = try TableEdit(work.table, work.snapshot, files: scope.files)
        for batch in matched { edit.delete(Self.numbers(batch, 0)) }
        return (edit, scope)
    }

    /// A column of row numbers.
    static func numbers(_ batch: RecordBatch, _ index: Int) -> [Int64] { batch.columns[index].values.asInt64?.values ?? [] }

    func truncate(_ reference: NameReference, _ partition: PartitionSpec?) throws(SQLError) -> ResultSet {
        let name = try objectName(reference)
        let table = try writable(name, "TRUNCATE TABLE", at: reference.span)
        if let partition {
            throw SQLError(
                .delta(
                    "DELTA_TRUNCATE_TABLE_PARTITION_NOT_SUPPORTED", sqlState: "0AKDC",
                    "Operation not allowed: TRUNCATE TABLE on Delta tables does not support partition predicates; use DELETE to delete specific partitions or rows."
                ), at: partition.span, phase: .analysis)
        }
        let commit = commit(to: table, name)
        try onTable {
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            transaction.reads.readWholeTable()
            transaction.removeAll()
            _ = try transaction.commit(CommitOperation("TRUNCATE"))
        }
        return .none
    }

    func update(_ update: Update) throws(SQLError) -> ResultSet {
        let name = try objectName(update.table)
        let table = try writable(name, "UPDATE", at: update.table.span)
        let commit = commit(to: table, name)
        let rows = try onTable { () throws -> Int in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            var work = try TableWork(self, name, table, commit, transaction.snapshot)
            let (target, scope) = try work.rows(update.alias)
            let plan = try QueryEngine.analyzeUpdate(
                update, of: target, catalog: catalog, parameters: try parameters(), context: context)
            let changed = try batches(plan)
            var edit = try TableEdit(table, work.snapshot, files: scope.files)
            let schema = work.snapshot.schema
            let assigned = try AssignedColumns(update.assignments, masked: work.policies.masks.map { $0.column })
            for batch in changed {
                let columns = Array(batch.columns.dropFirst())
                let rows = Self.conform(
                    RecordBatch(schema: Schema(Array(batch.schema.fields.dropFirst())), columns: columns, rowCount: batch.rowCount), to: schema.fields
                )
                let numbers = Self.numbers(batch, 0)
                edit.update(numbers, with: try work.stored(try work.unmasked(rows, numbers, assigned: assigned, scope)))
            }
            let outcome = try edit.write(work.writeTarget, commit)
            scope.record(in: &transaction)
            transaction.take(outcome)
            var operation = CommitOperation.update(predicate: update.filter.flatMap { $0.span.text(in: text) })
            operation.metrics = metrics(outcome, updated: edit.updatedRows)
            if !outcome.removed.isEmpty { _ = try transaction.commit(operation) }
            return edit.updatedRows
        }
        return Self.affected(rows)
    }
}

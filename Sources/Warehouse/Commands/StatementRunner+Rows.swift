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
        let rows = try onRows(of: table) { () throws -> Int in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let work = try TableWork(self, name, table, commit, transaction.snapshot)
            let (edit, scope, isPlain) = try deleting(delete.filter, with: delete.with, alias: delete.alias, work)
            let outcome = try edit.write(work.writeTarget, commit)
            scope.record(in: &transaction)
            transaction.take(outcome)
            var operation = CommitOperation.delete(predicate: delete.filter.flatMap { $0.span.text(in: text) })
            operation.metrics = metrics(outcome, deleted: edit.deletedRows)
            let touching = { (base: Snapshot, files: [AddFile]) throws -> Bool in
                let target = try TableWork(self, name, table, commit, base).rows(of: files, delete.alias)
                let plan = try QueryEngine.analyzeDelete(
                    delete.filter, with: delete.with, from: target, catalog: catalog, parameters: try parameters(), context: context)
                return try !batches(plan).isEmpty
            }
            if !outcome.removed.isEmpty { _ = try transaction.commit(operation, touching: isPlain ? touching : nil) }
            return edit.deletedRows
        }
        return Self.affected(rows)
    }

    /// The rows for which a condition is true, all without one, are to go. `isPlain`: the condition is of each row alone.
    func deleting(
        _ condition: SparkSyntax.Expression?, with: With? = nil, alias: TableAlias? = nil, _ work: TableWork
    ) throws -> (edit: TableEdit, scope: ScannedFiles, isPlain: Bool) {
        let (target, scope) = try work.rows(alias)
        let bridge = catalog
        let plan = try QueryEngine.analyzeDelete(
            condition, with: with, from: target, catalog: bridge, parameters: try parameters(), context: context)
        let matched = try batches(plan)
        var edit = try TableEdit(work.table, work.snapshot, files: scope.files)
        for batch in matched { edit.delete(Self.numbers(batch, 0)) }
        return (edit, scope, isPlain(plan, bridge, work))
    }

    /// Whether what a plan does to a row depends on this row alone.
    func isPlain(_ plan: ResolvedPlan, _ bridge: CatalogBridge, _ work: TableWork) -> Bool {
        work.policies.isEmpty && plan.isDeterministic && !bridge.used.readsData
    }

    /// As `onTable`, and from the beginning again when files were only arranged anew meanwhile. `anything`: as in `isRearranged`.
    func onRows<T>(of table: DeltaTable, or anything: Bool = false, _ attempt: () throws -> T) throws(SQLError) -> T {
        try onTable {
            for _ in 0..<Self.mostAttempts {
                let version = try table.snapshot().version
                do {
                    return try attempt()
                } catch let error as DeltaError where error.isConflict {
                    guard try table.isRearranged(since: version, or: anything) else { throw error }
                }
            }
            return try attempt()
        }
    }

    private static let mostAttempts = 100

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
        let rows = try onRows(of: table) { () throws -> Int in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            var work = try TableWork(self, name, table, commit, transaction.snapshot)
            let (target, scope) = try work.rows(update.alias)
            let bridge = catalog
            let plan = try QueryEngine.analyzeUpdate(
                update, of: target, catalog: bridge, parameters: try parameters(), context: context)
            let isPlain = isPlain(plan, bridge, work)
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
            let touching = { (base: Snapshot, files: [AddFile]) throws -> Bool in
                let target = try TableWork(self, name, table, commit, base).rows(of: files, update.alias)
                let plan = try QueryEngine.analyzeUpdate(
                    update, of: target, catalog: catalog, parameters: try parameters(), context: context)
                return try !batches(plan).isEmpty
            }
            if !outcome.removed.isEmpty { _ = try transaction.commit(operation, touching: isPlain ? touching : nil) }
            return edit.updatedRows
        }
        return Self.affected(rows)
    }
}

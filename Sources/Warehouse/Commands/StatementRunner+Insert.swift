import Columnar
import DeltaTable
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// INSERT.
extension StatementRunner {
    func insert(_ insert: Insert) throws(SQLError) -> ResultSet {
        let name = try objectName(insert.table)
        let table = try writable(name, "INSERT", at: insert.table.span)
        let source =
            insert.with.map { Query(with: $0, body: .parenthesized(insert.source), organization: .init(), span: insert.source.span) }
            ?? insert.source
        let commit = commit(to: table, name)
        let bridge = catalog
        let written = try onTable { () throws -> Int in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            var work = try TableWork(self, name, table, commit, transaction.snapshot)
            var evolution: Metadata?
            if let partition = insert.partition { try checkPartition(partition, work.snapshot) }
            if insert.schemaEvolution, let metadata = try evolved(work, source, insert.columns, bridge) {
                let described = try transaction.set(metadata)
                try work.evolve(described)
                evolution = described
            }
            let plan: ResolvedPlan
            let unfilled: [Int]
            var matching: (rows: [Int64], scope: ScannedFiles)?
            if case .replaceOn(let condition) = insert.mode {
                let (target, scope) = try work.rows(insert.alias)
                let analyzed = try QueryEngine.analyzeReplaceOn(
                    insert, condition: condition, source: source, of: target, catalog: bridge, parameters: try parameters(), context: context
                ) { (plan) throws(SQLError) in try batches(plan) }
                (plan, unfilled) = (analyzed.insert, analyzed.unfilled)
                matching = (try batches(analyzed.matches).flatMap { Self.numbers($0, 0) }, scope)
            } else {
                (plan, unfilled) = try QueryEngine.analyzeInsert(
                    source, columns: insert.columns, partition: insert.partition, into: work.target, catalog: bridge, parameters: try parameters(),
                    context: context)
            }
            // A table that is read for the statement is no blind append's.
            let isRead = bridge.used.relations.contains { $0.count == 2 || $0.map { $0.lowercased() } == name.parts.map { $0.lowercased() } }
            if isRead { transaction.reads.readWholeTable() }
            let replacement = try Replacement(insert, self, work, matching)
            var writer = DeltaWriter(try work.writeTarget, commit)
            var kept: [RecordBatch] = []
            var count = 0
            var rows = try QueryEngine.execute(
                plan, context: context, cancellation: statement.cancellation, limits: limits, optimizer: service.optimizer)
            while !readsNothing, let batch = try rows.next() {
                let stored = try work.stored(batch, unfilled: unfilled)
                try replacement?.check(stored)
                try writer.write(stored)
                if replacement?.needsRows ?? false { kept.append(stored) }
                count += batch.rowCount
            }
            let files = try writer.finish()
            var operation = CommitOperation.write(
                mode: replacement == nil ? "Append" : "Overwrite", partitionBy: work.snapshot.metadata.partitionColumns,
                predicate: replacement?.predicate)
            operation.metrics = Self.metrics(files)
            if let replacement {
                let metrics = try replacement.apply(to: &transaction, work, files, kept)
                operation.metrics += metrics
            } else {
                transaction.add(files)
            }
            try work.finish(&transaction)
            _ = try transaction.commit(operation)
            if let evolution { try publish(name, evolution, nil) }
            return count
        }
        return Self.insertResult(rows: written)
    }

    private func checkPartition(_ partition: PartitionSpec, _ snapshot: Snapshot) throws(SQLError) {
        let names = snapshot.metadata.partitionColumns.map { $0.lowercased() }
        for (column, _) in partition.values where !names.contains(column.text.lowercased()) {
            throw SQLError(.nonPartitionColumn, ["columnName": SQLQuote.id(column.text)], at: column.span)
        }
    }

    /// WITH SCHEMA EVOLUTION: the table's description with the columns that the source has more; nil if there are none.
    private func evolved(_ work: TableWork, _ source: Query, _ columns: Insert.Columns, _ bridge: CatalogBridge) throws(SQLError) -> Metadata? {
        let made = try QueryEngine.analyze(source, catalog: bridge, parameters: try parameters(), context: context).schema.fields
        let schema = work.snapshot.tableSchema
        switch columns {
        case .byName: return SchemaEvolution.widened(work.snapshot.metadata, schema, with: made)
        case .positional:
            let pairs = zip(schema.fields, made).map { Field($0.name, $1.type) }
            return SchemaEvolution.widened(work.snapshot.metadata, schema, with: pairs + made.dropFirst(schema.fields.count))
        case .named(let names):
            let pairs = zip(names, made).map { Field($0.text, $1.type) }
            return SchemaEvolution.widened(work.snapshot.metadata, schema, with: pairs)
        }
    }
}

/// What an INSERT takes out of the table.
struct Replacement {
    enum Kind {
        /// All rows, or those of the partitions that PARTITION fixes.
        case overwrite(PartitionSpec?)
        case rowsWhere(SparkSyntax.Expression)
        /// Rows that agree with a new one in these columns, by position.
        case matching([Int])
        /// Rows by their numbers in a scan.
        case rows([Int64], ScannedFiles)
    }

    let kind: Kind
    private let runner: StatementRunner
    private let condition: RowFunction?

    /// nil for an INSERT that only adds. `matching`: the rows that REPLACE ON's condition found.
    init?(
        _ insert: Insert, _ runner: StatementRunner, _ work: TableWork, _ matching: (rows: [Int64], scope: ScannedFiles)?
    ) throws(SQLError) {
        self.runner = runner
        var condition: RowFunction?
        switch insert.mode {
        case .into: return nil
        case .replaceOn: kind = .rows(matching?.rows ?? [], matching?.scope ?? ScannedFiles(work.snapshot, runner.context))
        case .overwrite: kind = .overwrite(insert.partition)
        case .replaceWhere(let expression):
            kind = .rowsWhere(expression)
            condition = try QueryEngine.rowConditions(
                [expression], of: SparkSQL.WriteTarget(name: work.target.name, columns: work.target.columns.map { .init($0.field) }),
                catalog: runner.catalog, context: runner.context)
        case .replaceUsing(let names):
            var positions: [Int] = []
            for name in names {
                guard let index = work.snapshot.tableSchema.index(of: name.text) else {
                    throw SQLError(
                        .unresolvedColumnWithSuggestion,
                        [
                            "objectName": SQLQuote.id(name.text),
                            "proposal": work.snapshot.schema.fields.prefix(5).map { SQLQuote.id($0.name) }.joined(separator: ", "),
                        ], at: name.span)
                }
                positions.append(index)
            }
            kind = .matching(positions)
        }
        self.condition = condition
    }

    var needsRows: Bool { if case .matching = kind { true } else { false } }

    var predicate: String? {
        guard case .rowsWhere(let expression) = kind else { return nil }
        return expression.span.text(in: runner.text)
    }

    /// New rows must be of those that REPLACE WHERE replaces.
    func check(_ batch: RecordBatch) throws(SQLError) {
        guard let condition, let truth = try condition.evaluate(batch, runner.context).first?.booleans?.trueBits, !truth.allOnes else { return }
        throw SQLError(
            .delta(
                "DELTA_REPLACE_WHERE_MISMATCH", sqlState: "44000",
                "Written data does not conform to partial table overwrite condition or constraint '<replaceWhere>'.\n<message>"),
            ["replaceWhere": predicate ?? "", "message": "\(batch.rowCount - truth.onesCount) rows do not satisfy it."], phase: .execution)
    }

    /// Takes the old rows out and puts the new files in; the metrics of what went.
    func apply(
        to transaction: inout Transaction, _ work: TableWork, _ files: [AddFile], _ rows: [RecordBatch]
    ) throws -> [(String, String)] {
        switch kind {
        case .overwrite(let partition):
            let (removed, isWhole) = try overwritten(partition, work.snapshot)
            if isWhole {
                transaction.reads.readWholeTable()
            } else {
                let fixed = try fixedValues(partition, work.snapshot)
                transaction.reads.read(removed) { file in fixed.allSatisfy { file.partitionValues[$0.name] == $0.text } }
            }
            transaction.remove(removed)
            transaction.add(files)
            return [("numRemovedFiles", "\(removed.count)"), ("numRemovedBytes", "\(removed.reduce(0) { $0 &+ $1.size })")]
        case .rowsWhere(let expression):
            let (edit, scope, _) = try runner.deleting(expression, work)
            return try apply(edit, scope, to: &transaction, work, files)
        case .matching(let positions):
            let (target, scope) = try work.rows(nil)
            let source = MemoryTable(schema: work.snapshot.schema, batches: rows)
            let plan = try QueryEngine.analyzeMatching(
                source, columns: positions, of: target, catalog: runner.catalog, context: runner.context)
            let matched = try runner.batches(plan)
            var edit = try TableEdit(work.table, work.snapshot, files: scope.files)
            for batch in matched { edit.delete(StatementRunner.numbers(batch, 0)) }
            return try apply(edit, scope, to: &transaction, work, files)
        case .rows(let numbers, let scope):
            var edit = try TableEdit(work.table, work.snapshot, files: scope.files)
            edit.delete(numbers)
            return try apply(edit, scope, to: &transaction, work, files)
        }
    }

    private func apply(
        _ edit: TableEdit, _ scope: ScannedFiles, to transaction: inout Transaction, _ work: TableWork, _ files: [AddFile]
    ) throws -> [(String, String)] {
        var outcome = try edit.write(work.writeTarget, work.commit)
        if !outcome.changes.isEmpty {
            // Readers of the change feed are told of all rows there once they are told of any.
            var inserted: [RecordBatch] = []
            for file in files { inserted.append(try work.snapshot.read(file, columns: Array(work.snapshot.schema.fields.indices))) }
            outcome.changes += try TableEdit.changes([("insert", inserted)], work.writeTarget.changes, work.commit)
        }
        scope.record(in: &transaction)
        transaction.take(outcome)
        transaction.add(files)
        return [
            ("numRemovedFiles", "\(outcome.removedFiles)"), ("numRemovedBytes", "\(outcome.removedBytes)"),
            ("numDeletedRows", "\(edit.deletedRows)"), ("numCopiedRows", "\(outcome.copiedRows)"),
            ("numAddedChangeFiles", "\(outcome.changes.count)"),
        ]
    }

    /// The files that INSERT OVERWRITE replaces: those of the partitions that PARTITION fixes.
    private func overwritten(_ partition: PartitionSpec?, _ snapshot: Snapshot) throws(SQLError) -> (files: [AddFile], isWhole: Bool) {
        let fixed = try fixedValues(partition, snapshot)
        return (snapshot.files.filter { file in fixed.allSatisfy { file.partitionValues[$0.name] == $0.text } }, fixed.isEmpty)
    }

    private func fixedValues(_ partition: PartitionSpec?, _ snapshot: Snapshot) throws(SQLError) -> [(name: String, text: String?)] {
        var fixed: [(name: String, text: String?)] = []
        for (column, value) in partition?.values ?? [] {
            guard let value, let index = snapshot.tableSchema.index(of: column.text) else { continue }
            let field = snapshot.tableSchema.fields[index]
            fixed.append((field.physicalName, PartitionText.text(of: try runner.value(of: value, as: field.type).value, field.type)))
        }
        return fixed
    }
}

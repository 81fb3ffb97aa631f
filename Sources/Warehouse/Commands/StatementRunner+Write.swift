import Columnar
import DeltaTable
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// INSERT, DELETE, UPDATE and TRUNCATE.
extension StatementRunner {
    func insert(_ insert: Insert) throws(SQLError) -> ResultSet {
        let overwrites: Bool
        var replaced: SparkSyntax.Expression?
        switch insert.mode {
        case .into: overwrites = false
        case .overwrite: overwrites = true
        case .replaceWhere(let condition):
            overwrites = false
            replaced = condition
        case .replaceUsing: throw .notSimulated("INSERT … REPLACE USING")
        case .replaceOn: throw .notSimulated("INSERT … REPLACE ON")
        }
        if insert.schemaEvolution { throw .notSimulated("WITH SCHEMA EVOLUTION") }
        let name = try objectName(insert.table)
        let table = try writable(name, "INSERT", at: insert.table.span)
        let source =
            insert.with.map { Query(with: $0, body: .parenthesized(insert.source), organization: .init(), span: insert.source.span) }
            ?? insert.source
        let commit = commit(to: table, name)
        let written = try onTable { () throws -> Int in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let snapshot = transaction.snapshot
            let target = try writeTarget(name, snapshot)
            if let partition = insert.partition { try checkPartition(partition, snapshot) }
            let plan = try QueryEngine.analyzeInsert(
                source, columns: insert.columns, partition: insert.partition, into: target, catalog: catalog, parameters: try parameters(),
                context: context)
            let rows = try collect(plan)
            let fields = snapshot.schema.fields
            var batches: [RecordBatch] = []
            for batch in rows.batches { batches.append(try CharVarchar.stored(Self.conform(batch, to: fields))) }
            let files = try DeltaWriter.write(batches, to: table.writeTarget(snapshot.metadata), commit)
            if overwrites {
                transaction.reads.readWholeTable()
                transaction.remove(try overwritten(insert.partition, snapshot))
            } else if let replaced {
                let rewrite = try rewrite(table, snapshot, deleting: replaced, name)
                transaction.reads.readWholeTable()
                transaction.remove(rewrite.removed)
                transaction.add(rewrite.added)
            }
            transaction.add(files)
            var operation = CommitOperation.write(
                mode: overwrites || replaced != nil ? "Overwrite" : "Append", partitionBy: snapshot.metadata.partitionColumns,
                predicate: replaced.flatMap { $0.span.text(in: text) })
            operation.metrics = Self.metrics(files)
            _ = try transaction.commit(operation)
            return rows.rowCount
        }
        return Self.insertResult(rows: written)
    }

    /// INSERT's answer: one row of counts; CREATE TABLE AS SELECT has the columns and no row.
    static func insertResult(rows: Int?) -> ResultSet {
        let counts = rows.map { [[Value.integer(Int64($0)), .integer(Int64($0))]] } ?? []
        return ResultSet([Field("num_affected_rows", .long), Field("num_inserted_rows", .long)], rows: counts)
    }

    private static func affected(_ rows: Int) -> ResultSet {
        ResultSet([Field("num_affected_rows", .long)], rows: [[.integer(Int64(rows))]])
    }

    /// Features of tables whose rules over rows the statements keep.
    static let enforced: Set<TableFeature> = [.allowColumnDefaults]

    // MARK: Targets

    /// The Delta table behind a name that is to be written to.
    func writable(_ name: ObjectName, _ operation: String, at span: SourceSpan) throws(SQLError) -> DeltaTable {
        let table = try tableInfo(name, at: span)
        if table.type.isView {
            throw SQLError(.expectTableNotViewNoAlternative, ["viewName": SQLQuote.id(name.parts), "operation": operation], at: span)
        }
        guard table.type == .managed, let location = table.location else {
            throw .notSimulated("\(operation) on a table of the type \(table.type.rawValue)", at: span)
        }
        if name.catalog == SampleTable.catalog {
            throw SQLError(.insufficientPermissions, ["report": "User does not have MODIFY on Table '\(name)'."], at: span)
        }
        return try onTable { try service.tables.delta(at: location) }
    }

    private func writeTarget(_ name: ObjectName, _ snapshot: Snapshot) throws(SQLError) -> SparkSQL.WriteTarget {
        var columns: [SparkSQL.WriteTarget.Column] = []
        for field in snapshot.tableSchema.fields {
            let value = try field.currentDefault.map { (text) throws(SQLError) in try Parser.parseExpression(text) }
            columns.append(.init(field.field, defaultValue: value))
        }
        return SparkSQL.WriteTarget(name: name.parts, columns: columns)
    }

    private func checkPartition(_ partition: PartitionSpec, _ snapshot: Snapshot) throws(SQLError) {
        let names = snapshot.metadata.partitionColumns.map { $0.lowercased() }
        for (column, _) in partition.values where !names.contains(column.text.lowercased()) {
            throw SQLError(.nonPartitionColumn, ["columnName": SQLQuote.id(column.text)], at: column.span)
        }
    }

    /// The files that INSERT OVERWRITE replaces: those of the partitions that PARTITION fixes.
    private func overwritten(_ partition: PartitionSpec?, _ snapshot: Snapshot) throws(SQLError) -> [AddFile] {
        var fixed: [(name: String, text: String?)] = []
        for (column, value) in partition?.values ?? [] {
            guard let value, let index = snapshot.tableSchema.index(of: column.text) else { continue }
            let field = snapshot.tableSchema.fields[index]
            let wanted = try self.value(of: value, as: field.type)
            fixed.append((field.physicalName, wanted.value.isNull ? nil : Cast.text(of: wanted.value, field.type, context)))
        }
        return snapshot.files.filter { file in fixed.allSatisfy { file.partitionValues[$0.name] == $0.text } }
    }

    // MARK: DELETE, UPDATE, TRUNCATE

    func delete(_ delete: Delete) throws(SQLError) -> ResultSet {
        let name = try objectName(delete.table)
        let table = try writable(name, "DELETE", at: delete.table.span)
        let commit = commit(to: table, name)
        let rows = try onTable { () throws -> Int in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let snapshot = transaction.snapshot
            let rewrite = try rewrite(table, snapshot, deleting: delete.filter, with: delete.with, alias: delete.alias, name)
            transaction.reads.readWholeTable()
            transaction.remove(rewrite.removed)
            transaction.add(rewrite.added)
            var operation = CommitOperation.delete(predicate: delete.filter.flatMap { $0.span.text(in: text) })
            operation.metrics = [
                ("numRemovedFiles", "\(rewrite.removed.count)"), ("numAddedFiles", "\(rewrite.added.count)"), ("numDeletedRows", "\(rewrite.rows)"),
            ]
            if !rewrite.removed.isEmpty { _ = try transaction.commit(operation) }
            return rewrite.rows
        }
        return Self.affected(rows)
    }

    func truncate(_ reference: NameReference, _ partition: PartitionSpec?) throws(SQLError) -> ResultSet {
        if let partition { throw .notSimulated("TRUNCATE TABLE … PARTITION", at: partition.span) }
        let name = try objectName(reference)
        let table = try writable(name, "TRUNCATE TABLE", at: reference.span)
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
            let snapshot = transaction.snapshot
            let target = RowTarget(provider: DeltaProvider(snapshot: snapshot), write: try writeTarget(name, snapshot), alias: update.alias)
            let plan = try QueryEngine.analyzeUpdate(
                update, of: target, catalog: catalog, parameters: try parameters(), context: context)
            let made = try collectAll(plan)
            let fields = snapshot.schema.fields
            let rewrite = try rewrite(table, snapshot, matches: made?.columns.first) { rows, _ in
                guard let made else { return nil }
                let part = made.slice(rows)
                let columns = Array(part.columns.dropFirst())
                return try CharVarchar.stored(
                    Self.conform(RecordBatch(schema: Schema(fields), columns: columns, rowCount: part.rowCount), to: fields))
            }
            transaction.reads.readWholeTable()
            transaction.remove(rewrite.removed)
            transaction.add(rewrite.added)
            var operation = CommitOperation.update(predicate: update.filter.flatMap { $0.span.text(in: text) })
            operation.metrics = [
                ("numRemovedFiles", "\(rewrite.removed.count)"), ("numAddedFiles", "\(rewrite.added.count)"), ("numUpdatedRows", "\(rewrite.rows)"),
            ]
            if !rewrite.removed.isEmpty { _ = try transaction.commit(operation) }
            return rewrite.rows
        }
        return Self.affected(rows)
    }

    // MARK: Rewriting files

    /// What changing rows does to a table's files.
    struct Rewrite {
        var removed: [AddFile] = []
        var added: [AddFile] = []
        /// Rows that matched.
        var rows = 0
    }

    private func rewrite(
        _ table: DeltaTable, _ snapshot: Snapshot, deleting condition: SparkSyntax.Expression?, with: With? = nil, alias: TableAlias? = nil,
        _ name: ObjectName
    ) throws -> Rewrite {
        let target = RowTarget(provider: DeltaProvider(snapshot: snapshot), write: try writeTarget(name, snapshot), alias: alias)
        let plan = try QueryEngine.analyzeDelete(
            condition, with: with, from: target, catalog: catalog, parameters: try parameters(), context: context)
        return try rewrite(table, snapshot, matches: try collectAll(plan)?.columns.first) { rows, matched in
            let file = try snapshot.read(matched.file, columns: Array(snapshot.schema.fields.indices))
            let kept = matched.flags.indices.filter { !matched.flags[$0] }
            return kept.isEmpty ? nil : file.take(kept.map { Int32(truncatingIfNeeded: $0) })
        }
    }

    /// Files with rows that match give way to what `replacement` makes of them. `matches`: one BOOLEAN for each row, in the files' order.
    private func rewrite(
        _ table: DeltaTable, _ snapshot: Snapshot, matches: Column?,
        _ replacement: (Range<Int>, (file: AddFile, flags: [Bool])) throws -> RecordBatch?
    ) throws -> Rewrite {
        var result = Rewrite()
        var start = 0
        var batches: [RecordBatch] = []
        for file in snapshot.files {
            let count = try snapshot.read(file, columns: []).rowCount
            defer { start += count }
            guard count > 0, let matches, start + count <= matches.count else { continue }
            let flags = (start..<(start + count)).map { matches.value(at: $0) == .boolean(true) }
            let changed = flags.reduce(0) { $0 + ($1 ? 1 : 0) }
            guard changed > 0 else { continue }
            result.rows += changed
            result.removed.append(file)
            if let batch = try replacement(start..<(start + count), (file, flags)) { batches.append(batch) }
        }
        if !batches.isEmpty { result.added = try DeltaWriter.write(batches, to: table.writeTarget(snapshot.metadata), commit) }
        return result
    }

    /// All rows of a plan as one batch, without the request's row limit; nil for none.
    func collectAll(_ plan: ResolvedPlan) throws(SQLError) -> RecordBatch? {
        let batches = try QueryEngine.collect(plan, context: context, cancellation: statement.cancellation, limits: limits).filter { $0.rowCount > 0 }
        guard let first = batches.first else { return nil }
        return batches.count == 1 ? first : RecordBatch.concat(batches, schema: first.schema)
    }
}

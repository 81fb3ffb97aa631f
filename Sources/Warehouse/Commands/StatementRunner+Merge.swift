import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// MERGE INTO.
extension StatementRunner {
    func merge(_ merge: Merge) throws(SQLError) -> ResultSet {
        let name = try objectName(merge.target)
        let table = try writable(name, "MERGE INTO", at: merge.target.span)
        let commit = commit(to: table, name)
        try checkMergePolicies(try tableInfo(name, at: merge.target.span), at: merge.target.span)
        let counts = try onRows(of: table) { () throws -> MergeCounts in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            var work = try TableWork(self, name, table, commit, transaction.snapshot)
            if merge.schemaEvolution, !work.policies.masks.isEmpty {
                throw SQLError.notSimulated("MERGE WITH SCHEMA EVOLUTION into a table with column masks", at: merge.target.span)
            }
            var sourceRows = 0
            var fields: [Field] = []
            // The source is read before the table takes on columns of its own.
            var scope: ScannedFiles?
            var evolved: Metadata?
            let bridge = catalog
            var isPlain = merge.takesEveryMatch
            let analyzed = try QueryEngine.analyzeMerge(
                merge, catalog: bridge, parameters: try parameters(), context: context,
                collect: { (plan) throws(SQLError) in
                    if !plan.isDeterministic { isPlain = false }
                    let batches = try batches(plan)
                    sourceRows = batches.reduce(0) { $0 + $1.rowCount }
                    return batches
                },
                target: { (schema) throws(SQLError) in
                    fields = schema.fields
                    evolved = merge.schemaEvolution ? Self.evolved(merge, work, fields) : nil
                    if let evolved {
                        // Names under which files know new columns are given when the description is set.
                        try work.evolve(try onTable { try transaction.set(evolved) })
                    }
                    let rows = try work.rows(merge.targetAlias)
                    scope = rows.scope
                    return rows.target
                })
            let pairs = try batches(analyzed.plan)
            guard let scope else { return MergeCounts() }
            var edit = try TableEdit(table, work.snapshot, files: scope.files)
            let counts = try take(pairs, merge, analyzed, scope, &work, &edit)
            let outcome = try edit.write(work.writeTarget, commit)
            scope.record(in: &transaction)
            transaction.take(outcome)
            try work.finish(&transaction)
            var operation = Self.operation(merge, text)
            operation.metrics = metrics(
                outcome, sourceRows: sourceRows, inserted: counts.inserted, updated: (counts.updated, counts.updatedBySource),
                deleted: (counts.deleted, counts.deletedBySource))
            if !edit.isEmpty || evolved != nil {
                let used = bridge.used
                if !analyzed.plan.isDeterministic || !work.policies.isEmpty || !used.temporary.isEmpty { isPlain = false }
                // The table may be read under another name.
                if name.isPath || used.relations.contains(where: { $0.count == 2 }) { isPlain = false }
                if used.relations.contains(where: { $0.map { $0.lowercased() } == name.parts.map { $0.lowercased() } }) { isPlain = false }
                let touching = { (base: Snapshot, files: [AddFile]) throws -> Bool in
                    let found = try taken(merge, TableWork(self, name, table, commit, base), files)
                    return try found.changes || found.inserts != taken(merge, TableWork(self, name, table, commit, base), []).inserts
                }
                _ = try transaction.commit(operation, touching: isPlain ? touching : nil)
                if evolved != nil { try publish(name, work.snapshot.metadata, nil) }
            }
            return counts
        }
        let (updated, deleted) = (counts.updated + counts.updatedBySource, counts.deleted + counts.deletedBySource)
        return ResultSet(
            ["num_affected_rows", "num_updated_rows", "num_deleted_rows", "num_inserted_rows"].map { Field($0, .long) },
            rows: [[updated + deleted + counts.inserted, updated, deleted, counts.inserted].map { .integer(Int64($0)) }])
    }

    /// What a merge would do if the table had these files alone.
    private func taken(_ merge: Merge, _ work: TableWork, _ files: [AddFile]) throws -> (changes: Bool, inserts: Int) {
        let analyzed = try QueryEngine.analyzeMerge(
            merge, catalog: catalog, parameters: try parameters(), context: context,
            collect: { (plan) throws(SQLError) in try batches(plan) },
            target: { (_) throws(SQLError) in work.rows(of: files, merge.targetAlias) })
        var taken = (changes: false, inserts: 0)
        for batch in try batches(analyzed.plan) {
            guard case .int32(let clauses) = batch.columns[0].values else { continue }
            for index in clauses.values where merge.clauses.indices.contains(Int(index)) {
                if merge.clauses[Int(index)].kind == .notMatched { taken.inserts += 1 } else { taken.changes = true }
            }
        }
        return taken
    }

    struct MergeCounts {
        var inserted = 0
        var updated = 0
        var updatedBySource = 0
        var deleted = 0
        var deletedBySource = 0
    }

    /// Sorts the pairs that clauses have taken into changes of the table.
    private func take(
        _ pairs: [RecordBatch], _ merge: Merge, _ analyzed: AnalyzedMerge, _ scope: ScannedFiles, _ work: inout TableWork, _ edit: inout TableEdit
    ) throws(SQLError) -> MergeCounts {
        var counts = MergeCounts()
        // A sole DELETE without a condition does the same to a row however many source rows match it.
        let matched = merge.clauses.filter { $0.kind == .matched }
        let isSoleDelete = matched.count == 1 && matched[0].condition == nil && matched[0].action.isDelete
        var seen: Set<Int64> = []
        let fields = work.snapshot.schema.fields
        for batch in pairs {
            guard case .int32(let clauses) = batch.columns[0].values else { continue }
            let numbers = Self.numbers(batch, 1)
            var rows = [[Int32]](repeating: [], count: merge.clauses.count)
            for row in 0..<batch.rowCount {
                let index = Int(clauses.values[row])
                guard merge.clauses.indices.contains(index) else { continue }
                if merge.clauses[index].kind != .notMatched, !seen.insert(numbers[row]).inserted {
                    if isSoleDelete { continue }
                    throw SQLError(
                        .delta("DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE", sqlState: "21506", Self.severalMatches),
                        ["usageReference": "https://docs.databricks.com/delta/merge.html#merge-error"], phase: .execution)
                }
                rows[index].append(Int32(truncatingIfNeeded: row))
            }
            for (index, clause) in merge.clauses.enumerated() where !rows[index].isEmpty {
                let part = rows[index].count == batch.rowCount ? batch : batch.take(rows[index])
                if clause.action.isDelete {
                    edit.delete(Self.numbers(part, 1))
                    if clause.kind == .matched { counts.deleted += part.rowCount } else { counts.deletedBySource += part.rowCount }
                    continue
                }
                let made = RecordBatch(
                    schema: Schema(fields),
                    columns: zip(part.columns.dropFirst(2), fields).map { column, field in
                        column.isVoid ? .nulls(field.type, count: part.rowCount) : column.with(type: field.type)
                    }, rowCount: part.rowCount)
                var rows = made
                if clause.kind != .notMatched {
                    var assigned = AssignedColumns.all
                    if case .update(let assignments) = clause.action {
                        assigned = try AssignedColumns(assignments, masked: work.policies.masks.map { $0.column })
                    }
                    rows = try work.unmasked(made, Self.numbers(part, 1), assigned: assigned, scope)
                }
                let stored = try work.stored(rows, unfilled: analyzed.unfilled[index])
                switch clause.kind {
                case .notMatched:
                    edit.insert(stored)
                    counts.inserted += part.rowCount
                case .matched:
                    edit.update(Self.numbers(part, 1), with: stored)
                    counts.updated += part.rowCount
                case .notMatchedBySource:
                    edit.update(Self.numbers(part, 1), with: stored)
                    counts.updatedBySource += part.rowCount
                }
            }
        }
        return counts
    }

    private static let severalMatches = """
        Cannot perform Merge as multiple source rows matched and attempted to modify the same
        target row in the Delta table in possibly conflicting ways. By SQL semantics of Merge,
        when multiple source rows match on the same target row, the result may be ambiguous
        as it is unclear which source row should be used to update or delete the matching
        target row. You can preprocess the source table to eliminate the possibility of
        multiple matches. Please refer to
        <usageReference>
        """

    /// WITH SCHEMA EVOLUTION: columns of the source that `*` brings along or that an assignment names.
    private static func evolved(_ merge: Merge, _ work: TableWork, _ source: [Field]) -> Metadata? {
        var named: Set<String> = []
        var takesAll = false
        for clause in merge.clauses {
            switch clause.action {
            case .updateAll, .insertAll: takesAll = true
            case .update(let assignments): for assignment in assignments { named.insert(assignment.target.last.lowercased()) }
            case .insert(let columns, _): for column in columns { named.insert(column.last.lowercased()) }
            case .delete: break
            }
        }
        let fields = source.filter { takesAll || named.contains($0.name.lowercased()) }
        return SchemaEvolution.widened(work.snapshot.metadata, work.snapshot.tableSchema, with: fields)
    }

    private static func operation(_ merge: Merge, _ text: String) -> CommitOperation {
        func predicates(_ kind: Merge.MatchKind) -> JSONValue {
            let list = merge.clauses.filter { $0.kind == kind }.map { clause -> JSONValue in
                var members: [(String, JSONValue)] = []
                if let condition = clause.condition { members.append(("predicate", .string(condition.span.text(in: text) ?? ""))) }
                members.append(("actionType", .string(clause.kind == .notMatched ? "insert" : clause.action.isDelete ? "delete" : "update")))
                return .members(members)
            }
            return .string(JSONValue.array(list).text)
        }
        return CommitOperation(
            "MERGE",
            [
                ("predicate", .string(JSONValue.array([.string("(\(merge.condition.span.text(in: text) ?? ""))")]).text)),
                ("matchedPredicates", predicates(.matched)), ("statsOnLoad", "false"),
                ("notMatchedBySourcePredicates", predicates(.notMatchedBySource)),
                ("notMatchedPredicates", predicates(.notMatched)),
            ])
    }
}

extension Merge.Action {
    fileprivate var isDelete: Bool { if case .delete = self { true } else { false } }
}

extension Merge {
    /// Whether each row of the table that a row of the source matches is changed, or none is missed where rows are put in: so that a change by another
    /// writer of a row that was matched shows as a change of the same row.
    fileprivate var takesEveryMatch: Bool {
        !clauses.contains { $0.kind == .notMatched } || clauses.contains { $0.kind == .matched && $0.condition == nil }
    }
}

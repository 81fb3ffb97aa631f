import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// AUTO CDC: brings the changes of a stream into a streaming table.
extension StatementRunner {
    /// `bridge`: where the flow's names are looked up. `full`: the table's rows and the changes that are kept are given up first.
    func applyChanges(
        _ changes: ChangeFlow, to dataset: Dataset, _ existing: TableInfo?, _ streams: StreamReads, _ bridge: CatalogBridge, full: Bool
    ) throws(SQLError) -> ResultSet {
        guard dataset.expectations.isEmpty else { throw .notSimulated("expectations of a streaming table that AUTO CDC fills") }
        let plan = try QueryEngine.analyze(changes.query, catalog: bridge, parameters: try parameters(), context: context)
        guard !streams.reads.isEmpty else { throw Self.wrongQuery(dataset) }
        let layout = try ChangeLayout(changes, plan.schema.fields, of: dataset.name)
        let isReset = full && request.update?.resetsTable != false
        let order = try byName(dataset, layout.made, isReset ? nil : existing) ?? Array(layout.made.indices)
        let fields = try dataset.fields(order.map { layout.made[$0] })
        if request.update?.validatesOnly ?? false {
            register(dataset, fields)
            return .none
        }
        let arrived = try collectAll(plan).map { (rows) throws(SQLError) in try layout.changes(rows, of: dataset.name) }
        if existing == nil || isReset {
            try define(dataset, fields, nil, existing)
        } else if let existing {
            try restate(dataset, fields, existing)
        }
        let name = dataset.name
        guard let info = try onCatalog(name.parts, { try service.tables.find(name) }), let location = info.location else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)])
        }
        try authorize(info, "MERGE")
        let table = try onTable { try service.tables.delta(at: location) }
        let commit = commit(to: table, name)
        var outcome = RefreshOutcome(name: name.description)
        outcome.changes = try onRows(of: table) { () throws -> RefreshOutcome.Changes in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let snapshot = transaction.snapshot
            let stored = snapshot.schema.fields
            guard stored.map({ $0.name.lowercased() }) == fields.map({ $0.name.lowercased() }), stored.map(\.type) == fields.map(\.type) else {
                throw SQLError.notSimulated("a change of a streaming table's columns without a full refresh")
            }
            let marks = streams.reads.filter { streams.known[$0.key] != $0.value }.sorted { $0.key < $1.key }
            let version = isReset ? nil : transaction.lastVersion(of: ChangeStore.mark)
            if version == nil, !snapshot.files.isEmpty {
                throw SQLError.notSimulated("AUTO CDC into a table that has been filled otherwise, without a full refresh")
            }
            guard let arrived else {
                if marks.isEmpty { return RefreshOutcome.Changes() }
                set(marks, of: dataset, in: &transaction)
                _ = try transaction.commit(CommitOperation("STREAMING UPDATE", [("outputMode", "Update")]))
                return RefreshOutcome.Changes()
            }
            let store = try ChangeStore(of: location, in: service.tables)
            let before = try version.flatMap { try store.read($0, layout) }
            let batch = try ChangeBatch(arrived, after: before, layout)
            var work = try TableWork(self, name, table, commit, snapshot)
            let (edit, counts) = try edited(batch, layout, order, &work)
            let written = try edit.write(work.writeTarget, commit)
            transaction.reads.readWholeTable()
            transaction.take(written)
            let next = try store.write(batch.kept, layout, self.commit)
            transaction.set(SetTransaction(appID: ChangeStore.mark, version: next, lastUpdated: workspace.environment.nowMillis))
            set(marks, of: dataset, in: &transaction)
            var operation = CommitOperation("MERGE")
            operation.metrics = metrics(
                written, sourceRows: arrived.rowCount, inserted: edit.insertedRows, updated: (edit.updatedRows, 0), deleted: (edit.deletedRows, 0))
            _ = try transaction.commit(operation)
            if let version { store.forget(version) }
            return counts
        }
        var result = ResultSet.none
        result.refresh = outcome
        return result
    }

    /// The changes as changes of the table's rows. `order`: for each of the table's columns its place among those that the flow makes.
    private func edited(
        _ batch: ChangeBatch, _ layout: ChangeLayout, _ order: [Int], _ work: inout TableWork
    ) throws -> (edit: TableEdit, counts: RefreshOutcome.Changes) {
        let fields = work.snapshot.schema.fields
        let width = layout.output.count
        let keepsHistory = layout.rules.keepsHistory
        let wanted = Set((batch.removed + batch.changed + (keepsHistory ? [] : batch.added)).map(\.group))
        let keys = layout.keys.compactMap { order.firstIndex(of: $0) }
        let start = order.firstIndex(of: width)
        var places: [Int32: [(number: Int64, start: Value)]] = [:]
        var first: Int64 = 0
        if !wanted.isEmpty {
            for file in work.snapshot.files {
                let rows = try work.snapshot.read(file, columns: Array(fields.indices))
                for (row, group) in batch.groups.find(keys.map { rows.columns[$0] }, rowCount: rows.rowCount).enumerated()
                where wanted.contains(group) {
                    places[group, default: []].append((first + Int64(row), start.map { rows.columns[$0].value(at: row) } ?? .null))
                }
                first += Int64(rows.rowCount)
            }
        }
        func number(_ group: Int32, _ row: ChangedRow) -> Int64? {
            places[group]?.first { !keepsHistory || Value.same($0.start, row.start) }?.number
        }
        func stored(_ rows: [ChangedRow]) throws -> RecordBatch {
            let columns = order.indices.map { place in
                Column(
                    fields[place].type,
                    of: rows.map { order[place] < width ? $0.values[order[place]] : order[place] == width ? $0.start : $0.end })
            }
            return try work.stored(RecordBatch(schema: Schema(fields), columns: columns, rowCount: rows.count))
        }
        var edit = try TableEdit(work.table, work.snapshot, files: work.snapshot.files)
        edit.delete(batch.removed.compactMap { number($0.group, $0.row) })
        var updates: [(number: Int64, row: ChangedRow)] = []
        var inserts: [ChangedRow] = []
        for (group, row) in batch.changed + batch.added {
            if let number = number(group, row) { updates.append((number, row)) } else { inserts.append(row) }
        }
        if !updates.isEmpty { edit.update(updates.map(\.number), with: try stored(updates.map(\.row))) }
        if !inserts.isEmpty { edit.insert(try stored(inserts)) }
        return (edit, RefreshOutcome.Changes(upserted: updates.count + inserts.count, deleted: edit.deletedRows))
    }
}

import Columnar
import DeltaTable
import SparkErrors

/// Where data files are written; the engine has a type of the same name.
typealias FileTarget = WriteTarget

/// Changes of single rows of a table, and the files that come of them: touched files are rewritten without the rows that go, or hide them under
/// deletion vectors where the table has these.
struct TableEdit {
    /// What becomes of a table's files.
    struct Outcome {
        var removed: [AddFile] = []
        var added: [AddFile] = []
        var changes: [CDCFile] = []
        var copiedRows = 0
        var vectorsAdded = 0
        var vectorsRemoved = 0
        var vectorsUpdated = 0
        /// Bytes of files that stay with more rows hidden: they are among the removed and the added ones.
        var hidingBytes: Int64 = 0

        private var hiding: Int { vectorsAdded + vectorsUpdated }
        /// Files written, and files that go for good.
        var addedFiles: Int { added.count - hiding }
        var removedFiles: Int { removed.count - hiding }
        var addedBytes: Int64 { added.reduce(0) { $0 &+ $1.size } &- hidingBytes }
        var removedBytes: Int64 { removed.reduce(0) { $0 &+ $1.size } &- hidingBytes }
    }

    private struct FileEdit {
        /// Rows of the file, counted without hidden ones.
        var deleted: [Int32] = []
        /// With the place of the new row among the updates.
        var updated: [(row: Int32, update: Int32)] = []
    }

    private let table: DeltaTable
    private let snapshot: Snapshot
    private let files: [AddFile]
    /// The number of each file's first row, and behind the last the number of all.
    private let starts: [Int]
    private var edits: [Int: FileEdit] = [:]
    private var updates: [RecordBatch] = []
    private var updateCount = 0
    private(set) var inserts: [RecordBatch] = []
    private(set) var deletedRows = 0

    /// `files`: those that were scanned, in the scan's order.
    init(_ table: DeltaTable, _ snapshot: Snapshot, files: [AddFile]) throws(DeltaError) {
        self.table = table
        self.snapshot = snapshot
        self.files = files
        var starts = [0]
        for file in files { starts.append(starts[starts.count - 1] + (try snapshot.rowCount(file))) }
        self.starts = starts
    }

    var updatedRows: Int { updateCount }
    var insertedRows: Int { inserts.reduce(0) { $0 + $1.rowCount } }
    var isEmpty: Bool { edits.isEmpty && inserts.isEmpty }

    private func place(_ number: Int64) -> (file: Int, row: Int32)? {
        guard number >= 0, number < Int64(starts[starts.count - 1]) else { return nil }
        let row = Int(number)
        var (low, high) = (0, files.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= row { low = middle } else { high = middle - 1 }
        }
        return (low, Int32(truncatingIfNeeded: row - starts[low]))
    }

    /// Rows by their numbers in the scan, each once.
    mutating func delete(_ numbers: [Int64]) {
        for number in numbers {
            guard let place = place(number) else { continue }
            edits[place.file, default: FileEdit()].deleted.append(place.row)
            deletedRows += 1
        }
    }

    /// `rows`: the new ones, in the order of the numbers.
    mutating func update(_ numbers: [Int64], with rows: RecordBatch) {
        guard rows.rowCount == numbers.count, rows.rowCount > 0 else { return }
        for (index, number) in numbers.enumerated() {
            guard let place = place(number) else { continue }
            edits[place.file, default: FileEdit()].updated.append((place.row, Int32(truncatingIfNeeded: updateCount + index)))
        }
        updates.append(rows)
        updateCount += rows.rowCount
    }

    mutating func insert(_ rows: RecordBatch) { if rows.rowCount > 0 { inserts.append(rows) } }

    // MARK: Files

    private var hidesRows: Bool { snapshot.property("delta.enableDeletionVectors")?.lowercased() == "true" }
    private var tellsChanges: Bool { snapshot.property("delta.enableChangeDataFeed")?.lowercased() == "true" }

    /// Writes the files. `target`: what `snapshot.metadata` says, or what it will say from this commit on.
    func write(_ target: WriteTarget, _ commit: CommitContext) throws(DeltaError) -> Outcome {
        var outcome = Outcome()
        // Rows that are written anew keep their ids where they have any that last.
        let tracked = try TrackedRows(snapshot)
        let schema = tracked?.snapshot.schema ?? snapshot.schema
        let updated = updates.isEmpty ? nil : updates.count == 1 ? updates[0] : RecordBatch.concat(updates, schema: updates[0].schema)
        var all = updated
        if let tracked, let updated { all = tracked.extended(updated, ids: try updatedIDs(tracked)) }
        func plain(_ batch: RecordBatch) -> RecordBatch { tracked?.plain(batch) ?? batch }
        var writer = DeltaWriter(tracked?.target ?? target, commit)
        var hidden: [(file: AddFile, rows: [Int32])] = []
        var deletes: [RecordBatch] = []
        var preimages: [RecordBatch] = []
        var isPartial = false
        for index in edits.keys.sorted() {
            guard let edit = edits[index] else { continue }
            let file = files[index]
            let live = starts[index + 1] - starts[index]
            let gone = (edit.deleted + edit.updated.map(\.row)).sorted()
            outcome.removed.append(file)
            var contents: RecordBatch?
            func read() throws(DeltaError) -> RecordBatch {
                if let contents { return contents }
                let batch = if let tracked { try tracked.read(file) } else { try snapshot.read(file, columns: Array(schema.fields.indices)) }
                contents = batch
                return batch
            }
            if tellsChanges {
                if !edit.deleted.isEmpty { deletes.append(plain(try read().take(edit.deleted))) }
                if !edit.updated.isEmpty { preimages.append(plain(try read().take(edit.updated.map(\.row)))) }
            }
            if gone.count < live || !edit.updated.isEmpty { isPartial = true }
            if hidesRows {
                if gone.count < live {
                    let positions = try snapshot.livePositions(file)
                    outcome.hidingBytes += file.size
                    hidden.append((file, gone.map { positions?[Int($0)] ?? $0 }))
                    if file.deletionVector == nil { outcome.vectorsAdded += 1 } else { outcome.vectorsUpdated += 1 }
                } else if file.deletionVector != nil {
                    outcome.vectorsRemoved += 1
                }
                if let all, !edit.updated.isEmpty { try writer.write(all.take(edit.updated.map(\.update))) }
                continue
            }
            if file.deletionVector != nil { outcome.vectorsRemoved += 1 }
            if gone.count == live, edit.updated.isEmpty { continue }
            outcome.copiedRows += live - gone.count
            // Rows keep their places in the file.
            var sources = [Int32](0..<Int32(truncatingIfNeeded: live))
            for row in edit.deleted { sources[Int(row)] = -1 }
            for (place, pair) in edit.updated.enumerated() { sources[Int(pair.row)] = Int32(truncatingIfNeeded: live + place) }
            sources.removeAll { $0 < 0 }
            if let all, !edit.updated.isEmpty {
                let both = RecordBatch.concat([try read(), all.take(edit.updated.map(\.update))], schema: schema)
                try writer.write(both.take(sources))
            } else {
                try writer.write(try read().take(sources))
            }
        }
        for batch in inserts { try writer.write(tracked?.extended(batch, ids: nil) ?? batch) }
        outcome.added = try writer.finish()
        outcome.added += try hide(hidden, commit)
        if tellsChanges, isPartial {
            let groups = [("delete", deletes), ("update_preimage", preimages), ("update_postimage", updated.map { [$0] } ?? []), ("insert", inserts)]
            outcome.changes = try Self.changes(groups, target.changes, commit)
        }
        return outcome
    }

    /// The ids of the rows that are updated, in the order of the updates.
    private func updatedIDs(_ tracked: TrackedRows) throws(DeltaError) -> [Int64] {
        var ids = [Int64](repeating: 0, count: updateCount)
        for index in edits.keys.sorted() {
            guard let edit = edits[index], !edit.updated.isEmpty else { continue }
            let rows = try tracked.read(files[index], columns: [])
            guard let own = rows.columns.first?.values.asInt64?.values else { continue }
            for (row, update) in edit.updated where own.indices.contains(Int(row)) && ids.indices.contains(Int(update)) {
                ids[Int(update)] = own[Int(row)]
            }
        }
        return ids
    }

    /// The files with more rows hidden.
    private func hide(_ files: [(file: AddFile, rows: [Int32])], _ commit: CommitContext) throws(DeltaError) -> [AddFile] {
        guard !files.isEmpty else { return [] }
        var sets: [[Int32]] = []
        for (file, rows) in files {
            guard file.deletionVector != nil, let live = try snapshot.livePositions(file) else {
                sets.append(rows.sorted())
                continue
            }
            let count = try snapshot.storedRowCount(file)
            var isLeft = [Bool](repeating: false, count: count)
            for row in live { isLeft[Int(row)] = true }
            for row in rows { isLeft[Int(row)] = false }
            sets.append((0..<Int32(truncatingIfNeeded: count)).filter { !isLeft[Int($0)] })
        }
        let vectors = try table.writeDeletionVectors(sets, commit)
        return zip(files, vectors).map { $0.file.hiding($1) }
    }

    /// Writes rows for readers of the change feed.
    static func changes(
        _ groups: [(type: String, rows: [RecordBatch])], _ target: WriteTarget, _ commit: CommitContext
    ) throws(DeltaError) -> [CDCFile] {
        var writer = DeltaWriter(target, commit)
        for (type, batches) in groups {
            for batch in batches where batch.rowCount > 0 {
                let marks = Column(repeating: .string(type), type: .text, count: batch.rowCount)
                try writer.write(
                    RecordBatch(
                        schema: Schema(target.schema.fields.map(\.field)), columns: batch.columns + [marks], rowCount: batch.rowCount))
            }
        }
        return try writer.finish().map { CDCFile(path: $0.path, partitionValues: $0.partitionValues, size: $0.size) }
    }
}

import Columnar
import JSON
import Storage

/// Lays a table's rows anew in fewer, better ordered files. The rows stay what they are, under the ids that they have.
package struct Compaction {
    package enum Layout: Sendable, Hashable {
        /// Small files are put together, and rows stay in the order of their files.
        case packed
        /// Rows lie along a Z-order curve of these columns, positions in the schema.
        case zOrder([Int])
        /// The same by the table's clustering columns; `full` takes up what was clustered by other columns, too.
        case clustered([Int], full: Bool)
        /// Only files that hide rows are written anew.
        case purged
        /// Each file is written anew by itself.
        case rewritten
    }

    package struct Outcome: Sendable {
        package var removed: [AddFile] = []
        package var added: [AddFile] = []
        package var bins = 0
        package var considered = 0
        package var partitions = 0

        package var vectors: Int { removed.count { $0.deletionVector != nil } }
        package var vectorRows: Int64 { Int64(removed.reduce(0) { $0 + $1.hiddenRows }) }
    }

    private struct Bin {
        var files: [AddFile]
        /// What the new files say of their order.
        var tags: [String: String]?
    }

    private let table: DeltaTable
    private let snapshot: Snapshot
    private let context: CommitContext
    private let layout: Layout
    private let targetSize: Int64
    private let target: WriteTarget
    private let tracked: TrackedRows?

    /// The service chooses this size for tables below 2.5 TB.
    static let defaultFileSize: Int64 = 256 << 20
    /// Files with a larger part of their rows hidden are rewritten whatever their size (Delta's `maxDeletedRowsRatio`).
    private static let hiddenRatio = 0.05
    private static let maxRowsAtOnce = 1 << 26

    package init(_ table: DeltaTable, _ snapshot: Snapshot, _ layout: Layout, _ context: CommitContext) throws(DeltaError) {
        self.table = table
        self.snapshot = snapshot
        self.layout = layout
        self.context = context
        targetSize = snapshot.property("delta.targetFileSize").flatMap { Self.bytes($0) } ?? Self.defaultFileSize
        tracked = try TrackedRows(snapshot)
        target = if let tracked { tracked.target } else { try table.writeTarget(snapshot.metadata) }
    }

    /// `134217728`, `128m`, `1gb`
    static func bytes(_ text: String) -> Int64? {
        let text = text.lowercased()
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number > 0 else { return nil }
        let shift: Int64
        switch text.dropFirst(digits.count) {
        case "", "b": shift = 0
        case "k", "kb": shift = 10
        case "m", "mb": shift = 20
        case "g", "gb": shift = 30
        default: return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }

    // MARK: Choice

    /// `files`: those that the statement's condition allows.
    package func run(over files: [AddFile]) throws(DeltaError) -> Outcome {
        var outcome = Outcome()
        outcome.considered = files.count
        var groups: [[AddFile]] = []
        var places: [PartitionValues: Int] = [:]
        for file in files {
            if let place = places[file.partitionValues] {
                groups[place].append(file)
            } else {
                places[file.partitionValues] = groups.count
                groups.append([file])
            }
        }
        for group in groups {
            var isTouched = false
            for bin in bins(group) {
                let added = try write(bin)
                // Rows that fill as many files as before are as well as they were.
                if case .packed = layout, added.count >= bin.files.count, bin.files.allSatisfy({ $0.deletionVector == nil }) {
                    try discard(added)
                    continue
                }
                outcome.bins += 1
                outcome.removed += bin.files
                outcome.added += added
                isTouched = true
            }
            if isTouched { outcome.partitions += 1 }
        }
        return outcome
    }

    private func bins(_ files: [AddFile]) -> [Bin] {
        switch layout {
        case .packed:
            let small = files.filter { $0.size < targetSize || hidesMany($0) }
            return packed(small).filter { $0.count > 1 || $0.contains { $0.deletionVector != nil } }.map { Bin(files: $0) }
        case .purged: return files.filter { $0.deletionVector != nil }.map { Bin(files: [$0]) }
        case .rewritten: return files.map { Bin(files: [$0]) }
        case .zOrder(let columns):
            let key = key(columns)
            guard files.contains(where: { $0.tags?[Self.orderTag] != key || $0.deletionVector != nil }) else { return [] }
            return [Bin(files: files, tags: tags(key))]
        case .clustered(let columns, let full):
            let key = key(columns)
            let others = files.filter { $0.clusteringProvider != nil && $0.tags?[Self.orderTag] != key }
            let fresh = files.filter { $0.clusteringProvider == nil || $0.deletionVector != nil } + (full ? others : [])
            guard !fresh.isEmpty else { return [] }
            let left = full ? [] : others.filter { $0.deletionVector == nil }
            let keys = Set(left.map(\.key))
            return [Bin(files: files.filter { !keys.contains($0.key) }, tags: tags(key))]
        }
    }

    private func hidesMany(_ file: AddFile) -> Bool {
        guard file.deletionVector != nil, let rows = file.numRecords, rows > 0 else { return false }
        return Double(file.hiddenRows) > Self.hiddenRatio * Double(rows)
    }

    /// In the order of the files, each bin no larger than a file should be.
    private func packed(_ files: [AddFile]) -> [[AddFile]] {
        var bins: [[AddFile]] = []
        var bin: [AddFile] = []
        var size: Int64 = 0
        for file in files {
            if !bin.isEmpty, size &+ file.size > targetSize {
                bins.append(bin)
                (bin, size) = ([], 0)
            }
            bin.append(file)
            size &+= file.size
        }
        if !bin.isEmpty { bins.append(bin) }
        return bins
    }

    private static let orderTag = "ZCUBE_ZORDER_BY"

    private func key(_ columns: [Int]) -> String {
        JSONValue.array(columns.map { .string(snapshot.tableSchema.fields[$0].physicalName) }).text
    }

    private func tags(_ key: String) -> [String: String] {
        ["ZCUBE_ID": context.newUUID(), Self.orderTag: key, "ZCUBE_ZORDER_CURVE": "zorder"]
    }

    // MARK: Files

    private func discard(_ files: [AddFile]) throws(DeltaError) {
        let log = snapshot.log
        for file in files {
            guard let object = log.object(file.path) else { continue }
            try log.access("Deleting", object) { () throws(StorageError) in try log.store.delete(object) }
        }
    }

    private func write(_ bin: Bin) throws(DeltaError) -> [AddFile] {
        var writer = DeltaWriter(target, context, maxRowsPerFile: Self.maxRowsAtOnce)
        let columns: [Int]
        switch layout {
        case .packed, .purged, .rewritten: columns = []
        case .zOrder(let positions), .clustered(let positions, _): columns = positions
        }
        var held: [RecordBatch] = []
        var rows = 0
        func flush(_ writer: inout DeltaWriter) throws(DeltaError) {
            guard let first = held.first else { return }
            let whole = held.count == 1 ? first : RecordBatch.concat(held, schema: first.schema)
            try writer.write(whole.take(ZOrder.indices(columns.map { whole.columns[$0] }, rowCount: whole.rowCount)))
            held = []
            rows = 0
        }
        for file in bin.files {
            let batch = try read(file)
            guard !columns.isEmpty else {
                try writer.write(batch)
                continue
            }
            if rows + batch.rowCount > Self.maxRowsAtOnce { try flush(&writer) }
            held.append(batch)
            rows += batch.rowCount
        }
        if !columns.isEmpty { try flush(&writer) }
        return try writer.finish().map { file in
            var file = file
            file.dataChange = false
            file.tags = bin.tags
            if case .clustered = layout { file.clusteringProvider = "liquid" }
            return file
        }
    }

    /// A file's rows, with their ids where they have any.
    private func read(_ file: AddFile) throws(DeltaError) -> RecordBatch {
        if let tracked { try tracked.read(file) } else { try snapshot.read(file, columns: Array(snapshot.schema.fields.indices)) }
    }
}

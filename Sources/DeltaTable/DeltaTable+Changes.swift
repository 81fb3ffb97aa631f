package import Columnar

/// What one commit changed, as readers of the change feed see it. Source: Delta's PROTOCOL.md, "Change Data Files".
package struct ChangeCommit: Sendable {
    package enum Part: Sendable {
        /// All rows of a data file came or went.
        case file(AddFile, type: String)
        /// Rows of a data file that a change of its deletion vector hid or brought back, by their places in it.
        case rows(AddFile, places: [Int32], type: String)
        /// Rows with their own `_change_type`.
        case changes(AddFile)
    }

    package let version: Version
    /// Milliseconds since 1970.
    package let timestamp: Int64
    package let parts: [Part]
}

/// The changes of a range of versions under one schema.
package struct ChangeFeed: Sendable {
    package let commits: [ChangeCommit]
    private let snapshot: Snapshot
    private let changes: Snapshot

    package var schema: Schema { snapshot.schema }

    init(_ commits: [ChangeCommit], _ snapshot: Snapshot) throws(DeltaError) {
        self.commits = commits
        self.snapshot = snapshot
        var metadata = snapshot.metadata
        metadata.schemaString = TableSchema(snapshot.tableSchema.fields + [TableField("_change_type", .text)]).schemaString
        changes = try snapshot.described(by: metadata)
    }

    /// A part's rows: the table's columns and `_change_type`.
    package func rows(_ part: ChangeCommit.Part) throws(DeltaError) -> RecordBatch {
        let columns = Array(snapshot.schema.fields.indices)
        switch part {
        case .changes(let file): return try changes.read(file, columns: columns + [columns.count])
        case .file(let file, let type): return typed(try snapshot.read(file, columns: columns), type)
        case .rows(let file, let places, let type):
            var whole = file
            whole.deletionVector = nil
            return typed(try snapshot.read(whole, columns: columns).take(places), type)
        }
    }

    private func typed(_ batch: RecordBatch, _ type: String) -> RecordBatch {
        RecordBatch(
            schema: changes.schema, columns: batch.columns + [Column(repeating: .string(type), type: .text, count: batch.rowCount)],
            rowCount: batch.rowCount)
    }
}

extension DeltaTable {
    /// What the commits of a range of versions changed, both ends included.
    package func changes(from start: Version, through end: Version) throws(DeltaError) -> ChangeFeed {
        let last = try snapshot(.version(end))
        var before: Snapshot? = start > 0 ? try snapshot(.version(start - 1)) : nil
        var commits: [ChangeCommit] = []
        for version in start...max(start, end) {
            guard let commit = try log.read(version) else { throw .truncatedLog(log.location, version: version) }
            let now = try snapshot(.version(version))
            guard now.property("delta.enableChangeDataFeed")?.lowercased() == "true" else {
                throw .init(
                    "DELTA_MISSING_CHANGE_DATA", "KD002",
                    "Error getting change data for range [<startVersion> , <endVersion>] as change data was not\nrecorded for version [<version>]. "
                        + "If you've enabled change data feed on this table,\nuse `DESCRIBE HISTORY` to see when it was first enabled.\n"
                        + "Otherwise, to start recording change data, use `ALTER TABLE table_name SET TBLPROPERTIES\n(<key>=true)`.",
                    [
                        "startVersion": String(start), "endVersion": String(end), "version": String(version),
                        "key": "delta.enableChangeDataFeed",
                    ])
            }
            commits.append(
                ChangeCommit(version: version, timestamp: now.timestamp, parts: try Self.parts(commit.actions, now, before: before ?? now)))
            before = now
        }
        return try ChangeFeed(commits, last)
    }

    static func parts(_ actions: [Action], _ now: Snapshot, before: Snapshot) throws(DeltaError) -> [ChangeCommit.Part] {
        var told: [ChangeCommit.Part] = []
        for case .cdc(let file) in actions {
            told.append(.changes(AddFile(path: file.path, partitionValues: file.partitionValues, size: file.size, modificationTime: 0)))
        }
        if !told.isEmpty { return told }
        var removed: [String: RemoveFile] = [:]
        for case .remove(let file) in actions where file.dataChange { removed[file.path] = file }
        var seen: Set<String> = []
        for case .add(let file) in actions where file.dataChange {
            guard let old = removed[file.path] else {
                told.append(.file(file, type: "insert"))
                continue
            }
            seen.insert(file.path)
            var earlier = file
            earlier.deletionVector = old.deletionVector
            let all = Bitmap(repeating: true, count: try now.storedRowCount(file))
            let wasLive = try before.keptRows(earlier) ?? all
            let isLive = try now.keptRows(file) ?? all
            let hidden = wasLive.andNot(isLive).indices()
            let back = isLive.andNot(wasLive).indices()
            if !hidden.isEmpty { told.append(.rows(file, places: hidden, type: "delete")) }
            if !back.isEmpty { told.append(.rows(file, places: back, type: "insert")) }
        }
        for case .remove(let file) in actions where file.dataChange && !seen.contains(file.path) {
            var whole = AddFile(
                path: file.path, partitionValues: file.partitionValues ?? PartitionValues(), size: file.size ?? 0, modificationTime: 0,
                stats: file.stats)
            whole.deletionVector = file.deletionVector
            told.append(.file(whole, type: "delete"))
        }
        return told
    }
}

import Columnar
import JSON
import Parquet
import Storage

/// Writes a snapshot as a checkpoint, so that readers need not go through all commits. Source: Delta's PROTOCOL.md, "Checkpoints".
struct CheckpointWriter {
    let snapshot: Snapshot
    /// Milliseconds since 1970: tombstones that are older than the retention are left out.
    let now: Int64
    let newUUID: () -> String

    static let defaultInterval = 10

    /// Writes the checkpoint and then the pointer to it.
    func write() throws(DeltaError) {
        let log = snapshot.log
        let isV2 = TableFeature.v2Checkpoint.isUsed(snapshot.metadata, snapshot.tableSchema)
        let batches = self.batches(isV2: isV2)
        let bytes: [UInt8]
        do throws(ParquetError) {
            bytes = try ParquetWriter.write(batches, schema: Self.schema(isV2: isV2)).bytes
        } catch {
            throw .storage("Writing", log.logPrefix, error.description)
        }
        let version = Civil.padded(Int64(snapshot.version), 20)
        let path = log.logPrefix + version + (isV2 ? ".checkpoint.\(newUUID()).parquet" : ".checkpoint.parquet")
        let size = batches.reduce(0) { $0 + $1.rowCount }
        let pointer = JSONValue.members([
            ("version", .int(snapshot.version)), ("size", .int(size)), ("sizeInBytes", .int(bytes.count)),
            ("numOfAddFiles", .int(snapshot.files.count)),
        ])
        try log.access("Writing", path) { () throws(StorageError) in
            try log.store.put(path, bytes)
            try log.store.put(log.logPrefix + "_last_checkpoint", Array(pointer.text.utf8))
        }
    }

    // MARK: Layout

    private static let texts = DataType.map(key: .text, value: .text, valueContainsNull: true)
    private static let list = DataType.array(element: .text, containsNull: true)
    private static let deletionVector = DataType.structure([
        Field("storageType", .text), Field("pathOrInlineDv", .text), Field("offset", .int), Field("sizeInBytes", .int),
        Field("cardinality", .long),
    ])
    private static let add = DataType.structure([
        Field("path", .text), Field("partitionValues", texts), Field("size", .long), Field("modificationTime", .long),
        Field("dataChange", .boolean), Field("tags", texts), Field("deletionVector", deletionVector), Field("baseRowId", .long),
        Field("defaultRowCommitVersion", .long), Field("clusteringProvider", .text), Field("stats", .text),
    ])
    private static let remove = DataType.structure([
        Field("path", .text), Field("deletionTimestamp", .long), Field("dataChange", .boolean), Field("extendedFileMetadata", .boolean),
        Field("partitionValues", texts), Field("size", .long), Field("deletionVector", deletionVector), Field("baseRowId", .long),
        Field("defaultRowCommitVersion", .long),
    ])
    private static let transaction = DataType.structure([Field("appId", .text), Field("version", .long), Field("lastUpdated", .long)])
    private static let metadata = DataType.structure([
        Field("id", .text), Field("name", .text), Field("description", .text),
        Field("format", .structure([Field("provider", .text), Field("options", texts)])), Field("schemaString", .text),
        Field("partitionColumns", list), Field("configuration", texts), Field("createdTime", .long),
    ])
    private static let tableProtocol = DataType.structure([
        Field("minReaderVersion", .int), Field("minWriterVersion", .int), Field("readerFeatures", list), Field("writerFeatures", list),
    ])
    private static let domain = DataType.structure([Field("domain", .text), Field("configuration", .text), Field("removed", .boolean)])
    private static let checkpointMetadata = DataType.structure([Field("version", .long), Field("tags", texts)])

    private static func schema(isV2: Bool) -> Schema {
        let fields = [
            Field("txn", transaction), Field("add", add), Field("remove", remove), Field("metaData", metadata), Field("protocol", tableProtocol),
            Field("domainMetadata", domain),
        ]
        return Schema(isV2 ? fields + [Field("checkpointMetadata", checkpointMetadata)] : fields)
    }

    /// A batch for each kind of action, null in the columns of the others.
    private func batches(isV2: Bool) -> [RecordBatch] {
        let schema = Self.schema(isV2: isV2)
        var rows: [String: [Value]] = [
            "protocol": [value(snapshot.tableProtocol)], "metaData": [value(snapshot.metadata)],
            "txn": snapshot.transactions.values.sorted { $0.appID < $1.appID }.map { value($0) },
            "domainMetadata": snapshot.domains.values.sorted { $0.domain < $1.domain }.map { domain in
                .structure([.string(domain.domain), .string(domain.configuration), .boolean(domain.removed)])
            },
            "add": snapshot.files.map { value($0) }, "remove": keptTombstones.map { value($0) },
        ]
        if isV2 { rows["checkpointMetadata"] = [.structure([.integer(Int64(snapshot.version)), .null])] }
        return schema.fields.compactMap { kind in
            guard let values = rows[kind.name], !values.isEmpty else { return nil }
            let columns = schema.fields.map { field in
                field.name == kind.name ? Column(field.type, of: values) : Column.nulls(field.type, count: values.count)
            }
            return RecordBatch(schema: schema, columns: columns, rowCount: values.count)
        }
    }

    private var keptTombstones: [RemoveFile] {
        let retention = snapshot.property("delta.deletedFileRetentionDuration").flatMap { Self.millis($0) } ?? 7 * 86_400_000
        let (limit, overflow) = now.subtractingReportingOverflow(retention)
        if overflow { return snapshot.tombstones }
        return snapshot.tombstones.filter { ($0.deletionTimestamp ?? 0) > limit }
    }

    /// Milliseconds of an interval's text: `interval 7 days`, `2 weeks 3 hours`; nil if it is none of fixed length.
    static func millis(_ text: String) -> Int64? {
        var words = text.lowercased().split(separator: " ")[...]
        if words.first == "interval" { words.removeFirst() }
        guard !words.isEmpty, words.count % 2 == 0 else { return nil }
        var sum: Int64 = 0
        while let number = words.popFirst(), let unit = words.popFirst() {
            let length: Int64
            switch unit.hasSuffix("s") ? unit.dropLast() : unit {
            case "week": length = 604_800_000
            case "day": length = 86_400_000
            case "hour": length = 3_600_000
            case "minute": length = 60_000
            case "second": length = 1000
            case "millisecond": length = 1
            default: return nil
            }
            guard let number = Int64(number) else { return nil }
            let (part, tooLong) = number.multipliedReportingOverflow(by: length)
            let (next, overflow) = sum.addingReportingOverflow(part)
            if tooLong || overflow { return nil }
            sum = next
        }
        return sum
    }

    // MARK: Values

    private func text(_ value: String?) -> Value { value.map { .string($0) } ?? .null }

    private func number(_ value: Int64?) -> Value { value.map { .integer($0) } ?? .null }

    private func map(_ values: [String: String]?) -> Value {
        values.map { .map($0.sorted { $0.key < $1.key }.map { .init(.string($0.key), .string($0.value)) }) } ?? .null
    }

    private func map(_ values: PartitionValues) -> Value {
        .map(values.entries.map { .init(.string($0.column), $0.value.map { .string($0) } ?? .null) })
    }

    private func list(_ values: [String]?) -> Value { values.map { .list($0.map { .string($0) }) } ?? .null }

    private func value(_ vector: DeletionVectorDescriptor?) -> Value {
        guard let vector else { return .null }
        return .structure([
            .string(vector.storageType), .string(vector.pathOrInlineDV), number(vector.offset), .integer(vector.sizeInBytes),
            .integer(vector.cardinality),
        ])
    }

    private func value(_ file: AddFile) -> Value {
        .structure([
            .string(file.path), map(file.partitionValues), .integer(file.size), .integer(file.modificationTime), .boolean(false),
            map(file.tags), value(file.deletionVector), number(file.baseRowID), number(file.defaultRowCommitVersion),
            text(file.clusteringProvider), text(file.stats),
        ])
    }

    private func value(_ file: RemoveFile) -> Value {
        .structure([
            .string(file.path), number(file.deletionTimestamp), .boolean(false), file.extendedFileMetadata.map { .boolean($0) } ?? .null,
            file.partitionValues.map { map($0) } ?? .null, number(file.size), value(file.deletionVector), number(file.baseRowID),
            number(file.defaultRowCommitVersion),
        ])
    }

    private func value(_ transaction: SetTransaction) -> Value {
        .structure([.string(transaction.appID), .integer(transaction.version), number(transaction.lastUpdated)])
    }

    private func value(_ metadata: Metadata) -> Value {
        .structure([
            .string(metadata.id), text(metadata.name), text(metadata.description),
            .structure([.string(metadata.formatProvider), map(metadata.formatOptions)]), .string(metadata.schemaString),
            list(metadata.partitionColumns), map(metadata.configuration), number(metadata.createdTime),
        ])
    }

    private func value(_ tableProtocol: TableProtocol) -> Value {
        .structure([
            .integer(Int64(tableProtocol.minReaderVersion)), .integer(Int64(tableProtocol.minWriterVersion)),
            list(tableProtocol.readerFeatures), list(tableProtocol.writerFeatures),
        ])
    }
}

extension Snapshot {
    /// Writes a checkpoint if it is this version's turn (`delta.checkpointInterval`). Not being able to costs readers time, and nothing else.
    /// Whether there is a new one.
    func checkpointIfDue(_ context: CommitContext) -> Bool {
        let interval = property("delta.checkpointInterval").flatMap { Int($0) } ?? CheckpointWriter.defaultInterval
        guard version > 0, interval > 0, version % interval == 0 else { return false }
        return (try? checkpoint(context)) != nil
    }

    func checkpoint(_ context: CommitContext) throws(DeltaError) {
        try CheckpointWriter(snapshot: self, now: context.timestampMillis, newUUID: context.newUUID).write()
    }
}

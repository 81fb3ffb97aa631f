package import Columnar

/// A table as of one version. Never changes; readers hold on to it for as long as they like.
package final class Snapshot: Sendable {
    package let version: Version
    package let tableProtocol: TableProtocol
    package let metadata: Metadata
    package let tableSchema: TableSchema
    package let schema: Schema
    /// The files that make up the table, in the order in which the log added them.
    package let files: [AddFile]
    /// Files that were taken out, as far back as the log tells, in its order.
    package let tombstones: [RemoveFile]
    /// The last version that each application has set, by its id.
    package let transactions: [String: SetTransaction]
    package let domains: [String: DomainMetadata]
    /// When the version was committed, milliseconds since 1970; ascends strictly with the version.
    package let timestamp: Int64
    /// Positions of the partition columns in the schema, in the order of partitioning.
    package let partitionColumns: [Int]

    let log: LogStore
    let cache: ColumnCache
    /// What errors call the table.
    package let tableName: String

    init(_ state: SnapshotState, version: Version, timestamp: Int64, log: LogStore, cache: ColumnCache, tableName: String)
        throws(DeltaError)
    {
        guard let tableProtocol = state.tableProtocol else { throw .stateNotRecoverable("Protocol", version: version) }
        guard let metadata = state.metadata else { throw .stateNotRecoverable("Metadata", version: version) }
        try tableProtocol.checkReadable(tableName)
        self.version = version
        self.tableProtocol = tableProtocol
        self.metadata = metadata
        let tableSchema: TableSchema
        if let known = state.tableSchema {
            tableSchema = known
        } else {
            do throws(SchemaError) {
                var parsed = try TableSchema(schemaString: metadata.schemaString)
                if !TableFeature.columnMapping.isUsed(metadata, parsed) { parsed.dropPhysicalNames() }
                tableSchema = parsed
            } catch {
                throw .malformedLog(log.logPrefix, error.message)
            }
        }
        self.tableSchema = tableSchema
        schema = tableSchema.schema
        var partitionColumns: [Int] = []
        for name in metadata.partitionColumns {
            guard let position = tableSchema.index(of: name) else { throw .partitionColumnNotFound(name, tableSchema) }
            partitionColumns.append(position)
        }
        self.partitionColumns = partitionColumns
        files = state.files
        tombstones = state.tombstones
        transactions = state.transactions
        domains = state.domains
        self.timestamp = timestamp
        self.log = log
        self.cache = cache
        self.tableName = tableName
    }

    /// Places, beside the table's own, in which its files may lie.
    package var roots: [String] { log.roots }

    package func isPartitionColumn(_ position: Int) -> Bool { partitionColumns.contains(position) }

    package func property(_ name: String) -> String? { metadata.configuration[name] }

    /// Rows by the files' statistics; nil if a file has none.
    package var rowCount: Int? {
        var sum = 0
        for file in files {
            guard let rows = file.liveRecords else { return nil }
            sum += rows
        }
        return sum
    }

    /// Bytes of all files.
    package var sizeInBytes: Int64 { files.reduce(0) { $0 &+ $1.size } }

    /// Throws if writing needs what neither this module nor the caller can do; `enforced`: the features whose rules over rows the caller keeps.
    package func checkWritable(enforced: Set<TableFeature> = []) throws(DeltaError) {
        try tableProtocol.checkWritable(tableName, metadata, tableSchema, enforced: enforced)
    }
}

/// What a replay of the log has come to.
struct SnapshotState: Sendable {
    var tableProtocol: TableProtocol?
    var metadata: Metadata?
    /// Parsed from the metadata in force; nil if that is still to be done.
    var tableSchema: TableSchema?
    var files: [AddFile] = []
    var tombstones: [RemoveFile] = []
    var transactions: [String: SetTransaction] = [:]
    var domains: [String: DomainMetadata] = [:]

    init() {}

    init(_ snapshot: Snapshot) {
        tableProtocol = snapshot.tableProtocol
        metadata = snapshot.metadata
        tableSchema = snapshot.tableSchema
        files = snapshot.files
        tombstones = snapshot.tombstones
        transactions = snapshot.transactions
        domains = snapshot.domains
    }

    /// Puts commits on top, in their order. Source: Delta's PROTOCOL.md, "Action Reconciliation".
    mutating func apply(_ commits: [[Action]]) {
        // nil: taken out. Only files that these commits touch are looked up by name.
        var touched: [FileKey: Int?] = [:]
        var added: [AddFile?] = []
        var removed: [RemoveFile] = []
        for action in commits.joined() {
            switch action {
            case .tableProtocol(let value): tableProtocol = value
            case .metadata(let value):
                let mapping = "delta.columnMapping.mode"
                if value.schemaString != metadata?.schemaString || value.configuration[mapping] != metadata?.configuration[mapping] {
                    tableSchema = nil
                }
                metadata = value
            case .add(let file):
                if case .some(.some(let position)) = touched[file.key] { added[position] = nil }
                touched[file.key] = .some(added.count)
                added.append(file)
            case .remove(let file):
                if case .some(.some(let position)) = touched[file.key] { added[position] = nil }
                touched[file.key] = .some(nil)
                removed.append(file)
            case .transaction(let value): transactions[value.appID] = value
            case .domainMetadata(let value): domains[value.domain] = value.removed ? nil : value
            case .commitInfo, .cdc, .other: break
            }
        }
        if !touched.isEmpty, !files.isEmpty {
            let hashes = Set(touched.keys.lazy.map(\.path.hashValue))
            // A commit of a file or two is the usual case.
            let few = hashes.count <= 4 ? Array(hashes) : nil
            let isTouched = { (file: AddFile) in
                (few?.contains(file.pathHash) ?? hashes.contains(file.pathHash)) && touched[file.key] != nil
            }
            if files.contains(where: isTouched) { files.removeAll(where: isTouched) }
        }
        files += added.compactMap { $0 }
        if !tombstones.isEmpty, added.contains(where: { $0 != nil }) {
            // A file that comes back is no tombstone any more.
            let back = Set(added.compactMap { $0?.path })
            if tombstones.contains(where: { back.contains($0.path) }) { tombstones.removeAll { touched[$0.key] != nil } }
        }
        var seen: Set<FileKey> = []
        tombstones += removed.filter { file in
            if case .some(.some) = touched[file.key] { return false }
            return seen.insert(file.key).inserted
        }
    }
}

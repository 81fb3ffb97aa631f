import Columnar
import JSON
import Parquet
import Storage

/// What each feature leaves in a table, and how it is taken out.
extension FeatureDrop {
    func isClean(_ snapshot: Snapshot, of feature: TableFeature) throws(DeltaError) -> Bool {
        let (metadata, schema) = (snapshot.metadata, snapshot.tableSchema)
        switch feature {
        case .deletionVectors: return !feature.isUsed(metadata, schema) && !snapshot.files.contains { $0.deletionVector != nil }
        case .columnMapping: return !feature.isUsed(metadata, schema) && !schema.fields.contains(where: \.hasMapping)
        case .typeWidening, .typeWideningPreview:
            return !TableFeature.typeWidening.isUsed(metadata, schema) && !schema.fields.contains(where: \.hasTypeChanges)
        case .v2Checkpoint:
            if feature.isUsed(metadata, schema) { return false }
            if case .v2? = try LogSegment(snapshot.log).checkpoints.last(where: { $0.version <= snapshot.version })?.kind { return false }
            return true
        case .rowTracking:
            return !feature.isUsed(metadata, schema) && snapshot.property(RowTracking.suspendedKey)?.lowercased() == "true"
                && !snapshot.files.contains { $0.baseRowID != nil || $0.defaultRowCommitVersion != nil }
        case .inCommitTimestamp: return !feature.isUsed(metadata, schema) && Self.provenance.allSatisfy { snapshot.property($0) == nil }
        case .domainMetadata: return snapshot.domains.isEmpty
        case .checkConstraints: return !feature.isUsed(metadata, schema)
        case .checkpointProtection: return snapshot.property(Self.protectionKey) == nil
        default: return true
        }
    }

    private static let provenance = ["delta.inCommitTimestampEnablementTimestamp", "delta.inCommitTimestampEnablementVersion"]

    /// Brings the table to a version without the feature's traces; whether there were any that history still shows.
    func removeTraces(of feature: TableFeature) throws -> Bool {
        let snapshot = try table.snapshot()
        let isClean = try isClean(snapshot, of: feature)
        switch feature {
        case .deletionVectors:
            if !isClean {
                try unset(["delta.enableDeletionVectors"])
                try compact(.purged) { _ in true }
            }
            try writeTombstones()
            return !isClean
        case .checkConstraints where !isClean:
            let prefix = "delta.constraints."
            let names = snapshot.metadata.configuration.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
            throw DeltaError(
                "DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE", "0AKDE",
                "Cannot drop the CHECK constraints table feature.\nThe following constraints must be dropped first: <constraints>.",
                ["constraints": names.map { "`\($0)`" }.joined(separator: ", ")])
        case .checkpointProtection:
            if try !isTruncated(snapshot) {
                try commitBarrier()
                truncate(try table.snapshot())
                if try !isTruncated(try table.snapshot()) { throw waitingForProtection() }
            }
            try unset([Self.protectionKey])
            return false
        case _ where isClean: return false
        case .columnMapping: try ColumnMappingRemoval(table, context, enforcing: enforced).run(mode: nil)
        case .typeWidening, .typeWideningPreview: return try narrowTypes(snapshot)
        case .v2Checkpoint: try commit(.setProperties(["delta.checkpointPolicy": "classic"])) { $0["delta.checkpointPolicy"] = "classic" }
        case .rowTracking: try removeRowIDs()
        case .inCommitTimestamp:
            let known = Self.provenance.filter { snapshot.property($0) != nil }
            let isEnabled = feature.isUsed(snapshot.metadata, snapshot.tableSchema)
            let changed = known + (isEnabled ? ["delta.enableInCommitTimestamps"] : [])
            try commit(.unsetProperties(changed, ifExists: true)) { configuration in
                for key in known { configuration[key] = nil }
                if isEnabled { configuration["delta.enableInCommitTimestamps"] = "false" }
            }
        case .domainMetadata:
            var transaction = try table.begin(context, enforcing: enforced)
            for var domain in snapshot.domains.values.sorted(by: { $0.domain < $1.domain }) {
                domain.removed = true
                transaction.set(domain)
            }
            let count = JSONValue.string("\(snapshot.domains.count)")
            _ = try transaction.commit(CommitOperation("DOMAIN METADATA CLEANUP", [("domainMetadataRemovedCount", count)]))
        default: return false
        }
        return true
    }

    // MARK: Commits

    private func commit(_ operation: CommitOperation, _ change: (inout [String: String]) -> Void) throws {
        var transaction = try table.begin(context, enforcing: enforced)
        var metadata = transaction.snapshot.metadata
        change(&metadata.configuration)
        try transaction.set(metadata)
        _ = try transaction.commit(operation)
    }

    private func unset(_ keys: [String]) throws {
        try commit(.unsetProperties(keys, ifExists: true)) { configuration in for key in keys { configuration[key] = nil } }
    }

    /// The number of files that were written anew.
    @discardableResult
    private func compact(_ layout: Compaction.Layout, _ isWanted: (AddFile) throws -> Bool) throws -> Int {
        var transaction = try table.begin(context, enforcing: enforced)
        let snapshot = transaction.snapshot
        let outcome = try Compaction(table, snapshot, layout, context).run(over: snapshot.files.filter(isWanted))
        guard !outcome.removed.isEmpty else { return 0 }
        transaction.remove(outcome.removed, dataChange: false)
        transaction.add(outcome.added)
        _ = try transaction.commit(outcome.operation(layout, snapshot))
        return outcome.removed.count
    }

    /// Names the files of deletion vectors as removed ones, so that clients that know nothing of such vectors leave them until they expire.
    private func writeTombstones() throws {
        var transaction = try table.begin(context, enforcing: enforced)
        let snapshot = transaction.snapshot
        let (limit, overflow) = context.timestampMillis.subtractingReportingOverflow(Vacuum.retention(snapshot))
        let kept = snapshot.tombstones.filter { overflow || ($0.deletionTimestamp ?? 0) > limit }
        var known = Set(kept.filter { $0.deletionVector == nil }.map(\.path))
        let root = table.log.location.isEmpty ? "" : table.log.location + "/"
        for file in kept {
            guard let vector = file.deletionVector, vector.storageType == "u", let object = DeletionVector.path(vector, table.log) else { continue }
            let path = FilePath.percentEncoded(String(object.dropFirst(root.count)))
            guard known.insert(path).inserted else { continue }
            transaction.remove(RemoveFile(path: path, deletionTimestamp: context.timestampMillis, dataChange: false))
        }
        _ = try transaction.commit(CommitOperation("Deletion Vector Tombstones"))
    }

    private func removeRowIDs() throws {
        let wanted = ["delta.enableRowTracking": "false", RowTracking.suspendedKey: "true"]
        try commit(.setProperties(wanted)) { $0.merge(wanted) { $1 } }
        var transaction = try table.begin(context, enforcing: enforced)
        let files = transaction.snapshot.files.filter { $0.baseRowID != nil || $0.defaultRowCommitVersion != nil }
        guard !files.isEmpty else { return }
        for var file in files {
            file.baseRowID = nil
            file.defaultRowCommitVersion = nil
            file.dataChange = false
            transaction.add(file)
        }
        _ = try transaction.commit(CommitOperation("ROW TRACKING UNBACKFILL", [("batchId", "0")]))
    }

    // MARK: Type widening

    /// Writes the files anew that have a column in a narrower type than the table.
    private func narrowTypes(_ snapshot: Snapshot) throws -> Bool {
        try unset(["delta.enableTypeWidening"])
        guard snapshot.tableSchema.fields.contains(where: \.hasTypeChanges) else { return false }
        let changed = snapshot.tableSchema.fields.filter(\.hasTypeChanges).map { StoredColumn($0) }
        try compact(.rewritten) { file in
            guard let object = table.log.object(file.path) else { return false }
            let found = try Self.types(object, table.log)
            return changed.contains { column in found[column.name.lowercased()].map { !$0.isStored(as: column.field.type) } ?? false }
        }
        var transaction = try table.begin(context, enforcing: enforced)
        var metadata = transaction.snapshot.metadata
        var schema = transaction.snapshot.tableSchema
        var columns: [JSONValue] = []
        for index in schema.fields.indices where schema.fields[index].hasTypeChanges {
            for path in schema.fields[index].removeTypeChanges() {
                let field = path.isEmpty ? schema.fields[index] : schema.fields[index].nestedField(at: path) ?? schema.fields[index]
                var members = field.json.objectValue?.members ?? []
                if let place = members.firstIndex(where: { $0.name == "name" }) {
                    members[place].value = .string(([schema.fields[index].name] + path).joined(separator: "."))
                }
                columns.append(.members(members.map { ($0.name, $0.value) }))
            }
        }
        metadata.schemaString = schema.schemaString
        try transaction.set(metadata)
        _ = try transaction.commit(CommitOperation("DROP FEATURE", [("columns", .string(JSONValue.array(columns).text))]))
        return true
    }

    private static func types(_ object: String, _ log: LogStore) throws -> [String: DataType] {
        let info = try log.access("Reading", object) { () throws(StorageError) in try log.store.info(object) }
        guard let info else { throw DeltaError.fileMissing(object) }
        do throws(ParquetError) {
            let store = log.store
            let reader = try ParquetReader(
                ParquetSource(size: info.size) { range throws(ParquetError) in
                    do throws(StorageError) { return try store.get(object, range: range) } catch { throw .unreadable(error.description) }
                })
            return Dictionary(reader.schema.fields.map { ($0.name.lowercased(), $0.type) }, uniquingKeysWith: { first, _ in first })
        } catch {
            throw DeltaError.fileUnreadable(object, error.description)
        }
    }
}

extension DataType {
    /// Whether a file's column of this type holds another type's values as they are; what may be null does not matter.
    fileprivate func isStored(as other: DataType) -> Bool {
        switch (self, other) {
        case (.structure(let fields), .structure(let others)):
            // Fields that the file lacks are none that were widened.
            fields.allSatisfy { field in
                others.first { $0.name.lowercased() == field.name.lowercased() }.map { field.type.isStored(as: $0.type) } ?? true
            }
        case (.array(let element, _), .array(let other, _)): element.isStored(as: other)
        case (.map(let key, let value, _), .map(let otherKey, let other, _)): key.isStored(as: otherKey) && value.isStored(as: other)
        default: self == other || TypeAdapter.isSameStorage(self, other)
        }
    }
}

extension TypeAdapter {
    /// Text of any length, and timestamps however writers mark them.
    static func isSameStorage(_ one: DataType, _ other: DataType) -> Bool {
        switch (one, other) {
        case (.string, .string), (.string, .char), (.string, .varchar), (.timestamp, .timestampNTZ), (.timestampNTZ, .timestamp): true
        default: false
        }
    }
}

extension TableField {
    static let typeChangesKey = "delta.typeChanges"

    var hasTypeChanges: Bool { metadata[Self.typeChangesKey] != nil || nestedMetadata.values.contains { $0[Self.typeChangesKey] != nil } }

    var hasMapping: Bool {
        func isMapped(_ metadata: JSONObject) -> Bool { metadata[Self.columnMappingIDKey] != nil || metadata[Self.physicalNameKey] != nil }
        return isMapped(metadata) || nestedMetadata.values.contains(where: isMapped)
    }

    /// The paths at which changes were noted, the column's own as an empty one.
    mutating func removeTypeChanges() -> [[String]] {
        var paths: [[String]] = metadata[Self.typeChangesKey] == nil ? [] : [[]]
        metadata[Self.typeChangesKey] = nil
        for path in nestedMetadata.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) where nestedMetadata[path]?[Self.typeChangesKey] != nil {
            nestedMetadata[path]?[Self.typeChangesKey] = nil
            paths.append(path)
        }
        return paths
    }
}

import Columnar
import JSON

/// Table features by the names that the protocol action has. Source: Delta's PROTOCOL.md, "Valid Feature Names in Table Features".
package enum TableFeature: String, Sendable, CaseIterable {
    case appendOnly, invariants, checkConstraints, changeDataFeed, generatedColumns, columnMapping, identityColumns
    case deletionVectors, timestampNtz, domainMetadata, rowTracking, v2Checkpoint, icebergCompatV1, icebergCompatV2
    case clustering, allowColumnDefaults, vacuumProtocolCheck, inCommitTimestamp, typeWidening, variantType, catalogManaged
    case checkpointProtection
    case variantTypePreview = "variantType-preview"
    case typeWideningPreview = "typeWidening-preview"

    /// Readers must know it as well as writers.
    package var concernsReaders: Bool {
        switch self {
        case .columnMapping, .deletionVectors, .timestampNtz, .v2Checkpoint, .vacuumProtocolCheck, .typeWidening, .typeWideningPreview,
            .variantType, .variantTypePreview,
            .catalogManaged:
            true
        default: false
        }
    }

    /// The writer version that implies the feature; nil for one that must be named.
    var legacyWriterVersion: Int? {
        switch self {
        case .appendOnly, .invariants: 2
        case .checkConstraints: 3
        case .changeDataFeed, .generatedColumns: 4
        case .columnMapping: 5
        case .identityColumns: 6
        default: nil
        }
    }

    /// What a table must have as well.
    var requires: [TableFeature] {
        switch self {
        case .clustering, .rowTracking: [.domainMetadata]
        case .icebergCompatV1, .icebergCompatV2: [.columnMapping]
        default: []
        }
    }

    /// Readable here.
    static let readable: Set<TableFeature> = [
        .columnMapping, .deletionVectors, .timestampNtz, .v2Checkpoint, .vacuumProtocolCheck, .variantType, .variantTypePreview, .typeWidening,
        .typeWideningPreview,
    ]

    /// Writable here without help from the caller: writing honours them, or they only bind who uses them.
    static let writable: Set<TableFeature> = [
        .appendOnly, .columnMapping, .timestampNtz, .domainMetadata, .clustering, .deletionVectors, .v2Checkpoint, .vacuumProtocolCheck,
        .inCommitTimestamp, .rowTracking, .variantType, .variantTypePreview, .typeWidening, .typeWideningPreview, .checkpointProtection,
    ]

    /// Rules over rows that whoever computes the rows must keep: writing is refused unless the caller says that it does.
    static let enforceable: Set<TableFeature> = [
        .invariants, .checkConstraints, .generatedColumns, .identityColumns, .allowColumnDefaults, .changeDataFeed,
    ]
}

extension TableProtocol {
    /// By the table's metadata in force: a feature may be listed, or implied by a version, without being used.
    func activeFeatures(_ metadata: Metadata, _ schema: TableSchema) -> [TableFeature] {
        TableFeature.allCases.filter { feature in
            let listed = writerFeatures?.contains(feature.rawValue) ?? false
            let implied = feature.legacyWriterVersion.map { minWriterVersion < 7 && minWriterVersion >= $0 } ?? false
            return (listed || implied) && feature.isUsed(metadata, schema)
        }
    }

    /// Throws if this is a table that nobody here may read.
    func checkReadable(_ table: String) throws(DeltaError) {
        guard (1...3).contains(minReaderVersion), (1...7).contains(minWriterVersion) else { throw .unsupportedProtocol(table, self) }
        guard minReaderVersion == 3 else { return }
        let unknown = (readerFeatures ?? []).filter { name in
            guard let feature = TableFeature(rawValue: name) else { return true }
            return !TableFeature.readable.contains(feature)
        }
        guard unknown.isEmpty else { throw .unsupportedForRead(table, unknown) }
    }

    /// Throws if this is a table that nobody here may write. `enforced`: the features whose rules the caller keeps.
    func checkWritable(_ table: String, _ metadata: Metadata, _ schema: TableSchema, enforced: Set<TableFeature>) throws(DeltaError) {
        try checkReadable(table)
        let known = TableFeature.writable.union(enforced)
        var refused: [String] = []
        if minWriterVersion == 7 {
            refused = (writerFeatures ?? []).filter { name in
                guard let feature = TableFeature(rawValue: name) else { return true }
                if known.contains(feature) { return false }
                // Rules that no column and no property asks for bind nobody.
                return !(feature.legacyWriterVersion != nil || TableFeature.enforceable.contains(feature))
                    || feature.isUsed(metadata, schema)
            }
        } else {
            refused = activeFeatures(metadata, schema).filter { !known.contains($0) }.map(\.rawValue)
        }
        guard refused.isEmpty else { throw .unsupportedForWrite(table, refused) }
    }
}

extension TableFeature {
    /// Whether metadata or schema call for the feature.
    func isUsed(_ metadata: Metadata, _ schema: TableSchema) -> Bool {
        func isTrue(_ property: String) -> Bool { metadata.configuration[property]?.lowercased() == "true" }
        switch self {
        case .appendOnly: return isTrue("delta.appendOnly")
        case .invariants: return schema.fields.contains { $0.metadata["delta.invariants"] != nil }
        case .checkConstraints: return metadata.configuration.keys.contains { $0.hasPrefix("delta.constraints.") }
        case .changeDataFeed: return isTrue("delta.enableChangeDataFeed")
        case .generatedColumns: return schema.fields.contains { $0.generationExpression != nil }
        case .columnMapping: return (metadata.configuration["delta.columnMapping.mode"] ?? "none").lowercased() != "none"
        case .identityColumns: return schema.fields.contains(where: \.isIdentity)
        case .deletionVectors: return isTrue("delta.enableDeletionVectors")
        case .timestampNtz: return schema.fields.contains { $0.type.contains { $0 == .timestampNTZ } }
        case .rowTracking: return isTrue("delta.enableRowTracking")
        case .v2Checkpoint: return metadata.configuration["delta.checkpointPolicy"] == "v2"
        case .icebergCompatV1: return isTrue("delta.enableIcebergCompatV1")
        case .icebergCompatV2: return isTrue("delta.enableIcebergCompatV2")
        case .allowColumnDefaults: return schema.fields.contains { $0.currentDefault != nil }
        case .inCommitTimestamp: return isTrue("delta.enableInCommitTimestamps")
        case .typeWidening: return isTrue("delta.enableTypeWidening")
        case .variantType: return schema.fields.contains { $0.type.contains { $0 == .variant } }
        case .domainMetadata, .clustering, .vacuumProtocolCheck, .catalogManaged, .variantTypePreview, .typeWideningPreview, .checkpointProtection:
            return false
        }
    }
}

extension DataType {
    /// Whether the type or one inside it satisfies the predicate.
    func contains(_ predicate: (DataType) -> Bool) -> Bool {
        if predicate(self) { return true }
        switch self {
        case .array(let element, _): return element.contains(predicate)
        case .map(let key, let value, _): return key.contains(predicate) || value.contains(predicate)
        case .structure(let fields): return fields.contains { $0.type.contains(predicate) }
        default: return false
        }
    }
}

extension TableProtocol {
    /// Properties that speak of the protocol and are not kept among the table's own.
    static func isProtocolProperty(_ name: String) -> Bool {
        name.hasPrefix("delta.feature.") || name == "delta.minReaderVersion" || name == "delta.minWriterVersion"
    }

    /// The least protocol that the table needs: reader 1, writer 2 unless something asks for more. `properties` are those given by the user,
    /// `delta.feature.…` and `delta.min…Version` among them; `old` is the protocol to grow from.
    package static func needed(
        _ metadata: Metadata, _ schema: TableSchema, properties: [String: String] = [:], from old: TableProtocol? = nil
    ) -> TableProtocol {
        let named = properties.keys.filter { $0.hasPrefix("delta.feature.") }.map { String($0.dropFirst("delta.feature.".count)) }.sorted()
        var features = TableFeature.allCases.filter { $0.isUsed(metadata, schema) || named.contains($0.rawValue) }
        for feature in features { features += feature.requires.filter { !features.contains($0) } }
        // Named but unknown features stay: whoever writes must refuse the table, not forget them.
        var names = features.map(\.rawValue) + named.filter { TableFeature(rawValue: $0) == nil }
        let reader = max(properties["delta.minReaderVersion"].flatMap { Int($0) } ?? 1, old?.minReaderVersion ?? 1)
        let writer = max(properties["delta.minWriterVersion"].flatMap { Int($0) } ?? 2, old?.minWriterVersion ?? 2)
        let isLegacy =
            old?.writerFeatures == nil && writer < 7 && reader < 3 && features.count == names.count
            && features.allSatisfy { $0.legacyWriterVersion != nil }
        if isLegacy {
            let version = features.compactMap(\.legacyWriterVersion).max() ?? 2
            return TableProtocol(features.contains(.columnMapping) ? max(reader, 2) : reader, max(writer, version))
        }
        // Named features replace what the old versions implied.
        for feature in TableFeature.allCases {
            guard let version = feature.legacyWriterVersion, !names.contains(feature.rawValue) else { continue }
            let base = old.map { $0.minWriterVersion < 7 ? $0.minWriterVersion : 0 } ?? min(writer, 2)
            if version <= base { names.append(feature.rawValue) }
        }
        for name in old?.writerFeatures ?? [] where !names.contains(name) { names.append(name) }
        names.sort()
        let readers = names.filter { TableFeature(rawValue: $0)?.concernsReaders ?? (old?.readerFeatures?.contains($0) ?? false) }
        guard readers.isEmpty && reader < 3 else { return TableProtocol(3, 7, readerFeatures: readers, writerFeatures: names) }
        return TableProtocol(1, 7, writerFeatures: names)
    }
}

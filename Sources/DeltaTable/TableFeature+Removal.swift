/// Which features can be taken off a table. Source: Delta's `TableFeature.scala` (`RemovableFeature`).
extension TableFeature {
    var isRemovable: Bool {
        switch self {
        case .checkConstraints, .columnMapping, .deletionVectors, .rowTracking, .domainMetadata, .v2Checkpoint, .typeWidening, .typeWideningPreview,
            .inCommitTimestamp, .vacuumProtocolCheck, .checkpointProtection:
            true
        default: false
        }
    }

    /// Whoever does not know the feature must be kept from versions that have used it.
    var needsHistoryProtection: Bool { isRemovable && concernsReaders }

    /// What goes from the table's properties together with the feature.
    var properties: [String] {
        self == .rowTracking ? ["delta.enableRowTracking", RowTracking.suspendedKey] + RowTracking.columns : []
    }

    /// By a name in any case.
    static func named(_ name: String) -> TableFeature? { allCases.first { $0.rawValue.lowercased() == name.lowercased() } }

    /// Features of Delta that nothing here reads or writes, in lower case.
    static let foreign: Set<String> = [
        "icebergcompatv3", "materializepartitioncolumns", "geospatial", "variantshredding", "variantshredding-preview", "coordinatedcommits-preview",
        "collations-preview",
    ]
}

extension TableProtocol {
    /// The names of all features that the table may use, those that its versions imply included.
    var supportedFeatures: [String] {
        guard minWriterVersion < 7 else { return Array(Set((writerFeatures ?? []) + (readerFeatures ?? []))).sorted() }
        return TableFeature.allCases.filter { isImplied($0) }.map(\.rawValue).sorted()
    }

    private func isImplied(_ feature: TableFeature) -> Bool {
        guard let version = feature.legacyWriterVersion, minWriterVersion < 7, minWriterVersion >= version else { return false }
        return feature != .columnMapping || minReaderVersion >= 2
    }

    /// The least protocol with these features. Source: Delta's `Protocol.normalized`.
    static func least(for names: [String]) -> TableProtocol {
        let features = names.map { TableFeature(rawValue: $0) }
        let reader = zip(names, features).map { _, feature in feature.map { $0 == .columnMapping ? 2 : $0.concernsReaders ? 3 : 1 } ?? 1 }.max() ?? 1
        let writer = features.map { $0?.legacyWriterVersion ?? 7 }.max() ?? 1
        let legacy = TableProtocol(reader, writer)
        if writer < 7, Set(legacy.supportedFeatures) == Set(names) { return legacy }
        let readers = zip(names, features).filter { $1?.concernsReaders ?? false }.map(\.0).sorted()
        return TableProtocol(reader, 7, readerFeatures: reader >= 3 ? readers : nil, writerFeatures: names.sorted())
    }
}

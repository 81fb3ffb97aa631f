import Columnar
import JSON
import Storage

/// ALTER TABLE … DROP FEATURE: takes the feature's traces off the table, and then the feature off its protocol.
/// Source: Delta's `AlterTableDropFeatureDeltaCommand`, `PreDowngradeTableFeatureCommand` and RFC "Checkpoint Protection".
package struct FeatureDrop {
    let table: DeltaTable
    /// As the statement has it.
    let name: String
    let truncatesHistory: Bool
    let context: CommitContext
    let enforced: Set<TableFeature>

    static let protectionKey = "delta.requireCheckpointProtectionBeforeVersion"
    private static let barriers = 3

    package init(_ table: DeltaTable, _ name: String, truncatesHistory: Bool, _ context: CommitContext, enforcing enforced: Set<TableFeature>) {
        self.table = table
        self.name = name
        self.truncatesHistory = truncatesHistory
        self.context = context
        self.enforced = enforced
    }

    /// Commits several versions. Without TRUNCATE HISTORY the feature goes at once, and checkpoints that no cleanup may touch hide the versions
    /// that used it; with it they must have expired first. Throws one of the conditions `DELTA_FEATURE_DROP_…`.
    package func run() throws {
        let feature = try removable(try table.snapshot())
        let protects = feature.needsHistoryProtection
        let hasChanged = try removeTraces(of: feature)
        if protects {
            for _ in 0..<(truncatesHistory ? 1 : Self.barriers) { try commitBarrier() }
            if truncatesHistory, hasChanged { throw waiting("DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD", Self.waitText) }
        }
        var transaction = try table.begin(context, enforcing: enforced)
        let snapshot = transaction.snapshot
        guard try isClean(snapshot, of: feature) else {
            throw DeltaError(
                "DELTA_FEATURE_DROP_CONFLICT_REVALIDATION_FAIL", "40000",
                "Cannot drop feature because a concurrent transaction modified the table.\nPlease try the operation again.\n<concurrentCommit>",
                ["concurrentCommit": ""])
        }
        if protects, truncatesHistory {
            table.cleanUpLog(snapshot, context, truncatesHistory: retention(snapshot))
            if try history(upTo: snapshot, shows: feature) { throw waiting("DELTA_FEATURE_DROP_HISTORICAL_VERSIONS_EXIST", Self.historyText) }
        }
        var metadata = snapshot.metadata
        for key in feature.properties { metadata.configuration[key] = nil }
        var features = snapshot.tableProtocol.supportedFeatures.filter { $0 != feature.rawValue }
        if protects, !truncatesHistory {
            let protection = TableFeature.checkpointProtection.rawValue
            if !features.contains(protection) { features.append(protection) }
            metadata.configuration[Self.protectionKey] = String(snapshot.version + 1)
        }
        try transaction.set(metadata, TableProtocol.least(for: features))
        if feature == .rowTracking, var domain = snapshot.domains[RowTracking.domain] {
            domain.removed = true
            transaction.set(domain)
        }
        let operation = CommitOperation("DROP FEATURE", [("featureName", .string(name)), ("truncateHistory", .string("\(truncatesHistory)"))])
        let committed = try transaction.commit(operation)
        if protects, !truncatesHistory { try committed.snapshot.checkpoint(context) }
    }

    // MARK: What may be dropped

    private func removable(_ snapshot: Snapshot) throws(DeltaError) -> TableFeature {
        let isSupported = snapshot.tableProtocol.supportedFeatures.contains(name)
        let feature = TableFeature.named(name)
        guard isSupported else {
            if name.lowercased().hasPrefix("delta."), TableProperties.isKnown(name) {
                throw DeltaError(
                    "DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY", "42000",
                    "Cannot drop `<property>` from this table because this is a delta table property and not a table feature.", ["property": name])
            }
            if feature == nil, !TableFeature.foreign.contains(name.lowercased()) { throw unsupported }
            throw DeltaError(
                "DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT", "55000",
                "Cannot drop <feature> from this table because it is not currently present in the table's protocol.", ["feature": name])
        }
        guard let feature, feature != .catalogManaged else { throw unsupported }
        guard feature.isRemovable else {
            throw DeltaError(
                "DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE", "0AKDC", "Cannot drop <feature> because dropping this feature is not supported.",
                ["feature": name])
        }
        if truncatesHistory, !feature.needsHistoryProtection, feature != .checkpointProtection {
            throw DeltaError(
                "DELTA_FEATURE_DROP_HISTORY_TRUNCATION_NOT_ALLOWED", "42000", "The particular feature does not require history truncation.")
        }
        if feature == .checkpointProtection, !truncatesHistory {
            throw DeltaError(
                "DELTA_FEATURE_CAN_ONLY_DROP_CHECKPOINT_PROTECTION_WITH_HISTORY_TRUNCATION", "55000",
                "Could not drop the Checkpoint Protection feature.\nThis feature can only be dropped by truncating history.\nPlease try again with the TRUNCATE HISTORY option:\n\n    ALTER TABLE table_name DROP FEATURE checkpointProtection TRUNCATE HISTORY"
            )
        }
        let dependents = TableFeature.allCases.filter { other in
            other.requires.contains(feature) && snapshot.tableProtocol.supportedFeatures.contains(other.rawValue)
        }
        guard dependents.isEmpty else {
            throw DeltaError(
                "DELTA_FEATURE_DROP_DEPENDENT_FEATURE", "55000",
                "Cannot drop table feature `<feature>` because some other features (<dependentFeatures>) in this table depends on `<feature>`.\nConsider dropping them first before dropping this feature.",
                ["feature": feature.rawValue, "dependentFeatures": dependents.map(\.rawValue).joined(separator: ", ")])
        }
        return feature
    }

    private var unsupported: DeltaError {
        DeltaError(
            "DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE", "0AKDC",
            "Cannot drop <feature> because it is not supported by this Delta version.\nConsider using Delta with a higher version.", ["feature": name]
        )
    }

    // MARK: Retention

    private static let truncationKey = "delta.dropFeatureTruncateHistory.retentionDuration"

    private func retention(_ snapshot: Snapshot) -> Int64 {
        snapshot.property(Self.truncationKey).flatMap { CheckpointWriter.millis($0) } ?? 86_400_000
    }

    private func waiting(_ condition: String, _ template: String) -> DeltaError {
        func interval(_ key: String, _ otherwise: String) -> String {
            var text = (try? table.snapshot())?.property(key)?.lowercased() ?? otherwise
            if text.hasPrefix("interval ") { text.removeFirst("interval ".count) }
            return text
        }
        return DeltaError(
            condition, "22KD0", template,
            [
                "feature": name, "logRetentionPeriodKey": "delta.logRetentionDuration",
                "logRetentionPeriod": interval("delta.logRetentionDuration", "30 days"),
                "truncateHistoryLogRetentionPeriod": interval(Self.truncationKey, "24 hours"),
            ])
    }

    private static let waitText = """
        Dropping <feature> was partially successful.

        The feature is now no longer used in the current version of the table. However, the feature
        is still present in historical versions of the table. The table feature cannot be dropped
        from the table protocol until these historical versions have expired.

        To drop the table feature from the protocol, please wait for the historical versions to
        expire, and then repeat this command. The retention period for historical versions is
        currently configured as <logRetentionPeriodKey>=<logRetentionPeriod>.

        Alternatively, please wait for the TRUNCATE HISTORY retention period to expire (<truncateHistoryLogRetentionPeriod>)
        and then run:
            ALTER TABLE table_name DROP FEATURE feature_name TRUNCATE HISTORY
        """

    private static let historyText = """
        Cannot drop <feature> because the Delta log contains historical versions that use the feature.
        Please wait until the history retention period (<logRetentionPeriodKey>=<logRetentionPeriod>) 
        has passed since the feature was last active.

        Alternatively, please wait for the TRUNCATE HISTORY retention period to expire (<truncateHistoryLogRetentionPeriod>)
        and then run:
            ALTER TABLE table_name DROP FEATURE feature_name TRUNCATE HISTORY
        """

    // MARK: History

    /// A commit of nothing with a checkpoint of its version: what readers start from need not be older.
    func commitBarrier() throws {
        let snapshot = try table.begin(context, enforcing: enforced).commit(CommitOperation("Empty Commit")).snapshot
        try snapshot.checkpoint(context)
        table.cleanUpLog(snapshot, context)
    }

    /// Whether versions that can still be read used the feature.
    private func history(upTo snapshot: Snapshot, shows feature: TableFeature) throws(DeltaError) -> Bool {
        let segment = try LogSegment(table.log)
        let first = segment.earliest
        if segment.commits.first != 0 {
            let earliest = try table.snapshot(.version(first))
            if try uses([.metadata(earliest.metadata)] + earliest.files.map { .add($0) }, feature) { return true }
        }
        for version in segment.commits where version <= snapshot.version {
            if let commit = try table.log.read(version), try uses(commit.actions, feature) { return true }
        }
        return false
    }

    private func uses(_ actions: [Action], _ feature: TableFeature) throws(DeltaError) -> Bool {
        for action in actions {
            switch (feature, action) {
            case (.deletionVectors, .add(let file)): if file.deletionVector != nil { return true }
            case (.deletionVectors, .remove(let file)): if file.deletionVector != nil { return true }
            case (.typeWidening, .metadata(let metadata)), (.typeWideningPreview, .metadata(let metadata)):
                if metadata.schemaString.contains(TableField.typeChangesKey) { return true }
            case (.deletionVectors, .metadata(let metadata)), (.columnMapping, .metadata(let metadata)), (.v2Checkpoint, .metadata(let metadata)):
                if feature.isUsed(metadata, TableSchema([])) { return true }
            default: continue
            }
        }
        return false
    }

    /// Whether all that history had before the protected version is gone.
    func isTruncated(_ snapshot: Snapshot) throws(DeltaError) -> Bool {
        guard let version = snapshot.protectedVersion else { return true }
        let segment = try LogSegment(table.log)
        return segment.checkpoints.contains { $0.version >= version } && !segment.commits.contains { $0 < version }
    }

    func truncate(_ snapshot: Snapshot) { table.cleanUpLog(snapshot, context, truncatesHistory: retention(snapshot)) }

    func waitingForProtection() -> DeltaError {
        waiting(
            "DELTA_FEATURE_DROP_CHECKPOINT_PROTECTION_WAIT_FOR_RETENTION_PERIOD",
            """
            The operation did not succeed because there are still traces of dropped features 
            in the table history. CheckpointProtection cannot be dropped until these historical
            versions have expired.

            To drop CheckpointProtection, please wait for the historical versions to
            expire, and then repeat this command. The retention period for historical versions is
            currently configured to <truncateHistoryLogRetentionPeriod>.
            """)
    }
}

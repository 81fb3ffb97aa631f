/// The table properties that Delta knows. Source: Delta's `DeltaConfig.scala`.
enum TableProperties {
    static func isKnown(_ name: String) -> Bool { known.contains(name.lowercased()) }

    private static let known: Set<String> = Set(
        [
            "minReaderVersion", "minWriterVersion", "appendOnly", "autoOptimize", "autoOptimize.autoCompact", "autoOptimize.optimizeWrite",
            "checkpointInterval", "checkpointPolicy", "checkpointRetentionDuration", "checkpoint.writeStatsAsJson", "checkpoint.writeStatsAsStruct",
            "columnMapping.maxColumnId", "columnMapping.mode", "dataSkippingNumIndexedCols", "dataSkippingStatsColumns",
            "deletedFileRetentionDuration", "dropFeatureTruncateHistory.retentionDuration", "enableChangeDataFeed", "enableDeletionVectors",
            "enableExpiredLogCleanup", "enableFullRetentionRollback", "enableIcebergCompatV1", "enableIcebergCompatV2", "enableIcebergCompatV3",
            "enableInCommitTimestamps", "enableRowTracking", "enableTypeWidening", "enableVariantShredding", "inCommitTimestampEnablementTimestamp",
            "inCommitTimestampEnablementVersion", "isolationLevel", "logRetentionDuration", "parquet.compression.codec", "randomizeFilePrefixes",
            "randomPrefixLength", "requireCheckpointProtectionBeforeVersion", "rowTracking.materializedRowCommitVersionColumnName",
            "rowTracking.materializedRowIdColumnName", "rowTrackingSuspended", "sampling.retention", "setTransactionRetentionDuration",
            "targetFileSize", "tuneFileSizesForRewrites", "universalFormat.enabledFormats",
        ].map { "delta." + $0.lowercased() })
}

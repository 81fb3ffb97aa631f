/// A failure of a Delta table's operation: one of the service's error conditions with its parameters.
///
/// Names, SQLSTATEs and templates: Delta's `delta-error-classes.json` and the service's pages of error conditions.
package struct DeltaError: Error, Sendable, Hashable {
    /// With its sub-condition behind a dot: `DELTA_CONCURRENT_APPEND.WHOLE_TABLE_READ`.
    package let condition: String
    package let sqlState: String
    /// Text with `<parameter>` in the places to fill.
    package let template: String
    package let parameters: [String: String]

    package init(_ condition: String, _ sqlState: String, _ template: String, _ parameters: [String: String] = [:]) {
        self.condition = condition
        self.sqlState = sqlState
        self.template = template
        self.parameters = parameters
    }

    /// The template with its parameters filled in, without condition and SQLSTATE.
    package var text: String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "<") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: ">") else { break }
            let name = String(rest[rest.index(after: open)..<close])
            result += parameters[name] ?? "<\(name)>"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// Another commit got in between: retrying the whole statement may help.
    package var isConflict: Bool { sqlState == "2D521" }

    /// The class by which the service's JVM clients know a conflict: `ConcurrentAppendException`.
    package var exceptionClass: String? {
        switch condition.split(separator: ".").first {
        case "DELTA_CONCURRENT_APPEND": "ConcurrentAppendException"
        case "DELTA_CONCURRENT_DELETE_READ": "ConcurrentDeleteReadException"
        case "DELTA_CONCURRENT_DELETE_DELETE": "ConcurrentDeleteDeleteException"
        case "DELTA_METADATA_CHANGED": "MetadataChangedException"
        case "DELTA_PROTOCOL_CHANGED": "ProtocolChangedException"
        case "DELTA_CONCURRENT_TRANSACTION": "ConcurrentTransactionException"
        case "DELTA_CONCURRENT_WRITE": "ConcurrentWriteException"
        default: nil
        }
    }
}

extension DeltaError: CustomStringConvertible {
    package var description: String { "[\(condition)] \(text) SQLSTATE: \(sqlState)" }
}

extension DeltaError {
    package static func tableNotFound(_ table: String) -> DeltaError {
        .init("DELTA_TABLE_NOT_FOUND", "42P01", "Delta table <tableName> doesn't exist.", ["tableName": table])
    }

    package static func logAlreadyExists(_ path: String) -> DeltaError {
        .init("DELTA_LOG_ALREADY_EXISTS", "42K04", "A Delta log already exists at <path>", ["path": path])
    }

    package static func versionNotFound(_ version: Version, earliest: Version, latest: Version) -> DeltaError {
        .init(
            "DELTA_VERSION_NOT_FOUND", "22003",
            "Cannot time travel Delta table to version <userVersion>. Available versions: [<earliest>, <latest>].",
            ["userVersion": String(version), "earliest": String(earliest), "latest": String(latest)])
    }

    /// Times in microseconds since 1970.
    static func timestampBeforeFirst(_ wanted: Int64, first: Int64) -> DeltaError {
        .init(
            "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION", "42816",
            "The provided timestamp (<userTimestamp>) is before the earliest version available to\nthis table (<commitTs>). Please use a timestamp after <timestampString>.",
            [
                "userTimestamp": Civil.sqlTimestamp(wanted), "commitTs": Civil.sqlTimestamp(first),
                "timestampString": Civil.sqlTimestamp(first),
            ])
    }

    static func timestampAfterLast(_ wanted: Int64, last: Int64) -> DeltaError {
        .init(
            "DELTA_TIMESTAMP_GREATER_THAN_COMMIT", "42816",
            "The provided timestamp (<providedTimestamp>) is after the latest version available to this\ntable (<tableName>). Please use a timestamp before or at <maximumTimestamp>.",
            [
                "providedTimestamp": Civil.sqlTimestamp(wanted), "tableName": Civil.sqlTimestamp(last),
                "maximumTimestamp": Civil.sqlTimestamp(last),
            ])
    }

    package static func truncatedLog(_ path: String, version: Version) -> DeltaError {
        .init(
            "DELTA_TRUNCATED_TRANSACTION_LOG", "42K03",
            "<path>: Unable to reconstruct state at version <version> as the transaction log has been truncated due to manual deletion or the log retention policy "
                + "(<logRetentionKey>=<logRetention>) and checkpoint retention policy (<checkpointRetentionKey>=<checkpointRetention>)",
            [
                "path": path, "version": String(version), "logRetentionKey": "delta.logRetentionDuration", "logRetention": "30 days",
                "checkpointRetentionKey": "delta.checkpointRetentionDuration", "checkpointRetention": "2 days",
            ])
    }

    static func notContiguous(_ versions: [Version], start: Version, end: Version, loading: Version) -> DeltaError {
        .init(
            "DELTA_VERSIONS_NOT_CONTIGUOUS", "KD00C",
            "Versions (<versionList>) are not contiguous. \nA gap in the delta log between versions <startVersion> and <endVersion> was detected while trying to load version <versionToLoad>.",
            [
                "versionList": versions.map(String.init).joined(separator: ", "), "startVersion": String(start), "endVersion": String(end),
                "versionToLoad": String(loading),
            ])
    }

    /// `detail`: what is wrong and where in the file.
    static func malformedLog(_ path: String, _ detail: String) -> DeltaError {
        .init("DELTA_UNRECOGNIZED_LOGFILE", "KD00B", "Unrecognized log file <filename>", ["filename": "\(path) (\(detail))"])
    }

    /// `operation`: `Protocol` or `Metadata`, whichever the log lacks.
    static func stateNotRecoverable(_ missing: String, version: Version) -> DeltaError {
        .init(
            "DELTA_STATE_RECOVER_ERROR", "XXKDS",
            "The <operation> of your Delta table could not be recovered while Reconstructing\nversion: <version>. Did you manually delete files in the _delta_log directory?",
            ["operation": missing, "version": String(version)])
    }

    package static func unsupportedForRead(_ table: String, _ features: [String]) -> DeltaError {
        .init(
            "DELTA_UNSUPPORTED_FEATURES_FOR_READ", "56038",
            "Unsupported Delta read feature: table \"<tableNameOrPath>\" requires reader table feature(s) that are unsupported by <deltaVersion>: <unsupported>.",
            ["tableNameOrPath": table, "deltaVersion": "this service", "unsupported": features.joined(separator: ", ")])
    }

    package static func unsupportedForWrite(_ table: String, _ features: [String]) -> DeltaError {
        .init(
            "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE", "56038",
            "Unsupported Delta write feature: table \"<tableNameOrPath>\" requires writer table feature(s) that are unsupported by <deltaVersion>: <unsupported>.",
            ["tableNameOrPath": table, "deltaVersion": "this service", "unsupported": features.joined(separator: ", ")])
    }

    static func unsupportedProtocol(_ table: String, _ tableProtocol: TableProtocol) -> DeltaError {
        .init(
            "DELTA_INVALID_PROTOCOL_VERSION", "KD004",
            "Unsupported Delta protocol version: table \"<tableNameOrPath>\" requires reader version <readerRequired> and writer version <writerRequired>, but this version of "
                + "Databricks supports reader versions <supportedReaders> and writer versions <supportedWriters>. Please upgrade to a newer release.",
            [
                "tableNameOrPath": table, "readerRequired": String(tableProtocol.minReaderVersion),
                "writerRequired": String(tableProtocol.minWriterVersion),
                "supportedReaders": "1, 2, 3", "supportedWriters": "1, 2, 3, 4, 5, 6, 7",
            ])
    }

    package static func unsupportedDataTypes(_ columns: [String]) -> DeltaError {
        .init(
            "DELTA_UNSUPPORTED_DATA_TYPES", "0AKDC", "Found columns using unsupported data types: <dataTypeList>.",
            ["dataTypeList": "[" + columns.joined(separator: ", ") + "]"])
    }

    static func voidInComplexType(_ column: String, _ type: String) -> DeltaError {
        .init(
            "DELTA_COMPLEX_TYPE_COLUMN_CONTAINS_NULL_TYPE", "22005",
            "Found nested NullType in column <columName> which is of <dataType>. Delta doesn't support writing NullType in complex types.",
            ["columName": column, "dataType": type])
    }

    static func partitionColumnNotFound(_ column: String, _ schema: TableSchema) -> DeltaError {
        .init(
            "DELTA_PARTITION_COLUMN_NOT_FOUND", "42703", "Partition column <columnName> not found in schema [<schemaMap>]",
            ["columnName": "`\(column)`", "schemaMap": schema.fields.map(\.name).joined(separator: ", ")])
    }

    static func unsupportedPartitionType(_ column: String, _ type: String) -> DeltaError {
        .init(
            "DELTA_INVALID_PARTITION_COLUMN_TYPE", "42996",
            "Using column <name> of type <dataType> as a partition column is not supported.",
            ["name": column, "dataType": type])
    }

    static func onlyPartitionColumns() -> DeltaError {
        .init(
            "DELTA_NON_PARTITION_COLUMN_ABSENT.ALL_PARTITION_COLUMNS", "KD005",
            "Data written into Delta needs to contain at least one non-partitioned column. All of the provided columns are partition columns."
        )
    }

    static func duplicateColumns(_ columns: [String]) -> DeltaError {
        .init(
            "DELTA_DUPLICATE_COLUMNS_FOUND", "42711", "Found duplicate column(s): <duplicateCols>.",
            ["duplicateCols": columns.joined(separator: ", ")])
    }

    static func invalidColumnNames(_ columns: [String]) -> DeltaError {
        .init(
            "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "42K05",
            "Found invalid character(s) among ' ,;{}()\\n\\t=' in the column names of your schema.\nInvalid column names: <invalidColumnNames>.\n"
                + "Please use other characters and try again.\nAlternatively, enable Column Mapping to keep using these characters.",
            ["invalidColumnNames": columns.joined(separator: ", ")])
    }

    package static func appendOnly(_ table: String) -> DeltaError {
        .init(
            "DELTA_CANNOT_MODIFY_APPEND_ONLY", "42809",
            "This table is configured to only allow appends. If you would like to permit updates or deletes, use 'ALTER TABLE <table_name> SET TBLPROPERTIES (<config>=false)'.",
            ["table_name": table, "config": "delta.appendOnly"])
    }

    package static func notNullViolated(_ column: String) -> DeltaError {
        .init(
            "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", "23502", "NOT NULL constraint violated for column: <columnName>.\n",
            ["columnName": column])
    }

    static func duplicateAction(_ kind: String, _ path: String) -> DeltaError {
        .init(
            "DELTA_DUPLICATE_ACTIONS_FOUND", "2D521",
            "File operation '<actionType>' for path <path> was specified several times.\nIt conflicts with <conflictingPath>. \n"
                + "It is not valid for multiple file operations with the same path to exist in a single commit.",
            ["actionType": kind, "path": path, "conflictingPath": path])
    }

    static func tooManyAttempts(_ attempts: Int, from start: Version, to end: Version, actions: Int) -> DeltaError {
        .init(
            "DELTA_MAX_COMMIT_RETRIES_EXCEEDED", "40000",
            "This commit has failed as it has been tried <numAttempts> times but did not succeed.\nThis can be caused by the Delta table being committed continuously by many concurrent\n"
                + "commits.\n\nCommit started at version: <startVersion>\nCommit failed at version: <failVersion>\nNumber of actions attempted to commit: <numActions>",
            ["numAttempts": String(attempts), "startVersion": String(start), "failVersion": String(end), "numActions": String(actions)])
    }

    static func fileMissing(_ path: String) -> DeltaError {
        .init(
            "FAILED_READ_FILE.DBR_FILE_NOT_EXIST", "KD001",
            "Error while reading file <path>. File referenced in the transaction log cannot be found.", ["path": path])
    }

    /// `reason` stays out of the text, as in the service's own message, but is among the parameters.
    static func fileUnreadable(_ path: String, _ reason: String) -> DeltaError {
        .init("FAILED_READ_FILE.NO_HINT", "KD001", "Error while reading file <path>. ", ["path": path, "reason": reason])
    }

    static func columnTypeMismatch(_ path: String, column: String, expected: String, actual: String) -> DeltaError {
        .init(
            "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH", "KD001",
            "Error while reading file <path>. Data type mismatches when reading Parquet column <column>. Expected Spark type <expectedType>, actual Parquet type <actualType>.",
            ["path": path, "column": column, "expectedType": expected, "actualType": actual])
    }

    /// The object store failed, or a data file could not be written.
    package static func storage(_ operation: String, _ path: String, _ reason: String) -> DeltaError {
        .init(
            "FAILED_TO_ACCESS_STORAGE", "58030", "<operation> <path> failed: <reason>",
            ["operation": operation, "path": path, "reason": reason])
    }
}

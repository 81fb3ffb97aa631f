extension DeltaError {
    /// The page to which the service's conflict messages send their readers.
    private static let conflictPage = "https://docs.databricks.com/delta/concurrency-control.html"

    /// How a conflict is explained, as a sub-condition.
    enum ConflictHint: Sendable {
        case wholeTableRead
        /// The partition as text: `[day=2026-01-01]`.
        case partition(String)
        case none

        var name: String {
            switch self {
            case .wholeTableRead: "WHOLE_TABLE_READ"
            case .partition: "WITH_PARTITION_HINT"
            case .none: "WITHOUT_HINT"
            }
        }
    }

    static func concurrentAppend(_ table: String, _ winner: CommitSummary, _ hint: ConflictHint) -> DeltaError {
        let end: String
        switch hint {
        case .wholeTableRead:
            end =
                "This transaction attempted to read the entire table, conflicting with the concurrent modification. "
                + "Consider adding filters to your query to narrow the data scope or retrying the operation."
        case .partition:
            end =
                "The concurrent operation modified data in the partition <partitionValues> that should have been read by this operation. Please retry the operation."
        case .none: end = "Please retry the operation."
        }
        return conflict(
            "DELTA_CONCURRENT_APPEND",
            "Transaction conflict detected. A concurrent <operation> added data to table <tableName> committed at version <version>. ", end,
            table, winner, hint)
    }

    static func concurrentDeleteRead(_ table: String, _ winner: CommitSummary, _ hint: ConflictHint) -> DeltaError {
        let end: String
        switch hint {
        case .wholeTableRead:
            end =
                "This transaction attempted to read the entire table, conflicting with the concurrent deletion. "
                + "Add filters to your query to narrow the data scope and retry the operation."
        case .partition:
            end =
                "The concurrent operation deleted data in the partition <partitionValues> that was read by this operation. Please retry the operation."
        case .none: end = "Please retry the operation."
        }
        return conflict(
            "DELTA_CONCURRENT_DELETE_READ",
            "Transaction conflict detected, a concurrent <operation> deleted data from table <tableName> (committed at version <version>) that this transaction read. ",
            end,
            table, winner, hint)
    }

    static func concurrentDeleteDelete(_ table: String, _ winner: CommitSummary, _ hint: ConflictHint) -> DeltaError {
        let end: String
        switch hint {
        case .partition:
            end =
                "The concurrent operation deleted data in the partition <partitionValues> that was read by this operation. Please retry the operation."
        case .wholeTableRead, .none: end = "Please retry the operation."
        }
        return conflict(
            "DELTA_CONCURRENT_DELETE_DELETE",
            "Transaction conflict detected, a concurrent <operation> deleted data from table <tableName> (committed at version <version>) that this transaction attempted to delete. ",
            end, table, winner, hint)
    }

    private static func conflict(
        _ condition: String, _ start: String, _ end: String, _ table: String, _ winner: CommitSummary, _ hint: ConflictHint
    ) -> DeltaError {
        var parameters = [
            "operation": winner.info?.operation ?? "operation", "tableName": table, "version": String(winner.version),
            "docLink": conflictPage,
        ]
        if case .partition(let values) = hint { parameters["partitionValues"] = values }
        return .init("\(condition).\(hint.name)", "2D521", start + end + " Refer to <docLink> for more information.", parameters)
    }

    static func metadataChanged(_ table: String, _ winner: CommitSummary) -> DeltaError {
        .init(
            "DELTA_METADATA_CHANGED", "2D521",
            "MetadataChangedException: The metadata of the Delta table <tableName> has been changed by a concurrent update. Please try the operation again.<conflictingCommit>\n"
                + "Refer to <docLink> for more details.", general(table, winner))
    }

    static func protocolChanged(_ table: String, _ winner: CommitSummary) -> DeltaError {
        var parameters = general(table, winner)
        parameters["additionalInfo"] =
            winner.version == 0
            ? "This happens when multiple writers are writing to an empty directory. Creating the table ahead of time will avoid this conflict. "
            : ""
        return .init(
            "DELTA_PROTOCOL_CHANGED", "2D521",
            "ProtocolChangedException: The protocol version of the Delta table has been changed by a concurrent update. <additionalInfo><conflictingCommit>\n"
                + "Refer to <docLink> for more details.", parameters)
    }

    static func concurrentTransaction(_ table: String, _ winner: CommitSummary) -> DeltaError {
        .init(
            "DELTA_CONCURRENT_TRANSACTION", "2D521",
            "ConcurrentTransactionException: This error occurs when multiple streaming queries are using the same checkpoint to write into this table. "
                + "Did you run multiple instances of the same streaming query at the same time?<conflictingCommit>\nRefer to <docLink> for more details.",
            general(table, winner))
    }

    static func concurrentWrite(_ table: String, _ winner: CommitSummary) -> DeltaError {
        .init(
            "DELTA_CONCURRENT_WRITE", "2D521",
            "ConcurrentWriteException: A concurrent transaction has written new data since the current transaction read the table. Please try the operation again."
                + "<conflictingCommit>\nRefer to <docLink> for more details.", general(table, winner))
    }

    private static func general(_ table: String, _ winner: CommitSummary) -> [String: String] {
        let commit = winner.info.map { "\nConflicting commit: " + $0.conflictText(version: winner.version) } ?? ""
        return ["tableName": table, "version": String(winner.version), "conflictingCommit": commit, "docLink": conflictPage]
    }
}

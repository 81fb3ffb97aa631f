/// How much a writer is kept from seeing, and from being seen to do, out of order. Source: Delta's and the service's pages on isolation levels.
package enum IsolationLevel: String, Sendable, CaseIterable {
    case serializable = "Serializable"
    /// Appends that read nothing may slip in between a reader's read and write.
    case writeSerializable = "WriteSerializable"
    /// For commits that only rearrange data.
    case snapshot = "SnapshotIsolation"
}

/// What a transaction looked at.
package struct ReadSet: Sendable {
    package private(set) var wholeTable = false
    /// Paths of files read.
    package private(set) var files: Set<String> = []
    /// Each says whether a file, had it been there, would have been read.
    package private(set) var predicates: [@Sendable (AddFile) -> Bool] = []
    /// Applications whose last version was looked up.
    package private(set) var applications: Set<String> = []

    package init() {}

    package var isEmpty: Bool { !wholeTable && files.isEmpty && predicates.isEmpty }

    package mutating func readWholeTable() { wholeTable = true }

    /// Files read, and which files would have been: usually those of the partitions that the statement's condition allows.
    package mutating func read(_ files: some Sequence<AddFile>, matching predicate: @escaping @Sendable (AddFile) -> Bool) {
        self.files.formUnion(files.lazy.map(\.path))
        predicates.append(predicate)
    }

    package mutating func read(application: String) { applications.insert(application) }
}

/// Decides whether a transaction may be put on top of commits that it has not seen.
package struct ConflictChecker: Sendable {
    package let table: String
    package let isolation: IsolationLevel
    package let reads: ReadSet
    /// What the transaction wants to commit.
    package let actions: [Action]
    private let removed: [String: PartitionValues]
    private let domains: Set<String>
    private let changesMetadata: Bool

    package init(table: String, isolation: IsolationLevel, reads: ReadSet, actions: [Action]) {
        self.table = table
        self.isolation = isolation
        self.reads = reads
        self.actions = actions
        var removed: [String: PartitionValues] = [:]
        var domains: Set<String> = []
        var changesMetadata = false
        for action in actions {
            switch action {
            case .remove(let file): removed[file.path] = file.partitionValues ?? PartitionValues()
            case .domainMetadata(let value): domains.insert(value.domain)
            case .metadata: changesMetadata = true
            default: break
            }
        }
        self.removed = removed
        self.domains = domains
        self.changesMetadata = changesMetadata
    }

    /// Throws the conflict with the first of the commits that meets this transaction's reads and writes.
    package func check(_ winners: [LogStore.Commit]) throws(DeltaError) {
        for winner in winners { try check(winner.summary, winner.actions) }
    }

    package func check(_ winner: CommitSummary, _ actions: [Action]) throws(DeltaError) {
        for case .tableProtocol in actions { throw .protocolChanged(table, winner) }
        for case .metadata in actions { throw .metadataChanged(table, winner) }
        for case .domainMetadata(let value) in actions where domains.contains(value.domain) { throw .concurrentTransaction(table, winner) }
        for case .transaction(let value) in actions where reads.applications.contains(value.appID) {
            throw .concurrentTransaction(table, winner)
        }
        try checkAdded(winner, actions)
        for case .remove(let file) in actions {
            let hint = hint(file.partitionValues)
            if reads.files.contains(file.path) { throw .concurrentDeleteRead(table, winner, hint) }
            if reads.wholeTable { throw .concurrentDeleteRead(table, winner, .wholeTableRead) }
        }
        for case .remove(let file) in actions {
            if let values = removed[file.path] { throw .concurrentDeleteDelete(table, winner, hint(values)) }
        }
    }

    /// Files that should have been read, had they been there.
    private func checkAdded(_ winner: CommitSummary, _ actions: [Action]) throws(DeltaError) {
        switch isolation {
        case .snapshot: return
        case .writeSerializable where !changesMetadata && winner.info?.isBlindAppend == true: return
        case .writeSerializable, .serializable: break
        }
        for case .add(let file) in actions where file.dataChange {
            if reads.wholeTable { throw .concurrentAppend(table, winner, .wholeTableRead) }
            if reads.predicates.contains(where: { $0(file) }) { throw .concurrentAppend(table, winner, hint(file.partitionValues)) }
        }
    }

    private func hint(_ values: PartitionValues?) -> DeltaError.ConflictHint {
        guard let values, !values.isEmpty else { return .none }
        return .partition(values.text)
    }
}

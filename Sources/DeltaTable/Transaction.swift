import JSON
import Storage

/// What a statement wants to change, and what it read to decide so. Committing uses it up; letting it go changes nothing.
package struct Transaction: ~Copyable {
    /// The table as the statement sees it.
    package let snapshot: Snapshot
    package var reads = ReadSet()
    package private(set) var actions: [Action] = []

    let table: DeltaTable
    let context: CommitContext
    private let enforced: Set<TableFeature>

    init(_ table: DeltaTable, _ snapshot: Snapshot, _ context: CommitContext, enforced: Set<TableFeature>) {
        self.table = table
        self.snapshot = snapshot
        self.context = context
        self.enforced = enforced
    }

    package mutating func add(_ file: AddFile) { actions.append(.add(file)) }

    package mutating func add(_ files: [AddFile]) { actions += files.map { .add($0) } }

    package mutating func add(_ file: CDCFile) { actions.append(.cdc(file)) }

    package mutating func remove(_ file: AddFile, dataChange: Bool = true) {
        actions.append(.remove(file.removed(at: context.timestampMillis, dataChange: dataChange)))
    }

    package mutating func remove(_ files: [AddFile], dataChange: Bool = true) {
        for file in files { remove(file, dataChange: dataChange) }
    }

    /// Notes a file that is none of the table's rows.
    mutating func remove(_ file: RemoveFile) { actions.append(.remove(file)) }

    /// Takes all rows out of the table, as INSERT OVERWRITE and REPLACE TABLE do.
    package mutating func removeAll() {
        reads.read(snapshot.files, matching: { _ in true })
        remove(snapshot.files)
    }

    /// Brings the table's files and description back to those of an earlier version. Throws if a file is no longer there.
    package mutating func restore(_ target: Snapshot) throws(DeltaError) {
        reads.readWholeTable()
        let present = Set(snapshot.files.map(\.key))
        let wanted = Set(target.files.map(\.key))
        remove(snapshot.files.filter { !wanted.contains($0.key) })
        let log = table.log
        for file in target.files where !present.contains(file.key) {
            guard let object = log.object(file.path) else { throw .fileMissing(file.path) }
            guard try log.access("Reading", object, { () throws(StorageError) in try log.store.exists(object) }) else {
                throw .fileMissing(object)
            }
            add(file)
        }
        if target.metadata != snapshot.metadata { try set(target.metadata) }
    }

    /// Puts in the table's new description, and with it the protocol that it needs beyond the present one; gives the description as it is written.
    /// `properties`: those that the user gave, `delta.feature.…` and `delta.min…Version` among them.
    @discardableResult
    package mutating func set(_ metadata: Metadata, properties: [String: String] = [:]) throws(DeltaError) -> Metadata {
        var metadata = metadata
        var schema = try TableDefinition.check(metadata, table: table.name)
        if TableFeature.columnMapping.isUsed(metadata, schema) {
            let isUpgrade = !TableFeature.columnMapping.isUsed(snapshot.metadata, snapshot.tableSchema)
            ColumnMapping.assign(&metadata, schema, isUpgrade: isUpgrade, newUUID: context.newUUID)
            schema = try TableDefinition.check(metadata, table: table.name)
        }
        try RowTracking.check(metadata)
        RowTracking.complete(&metadata, newUUID: context.newUUID)
        let needed = TableProtocol.needed(metadata, schema, properties: properties, from: snapshot.tableProtocol)
        try needed.checkWritable(table.name, metadata, schema, enforced: enforced)
        actions.removeAll { action in
            switch action {
            case .metadata, .tableProtocol: true
            default: false
            }
        }
        actions.append(.metadata(metadata))
        if needed != snapshot.tableProtocol { actions.append(.tableProtocol(needed)) }
        return metadata
    }

    /// Puts in a description and a protocol as they are, which may be less than the present one: for DROP FEATURE.
    mutating func set(_ metadata: Metadata, _ tableProtocol: TableProtocol) throws(DeltaError) {
        let schema = try TableDefinition.check(metadata, table: table.name)
        try tableProtocol.checkWritable(table.name, metadata, schema, enforced: enforced)
        if metadata != snapshot.metadata { actions.append(.metadata(metadata)) }
        if tableProtocol != snapshot.tableProtocol { actions.append(.tableProtocol(tableProtocol)) }
    }

    /// The actions as a version has them: what depends on the commits before is filled in anew for each attempt.
    private func final(_ info: CommitInfo, version: Version, after base: Snapshot) throws(DeltaError) -> [Action] {
        var tableProtocol = base.tableProtocol
        var result = actions
        for (index, action) in actions.enumerated() {
            switch action {
            case .tableProtocol(let value): tableProtocol = value
            case .metadata(var metadata):
                guard let time = info.inCommitTimestamp, !TableFeature.inCommitTimestamp.isUsed(base.metadata, base.tableSchema) else { continue }
                metadata.configuration["delta.inCommitTimestampEnablementVersion"] = String(version)
                metadata.configuration["delta.inCommitTimestampEnablementTimestamp"] = String(time)
                result[index] = .metadata(metadata)
            default: break
            }
        }
        return [.commitInfo(info)] + (try RowTracking.assign(result, tableProtocol, version: version, after: base))
    }

    private var startsInCommitTimestamps: Bool {
        for case .metadata(let metadata) in actions { return TableFeature.inCommitTimestamp.isUsed(metadata, snapshot.tableSchema) }
        return false
    }

    /// The version of an application's last batch in this table; whoever acts on it must not be overtaken by another batch.
    package mutating func lastVersion(of application: String) -> Int64? {
        reads.read(application: application)
        return snapshot.transactions[application]?.version
    }

    package mutating func set(_ transaction: SetTransaction) {
        reads.read(application: transaction.appID)
        actions.append(.transaction(transaction))
    }

    package mutating func set(_ domain: DomainMetadata) { actions.append(.domainMetadata(domain)) }

    /// What a commit came to.
    package struct Committed: Sendable {
        package let version: Version
        /// Commits that got in between and did not matter.
        package let overtakenBy: Int
        /// The table right after this commit.
        package let snapshot: Snapshot
    }

    /// Writes the commit behind the last one, unless a commit since the version read conflicts with this one: then it throws the conflict.
    /// Also throws what the context's hold points throw. `touching`: whether the statement would have taken a row of these files; given by statements
    /// that go by rows, which may then meet others in the same files.
    package consuming func commit(
        _ operation: CommitOperation, touching: ((Snapshot, [AddFile]) throws -> Bool)? = nil
    ) throws -> Committed {
        try Self.checkActions(actions, snapshot)
        let isolation = isolationLevel
        let isBlindAppend = self.isBlindAppend
        var checker = ConflictChecker(table: table.name, isolation: isolation, reads: reads, actions: actions)
        let builder = CommitInfoBuilder(
            context: context, operation: operation, readVersion: snapshot.version, isolation: isolation, isBlindAppend: isBlindAppend,
            transactionID: context.newUUID())
        var base = snapshot
        // What the actions start from.
        var origin = snapshot
        var overtakenBy = 0
        for attempt in 1...Self.maxAttempts {
            let version = base.version + 1
            let info = builder.info(after: base, inCommitTimestamps: startsInCommitTimestamps)
            let all = try final(info, version: version, after: base)
            try context.at(CommitPoint(.beforePut, table: table.name, version: version))
            if try table.log.put(version, all) == .committed {
                let snapshot = try table.advance(base, LogStore.Commit(version: version, actions: all, modified: context.timestampMillis))
                snapshot.writeChecksum(transactionID: info.transactionID, inCommitTimestamp: info.inCommitTimestamp)
                context.done(operation)
                try context.at(CommitPoint(.afterPut, table: table.name, version: version))
                if snapshot.checkpointIfDue(context) { table.cleanUpLog(snapshot, context) }
                return Committed(version: version, overtakenBy: overtakenBy, snapshot: snapshot)
            }
            let winners = try table.log.commits(after: base.version)
            guard let last = winners.last, attempt < Self.maxAttempts else { break }
            overtakenBy += winners.count
            let next = try table.snapshot(.version(last.version))
            do throws(DeltaError) {
                try checker.check(winners)
            } catch {
                guard let touching else { throw error }
                let rows = RowConcurrency(
                    before: origin, after: next, table: table, context: context, isolation: isolation, touching: touching)
                guard let merged = try rows.merged(actions, over: winners) else { throw error }
                actions = merged
                origin = next
                checker = ConflictChecker(table: table.name, isolation: isolation, reads: reads, actions: actions)
            }
            base = next
        }
        throw DeltaError.tooManyAttempts(Self.maxAttempts, from: snapshot.version, to: base.version, actions: actions.count)
    }

    private static let maxAttempts = 10_000

    /// No action that reads, removes or describes: the commit only puts in data that depends on nothing.
    private var isBlindAppend: Bool {
        reads.isEmpty
            && actions.allSatisfy { action in
                switch action {
                case .remove, .cdc: false
                default: true
                }
            }
    }

    private var isolationLevel: IsolationLevel {
        var hasFiles = false
        var rearrangesOnly = true
        for action in actions {
            switch action {
            case .add(let file):
                hasFiles = true
                if file.dataChange { rearrangesOnly = false }
            case .remove(let file):
                hasFiles = true
                if file.dataChange { rearrangesOnly = false }
            case .cdc, .commitInfo: break
            default: rearrangesOnly = false
            }
        }
        if hasFiles && rearrangesOnly { return .snapshot }
        return snapshot.property("delta.isolationLevel").flatMap { name in
            IsolationLevel.allCases.first { $0.rawValue.lowercased() == name.lowercased() && $0 != .snapshot }
        } ?? .writeSerializable
    }

    /// A file may be added once and removed once; tables that are for appending only lose none.
    private static func checkActions(_ actions: [Action], _ snapshot: Snapshot) throws(DeltaError) {
        var added: Set<FileKey> = []
        var removed: Set<FileKey> = []
        let appendOnly = snapshot.property("delta.appendOnly")?.lowercased() == "true"
        for action in actions {
            switch action {
            case .add(let file):
                guard added.insert(file.key).inserted else { throw .duplicateAction("add", file.path) }
            case .remove(let file):
                guard removed.insert(file.key).inserted else { throw .duplicateAction("remove", file.path) }
                if appendOnly && file.dataChange { throw .appendOnly(snapshot.tableName) }
            default: break
            }
        }
    }
}

/// Makes the first line of a commit, anew for each attempt.
struct CommitInfoBuilder {
    let context: CommitContext
    let operation: CommitOperation
    /// nil when the table is being created.
    let readVersion: Version?
    let isolation: IsolationLevel
    let isBlindAppend: Bool
    let transactionID: String

    /// `base`: the table right before the commit; nil when it is being created.
    func info(after base: Snapshot?, inCommitTimestamps: Bool = false) -> CommitInfo {
        var members: [(String, JSONValue)] = []
        if inCommitTimestamps || base.map({ TableFeature.inCommitTimestamp.isUsed($0.metadata, $0.tableSchema) }) ?? false {
            members.append(("inCommitTimestamp", .int(max(context.timestampMillis, base.map { $0.timestamp &+ 1 } ?? .min))))
        }
        members.append(("timestamp", .int(context.timestampMillis)))
        members.append(("userId", .string(context.userID)))
        members.append(("userName", .string(context.userName)))
        members.append(("operation", .string(operation.name)))
        members.append(("operationParameters", operation.parametersJSON))
        members += context.extra.members.map { ($0.name, $0.value) }
        members.add("clusterId", context.clusterID)
        members.add("readVersion", readVersion.map { Int64($0) })
        members.append(("isolationLevel", .string(isolation.rawValue)))
        members.append(("isBlindAppend", .bool(isBlindAppend)))
        members.append(("operationMetrics", operation.metricsJSON))
        members.add("userMetadata", context.userMetadata)
        members.append(("tags", ["restoresDeletedRows": "false"]))
        members.append(("engineInfo", .string(context.engineInfo)))
        members.append(("txnId", .string(transactionID)))
        return CommitInfo(JSONObject(members))
    }
}

/// Names the table to be in its first commit.
package struct NewTable: Sendable {
    package var metadata: Metadata
    package var tableProtocol: TableProtocol
    package var schema: TableSchema

    package init(metadata: Metadata, tableProtocol: TableProtocol, schema: TableSchema) {
        self.metadata = metadata
        self.tableProtocol = tableProtocol
        self.schema = schema
    }
}

extension DeltaTable {
    /// Writes version 0: a table of this schema, without rows. Protocol 1/2 unless schema or properties ask for more.
    @discardableResult
    package func create(
        schema: TableSchema, partitionColumns: [String] = [], properties: [String: String] = [:], description: String? = nil,
        isManaged: Bool = true, commit context: CommitContext
    ) throws -> Version {
        let new = try define(
            schema: schema, partitionColumns: partitionColumns, properties: properties, description: description, commit: context)
        return try create(new, operation: .create("CREATE TABLE", new.metadata, isManaged: isManaged), commit: context)
    }

    /// What `create` is to write; `writeTarget(new.metadata)` then takes the rows of a CREATE TABLE AS SELECT.
    package func define(
        schema: TableSchema, partitionColumns: [String] = [], properties: [String: String] = [:], description: String? = nil,
        enforcing enforced: Set<TableFeature> = [],
        commit context: CommitContext
    ) throws(DeltaError) -> NewTable {
        // Partition columns are named as the schema does.
        let partitions = partitionColumns.map { name in schema.index(of: name).map { schema.fields[$0].name } ?? name }
        var metadata = Metadata(
            id: context.newUUID(), description: description, schema: schema, partitionColumns: partitions,
            configuration: properties.filter { !TableProtocol.isProtocolProperty($0.key) }, createdTime: context.timestampMillis)
        if TableFeature.columnMapping.isUsed(metadata, schema) {
            ColumnMapping.assign(&metadata, schema, isUpgrade: false, newUUID: context.newUUID)
        }
        RowTracking.complete(&metadata, newUUID: context.newUUID)
        let checked = try TableDefinition.check(metadata, table: name)
        let needed = TableProtocol.needed(metadata, checked, properties: properties)
        try needed.checkWritable(name, metadata, checked, enforced: enforced)
        return NewTable(metadata: metadata, tableProtocol: needed, schema: checked)
    }

    /// Writes version 0. Throws if there is a table already.
    @discardableResult
    package func create(
        _ new: NewTable, files: [AddFile] = [], domains: [DomainMetadata] = [], operation: CommitOperation, commit context: CommitContext
    ) throws -> Version {
        if try exists() { throw DeltaError.logAlreadyExists(log.location) }
        let builder = CommitInfoBuilder(
            context: context, operation: operation, readVersion: nil, isolation: .writeSerializable, isBlindAppend: true,
            transactionID: context.newUUID())
        let info = builder.info(after: nil, inCommitTimestamps: TableFeature.inCommitTimestamp.isUsed(new.metadata, new.schema))
        let made: [Action] =
            [.commitInfo(info), .metadata(new.metadata), .tableProtocol(new.tableProtocol)] + files.map { .add($0) }
            + domains.map { .domainMetadata($0) }
        let actions = try RowTracking.assign(made, new.tableProtocol, version: 0, after: nil)
        try context.at(CommitPoint(.beforePut, table: name, version: 0))
        guard try log.put(0, actions) == .committed else {
            throw DeltaError.protocolChanged(name, CommitSummary(version: 0, info: try log.read(0)?.info))
        }
        if let made = try? snapshot(), made.version == 0 {
            made.writeChecksum(transactionID: info.transactionID, inCommitTimestamp: info.inCommitTimestamp)
        }
        try context.at(CommitPoint(.afterPut, table: name, version: 0))
        return 0
    }
}

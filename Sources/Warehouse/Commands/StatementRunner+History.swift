import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// DESCRIBE HISTORY and DESCRIBE DETAIL.
extension StatementRunner {
    private static let texts = DataType.map(key: .text, value: .text, valueContainsNull: true)

    private static let historyFields = [
        Field("version", .long), Field("timestamp", .timestamp), Field("userId", .text), Field("userName", .text), Field("operation", .text),
        Field("operationParameters", texts),
        Field(
            "job",
            .structure(["jobId", "jobName", "jobRunId", "runId", "jobOwnerId", "triggerType"].map { Field($0, .text) })),
        Field("notebook", .structure([Field("notebookId", .text)])), Field("clusterId", .text), Field("readVersion", .long),
        Field("isolationLevel", .text), Field("isBlindAppend", .boolean), Field("operationMetrics", texts), Field("userMetadata", .text),
        Field("engineInfo", .text),
    ]

    private func delta(_ reference: NameReference, _ operation: String) throws(SQLError) -> (table: TableInfo, delta: DeltaTable) {
        let name = try objectName(reference)
        let table = try tableInfo(name, at: reference.span)
        guard !table.type.isView, let location = table.location else {
            throw SQLError(.expectTableNotViewNoAlternative, ["viewName": SQLQuote.id(name.parts), "operation": operation], at: reference.span)
        }
        return (table, try onTable { try service.tables.delta(at: location) })
    }

    func history(_ reference: NameReference, _ limit: SparkSyntax.Expression?) throws(SQLError) -> ResultSet {
        let delta = try delta(reference, "DESCRIBE HISTORY").delta
        var count: Int?
        if let limit {
            let value = try QueryEngine.evaluate(limit, catalog: catalog, parameters: try parameters(), context: context)
            guard case .integer(let number) = value.value, number >= 0 else { throw .notSimulated("this LIMIT", at: limit.span) }
            count = Int(number)
        }
        let records = try onTable { try delta.history(limit: count) }
        return ResultSet(Self.historyFields, rows: records.map(Self.row))
    }

    private static func row(_ record: CommitRecord) -> [Value] {
        let info = record.info
        func text(_ value: String?) -> Value { value.map { .string($0) } ?? .null }
        func map(_ pairs: [(name: String, value: String?)]) -> Value { .map(pairs.map { .init(.string($0.name), text($0.value)) }) }
        return [
            .integer(Int64(record.version)), .integer(record.timestamp &* 1000), text(info.userID), text(info.userName), text(info.operation),
            map(info.operationParameters), .null, .null, text(info.clusterID), info.readVersion.map { .integer(Int64($0)) } ?? .null,
            text(info.isolationLevel), info.isBlindAppend.map { .boolean($0) } ?? .null, map(info.operationMetrics), text(info.userMetadata),
            text(info.engineInfo),
        ]
    }

    func detail(_ reference: NameReference) throws(SQLError) -> ResultSet {
        let (table, delta) = try delta(reference, "DESCRIBE DETAIL")
        let snapshot = try onTable { try delta.snapshot() }
        let features = (snapshot.tableProtocol.readerFeatures ?? []) + (snapshot.tableProtocol.writerFeatures ?? [])
        let names = DataType.array(element: .text, containsNull: true)
        let fields = [
            Field("format", .text), Field("id", .text), Field("name", .text), Field("description", .text), Field("location", .text),
            Field("createdAt", .timestamp), Field("lastModified", .timestamp), Field("partitionColumns", names), Field("clusteringColumns", names),
            Field("numFiles", .long), Field("sizeInBytes", .long), Field("properties", Self.texts), Field("minReaderVersion", .int),
            Field("minWriterVersion", .int), Field("tableFeatures", names), Field("statistics", Self.texts),
        ]
        let properties = snapshot.metadata.configuration.sorted { $0.key < $1.key }
        let featureNames = Set(features).sorted()
        return ResultSet(
            fields,
            rows: [
                [
                    .string("delta"), .string(snapshot.metadata.id), .string(table.name.description),
                    table.comment.map { .string($0) } ?? .null, .string(table.location ?? ""), .integer(table.createdAt &* 1000),
                    .integer(snapshot.timestamp &* 1000), .list(snapshot.metadata.partitionColumns.map { .string($0) }),
                    .list(Self.clusteringColumns(snapshot).map { .string($0) }),
                    .integer(Int64(snapshot.files.count)), .integer(snapshot.sizeInBytes),
                    .map(properties.map { .init(.string($0.key), .string($0.value)) }),
                    .integer(Int64(snapshot.tableProtocol.minReaderVersion)), .integer(Int64(snapshot.tableProtocol.minWriterVersion)),
                    .list((featureNames.isEmpty ? ["appendOnly", "invariants"] : featureNames).map { .string($0) }), .map([]),
                ]
            ])
    }

    /// The columns by which rows lie together, by their names in the table.
    private static func clusteringColumns(_ snapshot: Snapshot) -> [String] {
        let domain = snapshot.domains["delta.clustering"].flatMap { try? JSONValue(parsing: Array($0.configuration.utf8)) }
        return (domain?["clusteringColumns"]?.arrayValue ?? []).map { path in
            var names = (path.arrayValue ?? []).compactMap(\.stringValue)
            if let first = names.first, let field = snapshot.tableSchema.fields.first(where: { $0.physicalName == first }) { names[0] = field.name }
            return names.joined(separator: ".")
        }
    }
}

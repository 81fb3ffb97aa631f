package import JSON

package typealias Version = Int

/// What a table is, but for its files.
package struct Metadata: Sendable, Hashable {
    /// UUID of the table.
    package var id: String
    package var name: String?
    package var description: String?
    package var formatProvider = "parquet"
    package var formatOptions: [String: String] = [:]
    /// JSON text of Spark's StructType.
    package var schemaString: String
    package var partitionColumns: [String]
    package var configuration: [String: String]
    /// Milliseconds since 1970.
    package var createdTime: Int64?

    package init(
        id: String, name: String? = nil, description: String? = nil, schema: TableSchema, partitionColumns: [String] = [],
        configuration: [String: String] = [:],
        createdTime: Int64? = nil
    ) {
        self.id = id
        self.name = name
        self.description = description
        schemaString = schema.schemaString
        self.partitionColumns = partitionColumns
        self.configuration = configuration
        self.createdTime = createdTime
    }

    init(_ fields: ActionFields) throws(MalformedAction) {
        id = try fields.required(fields.string("id"), "id")
        name = try fields.string("name")
        description = try fields.string("description")
        if let format = try fields.object("format") {
            let inner = try ActionFields("metaData.format", .object(format))
            formatProvider = try inner.string("provider") ?? "parquet"
            formatOptions = try inner.strings("options") ?? [:]
        }
        schemaString = try fields.required(fields.string("schemaString"), "schemaString")
        partitionColumns = try fields.stringList("partitionColumns") ?? []
        configuration = try fields.strings("configuration") ?? [:]
        createdTime = try fields.int64("createdTime")
    }

    package var json: JSONValue {
        var members: [(String, JSONValue)] = [("id", .string(id))]
        members.add("name", name)
        members.add("description", description)
        members.append(("format", ["provider": .string(formatProvider), "options": .sorted(formatOptions)]))
        members.append(("schemaString", .string(schemaString)))
        members.append(("partitionColumns", .array(partitionColumns.map { .string($0) })))
        members.append(("configuration", .sorted(configuration)))
        members.add("createdTime", createdTime)
        return .members(members)
    }
}

/// What software must understand to read or write the table.
package struct TableProtocol: Sendable, Hashable {
    package var minReaderVersion: Int
    package var minWriterVersion: Int
    /// Given if and only if the reader version is 3.
    package var readerFeatures: [String]?
    /// Given if and only if the writer version is 7.
    package var writerFeatures: [String]?

    package init(_ minReaderVersion: Int, _ minWriterVersion: Int, readerFeatures: [String]? = nil, writerFeatures: [String]? = nil) {
        self.minReaderVersion = minReaderVersion
        self.minWriterVersion = minWriterVersion
        self.readerFeatures = readerFeatures
        self.writerFeatures = writerFeatures
    }

    init(_ fields: ActionFields) throws(MalformedAction) {
        minReaderVersion = Int(try fields.required(fields.int64("minReaderVersion"), "minReaderVersion"))
        minWriterVersion = Int(try fields.required(fields.int64("minWriterVersion"), "minWriterVersion"))
        readerFeatures = try fields.stringList("readerFeatures")
        writerFeatures = try fields.stringList("writerFeatures")
    }

    package var json: JSONValue {
        var members: [(String, JSONValue)] = [("minReaderVersion", .int(minReaderVersion)), ("minWriterVersion", .int(minWriterVersion))]
        members.add("readerFeatures", readerFeatures.map { .array($0.map { .string($0) }) })
        members.add("writerFeatures", writerFeatures.map { .array($0.map { .string($0) }) })
        return .members(members)
    }
}

/// How far an application has come, so that it can tell whether a batch is in the table already.
package struct SetTransaction: Sendable, Hashable {
    package var appID: String
    package var version: Int64
    /// Milliseconds since 1970.
    package var lastUpdated: Int64?

    package init(appID: String, version: Int64, lastUpdated: Int64? = nil) {
        self.appID = appID
        self.version = version
        self.lastUpdated = lastUpdated
    }

    init(_ fields: ActionFields) throws(MalformedAction) {
        appID = try fields.required(fields.string("appId"), "appId")
        version = try fields.required(fields.int64("version"), "version")
        lastUpdated = try fields.int64("lastUpdated")
    }

    package var json: JSONValue {
        var members: [(String, JSONValue)] = [("appId", .string(appID)), ("version", .int(version))]
        members.add("lastUpdated", lastUpdated)
        return .members(members)
    }
}

/// A feature's own configuration.
package struct DomainMetadata: Sendable, Hashable {
    package var domain: String
    /// JSON text.
    package var configuration: String
    package var removed: Bool

    package init(domain: String, configuration: String, removed: Bool = false) {
        self.domain = domain
        self.configuration = configuration
        self.removed = removed
    }

    init(_ fields: ActionFields) throws(MalformedAction) {
        domain = try fields.required(fields.string("domain"), "domain")
        configuration = try fields.string("configuration") ?? ""
        removed = try fields.bool("removed") ?? false
    }

    package var json: JSONValue { ["domain": .string(domain), "configuration": .string(configuration), "removed": .bool(removed)] }
}

extension DomainMetadata {
    /// By which columns a table is clustered, each as the path of its physical names.
    package static func clustering(_ columns: [[String]]) -> DomainMetadata {
        let list = JSONValue.array(columns.map { .array($0.map { .string($0) }) })
        return DomainMetadata(
            domain: "delta.clustering",
            configuration: JSONValue.members([("clusteringColumns", list), ("domainName", .string("delta.clustering"))]).text)
    }
}

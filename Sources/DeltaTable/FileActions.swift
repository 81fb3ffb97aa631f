package import JSON

/// A data file that is part of the table from this commit on.
package struct AddFile: Sendable, Hashable {
    /// Percent-encoded, relative to the table's location or absolute.
    package var path: String {
        didSet { pathHash = path.hashValue }
    }
    /// Tells most paths apart without comparing them; only means something within the process.
    private(set) var pathHash: Int
    package var partitionValues: PartitionValues
    /// Bytes.
    package var size: Int64
    /// Milliseconds since 1970.
    package var modificationTime: Int64
    /// False if the commit only rearranges what was there.
    package var dataChange: Bool
    /// JSON text; see `FileStatistics`.
    package var stats: String? {
        didSet { numRecords = FileStatistics.recordCount(stats) }
    }
    /// Rows in the file by its statistics, those that a deletion vector hides included.
    package private(set) var numRecords: Int?
    package var tags: [String: String]?
    package var deletionVector: DeletionVectorDescriptor?
    package var baseRowID: Int64?
    package var defaultRowCommitVersion: Int64?
    package var clusteringProvider: String?

    package init(
        path: String, partitionValues: PartitionValues = PartitionValues(), size: Int64, modificationTime: Int64, dataChange: Bool = true,
        stats: String? = nil
    ) {
        self.path = path
        pathHash = path.hashValue
        self.partitionValues = partitionValues
        self.size = size
        self.modificationTime = modificationTime
        self.dataChange = dataChange
        self.stats = stats
        numRecords = FileStatistics.recordCount(stats)
    }

    package var key: FileKey { FileKey(path: path, deletionVector: deletionVector?.uniqueID) }

    /// Rows that the deletion vector hides, by the log; never below zero, nor more than a file can have.
    package var hiddenRows: Int { deletionVector.map { min(max(Int(clamping: $0.cardinality), 0), Int(Int32.max)) } ?? 0 }

    /// Rows of the file that are part of the table, by its statistics.
    package var liveRecords: Int? { numRecords.map { max($0 - hiddenRows, 0) } }

    /// The action that takes this file out of the table.
    package func removed(at timestamp: Int64, dataChange: Bool = true) -> RemoveFile {
        RemoveFile(
            path: path, deletionTimestamp: timestamp, dataChange: dataChange, extendedFileMetadata: true, partitionValues: partitionValues,
            size: size, stats: stats,
            tags: tags, deletionVector: deletionVector, baseRowID: baseRowID, defaultRowCommitVersion: defaultRowCommitVersion)
    }

    init(_ fields: ActionFields) throws(MalformedAction) {
        self.init(
            path: try fields.required(fields.string("path"), "path"), partitionValues: try fields.partitionValues() ?? PartitionValues(),
            size: try fields.required(fields.int64("size"), "size"), modificationTime: try fields.int64("modificationTime") ?? 0,
            dataChange: try fields.bool("dataChange") ?? true, stats: try fields.string("stats"))
        tags = try fields.strings("tags")
        deletionVector = try fields.deletionVector()
        baseRowID = try fields.int64("baseRowId")
        defaultRowCommitVersion = try fields.int64("defaultRowCommitVersion")
        clusteringProvider = try fields.string("clusteringProvider")
    }

    package var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("path", .string(path)), ("partitionValues", partitionValues.json), ("size", .int(size)),
            ("modificationTime", .int(modificationTime)),
            ("dataChange", .bool(dataChange)),
        ]
        members.add("stats", stats)
        members.add("tags", tags)
        members.add("deletionVector", deletionVector?.json)
        members.add("baseRowId", baseRowID)
        members.add("defaultRowCommitVersion", defaultRowCommitVersion)
        members.add("clusteringProvider", clusteringProvider)
        return .members(members)
    }
}

/// A data file that is no part of the table from this commit on.
package struct RemoveFile: Sendable, Hashable {
    package var path: String
    /// Milliseconds since 1970.
    package var deletionTimestamp: Int64?
    package var dataChange: Bool
    package var extendedFileMetadata: Bool?
    package var partitionValues: PartitionValues?
    package var size: Int64?
    package var stats: String?
    package var tags: [String: String]?
    package var deletionVector: DeletionVectorDescriptor?
    package var baseRowID: Int64?
    package var defaultRowCommitVersion: Int64?

    package var key: FileKey { FileKey(path: path, deletionVector: deletionVector?.uniqueID) }
}

extension RemoveFile {
    init(_ fields: ActionFields) throws(MalformedAction) {
        path = try fields.required(fields.string("path"), "path")
        deletionTimestamp = try fields.int64("deletionTimestamp")
        dataChange = try fields.bool("dataChange") ?? true
        extendedFileMetadata = try fields.bool("extendedFileMetadata")
        partitionValues = try fields.partitionValues()
        size = try fields.int64("size")
        stats = try fields.string("stats")
        tags = try fields.strings("tags")
        deletionVector = try fields.deletionVector()
        baseRowID = try fields.int64("baseRowId")
        defaultRowCommitVersion = try fields.int64("defaultRowCommitVersion")
    }

    package var json: JSONValue {
        var members: [(String, JSONValue)] = [("path", .string(path))]
        members.add("deletionTimestamp", deletionTimestamp)
        members.append(("dataChange", .bool(dataChange)))
        if let extendedFileMetadata { members.append(("extendedFileMetadata", .bool(extendedFileMetadata))) }
        members.add("partitionValues", partitionValues?.json)
        members.add("size", size)
        members.add("stats", stats)
        members.add("tags", tags)
        members.add("deletionVector", deletionVector?.json)
        members.add("baseRowId", baseRowID)
        members.add("defaultRowCommitVersion", defaultRowCommitVersion)
        return .members(members)
    }
}

/// A file with the rows that a commit changed, for readers of the change feed.
package struct CDCFile: Sendable, Hashable {
    package var path: String
    package var partitionValues: PartitionValues
    package var size: Int64
    package var tags: [String: String]?

    package init(path: String, partitionValues: PartitionValues, size: Int64) {
        self.path = path
        self.partitionValues = partitionValues
        self.size = size
    }

    init(_ fields: ActionFields) throws(MalformedAction) {
        path = try fields.required(fields.string("path"), "path")
        partitionValues = try fields.partitionValues() ?? PartitionValues()
        size = try fields.int64("size") ?? 0
        tags = try fields.strings("tags")
    }

    package var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("path", .string(path)), ("partitionValues", partitionValues.json), ("size", .int(size)), ("dataChange", false),
        ]
        members.add("tags", tags)
        return .members(members)
    }
}

/// Which logical file: the same data file with another deletion vector is another one.
package struct FileKey: Sendable, Hashable {
    package let path: String
    package let deletionVector: String?

    package init(path: String, deletionVector: String?) {
        self.path = path
        self.deletionVector = deletionVector
    }
}

/// Where the set of a file's deleted rows is stored.
package struct DeletionVectorDescriptor: Sendable, Hashable {
    /// `u` relative to the table, `i` inline, `p` an absolute path.
    package let storageType: String
    package let pathOrInlineDV: String
    package let offset: Int64?
    package let sizeInBytes: Int64
    package let cardinality: Int64

    package var uniqueID: String {
        storageType + pathOrInlineDV + (offset.map { "@\($0)" } ?? "")
    }

    init(storageType: String, pathOrInlineDV: String, offset: Int64?, sizeInBytes: Int64, cardinality: Int64) {
        self.storageType = storageType
        self.pathOrInlineDV = pathOrInlineDV
        self.offset = offset
        self.sizeInBytes = sizeInBytes
        self.cardinality = cardinality
    }

    init(_ fields: ActionFields) throws(MalformedAction) {
        storageType = try fields.required(fields.string("storageType"), "storageType")
        pathOrInlineDV = try fields.required(fields.string("pathOrInlineDv"), "pathOrInlineDv")
        offset = try fields.int64("offset")
        sizeInBytes = try fields.required(fields.int64("sizeInBytes"), "sizeInBytes")
        cardinality = try fields.required(fields.int64("cardinality"), "cardinality")
    }

    package var json: JSONValue {
        var members: [(String, JSONValue)] = [("storageType", .string(storageType)), ("pathOrInlineDv", .string(pathOrInlineDV))]
        members.add("offset", offset)
        members.append(("sizeInBytes", .int(sizeInBytes)))
        members.append(("cardinality", .int(cardinality)))
        return .members(members)
    }
}

package import Columnar
import Storage

extension Snapshot {
    /// The objects of all files and deletion vectors.
    package var objects: [String] {
        var paths: [String] = []
        var seen: Set<String> = []
        for file in files {
            let found = [log.object(file.path), file.deletionVector.flatMap { DeletionVector.object($0, log) }]
            for case let path? in found where seen.insert(path).inserted { paths.append(path) }
        }
        return paths
    }
}

extension Snapshot {
    /// The same, and those of the files that left the table within its retention. `now`: milliseconds since 1970.
    package func reachableObjects(now: Int64) -> [String] {
        let (limit, overflow) = now.subtractingReportingOverflow(Vacuum.retention(self))
        return objects
            + tombstones.filter { overflow || ($0.deletionTimestamp ?? 0) > limit }.flatMap { file in
                [log.object(file.path), file.deletionVector.flatMap { DeletionVector.object($0, log) }].compactMap { $0 }
            }
    }
}

extension DeltaTable {
    /// Copies a version's files to this table's place; they belong to it once they are committed. Files outside of the source's place are refused.
    package func copyFiles(of source: Snapshot, _ context: CommitContext) throws(DeltaError) -> [AddFile] {
        let from = source.log.location.isEmpty ? "" : source.log.location + "/"
        var copied: Set<String> = []
        /// The path that the copy has in the log.
        func copy(_ object: String, _ path: String) throws(DeltaError) -> String {
            // A shallow clone's files lie in other places, too.
            guard let root = ([from] + source.log.roots.map { $0 + "/" }).first(where: { object.hasPrefix($0) }) else {
                throw .unsupportedForRead(source.tableName, ["files outside of the table's location"])
            }
            let name = String(object.dropFirst(root.count))
            let path = path.contains("://") ? FilePath.percentEncoded(name) : path
            guard copied.insert(object).inserted else { return path }
            let target = log.path(name)
            let bytes = try log.access("Reading", object) { () throws(StorageError) in try source.log.store.get(object) }
            try log.access("Writing", target) { () throws(StorageError) in try log.store.put(target, bytes) }
            return path
        }
        var files: [AddFile] = []
        for file in source.files {
            let (object, added) = try Self.cloned(file, of: source, context)
            var clone = added
            clone.path = try copy(object, file.path)
            if let vector = file.deletionVector {
                guard vector.storageType != "p" else {
                    throw .unsupportedForRead(source.tableName, ["deletion vectors outside of the table's location"])
                }
                if let object = DeletionVector.object(vector, source.log) { _ = try copy(object, "") }
            }
            files.append(clone)
        }
        return files
    }

    /// A file as another table's: its object, and what the log says but for its place. Rows of another table have ids of their own.
    private static func cloned(_ file: AddFile, of source: Snapshot, _ context: CommitContext) throws(DeltaError) -> (String, AddFile) {
        guard let object = source.log.object(file.path) else {
            throw .unsupportedForRead(source.tableName, ["files outside of the table's location"])
        }
        var clone = file
        clone.modificationTime = context.timestampMillis
        clone.dataChange = true
        clone.baseRowID = nil
        clone.defaultRowCommitVersion = nil
        return (object, clone)
    }

    /// Names a version's files in this table's log by absolute paths. `scheme`: `s3://` or another. They stay the source's.
    package func cloneFiles(of source: Snapshot, scheme: String, _ context: CommitContext) throws(DeltaError) -> [AddFile] {
        var files: [AddFile] = []
        for file in source.files {
            let (object, added) = try Self.cloned(file, of: source, context)
            var clone = added
            clone.path = FilePath.percentEncoded(scheme + object)
            if let vector = file.deletionVector, let object = DeletionVector.object(vector, source.log) {
                clone.deletionVector = DeletionVectorDescriptor(
                    storageType: "p", pathOrInlineDV: FilePath.percentEncoded(scheme + object), offset: vector.offset,
                    sizeInBytes: vector.sizeInBytes, cardinality: vector.cardinality)
            }
            files.append(clone)
        }
        return files
    }
}

extension AddFile {
    /// A Parquet file that is there already. `path`: below the table's location, not encoded. `rows`: what statistics are made of, as `metadata`
    /// asks for them; nil: none are.
    package init(
        existing path: String, partitionValues: PartitionValues, size: Int64, modificationTime: Int64, rows: RecordBatch?, _ metadata: Metadata
    ) {
        let indexed = metadata.configuration["delta.dataSkippingNumIndexedCols"].flatMap { Int($0) } ?? FileStatistics.defaultIndexedColumns
        self.init(
            path: FilePath.percentEncoded(path), partitionValues: partitionValues, size: size, modificationTime: modificationTime,
            stats: rows.map { FileStatistics.collect($0, indexedColumns: indexed) })
    }
}

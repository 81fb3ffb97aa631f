import Storage

extension Snapshot {
    /// The objects of all files and deletion vectors.
    package var objects: [String] {
        var paths: [String] = []
        var seen: Set<String> = []
        for file in files {
            let found = [FilePath.object(file.path, in: log.location), file.deletionVector.flatMap { DeletionVector.object($0, log) }]
            for case let path? in found where seen.insert(path).inserted { paths.append(path) }
        }
        return paths
    }
}

extension DeltaTable {
    /// Copies a version's files to this table's place; they belong to it once they are committed. Files outside of the source's place are refused.
    package func copyFiles(of source: Snapshot, _ context: CommitContext) throws(DeltaError) -> [AddFile] {
        let from = source.log.location.isEmpty ? "" : source.log.location + "/"
        var copied: Set<String> = []
        func copy(_ object: String) throws(DeltaError) {
            guard object.hasPrefix(from) else { throw .unsupportedForRead(source.tableName, ["files outside of the table's location"]) }
            guard copied.insert(object).inserted else { return }
            let target = log.path(String(object.dropFirst(from.count)))
            let bytes = try log.access("Reading", object) { () throws(StorageError) in try source.log.store.get(object) }
            try log.access("Writing", target) { () throws(StorageError) in try log.store.put(target, bytes) }
        }
        var files: [AddFile] = []
        for file in source.files {
            guard let object = FilePath.object(file.path, in: source.log.location), !file.path.contains("://") else {
                throw .unsupportedForRead(source.tableName, ["files outside of the table's location"])
            }
            try copy(object)
            if let vector = file.deletionVector {
                guard vector.storageType != "p" else {
                    throw .unsupportedForRead(source.tableName, ["deletion vectors outside of the table's location"])
                }
                if let object = DeletionVector.object(vector, source.log) { try copy(object) }
            }
            var clone = file
            clone.modificationTime = context.timestampMillis
            clone.dataChange = true
            // Rows of another table have ids of their own.
            clone.baseRowID = nil
            clone.defaultRowCommitVersion = nil
            files.append(clone)
        }
        return files
    }
}

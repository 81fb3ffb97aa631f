import Storage

extension DeltaTable {
    /// Commits what an UPDATE does that changes every row to itself: all files leave, and copies come in their place. Of a table without
    /// files the description is set to what it is. Writers that have read or replace rows conflict with it; the table's rows stay as they are.
    @discardableResult
    package func rewrite(_ context: CommitContext) throws -> Version {
        var transaction = try begin(context)
        let files = transaction.snapshot.files
        var added: [AddFile] = []
        for file in files {
            guard let object = FilePath.object(file.path, in: log.location), !file.path.contains("://") else { continue }
            var copy = file
            let folder = file.path.lastIndex(of: "/").map { file.path[...$0] } ?? ""
            copy.path = "\(folder)part-00000-\(context.newUUID()).c000.snappy.parquet"
            copy.modificationTime = context.timestampMillis
            copy.dataChange = true
            guard let target = FilePath.object(copy.path, in: log.location) else { continue }
            try log.access("Writing", target) { () throws(StorageError) in try log.store.put(target, try log.store.get(object)) }
            transaction.remove(file)
            added.append(copy)
        }
        if files.isEmpty { try transaction.set(transaction.snapshot.metadata) }
        transaction.reads.read(files, matching: { _ in true })
        transaction.add(added)
        return try transaction.commit(.update(predicate: nil)).version
    }
}

package import Columnar
import Storage

extension Snapshot {
    /// One file's rows, in the file's order, without those that its deletion vector hides; `columns` are positions in the schema.
    /// Columns that the file lacks are null, partition columns come from the log.
    package func read(_ file: AddFile, columns: [Int]) throws(DeltaError) -> RecordBatch {
        let whole = try readWhole(file, columns: columns)
        guard let descriptor = file.deletionVector else { return whole }
        return whole.filter(try DeletionVector(descriptor, rowCount: whole.rowCount, log).kept)
    }

    private func readWhole(_ file: AddFile, columns: [Int]) throws(DeltaError) -> RecordBatch {
        guard let path = FilePath.object(file.path, in: log.location) else {
            throw .unsupportedForRead(tableName, ["files outside of the table's location"])
        }
        let wanted = columns.map { tableSchema.fields[$0] }
        let stored = zip(columns, wanted).filter { !isPartitionColumn($0.0) && $0.1.type != .void }.map { StoredColumn($0.1) }
        let contents = try readStored(path, stored, rowCount: file.numRecords)
        let count = contents.rowCount
        var result: [Column] = []
        var next = 0
        for (position, field) in zip(columns, wanted) {
            if isPartitionColumn(position) {
                guard let value = PartitionText.value(of: file.partitionValues[field.physicalName], field.type) else {
                    throw .malformedLog(log.logPrefix, "partition value of column \(field.name) of file \(file.path)")
                }
                result.append(Column(field.type, of: [value]).take([Int32](repeating: 0, count: count)))
            } else if field.type == .void {
                result.append(.nulls(.void, count: count))
            } else {
                let column = contents.columns[next]
                let type = stored[next].type
                next += 1
                guard let column else {
                    result.append(.nulls(field.type, count: count))
                    continue
                }
                let adapted = try adapt(column, to: type, field.name, path)
                result.append(type == field.type ? adapted : adapted.relabelled(field.type))
            }
        }
        return RecordBatch(schema: Schema(wanted.map(\.field)), columns: result, rowCount: count)
    }

    /// Columns by their names in the file, from the cache as far as it has them.
    private func readStored(_ path: String, _ stored: [StoredColumn], rowCount: Int?) throws(DeltaError) -> DataFile.Contents {
        let identity = try log.access("Reading", path) { () throws(StorageError) in try log.store.identity(path) }
        guard let identity else { throw .fileMissing(path) }
        var columns: [Column?] = []
        var missing: [Int] = []
        var known = stored.isEmpty ? rowCount : nil
        for (index, column) in stored.enumerated() {
            switch cache.entry(.init(file: identity, column: column.name)) {
            case .column(let column):
                columns.append(column)
                known = column.count
            case .absent: columns.append(nil)
            case .rowCount, nil:
                columns.append(nil)
                missing.append(index)
            }
        }
        if missing.isEmpty {
            if known == nil, case .rowCount(let count) = cache.entry(.init(file: identity, column: nil)) { known = count }
            if let known { return .init(rowCount: known, columns: columns) }
        }
        let bytes = try log.access("Reading", path) { () throws(StorageError) in try log.store.get(path) }
        let read = try DataFile.decode(
            bytes, missing.map { stored[$0] }, byID: property("delta.columnMapping.mode")?.lowercased() == "id", path: path)
        cache.insert(.rowCount(read.rowCount), for: .init(file: identity, column: nil))
        for (index, column) in zip(missing, read.columns) {
            columns[index] = column
            cache.insert(column.map { .column($0) } ?? .absent, for: .init(file: identity, column: stored[index].name))
        }
        return .init(rowCount: read.rowCount, columns: columns)
    }

    /// The column under the table's type. Types that are laid out alike pass; integers and floating-point numbers may be narrower in the file.
    private func adapt(_ column: Column, to type: DataType, _ name: String, _ path: String) throws(DeltaError) -> Column {
        if column.type == type { return column }
        if let same = TypeAdapter.adapt(column, to: type) { return same }
        throw .columnTypeMismatch(path, column: "[\(name)]", expected: type.simpleText, actual: column.type.simpleText)
    }
}

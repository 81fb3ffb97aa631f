package import Columnar

extension Snapshot {
    /// Files' values of the partition columns, a row a file, in the order of `partitionColumns`.
    package func partitionRows(_ files: [AddFile]) throws(DeltaError) -> RecordBatch {
        let fields = partitionColumns.map { tableSchema.fields[$0] }
        var columns: [Column] = []
        for field in fields {
            var values: [Value] = []
            values.reserveCapacity(files.count)
            for file in files {
                guard let value = PartitionText.value(of: file.partitionValues[field.physicalName], field.type) else {
                    throw .malformedLog(log.logPrefix, "partition value of column \(field.name) of file \(file.path)")
                }
                values.append(value)
            }
            columns.append(Column(field.type, of: values))
        }
        return RecordBatch(schema: Schema(fields.map(\.field)), columns: columns, rowCount: files.count)
    }
}

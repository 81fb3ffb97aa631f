import DeltaTable
import SparkErrors
import SparkSQL
import Workspace

/// Delta tables that statements name by their paths: ``delta.`s3://bucket/table` ``.
extension StatementRunner {
    /// What the table's log says, for who may read the files.
    func pathInfo(_ name: ObjectName) throws(SQLError) -> TableInfo {
        let object = try onCatalog { try service.location(name.name, by: principal) }
        let snapshot = try onTable { try service.tables.delta(at: object).snapshot() }
        let metadata = snapshot.metadata
        let properties =
            metadata.configuration.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) } + [
                (key: "delta.minReaderVersion", value: String(snapshot.tableProtocol.minReaderVersion)),
                (key: "delta.minWriterVersion", value: String(snapshot.tableProtocol.minWriterVersion)),
            ]
        return TableInfo(
            path: name, location: "s3://" + object, columns: TableColumns.list(snapshot.tableSchema, partitionColumns: metadata.partitionColumns),
            properties: PropertyMap(properties), id: metadata.id, comment: metadata.description, createdAt: metadata.createdTime ?? 0)
    }

    /// Throws unless the caller may write the files below a path.
    func authorize(path: String) throws(SQLError) {
        try onCatalog {
            if VolumePath.parts(path) != nil {
                _ = try service.volumePath(path, writes: true, by: principal)
            } else if path.contains("://") {
                try workspace.require(.writeFiles, onPath: path, for: principal)
            }
        }
    }
}

import Columnar
import DeltaTable
import Workspace

extension SQLService {
    /// Puts the sample tables into the catalog `samples`, once. Their rows are made when a table is first read.
    package func installSamples() throws {
        for table in SampleTable.all {
            let schema = SchemaName(catalog: SampleTable.catalog, schema: table.schema)
            if try workspace.schemas.find(schema) == nil {
                try workspace.schemas.create(SchemaSpec(catalog: schema.catalog, name: schema.schema), by: .system)
            }
            let columns = TableColumns.list(TableSchema(Schema(table.fields)), partitionColumns: [])
            let name = ObjectName(catalog: schema.catalog, schema: schema.schema, name: table.name)
            var spec = TableSpec(name, .managed, format: "DELTA", columns: columns)
            spec.location = table.location
            spec.comment = table.comment
            _ = try workspace.tables.create(spec, mode: .ifNotExists, by: .system)
        }
    }
}

extension TableStore {
    /// Writes a sample table's log and file, unless they are there. Of several callers at once one writes, the others find it done.
    func writeSample(_ sample: SampleTable, _ table: DeltaTable) throws {
        guard try !table.exists() else { return }
        let ids = workspace.environment.ids
        let commit = CommitContext(
            timestampMillis: workspace.environment.nowMillis, newUUID: { ids.uuid() }, userID: Principal.system.id,
            userName: Principal.system.userName)
        let new = try table.define(schema: TableSchema(Schema(sample.fields)), description: sample.comment, commit: commit)
        let files = try DeltaWriter.write([sample.batch()], to: table.writeTarget(new.metadata), commit)
        var operation = CommitOperation.create("CREATE TABLE AS SELECT", new.metadata, isManaged: true)
        operation.metrics = StatementRunner.metrics(files)
        try table.create(new, files: files, operation: operation, commit: commit)
    }
}

import Columnar
import DeltaTable
import JSON
import SparkErrors
import Storage

/// The changes that AUTO CDC keeps for those that may still come: a Delta table inside of the target's own place, where no reader of the target looks.
/// The target's log says which of its versions belongs to the rows.
struct ChangeStore {
    /// The application whose version, in the target's log, is that of the store.
    static let mark = "auto_cdc"
    private static let termsKey = "autoCDC.terms"

    let table: DeltaTable

    init(of location: String, in tables: TableStore) throws { table = try tables.delta(at: "\(location)/_auto_cdc") }

    /// The changes as of a version, checked against what they are to be used for now.
    func read(_ version: Int64, _ layout: ChangeLayout) throws -> RecordBatch? {
        guard let version = Int(exactly: version) else { return nil }
        let snapshot = try table.snapshot(.version(version))
        let terms = try snapshot.property(Self.termsKey).map { try JSONValue(parsing: Array($0.utf8)) }
        try layout.check(terms?.objectValue ?? JSONObject())
        let columns = Array(snapshot.schema.fields.indices)
        let batches = try snapshot.files.map { try snapshot.read($0, columns: columns) }
        guard !batches.isEmpty else { return nil }
        return StatementRunner.conform(RecordBatch.concat(batches, schema: snapshot.schema), to: layout.kept)
    }

    /// Puts changes in the place of those before; their version.
    func write(_ changes: RecordBatch, _ layout: ChangeLayout, _ commit: CommitContext) throws -> Int64 {
        let new = try table.define(
            schema: TableSchema(Schema(layout.kept)), properties: [Self.termsKey: JSONValue.object(layout.terms).text], commit: commit)
        guard try table.exists() else {
            let files = try DeltaWriter.write([changes], to: table.writeTarget(new.metadata), commit)
            return Int64(try table.create(new, files: files, operation: CommitOperation("WRITE"), commit: commit))
        }
        var transaction = try table.begin(commit)
        transaction.removeAll()
        let metadata = try transaction.set(new.metadata)
        transaction.add(try DeltaWriter.write([changes], to: table.writeTarget(metadata), commit))
        return Int64(try transaction.commit(.write(mode: "Overwrite")).version)
    }

    /// Takes away the files of an earlier version, which nobody asks for any more.
    func forget(_ version: Int64) {
        guard let version = Int(exactly: version), let files = try? table.snapshot(.version(version)).files else { return }
        for file in files { if let object = table.log.object(file.path) { try? table.log.store.delete(object) } }
    }
}

import DeltaTable
import SparkErrors
import SparkSyntax
import Workspace

/// ALTER TABLE … DROP FEATURE, and the end of column mapping by its property.
extension StatementRunner {
    func drop(
        _ feature: String, _ truncatesHistory: Bool, of table: DeltaTable, _ name: ObjectName, _ commit: CommitContext
    ) throws(SQLError) -> ResultSet {
        func publishLatest() throws(SQLError) {
            let snapshot = try onTable { try table.snapshot() }
            try publish(name, snapshot.metadata, snapshot.tableProtocol)
        }
        let drop = FeatureDrop(table, feature, truncatesHistory: truncatesHistory, commit, enforcing: Self.enforced)
        do throws(SQLError) {
            try onTable { try drop.run() }
        } catch {
            // The feature's traces are gone even where its name had to stay.
            try publishLatest()
            throw error
        }
        try publishLatest()
        return .none
    }

    /// Files are written anew under the columns' names where column mapping is switched off.
    func removeMapping(_ properties: [Property], _ table: DeltaTable, _ commit: CommitContext) throws {
        let key = "delta.columnMapping.mode"
        guard properties.last(where: { $0.key == key })?.value?.lowercased() == "none" else { return }
        guard let mode = try table.snapshot().property(key)?.lowercased(), mode != "none" else { return }
        try ColumnMappingRemoval(table, commit, enforcing: Self.enforced).run(mode: "none")
    }
}

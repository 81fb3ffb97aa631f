import JSON

extension Compaction.Outcome {
    /// What the commit is called in the table's history. `predicate`: the statement's condition over partitions as SQL text.
    package func operation(_ layout: Compaction.Layout, _ snapshot: Snapshot, predicate: String? = nil) -> CommitOperation {
        func list(_ columns: [Int]) -> JSONValue {
            .string(JSONValue.array(columns.map { .string(snapshot.tableSchema.fields[$0].name) }).text)
        }
        let predicate = JSONValue.string(JSONValue.array(predicate.map { [.string($0)] } ?? []).text)
        func optimize(zOrderBy: JSONValue = "[]", clusterBy: JSONValue = "[]") -> CommitOperation {
            CommitOperation(
                "OPTIMIZE", [("predicate", predicate), ("zOrderBy", zOrderBy), ("clusterBy", clusterBy), ("batchId", "0"), ("auto", "false")])
        }
        var operation: CommitOperation
        switch layout {
        case .purged, .rewritten: operation = CommitOperation("REORG", [("predicate", predicate), ("applyPurge", "true")])
        case .packed: operation = optimize()
        case .zOrder(let columns): operation = optimize(zOrderBy: list(columns))
        case .clustered(let columns, let full):
            operation = optimize(clusterBy: list(columns))
            if full { operation.parameters.append(("isFull", "true")) }
        }
        let sizes = added.map(\.size).sorted()
        func quantile(_ quarter: Int) -> String { sizes.isEmpty ? "0" : String(sizes[min(sizes.count * quarter / 4, sizes.count - 1)]) }
        operation.metrics = [
            ("numRemovedFiles", "\(removed.count)"), ("numRemovedBytes", "\(removed.reduce(0) { $0 &+ $1.size })"),
            ("p25FileSize", quantile(1)), ("numDeletionVectorsRemoved", "\(vectors)"), ("minFileSize", quantile(0)),
            ("numAddedFiles", "\(added.count)"), ("maxFileSize", quantile(4)), ("p75FileSize", quantile(3)),
            ("p50FileSize", quantile(2)), ("numAddedBytes", "\(sizes.reduce(0, &+))"),
        ]
        return operation
    }
}

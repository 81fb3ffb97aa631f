import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// OPTIMIZE and REORG TABLE … APPLY (PURGE).
extension StatementRunner {
    func optimize(_ optimize: Optimize) throws(SQLError) -> ResultSet {
        try compact(optimize.table, optimize.filter, optimize, "OPTIMIZE")
    }

    func reorganize(_ reference: NameReference, _ filter: SparkSyntax.Expression?, _ apply: String) throws(SQLError) -> ResultSet {
        guard apply == "PURGE" else { throw .notSimulated("REORG TABLE … APPLY (\(apply))") }
        return try compact(reference, filter, nil, "REORG TABLE")
    }

    private func compact(
        _ reference: NameReference, _ filter: SparkSyntax.Expression?, _ optimize: Optimize?, _ statement: String
    ) throws(SQLError) -> ResultSet {
        let name = try objectName(reference)
        let table = try writable(name, statement, at: reference.span)
        let location = try tableInfo(name, at: reference.span).location ?? ""
        let commit = commit(to: table, name)
        let started = workspace.environment.nowMillis
        func attempt() throws -> Value {
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let snapshot = transaction.snapshot
            var layout = Compaction.Layout.purged
            if let optimize { layout = try self.layout(optimize, snapshot) }
            var files = snapshot.files
            if let filter { files = try partitionFiles(snapshot, name, where: filter) }
            let outcome = try Compaction(table, snapshot, layout, commit).run(over: files)
            if !outcome.removed.isEmpty {
                // What it read stays as true as it was, whatever others commit: only files that are gone already are in the way.
                transaction.remove(outcome.removed, dataChange: false)
                transaction.add(outcome.added)
                _ = try transaction.commit(outcome.operation(layout, snapshot, predicate: filter.flatMap { $0.span.text(in: text) }))
            }
            return OptimizeMetrics.value(outcome, layout, snapshot, started: started, ended: workspace.environment.nowMillis)
        }
        // Rows that are to lie along a curve must not change meanwhile.
        let isFree = optimize?.zOrderBy.isEmpty ?? true
        let metrics = isFree ? try onRows(of: table, or: true, attempt) : try onTable(attempt)
        return ResultSet([Field("path", .text), Field("metrics", OptimizeMetrics.type)], rows: [[.string(location), metrics]])
    }

    private func layout(_ optimize: Optimize, _ snapshot: Snapshot) throws(SQLError) -> Compaction.Layout {
        let domain = snapshot.domains["delta.clustering"].flatMap { try? JSONValue(parsing: Array($0.configuration.utf8)) }
        if let domain {
            let names = (domain["clusteringColumns"]?.arrayValue ?? []).compactMap { $0.arrayValue?.compactMap(\.stringValue) }
            let zOrder = optimize.zOrderBy.map { $0.names.joined(separator: ".") }.joined(separator: ", ")
            if !optimize.zOrderBy.isEmpty {
                throw SQLError(
                    .delta(
                        "DELTA_CLUSTERING_WITH_ZORDER_BY", sqlState: "42613",
                        "OPTIMIZE command for Delta table with clustering cannot specify ZORDER BY. Please remove ZORDER BY (<zOrderBy>)."),
                    ["zOrderBy": zOrder], phase: .analysis)
            }
            if let filter = optimize.filter {
                if optimize.full { throw .notSimulated("OPTIMIZE FULL … WHERE of a clustered table", at: filter.span) }
                throw SQLError(
                    .delta(
                        "DELTA_CLUSTERING_WITH_PARTITION_PREDICATE", sqlState: "0A000",
                        "OPTIMIZE command for Delta table with clustering doesn't support partition predicates. Please remove the predicates: <predicates>."
                    ), ["predicates": filter.span.text(in: text) ?? ""], phase: .analysis)
            }
            if !names.isEmpty {
                let columns = try names.map { (path) throws(SQLError) -> Int in
                    guard path.count == 1, let index = snapshot.tableSchema.fields.firstIndex(where: { $0.physicalName == path[0] }) else {
                        throw .notSimulated("OPTIMIZE of a table clustered by a field of a struct")
                    }
                    return index
                }
                return .clustered(columns, full: optimize.full)
            }
        }
        if optimize.full {
            throw SQLError(
                .delta(
                    "DELTA_OPTIMIZE_FULL_NOT_SUPPORTED", sqlState: "42601",
                    "OPTIMIZE FULL is only supported for clustered tables with non-empty clustering columns."), phase: .analysis)
        }
        guard !optimize.zOrderBy.isEmpty else { return .packed }
        return .zOrder(
            try optimize.zOrderBy.map { (column) throws(SQLError) -> Int in
                let shown = column.names.joined(separator: ".")
                guard let first = column.names.first, let index = snapshot.tableSchema.index(of: first) else {
                    throw SQLError(
                        .delta(
                            "DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST", sqlState: "42703",
                            "Z-Ordering column <columnName> does not exist in data schema."), ["columnName": shown], at: column.span)
                }
                if column.names.count > 1 { throw .notSimulated("ZORDER BY a field of a struct", at: column.span) }
                if snapshot.isPartitionColumn(index) {
                    throw SQLError(
                        .delta(
                            "DELTA_ZORDERING_ON_PARTITION_COLUMN", sqlState: "42P10",
                            "<colName> is a partition column. Z-Ordering can only be performed on data columns"), ["colName": shown], at: column.span
                    )
                }
                switch snapshot.schema.fields[index].type {
                case .array, .map, .structure, .variant, .binary: throw .notSimulated("ZORDER BY a column of this type", at: column.span)
                default: return index
                }
            })
    }

    /// The files whose partition values satisfy a condition, which may name no other columns.
    private func partitionFiles(
        _ snapshot: Snapshot, _ name: ObjectName, where filter: SparkSyntax.Expression
    ) throws(SQLError) -> [AddFile] {
        let provider = try onTable { try PartitionProvider(snapshot) }
        let columns = provider.schema.fields.dropLast().map { SparkSQL.WriteTarget.Column($0, defaultValue: nil, generation: nil, identity: nil) }
        let target = RowTarget(
            provider: provider, write: SparkSQL.WriteTarget(name: name.parts, columns: Array(columns)), alias: nil, partitionColumns: [],
            limited: { (_) throws(SQLError) in provider })
        let plan: ResolvedPlan
        do throws(SQLError) {
            plan = try QueryEngine.analyzeDelete(filter, from: target, catalog: catalog, parameters: try parameters(), context: context)
        } catch {
            // A column of the table that is none of the partitioning.
            let data = snapshot.schema.fields.enumerated().filter { !snapshot.isPartitionColumn($0.offset) }.map(\.element.name)
            guard error.condition.name.hasPrefix("UNRESOLVED_COLUMN"), let missing = error.parameters["objectName"],
                let column = data.first(where: { missing.lowercased().hasSuffix("`\($0.lowercased())`") })
            else { throw error }
            throw SQLError(
                .delta(
                    "DELTA_NON_PARTITION_COLUMN_REFERENCE", sqlState: "42P10",
                    "Predicate references non-partition column '<columnName>'. Only the partition columns may be referenced: [<columnList>]"),
                ["columnName": column, "columnList": snapshot.metadata.partitionColumns.joined(separator: ", ")], at: filter.span)
        }
        var kept = Set<Int64>()
        for batch in try batches(plan) { kept.formUnion(Self.numbers(batch, 0)) }
        return snapshot.files.enumerated().filter { kept.contains(Int64($0.offset)) }.map(\.element)
    }
}

/// The answer's column `metrics`. Source: Delta's `OptimizeMetrics`.
private enum OptimizeMetrics {
    private static let sizes = DataType.structure([
        Field("min", .long), Field("max", .long), Field("avg", .double), Field("totalFiles", .long), Field("totalSize", .long),
    ])
    private static let counted = DataType.structure([Field("num", .long), Field("size", .long)])
    private static let parallelism = DataType.structure(
        ["maxClusterActiveParallelism", "minClusterActiveParallelism", "maxSessionActiveParallelism", "minSessionActiveParallelism"]
            .map { Field($0, .long) })
    private static let zOrder = DataType.structure([
        Field("strategyName", .text), Field("inputCubeFiles", counted), Field("inputOtherFiles", counted), Field("inputNumCubes", .long),
        Field("mergedFiles", counted), Field("numOutputCubes", .long), Field("mergedNumCubes", .long),
    ])
    private static let clusteredFiles = DataType.structure([Field("numFiles", .long), Field("size", .long)])
    private static let clustering = DataType.structure([
        Field("inputZCubeFiles", clusteredFiles), Field("inputOtherFiles", clusteredFiles), Field("inputNumZCubes", .long),
        Field("mergedFiles", clusteredFiles), Field("numOutputZCubes", .long),
    ])

    static let type = DataType.structure([
        Field("numFilesAdded", .long), Field("numFilesRemoved", .long), Field("filesAdded", sizes), Field("filesRemoved", sizes),
        Field("partitionsOptimized", .long), Field("zOrderStats", zOrder), Field("clusteringStats", clustering), Field("numBins", .long),
        Field("numBatches", .long), Field("totalConsideredFiles", .long), Field("totalFilesSkipped", .long),
        Field("preserveInsertionOrder", .boolean), Field("numFilesSkippedToReduceWriteAmplification", .long),
        Field("numBytesSkippedToReduceWriteAmplification", .long), Field("startTimeMs", .long), Field("endTimeMs", .long),
        Field("totalClusterParallelism", .long), Field("totalScheduledTasks", .long), Field("autoCompactParallelismStats", parallelism),
        Field(
            "deletionVectorStats",
            .structure([Field("numDeletionVectorsRemoved", .long), Field("numDeletionVectorRowsRemoved", .long)])),
        Field("numTableColumns", .long), Field("numTableColumnsWithStats", .long),
    ])

    private static func number(_ count: Int) -> Value { .integer(Int64(count)) }

    private static func sizes(_ files: [AddFile]) -> Value {
        let total = files.reduce(Int64(0)) { $0 &+ $1.size }
        return .structure([
            files.map(\.size).min().map { .integer($0) } ?? .null, files.map(\.size).max().map { .integer($0) } ?? .null,
            .double(files.isEmpty ? 0 : Double(total) / Double(files.count)), number(files.count), .integer(total),
        ])
    }

    private static func counted(_ files: [AddFile]) -> Value {
        .structure([number(files.count), .integer(files.reduce(0) { $0 &+ $1.size })])
    }

    static func value(
        _ outcome: Compaction.Outcome, _ layout: Compaction.Layout, _ snapshot: Snapshot, started: Int64, ended: Int64
    ) -> Value {
        let cubes = outcome.removed.filter { $0.tags?["ZCUBE_ID"] != nil }
        let others = outcome.removed.filter { $0.tags?["ZCUBE_ID"] == nil }
        let cubeCount = Set(cubes.compactMap { $0.tags?["ZCUBE_ID"] }).count
        var zOrder = Value.null
        var clustering = Value.null
        switch layout {
        case .zOrder where !outcome.removed.isEmpty:
            zOrder = .structure([
                .string("minCubeSize(107374182400)"), counted(cubes), counted(others), number(cubeCount), counted(outcome.removed),
                number(outcome.bins), .null,
            ])
        case .clustered where !outcome.removed.isEmpty:
            clustering = .structure([counted(cubes), counted(others), number(cubeCount), counted(outcome.removed), number(outcome.bins)])
        default: break
        }
        let columns = snapshot.schema.fields.count
        let indexed = snapshot.property("delta.dataSkippingNumIndexedCols").flatMap { Int($0) } ?? 32
        return .structure([
            number(outcome.added.count), number(outcome.removed.count), sizes(outcome.added), sizes(outcome.removed),
            number(outcome.partitions), zOrder, clustering, number(outcome.bins), number(outcome.bins == 0 ? 0 : 1), number(outcome.considered),
            number(outcome.considered - outcome.removed.count), .boolean(zOrder == .null && clustering == .null), number(0), number(0),
            .integer(started), .integer(ended), number(2), number(outcome.bins), .null,
            .structure([number(outcome.vectors), .integer(outcome.vectorRows)]), number(columns),
            number(indexed < 0 ? columns : min(columns, indexed)),
        ])
    }
}

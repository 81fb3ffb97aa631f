import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// RESTORE of tables, and LIST of a volume's files.
extension StatementRunner {
    private static let restoreColumns = [
        "table_size_after_restore", "num_of_files_after_restore", "num_removed_files", "num_restored_files", "removed_files_size",
        "restored_files_size",
    ]

    func restore(_ reference: NameReference, to clause: TimeTravelClause) throws(SQLError) -> ResultSet {
        let name = try objectName(reference)
        let table = try writable(name, "RESTORE", at: reference.span)
        let travel: DeltaTimeTravel
        var operation: CommitOperation
        switch clause {
        case .version(let text):
            guard let version = Int(text) else { throw .notSimulated("a version by the name of a tag", at: reference.span) }
            travel = .version(version)
            operation = .restore(version: version, timestamp: nil)
        case .timestamp(let expression):
            guard case .integer(let micros) = try value(of: expression, as: .timestamp).value else {
                throw .notSimulated("this TIMESTAMP AS OF", at: reference.span)
            }
            travel = .timestamp(micros)
            operation = .restore(version: nil, timestamp: expression.span.text(in: text))
        case .timestampDigits: throw .notSimulated("RESTORE to @ and digits", at: reference.span)
        }
        let commit = commit(to: table, name)
        let numbers = try onTable { () throws -> [Int64] in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let before = transaction.snapshot
            let target = try table.snapshot(travel)
            let present = Set(before.files.map(\.key))
            let wanted = Set(target.files.map(\.key))
            let removed = before.files.filter { !wanted.contains($0.key) }
            let restored = target.files.filter { !present.contains($0.key) }
            try transaction.restore(target)
            let numbers = [
                target.sizeInBytes, Int64(target.files.count), Int64(removed.count), Int64(restored.count),
                removed.reduce(0) { $0 &+ $1.size }, restored.reduce(0) { $0 &+ $1.size },
            ]
            let metrics = [
                "tableSizeAfterRestore", "numOfFilesAfterRestore", "numRemovedFiles", "numRestoredFiles", "removedFilesSize", "restoredFilesSize",
            ]
            operation.metrics = zip(metrics, numbers).map { ($0, String($1)) }
            _ = try transaction.commit(operation)
            return numbers
        }
        return ResultSet(Self.restoreColumns.map { Field($0, .long) }, rows: [numbers.map { .integer($0) }])
    }

    /// Files and directories directly in a directory of a volume, in the order of their names; a directory ends with a slash (recorded answers).
    func list(_ path: String, limit: SparkSyntax.Expression?) throws(SQLError) -> ResultSet {
        var count = Int.max
        if let limit {
            guard case .integer(let number) = try value(of: limit).value, number >= 0 else { throw .notSimulated("this LIMIT", at: limit.span) }
            count = Int(clamping: number)
        }
        let place = try onCatalog { try service.volumePath(path, writes: false, by: principal) }
        let entries = try onCatalog { try FileTree(place.store).entries(place.object, limit: count).entries }
        let fields = [
            Field("path", .text, nullable: false), Field("name", .text, nullable: false), Field("size", .long, nullable: false),
            Field("modification_time", .long, nullable: false),
        ]
        return ResultSet(
            fields,
            rows: entries.map { entry in
                let name = entry.isDirectory ? entry.name + "/" : entry.name
                return [.string("\(place.path)/\(name)"), .string(name), .integer(Int64(entry.size)), .integer(entry.modified)]
            })
    }
}

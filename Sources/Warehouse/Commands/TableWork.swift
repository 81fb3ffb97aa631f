import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// A table that a statement is about to change, as of the statement's transaction.
struct TableWork {
    let name: ObjectName
    let table: DeltaTable
    let commit: CommitContext
    /// With the description that the table has from this statement on.
    private(set) var snapshot: Snapshot
    private(set) var target: SparkSQL.WriteTarget
    private(set) var rules: RowRules
    var identities: IdentityColumns
    let runner: StatementRunner
    let policies: TablePolicies

    init(_ runner: StatementRunner, _ name: ObjectName, _ table: DeltaTable, _ commit: CommitContext, _ snapshot: Snapshot) throws(SQLError) {
        self.runner = runner
        self.name = name
        self.table = table
        self.commit = commit
        self.snapshot = snapshot
        target = try Self.target(name, snapshot)
        rules = try RowRules(snapshot, target, catalog: runner.catalog, context: runner.context)
        identities = IdentityColumns(snapshot.tableSchema)
        policies =
            name.isPath
            ? .none
            : try onCatalog(name.parts) { try runner.workspace.tables.find(name) }
                .map { (table) throws(SQLError) in try runner.policies(of: table) } ?? TablePolicies.none
    }

    /// The table takes on a new description with this statement.
    mutating func evolve(_ metadata: Metadata) throws(SQLError) {
        snapshot = try onTable { try snapshot.described(by: metadata) }
        target = try Self.target(name, snapshot)
        rules = try RowRules(snapshot, target, catalog: runner.catalog, context: runner.context)
        identities = IdentityColumns(snapshot.tableSchema)
    }

    static func target(_ name: ObjectName, _ snapshot: Snapshot) throws(SQLError) -> SparkSQL.WriteTarget {
        var columns: [SparkSQL.WriteTarget.Column] = []
        for field in snapshot.tableSchema.fields {
            let value = try field.currentDefault.map { (text) throws(SQLError) in try Parser.parseExpression(text) }
            let generation = try field.generationExpression.map { (text) throws(SQLError) in try Parser.parseExpression(text) }
            var identity: SparkSQL.WriteTarget.Identity?
            if field.isIdentity { identity = field.metadata["delta.identity.allowExplicitInsert"]?.boolValue == true ? .byDefault : .always }
            columns.append(.init(field.field, defaultValue: value, generation: generation, identity: identity))
        }
        return SparkSQL.WriteTarget(name: name.parts, columns: columns)
    }

    /// Rows as the table stores them, checked against its rules. `unfilled`: identity columns that get values here.
    mutating func stored(_ batch: RecordBatch, unfilled: [Int] = []) throws(SQLError) -> RecordBatch {
        let fields = snapshot.schema.fields
        let typed = try CharVarchar.stored(StatementRunner.conform(batch, to: fields))
        let filled = try identities.fill(typed, unfilled)
        try rules.check(filled)
        return filled
    }

    var writeTarget: FileTarget { get throws(DeltaError) { try table.writeTarget(snapshot.metadata) } }

    /// The target for the analyser, and what comes to be known of the files that the statement reads.
    func rows(_ alias: TableAlias?) throws(SQLError) -> (target: RowTarget, scope: ScannedFiles) {
        try checkPolicies(alias)
        let scope = ScannedFiles(snapshot, runner.context)
        let whole = NumberedProvider(snapshot: snapshot, files: snapshot.files)
        let target = RowTarget(
            provider: policies.isEmpty ? whole : MemoryTable(schema: whole.schema, batches: []), write: target, alias: alias,
            // Conditions see masked values: these tell no files apart.
            partitionColumns: policies.isEmpty ? snapshot.partitionColumns : [],
            limited: { (filter) throws(SQLError) in
                try scope.limit(filter)
                return try visible(NumberedProvider(snapshot: scope.snapshot, files: scope.files))
            })
        return (target, scope)
    }

    /// The rows of some files alone as a statement's target.
    func rows(of files: [AddFile], _ alias: TableAlias?) -> RowTarget {
        let provider = NumberedProvider(snapshot: snapshot, files: files)
        return RowTarget(
            provider: provider, write: target, alias: alias, partitionColumns: [], limited: { (_) throws(SQLError) in provider })
    }

    /// Puts the marks of identity columns into the commit.
    func finish(_ transaction: inout Transaction) throws(DeltaError) {
        guard let schema = identities.schema else { return }
        var metadata = snapshot.metadata
        metadata.schemaString = schema.schemaString
        try transaction.set(metadata)
    }
}

/// Which of a table's files a statement reads, and which it would have read.
final class ScannedFiles {
    let snapshot: Snapshot
    private(set) var files: [AddFile]
    private var filter: RowFunction?
    private let context: EvaluationContext

    init(_ snapshot: Snapshot, _ context: EvaluationContext) {
        self.snapshot = snapshot
        self.context = context
        files = snapshot.files
    }

    func limit(_ filter: RowFunction?) throws(SQLError) {
        self.filter = filter
        guard let filter else { return }
        files = try Self.files(snapshot.files, of: snapshot, satisfying: filter, context)
    }

    /// Those whose partition values satisfy all of the conditions.
    static func files(
        _ files: [AddFile], of snapshot: Snapshot, satisfying filter: RowFunction, _ context: EvaluationContext
    ) throws(SQLError) -> [AddFile] {
        guard !files.isEmpty else { return [] }
        let rows = try onTable { try snapshot.partitionRows(files) }
        var kept = [Bool](repeating: true, count: files.count)
        for column in try filter.evaluate(rows, context) {
            guard let truth = column.booleans?.trueBits else { continue }
            for index in kept.indices where !truth[index] { kept[index] = false }
        }
        return zip(files, kept).filter(\.1).map(\.0)
    }

    /// Tells the transaction.
    func record(in transaction: inout Transaction) {
        guard let filter else {
            transaction.reads.read(files, matching: { _ in true })
            return
        }
        let (snapshot, context) = (snapshot, context)
        transaction.reads.read(files) { file in
            // What cannot be decided counts as read.
            (try? !Self.files([file], of: snapshot, satisfying: filter, context).isEmpty) ?? true
        }
    }
}

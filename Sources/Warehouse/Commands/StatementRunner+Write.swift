import Columnar
import DeltaTable
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// INSERT.
extension StatementRunner {
    func insert(_ insert: Insert) throws(SQLError) -> ResultSet {
        let overwrites: Bool
        switch insert.mode {
        case .into: overwrites = false
        case .overwrite: overwrites = true
        case .replaceWhere: throw .notSimulated("INSERT … REPLACE WHERE")
        case .replaceUsing: throw .notSimulated("INSERT … REPLACE USING")
        case .replaceOn: throw .notSimulated("INSERT … REPLACE ON")
        }
        if insert.schemaEvolution { throw .notSimulated("WITH SCHEMA EVOLUTION") }
        if let partition = insert.partition { throw .notSimulated("INSERT … PARTITION", at: partition.span) }
        let name = try objectName(insert.table)
        let table = try writable(name, "INSERT", at: insert.table.span)
        let source =
            insert.with.map { Query(with: $0, body: .parenthesized(insert.source), organization: .init(), span: insert.source.span) }
            ?? insert.source
        let plan = try QueryEngine.analyze(source, catalog: catalog, parameters: try parameters(), context: context)
        let rows = try collect(plan)
        let context = context
        let commit = commit(to: table, name)
        let written = try onTable { () throws -> Int in
            var transaction = try table.begin(commit)
            let target = transaction.snapshot.schema.fields
            let assignment = try InsertColumns(plan.schema.fields, insert.columns, target, table: name.parts)
            var batches: [RecordBatch] = []
            for batch in rows.batches { batches.append(try assignment.assign(batch, context)) }
            let files = try DeltaWriter.write(batches, to: table.writeTarget(transaction.snapshot.metadata), commit)
            if overwrites {
                transaction.reads.readWholeTable()
                transaction.remove(transaction.snapshot.files)
            }
            transaction.add(files)
            var operation = CommitOperation.write(
                mode: overwrites ? "Overwrite" : "Append", partitionBy: transaction.snapshot.metadata.partitionColumns)
            operation.metrics = Self.metrics(files)
            _ = try transaction.commit(operation)
            return rows.rowCount
        }
        return Self.insertResult(rows: written)
    }

    /// INSERT's answer: one row of counts; CREATE TABLE AS SELECT has the columns and no row.
    static func insertResult(rows: Int?) -> ResultSet {
        let counts = rows.map { [[Value.integer(Int64($0)), .integer(Int64($0))]] } ?? []
        return ResultSet([Field("num_affected_rows", .long), Field("num_inserted_rows", .long)], rows: counts)
    }

    /// The Delta table behind a name that is to be written to.
    private func writable(_ name: ObjectName, _ operation: String, at span: SourceSpan) throws(SQLError) -> DeltaTable {
        let table = try tableInfo(name, at: span)
        if table.type.isView {
            throw SQLError(.expectTableNotViewNoAlternative, ["viewName": SQLQuote.id(name.parts), "operation": operation], at: span)
        }
        guard table.type == .managed, let location = table.location else {
            throw .notSimulated("\(operation) on a table of the type \(table.type.rawValue)", at: span)
        }
        if name.catalog == SampleTable.catalog {
            throw SQLError(.insufficientPermissions, ["report": "User does not have MODIFY on Table '\(name)'."], at: span)
        }
        return try onTable { try service.tables.delta(at: location) }
    }
}

/// How the columns of an INSERT's source become the table's: by place or by name, cast as ANSI store assignment allows.
private struct InsertColumns {
    private let target: [Field]
    /// For each table column the place in the source; nil: it is left out, and null.
    private let places: [Int?]
    private let table: [String]

    init(_ source: [Field], _ columns: Insert.Columns, _ target: [Field], table: [String]) throws(SQLError) {
        self.target = target
        self.table = table
        let names: [String]
        switch columns {
        case .positional: names = target.map(\.name)
        case .named(let list): names = list.map(\.text)
        case .byName: names = source.map(\.name)
        }
        var places = [Int?](repeating: nil, count: target.count)
        for (position, name) in names.enumerated() {
            guard let column = target.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) else {
                throw SQLError(
                    .unresolvedColumnWithSuggestion,
                    ["objectName": SQLQuote.id([name]), "proposal": target.map { SQLQuote.id([$0.name]) }.joined(separator: ", ")])
            }
            if places[column] != nil { throw SQLError(.columnAlreadyExists, ["columnName": SQLQuote.id([name])]) }
            places[column] = position
        }
        guard source.count == names.count else {
            throw SQLError(
                source.count < names.count ? .insertColumnArityMismatchNotEnoughDataColumns : .insertColumnArityMismatchTooManyDataColumns,
                [
                    "tableName": SQLQuote.id(table), "tableColumns": names.map { SQLQuote.id([$0]) }.joined(separator: ", "),
                    "dataColumns": source.map { SQLQuote.id([$0.name]) }.joined(separator: ", "),
                ])
        }
        self.places = places
        for (column, place) in zip(target, places) {
            guard let place, source.indices.contains(place) else { continue }
            let from = source[place].type
            guard Coercion.canStoreAssign(from, column.type) else {
                throw SQLError(
                    .incompatibleDataForTableCannotSafelyCast,
                    [
                        "tableName": SQLQuote.id(table), "colName": SQLQuote.id([column.name]), "srcType": SQLQuote.type(from.sqlText),
                        "targetType": SQLQuote.type(column.type.sqlText),
                    ])
            }
        }
    }

    func assign(_ batch: RecordBatch, _ context: EvaluationContext) throws(SQLError) -> RecordBatch {
        var columns: [Column] = []
        for (field, place) in zip(target, places) {
            guard let place else {
                columns.append(Column.nulls(field.type, count: batch.rowCount))
                continue
            }
            do {
                columns.append(try CharVarchar.stored(Cast.cast(batch.columns[place], to: field.type, mode: .ansi, context)))
            } catch {
                guard error.condition == .castOverflow else { throw error }
                throw SQLError(
                    .castOverflowInTableInsert,
                    [
                        "sourceType": SQLQuote.type(batch.columns[place].type.sqlText), "targetType": SQLQuote.type(field.type.sqlText),
                        "columnName": SQLQuote.id([field.name]),
                    ])
            }
        }
        return RecordBatch(schema: Schema(target), columns: columns, rowCount: batch.rowCount)
    }
}

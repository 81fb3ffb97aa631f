import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// COPY INTO: the rows of files that have not been loaded before.
extension StatementRunner {
    private static let copyOptions: Set<String> = ["force", "mergeschema"]

    func copyInto(_ copy: CopyInto) throws(SQLError) -> ResultSet {
        if copy.hasCredential { throw .notSimulated("COPY INTO … WITH (CREDENTIAL …) or (ENCRYPTION …)") }
        let name = try objectName(copy.table)
        let table = try writable(name, "COPY INTO", at: copy.table.span)
        guard let formatName = copy.fileFormat else { throw .notSimulated("COPY INTO without FILEFORMAT") }
        let format = try CatalogBridge.format(formatName, at: nil)
        var values: [String: String] = [:]
        for option in copy.formatOptions { values[option.key.lowercased()] = option.value ?? "" }
        var options: [String: String] = [:]
        for option in copy.copyOptions {
            guard Self.copyOptions.contains(option.key.lowercased()) else { throw .notSimulated("the copy option \(option.key)") }
            options[option.key.lowercased()] = option.value?.lowercased() ?? ""
        }
        let path = try sourcePath(copy)
        let found = try sourceFiles(copy, path, values["pathglobfilter"])
        let commit = commit(to: table, name)
        let outcome = try onTable { () throws -> ResultSet in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            var work = try TableWork(self, name, table, commit, transaction.snapshot)
            var files = found
            if options["force"] != "true" {
                files = files.filter { transaction.lastVersion(of: Self.mark($0)) == nil }
            }
            guard !files.isEmpty else { return Self.copied(0) }
            let source = try FileTable(path, files, format, values, .copyInto, store: files.first?.store ?? service.objects, context: context)
            let relation = CatalogRelation.table(source, name: [path])
            let bridge = catalog
            bridge.copySource = (path, relation)
            let query = try self.query(copy, path)
            if copy.validates { return try preview(copy, query, bridge) }
            let made = try QueryEngine.analyze(query, catalog: bridge, parameters: try parameters(), context: context).schema
            // Files without names in them are taken by their columns' order.
            let isPositional = source.schema.fields.allSatisfy { $0.name.hasPrefix("_c") } && format == .csv
            var columns = copy.columns
            if case .positional = columns, !isPositional || made.fields.contains(where: { !$0.name.hasPrefix("_c") }) { columns = .byName }
            var evolution: Metadata?
            let snapshot = work.snapshot
            if options["mergeschema"] == "true",
                let metadata = SchemaEvolution.widened(snapshot.metadata, snapshot.tableSchema, with: made.fields)
            {
                let described = try transaction.set(metadata)
                try work.evolve(described)
                evolution = described
            } else if case .byName = columns {
                let extra = made.fields.filter { snapshot.tableSchema.index(of: $0.name) == nil }
                if !extra.isEmpty { throw Self.mismatch(name, extra) }
            }
            let (plan, unfilled) = try QueryEngine.analyzeInsert(
                query, columns: columns, into: work.target, catalog: bridge, parameters: try parameters(), context: context)
            var writer = DeltaWriter(try work.writeTarget, commit)
            var count = 0
            var rows = try QueryEngine.execute(
                plan, context: context, cancellation: statement.cancellation, limits: limits, optimizer: service.optimizer)
            while !readsNothing, let batch = try rows.next() {
                try writer.write(try work.stored(batch, unfilled: unfilled))
                count += batch.rowCount
            }
            let written = try writer.finish()
            transaction.add(written)
            for file in files {
                transaction.set(SetTransaction(appID: Self.mark(file), version: file.modified, lastUpdated: commit.timestampMillis))
            }
            try work.finish(&transaction)
            var operation = CommitOperation("COPY INTO", [("mode", "Append"), ("statsOnLoad", "false"), ("partitionBy", "[]")])
            operation.metrics = Self.metrics(written) + [("numSkippedCorruptFiles", "0")]
            _ = try transaction.commit(operation)
            if let evolution { try publish(name, evolution, nil) }
            return Self.copied(count)
        }
        return outcome
    }

    /// The mark in the table's log that a file was loaded: whoever loads the same at once conflicts.
    private static func mark(_ file: SourceFile) -> String { "copy-into:" + file.path }

    private static func copied(_ rows: Int) -> ResultSet {
        let names = ["num_affected_rows", "num_inserted_rows", "num_skipped_corrupt_files"]
        return ResultSet(names.map { Field($0, .long) }, rows: [[.integer(Int64(rows)), .integer(Int64(rows)), .integer(0)]])
    }

    private static func mismatch(_ name: ObjectName, _ fields: [Field]) -> SQLError {
        SQLError(
            .delta(
                "COPY_INTO_SCHEMA_MISMATCH_WITH_TARGET_TABLE", sqlState: "42KDG",
                "A schema mismatch was detected while copying into the Delta table (Table: <table>).\nThis may indicate an issue with the incoming data, or the Delta table schema can be evolved automatically according to the incoming data by setting:\nCOPY_OPTIONS ('mergeSchema' = 'true')\nSchema difference:\n<schemaDiff>"
            ),
            [
                "table": name.description,
                "schemaDiff": fields.map { "The table has no column \(SQLQuote.id([$0.name])) of type \($0.type.sqlText)." }.joined(separator: "\n"),
            ], phase: .analysis)
    }

    private func sourcePath(_ copy: CopyInto) throws(SQLError) -> String {
        switch copy.source {
        case .path(let path): return path
        case .query(let query):
            guard case .select(let select) = query.body, let from = select.from, case .table(let reference) = from.kind,
                case let parts = try parts(reference.name), parts.count == 1
            else { throw .notSimulated("COPY INTO from a query of anything but a path") }
            return parts[0]
        }
    }

    private func sourceFiles(_ copy: CopyInto, _ path: String, _ nameFilter: String?) throws(SQLError) -> [SourceFile] {
        let root = path.hasSuffix("/") ? String(path.dropLast()) : path
        if !copy.files.isEmpty, copy.pattern != nil { throw .notSimulated("COPY INTO with both FILES and PATTERN") }
        if let pattern = copy.pattern { return try service.sourceFiles(root + "/" + pattern, nameFilter: nameFilter, by: principal) }
        guard !copy.files.isEmpty else { return try service.sourceFiles(path, nameFilter: nameFilter, by: principal) }
        var files: [SourceFile] = []
        for file in copy.files { files += try service.sourceFiles(root + "/" + file, nameFilter: nameFilter, by: principal) }
        return files
    }

    private func query(_ copy: CopyInto, _ path: String) throws(SQLError) -> Query {
        if case .query(let query) = copy.source { return query }
        guard case .query(let query) = try Parser.parse("SELECT * FROM " + SQLQuote.id([path])).kind else {
            throw SQLError(.internalError, ["message": "The path \(path) makes no query."])
        }
        return query
    }

    /// VALIDATE: the rows are read and shown, not loaded.
    private func preview(_ copy: CopyInto, _ query: Query, _ bridge: CatalogBridge) throws(SQLError) -> ResultSet {
        var limit = 50
        if let rows = copy.validateRows, case .integer(let number) = try value(of: rows).value { limit = Int(clamping: max(number, 0)) }
        let plan = try QueryEngine.analyze(query, catalog: bridge, parameters: try parameters(), context: context)
        var source = try QueryEngine.execute(
            plan, context: context, cancellation: statement.cancellation, limits: limits, optimizer: service.optimizer)
        var batches: [RecordBatch] = []
        var count = 0
        while !readsNothing, let batch = try source.next() {
            let room = limit - count
            if room > 0, batch.rowCount > 0 { batches.append(batch.rowCount <= room ? batch : batch.slice(0..<room)) }
            count += batch.rowCount
            if copy.validateRows != nil, count >= limit { break }
        }
        return ResultSet(schema: plan.schema, batches: batches, truncated: false)
    }
}

import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// Streaming tables and materialized views: a statement makes them and refreshes them at once.
extension StatementRunner {
    func createMaterializedView(_ create: CreateView, _ query: Query) throws(SQLError) -> ResultSet {
        let name = try objectName(create.name)
        let state = session.current
        var dataset = Dataset(
            name: name, type: .materializedView, query: query, statement: text, catalog: state.catalog, schema: state.schema,
            layout: create.table ?? CreateTable(name: create.name), expectations: create.expectations, comment: create.comment,
            properties: create.properties, pipelineID: request.update?.pipelineID)
        try dataset.declare(typed: create.columns.map(\.hasType))
        return try make(dataset, replaces: create.orReplace, ifNotExists: create.ifNotExists, at: create.name.span)
    }

    func createStreamingTable(_ create: CreateTable) throws(SQLError) -> ResultSet {
        if create.isLive, request.update == nil { throw .notSimulated("CREATE LIVE outside of pipelines") }
        guard let query = create.query ?? create.changes?.query else {
            throw .notSimulated("CREATE STREAMING TABLE without a query, outside of a pipeline with flows")
        }
        return try make(
            try streamingTable(create, query, text), replaces: create.mode != .create, ifNotExists: create.ifNotExists, at: create.name.span)
    }

    /// CREATE FLOW: the rows of a stream, or what AUTO CDC makes of them, for a table that the pipeline defines without a query.
    func createFlow(_ create: CreateFlow) throws(SQLError) -> ResultSet {
        guard let update = request.update, let definition = update.definition else { throw .notSimulated("CREATE FLOW outside of pipelines") }
        guard case .createTable(let table) = try Parser.parse(definition).kind else {
            throw SQLError(.internalError, ["message": "The table of a flow has no definition."])
        }
        let query =
            switch create.source {
            case .insert(let insert): insert.source
            case .changes(let changes, _): changes.query
            }
        var dataset = try streamingTable(table, query, definition)
        if case .changes(let changes, _) = create.source { dataset.changes = changes }
        let name = try objectName(create.name).name.lowercased()
        dataset.flow = (name, query.span.text(in: text) ?? "")
        return try make(dataset, replaces: true, ifNotExists: false, at: create.name.span)
    }

    private func streamingTable(_ create: CreateTable, _ query: Query, _ statement: String) throws(SQLError) -> Dataset {
        if let provider = create.provider, provider.last.lowercased() != "delta" { throw .notSimulated("USING \(provider.last)", at: provider.span) }
        if create.location != nil || create.isTemporary { throw .notSimulated("clauses of CREATE STREAMING TABLE") }
        if let clause = create.otherClauses.first { throw .notSimulated(clause) }
        let state = session.current
        var dataset = Dataset(
            name: try objectName(create.name), type: .streamingTable, query: query, statement: statement, catalog: state.catalog,
            schema: state.schema, layout: create,
            expectations: create.expectations, comment: create.comment, properties: create.properties, pipelineID: request.update?.pipelineID)
        try dataset.declare()
        dataset.changes = create.changes
        return dataset
    }

    /// REFRESH: the statement that made the table once more, where it was made.
    func refreshDataset(_ kind: ObjectKind, _ reference: NameReference, full: Bool) throws(SQLError) -> ResultSet {
        let name = try objectName(reference)
        guard let table = try onCatalog(name.parts, { try service.tables.find(name) }) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: reference.span)
        }
        let type: TableType = kind == .streamingTable ? .streamingTable : .materializedView
        guard table.type == type, let stored = Dataset.stored(table.details) else {
            throw .notSimulated("REFRESH \(kind.rawValue) of a table of the type \(table.type.rawValue)", at: reference.span)
        }
        if stored.pipelineID != nil { throw .notSimulated("REFRESH of a pipeline's table by SQL", at: reference.span) }
        let place = ViewDetails(table.details)
        let (catalog, schema) = (place.catalog ?? name.catalog, place.schema ?? name.schema)
        var dataset: Dataset
        switch try Parser.parse(stored.statement).kind {
        case .createView(let create):
            guard let query = create.query else { throw .notSimulated("REFRESH \(kind.rawValue)") }
            dataset = Dataset(
                name: name, type: type, query: query, statement: stored.statement, catalog: catalog, schema: schema,
                layout: create.table ?? CreateTable(name: create.name), isRefresh: true, expectations: create.expectations,
                comment: create.comment, properties: create.properties)
            try dataset.declare(typed: create.columns.map(\.hasType))
        case .createTable(let create):
            guard let query = create.query ?? create.changes?.query else { throw .notSimulated("REFRESH \(kind.rawValue)") }
            dataset = Dataset(
                name: name, type: type, query: query, statement: stored.statement, catalog: catalog, schema: schema, layout: create,
                isRefresh: true, expectations: create.expectations, comment: create.comment, properties: create.properties)
            try dataset.declare()
            dataset.changes = create.changes
        default: throw .notSimulated("REFRESH \(kind.rawValue)")
        }
        return try refresh(dataset, table, full: full)
    }

    private func make(_ dataset: Dataset, replaces: Bool, ifNotExists: Bool, at span: SourceSpan) throws(SQLError) -> ResultSet {
        let existing = try onCatalog(dataset.name.parts) { try service.tables.find(dataset.name) }
        if let existing {
            if ifNotExists, request.update == nil { return .none }
            guard existing.type == dataset.type, replaces || request.update != nil else {
                throw SQLError(.tableOrViewAlreadyExists, ["relationName": SQLQuote.id(dataset.name.parts)], at: span)
            }
        }
        return try refresh(dataset, existing, full: request.update?.fullRefresh ?? false)
    }

    // MARK: Refreshing

    /// In front of a source's id, in the names of the marks that a streaming table's log keeps.
    private static let mark = "stream:"

    /// Each flow of a table reads its sources by itself.
    private static func prefix(_ dataset: Dataset) -> String { dataset.flow.map { "\(mark)\($0.name)/" } ?? mark }

    private func refresh(_ dataset: Dataset, _ existing: TableInfo?, full: Bool) throws(SQLError) -> ResultSet {
        let isStreaming = dataset.type == .streamingTable
        var known: [String: Int64] = [:]
        if isStreaming, !full, let location = existing?.location {
            let snapshot = try onTable { try service.tables.delta(at: location).snapshot() }
            let prefix = Self.prefix(dataset)
            for (application, transaction) in snapshot.transactions where application.hasPrefix(prefix) {
                let source = String(application.dropFirst(prefix.count))
                // A slash is behind the name of another flow.
                if !source.contains("/") { known[source] = transaction.version }
            }
        }
        let streams = StreamReads(known, isPipeline: request.update != nil)
        var state = session.current
        (state.catalog, state.schema) = (dataset.catalog, dataset.schema)
        let bridge = CatalogBridge(
            service: service, session: state, principal: principal, counters: statement.scans, streams: streams, cancellation: statement.cancellation)
        if let changes = dataset.changes { return try applyChanges(changes, to: dataset, existing, streams, bridge, full: full) }
        let plan = try QueryEngine.analyze(dataset.query, catalog: bridge, parameters: try parameters(), context: context)
        guard isStreaming != streams.reads.isEmpty else { throw Self.wrongQuery(dataset) }
        let order = try byName(dataset, plan.schema.fields, full ? nil : existing)
        let made = order.map { $0.map { plan.schema.fields[$0] } } ?? plan.schema.fields
        let fields = try dataset.fields(made)
        let target = SparkSQL.WriteTarget(name: dataset.name.parts, columns: fields.map { .init($0) })
        let conditions =
            dataset.expectations.isEmpty
            ? nil
            : try QueryEngine.rowConditions(dataset.expectations.map(\.condition), of: target, catalog: bridge, context: context)
        if request.update?.validatesOnly ?? false {
            register(dataset, fields)
            return .none
        }
        var outcome = RefreshOutcome(name: dataset.name.description)
        let rows = try expected(
            dataset, conditions,
            try batches(plan).map { batch in
                let columns = order.map { $0.map { batch.columns[$0] } } ?? batch.columns
                return Self.conform(RecordBatch(schema: Schema(made), columns: columns, rowCount: batch.rowCount), to: fields)
            }, &outcome)
        if isStreaming {
            try append(rows, to: dataset, fields, existing, streams, full: full)
        } else {
            try define(dataset, fields, ResultSet(schema: Schema(fields), batches: rows), existing)
        }
        var result = ResultSet.none
        result.refresh = outcome
        return result
    }

    /// Makes a dataset that is only validated known to those behind it.
    func register(_ dataset: Dataset, _ fields: [Field]) {
        let view = TemporaryView(
            name: dataset.name.name, query: dataset.query, columns: fields, catalog: dataset.catalog, schema: dataset.schema,
            text: dataset.statement, comment: dataset.comment)
        session.update { $0.datasets[dataset.name.description.lowercased()] = view }
    }

    /// The places of a flow's columns in the order of its table's, which has them from its definition, or from what is in it; nil for the query's own.
    func byName(_ dataset: Dataset, _ made: [Field], _ existing: TableInfo?) throws(SQLError) -> [Int]? {
        guard dataset.flow != nil || dataset.changes != nil else { return nil }
        var names = dataset.columns.map(\.name.text)
        if names.isEmpty, request.update?.resetsTable != false || existing != nil {
            names = existing?.columns.all.map(\.name) ?? []
        } else if names.isEmpty {
            let table = try onCatalog(dataset.name.parts) { try service.tables.find(dataset.name) }
            names = table?.columns.all.map(\.name) ?? []
        }
        if names.isEmpty { return nil }
        let places = names.compactMap { name in made.firstIndex { $0.name.lowercased() == name.lowercased() } }
        guard places.count == names.count, made.count == names.count else {
            throw .notSimulated("a flow whose columns are not those of its table '\(dataset.name)'")
        }
        return places
    }

    /// The rows that the expectations let pass. What is NULL is not met.
    private func expected(
        _ dataset: Dataset, _ conditions: RowFunction?, _ batches: [RecordBatch], _ outcome: inout RefreshOutcome
    ) throws(SQLError) -> [RecordBatch] {
        var failed = [Int](repeating: 0, count: dataset.expectations.count)
        var total = 0
        var kept: [RecordBatch] = []
        for batch in batches {
            total += batch.rowCount
            var mask = Bitmap(repeating: true, count: batch.rowCount)
            for (index, column) in try (conditions?.evaluate(batch, context) ?? []).enumerated() where index < failed.count {
                guard let truth = column.booleans?.trueBits else { continue }
                failed[index] += batch.rowCount - truth.onesCount
                if dataset.expectations[index].violation == .dropRow {
                    mask = mask.andNot(Bitmap(repeating: true, count: batch.rowCount).andNot(truth))
                }
            }
            let rows = mask.allOnes ? batch : batch.filter(mask)
            outcome.dropped += batch.rowCount - rows.rowCount
            outcome.rows += rows.rowCount
            if rows.rowCount > 0 { kept.append(rows) }
        }
        let violated = zip(dataset.expectations, failed).filter { $0.violation == .failUpdate && $1 > 0 }.map(\.0.name.text)
        guard violated.isEmpty else {
            throw SQLError(
                .delta(
                    "EXPECTATION_VIOLATION", sqlState: "22000",
                    "Flow '<flowName>' failed to meet the expectation. Violated expectations: <violatedExpectations>."),
                ["flowName": dataset.name.description, "violatedExpectations": violated.map { "'\($0)'" }.joined(separator: ", ")],
                phase: .execution)
        }
        outcome.expectations = zip(dataset.expectations, failed).map { .init(name: $0.name.text, passed: total - $1, failed: $1) }
        return kept
    }

    /// Adds rows and the marks of how far the sources were read, in one commit.
    private func append(
        _ rows: [RecordBatch], to dataset: Dataset, _ fields: [Field], _ existing: TableInfo?, _ streams: StreamReads, full: Bool
    ) throws(SQLError) {
        let name = dataset.name
        if existing == nil || full && request.update?.resetsTable != false {
            try define(dataset, fields, nil, existing)
        } else if let existing {
            try restate(dataset, fields, existing)
        }
        guard let table = try onCatalog(name.parts, { try service.tables.find(name) }), let location = table.location else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)])
        }
        try authorize(table, "INSERT")
        let marks = streams.reads.filter { streams.known[$0.key] != $0.value }.sorted { $0.key < $1.key }
        if rows.isEmpty, marks.isEmpty { return }
        try onTable {
            let table = try service.tables.delta(at: location)
            let commit = commit(to: table, name)
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let stored = transaction.snapshot.schema.fields
            guard stored.map({ $0.name.lowercased() }) == fields.map({ $0.name.lowercased() }), stored.map(\.type) == fields.map(\.type) else {
                throw SQLError.notSimulated("a change of a streaming table's columns without a full refresh")
            }
            var batches: [RecordBatch] = []
            for batch in rows { batches.append(try CharVarchar.stored(Self.conform(batch, to: stored))) }
            let files = try DeltaWriter.write(batches, to: table.writeTarget(transaction.snapshot.metadata), commit)
            transaction.add(files)
            set(marks, of: dataset, in: &transaction)
            _ = try transaction.commit(CommitOperation("STREAMING UPDATE", [("outputMode", "Append")]).measuring(files))
        }
    }

    /// Notes in a commit how far the sources were read.
    func set(_ marks: [(key: String, value: Int64)], of dataset: Dataset, in transaction: inout Transaction) {
        for (id, version) in marks {
            transaction.set(SetTransaction(appID: Self.prefix(dataset) + id, version: version, lastUpdated: workspace.environment.nowMillis))
        }
    }

    static func wrongQuery(_ dataset: Dataset) -> SQLError {
        guard dataset.type == .streamingTable else { return .notSimulated("STREAM in a materialized view") }
        return SQLError(
            .delta(
                "STREAMING_TABLE_QUERY_INVALID", sqlState: "42000",
                "Streaming table <tableName> can only be created from a streaming query. Please add the STREAM keyword to your FROM clause to turn this relation into a streaming query."
            ), ["tableName": SQLQuote.id(dataset.name.parts)], at: dataset.query.span, phase: .analysis)
    }
}

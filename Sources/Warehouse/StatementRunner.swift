import Columnar
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// Runs one statement on a worker thread, from its text to its result.
struct StatementRunner {
    let service: SQLService
    let session: Session
    let statement: Statement
    /// What spans are of: the statement's text, or EXECUTE IMMEDIATE's.
    var text: String
    /// EXECUTE IMMEDIATE's arguments; nil: the request's.
    var arguments: Parameters?
    /// The variables of the script around.
    var locals: ScriptFrames?
    /// EXECUTE IMMEDIATEs around.
    var depth = 0
    /// How many rows of a query are given out; nil: all.
    var rowLimit: Int?
    /// Of what is computed while the statement is analysed.
    private let monitor: ExecutionMonitor

    init(service: SQLService, session: Session, statement: Statement) {
        self.service = service
        self.session = session
        self.statement = statement
        text = statement.request.text
        rowLimit = statement.request.rowLimit
        monitor = ExecutionMonitor(statement.cancellation, memoryBytes: ExecutionLimits.standard.memoryBytes)
    }

    var workspace: Workspace { service.workspace }
    var principal: Principal { statement.principal }
    var request: StatementRequest { statement.request }

    func run() throws(SQLError) -> ResultSet {
        try pass(.beforeExecute)
        let parsed = try Parser.parse(text)
        try refreshReceived(for: parsed.kind)
        service.tables.sweepDropped()
        var result = try execute(parsed)
        try pass(.afterExecute)
        result.timeZoneID = session.current.timeZone.id
        return result
    }

    func execute(_ parsed: SparkSyntax.Statement) throws(SQLError) -> ResultSet {
        switch parsed.kind {
        case .query(let query): try select(query, limit: rowLimit)
        case .insert(let insert): try self.insert(insert)
        case .update(let update): try self.update(update)
        case .delete(let delete): try self.delete(delete)
        case .merge(let merge): try self.merge(merge)
        case .copyInto(let copy): try copyInto(copy)
        case .truncate(let name, let partition): try truncate(name, partition)
        case .createTable(let create): try createTable(create)
        case .createTableLike(let create): try createTable(like: create)
        case .createView(let create): try createView(create)
        case .createSchema(let create): try createSchema(create)
        case .createCatalog(let create): try createCatalog(create)
        case .createVolume(let create): try createVolume(create)
        case .createShare(let create): try createShare(create)
        case .createRecipient(let create): try createRecipient(create)
        case .policy(let policy): try self.policy(policy)
        case .createFlow(let create): try createFlow(create)
        case .drop(let drop): try self.drop(drop)
        case .undrop(let undrop): try self.undrop(undrop)
        case .grant(let grant): try self.grant(grant)
        case .revoke(let grant): try revoke(grant)
        case .alter(let alter): try self.alter(alter)
        case .comment(let comment): try self.comment(comment)
        case .use(let use): try self.use(use)
        case .set(let set): try self.set(set)
        case .show(let show): try self.show(show)
        case .describe(let describe): try self.describe(describe)
        case .createFunction(let create): try createFunction(create, parsed.span.text(in: text) ?? text)
        case .declareVariable(let declare): try self.declare(declare)
        case .dropVariable(let name, let ifExists): try dropVariable(name, ifExists: ifExists)
        case .executeImmediate(let execute): try executeImmediate(execute)
        case .explain(let explain): try self.explain(explain)
        case .script(let block): try run(block)
        case .analyze(let analyze): try self.analyze(analyze)
        case .refresh(let refresh): try self.refresh(refresh)
        case .cache(let cache): try self.cache(cache)
        case .repair(let name, _): try repair(name)
        case .optimize(let optimize): try self.optimize(optimize)
        case .reorg(let name, let filter, let apply): try reorganize(name, filter, apply)
        case .vacuum(let vacuum): try self.vacuum(vacuum)
        case .convert(let convert): try self.convert(convert)
        case .restore(let name, let clause): try restore(name, to: clause)
        case .list(let path, let limit): try list(path, limit: limit)
        case .put(let local, let path, let overwrite): try put(local, to: path, overwrite: overwrite)
        case .get(let path, let local): try get(path, to: local)
        case .remove(let path): try remove(path)
        default: throw .notSimulated(parsed.kind.words)
        }
    }

    /// What expressions see of the session. A statement takes it once, so that `now()` stands still.
    var context: EvaluationContext {
        let state = session.current
        var context = EvaluationContext(
            ansi: state.settings["ansi_mode"] != "false", timeZone: state.timeZone, nowMicros: statement.submittedMicros,
            user: principal.userName, currentCatalog: state.catalog, currentSchema: state.schema, version: "4.0.0 dbxsim",
            randomSeed: randomSeed, monitor: monitor)
        context.groups = Set(principal.groups).union(["account users"])
        return context
    }

    /// Of the statement's place in the order of statements and, in a script, of the step: not of the time, which stands in an id's first groups.
    private var randomSeed: UInt64 {
        let seed = SeededGenerator.hash(String(statement.id.suffix(17)), seed: workspace.environment.seed)
        guard let locals else { return seed }
        return SeededGenerator.mix(seed &+ locals.steps)
    }

    // MARK: Queries

    func select(_ query: Query, limit: Int? = nil) throws(SQLError) -> ResultSet {
        let plan = try QueryEngine.analyze(query, catalog: catalog, parameters: try parameters(), context: context)
        return try collect(plan, limit: limit)
    }

    /// The pool's other threads may take part.
    var limits: ExecutionLimits { ExecutionLimits(parallelism: service.pool.parallelism) }

    func collect(_ plan: ResolvedPlan, limit: Int? = nil) throws(SQLError) -> ResultSet {
        if readsNothing { return ResultSet(schema: plan.schema, batches: []) }
        let limits = limits
        var source = try QueryEngine.execute(
            plan, context: context, cancellation: statement.cancellation, limits: limits, optimizer: service.optimizer)
        var batches: [RecordBatch] = []
        var rows = 0
        var bytes = 0
        var truncated = false
        while let batch = try source.next() {
            bytes += batch.byteSize
            guard bytes <= limits.memoryBytes else { throw ExecutionMonitor.exhausted(bytes, of: limits.memoryBytes) }
            if let limit, rows + batch.rowCount > limit {
                truncated = true
                if limit > rows { batches.append(batch.slice(0..<(limit - rows))) }
                break
            }
            rows += batch.rowCount
            if batch.rowCount > 0 { batches.append(batch) }
        }
        return ResultSet(schema: plan.schema, batches: batches, truncated: truncated)
    }

    var catalog: CatalogBridge {
        CatalogBridge(
            service: service, session: session.current, principal: principal, locals: locals?.scope, counters: statement.scans,
            streams: request.update.map { _ in StreamReads([:], isPipeline: true) }, text: text, cancellation: statement.cancellation)
    }

    // MARK: Parameters

    func parameters() throws(SQLError) -> Parameters {
        if let arguments { return arguments }
        var named: [String: TypedValue] = [:]
        var positional: [(Int, TypedValue)] = []
        for (position, parameter) in request.parameters.enumerated() {
            let typed = try value(of: parameter)
            if let name = parameter.name {
                guard named.updateValue(typed, forKey: name) == nil else {
                    throw SQLError(.invalidParameterMarkerDuplicateName, ["mark": SQLQuote.id([name])])
                }
            } else {
                positional.append((parameter.ordinal ?? position + 1, typed))
            }
        }
        return Parameters(named: named, positional: positional.sorted { $0.0 < $1.0 }.map(\.1))
    }

    private func value(of parameter: StatementRequest.Parameter) throws(SQLError) -> TypedValue {
        if let elements = parameter.elements { return try nested(parameter, elements) }
        let type: DataType
        do {
            type = try DataType(Parser.parseType(parameter.type))
        } catch {
            throw invalidType(parameter)
        }
        switch type {
        case .binary, .array, .map, .structure, .variant: throw invalidType(parameter)
        case .void: return TypedValue(.null, .void)
        default: break
        }
        guard let text = parameter.value else { return TypedValue(.null, type) }
        do {
            let column = try Cast.cast(Column(.text, of: [.string(text)]), to: type, mode: .ansi, context)
            return TypedValue(column.value(at: 0), type)
        } catch {
            throw SQLError(
                .invalidParameterValueForType,
                ["type": type.sqlText, "value": SQLQuote.string(text), "name": parameter.name.map { SQLQuote.id([$0]) } ?? "?"])
        }
    }

    /// An array or a map is made by its function from its elements, as if it had been written so: their common type is found in one place.
    private func nested(_ parameter: StatementRequest.Parameter, _ elements: [StatementRequest.Parameter]) throws(SQLError) -> TypedValue {
        var leaves: [String: TypedValue] = [:]
        let text = try constructor(parameter, elements, depth: 0, &leaves)
        return try QueryEngine.evaluate(
            try Parser.parseExpression(text), catalog: catalog, parameters: Parameters(named: leaves), context: context)
    }

    private func constructor(
        _ parameter: StatementRequest.Parameter, _ elements: [StatementRequest.Parameter], depth: Int, _ leaves: inout [String: TypedValue]
    ) throws(SQLError) -> String {
        let function = parameter.type.lowercased()
        guard function == "array" || function == "map" && elements.count.isMultiple(of: 2), depth < 16 else { throw invalidType(parameter) }
        var parts: [String] = []
        for element in elements {
            if let inner = element.elements {
                parts.append(try constructor(element, inner, depth: depth + 1, &leaves))
            } else {
                let name = "p\(leaves.count)"
                leaves[name] = try value(of: element)
                parts.append(":" + name)
            }
        }
        return "\(function)(\(parts.joined(separator: ", ")))"
    }

    private func invalidType(_ parameter: StatementRequest.Parameter) -> SQLError {
        SQLError(
            .invalidParameterMarkerDataType,
            ["mark": parameter.name.map { SQLQuote.id([$0]) } ?? "?", "type": parameter.type])
    }
}

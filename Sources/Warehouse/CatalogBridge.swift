import Columnar
import DeltaTable
import SparkErrors
import SparkSQL
import SparkSyntax
import Synchronization
import Workspace

/// The catalog as one statement sees it: names are looked up in the workspace, and each table is pinned to one snapshot for the whole statement.
final class CatalogBridge: CatalogReader {
    private struct Pin: Hashable {
        let name: ObjectName
        let timeTravel: SparkSQL.TimeTravel?
        /// With whose rights it was looked up
        let principal: String
    }

    private struct Place: Hashable {
        let location: String
        let timeTravel: SparkSQL.TimeTravel?
    }

    /// What the bridges of one statement have in common: the caller's, and those with the rights of views' and functions' owners.
    private final class Shared: Sendable {
        let pins = Mutex<[Pin: CatalogRelation]>([:])
        let tables = Mutex<[Place: DeltaProvider]>([:])
        let uses = Mutex(Uses())
        let owners = Mutex<[String: CatalogBridge]>([:])
        /// nil: the statement's text has not been asked yet.
        let asksForMetadata = Mutex<Bool?>(nil)
    }

    let currentCatalog: String
    let currentSchema: String
    let service: SQLService
    let principal: Principal
    /// Whose statement it is: attribute-based policies concern the caller, not the owners of views and functions.
    let caller: Principal
    let session: Session.State
    private let locals: ScriptScope?
    private let shared: Shared
    let counters: ScanCounters
    /// Of the statement, for what waits.
    let cancellation: CancellationToken?
    /// What a path in quotes stands for within COPY INTO.
    private let copied = Mutex<(path: String, relation: CatalogRelation)?>(nil)
    private let streams: StreamReads?
    private let text: String

    /// What the statement's names were found to be: what CREATE VIEW and CREATE FUNCTION check.
    struct Uses {
        var temporary: [(kind: String, name: String)] = []
        /// Full names of tables and views.
        var relations: Set<[String]> = []
        /// Full names of functions, lower-case; one part for temporary ones.
        var functions: Set<[String]> = []
        var readsData = false
    }

    init(
        service: SQLService, session: Session.State, principal: Principal, locals: ScriptScope? = nil, counters: ScanCounters = .all,
        streams: StreamReads? = nil, text: String = "", cancellation: CancellationToken? = nil
    ) {
        self.cancellation = cancellation
        self.streams = streams
        self.text = text
        self.counters = counters
        self.service = service
        self.principal = principal
        caller = principal
        self.session = session
        self.locals = locals
        shared = Shared()
        currentCatalog = session.catalog
        currentSchema = session.schema
    }

    /// The same statement's catalog with the rights of another principal.
    private init(_ other: CatalogBridge, as principal: Principal) {
        counters = other.counters
        cancellation = other.cancellation
        streams = other.streams
        text = other.text
        service = other.service
        self.principal = principal
        caller = other.caller
        session = other.session
        locals = nil
        shared = other.shared
        currentCatalog = other.currentCatalog
        currentSchema = other.currentSchema
    }

    /// What sees with the rights of a view's or function's owner.
    func reader(for owner: String) throws(SQLError) -> CatalogBridge {
        if owner == principal.userName { return self }
        if let known = shared.owners.withLock({ $0[owner] }) { return known }
        let principal = try onCatalog { try service.workspace.principal(named: owner) }
        let bridge = CatalogBridge(self, as: principal)
        shared.owners.withLock { $0[owner] = bridge }
        return bridge
    }

    func relation(_ name: [String], _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        if let live = liveName(name), let view = temporaryView(live) { return view }
        if let relation = try pathTable(name, timeTravel, at: span) {
            shared.uses.withLock { uses in
                uses.readsData = true
                if name.dropLast().last?.lowercased() == "delta" { uses.relations.insert(Array(name.suffix(2))) }
            }
            return relation
        }
        guard let full = fullName(name) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
        }
        if let dataset = session.datasets[full.description.lowercased()] { return Self.validated(dataset, full) }
        shared.uses.withLock { uses in
            uses.relations.insert(full.parts)
            uses.readsData = true
        }
        let pin = Pin(name: full, timeTravel: timeTravel, principal: principal.userName)
        if let known = shared.pins.withLock({ $0[pin] }) { return known }
        if full.schema == Schemas.informationSchema, full.catalog != "hive_metastore" {
            let relation = try informationSchema(full, timeTravel, at: span)
            shared.pins.withLock { $0[pin] = relation }
            return relation
        }
        guard let table = try onCatalog(full.parts, { try service.tables.find(full, requiring: .select, by: principal) }) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
        }
        let relation = try self.relation(table, full, timeTravel, at: span)
        shared.pins.withLock { $0[pin] = relation }
        return relation
    }

    var used: Uses { shared.uses.withLock { $0 } }

    // MARK: Temporary objects

    var copySource: (path: String, relation: CatalogRelation)? {
        get { copied.withLock { $0 } }
        set { copied.withLock { $0 = newValue } }
    }

    func temporaryView(_ name: String) -> CatalogRelation? {
        if let source = copySource, source.path == name { return source.relation }
        guard let view = session.views[name.lowercased()] else { return nil }
        shared.uses.withLock { uses in
            uses.temporary.append(("VIEW", view.name))
            uses.relations.insert([view.name.lowercased()])
            uses.readsData = true
        }
        return view.relation
    }

    func temporaryFunction(_ name: String) throws(SQLError) -> CatalogFunction? {
        guard let function = session.functions[name.lowercased()] else { return nil }
        shared.uses.withLock { uses in
            uses.temporary.append(("FUNCTION", function.name.last ?? name))
            uses.functions.insert([name.lowercased()])
            if function.readsData { uses.readsData = true }
        }
        return try function.function()
    }

    func function(_ name: [String], at span: SourceSpan) throws(SQLError) -> CatalogFunction? {
        try function(name, at: span, checked: true)
    }

    /// - Parameter checked: EXECUTE is needed; not so for what a table's filter or mask calls.
    func function(_ name: [String], at span: SourceSpan, checked: Bool) throws(SQLError) -> CatalogFunction? {
        guard let full = fullName(name), let info = try onCatalog(full.parts, { try service.workspace.functions.find(full) }) else { return nil }
        if checked { try onCatalog(full.parts) { try service.workspace.functions.requireExecute(info, by: principal) } }
        let function = try SQLFunction(info)
        shared.uses.withLock { uses in
            uses.functions.insert(full.parts.map { $0.lowercased() })
            if function.readsData { uses.readsData = true }
        }
        var made = try function.function()
        made.reader = try reader(for: info.owner)
        return made
    }

    func variable(_ name: [String]) -> CatalogVariable? {
        if let local = locals?.variable(name) {
            shared.uses.withLock { $0.temporary.append(("VARIABLE", name.last ?? "")) }
            return local
        }
        guard let last = name.last, SessionVariables.isSession(name.dropLast()), let variable = session.variables[last.lowercased()] else {
            return nil
        }
        shared.uses.withLock { $0.temporary.append(("VARIABLE", variable.name)) }
        return CatalogVariable(path: SessionVariables.path + [variable.name], value: variable.value)
    }

    /// `LIVE.name` in a pipeline: one of its own datasets.
    private func liveName(_ parts: [String]) -> String? {
        guard streams?.isPipeline ?? false, parts.count == 2 || parts.count == 3, parts[parts.count - 2].lowercased() == "live" else { return nil }
        return parts.last
    }

    func stream(_ name: [String], at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        guard let streams else { throw .notSimulated("STREAM outside of streaming tables", at: span) }
        if let live = liveName(name), let view = temporaryView(live) { return view }
        guard let full = fullName(name) else { throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span) }
        if let dataset = session.datasets[full.description.lowercased()] {
            streams.note(full.description.lowercased(), 0)
            return Self.validated(dataset, full)
        }
        shared.uses.withLock { _ = $0.relations.insert(full.parts) }
        guard let table = try onCatalog(full.parts, { try service.tables.find(full, requiring: .select, by: principal) }) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
        }
        if table.isReceived { return try receivedStream(full, table.id, streams, at: span) }
        guard let location = table.location, try policies(of: table).isEmpty else {
            throw .notSimulated("STREAM of a view, or of a table with row filters or column masks", at: span)
        }
        return try onTable { () throws -> CatalogRelation in
            let delta = try service.tables.delta(at: location)
            let snapshot = try delta.snapshot()
            let provider = try streams.provider(table.id, delta, snapshot, counters)
            return .table(provider, name: full.parts)
        }
    }

    /// A dataset of a pipeline that is only validated: its columns. What its own query reads is no business of those behind it.
    private static func validated(_ dataset: TemporaryView, _ name: ObjectName) -> CatalogRelation {
        .table(MemoryTable(schema: Schema(dataset.columns), batches: []), name: name.parts)
    }

    func fullName(_ parts: [String]) -> ObjectName? {
        if let live = liveName(parts) { return ObjectName(catalog: currentCatalog, schema: currentSchema, name: live) }
        return switch parts.count {
        case 1: ObjectName(catalog: currentCatalog, schema: currentSchema, name: parts[0])
        case 2: ObjectName(catalog: currentCatalog, schema: parts[0], name: parts[1])
        case 3: ObjectName(catalog: parts[0], schema: parts[1], name: parts[2])
        default: nil
        }
    }

    private func relation(
        _ table: TableInfo, _ name: ObjectName, _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan
    ) throws(SQLError) -> CatalogRelation {
        if table.isReceived { return try received(name, timeTravel, at: span) }
        if table.type.isView {
            if timeTravel != nil {
                throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(name.parts)], at: span)
            }
            return try view(table, name, at: span)
        }
        if table.type == .foreign, let relation = try onlineTable(table, name, timeTravel, at: span) { return relation }
        guard let location = table.location else { throw .notSimulated("reading a table of the type \(table.type.rawValue)", at: span) }
        if table.type == .external, let name = table.format, let format = FileFormat(rawValue: name.lowercased()) {
            if timeTravel != nil { throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(table.name.parts)], at: span) }
            var provider = try fileTable(table, format, location)
            provider.showsMetadata = showsMetadata
            let policies = try policies(of: table)
            return policies.isEmpty ? .table(provider, name: table.name.parts) : try filtered(provider, table.name, policies)
        }
        let place = Place(location: location, timeTravel: timeTravel)
        let provider: DeltaProvider
        if let known = shared.tables.withLock({ $0[place] }) {
            provider = known
        } else {
            let snapshot = try onTable { try service.tables.delta(at: location).snapshot(try Self.version(timeTravel, span)) }
            provider = DeltaProvider(snapshot: snapshot, counters: counters, metadata: metadata(of: location))
            shared.tables.withLock { $0[place] = provider }
        }
        let policies = try policies(of: table)
        return policies.isEmpty ? .table(provider, name: name.parts) : try filtered(provider, name, policies)
    }

    /// A table as its row filter and column masks show it.
    func filtered(_ provider: any TableProvider, _ name: ObjectName, _ policies: TablePolicies) throws(SQLError) -> CatalogRelation {
        let fields = provider.schema.fields
        let text = policies.query(name, fields)
        guard case .query(let query) = try Parser.parse(text).kind else {
            throw SQLError(.internalError, ["message": "The filters of \(name) make no query."])
        }
        return .view(
            query, name: name.parts, columns: fields, catalog: name.catalog, schema: name.schema, text: text,
            reader: PolicyReader(name, provider, self))
    }

    func changes(
        _ name: [String], from start: SparkSQL.TimeTravel, through end: SparkSQL.TimeTravel?, at span: SourceSpan
    ) throws(SQLError) -> CatalogRelation {
        // Whoever may read the table may read its changes, unless it has filters, which would not see them.
        let relation = try relation(name, nil, at: span)
        guard let full = fullName(name), let table = try onCatalog(full.parts, { try service.tables.find(full) }) else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
        }
        if table.isReceived { return try receivedChanges(full, from: start, through: end, at: span) }
        guard case .table = relation, let location = table.location else {
            throw .notSimulated("table_changes of a view, or of a table with row filters or column masks", at: span)
        }
        return try onTable { () throws -> CatalogRelation in
            let feed = try Self.feed(of: try service.tables.delta(at: location), from: start, through: end, at: span)
            return .table(ChangesProvider(feed: feed.feed), name: full.parts)
        }
    }

    /// A table's changes, and the version at which they begin.
    static func feed(
        of delta: DeltaTable, from start: SparkSQL.TimeTravel, through end: SparkSQL.TimeTravel?, at span: SourceSpan
    ) throws -> (feed: ChangeFeed, first: Version) {
        let latest = try delta.snapshot().version
        func version(_ bound: SparkSQL.TimeTravel, isStart: Bool) throws -> Version {
            switch bound {
            case .version(let text): return Int(text) ?? -1
            case .timestamp(let micros):
                let found = try delta.version(at: micros)
                // The first commit at or after the time.
                let isExact = try delta.snapshot(.version(found)).timestamp &* 1000 == micros
                return isStart && !isExact ? found + 1 : found
            }
        }
        let first = try version(start, isStart: true)
        let last = try end.map { try version($0, isStart: false) } ?? latest
        guard first >= 0, first <= latest else { throw DeltaError.versionNotFound(first, earliest: 0, latest: latest) }
        guard first <= last else {
            throw SQLError(
                .delta(
                    "DELTA_INVALID_CDC_RANGE", sqlState: "22003",
                    "CDC range from start <start> to end <end> was invalid. End cannot be before start."),
                ["start": "\(first)", "end": "\(last)"], at: span, phase: .analysis)
        }
        return (try delta.changes(from: first, through: min(last, latest)), first)
    }

    private func informationSchema(
        _ name: ObjectName, _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan
    ) throws(SQLError) -> CatalogRelation {
        if timeTravel != nil { throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(name.parts)], at: span) }
        let view = InformationSchema(
            workspace: service.workspace, service: service, principal: principal, catalog: name.catalog == "system" ? nil : name.catalog)
        let exists = try onCatalog(name.parts) { try service.workspace.catalogs.find(name.catalog) != nil }
        if exists, let table = try onCatalog(name.parts, { try view.table(name.name) }) { return .table(table, name: name.parts) }
        if exists, InformationSchema.notSimulated.contains(name.name) { throw .notSimulated("information_schema.\(name.name)", at: span) }
        throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: span)
    }

    static func version(_ timeTravel: SparkSQL.TimeTravel?, _ span: SourceSpan) throws(SQLError) -> DeltaTimeTravel? {
        switch timeTravel {
        case nil: return nil
        case .timestamp(let micros): return .timestamp(micros)
        case .version(let text):
            guard let version = Int(text) else { throw .notSimulated("a version by the name of a tag", at: span) }
            return .version(version)
        }
    }

    /// A view's text is parsed anew; its names are looked up where it was made.
    /// Whether tables show what they know of their files: where the statement or a view that it reads names `_metadata`.
    var showsMetadata: Bool {
        shared.asksForMetadata.withLock { asked in
            if let asked { return asked }
            let found = FileMetadata.isNamed(in: text)
            asked = found
            return found
        }
    }

    func metadata(of location: String) -> FileMetadata? {
        guard showsMetadata else { return nil }
        return FileMetadata(scheme: location.firstRange(of: "://").map { String(location[..<$0.upperBound]) } ?? "")
    }

    private func view(_ table: TableInfo, _ name: ObjectName, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        let text = table.viewDefinition ?? ""
        guard case .query(let query) = try Parser.parse(text).kind else {
            throw SQLError(.internalError, ["message": "The view \(name) holds no query."])
        }
        let details = ViewDetails(table.details)
        if FileMetadata.isNamed(in: text) { shared.asksForMetadata.withLock { $0 = true } }
        let columns = try onTable { try table.columns.all.map { try TableColumns.field($0) } }
        return .view(
            query, name: name.parts, columns: columns, catalog: details.catalog ?? name.catalog, schema: details.schema ?? name.schema, text: text,
            reader: try reader(for: table.owner), collation: details.collation.applied)
    }
}

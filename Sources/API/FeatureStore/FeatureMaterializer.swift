import Columnar
import JSON
package import Jobs
import Storage
package import Warehouse
package import Workspace

/// Computes materialized features on the engine, as their owners: offline tables are Delta tables with a row for each window's end, online tables have
/// one row for each entity that the last window holds.
package struct FeatureMaterializer: Sendable {
    static let kind = "materialized-feature"
    /// Up to which instant windows have been computed, in microseconds.
    private static let throughMember = "_through"
    /// The members of a document that tell of its values.
    static let results = ["table_name", "last_materialization_time", "latest_backfill_operation", throughMember]

    let workspace: Workspace
    let sql: SQLService
    let onlineRows: OnlineRowCache

    package init(workspace: Workspace, sql: SQLService, onlineRows: OnlineRowCache) {
        self.workspace = workspace
        self.sql = sql
        self.onlineRows = onlineRows
    }

    // MARK: Schedules

    /// The schedules of materialized features. What fails leaves the tables as they are, and is tried again at the next time.
    package var schedules: ScheduledKind {
        ScheduledKind(
            Self.kind, timing: { [self] in try? timing($0) },
            work: { [self] _, id, now in _ = try? await run(id, at: now * 1_000) })
    }

    private func timing(_ stored: StoredResource) throws -> ScheduleTiming? {
        guard stored.body["pipeline_schedule_state"] == "ACTIVE", stored.body["table_name"] != nil else { return nil }
        if let trigger = stored.body["table_trigger"]?.objectValue {
            let computation = try computation(stored)
            return .watch(
                TriggerWatch(
                    .tables([computation.table.description], all: false), pause: try Self.pause(trigger, computation),
                    rest: try Self.millis(trigger["wait_after_last_change"]) ?? 0), runAs: stored.owner)
        }
        return try Self.cron(stored.body)
    }

    /// Half a slide between 5 minutes and an hour, if nothing is said (`TableTrigger.min_time_between_triggers` of the API).
    private static func pause(_ trigger: JSONObject, _ computation: FeatureComputation) throws -> Int64 {
        if let given = try millis(trigger["min_time_between_triggers"]) { return given }
        return computation.grid.map { min(max($0.slide / 2_000, 300_000), 3_600_000) } ?? 0
    }

    private static func millis(_ value: JSONValue?) throws(WorkspaceError) -> Int64? {
        guard let text = value?.stringValue else { return nil }
        guard let seconds = FeatureCheck.seconds(text), (0...1e10).contains(seconds) else { throw .invalid("Invalid duration '\(text.prefix(64))'.") }
        return Int64(seconds * 1_000)
    }

    /// The schedule of `cron_schedule` and `cron_schedule_trigger`; nil if there is none.
    static func cron(_ body: JSONObject) throws(WorkspaceError) -> ScheduleTiming? {
        let trigger = body["cron_schedule_trigger"]
        guard trigger != nil || body["cron_schedule"] != nil else { return nil }
        if trigger?["mode"] == "DERIVED" {
            throw WorkspaceError(.notImplemented, "Schedules that are derived from a feature's windows (mode DERIVED) are not simulated.")
        }
        let text = trigger?["cron_expression"]?.stringValue ?? body["cron_schedule"]?.stringValue ?? ""
        return try ScheduleTiming(cron: quartz(text), "cron expression", zone: trigger?["timezone_id"]?.stringValue ?? "UTC")
    }

    /// Five fields, as in the API's own example, have no seconds and no question mark.
    private static func quartz(_ text: String) -> String {
        let fields = text.split(separator: " ")
        guard fields.count == 5 else { return text }
        if fields[4] == "*" { return "0 \(fields[0]) \(fields[1]) \(fields[2]) \(fields[3]) ?" }
        // Days of the week by their names alone: the numbers of the two syntaxes differ.
        guard fields[2] == "*", !fields[4].contains(where: \.isNumber) else { return text }
        return "0 \(fields[0]) \(fields[1]) ? \(fields[3]) \(fields[4])"
    }

    // MARK: Tables

    private func computation(_ stored: StoredResource) throws -> FeatureComputation { try computation(stored.body) }

    private func computation(_ body: JSONObject) throws -> FeatureComputation {
        let name = body["feature_name"]?.stringValue ?? ""
        guard let feature = try workspace.resources.get(Features.objects.resource.kind, name) else {
            throw WorkspaceError(.resourceDoesNotExist, "Feature '\(name.prefix(255))' does not exist.")
        }
        return try FeatureComputation(feature)
    }

    private func owner(_ stored: StoredResource) throws -> Principal {
        guard let principal = try workspace.principal(named: stored.owner) ?? workspace.administrator() else {
            throw WorkspaceError(.permissionDenied, "The user \(stored.owner) does not exist.")
        }
        return principal
    }

    private func tableName(_ stored: StoredResource) throws -> ObjectName {
        try Tables.name(stored.body["table_name"]?.stringValue ?? "", rpc: "GetMaterializedFeature")
    }

    /// Makes the table, without rows, and names it in the document; a feature without a schedule is computed at once.
    func begin(_ stored: StoredResource) async throws -> StoredResource {
        let computation = try computation(stored)
        let isOnline = stored.body["is_online"]?.boolValue ?? false
        let principal = try owner(stored)
        let config = stored.body[isOnline ? "online_store_config" : "offline_store_config"]
        func part(_ name: String) -> String { config?[name]?.stringValue ?? "" }
        let name = try Tables.name(
            "\(part("catalog_name")).\(part("schema_name")).\(part("table_name_prefix"))_\(workspace.environment.ids.hex16())", rpc: "CreateTable")
        if isOnline {
            let columns = SQLService.columns(of: try await sql.answer(Self.shape(computation, withTime: false), by: principal))
            let made = try workspace.tables.create(TableSpec(name, .foreign, columns: columns), by: principal).table
            _ = try workspace.resources.insert(
                PublishedTables.kind, id: made.id, uniqueKey: nil, parent: part("online_store_name"), owner: stored.owner,
                JSONObject([
                    ("name", .string(made.name.description)), ("source", ""), ("mode", "MATERIALIZED"),
                    ("keys", .array(computation.entities.map { .string(FeatureComputation.leaf($0)) })),
                    ("feature", stored.body["feature_name"] ?? ""),
                ]))
        } else {
            _ = try await sql.answer("CREATE TABLE \(SQLService.quoted(name)) AS \(Self.shape(computation, withTime: true))", by: principal)
        }
        let changed = try workspace.resources.update(Self.kind, stored.id) { $0.body["table_name"] = .string(name.description) }
        guard let changed else { throw WorkspaceError(.resourceDoesNotExist, "Materialized feature \(stored.id) does not exist.") }
        guard changed.body["pipeline_schedule_state"] == "SNAPSHOT" else { return changed }
        return try await run(stored.id, at: workspace.environment.nowMicros) ?? changed
    }

    /// Takes back what was begun of one that could not be made.
    func abandon(_ id: String) async throws {
        guard let stored = try workspace.resources.get(Self.kind, id) else { return }
        try end(stored)
        _ = try workspace.resources.delete(Self.kind, id)
        guard !(stored.body["is_online"]?.boolValue ?? false), stored.body["table_name"] != nil else { return }
        _ = try await sql.answer("DROP TABLE IF EXISTS \(SQLService.quoted(try tableName(stored)))", by: try owner(stored))
    }

    /// Throws what would keep a new one from being computed; false for one that is kept alone: of a stream, or with a window of a kind that is not
    /// computed.
    func check(_ body: JSONObject, by principal: Principal) async throws -> Bool {
        let computation: FeatureComputation
        do {
            computation = try self.computation(body)
        } catch let error as WorkspaceError where error.code == .notImplemented {
            return false
        }
        guard body["is_online"]?.boolValue ?? false || computation.grid != nil else {
            throw WorkspaceError.invalid("Feature '\(computation.name)' selects a column: it can be materialized to online stores alone.")
        }
        _ = try await sql.answer(Self.shape(computation, withTime: true), by: principal)
        return true
    }

    /// A query without rows that has the columns of a feature's table.
    private static func shape(_ computation: FeatureComputation, withTime: Bool) -> String {
        computation.grid == nil ? computation.lastValues(through: .min) : computation.windows(nil, withTime: withTime)
    }

    /// The table of one that is deleted: rows of an online store go, an offline table stays with its data.
    func end(_ stored: StoredResource) throws {
        guard stored.body["is_online"]?.boolValue ?? false, stored.body["table_name"] != nil, let info = try workspace.tables.find(tableName(stored))
        else { return }
        try workspace.tables.delete(info.name, by: .system)
        guard let known = try workspace.resources.get(PublishedTables.kind, info.id) else { return }
        _ = try workspace.resources.delete(PublishedTables.kind, info.id)
        guard let object = known.body["object"]?.stringValue else { return }
        onlineRows.forget(object)
        try sql.tables.objects.delete(object)
    }

    // MARK: Computing

    /// Computes the windows that have ended, and settled, since the last time.
    @discardableResult
    func run(_ id: String, at now: Int64) async throws -> StoredResource? {
        guard let stored = try workspace.resources.get(Self.kind, id), stored.body["table_name"] != nil else { return nil }
        let computation = try computation(stored)
        let settled = max(now, .min / 2) - computation.settling
        let before = stored.body[Self.throughMember]?.intValue.map { Int64($0) }
        if stored.body["is_online"]?.boolValue ?? false {
            try await fillOnline(stored, computation, at: settled)
        } else {
            try await fill(stored, computation, after: before, through: settled)
        }
        return try workspace.resources.update(Self.kind, id) { stored in
            stored.body[Self.throughMember] = .int(max(settled, before ?? settled))
            stored.body["last_materialization_time"] = .string(RFC3339.text(millis: now / 1_000))
        }
    }

    /// Puts the windows that end in an interval in the place of those that are there; in one commit.
    private func fill(_ stored: StoredResource, _ computation: FeatureComputation, after: Int64?, through: Int64) async throws {
        let principal = try owner(stored)
        guard let earliest = try await earliest(computation, principal),
            let places = try computation.places(after: after, through: through, earliest: earliest)
        else { return }
        let time = SQLService.quoted(column: computation.timeColumn)
        var condition = "\(time) <= timestamp_micros(\(through))"
        if let after { condition += " AND \(time) > timestamp_micros(\(after))" }
        _ = try await sql.answer(
            "INSERT INTO \(SQLService.quoted(try tableName(stored))) REPLACE WHERE \(condition) \(computation.windows(places))", by: principal)
    }

    private func earliest(_ computation: FeatureComputation, _ principal: Principal) async throws -> Int64? {
        try await sql.objects(of: computation.earliest, by: principal).first?["first"]?.scalar.flatMap { Int64($0) }
    }

    /// Replaces the online rows by those of the window that a look-up at this instant sees.
    private func fillOnline(_ stored: StoredResource, _ computation: FeatureComputation, at settled: Int64) async throws {
        let principal = try owner(stored)
        var query: String?
        if let grid = computation.grid {
            if let earliest = try await earliest(computation, principal), let place = grid.place(settled - computation.delay),
                let end = computation.end(place), let after = computation.end(place - 1),
                let places = try computation.places(after: after, through: end, earliest: earliest)
            {
                query = computation.windows(places, withTime: false)
            }
        } else {
            query = computation.lastValues(through: settled)
        }
        let info = try workspace.tables.get(tableName(stored), by: principal)
        let keys = try PublishedTables.keyColumns(computation.entities.map(FeatureComputation.leaf), in: info)
        var rows = OnlineRows(columns: info.columns.all.map(\.name), keys: keys)
        if let query { for row in try await sql.objects(of: query, by: principal) { try rows.add(row) } }
        try replaceRows(of: info, with: rows)
    }

    func replaceRows(of info: TableInfo, with rows: OnlineRows) throws {
        let object = "online-tables/\(info.id)/\(workspace.environment.ids.hex16())"
        try sql.tables.objects.put(object, rows.encoded)
        var old: String?
        _ = try workspace.resources.update(PublishedTables.kind, info.id) { stored in
            old = stored.body["object"]?.stringValue
            stored.body["object"] = .string(object)
            stored.body["rows"] = .int(rows.rows.count)
        }
        if let old {
            onlineRows.forget(old)
            try sql.tables.objects.delete(old)
        }
        onlineRows.put(object, rows)
    }

    /// Computes the windows whose ends are in the interval again: from `start` (nil: the first one) up to, and without, `end`.
    func backfill(_ stored: StoredResource, from start: Int64?, to end: Int64, at now: Int64) async throws {
        let computation = try computation(stored)
        if stored.body["is_online"]?.boolValue ?? false {
            try await fillOnline(stored, computation, at: now - computation.settling)
        } else {
            try await fill(stored, computation, after: start.map { $0 - 1 }, through: min(end - 1, now - computation.settling))
        }
    }

    /// Takes the rows away whose keys are in a table of entities, which may have a part of the keys.
    func purge(_ stored: StoredResource, _ entities: TableInfo, by principal: Principal) async throws {
        let columns = entities.columns.all.map(\.name)
        if stored.body["is_online"]?.boolValue ?? false {
            let info = try workspace.tables.get(tableName(stored), by: principal)
            guard let object = try workspace.resources.get(PublishedTables.kind, info.id)?.body["object"]?.stringValue else { return }
            var known = onlineRows.get(object)
            if known == nil { known = OnlineRows(try sql.tables.objects.get(object)) }
            guard var rows = known else { return }
            let keys = rows.keys.filter { key in columns.contains { $0.lowercased() == key.name.lowercased() } }
            var gone: Set<[String]> = []
            for row in try await sql.objects(of: "SELECT DISTINCT * FROM \(SQLService.quoted(entities.name))", by: principal) {
                let parts = try keys.compactMap { key in
                    try key.text(row.members.first { $0.name.lowercased() == key.name.lowercased() }?.value ?? .null)
                }
                if parts.count == keys.count { gone.insert(parts) }
            }
            try rows.removeAll { row in try gone.contains(keys.compactMap { try $0.text(row[$0.name] ?? .null) }) }
            try replaceRows(of: info, with: rows)
        } else {
            let matches = columns.map { "e.\(SQLService.quoted(column: $0)) <=> t.\(SQLService.quoted(column: $0))" }.joined(separator: " AND ")
            _ = try await sql.answer(
                """
                MERGE INTO \(SQLService.quoted(try tableName(stored))) t USING (SELECT DISTINCT * FROM \(SQLService.quoted(entities.name))) e \
                ON \(matches) WHEN MATCHED THEN DELETE
                """, by: principal)
        }
    }
}

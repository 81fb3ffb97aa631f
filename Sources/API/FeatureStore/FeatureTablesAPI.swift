import HTTPTypes
import JSON
import Workspace

/// Feature tables by the feature store's older API: `/api/2.0/feature-store/feature-tables`. A feature table is a table of the catalog with a primary
/// key; what the catalog does not have of it (data sources, producers, consumers) is a document beside it.
///
/// Routes and fields: databricks-feature-engineering 0.13 (`_catalog_client.py`, `feature_catalog.proto`).
package enum FeatureTablesAPI: APIGroup {
    package static let operations =
        [
            create, update, delete, get, getByIDs, addSources, deleteSources, addProducer, consumers, onlineStores, permissions, logEvent,
        ] + FeatureTableFeatures.operations + [FeatureTableSearch.search]

    static let path = "/api/2.0/feature-store/feature-tables"
    static let kind = "feature-table"

    private static let create = Operation(
        "feature_store.create_feature_table", .post, path + "/create", limits: "tables of Unity Catalog that are there already"
    ) { call -> JSONValue in
        let body = try call.fields()
        let table = try existing(body.string("name"), call)
        let keys = try body.strings(specs: "primary_keys") + body.strings(specs: "timestamp_keys")
        guard !keys.isEmpty else { throw WorkspaceError.missing("primary_keys") }
        let partitions = try body.strings(specs: "partition_keys")
        try PublishedTables.require(keys + partitions + body.strings(specs: "features"), in: table)
        guard try call.workspace.resources.get(kind, table.id) == nil else {
            throw WorkspaceError(.resourceAlreadyExists, "Feature table '\(table.name)' already exists.")
        }
        if try body.bool(optional: "dry_run") ?? false { return [:] }
        try call.workspace.tables.requireChange(table, by: call.principal)
        var object = JSONObject([
            ("primary_keys", .array(try body.strings(specs: "primary_keys").map { .string($0) })),
            ("timestamp_keys", .array(try body.strings(specs: "timestamp_keys").map { .string($0) })),
            ("partition_keys", .array(partitions.map { .string($0) })), ("is_imported", .bool(try body.bool(optional: "is_imported") ?? false)),
        ])
        object["name"] = .string(table.name.description)
        _ = try call.workspace.resources.insert(kind, id: table.id, uniqueKey: nil, owner: call.principal.userName, object)
        if let description = try body.string(optional: "description"), !description.isEmpty, table.comment != description {
            try describe(table.name, description, call)
        }
        return ["feature_table": try FeatureTable(existing(table.name.description, call), call).json(call)]
    }

    private static let update = Operation("feature_store.update_feature_table", .patch, path + "/update") { call -> JSONValue in
        let body = try call.fields()
        let table = try feature(body.string("name"), call)
        try describe(table.info.name, try body.string(optional: "description") ?? "", call)
        return ["feature_table": try feature(table.info.name.description, call).json(call)]
    }

    /// The table itself stays: the client drops it by SQL.
    private static let delete = Operation("feature_store.delete_feature_table", .delete, path + "/delete") { call -> Void in
        let fields = try call.input()
        let table = try feature(fields.string("name"), call)
        try call.workspace.tables.requireManage(table.info, by: call.principal)
        if try fields.bool(optional: "dry_run") ?? false { return }
        _ = try call.workspace.resources.delete(kind, table.info.id)
    }

    private static let get = Operation("feature_store.get_feature_table", .get, path + "/get") { call -> JSONValue in
        ["feature_table": try feature(call.query.required("name"), call).json(call)]
    }

    private static let getByIDs = Operation("feature_store.get_feature_tables_by_ids", .post, path + "/get-by-ids") { call -> JSONValue in
        let ids = try call.fields().strings(optional: "ids") ?? []
        let tables = try ids.compactMap { id -> JSONValue? in
            guard let table = try call.workspace.tables.find(id: id) else { return nil }
            return try? feature(table.name.description, call).json(call)
        }
        return ["feature_tables": .array(tables)]
    }

    private static let addSources = Operation("feature_store.add_data_sources", .post, path + "/add-data-sources") { call -> Void in
        let body = try call.fields()
        let new = try [("tables", "table"), ("paths", "path"), ("custom_sources", "custom_source")].flatMap { list, member in
            try (body.strings(optional: list) ?? []).map { JSONValue.members([(member, .string($0))]) }
        }
        try change(body.string("feature_table"), call) { object in
            let old = object["data_sources"]?.arrayValue ?? []
            object["data_sources"] = .array(old + new.filter { !old.contains($0) })
        }
    }

    private static let deleteSources = Operation("feature_store.delete_data_sources", .post, path + "/delete-data-sources") { call -> Void in
        let body = try call.fields()
        let gone = Set(try body.strings(optional: "sources") ?? [])
        try change(body.string("feature_table"), call) { object in
            object["data_sources"] = .array(
                (object["data_sources"]?.arrayValue ?? []).filter { source in
                    !(source.objectValue?.members.contains { gone.contains($0.value.stringValue ?? "") } ?? false)
                })
        }
    }

    /// What made the table, or wrote to it, by kind: the newest last.
    private static let mostProducers = 20

    private static let addProducer = Operation("feature_store.add_producer", .post, path + "/add-producer") { call -> Void in
        let body = try call.fields()
        let kinds = [("notebook", "notebook_producers"), ("job_run", "job_producers"), ("dlt_pipeline", "dlt_pipeline_producers")]
        let given = try kinds.compactMap { member, list in try body.object(optional: member).map { (list, $0.object) } }
        guard given.count == 1, let (list, producer) = given.first else {
            throw WorkspaceError.invalid("Exactly one of notebook, job_run, dlt_pipeline must be given.")
        }
        try change(body.string("feature_table"), call) { object in
            let old = (object[list]?.arrayValue ?? []).filter { $0 != .object(producer) }
            object[list] = .array((old + [.object(producer)]).suffix(mostProducers))
        }
    }

    private static let consumers = Operation("feature_store.get_consumers", .get, path + "/get-consumers") { call -> JSONValue in
        let table = try feature(call.query.required("feature_table"), call)
        return ["consumers": table.document["consumers"] ?? []]
    }

    private static let onlineStores = Operation("feature_store.get_online_stores", .post, path + "/get-online-stores") { call -> JSONValue in
        let names = try call.fields().strings(optional: "feature_tables") ?? []
        let stores = try names.map { name -> JSONValue in
            let table = try feature(name, call)
            return ["feature_table": .string(table.info.name.description), "online_stores": .array(try table.onlineStores(call))]
        }
        return ["feature_table_online_stores": .array(stores)]
    }

    private static let permissions = Operation(
        "feature_store.get_permissions", .get, path + "/get-feature-store-wide-permissions"
    ) { _ -> JSONValue in ["permission_level": "MANAGED_BY_UC"] }

    private static let logEvent = Operation(
        "feature_store.log_client_event", .post, "/api/2.0/feature-store/log-client-event", limits: "the event is in the journal alone"
    ) { call -> Void in _ = try call.json() }

    // MARK: Parts

    static func existing(_ name: String, _ call: Call) throws -> TableInfo {
        do {
            return try call.workspace.tables.get(Tables.name(name, rpc: "GetFeatureTable"), by: call.principal)
        } catch let error as WorkspaceError where error.code == .tableDoesNotExist || error.code == .schemaDoesNotExist {
            throw notFound(name)
        }
    }

    private static func notFound(_ name: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Feature table '\(name.prefix(256))' does not exist.")
    }

    /// A table with a primary key, or one that was made known.
    static func feature(_ name: String, _ call: Call) throws -> FeatureTable {
        let table = try FeatureTable(existing(name, call), call)
        guard !table.primaryKeys.isEmpty else { throw notFound(name) }
        return table
    }

    private static func describe(_ name: ObjectName, _ description: String, _ call: Call) throws {
        try call.workspace.tables.update(name, rpc: "UpdateFeatureTable", by: call.principal) { _ in
            var change = TableChange()
            change.comment = description
            return change
        }
    }

    /// Changes the document of a table, which is made if there is none.
    static func change(_ name: String, _ call: Call, _ change: (inout JSONObject) -> Void) throws {
        let table = try feature(name, call)
        try call.workspace.tables.requireChange(table.info, by: call.principal)
        if try call.workspace.resources.get(kind, table.info.id) == nil {
            let object = JSONObject([("name", .string(table.info.name.description))])
            _ = try call.workspace.resources.insert(kind, id: table.info.id, uniqueKey: nil, owner: call.principal.userName, object)
        }
        _ = try call.workspace.resources.update(kind, table.info.id) { change(&$0.body) }
    }
}

extension Call {
    /// The fields of a deletion, which clients send in the body or in the query.
    func input() throws -> Fields {
        let fields = try fields()
        guard fields.object.isEmpty else { return fields }
        return Fields(JSONObject(query.items.map { ($0.name, .string($0.value)) }))
    }
}

extension Fields {
    /// The names of a list of `KeySpec`.
    func strings(specs name: String) throws -> [String] {
        guard has(name) else { return [] }
        return try objects(name).map { try $0.string("name") }
    }
}

import HTTPTypes
import JSON
import Workspace

/// The features of feature tables, and the tags of both, by the feature store's older API: `/api/2.0/feature-store/features` and `…/tags`.
enum FeatureTableFeatures {
    static let operations = [get, getByName, create, update, addConsumer, setTags, getTags, deleteTags, createSpec, updateSpec, deleteSpec]

    private static let path = "/api/2.0/feature-store/features"
    private static let tagPath = "/api/2.0/feature-store/tags"
    private static let specPath = "/api/2.0/feature-store/feature-spec"

    private static let get = Operation("feature_store.get_features", .get, path + "/get") { call -> JSONValue in
        let table = try FeatureTablesAPI.feature(call.query.required("feature_table"), call)
        let paging = try Paging(call, list: "feature-table \(table.info.id)", pageSize: 200)
        let after = paging.after.flatMap { Int($0) } ?? -1
        return paging.reply("features", table.features.filter { $0.position > after }, key: { String($0.position) }) { table.json($0) }
    }

    private static let getByName = Operation("feature_store.get_feature_by_name", .get, path + "/get-by-name") { call -> JSONValue in
        let table = try FeatureTablesAPI.feature(call.query.required("feature_table"), call)
        return ["feature": table.json(try table.column(call.query.required("name")))]
    }

    /// Columns are made by SQL: they must be there.
    private static let create = Operation(
        "feature_store.create_features", .post, path + "/create", limits: "columns that the table has already"
    ) { call -> Void in
        let body = try call.fields()
        let table = try FeatureTablesAPI.feature(body.string("feature_table"), call)
        try call.workspace.tables.requireChange(table.info, by: call.principal)
        for name in try body.strings(specs: "features") { _ = try table.column(name) }
    }

    private static let update = Operation(
        "feature_store.update_feature", .patch, path + "/update", limits: "the description; a type is the column's, and changed by SQL"
    ) { call -> JSONValue in
        let body = try call.fields()
        let table = try FeatureTablesAPI.feature(body.string("feature_table"), call)
        let name = try table.column(body.string("name")).name
        if let description = try body.string(optional: "description") {
            try call.workspace.tables.update(table.info.name, rpc: "UpdateFeature", by: call.principal) { info in
                var columns = info.columns.all
                for place in columns.indices where columns[place].name == name { columns[place].comment = description }
                var change = TableChange()
                change.columns = ColumnList(columns)
                return change
            }
        } else {
            try call.workspace.tables.requireChange(table.info, by: call.principal)
        }
        let now = try FeatureTablesAPI.feature(table.info.name.description, call)
        return ["feature": now.json(try now.column(name))]
    }

    private static let mostConsumers = 100

    private static let addConsumer = Operation("feature_store.add_consumer", .post, path + "/add-consumer") { call -> Void in
        let body = try call.fields()
        let by = try ["notebook", "job_run", "dlt_pipeline"].compactMap { name in try body.object(optional: name).map { (name, $0.object) } }
        guard by.count == 1, let (kind, consumer) = by.first else {
            throw WorkspaceError.invalid("Exactly one of notebook, job_run, dlt_pipeline must be given.")
        }
        for entry in try body.objects("features") {
            let table = try FeatureTablesAPI.feature(entry.string("table"), call)
            let names = try (entry.strings(optional: "names") ?? []).map { try table.column($0).name }
            let new: JSONValue = .members([("features", .array(names.map { .string($0) })), (kind, .object(consumer))])
            // Who reads a table is noted by readers.
            _ = try call.workspace.tables.get(table.info.name, requiring: .select, by: call.principal)
            if try call.workspace.resources.get(FeatureTablesAPI.kind, table.info.id) == nil {
                _ = try call.workspace.resources.insert(
                    FeatureTablesAPI.kind, id: table.info.id, uniqueKey: nil, owner: call.principal.userName,
                    JSONObject([("name", .string(table.info.name.description))]))
            }
            _ = try call.workspace.resources.update(FeatureTablesAPI.kind, table.info.id) { stored in
                let old = (stored.body["consumers"]?.arrayValue ?? []).filter { $0 != new }
                stored.body["consumers"] = .array((old + [new]).suffix(mostConsumers))
            }
        }
    }

    // MARK: Tags

    private static let setTags = Operation("feature_store.set_tags", .post, tagPath + "/set") { call -> Void in
        let body = try call.fields()
        let tags = try body.objects("tags").map { (key: try $0.string("key"), value: try $0.string(optional: "value")) }
        try call.workspace.tags.set(entity(body, call), tags, by: call.principal)
    }

    private static let getTags = Operation("feature_store.get_tags", .get, tagPath + "/get") { call -> JSONValue in
        ["tags": .array(try tags(entity(call.input(), call), call))]
    }

    private static let deleteTags = Operation("feature_store.delete_tags", .delete, tagPath + "/delete") { call -> Void in
        let fields = try call.input()
        let keys = try fields.object["keys"]?.arrayValue == nil ? call.query.all("keys") : fields.strings(optional: "keys") ?? []
        guard !keys.isEmpty else { throw WorkspaceError.missing("keys") }
        try call.workspace.tags.remove(entity(fields, call), keys, mustExist: true, by: call.principal)
    }

    static func tags(_ entity: Tags.Entity, _ call: Call) throws -> [JSONValue] {
        try call.workspace.tags.list(entity, by: call.principal).map { tag in
            var object = JSONObject([("key", .string(tag.key))])
            object["value"] = tag.value.map { .string($0) }
            return .object(object)
        }
    }

    /// What the ids that `FeatureTable` gives out name: a table, or a column of one.
    private static func entity(_ fields: Fields, _ call: Call) throws -> Tags.Entity {
        let feature = try fields.string(optional: "feature_id")
        let id = try feature ?? fields.string("feature_table_id")
        let parts = id.split(separator: ".", maxSplits: 1)
        guard let table = try call.workspace.tables.find(id: String(parts.first ?? "")), (parts.count == 2) == (feature != nil) else {
            throw WorkspaceError(.resourceDoesNotExist, "There is no feature or feature table with the id '\(id.prefix(128))'.")
        }
        return Tags.Entity(type: .table, name: table.name.description, column: feature == nil ? nil : parts.last.map(String.init))
    }

    // MARK: Feature specifications

    private static let createSpec = Operation(
        "feature_store.create_feature_spec", .post, specPath + "/create",
        limits: "of a specification in YAML the columns that are looked up and computed count"
    ) { call -> JSONValue in
        let body = try call.fields()
        let given = try body.has("features") ? body.objects("features") : []
        var features = try given.map { try feature($0) }
        var excluded = try body.strings(optional: "exclude_columns") ?? []
        if features.isEmpty, let text = try body.string(optional: "feature_spec_yaml"), !text.isEmpty {
            let read = try FeatureSpecYAML(text)
            features = read.features
            excluded += read.excluded
        }
        guard !features.isEmpty else { throw WorkspaceError.missing("features") }
        let spec = JSONObject([
            ("name", .string(try body.string("name"))), ("features", .array(features)),
            ("exclude_columns", .array(excluded.map { .string($0) })),
        ])
        let made = try FeatureSpecs.insert(spec, call)
        return [
            "feature_spec_info": [
                "name": .string(made.id), "creator": .string(made.owner), "creation_timestamp_ms": .int(made.createdAt), "owner": .string(made.owner),
            ]
        ]
    }

    /// A feature of `feature_catalog.proto`, whose members have other names, as one of the published API.
    private static func feature(_ given: Fields) throws -> JSONValue {
        if let lookup = try given.object(optional: "feature_lookup") {
            var object = lookup.object
            object["table"] = .string(try lookup.string("table_name"))
            object["rename_outputs"] = try list(lookup, "rename_outputs", [("feature_name", "feature"), ("output_name", "output")])
            object["default_values"] = try list(lookup, "default_values", [("feature_name", "feature"), ("default_value", "default_value")])
            object["lookback_window"] = try lookup.string(optional: "lookback_window_seconds").map { .string($0 + "s") }
            return ["feature_lookup": Contract.known(.object(object), .named("ml.FeatureLookup"))]
        }
        if let declared = try given.object(optional: "declarative_feature") {
            return ["declarative_feature": ["feature": .string(try declared.string("feature_name"))]]
        }
        guard let function = try given.object(optional: "feature_function") else {
            throw WorkspaceError.invalid("A feature must have one of feature_lookup, feature_function, declarative_feature.")
        }
        var object = JSONObject([("udf", .string(try function.string("udf_name")))])
        object["output"] = try function.string(optional: "output_name").map { .string($0) }
        object["input_bindings"] = try list(
            function, "input_bindings", [("parameter_name", "parameter"), ("bound_feature_name", "bound_feature")])
        return ["feature_function": .object(object)]
    }

    private static func list(_ fields: Fields, _ name: String, _ names: [(old: String, new: String)]) throws -> JSONValue? {
        guard fields.has(name) else { return nil }
        return .array(
            try fields.objects(name).map { entry in
                .members(try names.map { (old, new) in (new, .string(try entry.string(old))) })
            })
    }

    private static let updateSpec = Operation("feature_store.update_feature_spec", .patch, specPath + "/{name}") { call -> Void in
        let spec = try FeatureSpecs.objects.existing(call.path("name"), .write, call)
        let owner = try call.fields().string("owner")
        guard try call.workspace.principal(named: owner) != nil else {
            throw WorkspaceError(.principalDoesNotExist, "Could not find principal with name \(owner.prefix(256)).")
        }
        _ = try call.workspace.resources.update(FeatureSpecs.objects.resource, spec.id, call) { $0.owner = owner }
    }

    private static let deleteSpec = Operation("feature_store.delete_feature_spec", .delete, specPath + "/{name}") { call -> Void in
        try FeatureSpecs.objects.delete(try FeatureSpecs.objects.existing(call.path("name"), .write, call), call)
    }
}

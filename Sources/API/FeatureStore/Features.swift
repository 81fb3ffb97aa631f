import HTTPTypes
import JSON
import Workspace

/// Declared features: `/api/2.0/feature-engineering/features`.
enum Features {
    static let operations = [create, get, list, update, delete]

    static let path = "/api/2.0/feature-engineering/features"
    static let objects = SchemaResource("feature", "Feature", schema: "ml.Feature", id: "full_name", creation: .createFeature)

    private static let outputs = ["catalog_name", "schema_name", "name", "created_at", "created_by"]

    private static let create = Operation("ml.feature_engineering.create_feature", .post, path) { call -> JSONValue in
        var feature = try call.contractBody(.post, path)
        for name in outputs { feature[name] = nil }
        try FeatureCheck(call).check(feature)
        return try shown(try objects.insert(feature.required("full_name"), feature, call))
    }

    private static let get = Operation("ml.feature_engineering.get_feature", .get, path + "/{full_name}") { call -> JSONValue in
        try shown(try existing(call.path("full_name"), .read, call))
    }

    private static let list = Operation("ml.feature_engineering.list_features", .get, path) { call -> JSONValue in
        let schema = try SchemaName(
            fullName: "\(call.query.required("catalog_name")).\(call.query.required("schema_name"))", rpc: "ListFeatures", field: "schema_name")
        let paging = try Paging(call, list: "features \(schema)", pageSize: 1000, sizeName: "page_size")
        let rows = try objects.list(in: schema, after: paging.after.flatMap { Int64($0) } ?? 0, call)
        let items = try rows.prefix(paging.fetchLimit).map { try (position: $0.position, item: shown($0)) }
        return paging.reply("features", items, key: { String($0.position) }, item: \.item)
    }

    private static let update = Operation("ml.feature_engineering.update_feature", .patch, path + "/{full_name}") { call -> JSONValue in
        let feature = try call.contractBody(.patch, path + "/{full_name}")
        let found = try existing(call.path("full_name"), .write, call)
        for field in try call.query.required("update_mask").split(separator: ",") where field.trimmingSpaces() != "description" {
            throw WorkspaceError.invalid("Invalid field in update_mask: '\(field.prefix(64))'; only description can be changed.")
        }
        return try shown(
            try call.workspace.resources.update(objects.resource, found.id, call) { $0.body["description"] = feature["description"] })
    }

    private static let delete = Operation("ml.feature_engineering.delete_feature", .delete, path + "/{full_name}") { call -> Void in
        let found = try existing(call.path("full_name"), .write, call)
        if try !MaterializedFeatures.all(of: found.id, call).isEmpty {
            throw WorkspaceError(.invalidState, "Feature '\(found.id)' has materialized features: delete these first.")
        }
        try objects.delete(found, call)
    }

    // MARK: Parts

    static func existing(_ name: String, _ action: Resource.Action, _ call: Call) throws -> StoredResource {
        try objects.existing(name, action, call)
    }

    static func shown(_ feature: StoredResource) throws -> JSONValue {
        var object = feature.body
        let name = try objects.name(feature.id)
        object["full_name"] = .string(feature.id)
        object["catalog_name"] = .string(name.catalog)
        object["schema_name"] = .string(name.schema)
        object["name"] = .string(name.name)
        object["created_at"] = .string(RFC3339.text(millis: feature.createdAt))
        object["created_by"] = .string(feature.owner)
        return Contract.known(.object(object), .named(objects.resource.schema))
    }
}

/// What must hold for a new feature: one source that exists, one function, and columns that the source has.
struct FeatureCheck {
    let call: Call

    init(_ call: Call) { self.call = call }

    private static let sources = [
        "delta_table_source", "feature_view_source", "kafka_source", "request_source", "sdp_source", "stream_source",
    ]
    private static let functions = ["aggregation_function", "column_selection", "custom_udf", "function_type"]
    /// Windows of `aggregation_function` and of the feature itself.
    private static let windows = ["continuous", "rolling", "sawtooth", "sliding", "tumbling"]

    func check(_ feature: JSONObject) throws {
        _ = try feature.required("full_name")
        guard let source = feature["source"]?.objectValue else { throw WorkspaceError.missing("source") }
        guard let function = feature["function"]?.objectValue else { throw WorkspaceError.missing("function") }
        let kind = try source.one(of: Self.sources, "source")
        let columns = try self.columns(of: source, kind)
        let entities = (feature["entities"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        let isStored = ["delta_table_source", "kafka_source", "stream_source", "sdp_source"].contains(kind)
        if isStored, entities.isEmpty, function["custom_udf"] == nil { throw WorkspaceError.missing("entities") }
        let chosen = try function.one(of: Self.functions, "function")
        var read = entities + [feature["timeseries_column"]?["name"]?.stringValue].compactMap { $0 }
        switch chosen {
        case "aggregation_function":
            guard let aggregation = function[chosen]?.objectValue else { throw WorkspaceError.missing("function.aggregation_function") }
            let name = try aggregation.one(of: Self.aggregations, "function.aggregation_function")
            guard let input = aggregation[name]?["input"]?.stringValue, !input.isEmpty else {
                throw WorkspaceError.missing("function.aggregation_function.\(name).input")
            }
            read.append(input)
            try checkWindow(aggregation["time_window"], "function.aggregation_function.time_window")
            if feature["timeseries_column"] == nil, isStored { throw WorkspaceError.missing("timeseries_column") }
        case "column_selection":
            guard let column = function[chosen]?["column"]?.stringValue, !column.isEmpty else {
                throw WorkspaceError.missing("function.column_selection.column")
            }
            read.append(column)
        case "custom_udf":
            guard let path = function[chosen]?["function_path"]?.stringValue, !path.isEmpty else {
                throw WorkspaceError.missing("function.custom_udf.function_path")
            }
            _ = try call.workspace.functions.get(Functions.name(path, rpc: "CreateFeature"), by: call.principal)
        default:
            if function["function_type"]?.stringValue == "FUNCTION_TYPE_UNSPECIFIED" { throw WorkspaceError.missing("function.function_type") }
            read += (feature["inputs"]?.arrayValue ?? []).compactMap(\.stringValue)
        }
        try checkWindow(feature["time_window"], "time_window")
        guard let columns else { return }
        for column in read where !columns.contains(column.lowercased()) {
            throw WorkspaceError.invalid("Column '\(column.prefix(255))' does not exist in the feature's source.")
        }
    }

    private static let aggregations: [String] = {
        guard case .object(let fields)? = Contract.schema("ml.AggregationFunction") else { return [] }
        return fields.map(\.name).filter { $0 != "time_window" }
    }()

    private func checkWindow(_ window: JSONValue?, _ place: String) throws {
        guard let window = window?.objectValue else { return }
        let kind = try window.one(of: Self.windows, place)
        guard let text = window[kind]?["window_duration"]?.stringValue else { return }
        guard let seconds = Self.seconds(text), seconds > 0 else {
            throw WorkspaceError.invalid(
                "Invalid duration '\(text.prefix(64))' in \(place).\(kind).window_duration: it must be positive, such as '604800s'.")
        }
    }

    /// Of a duration as protobuf's JSON writes it, `3600s` or `1.5s`.
    static func seconds(_ text: String) -> Double? {
        guard text.hasSuffix("s"), let seconds = Double(text.dropLast()), seconds.isFinite else { return nil }
        return seconds
    }

    /// In lower case; nil if they are not known.
    private func columns(of source: JSONObject, _ kind: String) throws -> Set<String>? {
        guard let object = source[kind]?.objectValue else { throw WorkspaceError.missing("source.\(kind)") }
        switch kind {
        case "delta_table_source":
            let name = try object.required("full_name", "source.delta_table_source.")
            let table = try call.workspace.tables.get(Tables.name(name, rpc: "CreateFeature"), requiring: .select, by: call.principal)
            guard object["transformation_sql"] != nil else { return Set(table.columns.all.map { $0.name.lowercased() }) }
            return try dataframe(object, "source.delta_table_source.")
        case "feature_view_source":
            let references = (object["feature_references"]?.arrayValue ?? []).compactMap { $0["feature"]?.stringValue }
            guard !references.isEmpty else { throw WorkspaceError.missing("source.feature_view_source.feature_references") }
            for feature in references { _ = try Features.existing(feature, .read, call) }
            return nil
        case "kafka_source":
            _ = try KafkaConfigs.existing(object.required("name", "source.kafka_source."), call)
            return nil
        case "stream_source":
            _ = try Streams.objects.existing(object.required("full_name", "source.stream_source."), .read, call)
            return nil
        case "request_source":
            guard object["dataframe_schema"] != nil || object["flat_schema"] != nil else {
                throw WorkspaceError.invalid("One of dataframe_schema, flat_schema must be given in source.request_source.")
            }
            return nil
        default: return nil
        }
    }

    /// The fields of a schema as Spark's `df.schema.json()` gives it.
    private func dataframe(_ object: JSONObject, _ place: String) throws -> Set<String> {
        let text = try object.required("dataframe_schema", place)
        guard let fields = (try? JSONValue(parsing: text))?["fields"]?.arrayValue else {
            throw WorkspaceError.invalid("\(place)dataframe_schema is not a schema in Spark's JSON form.")
        }
        return Set(fields.compactMap { $0["name"]?.stringValue?.lowercased() })
    }
}

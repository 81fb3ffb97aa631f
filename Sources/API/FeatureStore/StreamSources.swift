import HTTPTypes
import JSON
import Workspace

/// Kafka topics as sources of features: `/api/2.0/feature-engineering/features/kafka-configs`. Everybody may read and use one; only its maker (and an
/// administrator) changes or deletes it.
enum KafkaConfigs {
    static let operations = [
        resource.create("ml.feature_engineering.create_kafka_config", path, limits: StreamSources.limits),
        resource.get("ml.feature_engineering.get_kafka_config", path + "/{name}"),
        resource.list("ml.feature_engineering.list_kafka_configs", path, items: "kafka_configs", paged: true, keepsEmpty: true),
        resource.update("ml.feature_engineering.update_kafka_config", .patch, path + "/{name}", .mask),
        resource.delete("ml.feature_engineering.delete_kafka_config", .delete, path + "/{name}"),
    ]

    private static let path = "/api/2.0/feature-engineering/features/kafka-configs"

    private static let resource = Resource("kafka-config", "Kafka config", schema: "ml.KafkaConfig", id: "name", .given).with {
        $0.access = .ownerWrites
        $0.required = ["name", "bootstrap_servers", "subscription_mode", "auth_config"]
        $0.rule = { object, _, _ in
            _ = try object.required("bootstrap_servers")
            try StreamSources.check(subscription: object["subscription_mode"], "subscription_mode")
            guard let auth = object["auth_config"]?.objectValue else { throw WorkspaceError.missing("auth_config") }
            _ = try auth.one(of: ["mtls_config", "uc_service_credential_name"], "auth_config")
            guard !object.present(["key_schema", "value_schema"]).isEmpty else {
                throw WorkspaceError.invalid("At least one of key_schema, value_schema must be given.")
            }
            for name in object.present(["key_schema", "value_schema"]) { try StreamSources.check(schema: object[name], name) }
        }
    }

    static func existing(_ name: String, _ call: Call) throws -> StoredResource {
        guard let found = try call.workspace.resources.get(resource.kind, name) else { throw resource.notFound(name) }
        return found
    }
}

/// Streams, which are objects of a schema: `/api/2.0/feature-engineering/streams`.
enum Streams {
    static let operations = [create, get, list, update, delete]

    private static let path = "/api/2.0/feature-engineering/streams"
    static let objects = SchemaResource("stream", "Stream", schema: "ml.Stream", id: "name", creation: .createTable)
    private static let outputs = ["browse_only", "create_time", "created_by", "update_time", "updated_by"]
    private static let updaterMember = "_updated_by"

    private static let create = Operation("ml.feature_engineering.create_stream", .post, path, limits: StreamSources.limits) { call -> JSONValue in
        var stream = try call.contractBody(.post, path)
        for name in outputs { stream[name] = nil }
        try check(stream, call)
        stream[updaterMember] = .string(call.principal.userName)
        return shown(try objects.insert(stream.required("name"), stream, call))
    }

    private static let get = Operation("ml.feature_engineering.get_stream", .get, path + "/{name}") { call -> JSONValue in
        shown(try objects.existing(call.path("name"), .read, call))
    }

    private static let list = Operation("ml.feature_engineering.list_streams", .get, path) { call -> JSONValue in
        let schema = try SchemaName(fullName: call.query.required("parent"), rpc: "ListStreams", field: "parent")
        let paging = try Paging(call, list: "streams \(schema)", pageSize: 1000, sizeName: "page_size")
        let rows = try objects.list(in: schema, after: paging.after.flatMap { Int64($0) } ?? 0, call)
        return paging.reply("streams", rows, key: { String($0.position) }, item: shown)
    }

    private static let update = Operation("ml.feature_engineering.update_stream", .patch, path + "/{name}") { call -> JSONValue in
        let stream = try call.contractBody(.patch, path + "/{name}")
        let found = try objects.existing(call.path("name"), .write, call)
        let mask = try call.query.required("update_mask").split(separator: ",").map { String($0.trimmingSpaces()) }
        let updated = try call.workspace.resources.update(objects.resource, found.id, call) { stored in
            for path in mask {
                let name = String(path.split(separator: ".").first ?? "")
                guard StreamSources.mutable.contains(name) else {
                    throw WorkspaceError.invalid("Invalid field in update_mask: '\(path.prefix(64))'.")
                }
                stored.body[name] = stream[name]
            }
            try check(stored.body, call)
            stored.body[updaterMember] = .string(call.principal.userName)
        }
        return shown(updated)
    }

    private static let delete = Operation("ml.feature_engineering.delete_stream", .delete, path + "/{name}") { call -> Void in
        try objects.delete(try objects.existing(call.path("name"), .write, call), call)
    }

    private static func check(_ stream: JSONObject, _ call: Call) throws {
        for name in ["source_config", "connection_config", "schema_config", "ingestion_config"] where stream[name]?.objectValue == nil {
            throw WorkspaceError.missing(name)
        }
        let source = try (stream["source_config"]?.objectValue ?? JSONObject()).one(
            of: ["kafka_stream_config", "kinesis_stream_config"], "source_config")
        if source == "kafka_stream_config" {
            let place = "source_config.kafka_stream_config.subscription_mode"
            try StreamSources.check(subscription: stream["source_config"]?[source]?["subscription_mode"], place)
        } else {
            _ = try (stream["source_config"]?[source]?.objectValue ?? JSONObject()).one(
                of: ["stream_arns", "stream_names"], "source_config.kinesis_stream_config")
        }
        let connection = stream["connection_config"]?.objectValue ?? JSONObject()
        _ = try connection.one(of: ["direct_mtls_config", "uc_connection_name"], "connection_config")
        _ = try (stream["schema_config"]?.objectValue ?? JSONObject()).one(of: ["direct_schemas", "schema_registry_config"], "schema_config")
        guard let destination = stream["ingestion_config"]?["ingestion_destination"]?.objectValue else {
            throw WorkspaceError.missing("ingestion_config.ingestion_destination")
        }
        let table = try destination.required("delta_table_name", "ingestion_config.ingestion_destination.")
        _ = try Tables.name(table, rpc: "CreateStream")
        let excluded = (stream["excluded_columns"]?.arrayValue ?? []).compactMap(\.stringValue)
        for column in (stream["ingestion_config"]?["deduplication_columns"]?.arrayValue ?? []).compactMap(\.stringValue)
        where excluded.contains(column) {
            throw WorkspaceError.invalid("Column '\(column.prefix(255))' cannot be excluded: it is a deduplication column.")
        }
    }

    private static func shown(_ stream: StoredResource) -> JSONValue {
        var object = stream.body
        object["name"] = .string(stream.id)
        object["create_time"] = .string(RFC3339.text(millis: stream.createdAt))
        object["created_by"] = .string(stream.owner)
        object["update_time"] = .string(RFC3339.text(millis: stream.updatedAt))
        object["updated_by"] = stream.body[updaterMember]
        return Contract.known(.object(object), .named(objects.resource.schema))
    }
}

/// What Kafka configs and streams have in common.
enum StreamSources {
    static let limits = "kept and checked; nothing connects to the source, and nothing is ingested"
    static let mutable: Set<String> = [
        "connection_config", "description", "excluded_columns", "ingestion_config", "record_type_filter", "schema_config", "source_config",
    ]

    static func check(subscription: JSONValue?, _ place: String) throws {
        guard let mode = subscription?.objectValue else { throw WorkspaceError.missing(place) }
        let name = try mode.one(of: ["assign", "subscribe", "subscribe_pattern"], place)
        _ = try mode.required(name, place + ".")
    }

    static func check(schema: JSONValue?, _ place: String) throws {
        guard let schema = schema?.objectValue else { throw WorkspaceError.missing(place) }
        let kind = try schema.one(of: ["avro_schema", "json_schema", "proto_schema"], place)
        guard kind != "proto_schema", let text = schema[kind]?.stringValue else { return }
        guard (try? JSONValue(parsing: text)) != nil else { throw WorkspaceError.invalid("\(place).\(kind) is not JSON.") }
    }
}

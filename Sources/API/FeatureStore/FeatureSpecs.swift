import HTTPTypes
import JSON
import Workspace

/// Feature specifications: which features a serving endpoint looks up, and where. `/api/2.0/feature-engineering/feature-specs`.
enum FeatureSpecs {
    static let operations = [create, get, delete]

    private static let path = "/api/2.0/feature-engineering/feature-specs"
    static let objects = SchemaResource("feature-spec", "Feature spec", schema: "ml.FeatureSpec", id: "name", creation: .createFunction)

    private static let create = Operation("ml.feature_engineering.create_feature_spec", .post, path) { call -> JSONValue in
        let spec = try call.contractBody(.post, path)
        return shown(try insert(spec, call))
    }

    private static let get = Operation("ml.feature_engineering.get_feature_spec", .get, path + "/{name}") { call -> JSONValue in
        shown(try objects.existing(call.path("name"), .read, call))
    }

    private static let delete = Operation("ml.feature_engineering.delete_feature_spec", .delete, path + "/{name}") { call -> Void in
        try objects.delete(try objects.existing(call.path("name"), .write, call), call)
    }

    static func insert(_ spec: JSONObject, _ call: Call) throws -> StoredResource {
        let name = try spec.required("name")
        guard let features = spec["features"]?.arrayValue, !features.isEmpty else { throw WorkspaceError.missing("features") }
        // A specification is a function of the catalog.
        if try call.workspace.functions.find(objects.name(name)) != nil {
            throw WorkspaceError(.resourceAlreadyExists, "Function '\(name.prefix(255))' already exists.")
        }
        for (place, feature) in features.enumerated() { try check(feature.objectValue ?? JSONObject(), "features[\(place)]", call) }
        return try objects.insert(name, spec, call)
    }

    private static func check(_ feature: JSONObject, _ place: String, _ call: Call) throws {
        let kind = try feature.one(of: ["declarative_feature", "feature_function", "feature_lookup"], place)
        let object = feature[kind]?.objectValue ?? JSONObject()
        let inside = "\(place).\(kind)."
        switch kind {
        case "declarative_feature": _ = try Features.existing(object.required("feature", inside), .read, call)
        case "feature_function":
            let name = try Functions.name(object.required("udf", inside), rpc: "CreateFeatureSpec")
            _ = try call.workspace.functions.get(name, by: call.principal)
        default:
            let name = try Tables.name(object.required("table", inside), rpc: "CreateFeatureSpec")
            let table = try call.workspace.tables.get(name, requiring: .select, by: call.principal)
            let lookups = (object["lookup_keys"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard let keys = PublishedTables.primaryKeys(of: table) else {
                throw WorkspaceError.invalid("Table '\(name)' has no primary key constraint: features cannot be looked up in it.")
            }
            guard lookups.count == keys.primary.count else {
                throw WorkspaceError.invalid(
                    "\(inside)lookup_keys has \(lookups.count) names; table '\(name)' has the keys \(keys.primary.joined(separator: ", ")).")
            }
            let named = (object["feature_names"]?.arrayValue ?? []).compactMap(\.stringValue)
            let renamed = (object["rename_outputs"]?.arrayValue ?? []).compactMap { $0["feature"]?.stringValue }
            // A default is of a feature by the name that it is given out under.
            let outputs = Set((object["rename_outputs"]?.arrayValue ?? []).compactMap { $0["output"]?.stringValue })
            let defaults = (object["default_values"]?.arrayValue ?? []).compactMap { $0["feature"]?.stringValue }.filter { !outputs.contains($0) }
            try PublishedTables.require(named + renamed + defaults, in: table)
        }
    }

    /// The specifications that the caller sees and that look this column up, by name.
    static func all(reading column: String, of table: ObjectName, _ call: Call) throws -> [String] {
        try call.workspace.resources.list(objects.resource.kind).filter { spec in
            guard (try? objects.existing(spec.id, .read, call)) != nil else { return false }
            return (spec.body["features"]?.arrayValue ?? []).contains { feature in
                guard let lookup = feature["feature_lookup"]?.objectValue, lookup["table"]?.stringValue?.lowercased() == table.description else {
                    return false
                }
                let named = (lookup["feature_names"]?.arrayValue ?? []).compactMap { $0.stringValue?.lowercased() }
                return named.isEmpty || named.contains(column.lowercased())
            }
        }.map(\.id).sorted()
    }

    /// As a function of Unity Catalog.
    static func function(_ name: ObjectName, _ call: Call) throws -> JSONValue? {
        guard try objects.find(name, call) != nil else { return nil }
        let spec = try objects.existing(name.description, .read, call)
        return [
            "name": .string(name.name), "catalog_name": .string(name.catalog), "schema_name": .string(name.schema), "full_name": .string(spec.id),
            "owner": .string(spec.owner), "created_at": .int(spec.createdAt), "created_by": .string(spec.owner), "updated_at": .int(spec.updatedAt),
            "metastore_id": .string(try UnityCatalogAPI.metastoreID(call)), "routine_body": "EXTERNAL", "securable_type": "FUNCTION",
            "securable_kind": "FUNCTION_FEATURE_SPEC",
        ]
    }

    static func shown(_ spec: StoredResource) -> JSONValue {
        var object = spec.body
        object["name"] = .string(spec.id)
        return Contract.known(.object(object), .named(objects.resource.schema))
    }
}

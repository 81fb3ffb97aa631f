import JSON
import Workspace

/// What an endpoint serves, and how its traffic is split.
enum ServingConfig {
    private static let mostEntities = 15
    /// Keys of other services that may be given as they are: nothing calls these services, so that they are not kept.
    private static let secretSuffix = "_plaintext"

    /// `isProvisioned`: for an endpoint of provisioned throughput, whose entities are models with model units.
    static func checked(
        _ given: JSONObject, version: Int, old: JSONObject?, isProvisioned: Bool = false, _ call: Call
    ) throws -> JSONObject {
        var config = JSONObject([("config_version", .int(version))])
        if given["auto_capture_config"]?.isNull == false {
            throw WorkspaceError(.notImplemented, "serving.endpoints: auto_capture_config (inference tables) is not simulated.")
        }
        var entities = given["served_entities"]?.arrayValue ?? []
        for model in given["served_models"]?.arrayValue ?? [] {
            guard var entity = model.objectValue else { continue }
            entity["entity_name"] = entity["model_name"]
            entity["entity_version"] = entity["model_version"]
            entities.append(Contract.known(.object(entity), .named("serving.ServedEntityInput")))
        }
        guard !entities.isEmpty else { throw WorkspaceError.missing("config.served_entities") }
        guard entities.count <= mostEntities else { throw WorkspaceError.invalid("An endpoint serves at most \(mostEntities) entities.") }
        let now = call.workspace.environment.nowMillis
        let served = try entities.map { given -> JSONObject in
            guard var entity = given.objectValue else { throw WorkspaceError.malformed("Could not parse request object: served_entities") }
            if isProvisioned { try checkUnits(entity, call) }
            try check(&entity, call)
            entity["creator"] = .string(call.principal.userName)
            entity["creation_timestamp"] = .int(now)
            return entity
        }
        let names = served.map { $0["name"]?.stringValue ?? "" }
        guard Set(names).count == names.count else { throw WorkspaceError.invalid("The names of served entities must differ.") }
        config["served_entities"] = .array(served.map { .object($0) })
        config["traffic_config"] = .object(try traffic(given["traffic_config"]?.objectValue, names))
        return config
    }

    private static func checkUnits(_ entity: JSONObject, _ call: Call) throws {
        guard let units = entity["provisioned_model_units"]?.intValue else { throw WorkspaceError.missing("served_entities.provisioned_model_units") }
        guard units > 0 else { throw WorkspaceError.invalid("provisioned_model_units must be positive, but it is \(units).") }
        let name = entity["entity_name"]?.stringValue ?? ""
        if try featureSpec(name, call) != nil {
            throw WorkspaceError.invalid("Provisioned throughput serves models; '\(name.prefix(256))' is a feature spec.")
        }
    }

    /// The feature specification of this name; nil if the name is another thing's.
    static func featureSpec(_ name: String, _ call: Call) throws -> StoredResource? {
        guard name.split(separator: ".", omittingEmptySubsequences: false).count == 3 else { return nil }
        return try FeatureSpecs.objects.find(FeatureSpecs.objects.name(name), call)
    }

    private static func check(_ entity: inout JSONObject, _ call: Call) throws {
        if var external = entity["external_model"]?.objectValue {
            entity["external_model"] = withoutSecrets(.object(external))
            external = entity["external_model"]?.objectValue ?? external
            let name = try external.required("name", "external_model.")
            _ = try external.required("provider", "external_model.")
            if entity["name"] == nil { entity["name"] = .string(name) }
            return
        }
        let name = try entity.required("entity_name", "served_entities.")
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        if let spec = try featureSpec(name, call) {
            _ = try FeatureSpecs.objects.existing(spec.id, .read, call)
            _ = try ServingPlan(spec: spec, call)
            entity["entity_name"] = .string(spec.id)
        } else if parts.count == 3 {
            _ = try call.workspace.catalogObjects(.model).get(name, by: call.principal)
            _ = try entity.required("entity_version", "served_entities.")
        } else {
            throw WorkspaceError(.resourceDoesNotExist, "RESOURCE_DOES_NOT_EXIST: Registered model with name '\(name.prefix(256))' does not exist.")
        }
        if entity["name"] == nil {
            let version = entity["entity_version"]?.scalar.map { "-" + $0 } ?? ""
            entity["name"] = .string("\(parts.last ?? "")\(version)")
        }
    }

    private static func withoutSecrets(_ value: JSONValue) -> JSONValue {
        guard case .object(let object) = value else { return value }
        return .object(
            JSONObject(object.members.filter { !$0.name.hasSuffix(secretSuffix) }.map { ($0.name, withoutSecrets($0.value)) }))
    }

    private static func traffic(_ given: JSONObject?, _ names: [String]) throws -> JSONObject {
        guard let routes = given?["routes"]?.arrayValue, !routes.isEmpty else {
            guard names.count == 1, let name = names.first else { throw WorkspaceError.missing("config.traffic_config") }
            return JSONObject([("routes", [["served_entity_name": .string(name), "served_model_name": .string(name), "traffic_percentage": 100]])])
        }
        var sum = 0
        let checked = try routes.map { route -> JSONValue in
            let name = route["served_entity_name"]?.stringValue ?? route["served_model_name"]?.stringValue ?? ""
            guard names.contains(name) else { throw WorkspaceError.invalid("The route names '\(name.prefix(128))', which is not served.") }
            guard let share = route["traffic_percentage"]?.intValue, (0...100).contains(share) else {
                throw WorkspaceError.invalid("traffic_percentage must be between 0 and 100.")
            }
            sum += share
            return ["served_entity_name": .string(name), "served_model_name": .string(name), "traffic_percentage": .int(share)]
        }
        guard sum == 100 else { throw WorkspaceError.invalid("The traffic percentages of all routes must sum up to 100; they are \(sum).") }
        return JSONObject([("routes", .array(checked))])
    }

    static func shown(_ config: JSONObject, _ endpoint: StoredResource, isReady: Bool) -> JSONObject {
        var config = config
        let state: JSONValue =
            isReady
            ? ["deployment": "DEPLOYMENT_READY", "deployment_state_message": ""]
            : ["deployment": "DEPLOYMENT_CREATING", "deployment_state_message": "Creating resources for served entity."]
        config["served_entities"] = .array(
            (config["served_entities"]?.arrayValue ?? []).map { entity in
                guard var object = entity.objectValue else { return entity }
                object["state"] = state
                return .object(object)
            })
        if !isReady { config["start_time"] = .int(endpoint.updatedAt) }
        return config
    }
}

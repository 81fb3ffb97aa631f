import JSON
import Workspace

/// Searches for registered models and for versions, by MLflow's filters. The figures and the order of equals are those of the contract.
enum ModelSearch {
    private static let mostModels = 1_000
    private static let usualModels = 100
    private static let mostVersions = 10_000

    // MARK: Models

    static func models(_ fields: Fields, _ call: Call, filter: String = "", order: [String] = []) throws -> JSONValue {
        let known = try TrackingFilter(filter, .registeredModels)
        var orders = try TrackingOrder.parse(order.filter { !$0.isEmpty }, .registeredModelOrder)
        add(&orders, "name")
        let page = try SearchPage(fields, standard: usualModels, most: mostModels, scope: "registered models\n\(filter)\n\(order)")
        let found = try call.workspace.resources.list(ModelRegistry.modelKind).filter { model in
            try known.matches { value($0, of: model).map { [$0] } ?? [] } && ModelRegistry.allows(.read, model, call)
        }
        let (rows, token) = page.page(TrackingOrder.sort(found, orders, values: { value($0, of: $1) }), id: \.id)
        return try answer("registered_models", rows.map { try ModelRegistry.shown($0, call) }, token)
    }

    private static func value(_ field: TrackingField, of model: StoredResource) -> TrackingValue? {
        switch field {
        case .tag(let key): tag(key, model)
        case .attribute("name"): .text(ModelRegistry.name(model))
        case .attribute("creation_timestamp"): .number(Double(model.createdAt))
        case .attribute("last_updated_timestamp"): .number(Double(model.updatedAt))
        default: nil
        }
    }

    // MARK: Versions

    private struct Found {
        let version: StoredResource
        let model: StoredResource

        func value(_ field: TrackingField) -> TrackingValue? {
            switch field {
            case .tag(let key): tag(key, version)
            case .attribute("name"): .text(ModelRegistry.name(model))
            case .attribute("run_id"): version.body["run_id"]?.stringValue.map { .text($0) }
            case .attribute("source_path"): version.body["source"]?.stringValue.map { .text($0) }
            case .attribute("stage"): .text(ModelRegistry.stage(version).rawValue)
            case .attribute("version_number"): .number(Double(ModelRegistry.number(version)))
            case .attribute("creation_timestamp"): .number(Double(version.createdAt))
            case .attribute("last_updated_timestamp"): .number(Double(version.updatedAt))
            case .attribute("staged_at"): .number(Double(version.body["staged_at"]?.intValue ?? 0))
            default: nil
            }
        }
    }

    static func versions(_ fields: Fields, _ call: Call, filter: String, order: [String]) throws -> JSONValue {
        let known = try TrackingFilter(filter, .modelVersions)
        var orders = try TrackingOrder.parse(order.filter { !$0.isEmpty }, .modelVersionOrder)
        // The last transition, the name, the newest version.
        orders.append(TrackingOrder(field: .attribute("staged_at"), ascending: false))
        add(&orders, "name")
        add(&orders, "version_number", ascending: false)
        let page = try SearchPage(fields, standard: mostVersions, most: mostVersions, scope: "model versions\n\(filter)\n\(order)")
        var found: [Found] = []
        for model in try call.workspace.resources.list(ModelRegistry.modelKind) where try ModelRegistry.allows(.read, model, call) {
            for version in try ModelRegistry.versions(model, call) {
                let one = Found(version: version, model: model)
                if known.matches({ one.value($0).map { [$0] } ?? [] }) { found.append(one) }
            }
        }
        let (rows, token) = page.page(TrackingOrder.sort(found, orders, values: { $1.value($0) }), id: \.version.id)
        return answer("model_versions", rows.map { ModelRegistry.shown($0.version, of: ModelRegistry.name($0.model)) }, token)
    }

    // MARK: Parts

    private static func add(_ orders: inout [TrackingOrder], _ key: String, ascending: Bool = true) {
        if !orders.contains(where: { $0.field == .attribute(key) }) { orders.append(TrackingOrder(field: .attribute(key), ascending: ascending)) }
    }

    private static func tag(_ key: String, _ object: StoredResource) -> TrackingValue? {
        object.body["tags"]?.arrayValue?.first { $0["key"]?.stringValue == key }?["value"]?.stringValue.map { .text($0) }
    }

    private static func answer(_ name: String, _ items: [JSONObject], _ token: String?) -> JSONValue {
        var body = JSONObject()
        if !items.isEmpty { body[name] = .array(items.map { .object($0) }) }
        body["next_page_token"] = token.map { .string($0) }
        return .object(body)
    }
}

import Workspace

/// What a search can ask of an object.
package enum TrackingField: Sendable, Hashable {
    case metric(String)
    case param(String)
    case tag(String)
    case attribute(String)
    case dataset(String)

    package var shown: String {
        switch self {
        case .metric(let key): "metrics.\(key.prefix(256))"
        case .param(let key): "params.\(key.prefix(256))"
        case .tag(let key): "tags.\(key.prefix(256))"
        case .attribute(let key): "attributes.\(key.prefix(256))"
        case .dataset(let key): "datasets.\(key.prefix(256))"
        }
    }
}

package enum TrackingValue: Sendable, Hashable {
    case number(Double)
    case text(String)
}

/// Which fields one of the searches knows, and how they may be compared and ordered.
package struct TrackingGrammar: Sendable {
    let entities: Set<String>
    let texts: [String]
    let numbers: [String]
    /// Texts that are compared with lists, too.
    let listed: Set<String>
    /// Other names of attributes.
    let aliases: [String: String]
    /// Attributes that know equality and lists alone.
    var identifiers: Set<String> = []
    var nullable: Set<String> = []
    /// Attributes of which a pattern describes a part.
    var foundAnywhere: Set<String> = []
    var takesQuotedNumbers = false

    package static let runs = TrackingGrammar(
        entities: ["metric", "param", "tag", "attribute", "dataset"], texts: ["artifact_uri", "run_id", "run_name", "status", "user_id"],
        numbers: ["end_time", "start_time"], listed: ["run_id"],
        aliases: [
            "created": "start_time", "Created": "start_time", "run name": "run_name", "Run name": "run_name", "Run Name": "run_name",
        ], nullable: ["param", "tag"])

    package static let experiments = TrackingGrammar(
        entities: ["tag", "attribute"], texts: ["experiment_id", "name"], numbers: ["creation_time", "last_update_time"], listed: ["experiment_id"],
        aliases: [:], identifiers: ["experiment_id"], nullable: ["tag"])

    package static let models = TrackingGrammar(
        entities: ["metric", "param", "tag", "attribute"], texts: ["model_id", "model_type", "name", "source_run_id", "status"],
        numbers: ["creation_timestamp", "last_updated_timestamp"], listed: ["model_id", "model_type", "name", "source_run_id", "status"],
        aliases: [
            "creation_time": "creation_timestamp", "last_updated_time": "last_updated_timestamp", "creation_timestamp_ms": "creation_timestamp",
            "last_updated_timestamp_ms": "last_updated_timestamp",
        ])

    package static let registeredModels = TrackingGrammar(
        entities: ["tag", "attribute"], texts: ["name"], numbers: [], listed: ["name"], aliases: [:], foundAnywhere: ["name"])
    package static let registeredModelOrder = TrackingGrammar(
        entities: ["attribute"], texts: ["name"], numbers: ["creation_timestamp", "last_updated_timestamp"], listed: [],
        aliases: ["timestamp": "last_updated_timestamp"])

    package static let modelVersions = TrackingGrammar(
        entities: ["tag", "attribute"], texts: ["name", "run_id", "source_path"], numbers: ["version_number"], listed: ["name", "run_id"],
        aliases: [:], takesQuotedNumbers: true)
    package static let modelVersionOrder = TrackingGrammar(
        entities: ["attribute"], texts: ["name", "stage"], numbers: ["version_number", "creation_timestamp", "last_updated_timestamp"], listed: [],
        aliases: ["version": "version_number", "current_stage": "stage"])

    private static let names: [String: String] = [
        "metric": "metric", "metrics": "metric", "parameter": "param", "parameters": "param", "param": "param", "params": "param", "tag": "tag",
        "tags": "tag", "attribute": "attribute", "attributes": "attribute", "attr": "attribute", "run": "attribute", "dataset": "dataset",
        "datasets": "dataset",
    ]

    func field(_ entity: String?, _ key: String) throws(WorkspaceError) -> TrackingField {
        guard let name = Self.names[entity ?? "attribute"], entities.contains(name) else {
            throw .invalid(
                "Invalid entity type '\((entity ?? "").prefix(64))'. Valid values are \(entities.sorted().map { "'\($0)'" }.joined(separator: ", "))")
        }
        guard !key.isEmpty else { throw .invalid("Invalid identifier '\(entity ?? "").': a key must be given.") }
        switch name {
        case "metric": return .metric(key)
        case "param": return .param(key)
        case "tag": return .tag(key)
        case "dataset":
            guard ["name", "digest", "context"].contains(key) else {
                throw .invalid("Invalid dataset key '\(key.prefix(64))' specified. Valid keys are 'name', 'digest', 'context'")
            }
            return .dataset(key)
        default:
            let key = aliases[key] ?? key
            guard texts.contains(key) || numbers.contains(key) else {
                throw .invalid(
                    "Invalid attribute key '\(key.prefix(64))' specified. Valid keys are \((texts + numbers).map { "'\($0)'" }.joined(separator: ", "))"
                )
            }
            return .attribute(key)
        }
    }

    func isNumeric(_ field: TrackingField) -> Bool {
        switch field {
        case .metric: true
        case .attribute(let key): numbers.contains(key)
        default: false
        }
    }

    func comparators(_ field: TrackingField) -> [TrackingFilter.Comparator] {
        if isNumeric(field) { return [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual] }
        switch field {
        case .attribute(let key) where identifiers.contains(key): return [.equal, .notEqual, .isIn, .isNotIn]
        case .attribute(let key): return [.equal, .notEqual, .like, .ilike] + (listed.contains(key) ? [.isIn, .isNotIn] : [])
        case .dataset: return [.equal, .notEqual, .like, .ilike, .isIn, .isNotIn]
        case .param: return [.equal, .notEqual, .like, .ilike] + (nullable.contains("param") ? [.isNull, .isNotNull] : [])
        default: return [.equal, .notEqual, .like, .ilike] + (nullable.contains("tag") ? [.isNull, .isNotNull] : [])
        }
    }
}

package import JSON
package import Workspace
import Yams

/// A feature specification as databricks-feature-engineering writes it to `feature_spec.yaml`: `input_columns` is a list of `{name: attributes}`, whose
/// `source` is `training_data`, `feature_store` or `on_demand_feature` (`ml_features_common.entities.feature_spec` 0.18.2).
package struct FeatureSpecYAML: Sendable {
    private static let mostBytes = 1 << 20
    private static let mostColumns = 10_000

    private struct Column {
        let order: Int
        let feature: JSONValue
    }

    /// As `ml.FeatureSpec` has them, each after those that it needs.
    package let features: [JSONValue]
    /// Columns that are computed and not given out.
    package let excluded: [String]

    package init(_ text: String) throws(WorkspaceError) {
        let root = try Self.parsed(text)
        guard let columns = root["input_columns"]?.sequence, !columns.isEmpty, columns.count <= Self.mostColumns else {
            throw Self.invalid("input_columns must have 1 to \(Self.mostColumns) columns")
        }
        var found: [Column] = []
        var excluded: [String] = []
        for column in columns {
            guard let entry = column.mapping, entry.count == 1, let (key, attributes) = entry.first.map({ ($0.key, $0.value) }),
                let name = key.string, !name.isEmpty, attributes.mapping != nil
            else { throw Self.invalid("an input column must be a name with its attributes") }
            if attributes["include"]?.string?.lowercased() == "false" { excluded.append(name) }
            let order = attributes["topological_ordering"]?.string.flatMap { Int($0) }
            switch attributes["source"]?.string {
            case "training_data"?: break
            case "feature_store"?: found.append(Column(order: order ?? 1, feature: try Self.lookup(name, attributes)))
            case "on_demand_feature"?: found.append(Column(order: order ?? 2, feature: try Self.function(name, attributes)))
            default: throw Self.invalid("the source of '\(name.prefix(255))' must be training_data, feature_store or on_demand_feature")
            }
        }
        guard !found.isEmpty else { throw Self.invalid("no column is a feature") }
        // Columns of one order stay in their own.
        features = found.enumerated().sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }.map(\.element.feature)
        self.excluded = excluded
    }

    private static func invalid(_ what: String) -> WorkspaceError { .invalid("Invalid feature_spec_yaml: \(what).") }

    /// Anchors, which the client never writes, are refused: aliases can make a small text a large document.
    private static func parsed(_ text: String) throws(WorkspaceError) -> Node {
        guard text.utf8.count <= mostBytes else { throw invalid("it is longer than \(mostBytes) bytes") }
        var previous = UInt8(ascii: "\n")
        for byte in text.utf8 {
            if byte == UInt8(ascii: "&"), " \n\r\t[{,:-".utf8.contains(previous) { throw invalid("anchors are not read") }
            previous = byte
        }
        var text = text
        text.makeContiguousUTF8()
        let root: Node?
        do {
            root = try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch {
            throw invalid("it is no YAML")
        }
        guard let root, root.mapping != nil else { throw invalid("it is no mapping") }
        return root
    }

    private static func texts(_ node: Node?, _ field: String) throws(WorkspaceError) -> [String] {
        guard let node else { return [] }
        guard let list = node.sequence?.map(\.string), !list.contains(nil) else { throw invalid("\(field) must be a list of names") }
        return list.compactMap { $0 }
    }

    private static func required(_ attributes: Node, _ field: String, _ column: String) throws(WorkspaceError) -> String {
        guard let text = attributes[field]?.string, !text.isEmpty else { throw invalid("'\(column.prefix(255))' has no \(field)") }
        return text
    }

    private static func lookup(_ name: String, _ attributes: Node) throws(WorkspaceError) -> JSONValue {
        let feature = try required(attributes, "feature_name", name)
        let keys = try texts(attributes["lookup_key"], "lookup_key")
        guard !keys.isEmpty else { throw invalid("'\(name.prefix(255))' has no lookup_key") }
        var lookup = JSONObject([
            ("table", .string(try required(attributes, "table_name", name))), ("lookup_keys", .array(keys.map { .string($0) })),
            ("feature_names", [.string(feature)]),
        ])
        if feature != name { lookup["rename_outputs"] = [["feature": .string(feature), "output": .string(name)]] }
        if let text = attributes["default_value_str"]?.string, !text.isEmpty {
            lookup["default_values"] = [["feature": .string(name), "default_value": .string(text)]]
        }
        let times = try texts(attributes["timestamp_lookup_key"], "timestamp_lookup_key")
        if !times.isEmpty { lookup["timestamp_lookup_keys"] = .array(times.map { .string($0) }) }
        return ["feature_lookup": .object(lookup)]
    }

    private static func function(_ name: String, _ attributes: Node) throws(WorkspaceError) -> JSONValue {
        var bindings: [JSONValue] = []
        for (parameter, feature) in attributes["input_bindings"]?.mapping ?? [:] {
            guard let parameter = parameter.string, let feature = feature.string else {
                throw invalid("input_bindings of '\(name.prefix(255))' must be names")
            }
            bindings.append(["parameter": .string(parameter), "bound_feature": .string(feature)])
        }
        return [
            "feature_function": [
                "udf": .string(try required(attributes, "udf_name", name)), "output": .string(name), "input_bindings": .array(bindings),
            ]
        ]
    }
}

import HTTPTypes
import JSON
import Workspace

/// What a cluster's settings must fulfil, its policy included.
enum ClusterRules {
    static func check(_ object: inout JSONObject, _ call: Call) throws {
        guard let version = object["spark_version"]?.stringValue, version.contains(".x-"), version.utf8.count < 200 else {
            throw WorkspaceError.invalid("Invalid spark version \((object["spark_version"]?.scalar ?? "").prefix(64)).")
        }
        if let count = object["num_workers"]?.number, !(0...100_000).contains(count) {
            throw WorkspaceError.invalid("Invalid num_workers: \(count). It must be between 0 and 100000.")
        }
        if let range = object["autoscale"]?.objectValue {
            guard object["num_workers"] == nil || object["num_workers"] == 0 else {
                throw WorkspaceError.invalid("Cluster size must be given by num_workers or autoscale, not by both.")
            }
            object["num_workers"] = nil
            let least = range["min_workers"]?.number ?? 0
            let most = range["max_workers"]?.number ?? 0
            guard least >= 0, most > least else {
                throw WorkspaceError.invalid("max_workers (\(most)) must be greater than min_workers (\(least)).")
            }
        } else if object["num_workers"] == nil {
            guard object["is_single_node"] == true else { throw WorkspaceError.missing("size") }
            object["num_workers"] = 0
        }
        if let minutes = object["autotermination_minutes"]?.number, minutes != 0, !(10...10_000).contains(minutes) {
            throw WorkspaceError.invalid("Invalid autotermination_minutes: \(minutes). It must be 0, or between 10 and 10000.")
        }
        if let pool = object["instance_pool_id"]?.stringValue, !pool.isEmpty {
            guard try call.workspace.resources.get("instance-pool", pool) != nil else {
                throw WorkspaceError.invalid("Can't find an instance pool with id: \(pool.prefix(64)).")
            }
        } else if object["node_type_id"] == nil, object["policy_id"] == nil, object["kind"] == nil {
            throw WorkspaceError.missing("node_type_id")
        }
        try checkPolicy(&object, call)
        object["apply_policy_default_values"] = nil
    }

    private static func checkPolicy(_ object: inout JSONObject, _ call: Call) throws {
        guard let id = object["policy_id"]?.stringValue, !id.isEmpty else {
            guard call.principal.isAdmin else {
                throw WorkspaceError(.permissionDenied, "You are not authorized to create clusters. Please contact your administrator.")
            }
            return
        }
        guard let policy = try call.workspace.resources.get("cluster-policy", id) else {
            throw WorkspaceError.invalid("Cluster policy \(id.prefix(64)) does not exist.")
        }
        guard try call.workspace.permissions.allows(call.principal, "CAN_USE", on: "cluster-policies", id) else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) is not authorized to use the cluster policy \(id).")
        }
        let rules = ClusterPolicy(policy.body["definition"]?.stringValue ?? "{}")
        rules.complete(&object, defaults: object["apply_policy_default_values"] == true)
        if let violation = rules.violations(of: object).first {
            throw WorkspaceError.invalid("Cluster validation error: Validation failed for \(violation.path), \(violation.reason)")
        }
    }

    /// `1121-093411-abcdefgh`: month, day and time, and eight letters and digits.
    static func makeID(_ workspace: Workspace) -> String {
        let time = RFC3339.text(millis: workspace.environment.nowMillis)
        let digits = time.filter(\.isNumber)
        return "\(digits.dropFirst(4).prefix(4))-\(digits.dropFirst(8).prefix(6))-\(workspace.environment.ids.hex16().prefix(8))"
    }
}

/// A cluster policy's definition: rules by the path of an attribute (`autoscale.max_workers`, `spark_conf.x`).
struct ClusterPolicy {
    struct Violation {
        let path: String
        let reason: String
    }

    private let rules: [(path: String, rule: JSONObject)]

    init(_ text: String) {
        let object = (try? JSONValue(parsing: text))?.objectValue ?? JSONObject()
        rules = object.members.compactMap { name, value in value.objectValue.map { (name, $0) } }
    }

    /// What the rules of this path speak of is no setting but the kind of the cluster: `all-purpose` or `job`.
    private static let kindPath = "cluster_type"

    /// Fixed values are set where nothing is given; default values, too, if that is asked for.
    func complete(_ object: inout JSONObject, defaults: Bool) {
        for (path, rule) in rules where Self.value(path, in: object) == nil && !path.contains("*") && path != Self.kindPath {
            if rule["type"] == "fixed", let value = rule["value"] { Self.set(path, value, in: &object) }
            if defaults, let value = rule["defaultValue"] { Self.set(path, value, in: &object) }
        }
    }

    func violations(of object: JSONObject, kind: String = "all-purpose") -> [Violation] {
        rules.compactMap { path, rule in
            guard !path.contains("*") else { return nil }
            let value = path == Self.kindPath ? .string(kind) : Self.value(path, in: object)
            let isOptional = rule["isOptional"] == true
            guard let value else {
                switch rule["type"]?.stringValue {
                case "fixed", "allowlist", "range", "regex":
                    return isOptional || rule["type"] != "fixed" ? nil : Violation(path: path, reason: "the value must be present")
                default: return nil
                }
            }
            guard let reason = Self.refusal(value, rule) else { return nil }
            return Violation(path: path, reason: reason)
        }
    }

    /// The settings with the policy's values where they break it or give none. Throws if the policy has no value for what it refuses.
    func enforced(_ object: JSONObject, kind: String = "all-purpose") throws -> JSONObject {
        var fixed = object
        for violation in violations(of: object, kind: kind) { Self.remove(violation.path[...], from: &fixed) }
        complete(&fixed, defaults: true)
        for (path, rule) in rules where !path.contains("*") && Self.value(path, in: object) != nil && Self.value(path, in: fixed) == nil {
            guard rule["type"] == "forbidden" else {
                throw WorkspaceError.invalid("The policy cannot be enforced for \(path): it has no default value there.")
            }
        }
        if let violation = violations(of: fixed, kind: kind).first {
            throw WorkspaceError.invalid("The policy cannot be enforced: for \(violation.path) \(violation.reason).")
        }
        return fixed
    }

    private static func remove(_ path: Substring, from object: inout JSONObject) {
        if object[String(path)] != nil { return object[String(path)] = nil }
        guard let dot = path.firstIndex(of: "."), var inner = object[String(path[..<dot])]?.objectValue else { return }
        remove(path[path.index(after: dot)...], from: &inner)
        object[String(path[..<dot])] = .object(inner)
    }

    private static func refusal(_ value: JSONValue, _ rule: JSONObject) -> String? {
        let values = rule["values"]?.arrayValue ?? []
        switch rule["type"]?.stringValue {
        case "fixed": return rule["value"]?.scalar == value.scalar ? nil : "the value must be \(rule["value"]?.scalar ?? "null")"
        case "forbidden": return "the value must not be present"
        case "allowlist":
            return values.contains { $0.scalar == value.scalar }
                ? nil : "the value must be one of \(values.compactMap(\.scalar).joined(separator: ", "))"
        case "blocklist": return values.contains { $0.scalar == value.scalar } ? "the value must not be \(value.scalar ?? "")" : nil
        case "range":
            guard let number = value.doubleValue ?? value.stringValue.flatMap(Double.init) else { return "the value must be a number" }
            if let least = rule["minValue"]?.doubleValue, number < least { return "the value must be at least \(rule["minValue"]?.scalar ?? "")" }
            if let most = rule["maxValue"]?.doubleValue, number > most { return "the value must be at most \(rule["maxValue"]?.scalar ?? "")" }
            return nil
        default: return nil
        }
    }

    /// The rest of a path belongs to one name where the object has it so: `spark_conf.spark.databricks.x`.
    private static func value(_ path: String, in object: JSONObject) -> JSONValue? {
        if let value = object[path] { return value }
        guard let dot = path.firstIndex(of: ".") else { return nil }
        guard let inner = object[String(path[..<dot])]?.objectValue else { return nil }
        return value(String(path[path.index(after: dot)...]), in: inner)
    }

    private static func set(_ path: String, _ value: JSONValue, in object: inout JSONObject) {
        guard let dot = path.firstIndex(of: ".") else {
            object[path] = value
            return
        }
        let name = String(path[..<dot])
        var inner = object[name]?.objectValue ?? JSONObject()
        let rest = String(path[path.index(after: dot)...])
        if name == "spark_conf" || name == "custom_tags" || name == "spark_env_vars" {
            inner[rest] = .string(value.scalar ?? "")
        } else {
            set(rest, value, in: &inner)
        }
        object[name] = .object(inner)
    }
}

extension JSONValue {
    /// An integer, or its text.
    var number: Int? { intValue ?? stringValue.flatMap { Int($0) } ?? doubleValue.flatMap { Int(exactly: $0) } }
}

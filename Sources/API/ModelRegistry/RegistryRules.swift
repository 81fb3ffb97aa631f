import HTTPTypes
import JSON
import Workspace

/// What MLflow demands of models' names and tags, in its words. Source: mlflow/utils/validation.py of MLflow 3.
enum RegistryRules {
    /// The bytes of a value that every backend is guaranteed to take, by the contract of `set_model_tag`.
    static let longestModelTagValue = 5_000

    static func missing(_ parameter: String) -> WorkspaceError { .invalid("Missing value for required parameter '\(parameter)'.") }

    static func checkModelName(_ name: String, _ parameter: String = "name") throws(WorkspaceError) {
        guard name.contains(where: { !$0.isWhitespace }) else { throw missing(parameter) }
        guard !name.contains("/"), !name.contains(":") else {
            throw .invalid("Invalid model name '\(name.prefix(256))'. Names cannot contain '/' or ':'.")
        }
        guard name != ".", !name.hasPrefix("..") else {
            throw .invalid(
                "Invalid value '\(name.prefix(256))' for parameter '\(parameter)' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such."
            )
        }
    }

    static func checkModelTag(_ key: String, _ value: String) throws(WorkspaceError) {
        try TrackingRules.checkKey(key, "key")
        guard value.utf8.count <= longestModelTagValue else { throw TrackingRules.tooLong("value", longestModelTagValue, "bytes") }
    }
}

extension Call {
    /// The fields of a request to MLflow's API, checked against the contract. Its clients send them in the query or in a body, of DELETE too.
    func mlflowFields(_ method: HTTPRequest.Method, _ path: String) throws -> Fields {
        var object = try contractBody(method, path)
        for item in query.items where object[item.name] == nil && !item.value.isEmpty { object[item.name] = .string(item.value) }
        return Fields(object)
    }
}

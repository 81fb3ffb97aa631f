package import JSON

/// What is known of an attempt when it is decided how it will end.
package struct TaskFacts: Sendable {
    package var notebookPath: String?
    package var taskKey: String
    package var jobName: String?
    package var taskType: String
    package var parameters: [(name: String, value: String)]
    package var attempt: Int
}

/// How an attempt that is simulated ends.
package struct ScriptedEnding: Sendable, Hashable {
    package enum Outcome: String, Sendable, Hashable {
        case success = "SUCCESS"
        case failed = "FAILED"
        case timedOut = "TIMEDOUT"
        case canceled = "CANCELED"
    }

    package var outcome = Outcome.success
    /// Milliseconds that the attempt is PENDING.
    package var setup: Int64 = 0
    /// Milliseconds that it is RUNNING.
    package var duration: Int64 = 0
    package var error: String?
    package var errorTrace: String?
    package var result: String?
    package var isTruncated = false
    package var logs: String?
    /// Task values that later tasks can refer to.
    package var values = JSONObject()
    /// A script says so; otherwise it is the simulator's own way.
    package var isGiven = false

    package init() {}

    init(_ object: JSONObject) {
        outcome = object["outcome"]?.stringValue.flatMap(Outcome.init) ?? .success
        setup = Int64(object["setup"]?.intValue ?? 0)
        duration = Int64(object["duration"]?.intValue ?? 0)
        error = object["error"]?.stringValue
        errorTrace = object["trace"]?.stringValue
        result = object["result"]?.stringValue
        isTruncated = object["truncated"]?.boolValue ?? false
        logs = object["logs"]?.stringValue
        values = object["values"]?.objectValue ?? JSONObject()
        isGiven = object["given"]?.boolValue ?? false
    }

    var json: JSONValue {
        var object = JSONObject([("outcome", .string(outcome.rawValue)), ("setup", .int(setup)), ("duration", .int(duration))])
        if let error { object["error"] = .string(error) }
        if let errorTrace { object["trace"] = .string(errorTrace) }
        if let result { object["result"] = .string(result) }
        if isTruncated { object["truncated"] = true }
        if let logs { object["logs"] = .string(logs) }
        if isGiven { object["given"] = true }
        if !values.isEmpty { object["values"] = .object(values) }
        return .object(object)
    }
}

/// Says how an attempt ends; nil leaves it to the simulator, which lets it succeed at once. It is asked once for each attempt, in their order.
package typealias RunScript = @Sendable (TaskFacts) -> ScriptedEnding?

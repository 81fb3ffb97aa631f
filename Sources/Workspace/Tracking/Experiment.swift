package import JSON

/// An experiment of MLflow: a node of the workspace's tree that holds runs. Deleted ones are kept, and can be restored.
package struct Experiment: Sendable {
    package let id: Int
    /// The absolute path of the node.
    package var name: String
    package let artifactLocation: String
    package var isActive: Bool
    package let owner: String
    /// Milliseconds since 1970-01-01 UTC.
    package let createdAt: Int64
    package var updatedAt: Int64
}

/// A tag or a parameter.
package struct TrackedEntry: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case tag, param
    }

    package let key: String
    package let value: String

    package init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

/// One value of a metric at a step and a time.
package struct TrackedMetric: Sendable, Hashable {
    package let key: String
    package let value: Double
    /// Milliseconds since 1970-01-01 UTC.
    package let timestamp: Int64
    package let step: Int64
    /// The logged model that was measured; empty if none was named.
    package let modelID: String
    package let datasetName: String
    package let datasetDigest: String

    package init(
        _ key: String, _ value: Double, timestamp: Int64, step: Int64, modelID: String = "", datasetName: String = "", datasetDigest: String = ""
    ) {
        self.key = key
        self.value = value
        self.timestamp = timestamp
        self.step = step
        self.modelID = modelID
        self.datasetName = datasetName
        self.datasetDigest = datasetDigest
    }

    /// The value as it is stored and sent: protobuf's words for what JSON has no numbers for.
    package static func text(_ value: Double) -> String {
        value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)"
    }

    package static func value(_ text: String) -> Double {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(text) ?? .nan
        }
    }

    /// Later by step, then time, then value: what a run shows as a metric's latest value (mlflow's own order).
    func isLater(than other: TrackedMetric) -> Bool {
        if step != other.step { return step > other.step }
        if timestamp != other.timestamp { return timestamp > other.timestamp }
        return value > other.value
    }
}

/// A run of an experiment, without what was logged to it.
package struct TrackedRun: Sendable {
    package let id: String
    package let experimentID: Int
    package var name: String
    package let userID: String
    /// RUNNING, SCHEDULED, FINISHED, FAILED or KILLED.
    package var status: String
    /// Milliseconds since 1970-01-01 UTC.
    package let startTime: Int64
    package var endTime: Int64?
    package var deletedAt: Int64?
    package let artifactURI: String
    /// `datasets`, `models` and `outputs`: what went in and what came out, as the API has them.
    package var inputs: JSONObject

    package var isActive: Bool { deletedAt == nil }
}

/// What was logged to a run.
package struct RunData: Sendable {
    package var metrics: [TrackedMetric]
    package var params: [TrackedEntry]
    package var tags: [TrackedEntry]
}

/// Which of the active and the deleted ones a search sees.
package enum LifecycleView: String, Sendable {
    case active = "ACTIVE_ONLY"
    case deleted = "DELETED_ONLY"
    case all = "ALL"

    package func sees(active: Bool) -> Bool { self == .all || active == (self == .active) }
}

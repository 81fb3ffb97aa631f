/// Lengths and forms of what MLflow's tracking keeps (mlflow's `utils/validation.py`, and the limits in the published SDK's descriptions).
package enum TrackingRules {
    package static let maxMetrics = 1000
    package static let maxParamsOrTags = 100
    package static let maxEntities = 1000
    package static let maxBatchBytes = 1_000_000
    package static let maxKey = 250
    package static let maxParamValue = 6000
    /// Bytes.
    package static let maxTagValue = 65_536
    package static let maxExperimentName = 500
    package static let runNameTag = "mlflow.runName"
    package static let loggedModelsTag = "mlflow.log-model.history"

    /// A metric's, parameter's or tag's name: no characters but letters, digits and `_-.: /`, and no path that means another one.
    package static func checkKey(_ key: String, _ place: String) throws(WorkspaceError) {
        guard !key.isEmpty else { throw .invalid("Missing value for required parameter '\(place)'. A key name must be provided.") }
        guard key.unicodeScalars.count <= maxKey else { throw tooLong(place, maxKey) }
        guard key.unicodeScalars.allSatisfy(isAllowed) else {
            throw .invalid(
                "Invalid value '\(key.prefix(maxKey))' for parameter '\(place)' supplied: Names may only contain alphanumerics, underscores (_), "
                    + "dashes (-), periods (.), spaces ( ), colons (:) and slashes (/).")
        }
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
            throw .invalid(
                "Invalid value '\(key.prefix(maxKey))' for parameter '\(place)' supplied: Names may be treated as files in certain cases, and must "
                    + "not resolve to other names when treated as such.")
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "_", "-", ".", ":", " ", "/": true
        default: scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar.properties.generalCategory == .nonspacingMark
        }
    }

    package static func tooLong(_ place: String, _ limit: Int, _ unit: String = "characters") -> WorkspaceError {
        .invalid("'\(place)' exceeds the maximum length of \(limit) \(unit)")
    }

    package static func checkParam(_ entry: TrackedEntry, _ place: String) throws(WorkspaceError) {
        try checkKey(entry.key, place + "key")
        guard entry.value.unicodeScalars.count <= maxParamValue else { throw tooLong(place + "value", maxParamValue) }
    }

    package static func checkTag(_ entry: TrackedEntry, _ place: String) throws(WorkspaceError) {
        try checkKey(entry.key, place + "key")
        guard entry.value.utf8.count <= maxTagValue else { throw tooLong(place + "value", maxTagValue, "bytes") }
    }

    package static func checkMetric(_ metric: TrackedMetric, _ place: String) throws(WorkspaceError) {
        try checkKey(metric.key, place + "key")
        guard metric.timestamp >= 0 else {
            throw .invalid(
                "Invalid value \(metric.timestamp) for parameter '\(place)timestamp' supplied: Timestamp must be a nonnegative long (64-bit integer)")
        }
    }

    /// How much one call may log.
    package static func checkBatch(metrics: Int, params: Int, tags: Int) throws(WorkspaceError) {
        let total = metrics + params + tags
        for (what, limit, count) in [
            ("metrics", maxMetrics, metrics), ("params", maxParamsOrTags, params), ("tags", maxParamsOrTags, tags),
            ("metrics, params, and tags", maxEntities, total),
        ] where count > limit {
            throw .invalid(
                "A batch logging request can contain at most \(limit) \(what). Got \(count) \(what). Please split up \(what) across multiple "
                    + "requests and try again.")
        }
    }

    package static func checkArtifactLocation(_ location: String) throws(WorkspaceError) {
        let scheme = location.prefix { $0 != ":" }
        guard scheme.utf8.count < location.utf8.count, !scheme.isEmpty, scheme.utf8.allSatisfy({ $0 > 0x60 && $0 < 0x7B || $0 > 0x2F && $0 < 0x3A })
        else { throw .invalid("Invalid artifact location '\(location.prefix(256))': it must be a URI such as dbfs:/Volumes/main/default/artifacts.") }
        guard location.utf8.count <= 2048 else { throw tooLong("artifact_location", 2048) }
        guard !location.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }), !location.contains(where: { $0 == "?" || $0 == "#" })
        else { throw .invalid("Invalid artifact location '\(location.prefix(256))': it must not contain '..', '?' and '#'.") }
    }
}

/// Names for what was given none: an adjective, a noun and a number, as mlflow makes them.
enum RandomName {
    private static let adjectives = [
        "able", "amused", "bald", "bold", "brave", "calm", "clean", "clever", "crisp", "eager", "fair", "gentle", "keen", "kind", "loud", "merry",
        "nimble", "placid", "proud", "quiet", "rare", "sassy", "swift", "tidy",
    ]
    private static let nouns = [
        "ant", "bear", "cow", "crane", "deer", "dove", "finch", "fox", "goat", "hare", "hawk", "horse", "koi", "lark", "lynx", "mole", "moth",
        "newt", "otter", "owl", "seal", "shrew", "stork", "trout",
    ]

    static func make(_ ids: IDGenerator) -> String {
        let number = ids.numeric()
        return "\(adjectives[number % adjectives.count])-\(nouns[number / 1000 % nouns.count])-\(number / 1_000_000 % 1000)"
    }
}

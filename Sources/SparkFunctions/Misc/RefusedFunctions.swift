package import SparkErrors

/// Functions that Spark or Databricks SQL have and this engine refuses by name.
package enum RefusedFunctions {
    /// The refusal; nil if the name is not one of them.
    package static func error(_ name: String) -> SQLError? {
        let name = name.lowercased()
        if times.contains(name) { return SQLError(.unsupportedTimeType, phase: .analysis) }
        if let reason = reasons[name] { return refusal(name, reason) }
        for (prefix, reason) in prefixes where name.hasPrefix(prefix) { return refusal(name, reason) }
        return nil
    }

    private static func refusal(_ name: String, _ reason: String) -> SQLError {
        SQLError(.unsupportedFeatureNotSimulated, ["feature": "the function \(name)(): \(reason)"], phase: .analysis)
    }

    /// Spark refuses the TIME type too, unless a setting that Databricks SQL does not have is on.
    private static let times: Set<String> = [
        "current_time", "make_time", "time", "time_diff", "time_trunc", "to_time", "try_to_time",
    ]

    private static let prefixes: [(String, String)] = [
        ("ai_", "it asks a model"), ("h3_", "geospatial cells"), ("try_h3_", "geospatial cells"), ("st_", "geospatial types"),
        ("to_geo", "geospatial types"), ("try_to_geo", "geospatial types"),
    ]

    private static let reasons: [String: String] = [
        "from_protobuf": "Protocol Buffers", "to_protobuf": "Protocol Buffers",
        "java_method": "there is no Java", "reflect": "there is no Java", "try_reflect": "there is no Java",
        "python_worker_logs": "there is no Python", "make_interval": "intervals of months and days at once, but in a sum with a date or timestamp",
        "try_make_interval": "intervals of months and days at once, but in a sum with a date or timestamp",
        "http_request": "calls to other hosts", "vector_search": "it asks a model", "remote_query": "calls to other hosts",
        "read_kafka": "streams", "read_kinesis": "streams", "read_pubsub": "streams", "read_pulsar": "streams", "read_statestore": "streams",
        "cloud_files_state": "streams", "secret": "secrets in SQL", "try_secret": "secrets in SQL",
        "list_secrets": "secrets in SQL", "zstd_compress": "Zstandard", "zstd_decompress": "Zstandard", "try_zstd_decompress": "Zstandard",
        "current_recipient": "shares in SQL", "current_oauth_custom_identity_claim": "claims in SQL",
    ]
}

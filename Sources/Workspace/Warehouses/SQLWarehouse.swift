package import JSON

package enum WarehouseState: String, Sendable, Hashable, CaseIterable {
    case starting = "STARTING"
    case running = "RUNNING"
    case stopping = "STOPPING"
    case stopped = "STOPPED"
    case deleting = "DELETING"
    case deleted = "DELETED"
}

/// A SQL warehouse.
package struct SQLWarehouse: Sendable, Hashable {
    /// Sixteen hexadecimal digits.
    package let id: String
    /// Grows with every warehouse: the order of the list.
    package let position: Int64
    package var settings: WarehouseSettings
    package let creatorName: String
    package var lifecycle: Lifecycle<WarehouseState>

    package func state(at now: Int64) -> WarehouseState { lifecycle.state(at: now) }

    /// When statements can run: nil if they can now, else milliseconds since 1970-01-01 UTC. Only of use for a warehouse that was started.
    package func readyAt(_ now: Int64) -> Int64? { lifecycle.state(at: now) == .running ? nil : lifecycle.reaches(.running) }

    package static func isValidID(_ id: String) -> Bool {
        id.utf8.count == 16
            && id.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}

/// What a warehouse is like, with every default filled in.
package struct WarehouseSettings: Sendable, Hashable {
    package var name: String
    package var clusterSize: String
    package var minClusters = 1
    package var maxClusters = 1
    /// Minutes without a statement after which the warehouse stops; 0 for never.
    package var autoStopMinutes = 120
    /// `{"custom_tags": […]}`, or empty.
    package var tags = JSONObject()
    package var spotPolicy = "COST_OPTIMIZED"
    package var photon = true
    package var channel = "CHANNEL_NAME_CURRENT"
    package var channelVersion: String?
    package var serverless = true
    package var type = "PRO"
    package var instanceProfile: String?
    /// Seconds.
    package var statementTimeout: Int?
    package var maxDBU: Int?

    package init(name: String, clusterSize: String) {
        self.name = name
        self.clusterSize = clusterSize
    }

    package static let clusterSizes = [
        "2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large", "5X-Large",
    ]
    package static let spotPolicies = ["COST_OPTIMIZED", "RELIABILITY_OPTIMIZED", "POLICY_UNSPECIFIED"]
    package static let types = ["PRO", "CLASSIC", "REALTIME", "TYPE_UNSPECIFIED"]
    package static let channels = ["CHANNEL_NAME_CURRENT", "CHANNEL_NAME_PREVIEW", "CHANNEL_NAME_PREVIOUS", "CHANNEL_NAME_CUSTOM"]
    /// Fewer than 45 tags and fewer than 100 characters of a name are allowed, by the service's documentation.
    static let tagLimit = 45
    static let nameLimit = 100

    /// Limits from the service's documentation; the wording of the first two refusals is the service's own.
    func check() throws(WorkspaceError) {
        let shortest = serverless ? 1 : 10
        guard autoStopMinutes == 0 || autoStopMinutes >= shortest else {
            throw Self.wrong(autoStopMinutes, "auto_stop_mins", "greater than or equal to \(autoStopMinutes < 0 ? 0 : shortest)")
        }
        guard !serverless || type != "CLASSIC" else {
            throw .invalid("Invalid warehouseType: Serverless is only available for PRO warehouses.")
        }
        guard !name.isEmpty, name.count < Self.nameLimit else {
            throw .invalid(
                "\(name.prefix(32))… is not a valid value for name. The value must have between 1 and \(Self.nameLimit - 1) characters.")
        }
        guard Self.clusterSizes.contains(clusterSize) else {
            throw Self.wrong(clusterSize.prefix(64), "cluster_size", "one of \(Self.clusterSizes.joined(separator: ", "))")
        }
        guard (1...30).contains(minClusters) else { throw Self.wrong(minClusters, "min_num_clusters", "between 1 and 30") }
        guard maxClusters <= 40 else { throw Self.wrong(maxClusters, "max_num_clusters", "less than or equal to 40") }
        guard maxClusters >= minClusters else {
            throw Self.wrong(maxClusters, "max_num_clusters", "greater than or equal to min_num_clusters (\(minClusters))")
        }
        guard Self.spotPolicies.contains(spotPolicy) else {
            throw Self.wrong(spotPolicy.prefix(64), "spot_instance_policy", "one of \(Self.spotPolicies.joined(separator: ", "))")
        }
        guard Self.types.contains(type) else {
            throw Self.wrong(type.prefix(64), "warehouse_type", "one of \(Self.types.joined(separator: ", "))")
        }
        guard Self.channels.contains(channel) else {
            throw Self.wrong(channel.prefix(64), "channel.name", "one of \(Self.channels.joined(separator: ", "))")
        }
        guard channel != "CHANNEL_NAME_CUSTOM" || channelVersion != nil else {
            throw .invalid("channel.dbsql_version must be set when channel.name is CHANNEL_NAME_CUSTOM.")
        }
        guard statementTimeout ?? 0 >= 0 else { throw Self.wrong(statementTimeout ?? 0, "statement_timeout", "greater than or equal to 0") }
        guard maxDBU ?? 0 >= 0 else { throw Self.wrong(maxDBU ?? 0, "max_dbu", "greater than or equal to 0") }
        guard tags["custom_tags"]?.arrayValue?.count ?? 0 < Self.tagLimit else {
            throw .invalid("The number of custom tags must be less than \(Self.tagLimit).")
        }
    }

    private static func wrong(_ value: some CustomStringConvertible, _ field: String, _ rule: String) -> WorkspaceError {
        .invalid("\(value) is not a valid value for \(field). The value must be \(rule).")
    }
}

/// The settings that a request names; nil leaves a setting as it is.
package struct WarehouseChange: Sendable {
    package var name: String?
    package var clusterSize: String?
    package var minClusters: Int?
    package var maxClusters: Int?
    package var autoStopMinutes: Int?
    package var tags: JSONObject?
    package var spotPolicy: String?
    package var photon: Bool?
    package var channel: String?
    package var channelVersion: String?
    package var serverless: Bool?
    package var type: String?
    package var instanceProfile: String?
    package var statementTimeout: Int?
    package var maxDBU: Int?

    package init() {}

    func apply(to settings: inout WarehouseSettings) {
        if let name { settings.name = name }
        if let clusterSize { settings.clusterSize = clusterSize }
        if let minClusters { settings.minClusters = minClusters }
        // Unset, the maximum is the minimum, or what it was if that is more.
        if let maxClusters {
            settings.maxClusters = maxClusters
        } else {
            settings.maxClusters = max(settings.maxClusters, settings.minClusters)
        }
        if let autoStopMinutes { settings.autoStopMinutes = autoStopMinutes }
        if let tags { settings.tags = tags }
        if let spotPolicy { settings.spotPolicy = spotPolicy }
        if let photon { settings.photon = photon }
        if let channel {
            settings.channel = channel
            settings.channelVersion = channelVersion
        }
        if let type { settings.type = type == "TYPE_UNSPECIFIED" ? "PRO" : type }
        if let serverless {
            settings.serverless = serverless
        } else if settings.type == "CLASSIC", type != nil {
            settings.serverless = false
        }
        if let instanceProfile { settings.instanceProfile = instanceProfile }
        if let statementTimeout { settings.statementTimeout = statementTimeout }
        if let maxDBU { settings.maxDBU = maxDBU }
    }
}

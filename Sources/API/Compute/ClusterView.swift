import HTTPTypes
import JSON
import Workspace

/// What is shown of a cluster beyond its own settings, and the lists of what a cluster can be made of.
enum ClusterView {
    static let complete: @Sendable (inout JSONObject, StoredResource, Call) throws -> Void = { object, resource, call in
        let now = call.workspace.environment.nowMillis
        ClusterEnforcement.settle(&object, at: now)
        let life = ClusterLife(resource.body).steps
        let state = life.state(at: now)
        object["state"] = .string(state.rawValue)
        object["state_message"] = .string(message(state))
        object["default_tags"] = [
            "Vendor": "Databricks", "Creator": .string(resource.owner), "ClusterName": object["cluster_name"] ?? "",
            "ClusterId": .string(resource.id),
        ]
        if object["driver_node_type_id"] == nil { object["driver_node_type_id"] = object["node_type_id"] }
        if object["autotermination_minutes"] == nil { object["autotermination_minutes"] = 0 }
        if object["enable_elastic_disk"] == nil { object["enable_elastic_disk"] = true }
        let type = nodes.first { $0.name == object["node_type_id"]?.stringValue } ?? nodes[0]
        let workers = object["num_workers"]?.intValue ?? object["autoscale"]?["min_workers"]?.intValue ?? 0
        switch state {
        case .running, .resizing, .restarting:
            object["cluster_cores"] = .number(String(Double(type.cores) * Double(min(workers, 100_000) + 1)))
            object["cluster_memory_mb"] = .int(type.memory * (min(workers, 100_000) + 1))
            object["spark_context_id"] = .int(Int(SeededGenerator.hash(resource.id, seed: call.workspace.environment.seed) >> 2))
            object["jdbc_port"] = 10_000
        case .terminated, .terminating:
            let isUser = resource.body["_ended"] != nil
            object["terminated_time"] = .int(life.reaches(.terminated) ?? now)
            object["termination_reason"] = [
                "code": isUser ? "USER_REQUEST" : "INACTIVITY", "type": "SUCCESS",
                "parameters": isUser
                    ? ["username": .string(resource.owner)]
                    : ["inactivity_duration_min": object["autotermination_minutes"]?.scalar.map { .string($0) } ?? "0"],
            ]
        case .pending: break
        }
    }

    private static func message(_ state: ClusterState) -> String {
        switch state {
        case .pending: "Starting Spark"
        case .terminated: "Inactive"
        default: ""
        }
    }

    private struct Node {
        let name: String
        let memory: Int
        let cores: Int
        let category: String
        var gpus = 0
        var isLocal = false
    }

    /// Public figures of AWS instance types.
    private static let nodes: [Node] = [
        Node(name: "m5d.large", memory: 8_192, cores: 2, category: "General Purpose", isLocal: true),
        Node(name: "m5d.xlarge", memory: 16_384, cores: 4, category: "General Purpose", isLocal: true),
        Node(name: "m5.large", memory: 8_192, cores: 2, category: "General Purpose"),
        Node(name: "m5.xlarge", memory: 16_384, cores: 4, category: "General Purpose"),
        Node(name: "m5.2xlarge", memory: 32_768, cores: 8, category: "General Purpose"),
        Node(name: "i3.xlarge", memory: 31_232, cores: 4, category: "Storage Optimized", isLocal: true),
        Node(name: "i3.2xlarge", memory: 62_464, cores: 8, category: "Storage Optimized", isLocal: true),
        Node(name: "r5d.large", memory: 16_384, cores: 2, category: "Memory Optimized", isLocal: true),
        Node(name: "c5d.2xlarge", memory: 16_384, cores: 8, category: "Compute Optimized", isLocal: true),
        Node(name: "g4dn.xlarge", memory: 16_384, cores: 4, category: "GPU Accelerated", gpus: 1, isLocal: true),
    ]

    static let nodeTypes: JSONValue = .array(
        nodes.enumerated().map { order, node in
            [
                "node_type_id": .string(node.name), "memory_mb": .int(node.memory), "num_cores": .number("\(node.cores).0"),
                "description": .string(node.name), "instance_type_id": .string(node.name), "is_deprecated": false,
                "category": .string(node.category), "support_ebs_volumes": true, "support_cluster_tags": true, "num_gpus": .int(node.gpus),
                "node_instance_type": [
                    "instance_type_id": .string(node.name), "local_disks": node.isLocal ? 1 : 0, "local_disk_size_gb": node.isLocal ? 75 : 0,
                ],
                "is_hidden": false, "support_port_forwarding": true, "display_order": .int(order), "is_io_cache_enabled": .bool(node.isLocal),
                "photon_worker_capable": true, "photon_driver_capable": true, "is_encrypted_in_transit": false, "is_graviton": false,
            ]
        })

    static let sparkVersions: JSONValue = .array(
        [
            ("17.3.x-scala2.13", "17.3 LTS (includes Apache Spark 4.0.0, Scala 2.13)"),
            ("16.4.x-scala2.12", "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)"),
            ("16.4.x-cpu-ml-scala2.12", "16.4 LTS ML (includes Apache Spark 3.5.2, Scala 2.12)"),
            ("16.4.x-gpu-ml-scala2.12", "16.4 LTS ML (includes Apache Spark 3.5.2, GPU, Scala 2.12)"),
            ("15.4.x-scala2.12", "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)"),
            ("14.3.x-scala2.12", "14.3 LTS (includes Apache Spark 3.5.0, Scala 2.12)"),
            ("13.3.x-scala2.12", "13.3 LTS (includes Apache Spark 3.4.1, Scala 2.12)"),
        ].map { ["key": .string($0), "name": .string($1)] })
}

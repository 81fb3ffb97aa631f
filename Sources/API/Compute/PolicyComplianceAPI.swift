import HTTPTypes
import JSON
import Workspace

/// Whether clusters fulfil their policies, and libraries of clusters.
package enum PolicyComplianceAPI: APIGroup {
    package static let operations = [
        getCompliance, listCompliance, ClusterEnforcement.enforce, ClusterEnforcement.cancel, install, uninstall, status, allStatuses, families,
        family,
    ]

    private static let root = "/api/2.0/policies/clusters/"

    private static func compliance(_ cluster: StoredResource, _ call: Call) throws -> JSONObject {
        var settings = cluster.body
        ClusterEnforcement.settle(&settings, at: call.workspace.environment.nowMillis)
        let violations = try ClusterEnforcement.policy(settings, call)?.violations(of: settings) ?? []
        var object = JSONObject([("is_compliant", .bool(violations.isEmpty))])
        if !violations.isEmpty { object["violations"] = .members(violations.prefix(200).map { ($0.path, .string($0.reason)) }) }
        object["pending_enforcement"] = ClusterEnforcement.shown(settings)
        return object
    }

    static let getCompliance = Operation("clusters.policy_compliance.get_compliance", .get, root + "get-compliance") { call -> JSONValue in
        _ = try call.contractBody(.get, root + "get-compliance")
        return .object(try compliance(try ClustersAPI.cluster.existing(call, .read, JSONObject()), call))
    }

    static let listCompliance = Operation("clusters.policy_compliance.list_compliance", .get, root + "list-compliance") { call -> JSONValue in
        let policy = try call.query.required("policy_id")
        let rows = try call.workspace.resources.list("cluster").filter {
            try $0.body["policy_id"]?.stringValue == policy && ClustersAPI.cluster.isAllowed(.read, $0, call)
        }
        let page = try RowPage(call, rows, scope: "compliance \(policy)")
        return .object(
            try page.reply("clusters", backward: true) { row in
                var object = JSONObject([("cluster_id", .string(row.id))])
                for (name, value) in try compliance(row, call).members { object[name] = value }
                return .object(object)
            })
    }

    // MARK: Policy families

    private static let known: [(id: String, name: String, description: String)] = [
        ("personal-vm", "Personal Compute", "Use with small-to-medium data or libraries like pandas and scikit-learn. Spark runs in local mode."),
        ("shared-compute", "Shared Compute", "For larger multi-node compute that several users share."),
        ("power-user", "Power User Compute", "For larger multi-node compute of one user."),
        ("job-cluster", "Job Compute", "General-purpose compute for jobs."),
    ]

    private static func json(_ family: (id: String, name: String, description: String)) -> JSONValue {
        [
            "policy_family_id": .string(family.id), "name": .string(family.name), "description": .string(family.description), "definition": "{}",
        ]
    }

    static let families = Operation("compute.policy_families.list", .get, "/api/2.0/policy-families", limits: "their definitions are empty") {
        call -> JSONValue in
        let paging = try Paging(call, list: "policy-families", pageSize: 100)
        let rows = known.enumerated().filter { $0.offset > paging.after.flatMap { Int($0) } ?? -1 }
        return paging.reply("policy_families", rows, key: { String($0.offset) }) { json($0.element) }
    }

    static let family = Operation("compute.policy_families.get", .get, "/api/2.0/policy-families/{policy_family_id}") { call -> JSONValue in
        let id = try call.path("policy_family_id")
        guard let found = known.first(where: { $0.id == id }) else {
            throw WorkspaceError(.resourceDoesNotExist, "Policy family \(id.prefix(128)) does not exist.")
        }
        return json(found)
    }

    // MARK: Libraries

    private static let libraries = "/api/2.0/libraries/"

    private static func change(_ call: Call, _ path: String, _ body: (String, JSONValue) throws -> Void) throws {
        let fields = try call.contractBody(.post, libraries + path)
        let cluster = try ClustersAPI.cluster.existing(call, .read, fields)
        guard try call.workspace.permissions.allows(call.principal, "CAN_MANAGE", on: "clusters", cluster.id) else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) does not have CAN_MANAGE permissions on cluster \(cluster.id).")
        }
        for library in fields["libraries"]?.arrayValue ?? [] {
            guard let object = library.objectValue, object.count == 1 else {
                throw WorkspaceError.invalid("Each library must have exactly one of jar, egg, whl, requirements, pypi, maven and cran.")
            }
            try body(cluster.id, library)
        }
    }

    static let install = Operation(
        "compute.libraries.install", .post, libraries + "install", limits: "nothing is installed: a library is at once INSTALLED"
    ) {
        call -> Void in
        try change(call, "install") { cluster, library in
            let id = cluster + " " + library.text(sorted: true)
            guard try call.workspace.resources.get("cluster-library", id) == nil else { return }
            _ = try call.workspace.resources.insert(
                "cluster-library", id: id, uniqueKey: nil, parent: cluster, owner: call.principal.userName, JSONObject([("library", library)]))
        }
    }

    static let uninstall = Operation("compute.libraries.uninstall", .post, libraries + "uninstall", limits: "takes effect without a restart") {
        call -> Void in
        try change(call, "uninstall") { cluster, library in
            _ = try call.workspace.resources.delete("cluster-library", cluster + " " + library.text(sorted: true))
        }
    }

    private static func statuses(_ cluster: String, _ call: Call) throws -> JSONValue {
        let rows = try call.workspace.resources.list("cluster-library", parent: cluster)
        var object = JSONObject([("cluster_id", .string(cluster))])
        if !rows.isEmpty {
            object["library_statuses"] = .array(
                rows.map { ["library": $0.body["library"] ?? [:], "status": "INSTALLED", "is_library_for_all_clusters": false] })
        }
        return .object(object)
    }

    static let status = Operation("compute.libraries.cluster_status", .get, libraries + "cluster-status") { call -> JSONValue in
        _ = try call.contractBody(.get, libraries + "cluster-status")
        return try statuses(try ClustersAPI.cluster.existing(call, .read, JSONObject()).id, call)
    }

    static let allStatuses = Operation("compute.libraries.all_cluster_statuses", .get, libraries + "all-cluster-statuses") { call -> JSONValue in
        let clusters = try call.workspace.resources.list("cluster").filter { try ClustersAPI.cluster.isAllowed(.read, $0, call) }
        return clusters.isEmpty ? [:] : ["statuses": .array(try clusters.map { try statuses($0.id, call) })]
    }
}

extension JSONValue {
    /// One text for equal values: members by name.
    func text(sorted: Bool) -> String {
        switch self {
        case .object(let object):
            "{" + object.members.sorted { $0.name < $1.name }.map { "\($0.name):\($0.value.text(sorted: true))" }.joined(separator: ",") + "}"
        case .array(let items): "[" + items.map { $0.text(sorted: true) }.joined(separator: ",") + "]"
        case .string(let text): text
        default: self.text
        }
    }
}

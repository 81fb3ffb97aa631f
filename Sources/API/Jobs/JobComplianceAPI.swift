import HTTPTypes
import JSON
import Jobs
import Workspace

/// Whether the clusters that jobs make fulfil their policies: `/api/2.0/policies/jobs`. Clusters that are there already are not the job's.
package enum JobComplianceAPI: APIGroup {
    package static let operations = [get, list, enforce]

    private static let root = "/api/2.0/policies/jobs/"
    private static let kind = "job"
    private static let mostViolations = 200

    /// A cluster in a job's settings: the key that stands before its fields, and its settings.
    private struct JobCluster {
        let key: String
        let settings: JSONObject
    }

    /// Calls `change` with each cluster of the settings; what it gives is put in its place.
    private static func eachCluster(_ settings: inout JSONObject, _ change: (JobCluster) throws -> JSONObject) rethrows {
        func replaced(_ value: JSONValue, _ key: String) throws -> JSONValue {
            guard case .object(var object) = value else { return value }
            let name = object[key]?.stringValue ?? ""
            if let cluster = object["new_cluster"]?.objectValue {
                object["new_cluster"] = .object(try change(JobCluster(key: name, settings: cluster)))
            }
            if case .object(var loop)? = object["for_each_task"], let inner = loop["task"] {
                loop["task"] = try replaced(inner, key)
                object["for_each_task"] = .object(loop)
            }
            return .object(object)
        }
        for (member, key) in [("job_clusters", "job_cluster_key"), ("tasks", "task_key")] {
            if let items = settings[member]?.arrayValue { settings[member] = .array(try items.map { try replaced($0, key) }) }
        }
    }

    private static func clusters(of settings: JSONObject) -> [JobCluster] {
        var settings = settings
        var found: [JobCluster] = []
        eachCluster(&settings) { cluster in
            found.append(cluster)
            return cluster.settings
        }
        return found
    }

    private static func compliance(_ settings: JSONObject, _ call: Call) throws -> JSONObject {
        var violations: [(String, JSONValue)] = []
        for cluster in clusters(of: settings) {
            for violation in try ClusterEnforcement.policy(cluster.settings, call)?.violations(of: cluster.settings, kind: kind) ?? [] {
                violations.append(("\(cluster.key).\(violation.path)", .string(violation.reason)))
            }
        }
        var object = JSONObject([("is_compliant", .bool(violations.isEmpty))])
        if !violations.isEmpty { object["violations"] = .members(Array(violations.prefix(mostViolations))) }
        return object
    }

    // MARK: Operations

    static let get = Operation("jobs.policy_compliance.get_compliance", .get, root + "get-compliance") { call -> JSONValue in
        let id = try JobsAPI.requiredInt(call, "job_id")
        try JobsAPI.require("CAN_VIEW", job: id, call)
        return .object(try compliance(try call.tenant.jobs.job(id).plan.settings, call))
    }

    static let list = Operation("jobs.policy_compliance.list_compliance", .get, root + "list-compliance") { call -> JSONValue in
        let policy = try call.query.required("policy_id")
        let asked = try call.query.int("page_size") ?? 0
        guard asked >= 0 else { throw WorkspaceError.invalid("Invalid value for page_size: \(asked). It must not be negative.") }
        let all = try call.workspace.jobStore.jobs(name: nil, before: nil, offset: 0, limit: JobsService.maxJobs)
        var rows: [(id: Int, settings: JSONObject)] = []
        for record in all {
            guard let settings = JobPlan(stored: record.settings)?.settings,
                clusters(of: settings).contains(where: { $0.settings["policy_id"]?.stringValue == policy }),
                try call.workspace.permissions.allows(call.principal, "CAN_VIEW", on: "jobs", String(record.jobID))
            else { continue }
            rows.append((record.jobID, settings))
        }
        let page = try RowPage(
            rows, scope: "job compliance \(policy)", token: call.query.string("page_token"), limit: asked == 0 ? 100 : min(asked, 100),
            id: { String($0.id) })
        return .object(
            try page.reply("jobs", backward: true) { row in
                var object = JSONObject([("job_id", .int(row.id))])
                for (name, value) in try compliance(row.settings, call).members { object[name] = value }
                return .object(object)
            })
    }

    static let enforce = Operation("jobs.policy_compliance.enforce_compliance", .post, root + "enforce-compliance") { call -> JSONValue in
        let body = try call.contractBody(.post, root + "enforce-compliance")
        let id = try call.fields().int("job_id")
        try JobsAPI.require("CAN_MANAGE", job: id, call)
        let old = try call.tenant.jobs.job(id).plan.settings
        var settings = old
        var changes: [JSONValue] = []
        try eachCluster(&settings) { cluster in
            guard let fixed = try ClusterEnforcement.policy(cluster.settings, call)?.enforced(cluster.settings, kind: kind) else {
                return cluster.settings
            }
            changes += ClusterEnforcement.changes(from: cluster.settings, to: fixed, prefix: cluster.key + ".")
            return fixed
        }
        guard !changes.isEmpty else { return ["has_changes": false, "settings": .object(old)] }
        if body["validate_only"] != true { try call.tenant.jobs.reset(id, settings) }
        return ["has_changes": true, "job_cluster_changes": .array(changes), "settings": .object(settings)]
    }
}

import HTTPTypes
import JSON
import Workspace

/// Cluster policies, instance pools, instance profiles and global init scripts.
package enum ComputeResourcesAPI: APIGroup {
    package static let operations = policies + pools + profiles + scripts

    // MARK: Cluster policies

    static let policy = Resource("cluster-policy", "Cluster policy", schema: "compute.Policy", id: "policy_id", .hex16).with {
        $0.unique = "name"
        $0.required = ["name"]
        $0.access = .permissions("cluster-policies")
        $0.taken = .invalidParameterValue
        $0.takenStatus = 400
        $0.missing = .invalidParameterValue
        $0.stamps = [("created_at_timestamp", .createdMillis), ("creator_user_name", .owner), ("is_default", .constant(false))]
        $0.rule = { object, _, call in
            guard call.principal.isAdmin else {
                throw WorkspaceError(.permissionDenied, "Only workspace administrators can create or change cluster policies.")
            }
            guard let name = object["name"]?.stringValue, (1...100).contains(name.count) else {
                throw WorkspaceError.invalid("A policy's name must have between 1 and 100 characters.")
            }
            if object["definition"] != nil, object["policy_family_id"] != nil {
                throw WorkspaceError.invalid("definition cannot be used together with policy_family_id; use policy_family_definition_overrides.")
            }
            for name in ["definition", "policy_family_definition_overrides"] {
                guard let text = object[name]?.stringValue else { continue }
                guard (try? JSONValue(parsing: text))?.objectValue != nil else {
                    throw WorkspaceError.invalid("Invalid policy definition: \(name) is not a JSON object.")
                }
            }
            if object["definition"] == nil, object["policy_family_id"] == nil { object["definition"] = "{}" }
        }
    }

    private static let policies = [
        policy.create("compute.cluster_policies.create", "/api/2.0/policies/clusters/create", answers: .id),
        policy.update("compute.cluster_policies.edit", .post, "/api/2.0/policies/clusters/edit", .replace, answers: .nothing),
        policy.delete("compute.cluster_policies.delete", .post, "/api/2.0/policies/clusters/delete"),
        policy.get("compute.cluster_policies.get", "/api/2.0/policies/clusters/get"),
        policy.list("compute.cluster_policies.list", "/api/2.0/policies/clusters/list", items: "policies"),
    ]

    // MARK: Instance pools

    static let pool = Resource("instance-pool", "Instance pool", schema: "compute.GetInstancePool", id: "instance_pool_id", .uuid).with {
        $0.unique = "instance_pool_name"
        $0.access = .permissions("instance-pools")
        $0.taken = .invalidParameterValue
        $0.takenStatus = 400
        $0.defaults = [("min_idle_instances", 0), ("idle_instance_autotermination_minutes", 60), ("enable_elastic_disk", true)]
        $0.stamps = [
            ("state", .constant("ACTIVE")), ("status", .constant([:])),
            ("stats", .constant(["used_count": 0, "idle_count": 0, "pending_used_count": 0, "pending_idle_count": 0])),
        ]
        $0.rule = { object, old, call in
            guard old != nil || call.principal.isAdmin else {
                throw WorkspaceError(.permissionDenied, "Only workspace administrators can create instance pools.")
            }
            if let old {
                guard object["node_type_id"] == old.body["node_type_id"] else {
                    throw WorkspaceError.invalid("node_type_id of an instance pool cannot be changed.")
                }
                for (name, value) in old.body.members where object[name] == nil { object[name] = value }
            }
            for name in ["min_idle_instances", "max_capacity", "idle_instance_autotermination_minutes"] {
                if let number = object[name]?.intValue, number < 0 { throw WorkspaceError.invalid("\(name) must not be negative.") }
            }
            if let most = object["max_capacity"]?.intValue, let least = object["min_idle_instances"]?.intValue, most < least {
                throw WorkspaceError.invalid("max_capacity (\(most)) must not be less than min_idle_instances (\(least)).")
            }
        }
        $0.show = { object, resource, _ in
            object["default_tags"] = [
                "Vendor": "Databricks", "DatabricksInstancePoolCreatorId": .string(resource.owner), "DatabricksInstancePoolId": .string(resource.id),
            ]
        }
    }

    private static let pools = [
        pool.create("compute.instance_pools.create", "/api/2.0/instance-pools/create", answers: .id),
        pool.update("compute.instance_pools.edit", .post, "/api/2.0/instance-pools/edit", .merge, answers: .nothing),
        pool.delete("compute.instance_pools.delete", .post, "/api/2.0/instance-pools/delete"),
        pool.get("compute.instance_pools.get", "/api/2.0/instance-pools/get"),
        pool.list("compute.instance_pools.list", "/api/2.0/instance-pools/list", items: "instance_pools"),
    ]

    // MARK: Instance profiles

    static let profile = Resource("instance-profile", "Instance profile", schema: "compute.InstanceProfile", id: "instance_profile_arn", .given).with
    {
        $0.access = .adminWrites
        $0.taken = .resourceAlreadyExists
        $0.takenStatus = 400
        $0.defaults = [("is_meta_instance_profile", false)]
        $0.rule = { object, _, _ in
            object["skip_validation"] = nil
            let arn = object["instance_profile_arn"]?.stringValue ?? ""
            guard isARN(arn, ":instance-profile/") else {
                throw WorkspaceError.invalid(
                    "The instance profile ARN (\(arn.prefix(128))) is not valid: arn:aws:iam::<account>:instance-profile/<name>.")
            }
            if let role = object["iam_role_arn"]?.stringValue, !role.isEmpty, !isARN(role, ":role/") {
                throw WorkspaceError.invalid("The IAM role ARN (\(role.prefix(128))) is not valid: arn:aws:iam::<account>:role/<name>.")
            }
        }
    }

    static func isARN(_ text: String, _ middle: String) -> Bool {
        text.hasPrefix("arn:aws") && text.contains(":iam::") && text.utf8.count <= 2_048
            && (text.split(separator: "/", maxSplits: 1).last.map { !$0.isEmpty && text.contains(middle) } ?? false)
    }

    private static let profiles = [
        profile.create("compute.instance_profiles.add", "/api/2.0/instance-profiles/add", answers: .nothing),
        profile.update("compute.instance_profiles.edit", .post, "/api/2.0/instance-profiles/edit", .merge, answers: .nothing),
        profile.delete("compute.instance_profiles.remove", .post, "/api/2.0/instance-profiles/remove"),
        profile.list("compute.instance_profiles.list", "/api/2.0/instance-profiles/list", items: "instance_profiles"),
    ]

    // MARK: Global init scripts

    static let script = Resource("global-init-script", "Global init script", schema: "compute.GlobalInitScriptDetails", id: "script_id", .hex16).with
    {
        $0.access = .admins
        $0.defaults = [("enabled", false)]
        $0.stamps = [
            ("created_at", .createdMillis), ("updated_at", .updatedMillis), ("created_by", .owner), ("updated_by", .owner),
            ("position", .constant(0)),
        ]
        $0.rule = { object, _, _ in
            guard let bytes = object["script"]?.stringValue.flatMap(Base64.decode), bytes.count <= 64 << 10 else {
                throw WorkspaceError.invalid("The script must be the base64 of at most 64 KB.")
            }
        }
    }

    private static let scripts = [
        script.create("compute.global_init_scripts.create", "/api/2.0/global-init-scripts", answers: .id),
        script.get(
            "compute.global_init_scripts.get", "/api/2.0/global-init-scripts/{script_id}", schema: "compute.GlobalInitScriptDetailsWithContent"),
        script.list("compute.global_init_scripts.list", "/api/2.0/global-init-scripts", items: "scripts"),
        script.update("compute.global_init_scripts.update", .patch, "/api/2.0/global-init-scripts/{script_id}", .merge, answers: .nothing),
        script.delete("compute.global_init_scripts.delete", .delete, "/api/2.0/global-init-scripts/{script_id}"),
    ]
}

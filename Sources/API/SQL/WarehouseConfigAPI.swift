import HTTPTypes
import JSON
import Warehouse
import Workspace

/// What holds for all warehouses of the workspace: `/api/2.0/sql/config/warehouses`.
package enum WarehouseConfigAPI: APIGroup {
    package static let operations = [get, set]

    private static let path = "/api/2.0/sql/config/warehouses"
    private static let kind = "warehouse-config"

    private static func config(_ call: Call) throws -> JSONObject {
        try call.workspace.resources.get(kind, "config")?.body
            ?? JSONObject([
                ("security_policy", "DATA_ACCESS_CONTROL"), ("data_access_config", []), ("enable_serverless_compute", true),
                ("enabled_warehouse_types", [["warehouse_type": "PRO", "enabled": true], ["warehouse_type": "CLASSIC", "enabled": true]]),
                ("sql_configuration_parameters", [:]),
            ])
    }

    static let get = Operation("sql.warehouses.get_workspace_warehouse_config", .get, path) { call -> JSONValue in
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can see the configuration of SQL warehouses.")
        }
        return Contract.known(.object(try config(call)), .named("sql.GetWorkspaceWarehouseConfigResponse"))
    }

    static let set = Operation(
        "sql.warehouses.set_workspace_warehouse_config", .put, path,
        limits: "instance profile and data access properties are kept and shown; serverless enablement and types bind new and changed warehouses"
    ) { call -> Void in
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can change the configuration of SQL warehouses.")
        }
        let body = try call.contractBody(.put, path)
        if let profile = body["instance_profile_arn"]?.stringValue, !profile.isEmpty {
            guard ComputeResourcesAPI.isARN(profile, ":instance-profile/") else {
                throw WorkspaceError.invalid("The instance profile ARN (\(profile.prefix(128))) is not valid.")
            }
            guard try call.workspace.resources.get("instance-profile", profile) != nil else {
                throw WorkspaceError.invalid("Instance profile \(profile.prefix(256)) is not registered in this workspace.")
            }
        }
        for pair in body["data_access_config"]?.arrayValue ?? [] {
            guard let key = pair["key"]?.stringValue, key.hasPrefix("spark.") else {
                throw WorkspaceError.invalid("Invalid data access configuration property: \(pair["key"]?.scalar?.prefix(128) ?? "").")
            }
        }
        var new = try config(call)
        for (name, value) in body.members { new[name] = value }
        if try call.workspace.resources.update(kind, "config", keepsKey: true, { $0.body = new }) == nil {
            _ = try call.workspace.resources.insert(kind, id: "config", uniqueKey: nil, owner: call.principal.userName, new)
        }
    }

    /// Throws if the workspace's configuration forbids what a warehouse is to have.
    static func check(_ change: WarehouseChange, _ call: Call) throws {
        guard let config = try call.workspace.resources.get(kind, "config")?.body else { return }
        if change.serverless == true, config["enable_serverless_compute"] == false {
            throw WorkspaceError(.invalidParameterValue, "Serverless compute is not enabled for this workspace.")
        }
        for pair in config["enabled_warehouse_types"]?.arrayValue ?? [] where pair["enabled"] == false {
            if let type = pair["warehouse_type"]?.stringValue, type == change.type {
                throw WorkspaceError.invalid("Warehouse type \(type) is not enabled for this workspace.")
            }
        }
    }
}

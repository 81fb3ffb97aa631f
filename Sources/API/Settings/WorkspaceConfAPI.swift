import HTTPTypes
import JSON
import Workspace

/// Switches of the workspace: `/api/2.0/workspace-conf`.
package enum WorkspaceConfAPI: APIGroup {
    package static let operations = [getStatus, setStatus]

    private static let path = "/api/2.0/workspace-conf"
    private static let kind = "workspace-conf"

    /// The names that the service's documentation and its public clients know.
    private static let known: Set<String> = [
        "enableIpAccessLists", "enableTokensConfig", "maxTokenLifetimeDays", "enableDeprecatedClusterNamedInitScripts",
        "enableDeprecatedGlobalInitScripts", "enableProjectTypeInWorkspace", "enableWorkspaceFilesystem", "enableProjectsAllowList",
        "projectsAllowListPermissions", "projectsAllowList", "reposIpynbResultsExportPermissions", "enableResultsDownloading", "enableUploadDataUis",
        "enableExportNotebook", "enableNotebookGitVersioning", "enableNotebookTableClipboard", "enableWebTerminal", "enableDbfsFileBrowser",
        "enableDatabricksAutologgingAdminConf", "mlflowRunArtifactDownloadEnabled", "mlflowModelServingEndpointCreationEnabled",
        "mlflowModelRegistryEmailNotificationsEnabled", "enableEnforceImdsV2", "enableJobViewAcls", "enforceUserIsolation", "enforceClusterViewAcls",
        "enforceWorkspaceViewAcls", "enableHlsRuntime", "enableDcs", "enableVerboseAuditLogs", "storeInteractiveNotebookResultsInCustomerAccount",
        "enableGp3", "enableJobsEmailsV2", "customerApprovedWSLoginExpirationTime", "rStudioUserDefaultHomeBase", "enableAclsForRepos",
        "enable-X-Frame-Options", "enable-X-Content-Type-Options", "enable-X-XSS-Protection", "enableClusterAcls", "intercomAdminConsent",
        "enableFileStoreEndpoint", "jobsListBackendPaginationEnabled", "enableLibraryAndJobOwnershipMigration",
    ]

    private static func conf(_ call: Call) throws -> JSONObject { try call.workspace.resources.get(kind, "conf")?.body ?? JSONObject() }

    private static func check(_ name: String) throws {
        guard known.contains(name) else { throw WorkspaceError(.badRequest, "Invalid keys: [\"\(name.prefix(64))\"]") }
    }

    private static func requireAdmin(_ call: Call) throws {
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can see or change the workspace's configuration.")
        }
    }

    static let getStatus = Operation("settings.workspace_conf.get_status", .get, path) { call -> JSONValue in
        try requireAdmin(call)
        let conf = try conf(call)
        var reply = JSONObject()
        for name in try call.query.required("keys").split(separator: ",").map(String.init) {
            try check(name)
            reply[name] = conf[name] ?? .null
        }
        return .object(reply)
    }

    static let setStatus = Operation(
        "settings.workspace_conf.set_status", .patch, path,
        limits: "of the switches enableIpAccessLists, enableTokensConfig and maxTokenLifetimeDays have an effect"
    ) { call -> Reply in
        try requireAdmin(call)
        let fields = try call.fields()
        var conf = try conf(call)
        for name in fields.object.names {
            try check(name)
            conf[name] = try fields.string(optional: name).map { .string($0) }
        }
        if let days = conf["maxTokenLifetimeDays"]?.stringValue, !days.isEmpty, Int(days).map({ $0 < 0 }) ?? true {
            throw WorkspaceError.invalid("maxTokenLifetimeDays must be a number of days.")
        }
        if conf["enableIpAccessLists"] == "true", let caller = call.clientAddress {
            let rules = IPAccessRules(lists: try call.workspace.resources.list("ip-access-list").map(\.body))
            guard rules.allows(caller) else {
                throw WorkspaceError(
                    .invalidState, "Your current IP \(caller) will not be allowed to access the workspace under current configuration")
            }
        }
        if try call.workspace.resources.update(kind, "conf", keepsKey: true, { $0.body = conf }) == nil {
            _ = try call.workspace.resources.insert(kind, id: "conf", uniqueKey: nil, owner: call.principal.userName, conf)
        }
        call.workspace.ipAccess.forget()
        return Reply(status: 204)
    }

    /// Throws if the workspace's switches forbid a token of this lifetime in seconds.
    static func checkToken(lifetime: Int?, _ call: Call) throws {
        let conf = try conf(call)
        if conf["enableTokensConfig"] == "false" {
            throw WorkspaceError(.featureDisabled, "Token-based authentication is disabled for this workspace.")
        }
        if let days = conf["maxTokenLifetimeDays"]?.stringValue.flatMap({ Int($0) }), days > 0, days < 100_000 {
            guard let lifetime, lifetime <= days * 86_400 else {
                throw WorkspaceError.invalid("The token's lifetime must not be longer than \(days) days.")
            }
        }
    }
}

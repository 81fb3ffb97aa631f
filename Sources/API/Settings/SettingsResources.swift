import HTTPTypes
import JSON
import Workspace

/// Git credentials, repos, tag policies and tags of workspace objects, and overrides of the default warehouse.
package enum SettingsResourcesAPI: APIGroup {
    package static let operations = credentials + repos + tagPolicies + tags + overrides

    // MARK: Git

    static let credential = Resource("git-credential", "Git credential", schema: "workspace.CredentialInfo", id: "credential_id", .number).with {
        $0.access = .owner
        $0.hidden = ["personal_access_token"]
        $0.rule = { object, _, _ in object["principal_id"] = nil }
    }

    private static let credentials = [
        credential.create("git_credentials.create", "/api/2.0/git-credentials"),
        credential.get("git_credentials.get", "/api/2.0/git-credentials/{credential_id}"),
        credential.list("git_credentials.list", "/api/2.0/git-credentials", items: "credentials"),
        credential.update("git_credentials.update", .patch, "/api/2.0/git-credentials/{credential_id}", .merge, answers: .nothing),
        credential.delete("git_credentials.delete", .delete, "/api/2.0/git-credentials/{credential_id}"),
    ]

    static let repo = Resource("repo", "Repo", schema: "workspace.RepoInfo", id: "id", .number).with {
        $0.access = .permissions("repos")
        $0.unique = "path"
        $0.takenStatus = 400
        $0.stamps = [("branch", .constant("main"))]
        $0.rule = { object, old, call in
            object["git_credential_id"] = nil
            object["dangerously_force_discard_all"] = nil
            let url = object["url"]?.stringValue ?? ""
            if old == nil {
                guard url.hasPrefix("https://"), let last = url.split(separator: "/").last, url.split(separator: "/").count > 2 else {
                    throw WorkspaceError.invalid("Invalid Git URL: \(url.prefix(128))")
                }
                let name = last.hasSuffix(".git") ? String(last.dropLast(4)) : String(last)
                if object["path"] == nil { object["path"] = .string("/Repos/\(call.principal.userName)/\(name)") }
                let path = object["path"]?.stringValue ?? ""
                guard path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
                    throw WorkspaceError.invalid("Path (\(path.prefix(128))) doesn't start with '/'")
                }
            }
            if object["branch"] != nil, let tag = object["tag"]?.stringValue, !tag.isEmpty {
                if old?.body["branch"] != object["branch"] {
                    throw WorkspaceError.invalid("Only one of branch and tag can be given.")
                }
                object["branch"] = nil
            }
            let place = "\(url) \(object["branch"]?.stringValue ?? "main") \(object["tag"]?.stringValue ?? "")"
            let words = (0..<3).map { SeededGenerator.hash("\($0) \(place)", seed: call.workspace.environment.seed) }
            let hex = words.map { word in
                let text = String(word, radix: 16)
                return String(repeating: "0", count: 16 - text.count) + text
            }
            object["head_commit_id"] = .string(String(hex.joined().prefix(40)))
        }
    }

    private static let repos = [
        repo.create("repos.create", "/api/2.0/repos", limits: "nothing is fetched: a repo has no files, and its commits are made up"),
        repo.get("repos.get", "/api/2.0/repos/{repo_id}"),
        repo.list("repos.list", "/api/2.0/repos", items: "repos") { resource, call in
            guard let prefix = call.query.string("path_prefix") else { return true }
            return resource.body["path"]?.stringValue?.hasPrefix(prefix) ?? false
        },
        repo.update("repos.update", .patch, "/api/2.0/repos/{repo_id}", .merge, answers: .nothing),
        repo.delete("repos.delete", .delete, "/api/2.0/repos/{repo_id}"),
    ]

    // MARK: Tags

    static let tagPolicy = Resource(Tags.policyKind, "Tag policy", schema: "tags.TagPolicy", id: "tag_key", .given).with {
        $0.access = .adminWrites
        $0.missing = .notFound
        $0.taken = .alreadyExists
        $0.stamps = [("create_time", .createdText), ("update_time", .updatedText)]
        $0.rule = { object, old, call in object["id"] = old?.body["id"] ?? .string(call.workspace.environment.ids.uuid()) }
    }

    private static let tagPolicies = [
        tagPolicy.create("tags.policies.create", "/api/2.1/tag-policies"),
        tagPolicy.get("tags.policies.get", "/api/2.1/tag-policies/{tag_key}"),
        tagPolicy.list("tags.policies.list", "/api/2.1/tag-policies", items: "tag_policies", paged: true),
        tagPolicy.update("tags.policies.update", .patch, "/api/2.1/tag-policies/{tag_key}", .mask),
        tagPolicy.delete("tags.policies.delete", .delete, "/api/2.1/tag-policies/{tag_key}"),
    ]

    /// The id holds what the route has in three parts.
    static let tag = Resource("entity-tag", "Tag assignment", schema: "tags.TagAssignment", id: "tag_id", .given).with {
        $0.missing = .notFound
        $0.taken = .alreadyExists
    }

    private static let tagPath = "/api/2.0/entity-tag-assignments/{entity_type}/{entity_id}/tags"

    private static func tagID(_ type: String, _ entity: String, _ key: String) -> String {
        [type, entity, key].map { PercentCoding.encode($0) }.joined(separator: "/")
    }

    private static func existingTag(_ call: Call) throws -> StoredResource {
        let id = tagID(try call.path("entity_type"), try call.path("entity_id"), try call.path("tag_key"))
        guard let found = try call.workspace.resources.get(tag.kind, id) else {
            throw WorkspaceError(.notFound, "Tag assignment \(try call.path("tag_key").prefix(256)) does not exist.")
        }
        return found
    }

    private static let tags = [
        Operation("tags.workspace_entity_tag_assignments.create_tag_assignment", .post, "/api/2.0/entity-tag-assignments") { call -> JSONValue in
            var object = try call.contractBody(.post, "/api/2.0/entity-tag-assignments")
            func text(_ name: String) throws -> String {
                guard let text = object[name]?.scalar, !text.isEmpty else { throw WorkspaceError.missing(name) }
                return text
            }
            let (type, entity, key) = (try text("entity_type"), try text("entity_id"), try text("tag_key"))
            object["tag_id"] = .string(tagID(type, entity, key))
            return try tag.shown(try call.workspace.resources.insert(tag, object, parent: "\(type)/\(entity)", call), call)
        },
        Operation("tags.workspace_entity_tag_assignments.list_tag_assignments", .get, tagPath) { call -> JSONValue in
            let parent = "\(try call.path("entity_type"))/\(try call.path("entity_id"))"
            let paging = try Paging(call, list: "tags " + parent, pageSize: 100, sizeName: "page_size")
            let rows = try call.workspace.resources.list(
                tag.kind, parent: parent, after: paging.after.flatMap { Int64($0) } ?? 0, limit: paging.fetchLimit)
            return paging.reply("tag_assignments", rows, key: { String($0.position) }) {
                Contract.known(.object($0.body), .named("tags.TagAssignment"))
            }
        },
        Operation("tags.workspace_entity_tag_assignments.get_tag_assignment", .get, tagPath + "/{tag_key}") { call -> JSONValue in
            try tag.shown(try existingTag(call), call)
        },
        Operation("tags.workspace_entity_tag_assignments.update_tag_assignment", .patch, tagPath + "/{tag_key}") { call -> JSONValue in
            let body = try call.contractBody(.patch, tagPath + "/{tag_key}")
            let mask = call.query.string("update_mask") ?? "*"
            guard mask == "*" || mask == "tag_value" else { throw WorkspaceError.invalid("Invalid field in update_mask: '\(mask.prefix(64))'.") }
            return try tag.shown(
                try call.workspace.resources.update(tag, try existingTag(call).id, call) { $0.body["tag_value"] = body["tag_value"] }, call)
        },
        Operation("tags.workspace_entity_tag_assignments.delete_tag_assignment", .delete, tagPath + "/{tag_key}") { call -> Void in
            _ = try call.workspace.resources.delete(tag.kind, try existingTag(call).id)
        },
    ]

    // MARK: Default warehouses

    static let override = Resource(
        "default-warehouse-override", "Default warehouse override", schema: "sql.DefaultWarehouseOverride", id: "default_warehouse_override_id",
        .given
    ).with {
        $0.missing = .notFound
        $0.taken = .alreadyExists
        $0.rule = { object, _, call in
            if let warehouse = object["warehouse_id"]?.stringValue { _ = try call.workspace.warehouses.get(warehouse) }
            if object["type"] == "CUSTOM", object["warehouse_id"] == nil { throw WorkspaceError.missing("warehouse_id") }
        }
        $0.show = { object, resource, _ in object["name"] = .string("default-warehouse-overrides/\(resource.id)") }
    }

    private static let overridePath = "/api/warehouses/v1/default-warehouse-overrides"

    /// `me` is the caller; only administrators speak for others.
    private static func user(_ call: Call, _ id: String) throws -> String {
        let user = id == "me" ? call.principal.id : id
        guard user == call.principal.id || call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can manage default warehouses of others.")
        }
        guard let number = Int(user), try call.workspace.store.hasIdentity(number) else {
            throw WorkspaceError.invalid("Invalid default_warehouse_override_id: \(id.prefix(64)). It must be a user's id or 'me'.")
        }
        return user
    }

    private static func existingOverride(_ call: Call) throws -> StoredResource {
        let id = try user(call, try call.path("default_warehouse_override_id"))
        guard let found = try call.workspace.resources.get(override.kind, id) else { throw override.notFound(id) }
        return found
    }

    private static let overrides = [
        Operation("sql.warehouses.create_default_warehouse_override", .post, overridePath) { call -> JSONValue in
            var object = try call.contractBody(.post, overridePath)
            object["default_warehouse_override_id"] = .string(try user(call, try call.query.required("default_warehouse_override_id")))
            if object["type"] == nil { throw WorkspaceError.missing("type") }
            try override.rule?(&object, nil, call)
            return try override.shown(try call.workspace.resources.insert(override, object, call), call)
        },
        override.list(
            "sql.warehouses.list_default_warehouse_overrides", overridePath, items: "default_warehouse_overrides", paged: true, most: 1_000,
            filter: { $1.principal.isAdmin || $0.id == $1.principal.id }),
        Operation("sql.warehouses.get_default_warehouse_override", .get, overridePath + "/{default_warehouse_override_id}") { call -> JSONValue in
            try override.shown(try existingOverride(call), call)
        },
        Operation("sql.warehouses.update_default_warehouse_override", .patch, overridePath + "/{default_warehouse_override_id}") {
            call -> JSONValue in
            let body = try call.contractBody(.patch, overridePath + "/{default_warehouse_override_id}")
            let mask = Set(try call.query.required("update_mask").split(separator: ",").map(String.init))
            guard mask.isSubset(of: ["*", "type", "warehouse_id"]) else {
                throw WorkspaceError.invalid("Invalid field in update_mask: only type and warehouse_id can be updated.")
            }
            let id = try existingOverride(call).id
            let changed = try call.workspace.resources.update(override, id, call) { stored in
                for name in ["type", "warehouse_id"] where mask.contains(name) || mask.contains("*") { stored.body[name] = body[name] }
                try override.rule?(&stored.body, stored, call)
            }
            return try override.shown(changed, call)
        },
        Operation("sql.warehouses.delete_default_warehouse_override", .delete, overridePath + "/{default_warehouse_override_id}") { call -> Void in
            _ = try call.workspace.resources.delete(override.kind, try existingOverride(call).id)
        },
    ]
}

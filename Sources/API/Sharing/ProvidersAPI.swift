import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Providers of shares to this workspace: `/api/2.1/unity-catalog/providers`.
package enum ProvidersAPI: APIGroup {
    package static let operations = [create, get, list, update, delete, listShares, listAssets]

    static let create = Operation.unityCatalog(
        "sharing.providers.create", .post, "/providers", limits: "Of providers with OIDC federation the shares are not asked for."
    ) { call in
        let body = try call.fields()
        var spec = CatalogObjectSpec(name: try body.name("name"), comment: try body.string(optional: "comment"))
        let kinds = ["DATABRICKS", "OAUTH_CLIENT_CREDENTIALS", "OIDC_FEDERATION", "TOKEN"]
        guard let kind = try body.choice(optional: "authentication_type", of: kinds) else {
            throw WorkspaceError.missingField("CreateProvider", "authentication_type")
        }
        guard kind != "DATABRICKS" else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue, "Providers of authentication type DATABRICKS appear by themselves; they cannot be created.")
        }
        spec.fields["authentication_type"] = .string(kind)
        guard let text = try body.string(optional: "recipient_profile_str") else {
            throw WorkspaceError.missingField("CreateProvider", "recipient_profile_str")
        }
        try setProfile(text, kind, &spec.fields)
        return try reply(try call.workspace.catalogObjects(.provider).create(spec, by: call.principal), call)
    }

    static let get = Operation.unityCatalog("sharing.providers.get", .get, "/providers/{name}") { call in
        try call.tenant.sql.discoverProviders()
        return try reply(try call.workspace.catalogObjects(.provider).get(call.path("name"), by: call.principal).object, call)
    }

    static let list = Operation.unityCatalog("sharing.providers.list", .get, "/providers") { call in
        try call.tenant.sql.discoverProviders()
        return try SharingPartners.list(.provider, "providers", by: "data_provider_global_metastore_id", call) { write($0, to: &$1) }
    }

    static let update = Operation.unityCatalog("sharing.providers.update", .patch, "/providers/{name}") { call in
        let body = try call.fields()
        var change = CatalogObjectChange()
        change.name = try body.newName()
        change.owner = try body.owner()
        change.comment = try body.string(optional: "comment")
        let providers = call.workspace.catalogObjects(.provider)
        let name = try call.path("name")
        if let text = try body.string(optional: "recipient_profile_str") {
            // What the new credential must be is the business of those alone who may change the provider: `update` sees to it.
            let kind = try providers.get(name, by: call.principal).object.fields["authentication_type"]?.stringValue ?? ""
            guard kind != "DATABRICKS" else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "Providers of authentication type DATABRICKS have no profile.")
            }
            try setProfile(text, kind, &change.fields)
        }
        return try reply(try providers.update(name, change, by: call.principal), call)
    }

    static let delete = Operation.unityCatalog("sharing.providers.delete", .delete, "/providers/{name}") { call in
        try call.workspace.catalogObjects(.provider).delete(call.path("name"), force: true, by: call.principal)
        return .emptyObject
    }

    // MARK: Parts

    /// The credential file; what it says is kept, and its version and endpoint alone are shown.
    private static func setProfile(_ text: String, _ kind: String, _ fields: inout JSONObject) throws {
        func refused(_ reason: String) -> WorkspaceError {
            .unityCatalog(.invalidParameterValue, "recipient_profile_str is not a valid Delta Sharing profile: \(reason).")
        }
        let profile: SharingProfile
        do throws(SharingProfile.Malformed) { profile = try SharingProfile(text) } catch { throw refused(error.reason) }
        switch (kind, profile.credential) {
        case ("TOKEN", .bearer), ("OAUTH_CLIENT_CREDENTIALS", .client), ("OIDC_FEDERATION", .other): break
        default: throw refused("its credential is not of the authentication type \(kind)")
        }
        fields["recipient_profile"] = ["share_credentials_version": .int(profile.version), "endpoint": .string(profile.endpointText)]
        fields[SQLService.profileMember] = .string(text)
    }

    private static func reply(_ provider: CatalogObject, _ call: Call) throws -> Reply { .object { write(provider, to: &$0) } }

    private static func write(_ provider: CatalogObject, to writer: inout JSONWriter) {
        writer.member("name", provider.name)
        writer.member("owner", provider.owner)
        writer.optional("comment", provider.comment)
        for name in ["authentication_type", "data_provider_global_metastore_id", "cloud", "region", "metastore_id", "recipient_profile"] {
            if let value = provider.fields[name] { writer.member(name, value) }
        }
        writer.times(
            createdAt: provider.createdAt, createdBy: provider.createdBy, updatedAt: provider.updatedAt, updatedBy: provider.updatedBy)
    }
}

import HTTPTypes
import JSON
import Workspace

/// Recipients of shares and the activation of their tokens: `/api/2.1/unity-catalog/recipients`.
package enum RecipientsAPI: APIGroup {
    package static let operations = [create, get, list, update, delete, rotate, permissions, activationInfo, activate]

    private static let kinds = ["DATABRICKS", "OAUTH_CLIENT_CREDENTIALS", "OIDC_FEDERATION", "TOKEN"]

    static let create = Operation.unityCatalog(
        "sharing.recipients.create", .post, "/recipients",
        limits: "Recipients of the authentication type OAUTH_CLIENT_CREDENTIALS are objects: they cannot read by the open protocol."
    ) { call in
        let body = try call.fields()
        var spec = CatalogObjectSpec(name: try body.name("name"), comment: try body.string(optional: "comment"))
        guard let kind = try body.choice(optional: "authentication_type", of: kinds) else {
            throw WorkspaceError.missingField("CreateRecipient", "authentication_type")
        }
        spec.fields["authentication_type"] = .string(kind)
        let global = try body.string(optional: "data_recipient_global_metastore_id").flatMap { $0.isEmpty ? nil : $0 }
        spec.fields["data_recipient_global_metastore_id"] = global.map { .string($0) }
        _ = try body.string(optional: "sharing_code")
        try readCommon(body, into: &spec.fields)
        let expiration = try body.int(optional: "expiration_time")
        let made = try call.workspace.recipients.create(spec, expiresAt: try end(expiration, call), by: call.principal)
        return try reply(made, call)
    }

    static let get = Operation.unityCatalog("sharing.recipients.get", .get, "/recipients/{name}") { call in
        try reply(try call.workspace.catalogObjects(.recipient).get(call.path("name"), by: call.principal).object, call)
    }

    static let list = Operation.unityCatalog("sharing.recipients.list", .get, "/recipients") { call in
        try SharingPartners.list(.recipient, "recipients", by: "data_recipient_global_metastore_id", call) { try write($0, call, to: &$1) }
    }

    static let update = Operation.unityCatalog("sharing.recipients.update", .patch, "/recipients/{name}") { call in
        let body = try call.fields()
        var change = CatalogObjectChange()
        change.name = try body.newName()
        change.owner = try body.owner()
        change.comment = try body.string(optional: "comment")
        try readCommon(body, into: &change.fields)
        let expiration = try end(body.int(optional: "expiration_time"), call)
        if change.isEmpty, expiration == nil, body.has("expiration_time") {
            return try reply(try call.workspace.catalogObjects(.recipient).get(call.path("name"), by: call.principal).object, call)
        }
        return try reply(try call.workspace.recipients.update(call.path("name"), change, expiresAt: expiration, by: call.principal), call)
    }

    static let delete = Operation.unityCatalog("sharing.recipients.delete", .delete, "/recipients/{name}") { call in
        try call.workspace.catalogObjects(.recipient).delete(call.path("name"), force: true, by: call.principal)
        return .emptyObject
    }

    static let rotate = Operation.unityCatalog("sharing.recipients.rotate_token", .post, "/recipients/{name}/rotate-token") { call in
        let seconds = try call.fields().int("existing_token_expire_in_seconds")
        return try reply(try call.workspace.recipients.rotate(call.path("name"), existingExpiresIn: seconds, by: call.principal), call)
    }

    static let permissions = Operation.unityCatalog(
        "sharing.recipients.share_permissions", .get, "/recipients/{name}/share-permissions"
    ) { call in
        let name = try call.path("name")
        let paging = try Paging(call, list: "recipient-permissions/\(name)", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let all = try call.workspace.recipients.shares(of: name, by: call.principal)
        let rows = paging.rest(all, key: \.share)
        return paging.encoded("permissions_out", rows, key: \.share) { row, writer in
            writer.member("share_name", row.share)
            writer.member(
                "privilege_assignments",
                [["principal": .string(name.lowercased()), "privileges": .array(row.privileges.map { .string($0.rawValue) })]])
        }
    }

    // MARK: Activation

    private static let activationPath = "\(UnityCatalogAPI.prefix)/public/data_sharing_activation"

    static let activationInfo = Operation(
        "sharing.recipient_activation.get_activation_url_info", .get, "\(activationPath)_info/{activation_url}",
        aliases: ["\(activationPath)_info/{activation_url...}"], access: .open
    ) { call -> Reply in
        try call.workspace.recipients.checkActivation(RecipientActivation.nonce(try call.path("activation_url"), call.query))
        return .emptyObject
    }

    /// Answers the profile by which Delta Sharing's clients connect, once.
    static let activate = Operation(
        "sharing.recipient_activation.retrieve_token", .get, "\(activationPath)/{activation_url}",
        aliases: ["\(activationPath)/{activation_url...}"], access: .open
    ) { call -> Reply in
        let nonce = RecipientActivation.nonce(try call.path("activation_url"), call.query)
        let (token, expiresAt) = try call.workspace.recipients.activate(nonce)
        let endpoint = try "\(call.baseURL)\(DeltaSharingAPI.prefix)/\(call.workspace.metastore.id)"
        return .object { writer in
            writer.member("shareCredentialsVersion", 1)
            writer.member("bearerToken", token)
            writer.member("endpoint", endpoint)
            if let expiresAt { writer.member("expirationTime", RFC3339.text(millis: expiresAt, digits: true)) }
        }
    }

    // MARK: Parts

    /// Milliseconds since 1970; zero is none.
    private static func end(_ millis: Int?, _ call: Call) throws -> Int64? {
        guard let millis, millis != 0 else { return nil }
        guard Int64(millis) > call.workspace.environment.nowMillis else {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "expiration_time must be in the future: \(millis).")
        }
        return Int64(millis)
    }

    private static func readCommon(_ body: Fields, into fields: inout JSONObject) throws {
        if let list = try body.object(optional: "ip_access_list") {
            let addresses = try list.strings(optional: "allowed_ip_addresses") ?? []
            guard addresses.count <= 100 else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "An IP access list has 100 addresses at most.")
            }
            for address in addresses where IPRange(address) == nil {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "'\(address.prefix(64))' is not a valid IP address or CIDR range.")
            }
            fields["ip_access_list"] = ["allowed_ip_addresses": .array(addresses.map { .string($0) })]
        }
        if let map = try body.object(optional: "properties_kvpairs") {
            let pairs = try map.stringMap(optional: "properties") ?? []
            fields["properties_kvpairs"] = ["properties": .members(pairs.map { ($0.key, .string($0.value)) })]
        }
    }

    private static func reply(_ recipient: CatalogObject, _ call: Call) throws -> Reply {
        try .object { try write(recipient, call, to: &$0) }
    }

    private static func write(_ recipient: CatalogObject, _ call: Call, to writer: inout JSONWriter) throws {
        writer.member("name", recipient.name)
        writer.member("id", recipient.id)
        writer.member("owner", recipient.owner)
        writer.optional("comment", recipient.comment)
        let kind = recipient.fields["authentication_type"]?.stringValue ?? "TOKEN"
        writer.member("authentication_type", kind)
        let tokens = try call.workspace.recipients.tokens(of: recipient)
        let base = "\(call.baseURL)/delta_sharing/retrieve_config.html?"
        writer.member("activated", kind == "DATABRICKS" || tokens.contains { $0.isActivated })
        if let pending = tokens.last(where: { !$0.isActivated }) { writer.member("activation_url", base + pending.nonce) }
        for name in ["data_recipient_global_metastore_id", "cloud", "region", "ip_access_list"] {
            if let value = recipient.fields[name] { writer.member(name, value) }
        }
        writer.member("properties_kvpairs", ["properties": .object(recipient.recipientProperties)])
        if !tokens.isEmpty {
            writer.member(
                "tokens",
                .array(
                    tokens.map { token in
                        var members = JSONObject([("id", .string(token.id))])
                        if !token.isActivated { members["activation_url"] = .string(base + token.nonce) }
                        members["created_at"] = .int(token.createdAt)
                        members["created_by"] = .string(token.createdBy)
                        members["updated_at"] = .int(token.updatedAt)
                        members["updated_by"] = .string(token.updatedBy)
                        if let end = token.expiresAt { members["expiration_time"] = .int(end) }
                        return .object(members)
                    }))
        }
        writer.times(
            createdAt: recipient.createdAt, createdBy: recipient.createdBy, updatedAt: recipient.updatedAt, updatedBy: recipient.updatedBy)
    }
}

/// The link that a provider hands to a recipient.
package enum RecipientActivation {
    /// The part that counts of what stands in the path: a whole link, or what follows its question mark.
    package static func nonce(_ text: String, _ query: QueryItems) -> String {
        if text.hasSuffix("retrieve_config.html"), !query.raw.isEmpty { return query.raw }
        return text.split(separator: "?").last.map(String.init) ?? ""
    }
}

import Columnar
import JSON
import Workspace

/// Shares, recipients and providers: objects of the metastore, which `system.information_schema` has. Columns: Databricks SQL language manual.
extension InformationSchema {
    private static func objects(
        _ type: SecurableType, _ fields: [Field], _ values: @escaping @Sendable (InformationSchema, CatalogObject) throws -> [[Value]]
    ) -> Relation {
        Relation(fields: fields) { view in
            if view.catalog != nil { return [] }
            if type == .provider { try view.service.discoverProviders() }
            return try view.workspace.catalogObjects(type).list(by: view.principal).flatMap { try values(view, $0) }
        }
    }

    private static func traces(_ object: CatalogObject) -> [Value] {
        traces(object.createdAt, object.createdBy, object.updatedAt, object.updatedBy)
    }

    private static func member(_ object: CatalogObject, _ name: String) -> Value { text(object.fields[name]?.stringValue) }

    static let shares = objects(.share, texts("share_name share_owner comment?") + traces) { _, share in
        [[.string(share.name), .string(share.owner), text(share.comment)] + traces(share)]
    }

    static let recipients = objects(
        .recipient,
        texts(
            "recipient_name recipient_id recipient_owner authentication_type comment? cloud? region? data_recipient_global_metastore_id?") + traces
    ) { _, recipient in
        let start: [Value] = [
            .string(recipient.name), .string(recipient.id), .string(recipient.owner), member(recipient, "authentication_type"),
            text(recipient.comment),
        ]
        return [start + ["cloud", "region", "data_recipient_global_metastore_id"].map { member(recipient, $0) } + traces(recipient)]
    }

    static let recipientTokens = objects(
        .recipient, texts("recipient_name recipient_token_id activation_url?") + [Field("expiration_time", .timestamp)] + traces
    ) { view, recipient in
        try view.workspace.recipients.tokens(of: recipient).map { token in
            let link = token.isActivated ? nil : "/delta_sharing/retrieve_config.html?\(token.nonce)"
            let start: [Value] = [.string(recipient.name), .string(token.id), text(link), token.expiresAt.map { time($0) } ?? .null]
            return start + traces(token.createdAt, token.createdBy, token.updatedAt, token.updatedBy)
        }
    }

    static let recipientRanges = objects(.recipient, texts("recipient_name allowed_ip_range")) { _, recipient in
        let ranges = recipient.fields["ip_access_list"]?["allowed_ip_addresses"]?.arrayValue ?? []
        return ranges.map { [.string(recipient.name), text($0.stringValue)] }
    }

    static let providers = objects(
        .provider,
        texts(
            "provider_name provider_owner authentication_type share_credentials_version? endpoint? comment? cloud? region? "
                + "data_provider_global_metastore_id?") + traces
    ) { _, provider in
        let profile = provider.fields["recipient_profile"]?.objectValue
        let start: [Value] = [
            .string(provider.name), .string(provider.owner), member(provider, "authentication_type"),
            text(profile?["share_credentials_version"]?.text), text(profile?["endpoint"]?.stringValue), text(provider.comment),
        ]
        return [start + ["cloud", "region", "data_provider_global_metastore_id"].map { member(provider, $0) } + traces(provider)]
    }

    static let shareRecipientPrivileges = objects(
        .share, texts("grantor recipient_name share_name privilege_type inherited_from?")
    ) { view, share in
        try view.workspace.shares.grants(share.name, by: view.principal).flatMap { row in
            row.privileges.filter { $0 == .select }.map { privilege -> [Value] in
                [.string(share.owner), .string(row.principal), .string(share.name), .string(privilege.rawValue), .string("NONE")]
            }
        }
    }

    // MARK: What is shared

    /// The objects of the shares that the caller may see, of this catalog.
    private func shared(_ isWanted: (SharedObject) -> Bool) throws -> [(share: String, object: SharedObject, names: [String])] {
        try workspace.catalogObjects(.share).list(by: principal).flatMap { share in
            try workspace.shares.objects(of: share).filter(isWanted).compactMap { object in
                let names = object.name.split(separator: ".").map(String.init)
                guard let first = names.first, catalog == nil || first == catalog else { return nil }
                return (share.name, object, names)
            }
        }
    }

    static let tableShareUsage = Relation(
        fields: texts("catalog_name schema_name table_name share_name partition_spec? cdf_enabled") + [Field("start_version", .long, nullable: false)]
            + texts("shared_as_schema shared_as_table comment?")
    ) { view in
        try view.shared { $0.kind.isRelation }.compactMap { share, object, names in
            let alias = object.alias.split(separator: ".").map(String.init)
            guard names.count == 3, alias.count == 2 else { return nil }
            return names.map { .string($0) } + [
                .string(share), text(object.partitionText), yes(object.members["cdf_enabled"]?.boolValue == true),
                .integer(Int64(object.startVersion ?? 0)),
                .string(alias[0]), .string(alias[1]), text(object.members["comment"]?.stringValue),
            ]
        }
    }

    static let schemaShareUsage = Relation(fields: texts("catalog_name schema_name share_name shared_as_schema comment?")) { view in
        try view.shared { $0.kind == .schema }.compactMap { share, object, names in
            guard names.count == 2 else { return nil }
            return names.map { .string($0) } + [.string(share), .string(object.alias), text(object.members["comment"]?.stringValue)]
        }
    }

    static let catalogProviderShareUsage = Relation(fields: texts("catalog_name provider_name share_name")) { view in
        try view.catalogInfos().compactMap { catalog in
            catalog.share.map { [.string(catalog.name), .string($0.provider), .string($0.share)] }
        }
    }

    static let sharing: [String: Relation] = [
        "catalog_provider_share_usage": catalogProviderShareUsage,
        "shares": shares, "recipients": recipients, "recipient_tokens": recipientTokens, "recipient_allowed_ip_ranges": recipientRanges,
        "providers": providers, "share_recipient_privileges": shareRecipientPrivileges, "table_share_usage": tableShareUsage,
        "schema_share_usage": schemaShareUsage,
    ]
}

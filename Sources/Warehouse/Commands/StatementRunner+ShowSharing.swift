import Columnar
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// SHOW and DESCRIBE of shares, recipients and providers. Columns: Databricks SQL language manual.
extension StatementRunner {
    func showSharing(_ type: SecurableType, provider: NameReference?, _ pattern: ShowPattern?) throws(SQLError) -> ResultSet {
        if let provider {
            let name = try catalogName(provider)
            let (service, principal) = (service, principal)
            let shares = try catalog.outsideWait.run { try await service.offeredShares(of: name, by: principal).map(\.name) }
            return ResultSet(
                [Field("name", .text, nullable: false)], rows: shares.filter { pattern?.matches($0) ?? true }.map { [.string($0)] })
        }
        if type == .provider { try onCatalog { try service.discoverProviders() } }
        let objects = try onCatalog { try workspace.catalogObjects(type).list(by: principal) }.filter { pattern?.matches($0.name) ?? true }
        let hasKind = type != .share
        return ResultSet(
            [
                Field("name", .text, nullable: false), Field("created_at", .timestamp, nullable: false), Field("created_by", .text, nullable: false),
            ] + (hasKind ? [Field("authentication_type", .text, nullable: false)] : []) + [Field("comment", .text)],
            rows: objects.map { object in
                [.string(object.name), InformationSchema.time(object.createdAt), .string(object.createdBy)]
                    + (hasKind ? [InformationSchema.text(object.fields["authentication_type"]?.stringValue)] : [])
                    + [InformationSchema.text(object.comment)]
            })
    }

    func showAll(inShare reference: NameReference) throws(SQLError) -> ResultSet {
        let name = try catalogName(reference)
        let objects = try onCatalog { try workspace.shares.objects(of: workspace.catalogObjects(.share).get(name, by: principal).object) }
        let fields = ["name", "type", "shared_object"].map { Field($0, .text, nullable: false) }
        return ResultSet(
            fields + [
                Field("added_at", .timestamp), Field("added_by", .text), Field("comment", .text), Field("partitions", .text),
            ],
            rows: objects.sorted { $0.alias < $1.alias }.map { object in
                [
                    .string(object.alias), .string(object.kind.rawValue), .string(object.name),
                    InformationSchema.time(object.members["added_at"]?.intValue.map { Int64($0) } ?? 0),
                    InformationSchema.text(object.members["added_by"]?.stringValue), InformationSchema.text(object.members["comment"]?.stringValue),
                    InformationSchema.text(object.partitionText),
                ]
            })
    }

    func showGrants(onShare reference: NameReference?) throws(SQLError) -> ResultSet {
        guard let reference else { throw .notSimulated("SHOW GRANTS ON SHARE without a name") }
        let name = try catalogName(reference)
        let rows = try onCatalog { try workspace.shares.grants(name, by: principal) }
        return ResultSet(
            [
                Field("recipient", .text, nullable: false), Field("actionType", .text, nullable: false), Field("objectType", .text),
                Field("objectKey", .text),
            ],
            rows: rows.flatMap { row in row.privileges.map { [.string(row.principal), .string($0.words), .string("SHARE"), .string(name)] } })
    }

    func showGrants(toRecipient reference: NameReference) throws(SQLError) -> ResultSet {
        let name = try catalogName(reference)
        let rows = try onCatalog { try workspace.recipients.shares(of: name, by: principal) }
        return ResultSet(
            [Field("share", .text, nullable: false), Field("privilege", .text, nullable: false)],
            rows: rows.flatMap { row in row.privileges.map { [.string(row.share), .string($0.words)] } })
    }

    // MARK: DESCRIBE

    func describeShare(_ reference: NameReference) throws(SQLError) -> ResultSet {
        let share = try sharing(.share, reference)
        return ResultSet(
            [
                Field("name", .text, nullable: false), Field("created_at", .timestamp, nullable: false), Field("created_by", .text, nullable: false),
                Field("comment", .text),
            ],
            rows: [
                [.string(share.name), InformationSchema.time(share.createdAt), .string(share.createdBy), InformationSchema.text(share.comment)]
            ])
    }

    func describeRecipient(_ reference: NameReference) throws(SQLError) -> ResultSet {
        let recipient = try sharing(.recipient, reference)
        let kind = recipient.fields["authentication_type"]?.stringValue ?? "TOKEN"
        var rows = [("recipient_name", recipient.name)]
        if kind != "DATABRICKS" { rows.append(("recipient_id", recipient.id)) }
        rows += [("authentication_type", kind), ("owner", recipient.owner)] + traces(recipient)
        if kind == "DATABRICKS" {
            rows += place(recipient, "data_recipient_global_metastore_id")
        } else {
            let tokens = try onCatalog { try workspace.recipients.tokens(of: recipient) }
            if let active = tokens.last {
                rows.append(("active_token_id", active.id))
                rows.append(("active_token_expiration", active.expiresAt.map(Self.stamp) ?? ""))
            }
            if let pending = tokens.last(where: { !$0.isActivated }) {
                rows.append(("activation_link", "\(request.baseURL ?? "")/delta_sharing/retrieve_config.html?\(pending.nonce)"))
            }
        }
        let properties = recipient.fields["properties_kvpairs"]?.objectValue?["properties"]?.objectValue ?? JSONObject()
        if !properties.isEmpty {
            rows.append(("properties", properties.members.map { "\($0.name)=\($0.value.stringValue ?? "")" }.sorted().joined(separator: ", ")))
        }
        return items(rows)
    }

    func describeProvider(_ reference: NameReference) throws(SQLError) -> ResultSet {
        try onCatalog { try service.discoverProviders() }
        let provider = try sharing(.provider, reference)
        let kind = provider.fields["authentication_type"]?.stringValue ?? "TOKEN"
        var rows = [("provider_name", provider.name), ("authentication_type", kind)] + traces(provider)
        rows.append(("activated_by_provider", "true"))
        if kind == "DATABRICKS" { rows += place(provider, "data_provider_global_metastore_id") }
        return items(rows)
    }

    private func sharing(_ type: SecurableType, _ reference: NameReference) throws(SQLError) -> CatalogObject {
        let name = try catalogName(reference)
        return try onCatalog { try workspace.catalogObjects(type).get(name, by: principal).object }
    }

    private func traces(_ object: CatalogObject) -> [(String, String)] {
        [
            ("created_by", object.createdBy), ("create_at", Self.stamp(object.createdAt)), ("updated_by", object.updatedBy),
            ("updated_at", Self.stamp(object.updatedAt)), ("comment", object.comment ?? ""),
        ]
    }

    /// Where the other side's metastore is.
    private func place(_ object: CatalogObject, _ member: String) -> [(String, String)] {
        let parts = (object.fields[member]?.stringValue ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return Array(zip(["cloud", "region", "metastore_id"], parts))
    }

    /// `2022-01-01T00:00:00.000+0000`.
    private static func stamp(_ millis: Int64) -> String {
        let rest = (millis % 1000 + 1000) % 1000
        let digits = String(rest)
        let text = DateText.iso(millis: millis)
        return text.dropLast() + "." + String(repeating: "0", count: 3 - digits.count) + digits + "+0000"
    }

    private func items(_ rows: [(String, String)]) -> ResultSet {
        ResultSet(
            [Field("info_name", .text, nullable: false), Field("info_value", .text, nullable: false)],
            rows: rows.map { [.string($0.0), .string($0.1)] })
    }
}

extension SharedObject {
    /// `(c1 = 5), (c1 = 7)`; nil for the whole table.
    var partitionText: String? {
        if partitions.isEmpty { return nil }
        return partitions.map { conditions in
            let texts = conditions.map { condition in
                let operand = condition.property.map { "CURRENT_RECIPIENT().\($0)" } ?? condition.value ?? ""
                return "\(condition.column) \(condition.isPattern ? "LIKE" : "=") \(operand)"
            }
            return "(\(texts.joined(separator: " AND ")))"
        }.joined(separator: ", ")
    }
}

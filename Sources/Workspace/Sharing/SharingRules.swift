import JSON

/// What recipients must be, and what follows a provider's name.
extension CatalogObjectRules {
    static let provider = CatalogObjectRules(
        noun: "Provider", creation: .createProvider,
        renamed: { database, before, after in
            if before.name != after.name { try Catalogs.renameProvider(before.name, after.name, database) }
        })

    static let recipient = CatalogObjectRules(
        noun: "Recipient", creation: .createRecipient,
        check: { scene, id, _, before, fields in
            guard before == nil else { return }
            let metastore = try scene.workspace.metastore
            let scope = metastore.details["delta_sharing_scope"]?.stringValue ?? "INTERNAL"
            let global = fields["data_recipient_global_metastore_id"]?.stringValue
            guard fields["authentication_type"] == "DATABRICKS" else {
                guard scope == "INTERNAL_AND_EXTERNAL" else {
                    throw WorkspaceError.unityCatalog(
                        .invalidState, "External Delta Sharing is not enabled on metastore '\(metastore.name)': its delta_sharing_scope is \(scope).")
                }
                guard global == nil else {
                    throw WorkspaceError.unityCatalog(
                        .invalidParameterValue, "data_recipient_global_metastore_id is for recipients of authentication type DATABRICKS alone.")
                }
                return
            }
            guard let global else { throw WorkspaceError.missingField(scene.rpc, "data_recipient_global_metastore_id") }
            let parts = global.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else {
                throw WorkspaceError.unityCatalog(
                    .invalidParameterValue, "Invalid data_recipient_global_metastore_id '\(global.prefix(200))': it must be cloud:region:uuid.")
            }
            guard global != metastore.globalID else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "A metastore cannot be a recipient of its own shares.")
            }
            let taken = try CatalogObjects.all(scene.database, .recipient).first {
                $0.fields["data_recipient_global_metastore_id"]?.stringValue == global
            }
            if let taken {
                throw WorkspaceError.unityCatalog(
                    .recipientAlreadyExists, "There is already a Recipient object '\(taken.name)' with the same sharing identifier '\(global)'")
            }
            fields["cloud"] = .string(parts[0])
            fields["region"] = .string(parts[1])
        })
}

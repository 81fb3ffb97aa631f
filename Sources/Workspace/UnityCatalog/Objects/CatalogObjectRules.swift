import GRDB
import JSON

/// What is special about a type of `CatalogObjects`: its word in the service's procedures, who may create one, what its members must be, and what is in
/// the way of its deletion.
struct CatalogObjectRules: Sendable {
    /// Where a check runs: inside the transaction that writes.
    struct Scene {
        let workspace: Workspace
        let database: Database
        let access: Access
        /// The service's name of the procedure, for messages.
        let rpc: String

        init(_ workspace: Workspace, _ database: Database, _ access: Access, _ rpc: String) {
            self.workspace = workspace
            self.database = database
            self.access = access
            self.rpc = rpc
        }
    }

    /// `StorageCredential` of `CreateStorageCredential`.
    let noun: String
    /// The privilege on the metastore, or on the schema, that a creation needs; nil: it is decided by `check`.
    let creation: Privilege?
    /// Completes and checks the members of a new object (`before` is nil) or of a changed one.
    var check: @Sendable (_ scene: Scene, _ id: String, _ name: String, _ before: CatalogObject?, _ fields: inout JSONObject) throws -> Void = {
        _, _, _, _, _ in
    }
    /// Whether only who manages an object sees it.
    var isForManagers = false
    /// What depends on an object, in words; nil if nothing does.
    var dependents: @Sendable (_ database: Database, _ object: CatalogObject) throws -> String? = { _, _ in nil }
    /// Follows a change of name in other objects.
    var renamed: @Sendable (_ database: Database, _ before: CatalogObject, _ after: CatalogObject) throws -> Void = { _, _, _ in }

    static func of(_ type: SecurableType) -> CatalogObjectRules {
        switch type {
        case .storageCredential: .storageCredential
        case .credential: .credential
        case .externalLocation: .externalLocation
        case .connection: .connection
        case .model: .model
        case .secret: CatalogObjectRules(noun: "Secret", creation: .createSecret, isForManagers: true)
        case .share: CatalogObjectRules(noun: "Share", creation: .createShare)
        case .recipient: .recipient
        case .provider: .provider
        case .externalMetadata: CatalogObjectRules(noun: "ExternalMetadata", creation: nil)
        default: CatalogObjectRules(noun: type.title.split(separator: " ").joined(), creation: .manage)
        }
    }
}

extension CatalogObjectRules {
    static let storageCredential = CatalogObjectRules(
        noun: "StorageCredential", creation: .createStorageCredential, check: credentialCheck, dependents: credentialDependents)

    static let credential = CatalogObjectRules(
        noun: "Credential", creation: .createServiceCredential, check: credentialCheck)

    /// The cloud's side of a credential: exactly one of these members.
    static let clouds = [
        "aws_iam_role", "azure_managed_identity", "azure_service_principal", "cloudflare_api_token", "databricks_gcp_service_account",
    ]

    private static let credentialCheck: @Sendable (Scene, String, String, CatalogObject?, inout JSONObject) throws -> Void = {
        scene, id, name, before, fields in
        let given = clouds.filter { fields[$0] != nil }
        guard let cloud = given.last, given.count == 1 || before != nil else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue, "\(scene.rpc) must be given exactly one of: \(clouds.joined(separator: ", "))")
        }
        // A change of the cloud's side takes the place of the old one.
        for other in given where other != cloud && before?.fields[other] != nil { fields[other] = nil }
        var side = fields[cloud]?.objectValue ?? JSONObject()
        switch cloud {
        case "aws_iam_role":
            side["external_id"] = .string(id)
            side["unity_catalog_iam_arn"] = "arn:aws:iam::414351767826:role/unity-catalog-prod-UCMasterRole-14S5ZJVKOTYTL"
        case "azure_managed_identity": side["credential_id"] = .string(id)
        case "databricks_gcp_service_account":
            side["credential_id"] = .string(id)
            side["email"] = .string("db-uc-storage-\(id.prefix(8))@dbxsim.iam.gserviceaccount.com")
        default: break
        }
        fields[cloud] = .object(side)
        if fields["isolation_mode"] == nil { fields["isolation_mode"] = "ISOLATION_MODE_OPEN" }
        for type in [SecurableType.storageCredential, .credential] {
            guard let rival = try CatalogObjects.find(scene.database, type, parent: "", name: name), rival.id != id else { continue }
            throw WorkspaceError.exists(type, name)
        }
    }

    private static let credentialDependents: @Sendable (Database, CatalogObject) throws -> String? = { database, object in
        let locations = try CatalogObjects.all(database, .externalLocation).filter { $0.fields["credential_id"]?.stringValue == object.id }
        if locations.isEmpty { return nil }
        return "0 directly dependent external table(s) and \(locations.count) dependent external location(s)"
    }

    static let connection = CatalogObjectRules(
        noun: "Connection", creation: .createConnection,
        check: { scene, _, _, _, fields in
            guard fields["connection_type"]?.stringValue?.isEmpty == false else {
                throw WorkspaceError.missingField(scene.rpc, "connection_type")
            }
            guard fields["options"]?.objectValue != nil else { throw WorkspaceError.missingField(scene.rpc, "options") }
        },
        dependents: { database, object in
            let count = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM catalog WHERE kind = 'FOREIGN_CATALOG' AND json_extract(options, '$.connection_name') = ?",
                arguments: [object.name])
            return count.map { $0 > 0 ? "\($0) dependent foreign catalog(s)" : nil } ?? nil
        })

    static let model = CatalogObjectRules(
        noun: "RegisteredModel", creation: .createModel,
        check: { scene, id, _, before, fields in
            guard before == nil, fields["storage_location"] == nil else { return }
            fields["storage_location"] = .string("\(try scene.workspace.metastore.storageRoot)/models/\(id)")
        })
}

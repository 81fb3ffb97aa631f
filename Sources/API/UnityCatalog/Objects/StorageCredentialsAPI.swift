import HTTPTypes
import JSON
import Workspace

/// Storage credentials: `/api/2.1/unity-catalog/storage-credentials`.
package enum StorageCredentialsAPI: APIGroup {
    package static let operations = resource.operations + [validate]

    private static let isolationModes = ["ISOLATION_MODE_ISOLATED", "ISOLATION_MODE_OPEN"]

    /// The cloud's side; secrets in it are taken and forgotten.
    static let clouds: [ObjectResource.Member] = [
        .init("aws_iam_role", .object("AwsIamRole")), .init("azure_managed_identity", .object("AzureManagedIdentity")),
        .init("azure_service_principal", .object("AzureServicePrincipal", without: ["client_secret"])),
        .init("cloudflare_api_token", .object("CloudflareApiToken", without: ["secret_access_key"])),
        .init("databricks_gcp_service_account", .object("DatabricksGcpServiceAccount")),
    ]

    static let common: [ObjectResource.Member] = [
        .init("read_only", .bool, initial: false), .init("isolation_mode", .choice(isolationModes), onCreate: false),
    ]

    static let resource = ObjectResource(
        type: .storageCredential, id: "catalog.storage_credentials", path: "/storage-credentials", list: "storage_credentials",
        members: clouds + common, limits: "skip_validation changes nothing: no cloud is asked.",
        complete: { object, _, writer in
            writer.member("id", object.id)
            writer.member("full_name", object.name)
            writer.member("used_for_managed_storage", false)
        })

    static let validate = Operation.unityCatalog(
        "catalog.storage_credentials.validate", .post, "/validate-storage-credentials",
        limits: "The credential and the location must be known; no cloud is asked, so that every check passes."
    ) { call in
        let body = try call.fields()
        let isReadOnly = try CredentialValidation.check(call, body, credential: "storage_credential_name", types: [.storageCredential])
        let operations = isReadOnly ? ["READ", "LIST"] : ["READ", "LIST", "WRITE", "DELETE"]
        return .object { writer in
            writer.member("isDir", true)
            writer.member("results", .array(operations.map { ["operation": .string($0), "result": "PASS", "message": ""] }))
        }
    }
}

/// What the two validations have in common.
enum CredentialValidation {
    /// Whether only reading is asked for.
    static func check(_ call: Call, _ body: Fields, credential: String, types: [SecurableType]) throws -> Bool {
        var isReadOnly = try body.bool(optional: "read_only") ?? false
        var found = false
        if let name = try body.string(optional: credential), !name.isEmpty {
            isReadOnly = try find(call, types, name).fields["read_only"]?.boolValue ?? isReadOnly
            found = true
        }
        for cloud in StorageCredentialsAPI.clouds where try body.object(optional: cloud.name) != nil { found = true }
        if let name = try body.string(optional: "external_location_name"), !name.isEmpty {
            let location = try call.workspace.catalogObjects(.externalLocation).get(name, by: call.principal).object
            isReadOnly = isReadOnly || location.fields["read_only"]?.boolValue ?? false
            found = true
        }
        guard found else {
            throw WorkspaceError.invalid("One of \(credential), external_location_name and a cloud's credential must be given")
        }
        return isReadOnly
    }

    private static func find(_ call: Call, _ types: [SecurableType], _ name: String) throws -> CatalogObject {
        for type in types.dropLast() {
            if let found = try? call.workspace.catalogObjects(type).get(name, by: call.principal).object { return found }
        }
        return try call.workspace.catalogObjects(types.last ?? .storageCredential).get(name, by: call.principal).object
    }
}

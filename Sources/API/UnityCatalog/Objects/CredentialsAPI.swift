import HTTPTypes
import JSON
import Workspace

/// Credentials of both purposes: `/api/2.1/unity-catalog/credentials`. Those for storage are the storage credentials.
package enum CredentialsAPI: APIGroup {
    package static let operations = [create, get, list, update, delete, validate, generate]

    private static let purposes = ["SERVICE", "STORAGE"]

    private static func resource(_ type: SecurableType) -> ObjectResource {
        ObjectResource(
            type: type, id: "catalog.credentials", path: "/credentials", list: "credentials", parameter: "name_arg",
            members: StorageCredentialsAPI.clouds + StorageCredentialsAPI.common,
            limits: "skip_validation changes nothing: no cloud is asked.",
            complete: { object, _, writer in
                writer.member("id", object.id)
                writer.member("full_name", object.name)
                writer.member("purpose", object.type == .credential ? "SERVICE" : "STORAGE")
                if object.type == .storageCredential { writer.member("used_for_managed_storage", false) }
            })
    }

    private static let service = resource(.credential)
    private static let storage = resource(.storageCredential)

    private static func named(_ call: Call) throws -> ObjectResource {
        let name = try call.path("name_arg")
        do {
            _ = try call.workspace.catalogObjects(.storageCredential).get(name, by: .system)
            return storage
        } catch let error as WorkspaceError where error.code == .storageCredentialDoesNotExist {
            return service
        }
    }

    /// The operation of a resource, under its own name here.
    private static func operation(_ name: String, of resource: ObjectResource) -> Operation? { resource.operations.first { $0.id == name } }

    private static func forwarding(
        _ name: String, _ method: HTTPRequest.Method, _ path: String, limits: String? = nil,
        _ choose: @escaping @Sendable (Call) throws -> ObjectResource
    ) -> Operation {
        Operation(name, method, UnityCatalogAPI.prefix + path, aliases: [UnityCatalogAPI.olderPrefix + path], limits: limits) {
            call -> Reply in
            guard let operation = try operation(name, of: choose(call)) else { throw WorkspaceError(.notImplemented, name) }
            return try await operation.handle(call)
        }
    }

    static let create = forwarding("catalog.credentials.create", .post, "/credentials", limits: service.limits) { call in
        let purpose = try call.fields().choice(optional: "purpose", of: purposes)
        guard let purpose else { throw WorkspaceError.missingField("CreateCredential", "purpose") }
        return purpose == "SERVICE" ? service : storage
    }

    static let get = forwarding("catalog.credentials.get", .get, "/credentials/{name_arg}") { try named($0) }
    static let update = forwarding("catalog.credentials.update", .patch, "/credentials/{name_arg}") { try named($0) }
    static let delete = forwarding("catalog.credentials.delete", .delete, "/credentials/{name_arg}") { try named($0) }

    static let list = Operation.unityCatalog("catalog.credentials.list", .get, "/credentials") { call in
        let purpose = call.query.string("purpose")
        if let purpose, !purposes.contains(purpose) { throw WorkspaceError.invalid("Invalid value '\(purpose.prefix(64))' for field 'purpose'") }
        let paging = try Paging(call, list: "credentials/\(purpose ?? "")", pageSize: UnityCatalogAPI.pageSize)
        var rows: [CatalogObject] = []
        for (type, wanted) in [(SecurableType.credential, "SERVICE"), (.storageCredential, "STORAGE")] where purpose == nil || purpose == wanted {
            rows += try call.workspace.catalogObjects(type).list(after: paging.after, limit: paging.fetchLimit, by: call.principal)
        }
        rows = Array(rows.sorted { $0.name < $1.name }.prefix(paging.fetchLimit))
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return try paging.encoded("credentials", rows, key: \.name) { object, writer in
            try service.write(object, call, metastoreID, to: &writer)
        }
    }

    static let generate = Operation.unityCatalog(
        "catalog.credentials.generate_temporary_service_credential", .post, "/temporary-service-credentials",
        limits: "ACCESS is checked; the keys open nothing, as no cloud stands behind them."
    ) { call in
        let body = try call.fields()
        let name = try body.string("credential_name")
        try call.workspace.require(.access, on: .credential, name, for: call.principal)
        let credential = try call.workspace.catalogObjects(.credential).get(name, by: call.principal).object
        let ids = call.workspace.environment.ids
        let expiry = call.workspace.environment.nowMillis + 3_600_000
        let token = ids.secretHex(byteCount: 48)
        return .object { writer in
            if credential.fields["aws_iam_role"] != nil {
                writer.member(
                    "aws_temp_credentials",
                    [
                        "access_key_id": .string("ASIA" + ids.hex16().uppercased()), "secret_access_key": .string(ids.secretHex(byteCount: 20)),
                        "session_token": .string(token),
                    ])
            } else if credential.fields["databricks_gcp_service_account"] != nil {
                writer.member("gcp_oauth_token", ["oauth_token": .string(token)])
            } else {
                writer.member("azure_aad", ["aad_token": .string(token)])
            }
            writer.member("expiration_time", expiry)
        }
    }

    static let validate = Operation.unityCatalog(
        "catalog.credentials.validate", .post, "/validate-credentials",
        limits: "The credential and the location must be known; no cloud is asked, so that every check passes."
    ) { call in
        let body = try call.fields()
        _ = try body.choice(optional: "purpose", of: purposes)
        _ = try CredentialValidation.check(call, body, credential: "credential_name", types: [.credential, .storageCredential])
        return .object { writer in
            writer.member("isDir", true)
            writer.member("results", [["result": "PASS", "message": ""]])
        }
    }
}

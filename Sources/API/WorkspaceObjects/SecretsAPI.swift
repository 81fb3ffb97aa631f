import Foundation
import HTTPTypes
import JSON
import Workspace

/// Secret scopes, their access lists and their secrets: `/api/2.0/secrets`.
package enum SecretsAPI: APIGroup {
    package static let operations = [
        createScope, deleteScope, listScopes, putSecret, getSecret, deleteSecret, listSecrets, putACL, deleteACL, getACL, listACLs,
    ]

    // MARK: Scopes

    static let createScope = Operation(
        "secrets.create_scope", .post, "/api/2.0/secrets/scopes/create", limits: "scopes backed by Azure Key Vault are refused"
    ) { call -> Void in
        let fields = try call.fields()
        let backend = try fields.choice(optional: "scope_backend_type", of: ["DATABRICKS", "AZURE_KEYVAULT"])
        guard backend != "AZURE_KEYVAULT", !fields.has("backend_azure_keyvault") else {
            throw WorkspaceError(.notImplemented, "Scopes with the backend AZURE_KEYVAULT are not simulated.")
        }
        try call.workspace.secretScopes.create(
            try fields.string("scope"), managers: try fields.string(optional: "initial_manage_principal"), by: call.principal)
    }

    static let deleteScope = Operation("secrets.delete_scope", .post, "/api/2.0/secrets/scopes/delete") { call -> Void in
        try call.workspace.secretScopes.delete(try call.fields().string("scope"), by: call.principal)
    }

    static let listScopes = Operation("secrets.list_scopes", .get, "/api/2.0/secrets/scopes/list") { call -> JSONValue in
        let scopes = try call.workspace.secretScopes.list(for: call.principal)
        return list("scopes", scopes.map { ["name": .string($0.name), "backend_type": "DATABRICKS"] })
    }

    // MARK: Secrets

    static let putSecret = Operation("secrets.put", .post, "/api/2.0/secrets/put") { call -> Void in
        let fields = try call.fields()
        let value: Data
        switch (try fields.string(optional: "string_value"), try fields.string(optional: "bytes_value")) {
        case (let text?, nil): value = Data(text.utf8)
        case (nil, let text?):
            guard let bytes = Data(base64Encoded: text) else { throw WorkspaceError.malformed("bytes_value is not base64") }
            value = bytes
        case (nil, nil): throw WorkspaceError.malformed("Either string_value or bytes_value must be specified")
        case (_?, _?): throw WorkspaceError.malformed("Only one of string_value and bytes_value can be specified")
        }
        try call.workspace.secrets.put(
            try fields.string("key"), value, in: try fields.string("scope"), by: call.principal)
    }

    static let getSecret = Operation("secrets.get", .get, "/api/2.0/secrets/get") { call -> JSONValue in
        let key = try call.query.required("key")
        let value = try call.workspace.secrets.get(key, in: try call.query.required("scope"), by: call.principal)
        return ["key": .string(key), "value": .string(value.base64EncodedString())]
    }

    static let deleteSecret = Operation("secrets.delete", .post, "/api/2.0/secrets/delete") { call -> Void in
        let fields = try call.fields()
        try call.workspace.secrets.delete(try fields.string("key"), in: try fields.string("scope"), by: call.principal)
    }

    static let listSecrets = Operation("secrets.list", .get, "/api/2.0/secrets/list") { call -> JSONValue in
        let secrets = try call.workspace.secrets.list(in: try call.query.required("scope"), by: call.principal)
        return list("secrets", secrets.map { ["key": .string($0.key), "last_updated_timestamp": .int($0.updatedAt)] })
    }

    // MARK: Access lists

    static let putACL = Operation("secrets.put_acl", .post, "/api/2.0/secrets/acls/put") { call -> Void in
        let fields = try call.fields()
        let permission = try fields.choice("permission", of: SecretPermission.allCases.map(\.rawValue))
        guard let permission = SecretPermission(rawValue: permission) else { throw WorkspaceError.missing("permission") }
        try call.workspace.secretScopes.putACL(
            SecretACL(principal: try fields.string("principal"), permission: permission), in: try fields.string("scope"), by: call.principal)
    }

    static let deleteACL = Operation("secrets.delete_acl", .post, "/api/2.0/secrets/acls/delete") { call -> Void in
        let fields = try call.fields()
        try call.workspace.secretScopes.deleteACL(
            of: try fields.string("principal"), in: try fields.string("scope"), by: call.principal)
    }

    static let getACL = Operation("secrets.get_acl", .get, "/api/2.0/secrets/acls/get") { call -> JSONValue in
        json(
            try call.workspace.secretScopes.acl(
                of: try call.query.required("principal"), in: try call.query.required("scope"), by: call.principal))
    }

    static let listACLs = Operation("secrets.list_acls", .get, "/api/2.0/secrets/acls/list") { call -> JSONValue in
        list("items", try call.workspace.secretScopes.acls(in: try call.query.required("scope"), by: call.principal).map(json))
    }

    private static func json(_ acl: SecretACL) -> JSONValue {
        ["principal": .string(acl.principal), "permission": .string(acl.permission.rawValue)]
    }

    /// The service leaves an empty list out.
    private static func list(_ name: String, _ elements: [JSONValue]) -> JSONValue {
        elements.isEmpty ? .object(JSONObject()) : .object(JSONObject([(name, .array(elements))]))
    }
}

import HTTPTypes
import JSON
import S3
import Warehouse
import Workspace

/// Versions of Unity Catalog's models as MLflow's client makes and reads them: `/api/2.0/mlflow/unity-catalog/model-versions`.
/// Source: mlflow/mlflow, protos/databricks_uc_registry_messages.proto.
package enum ModelRegistrationAPI: APIGroup {
    package static let operations = [create, get, finalize, downloadURI, credentials]

    private static let root = "/api/2.0/mlflow/unity-catalog/model-versions"

    static let create = Operation(
        "mlflow_unity_catalog.create_model_version", .post, root + "/create", limits: "Tags and dependencies of versions are refused."
    ) { call -> Reply in
        let body = try call.fields()
        let name = try body.string("name")
        var fields = JSONObject([("source", .string(try body.string("source"))), ("status", "PENDING_REGISTRATION")])
        fields["run_id"] = try body.string(optional: "run_id").flatMap { $0.isEmpty ? nil : .string($0) }
        for member in ["tags", "model_version_dependencies"] where try !(body.array(optional: member) ?? []).isEmpty {
            throw WorkspaceError(.notImplemented, "mlflow_unity_catalog.create_model_version: \(member) are not simulated.")
        }
        let (model, version) = try call.workspace.modelVersions.create(
            name, fields: fields, comment: try body.string(optional: "description"), by: call.principal)
        return reply(model, version)
    }

    static let get = Operation("mlflow_unity_catalog.get_model_version", .get, root + "/get") { call -> Reply in
        try call.tenant.sql.refreshReceived()
        let (model, version) = try call.workspace.modelVersions.get(
            call.query.parent("name", rpc: "GetModelVersion"), number(try call.query.parent("version", rpc: "GetModelVersion")), by: call.principal)
        return reply(model, version)
    }

    static let finalize = Operation("mlflow_unity_catalog.finalize_model_version", .post, root + "/finalize") { call -> Reply in
        let body = try call.fields()
        let (model, version) = try call.workspace.modelVersions.finalize(
            try body.string("name"), try number(body.string("version")), by: call.principal)
        return reply(model, version)
    }

    static let downloadURI = Operation("mlflow_unity_catalog.get_model_version_download_uri", .get, root + "/get-download-uri") { call -> Reply in
        let rpc = "GetModelVersionDownloadUri"
        let files = try call.tenant.sql.modelFiles(
            call.query.parent("name", rpc: rpc), number(try call.query.parent("version", rpc: rpc)), writes: false, by: call.principal)
        return .json(["artifact_uri": .string(files.location)])
    }

    static let credentials = Operation(
        "mlflow_unity_catalog.generate_temporary_model_version_credentials", .post, root + "/generate-temporary-credentials"
    ) { call -> Reply in
        let body = try call.fields()
        let operation = try body.choice("operation", of: ["MODEL_VERSION_OPERATION_READ", "MODEL_VERSION_OPERATION_READ_WRITE"])
        let writes = operation == "MODEL_VERSION_OPERATION_READ_WRITE"
        let files = try call.tenant.sql.modelFiles(
            try body.string("name"), try number(body.string("version")), writes: writes, by: call.principal)
        let credential = files.holder.credential(for: SQLService.objectPath(files.location), writes: writes, by: files.reader)
        return .json([
            "credentials": [
                "aws_temp_credentials": [
                    "access_key_id": .string(credential.accessKeyID), "secret_access_key": .string(credential.secretAccessKey),
                    "session_token": .string(credential.sessionToken),
                ],
                "expiration_time": .int(Int(credential.grant.expires)), "storage_mode": "CUSTOMER_HOSTED",
            ]
        ])
    }

    private static func number(_ text: String) throws(WorkspaceError) -> Int {
        guard let number = Int(text), number > 0 else { throw .invalid("'\(text.prefix(64))' is not the number of a model version.") }
        return number
    }

    private static func reply(_ model: CatalogObject, _ version: CatalogObject) -> Reply {
        let number = Int(version.name) ?? 0
        var members = JSONObject([
            ("name", .string(model.fullName)), ("version", .string(String(number))), ("creation_timestamp", .int(Int(version.createdAt))),
            ("last_updated_timestamp", .int(Int(version.updatedAt))), ("user_id", .string(version.createdBy)),
        ])
        members["description"] = version.comment.map { .string($0) }
        for member in ["source", "run_id", "status", "storage_location"] { members[member] = version.fields[member] }
        let aliases = model.aliases.filter { $0.version == number }
        if !aliases.isEmpty { members["aliases"] = .array(aliases.map { ["alias": .string($0.name), "version": .string(String(number))] }) }
        return .json(["model_version": .object(members)])
    }
}

import HTTPTypes
import JSON
import S3
import Storage
import Warehouse
import Workspace

/// Files of runs and of logged models: `/api/2.0/mlflow/artifacts`, and the links by which clients reach those in MLflow's own storage.
package enum TrackedArtifactsAPI: APIGroup {
    package static let operations = [list, listModel, forRead, forWrite, forDownload, forUpload, createParts, completeParts, partURL]

    private static let root = "/api/2.0/mlflow/artifacts/"
    private static let models = "/api/2.0/mlflow/logged-models/{model_id}/artifacts/"
    private static let pageSize = 1000
    private static let seconds = 3600
    private static let maxPaths = 1000

    // MARK: Places

    /// Where the files of a run or model lie.
    private struct Place {
        let store: any ObjectStore
        let object: String
    }

    /// MLflow's own storage; nil if the files lie elsewhere.
    private static func own(_ uri: String) -> String? {
        let prefix = "dbfs:/databricks/mlflow-tracking/"
        return uri.hasPrefix(prefix) ? "dbxsim-mlflow/" + uri.dropFirst(prefix.utf8.count) : nil
    }

    private static func place(_ uri: String, _ path: String, _ call: Call) throws -> Place {
        let suffix = path.isEmpty ? "" : "/" + path
        if let object = own(uri) { return Place(store: call.tenant.sql.objects, object: object + suffix) }
        if uri.hasPrefix("dbfs:/Volumes/") {
            let volume = try call.tenant.sql.volumePath(uri + suffix, writes: false, by: call.principal)
            return Place(store: volume.store, object: volume.object)
        }
        if uri.hasPrefix("dbfs:/") {
            let parts = (uri.dropFirst(5) + suffix).split(separator: "/")
            return Place(store: call.tenant.sql.objects, object: ([Substring(DBFSAPI.root)] + parts).joined(separator: "/"))
        }
        throw WorkspaceError(.notImplemented, "Artifacts at \(uri.prefix(64)) are not simulated: they lie outside of the workspace's storage.")
    }

    /// A path below the root: no way out of it.
    private static func checked(_ path: String) throws -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard !path.hasPrefix("/"), !path.utf8.contains(0), path.utf8.count <= 2048,
            !parts.contains(where: { $0 == "." || $0 == ".." || $0.utf8.count > 255 || $0 == ObjectPath.directoryMarker })
        else { throw WorkspaceError.invalid("Invalid artifact path: '\(path.prefix(256))'") }
        return parts.joined(separator: "/")
    }

    // MARK: Lists

    static let list = Operation(
        "ml.experiments.list_artifacts", .get, root + "list", limits: "Artifacts in another cloud's storage are refused"
    ) { call -> JSONValue in
        try listed(ExperimentRunsAPI.queried(call).artifactURI, call.query.string("path") ?? "", call)
    }

    static let listModel = Operation(
        "ml.experiments.list_logged_model_artifacts", .get, models + "directories", limits: "Artifacts in another cloud's storage are refused"
    ) { call -> JSONValue in
        let model = try LoggedModelsAPI.existing(call.path("model_id"), "CAN_READ", call)
        return try listed(model.artifactURI, call.query.string("artifact_directory_path") ?? "", call)
    }

    private static func listed(_ uri: String, _ text: String, _ call: Call) throws -> JSONValue {
        let path = try checked(text)
        let place = try place(uri, path, call)
        let paging = try Paging(call, list: "artifacts \(uri) \(path)", pageSize: pageSize)
        var reply = JSONObject([("root_uri", .string(uri))])
        if !path.isEmpty, let info = try place.store.info(place.object) {
            reply["files"] = [["path": .string(path), "is_dir": false, "file_size": .int(info.size)]]
            return .object(reply)
        }
        let limit = paging.limit ?? pageSize
        let (entries, hasMore) = try FileTree(place.store).entries(place.object, after: paging.after, limit: limit)
        let files = entries.map { entry -> JSONValue in
            let full = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
            return entry.isDirectory
                ? ["path": .string(full), "is_dir": true] : ["path": .string(full), "is_dir": false, "file_size": .int(entry.size)]
        }
        if !files.isEmpty { reply["files"] = .array(files) }
        let rows = hasMore ? entries + entries.suffix(1) : entries
        if let token = paging.nextToken(page: entries[...], rows: rows, key: { $0.isDirectory ? $0.name + "/" : $0.name }) {
            reply["next_page_token"] = .string(token)
        }
        return .object(reply)
    }

    // MARK: Links

    private static func links(_ method: String, _ uri: String, _ paths: [String]?, _ call: Call) throws -> [(path: String, link: JSONObject)] {
        guard let paths, !paths.isEmpty, paths.count <= maxPaths else {
            throw WorkspaceError.invalid("From 1 to \(maxPaths) artifact paths must be given.")
        }
        guard let object = own(uri) else {
            throw WorkspaceError.invalid(
                "There are no credentials for artifacts at \(uri.prefix(256)): those in volumes are reached by the Files API, those in DBFS by its own."
            )
        }
        return try paths.map { text in
            let path = try checked(text)
            guard !path.isEmpty else { throw WorkspaceError.invalid("Invalid artifact path: ''") }
            let link = call.tenant.sql.link(method, to: object + "/" + path, base: call.baseURL, seconds: seconds, by: call.principal)
            return (text, JSONObject([("signed_uri", .string(link)), ("headers", []), ("type", "AWS_PRESIGNED_URL")]))
        }
    }

    private static func runLinks(_ method: String, _ level: String, _ call: Call) throws -> JSONValue {
        let body = try call.fields()
        let run = try ExperimentRunsAPI.existing(body, level, call)
        let infos = try links(method, run.artifactURI, body.strings(optional: "path"), call).map { path, link -> JSONValue in
            var link = link
            link["run_id"] = .string(run.id)
            link["path"] = .string(path)
            return .object(link)
        }
        return ["credential_infos": .array(infos)]
    }

    private static func modelLinks(_ method: String, _ level: String, _ call: Call) throws -> JSONValue {
        let model = try LoggedModelsAPI.existing(call.path("model_id"), level, call)
        let infos = try links(method, model.artifactURI, try call.fields().strings(optional: "paths"), call).map { path, link -> JSONValue in
            var link = link
            link["path"] = .string(path)
            return ["credential_info": .object(link)]
        }
        return ["credentials": .array(infos)]
    }

    static let forRead = Operation("ml.experiments.credentials_for_read", .post, root + "credentials-for-read") { call -> JSONValue in
        try runLinks("GET", "CAN_READ", call)
    }

    static let forWrite = Operation("ml.experiments.credentials_for_write", .post, root + "credentials-for-write") { call -> JSONValue in
        try runLinks("PUT", "CAN_EDIT", call)
    }

    static let forDownload = Operation(
        "ml.experiments.credentials_for_logged_model_download", .post, models + "credentials-for-download"
    ) { call -> JSONValue in try modelLinks("GET", "CAN_READ", call) }

    static let forUpload = Operation(
        "ml.experiments.credentials_for_logged_model_upload", .post, models + "credentials-for-upload"
    ) { call -> JSONValue in try modelLinks("PUT", "CAN_EDIT", call) }

    // MARK: Large files

    /// The object of a run's file that is uploaded in parts.
    private static func upload(_ body: Fields, _ call: Call) throws -> (run: TrackedRun, object: String) {
        let run = try ExperimentRunsAPI.existing(body, "CAN_EDIT", call)
        let path = try checked(body.string("path"))
        guard let object = own(run.artifactURI), !path.isEmpty else {
            throw WorkspaceError.invalid("Artifacts at \(run.artifactURI.prefix(256)) are not uploaded in parts by MLflow.")
        }
        return (run, object + "/" + path)
    }

    private static func partLink(_ object: String, _ upload: String, _ number: Int, _ call: Call) -> JSONValue {
        let query = [(name: "partNumber", value: String(number)), (name: "uploadId", value: upload)]
        return .string(call.tenant.sql.link("PUT", to: object, query: query, base: call.baseURL, seconds: seconds, by: call.principal))
    }

    static let createParts = Operation("ml.experiments.create_multipart_upload", .post, root + "create-multipart-upload") { call -> JSONValue in
        let body = try call.fields()
        let (run, object) = try upload(body, call)
        let count = try body.int("num_parts")
        guard (1...10_000).contains(count) else { throw WorkspaceError.invalid("num_parts must be from 1 to 10000.") }
        let upload = try call.tenant.sql.endpoint.beginUpload(to: object)
        let path = try body.string("path")
        let links = (1...count).map { number -> JSONValue in
            [
                "run_id": .string(run.id), "path": .string(path), "signed_uri": partLink(object, upload, number, call), "headers": [],
                "type": "AWS_PRESIGNED_URL",
            ]
        }
        let abort = call.tenant.sql.link(
            "DELETE", to: object, query: [(name: "uploadId", value: upload)], base: call.baseURL, seconds: seconds, by: call.principal)
        return [
            "upload_id": .string(upload), "upload_credential_infos": .array(links),
            "abort_credential_info": [
                "run_id": .string(run.id), "path": .string(path), "signed_uri": .string(abort), "headers": [], "type": "AWS_PRESIGNED_URL",
            ],
        ]
    }

    static let partURL = Operation(
        "ml.experiments.get_presigned_upload_part_url", .post, root + "get-presigned-upload-part-url"
    ) { call -> JSONValue in
        let body = try call.fields()
        let (run, object) = try upload(body, call)
        let number = try body.int("part_number")
        guard (1...10_000).contains(number) else { throw WorkspaceError.invalid("part_number must be from 1 to 10000.") }
        return [
            "upload_credential_info": [
                "run_id": .string(run.id), "path": .string(try body.string("path")),
                "signed_uri": partLink(object, try body.string("upload_id"), number, call), "headers": [], "type": "AWS_PRESIGNED_URL",
            ]
        ]
    }

    static let completeParts = Operation(
        "ml.experiments.complete_multipart_upload", .post, root + "complete-multipart-upload"
    ) { call -> Void in
        let body = try call.fields()
        let (_, object) = try upload(body, call)
        let parts = try body.objects("part_etags").map { (number: try $0.int("part_number"), etag: try $0.string("etag")) }
        do {
            try call.tenant.sql.endpoint.completeUpload(
                try body.string("upload_id"), to: object, parts: parts.sorted { $0.number < $1.number }, ifAbsent: false)
        } catch let error as S3Error {
            throw WorkspaceError.invalid(error.message)
        }
    }
}

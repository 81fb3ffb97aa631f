import HTTPTypes
import JSON
import S3
import Warehouse
import Workspace

/// Links by which clients reach a volume's files in the object store itself: `/api/2.0/fs/create-…-url`, and the list that the JDBC driver uses.
package enum FileLinksAPI: APIGroup {
    package static let operations = [partURLs, resumableURL, abortURL, downloadURL, uploadURL, deleteURL, list, endpoints]

    /// As the recorded links of the real service.
    private static let seconds = 1799
    private static let maxParts = 10_000

    static let partURLs = Operation("fs.create_upload_part_urls", .post, "/api/2.0/fs/create-upload-part-urls") { call -> JSONValue in
        let body = try call.fields()
        let place = try file(try body.string("path"), call)
        let token = try body.string("session_token")
        let first = try body.int("start_part_number")
        let count = try body.int("count")
        guard (1...maxParts).contains(first), (1...1000).contains(count), first + count - 1 <= maxParts else {
            throw WorkspaceError.invalid("start_part_number and count must name parts from 1 to \(maxParts).")
        }
        let seconds = try seconds(until: body.string(optional: "expire_time"), call)
        let links = (first..<(first + count)).map { number -> JSONValue in
            let query = [(name: "partNumber", value: String(number)), (name: "uploadId", value: String(token.dropFirst()))]
            let url = call.tenant.sql.link("PUT", to: place, query: query, base: call.baseURL, seconds: seconds, by: call.principal)
            return ["part_number": .int(number), "url": .string(url), "headers": []]
        }
        return ["upload_part_urls": .array(links)]
    }

    static let resumableURL = Operation("fs.create_resumable_upload_url", .post, "/api/2.0/fs/create-resumable-upload-url") { call -> JSONValue in
        throw WorkspaceError.invalid("Resumable uploads are those of another cloud; this workspace's uploads are multipart.")
    }

    static let abortURL = Operation("fs.create_abort_upload_url", .post, "/api/2.0/fs/create-abort-upload-url") { call -> JSONValue in
        let body = try call.fields()
        let place = try file(try body.string("path"), call)
        let query = [(name: "uploadId", value: String(try body.string("session_token").dropFirst()))]
        let seconds = try seconds(until: body.string(optional: "expire_time"), call)
        let url = call.tenant.sql.link("DELETE", to: place, query: query, base: call.baseURL, seconds: seconds, by: call.principal)
        return ["abort_upload_url": ["url": .string(url), "headers": []]]
    }

    /// Path and time come in the query from the SDK, in the body from the JDBC driver.
    static let downloadURL = Operation("fs.create_download_url", .post, "/api/2.0/fs/create-download-url") { call -> JSONValue in
        let place = try file(try path(call), writes: false, call)
        guard try FilesAPI.tree(place).isFile(place.object) else { throw FilesError.noFile }
        let seconds = try seconds(until: call.query.string("expire_time"), call)
        let url = call.tenant.sql.link("GET", to: place, base: call.baseURL, seconds: seconds, by: call.principal)
        return ["url": .string(url)]
    }

    static let uploadURL = Operation("fs.create_upload_url", .post, "/api/2.0/fs/create-upload-url") { call -> JSONValue in
        let place = try file(try path(call), call)
        return ["url": .string(call.tenant.sql.link("PUT", to: place, base: call.baseURL, seconds: seconds, by: call.principal))]
    }

    static let deleteURL = Operation("fs.create_delete_url", .post, "/api/2.0/fs/create-delete-url") { call -> JSONValue in
        let place = try file(try path(call), call)
        return ["url": .string(call.tenant.sql.link("DELETE", to: place, base: call.baseURL, seconds: seconds, by: call.principal))]
    }

    /// Files first, then directories, each in the order of their names' bytes; an empty directory is `{}` (recorded answers).
    static let list = Operation("fs.list", .get, "/api/2.0/fs/list") { call -> JSONValue in
        let place = try call.tenant.sql.volumePath(call.query.required("path"), writes: false, by: call.principal)
        let tree = FilesAPI.tree(place)
        guard try place.relative.isEmpty || tree.isDirectory(place.object) else { throw FilesError.noDirectory }
        let entries = try tree.entries(place.object).entries
        let files = entries.filter { !$0.isDirectory }.map { entry -> JSONValue in
            [
                "path": .string("\(place.path)/\(entry.name)"), "is_dir": false, "file_size": .int(entry.size),
                "modification_time": .int(Int(entry.modified)), "name": .string(entry.name),
            ]
        }
        let directories = entries.filter(\.isDirectory).map { entry -> JSONValue in
            ["path": .string("\(place.path)/\(entry.name)/"), "is_dir": true, "name": .string(entry.name)]
        }
        return files.isEmpty && directories.isEmpty ? .object(JSONObject()) : ["files": .array(files + directories)]
    }

    /// The ways by which a file can be moved, best first, as the SDK reads them: by links with parts, and by the Files API itself.
    static let endpoints = Operation("fs.endpoints", .get, "/api/2.0/fs/endpoints") { call -> JSONValue in
        let scheme = call.baseURL.hasPrefix("https://") ? "https" : "http"
        let place = JSONValue.string(String(call.baseURL.dropFirst(scheme.utf8.count + 3)))
        return [
            "endpoints": [
                ["api": "IO_OFFLOAD", "scheme": .string(scheme), "hostname": place, "multipart_upload_supported": true],
                ["api": "FILES_API", "api_version": "2.0", "scheme": .string(scheme), "hostname": place],
            ]
        ]
    }

    private static func path(_ call: Call) throws -> String {
        if let path = call.query.string("path") { return path }
        return try call.fields().string("path")
    }

    private static func file(_ path: String, writes: Bool = true, _ call: Call) throws -> VolumePath {
        let place = try call.tenant.sql.volumePath(path, writes: writes, by: call.principal)
        guard !place.relative.isEmpty else { throw FilesError.isDirectory }
        return place
    }

    /// `expire_time` is RFC 3339; a link never lives longer than a credential.
    private static func seconds(until text: String?, _ call: Call) throws -> Int {
        guard let text else { return seconds }
        guard let micros = RFC3339.micros(text) else { throw WorkspaceError.invalid("expire_time must be a time such as 2026-01-01T00:00:00Z.") }
        let left = micros / 1_000_000 &- call.workspace.environment.nowMillis / 1000
        // A client's clock is the real one; the workspace's may be another.
        guard left > 0, left <= SQLService.credentialSeconds else { return Int(SQLService.credentialSeconds) }
        return Int(left)
    }
}

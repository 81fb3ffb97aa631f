import HTTPTypes
import JSON
import S3
import Storage
import Warehouse
import Workspace

/// Files on volumes: `/api/2.0/fs/files` and `/api/2.0/fs/directories`.
package enum FilesAPI: APIGroup {
    package static let operations = [
        upload, download, metadata, delete, createDirectory, directoryMetadata, list, deleteDirectory, uploadSession,
    ]

    static let maxBytes = 5 << 30
    private static let pageSize = 1000

    static let upload = streaming(
        Operation("fs.upload", .put, "/api/2.0/fs/files{file_path}") { call -> Reply in
            let place = try place(call, "file_path")
            let overwrite = try call.query.bool("overwrite") ?? false
            try checkTarget(place, overwrite: overwrite, call)
            // Away from the connections' own threads: a disk may have to be waited for.
            await Task.yield()
            let upload = try place.store.beginUpload()
            defer { upload.cancel() }
            var size = 0
            var part: [UInt8]? = call.body
            while let bytes = part {
                size += bytes.count
                guard size <= maxBytes else { throw FilesError.tooLarge }
                try upload.append(bytes)
                part = try await call.rest?.next()
            }
            guard try upload.commit(place.object, ifAbsent: !overwrite) else { throw FilesError.fileExists }
            return Reply(status: 204)
        })

    private static func streaming(_ operation: Operation) -> Operation {
        var operation = operation
        operation.streamsBody = true
        return operation
    }

    static let download = Operation("fs.download", .get, "/api/2.0/fs/files{file_path}") { call -> Reply in
        let place = try place(call, "file_path")
        let (info, head) = try head(place, call)
        var reply = head
        var range = 0..<info.size
        if let text = call.headers[.range] {
            switch ByteRange(text).resolve(info.size) {
            case .whole: break
            case .part(let part):
                range = part
                reply.status = 206
                reply.headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(info.size)"
            case .unsatisfiable: throw FilesError.rangeNotSatisfiable
            }
        }
        reply.headers[.contentLength] = String(range.count)
        reply.body = .object(place.object, range, place.store)
        return reply
    }

    static let metadata = Operation("fs.get_metadata", .head, "/api/2.0/fs/files{file_path}") { call -> Reply in
        let (info, head) = try head(place(call, "file_path"), call)
        var reply = head
        reply.headers[.contentLength] = String(info.size)
        return reply
    }

    static let delete = Operation("fs.delete", .delete, "/api/2.0/fs/files{file_path}") { call -> Reply in
        let place = try place(call, "file_path")
        let tree = tree(place)
        guard !place.relative.isEmpty, try tree.isFile(place.object) else { throw FilesError.noFile }
        try tree.delete(file: place.object, root: root(place))
        return Reply(status: 204)
    }

    static let createDirectory = Operation("fs.create_directory", .put, "/api/2.0/fs/directories{directory_path}") { call -> Reply in
        let place = try place(call, "directory_path")
        if place.relative.isEmpty { return Reply(status: 204) }
        let tree = tree(place)
        guard try !tree.isFile(place.object), try !tree.hasFileAbove(place.object, root: root(place)) else { throw FilesError.isFile }
        try tree.makeDirectory(place.object)
        return Reply(status: 204)
    }

    static let directoryMetadata = Operation("fs.get_directory_metadata", .head, "/api/2.0/fs/directories{directory_path}") { call -> Reply in
        try mustBeDirectory(place(call, "directory_path"), call)
        return Reply(status: 200)
    }

    static let deleteDirectory = Operation("fs.delete_directory", .delete, "/api/2.0/fs/directories{directory_path}") { call -> Reply in
        let place = try place(call, "directory_path")
        if place.relative.isEmpty { throw FilesError.isVolume }
        try mustBeDirectory(place, call)
        guard try tree(place).entries(place.object, limit: 1).entries.isEmpty else { throw FilesError.notEmpty }
        try tree(place).delete(directory: place.object, root: root(place))
        return Reply(status: 204)
    }

    static let list = Operation("fs.list_directory_contents", .get, "/api/2.0/fs/directories{directory_path}") { call -> Reply in
        let place = try place(call, "directory_path")
        try mustBeDirectory(place, call)
        let paging = try Paging(call, list: "files\(place.path)", pageSize: pageSize, sizeName: "page_size")
        let limit = paging.limit ?? pageSize
        let (entries, hasMore) = try tree(place).entries(place.object, after: paging.after, limit: limit)
        // A page ends with an entry behind it, or is the last.
        let rows = hasMore ? entries + entries.suffix(1) : entries
        return paging.encoded("contents", rows, key: { $0.isDirectory ? $0.name + "/" : $0.name }) { entry, writer in
            writer.member("path", "\(place.path)/\(entry.name)")
            writer.member("is_directory", entry.isDirectory)
            if !entry.isDirectory {
                writer.member("file_size", entry.size)
                writer.member("last_modified", entry.modified)
            }
            writer.member("name", entry.name)
        }
    }

    /// `?action=initiate-upload` and `?action=complete-upload`, by which the SDKs upload what is large in parts.
    static let uploadSession = Operation("fs.multipart_upload", .post, "/api/2.0/fs/files{file_path}") { call -> Reply in
        let place = try place(call, "file_path")
        switch call.query.string("action") {
        case "initiate-upload":
            try checkTarget(place, overwrite: try call.query.bool("overwrite") ?? false, call)
            let id = try call.tenant.sql.endpoint.beginUpload(to: place.object)
            let overwrite = try call.query.bool("overwrite") ?? false
            return .json(["multipart_upload": ["session_token": .string((overwrite ? "o" : "n") + id)]])
        case "complete-upload":
            let token = call.query.string("session_token") ?? ""
            let parts = try call.fields().objects("parts").map { (number: try $0.int("part_number"), etag: try $0.string("etag")) }
            do {
                try call.tenant.sql.endpoint.completeUpload(
                    String(token.dropFirst()), to: place.object, parts: parts.sorted { $0.number < $1.number }, ifAbsent: token.hasPrefix("n"))
            } catch let error as S3Error {
                throw error.code == "PreconditionFailed"
                    ? FilesError.fileExists : error.code == "NoSuchUpload" ? FilesError.noSession : .invalid(error.message)
            }
            return .emptyObject
        default: throw WorkspaceError.invalid("The query needs action=initiate-upload or action=complete-upload.")
        }
    }

    // MARK: Parts

    static func place(_ call: Call, _ parameter: String) throws -> VolumePath {
        let writes = call.method != .get && call.method != .head
        return try call.tenant.sql.volumePath(call.path(parameter), writes: writes, by: call.principal)
    }

    static func tree(_ place: VolumePath) -> FileTree { FileTree(place.store) }

    static func root(_ place: VolumePath) -> String { place.rootObject }

    /// What stands in the way of a file.
    static func checkTarget(_ place: VolumePath, overwrite: Bool, _ call: Call) throws {
        if place.relative.isEmpty || call.path.hasSuffix("/") { throw FilesError.isDirectory }
        let tree = tree(place)
        if try tree.isDirectory(place.object) { throw FilesError.isDirectory }
        if try tree.hasFileAbove(place.object, root: root(place)) { throw FilesError.isFile }
        if !overwrite, try tree.isFile(place.object) { throw FilesError.fileExists }
    }

    private static func mustBeDirectory(_ place: VolumePath, _ call: Call) throws {
        // A volume is there though nothing is in it.
        guard try place.relative.isEmpty || tree(place).isDirectory(place.object) else { throw FilesError.noDirectory }
    }

    private static func head(_ place: VolumePath, _ call: Call) throws -> (ObjectInfo, Reply) {
        guard !place.relative.isEmpty, let info = try place.store.info(place.object) else { throw FilesError.noFile }
        if let since = call.headers[.ifUnmodifiedSince].flatMap({ AmzDate.millis(http: $0) }), info.modified / 1000 > since / 1000 {
            throw FilesError.preconditionFailed
        }
        var reply = Reply(status: 200)
        reply.headers[.contentType] = "application/octet-stream"
        reply.headers[.lastModified] = AmzDate.http(info.modified)
        reply.headers[.acceptRanges] = "bytes"
        return (info, reply)
    }
}

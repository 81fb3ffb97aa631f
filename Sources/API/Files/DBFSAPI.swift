import HTTPTypes
import JSON
import Storage
import Synchronization
import Warehouse
import Workspace

/// The workspace's own file system: `/api/2.0/dbfs`. Its files lie in a bucket of their own; volumes are not reached by it.
package enum DBFSAPI: APIGroup {
    package static let operations = [put, create, addBlock, close, read, list, getStatus, makeDirectories, move, delete]

    private static let maxBlock = 1 << 20
    private static let defaultRead = 512 << 10
    static let root = "dbxsim-dbfs"
    /// Streams that were opened and never closed are forgotten, the oldest first.
    private static let maxStreams = 1000

    static let put = Operation("dbfs.put", .post, "/api/2.0/dbfs/put", limits: "No multipart form.") { call -> Void in
        let body = try call.fields()
        let object = try file(body.string("path"))
        let bytes = try decoded(body.string(optional: "contents") ?? "")
        try write(object, bytes, overwrite: try body.bool(optional: "overwrite") ?? false, call)
    }

    static let create = Operation("dbfs.create", .post, "/api/2.0/dbfs/create") { call -> JSONValue in
        let body = try call.fields()
        let object = try file(body.string("path"))
        let overwrite = try body.bool(optional: "overwrite") ?? false
        try mayWrite(object, overwrite: overwrite, call)
        let handle = call.workspace.environment.ids.numeric()
        let stream = OpenFile(object: object, overwrite: overwrite, upload: try call.tenant.sql.objects.beginUpload())
        call.tenant.openFiles.add(handle, stream, limit: maxStreams)
        return ["handle": .int(handle)]
    }

    static let addBlock = Operation("dbfs.add_block", .post, "/api/2.0/dbfs/add-block") { call -> Void in
        let body = try call.fields()
        let handle = try body.int("handle")
        let bytes = try decoded(body.string("data"))
        guard let stream = call.tenant.openFiles[handle] else { throw noStream(handle) }
        try stream.upload.append(bytes)
    }

    static let close = Operation("dbfs.close", .post, "/api/2.0/dbfs/close") { call -> Void in
        let handle = try call.fields().int("handle")
        guard let stream = call.tenant.openFiles.remove(handle) else { throw noStream(handle) }
        guard try stream.upload.commit(stream.object, ifAbsent: !stream.overwrite) else { throw exists(stream.object) }
    }

    static let read = Operation("dbfs.read", .get, "/api/2.0/dbfs/read") { call -> JSONValue in
        let object = try file(call.query.required("path"))
        let offset = try call.query.int("offset") ?? 0
        let length = try call.query.int("length") ?? defaultRead
        guard offset >= 0, length >= 0 else { throw WorkspaceError.invalid("Offset and length must not be negative.") }
        guard length <= maxBlock else {
            throw WorkspaceError(.maxReadSizeExceeded, "The length of a read must not exceed \(maxBlock) bytes.")
        }
        guard let info = try call.tenant.sql.objects.info(object) else {
            if try tree(call).isDirectory(object) { throw WorkspaceError.invalid("\(shown(object)) is a directory.") }
            throw missing(object)
        }
        guard offset <= info.size else { throw WorkspaceError.invalid("The offset is behind the end of the file.") }
        let bytes = try call.tenant.sql.objects.get(object, range: offset..<min(info.size, offset + length))
        return ["bytes_read": .int(bytes.count), "data": .string(Base64.encode(bytes))]
    }

    static let list = Operation("dbfs.list", .get, "/api/2.0/dbfs/list") { call -> JSONValue in
        let object = try path(call.query.required("path"))
        if object != root, let info = try call.tenant.sql.objects.info(object) { return ["files": [entry(info)]] }
        guard try object == root || tree(call).isDirectory(object) else { throw missing(object) }
        let entries = try tree(call).entries(object).entries.map { entry -> JSONValue in
            [
                "path": .string("\(shown(object, scheme: false, slash: true))\(entry.name)"), "is_dir": .bool(entry.isDirectory),
                "file_size": .int(entry.size), "modification_time": .int(Int(entry.modified)),
            ]
        }
        return entries.isEmpty ? .object(JSONObject()) : ["files": .array(entries)]
    }

    static let getStatus = Operation("dbfs.get_status", .get, "/api/2.0/dbfs/get-status") { call -> JSONValue in
        let object = try path(call.query.required("path"))
        if object != root, let info = try call.tenant.sql.objects.info(object) { return entry(info) }
        guard try object == root || tree(call).isDirectory(object) else { throw missing(object) }
        return ["path": .string(shown(object, scheme: false)), "is_dir": true, "file_size": 0, "modification_time": 0]
    }

    static let makeDirectories = Operation("dbfs.mkdirs", .post, "/api/2.0/dbfs/mkdirs") { call -> Void in
        let object = try path(call.fields().string("path"))
        let tree = tree(call)
        guard try !tree.isFile(object), try !tree.hasFileAbove(object, root: root) else { throw exists(object) }
        if object != root { try tree.makeDirectory(object) }
    }

    static let move = Operation("dbfs.move", .post, "/api/2.0/dbfs/move") { call -> Void in
        let body = try call.fields()
        let source = try file(body.string("source_path"))
        let target = try file(body.string("destination_path"))
        let store = call.tenant.sql.objects
        let tree = tree(call)
        let isFile = try tree.isFile(source)
        guard try isFile || tree.isDirectory(source) else { throw missing(source) }
        guard try !tree.isFile(target), try !tree.hasFileAbove(target, root: root) else { throw exists(target) }
        if target == source || target.hasPrefix(source + "/") { throw WorkspaceError.invalid("A directory cannot be moved into itself.") }
        // An existing directory takes the source in.
        var place = target
        if try tree.isDirectory(target) { place += "/" + (source.split(separator: "/").last.map(String.init) ?? "") }
        guard try !tree.isFile(place), try !tree.isDirectory(place) else { throw exists(place) }
        let objects = isFile ? [source] : try store.list(source + "/").map(\.path)
        for object in objects { _ = try store.concatenate([object], to: place + object.dropFirst(source.count)) }
        for object in objects { try store.delete(object) }
    }

    static let delete = Operation("dbfs.delete", .post, "/api/2.0/dbfs/delete") { call -> Void in
        let body = try call.fields()
        let object = try file(body.string("path"))
        let tree = tree(call)
        if try tree.isFile(object) { return try tree.delete(file: object, root: root) }
        guard try tree.isDirectory(object) else { return }
        let isRecursive = try body.bool(optional: "recursive") ?? false
        guard try isRecursive || tree.entries(object, limit: 1).entries.isEmpty else {
            throw WorkspaceError(.ioError, "The directory \(shown(object)) is not empty; set recursive to delete it.", status: 400)
        }
        try tree.store.deleteAll(object + "/")
    }

    // MARK: Parts

    private static func tree(_ call: Call) -> FileTree { FileTree(call.tenant.sql.objects) }

    /// The object of a path; `dbfs:` before it is allowed.
    private static func path(_ text: String) throws(WorkspaceError) -> String {
        let path = text.hasPrefix("dbfs:") ? String(text.dropFirst(5)) : text
        guard path.hasPrefix("/") else { throw .invalid("Path must be absolute: \(text.prefix(300))") }
        let parts = path.split(separator: "/")
        // Volumes are the Files API's, artifacts of runs MLflow's.
        if parts.first == "Volumes" || parts.starts(with: ["databricks", "mlflow-tracking"]) {
            throw WorkspaceError(.permissionDenied, "No operations allowed on this path.")
        }
        guard !parts.contains(where: { $0 == "." || $0 == ".." || $0.utf8.count > 255 || $0 == ObjectPath.directoryMarker }), !path.utf8.contains(0)
        else {
            throw .invalid("Path must not contain '.' or '..' or a name longer than 255 bytes: \(text.prefix(300))")
        }
        return ([Substring(root)] + parts).joined(separator: "/")
    }

    /// As `path`, of anything but the root.
    private static func file(_ text: String) throws(WorkspaceError) -> String {
        let object = try path(text)
        guard object != root else { throw .invalid("The root is no file.") }
        return object
    }

    private static func shown(_ object: String, scheme: Bool = true, slash: Bool = false) -> String {
        let path = object.dropFirst(root.count)
        return (scheme ? "dbfs:" : "") + (path.isEmpty ? "/" : String(path) + (slash ? "/" : ""))
    }

    private static func entry(_ info: ObjectInfo) -> JSONValue {
        [
            "path": .string(shown(info.path, scheme: false)), "is_dir": false, "file_size": .int(info.size),
            "modification_time": .int(Int(info.modified)),
        ]
    }

    private static func missing(_ object: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "No file or directory exists on path \(shown(object)).")
    }

    private static func exists(_ object: String) -> WorkspaceError {
        WorkspaceError(.resourceAlreadyExists, "A file or directory already exists at the input path \(shown(object)).", status: 400)
    }

    private static func noStream(_ handle: Int) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "No stream with the handle \(handle) exists.")
    }

    private static func decoded(_ text: String) throws(WorkspaceError) -> [UInt8] {
        guard let bytes = Base64.decode(text) else { throw .invalid("The data is not base64.") }
        guard bytes.count <= maxBlock else {
            throw WorkspaceError(.maxBlockSizeExceeded, "A block must not exceed \(maxBlock) bytes.")
        }
        return bytes
    }

    private static func mayWrite(_ object: String, overwrite: Bool, _ call: Call) throws {
        let tree = tree(call)
        if try tree.isDirectory(object) || tree.hasFileAbove(object, root: root) { throw exists(object) }
        if try !overwrite && tree.isFile(object) { throw exists(object) }
    }

    private static func write(_ object: String, _ bytes: [UInt8], overwrite: Bool, _ call: Call) throws {
        try mayWrite(object, overwrite: overwrite, call)
        if overwrite { return try call.tenant.sql.objects.put(object, bytes) }
        guard try call.tenant.sql.objects.putIfAbsent(object, bytes) else { throw exists(object) }
    }
}

/// A file that is being written block by block.
struct OpenFile: Sendable {
    let object: String
    let overwrite: Bool
    let upload: any ObjectUpload
}

/// The open files of a workspace.
package final class OpenFiles: Sendable {
    private let files = Mutex<[(handle: Int, file: OpenFile)]>([])

    package init() {}

    subscript(_ handle: Int) -> OpenFile? { files.withLock { files in files.first { $0.handle == handle }?.file } }

    func add(_ handle: Int, _ file: OpenFile, limit: Int) {
        files.withLock { files in
            files.append((handle, file))
            if files.count > limit { files.removeFirst().file.upload.cancel() }
        }
    }

    func remove(_ handle: Int) -> OpenFile? {
        files.withLock { files in files.firstIndex { $0.handle == handle }.map { files.remove(at: $0).file } }
    }
}

package import Storage
package import Workspace

/// A path under `/Volumes`, with the place of its file in the object store.
package struct VolumePath: Sendable {
    package let volume: VolumeInfo
    /// Below the volume, without a slash at either end; empty for the volume itself.
    package let relative: String
    /// The workspace whose storage holds the files: the provider's for a shared volume.
    package let holder: SQLService
    /// Where the volume lies there.
    let location: String

    package var store: any ObjectStore { holder.objects }

    /// `/Volumes/main/default/v/a/b.csv`
    package var path: String { relative.isEmpty ? root : root + "/" + relative }

    /// `/Volumes/main/default/v`
    package var root: String { "/Volumes/" + volume.name.parts.joined(separator: "/") }

    /// The object's path; that of the volume's root for the volume itself.
    package var object: String {
        let root = rootObject
        return relative.isEmpty ? root : root + "/" + relative
    }

    /// The path of the volume itself in the object store.
    package var rootObject: String { TableStore.objectPath(location) }

    /// The parts behind `/Volumes/`; nil if the path is not one of a volume's. `dbfs:` before it is allowed, as Spark allows it.
    package static func parts(_ path: String) -> [String]? {
        var path = path[...]
        if path.hasPrefix("dbfs:") { path = path.dropFirst(5) }
        guard path == "/Volumes" || path.hasPrefix("/Volumes/") else { return nil }
        return path.dropFirst("/Volumes".count).split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    }
}

extension SQLService {
    /// The volume and the place in it of a path that came from outside. `..` and the like are refused, not resolved.
    package func volumePath(_ path: String, writes: Bool, by principal: Principal) throws -> VolumePath {
        guard let parts = VolumePath.parts(path), !path.utf8.contains(0) else { throw FilesError.invalidPath(path) }
        guard parts.count >= 3 else { throw FilesError.invalidPath(path) }
        guard !parts.contains(where: { $0 == "." || $0 == ".." || $0.utf8.count > 255 || $0 == ObjectPath.directoryMarker }) else {
            throw FilesError.invalidPath(path)
        }
        let name = ObjectName(catalog: parts[0], schema: parts[1], name: parts[2])
        let volume: VolumeInfo
        do {
            try refreshReceived()
            try workspace.require(writes ? .writeVolume : .readVolume, on: .volume, name.description, for: principal)
            volume = try workspace.volumes.get(name, by: principal)
        } catch let error as WorkspaceError where error.status == 404 {
            throw FilesError.missing(error.message, reason: "FILES_API_RESOURCE_NOT_FOUND")
        }
        let relative = parts.dropFirst(3).joined(separator: "/")
        guard volume.isReceived else { return VolumePath(volume: volume, relative: relative, holder: self, location: volume.location) }
        if writes { throw WorkspaceError(.permissionDenied, "Volume '\(name)' is shared by another metastore: its files can only be read.") }
        guard let (provider, source) = try receivedVolume(name) else {
            throw FilesError.missing("Volume '\(name)' is not shared any more.", reason: "FILES_API_RESOURCE_NOT_FOUND")
        }
        return VolumePath(volume: volume, relative: relative, holder: provider, location: source.location)
    }

    /// A link to the file at a path, by the workspace that holds it.
    package func link(
        _ method: String, to place: VolumePath, query: [(name: String, value: String)] = [], base: String, seconds: Int, by principal: Principal
    ) -> String {
        place.holder.link(method, to: place.object, query: query, base: base, seconds: seconds, by: place.volume.isReceived ? .system : principal)
    }

    package var objects: any ObjectStore { tables.objects }
}

/// The refusals of the Files API, with the reasons that its clients look for.
package enum FilesError {
    private static func error(_ code: ErrorCode, _ message: String, reason: String, status: Int? = nil, unityCatalog: Bool = false) -> WorkspaceError
    {
        WorkspaceError(
            code, message, status: status,
            info: .init(
                reason: reason, domain: "filesystem.databricks.com",
                metadata: unityCatalog ? [(key: "unity_catalog_error_message", value: message)] : []))
    }

    static func missing(_ message: String, reason: String) -> WorkspaceError {
        error(.notFound, message, reason: reason, unityCatalog: true)
    }

    package static func invalidPath(_ path: String) -> WorkspaceError {
        error(
            .invalidParameterValue, "Invalid path: unsupported first path component or a path that leaves its volume: '\(path.prefix(300))'",
            reason: "FILES_API_INVALID_PATH")
    }

    package static let noFile = error(.notFound, "The file being accessed is not found.", reason: "FILES_API_FILE_NOT_FOUND")
    package static let noDirectory = error(.notFound, "The directory being accessed is not found.", reason: "FILES_API_DIRECTORY_IS_NOT_FOUND")
    package static let fileExists = error(.alreadyExists, "The file being created already exists.", reason: "FILES_API_FILE_ALREADY_EXISTS")
    package static let notEmpty = error(.badRequest, "The directory is not empty.", reason: "FILES_API_DIRECTORY_IS_NOT_EMPTY")
    package static let isFile = error(
        .alreadyExists, "The given path points to an existing file. Directory can not be created.", reason: "FILES_API_PATH_IS_A_FILE")
    package static let isDirectory = error(
        .alreadyExists, "The given path points to an existing directory.", reason: "FILES_API_PATH_IS_A_DIRECTORY")
    package static let isVolume = error(
        .invalidParameterValue, "The path of a volume itself can be neither made nor deleted by the Files API.", reason: "FILES_API_INVALID_PATH")
    package static let rangeNotSatisfiable = error(
        .badRequest, "The requested range is not satisfiable.", reason: "FILES_API_RANGE_NOT_SATISFIABLE", status: 416)
    package static let preconditionFailed = error(
        .badRequest, "The file was modified after the time given.", reason: "FILES_API_PRECONDITION_FAILED", status: 412)
    package static let tooLarge = error(.badRequest, "The file is larger than 5 GiB.", reason: "FILES_API_FILE_SIZE_EXCEEDED", status: 413)
    package static let noSession = error(.notFound, "The upload session is not found.", reason: "FILES_API_UPLOAD_SESSION_NOT_FOUND")
}

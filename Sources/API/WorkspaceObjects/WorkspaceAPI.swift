import HTTPTypes
import JSON
import Workspace

/// Folders, notebooks and files of the workspace: `/api/2.0/workspace`.
package enum WorkspaceAPI: APIGroup {
    package static let operations = [list, status, mkdirs, delete, importObject, export]

    private static let root = "/api/2.0/workspace/"

    private static func require(_ level: String, _ path: String, _ call: Call) throws {
        guard try call.workspace.objects.allows(call.principal, level, path) else {
            throw WorkspaceError(
                .permissionDenied,
                "\(call.principal.userName) does not have \(level) permissions on \(path.prefix(512)). Please contact the owner or an administrator for access."
            )
        }
    }

    private static func existing(_ path: String, _ call: Call) throws -> WorkspaceObject {
        guard let object = try call.workspace.objects.get(path) else { throw WorkspaceObjects.noSuch(path) }
        return object
    }

    private static func json(_ object: WorkspaceObject) -> JSONValue {
        var json = JSONObject([("object_type", .string(object.kind.rawValue)), ("path", .string(object.path))])
        if let language = object.language { json["language"] = .string(language) }
        json["created_at"] = .int(object.createdAt)
        json["modified_at"] = .int(object.modifiedAt)
        json["object_id"] = .int(object.id)
        json["resource_id"] = .string(String(object.id))
        if object.kind == .file { json["size"] = .int(object.size) }
        return .object(json)
    }

    static let list = Operation("workspace.list", .get, root + "list") { call -> JSONValue in
        let path = try WorkspacePath.normalize(try call.query.required("path"))
        let object = try existing(path, call)
        try require("CAN_READ", path, call)
        let since = try call.query.int("notebooks_modified_after").map(Int64.init)
        let found = try object.kind == .directory ? call.workspace.objects.list(path) : [object]
        let shown = try found.filter { child in
            try (since == nil || child.kind != .notebook || child.modifiedAt > since ?? 0)
                && call.workspace.objects.allows(call.principal, "CAN_READ", child.path)
        }
        return shown.isEmpty ? [:] : ["objects": .array(shown.map(json))]
    }

    static let status = Operation("workspace.get_status", .get, root + "get-status") { call -> JSONValue in
        let path = try WorkspacePath.normalize(try call.query.required("path"))
        let object = try existing(path, call)
        try require("CAN_READ", path, call)
        return json(object)
    }

    static let mkdirs = Operation("workspace.mkdirs", .post, root + "mkdirs") { call -> Void in
        let path = try WorkspacePath.normalize(try call.fields().string("path"))
        try require("CAN_EDIT", path, call)
        try call.workspace.objects.makeDirectory(path)
    }

    static let delete = Operation("workspace.delete", .post, root + "delete") { call -> Void in
        let fields = try call.fields()
        let path = try WorkspacePath.normalize(try fields.string("path"))
        let recursive = try fields.bool(optional: "recursive") ?? false
        _ = try existing(path, call)
        try require("CAN_MANAGE", path, call)
        try call.workspace.objects.delete(path, recursive: recursive)
    }

    // MARK: Import

    private static let formats = ["SOURCE", "HTML", "JUPYTER", "DBC", "R_MARKDOWN", "AUTO", "RAW"]

    private struct Import {
        var path = ""
        var content: [UInt8] = []
        var format = "SOURCE"
        var language: String?
        var overwrite = false
    }

    static let importObject = Operation("workspace.import", .post, root + "import", limits: "DBC archives and R Markdown are refused") {
        call -> Void in
        var order = try readOrder(call)
        order.path = try WorkspacePath.normalize(order.path)
        guard order.path != "/" else { throw WorkspaceError.invalid("Path (/) cannot be imported to.") }
        try require("CAN_EDIT", order.path, call)
        let (kind, language, content) = try read(order)
        let path = order.path
        try call.workspace.objects.put(path, kind, language: language, content, overwrite: order.overwrite)
    }

    /// JSON with the content in base64, or a form in parts with the content as it is.
    private static func readOrder(_ call: Call) throws -> Import {
        var order = Import()
        if let type = call.headers[.contentType], let form = MultipartForm(contentType: type, body: call.body) {
            guard let path = form.text("path") else { throw WorkspaceError.missing("path") }
            order.path = path
            order.format = form.text("format") ?? "SOURCE"
            order.language = form.text("language")
            order.overwrite = form.text("overwrite") == "true"
            order.content = form.bytes("content") ?? []
        } else {
            let fields = try call.fields()
            order.path = try fields.string("path")
            order.format = try fields.string(optional: "format") ?? "SOURCE"
            order.language = try fields.string(optional: "language")
            order.overwrite = try fields.bool(optional: "overwrite") ?? false
            guard let content = Base64.decode(try fields.string(optional: "content") ?? "") else {
                throw WorkspaceError.invalid("The content is not valid base64.")
            }
            order.content = content
        }
        guard formats.contains(order.format) else {
            throw WorkspaceError.invalid(
                "Invalid value '\(order.format.prefix(64))' for field 'format'; valid values are: \(formats.joined(separator: ", "))")
        }
        if let language = order.language, !["PYTHON", "SQL", "SCALA", "R"].contains(language) {
            throw WorkspaceError.invalid("Invalid value '\(language.prefix(64))' for field 'language'; valid values are: SCALA, PYTHON, SQL, R")
        }
        return order
    }

    private static func read(_ order: Import) throws -> (WorkspaceObject.Kind, language: String?, [UInt8]) {
        func notebook(_ source: String, _ language: String) -> (WorkspaceObject.Kind, String?, [UInt8]) { (.notebook, language, Array(source.utf8)) }
        switch order.format {
        case "SOURCE":
            guard let language = order.language ?? NotebookFormat.language(ofPath: order.path) else {
                throw WorkspaceError.invalid("The language must be given for the format SOURCE.")
            }
            return notebook(String(decoding: order.content, as: UTF8.self), language)
        case "JUPYTER":
            guard let (cells, language) = NotebookFormat.parse(jupyter: order.content) else {
                throw WorkspaceError.invalid("The notebook could not be imported: it is not valid Jupyter JSON.")
            }
            return notebook(NotebookFormat.source(cells, language), language)
        case "HTML":
            guard let (source, language) = NotebookFormat.parse(html: order.content) else {
                throw WorkspaceError.invalid("The notebook could not be imported: the page does not hold a notebook.")
            }
            return notebook(source, language)
        case "RAW": return (.file, nil, order.content)
        case "AUTO":
            if order.path.lowercased().hasSuffix(".ipynb"), let (cells, language) = NotebookFormat.parse(jupyter: order.content) {
                return notebook(NotebookFormat.source(cells, language), language)
            }
            let text = String(decoding: order.content.prefix(64), as: UTF8.self)
            if let language = NotebookFormat.language(ofPath: order.path), NotebookFormat.isSource(text, language) {
                return notebook(String(decoding: order.content, as: UTF8.self), language)
            }
            return (.file, nil, order.content)
        default: throw WorkspaceError(.notImplemented, "workspace.import: the format \(order.format) is not simulated.")
        }
    }

    // MARK: Export

    static let export = Operation("workspace.export", .get, root + "export", limits: "DBC archives, R Markdown and exports of folders are refused") {
        call -> Reply in
        let path = try WorkspacePath.normalize(try call.query.required("path"))
        let format = call.query.string("format") ?? "SOURCE"
        guard formats.contains(format) else {
            throw WorkspaceError.invalid(
                "Invalid value '\(format.prefix(64))' for field 'format'; valid values are: \(formats.joined(separator: ", "))")
        }
        let object = try existing(path, call)
        try require("CAN_READ", path, call)
        let (bytes, fileType) = try exported(object, format, call)
        if try call.query.bool("direct_download") ?? false { return Reply(body: .bytes(bytes, contentType: "application/octet-stream")) }
        return .json(["content": .string(Base64.encode(bytes)), "file_type": .string(fileType)])
    }

    private static func exported(_ object: WorkspaceObject, _ format: String, _ call: Call) throws -> ([UInt8], String) {
        guard format != "DBC", format != "R_MARKDOWN", object.kind != .directory, object.kind != .experiment else {
            throw WorkspaceError(.notImplemented, "workspace.export: the format \(format) of a \(object.kind.rawValue) is not simulated.")
        }
        let content = try call.workspace.objects.content(object.path)
        guard object.kind == .notebook else {
            guard format == "AUTO" || format == "SOURCE" || format == "RAW" else {
                throw WorkspaceError.invalid("Files can be exported in the formats AUTO, SOURCE and RAW only.")
            }
            return (content, "")
        }
        let language = object.language ?? "PYTHON"
        let name = object.path.split(separator: "/").last.map(String.init) ?? ""
        let source = String(decoding: content, as: UTF8.self)
        switch format {
        case "HTML": return (NotebookFormat.html(source, language, name: name), "html")
        case "JUPYTER": return (NotebookFormat.jupyter(NotebookFormat.cells(source, language), language, name: name), "ipynb")
        case "RAW": return (content, String(NotebookFormat.fileExtension(language).dropFirst()))
        default:
            let text = NotebookFormat.isSource(source, language) ? source : NotebookFormat.header(language) + "\n" + source
            return (Array(text.utf8), String(NotebookFormat.fileExtension(language).dropFirst()))
        }
    }
}

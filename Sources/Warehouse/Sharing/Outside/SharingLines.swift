import DeltaTable
import JSON

/// What a sharing server tells of a table, line by line, in either of the protocol's forms, as actions of a Delta log. Files are named by what they
/// are called in `LinkedFiles`; links stay there.
struct SharingLines: Sendable {
    struct Link: Sendable {
        let url: SharingURL
        /// In bytes; nil where it is not told.
        let size: Int?
    }

    struct File: Sendable {
        let version: Int
        let timestamp: Int64
        /// `{"add": {…}}`, whose path is a name of `links`.
        let action: JSONValue
    }

    /// Of the table that is told of.
    private(set) var version: Int?
    private(set) var tableProtocol = JSONValue.null
    private(set) var metadata = JSONValue.null
    var files: [File] = []
    private(set) var links: [String: Link] = [:]

    /// Table features that files here can be read with, as the header of capabilities has them.
    static var readerFeatures: [String] { Snapshot.readableFeatures.map { $0.lowercased() } }

    private static let maxLine = 8 << 20
    private static let maxFiles = 1_000_000
    /// A longer file is refused before it is fetched.
    static let maxFileBytes = 512 << 20

    init(_ bytes: [UInt8], version: Int?, _ server: SharingServer) throws(SharingFailure) {
        var tableProtocol: JSONValue?
        var metadata: JSONValue?
        var told = version
        var names: [String: String] = [:]
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let text = bytes[start..<end]
            start = end + 1
            guard text.contains(where: { $0 > 0x20 }) else { continue }
            guard text.count <= Self.maxLine, let line = try? JSONValue(parsing: text, maxDepth: 64), let members = line.objectValue?.members,
                let (kind, value) = members.first(where: { !$0.value.isNull }).map({ ($0.name, $0.value) }), let object = value.objectValue
            else { throw server.malformed("has a line that is no JSON object of the protocol") }
            switch kind {
            case "protocol":
                if tableProtocol != nil { break }
                let inner = object["deltaProtocol"]
                // In the older form it is the sharing protocol's version, and the files are what any reader understands.
                guard inner != nil || object["minReaderVersion"]?.intValue == 1 else {
                    throw SharingFailure(
                        .notSupported, "Provider '\(server.provider)' answers by a newer protocol: minReaderVersion is not 1.")
                }
                tableProtocol = inner ?? ["minReaderVersion": 1, "minWriterVersion": 2]
            case "metaData":
                if metadata != nil { break }
                told = told ?? object["version"]?.intValue
                metadata = object["deltaMetadata"] ?? value
            case "file", "add", "cdf", "remove":
                guard files.count < Self.maxFiles else { throw server.malformed("names more than \(Self.maxFiles) files") }
                try take(kind, object, &names, server)
            case "endStreamAction":
                if let message = object["errorMessage"]?.stringValue {
                    throw SharingFailure(.failed, "Provider '\(server.provider)' broke off its answer: \(message.prefix(300))")
                }
                if let token = object["nextPageToken"]?.stringValue, !token.isEmpty {
                    throw server.malformed("is one page of several, which were not asked for")
                }
            default: break
            }
        }
        guard let tableProtocol, let metadata else { throw server.malformed("has no protocol or no metadata") }
        self.tableProtocol = tableProtocol
        self.metadata = metadata
        self.version = told
    }

    private mutating func take(
        _ kind: String, _ object: JSONObject, _ names: inout [String: String], _ server: SharingServer
    ) throws(SharingFailure) {
        let version = object["version"]?.intValue ?? 0
        let timestamp = object["timestamp"]?.intValue.map { Int64($0) } ?? 0
        guard let id = object["id"]?.stringValue, !id.isEmpty, version >= 0 else { throw server.malformed("has a file without an id") }
        guard let single = object["deltaSingleAction"]?.objectValue else {
            guard let url = object["url"]?.stringValue, let size = object["size"]?.intValue else {
                throw server.malformed("has a file without a link or a size")
            }
            let name = try link(url, id, size, &names, server)
            let action = kind == "file" ? "add" : kind == "cdf" ? "cdc" : kind
            var members = JSONObject([
                ("path", .string(name)), ("partitionValues", object["partitionValues"] ?? .object(JSONObject())), ("size", .int(size)),
                ("modificationTime", .int(timestamp)), ("dataChange", .bool(action != "cdc")),
            ])
            members["stats"] = object["stats"]
            files.append(File(version: version, timestamp: timestamp, action: .members([(action, .object(members))])))
            return
        }
        guard let (action, value) = single.members.first(where: { !$0.value.isNull }).map({ ($0.name, $0.value) }),
            ["add", "remove", "cdc"].contains(action), var members = value.objectValue, let url = members["path"]?.stringValue
        else { throw server.malformed("has a file with an action that is none of Delta's") }
        members["path"] = .string(try link(url, id, members["size"]?.intValue, &names, server))
        if var vector = members["deletionVector"]?.objectValue, vector["storageType"] != "i" {
            guard let url = vector["pathOrInlineDv"]?.stringValue else { throw server.malformed("has a deletion vector without a place") }
            // One file may hold the vectors of several: it is told by its link, but for the signature.
            let place = SharingURL(url).map { "\($0.authority)\($0.path)" } ?? url
            vector["storageType"] = "p"
            vector["pathOrInlineDv"] = .string(try link(url, "vector \(place)", nil, &names, server))
            members["deletionVector"] = .object(vector)
        }
        files.append(File(version: version, timestamp: timestamp, action: .members([(action, .object(members))])))
    }

    /// The name by which a file is known here.
    private mutating func link(
        _ url: String, _ id: String, _ size: Int?, _ names: inout [String: String], _ server: SharingServer
    ) throws(SharingFailure) -> String {
        if let known = names[id] { return known }
        guard let address = SharingURL(url) else { throw server.malformed("has a link that is no http or https address") }
        guard !address.isLocal || server.profile.endpoint.isLocal else {
            throw SharingFailure(
                .forbidden, "Provider '\(server.provider)', which is elsewhere, links to a file on this machine; it is not fetched.")
        }
        if let size {
            guard size >= 0 else { throw server.malformed("has a file of less than no bytes") }
            guard size <= Self.maxFileBytes else {
                throw SharingFailure(
                    .tooLarge, "Provider '\(server.provider)' links to a file of \(size) bytes; at most \(Self.maxFileBytes) are read.")
            }
        }
        let name = "file-\(names.count)"
        names[id] = name
        links[name] = Link(url: address, size: size)
        return name
    }

    // MARK: As a table

    /// What there is at one version.
    var commit: ToldCommit {
        ToldCommit(
            version: version ?? 0, timestamp: files.first?.timestamp ?? 0,
            actions: [["protocol": tableProtocol], ["metaData": metadata]] + files.map(\.action))
    }

    /// The commits that files were told of, in their order.
    var commits: [ToldCommit] {
        var commits: [Int: ToldCommit] = [:]
        for file in files {
            commits[file.version, default: ToldCommit(version: file.version, timestamp: file.timestamp)].actions.append(file.action)
        }
        return commits.values.sorted { $0.version < $1.version }
    }
}

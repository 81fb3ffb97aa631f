import DeltaTable
import JSON
import S3
import Workspace

/// Writes files of a table as lines of the protocol, with links that end.
struct SharedFileWriter {
    private let reader: SharedTableReader
    private let snapshot: Snapshot
    private let format: SharedTableRequest.Format
    private let expires: Int64
    /// Of reads below the table's location; the credential's secret stays here, a link shows nothing but its own signature.
    private let links: SignatureV4.LinkSigner
    private let ids: LinkSigner

    init(_ reader: SharedTableReader, _ snapshot: Snapshot, _ format: SharedTableRequest.Format, base: String) {
        self.reader = reader
        self.snapshot = snapshot
        self.format = format
        let now = reader.service.workspace.environment.nowMillis
        expires = now &+ Int64(SharedTableReader.linkSeconds) &* 1000
        let name = "recipient \(reader.recipient)"
        let credential = reader.service.credential(
            for: reader.delta.log.location, writes: false, by: Principal(id: "", userName: name, displayName: name, isAdmin: false),
            seconds: Int64(SharedTableReader.linkSeconds), share: reader.link.text)
        links = SignatureV4.LinkSigner("GET", base: base, credential, nowMillis: now, seconds: SharedTableReader.linkSeconds)
        ids = reader.service.workspace.linkSigner
    }

    private func link(_ object: String) -> String { links.link(to: object) }

    /// Says nothing of where the file is.
    private func id(_ text: String) -> String { String(ids.signature(of: "shared \(text)").prefix(32)) }

    /// Nil if the file is outside of the table.
    func file(_ file: AddFile, version: Int?, timestamp: Int64) -> JSONValue? {
        guard let object = snapshot.objectPath(file.path) else { return nil }
        if format == .parquet {
            var members = parquet(object, file.path, file.partitionValues, file.size, file.stats)
            if let version { members += [("version", .int(version)), ("timestamp", .int(timestamp))] }
            members.append(("expirationTimestamp", .int(expires)))
            return ["file": .members(members)]
        }
        guard let add = action(file.json, object, file.deletionVector) else { return nil }
        return wrapped("add", add, file.path, file.deletionVector, version: version, timestamp: timestamp)
    }

    /// The files of a commit that concern the recipient.
    func changes(_ commit: LogStore.Commit, _ snapshot: Snapshot, feed: Bool) throws -> [JSONValue] {
        var lines: [JSONValue] = []
        let hasChangeFiles = feed && commit.actions.contains { if case .cdc = $0 { true } else { false } }
        func add(
            _ kind: String, _ path: String, _ values: PartitionValues, _ size: Int64, _ stats: String?, _ json: JSONValue,
            _ vector: DeletionVectorDescriptor?
        ) throws {
            guard reader.isShared(values, snapshot) else { return }
            guard let object = snapshot.objectPath(path) else {
                throw WorkspaceError.invalid("A file of the table lies outside of its location and cannot be shared.")
            }
            if format == .parquet {
                var members = parquet(object, path, values, size, kind == "add" ? stats : nil)
                members += [("timestamp", .int(snapshot.timestamp)), ("version", .int(commit.version)), ("expirationTimestamp", .int(expires))]
                lines.append(.members([(kind == "cdc" ? "cdf" : kind, .members(members))]))
            } else if let action = action(json, object, vector) {
                lines.append(wrapped(kind, action, path, vector, version: commit.version, timestamp: snapshot.timestamp))
            }
        }
        for action in commit.actions {
            switch action {
            case .cdc(let file) where feed:
                try add("cdc", file.path, file.partitionValues, file.size, nil, file.json, nil)
            case .add(let file) where !hasChangeFiles && (file.dataChange || !feed):
                try add("add", file.path, file.partitionValues, file.size, file.stats, file.json, file.deletionVector)
            case .remove(let file) where !hasChangeFiles && (file.dataChange || !feed):
                try add("remove", file.path, file.partitionValues ?? PartitionValues(), file.size ?? 0, nil, file.json, file.deletionVector)
            default: break
            }
        }
        return lines
    }

    /// The last line of an answer.
    func end(nextPage: String?, refresh: String?) -> [UInt8] {
        var members = JSONObject()
        members["refreshToken"] = refresh.map { .string($0) }
        members["nextPageToken"] = nextPage.map { .string($0) }
        members["minUrlExpirationTimestamp"] = .int(expires)
        let line: JSONValue = ["endStreamAction": .object(members)]
        return line.encoded() + [UInt8(ascii: "\n")]
    }

    // MARK: Parts

    private func parquet(_ object: String, _ path: String, _ values: PartitionValues, _ size: Int64, _ stats: String?) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("url", .string(link(object))), ("id", .string(id(path))), ("partitionValues", values.json), ("size", .int(size)),
        ]
        if let stats { members.append(("stats", .string(stats))) }
        return members
    }

    /// The log's action with links in the place of paths.
    private func action(_ json: JSONValue, _ object: String, _ vector: DeletionVectorDescriptor?) -> JSONValue? {
        guard var members = json.objectValue else { return nil }
        members["path"] = .string(link(object))
        if let vector, let place = snapshot.objectPath(vector), var descriptor = members["deletionVector"]?.objectValue {
            descriptor["storageType"] = "p"
            descriptor["pathOrInlineDv"] = .string(link(place))
            members["deletionVector"] = .object(descriptor)
        }
        return .object(members)
    }

    private func wrapped(
        _ kind: String, _ action: JSONValue, _ path: String, _ vector: DeletionVectorDescriptor?, version: Int?, timestamp: Int64
    ) -> JSONValue {
        var members: [(String, JSONValue)] = [("id", .string(id(path)))]
        if let vector { members.append(("deletionVectorFileId", .string(id(vector.uniqueID)))) }
        if let version { members += [("version", .int(version)), ("timestamp", .int(timestamp))] }
        members.append(("expirationTimestamp", .int(expires)))
        members.append(("deltaSingleAction", .members([(kind, action)])))
        return ["file": .members(members)]
    }
}

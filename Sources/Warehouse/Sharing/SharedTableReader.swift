import DeltaTable
import JSON
import S3
package import Workspace

/// What a recipient asks of a table, by the Delta Sharing protocol.
package struct SharedTableRequest: Sendable {
    package enum Format: String, Sendable { case parquet, delta }

    package var version: Int?
    /// Microseconds since 1970.
    package var timestamp: Int64?
    package var startingVersion: Int?
    package var endingVersion: Int?
    package var startingTimestamp: Int64?
    package var endingTimestamp: Int64?
    package var limit: Int?
    package var hasPredicates = false
    /// JSON text
    package var predicate: String?
    package var includesHistoricalMetadata = false
    /// What the client can read, most wanted first.
    package var formats: [Format] = [.parquet]
    /// In lower case
    package var readerFeatures: Set<String> = []
    package var endsStream = false
    package var maxFiles: Int?
    package var pageToken: String?
    package var includesRefreshToken = false
    package var refreshToken: String?
    /// Scheme and host by which the client reaches the server.
    package var base = ""

    package init() {}
}

/// An answer: lines of JSON, and what belongs in its headers.
package struct SharedTableReply: Sendable {
    package let version: Int
    package let format: SharedTableRequest.Format
    package let lines: [UInt8]
}

/// Answers the protocol's questions about one table from its Delta log. Files are not read: they are linked to.
package struct SharedTableReader {
    let table: SharedTable
    let service: SQLService
    let delta: DeltaTable
    let properties: JSONObject
    let recipient: String
    let link: SharedLink
    /// Whether history is there without being asked for: between workspaces it always is.
    var hasHistory: Bool { table.object.hasHistory }

    /// Links live as long as temporary credentials.
    static let linkSeconds = 3600

    /// - Parameter location: of a view's rows.
    package init(_ table: SharedTable, _ service: SQLService, by reader: ShareReader, at location: String? = nil) throws {
        let isTable = !table.info.type.isView && table.info.format == "DELTA"
        guard let location = isTable ? table.info.location : location else {
            throw WorkspaceError(
                .unsupportedOperation,
                "'\(table.schema).\(table.name)' is a \(table.info.type.rawValue); this server shares the data of Delta tables and views alone.")
        }
        // Filters would have to be applied to files that the recipient reads itself.
        guard try !service.hides(table.info, from: service.workspace.principal(named: table.share.owner)) else {
            throw WorkspaceError(.unsupportedOperation, "'\(table.schema).\(table.name)' has a row filter or column masks and cannot be shared.")
        }
        self.table = table
        self.service = service
        recipient = reader.recipient.name
        link = SharedLink(reader, share: table.share, object: table.object)
        properties = reader.recipient.recipientProperties
        delta = try service.tables.delta(at: location)
    }

    // MARK: Versions

    private static func translated<T>(_ body: () throws(DeltaError) -> T) throws(WorkspaceError) -> T {
        do throws(DeltaError) { return try body() } catch {
            throw .invalid(error.text)
        }
    }

    /// The latest version, or the earliest one at or after a time.
    package func version(startingAt micros: Int64?) throws -> Int {
        let latest = try Self.translated { () throws(DeltaError) in try delta.snapshot() }
        guard let micros else { return latest.version }
        try requireHistory("startingTimestamp")
        return try firstVersion(at: micros, latest.version)
    }

    private func firstVersion(at micros: Int64, _ latest: Int) throws -> Int {
        let commits = try Self.translated { () throws(DeltaError) in try delta.history() }
        guard let found = commits.last(where: { $0.timestamp &* 1000 >= micros }) else {
            throw WorkspaceError.invalid("The provided timestamp is after the latest version available to the table; the latest is \(latest).")
        }
        return max(found.version, table.object.startVersion ?? 0)
    }

    private func requireHistory(_ what: String) throws {
        guard hasHistory else {
            throw WorkspaceError.invalid(
                "Reading table by \(what) is not supported because history sharing is not enabled on table: \(table.share.name).\(table.schema).\(table.name)"
            )
        }
    }

    private func requireVisible(_ version: Int) throws {
        let first = table.object.startVersion ?? 0
        guard version >= first else {
            throw WorkspaceError.invalid("You can only query table data since version \(first).")
        }
    }

    private func snapshot(_ request: SharedTableRequest, at token: SharedTableToken? = nil) throws -> Snapshot {
        guard [request.version != nil, request.timestamp != nil, request.startingVersion != nil].count(where: { $0 }) <= 1 else {
            throw WorkspaceError.invalid("Please only provide one of: version/timestamp/startingVersion.")
        }
        var travel: DeltaTimeTravel?
        if let token {
            // What was shown once is shown again, with or without history.
            return try Self.translated { () throws(DeltaError) in try delta.snapshot(.version(token.version)) }
        }
        if let version = request.version {
            guard version >= 0 else { throw WorkspaceError.invalid("table version cannot be negative.") }
            try requireHistory("version")
            try requireVisible(version)
            travel = .version(version)
        } else if let timestamp = request.timestamp {
            try requireHistory("timestamp")
            travel = .timestamp(timestamp)
        }
        let snapshot = try Self.translated { () throws(DeltaError) in try delta.snapshot(travel) }
        if travel != nil { try requireVisible(snapshot.version) }
        return snapshot
    }

    // MARK: Formats

    /// The features that a reader needs for these files of the table.
    private func features(_ snapshot: Snapshot, hasVectors: Bool) -> [String] {
        var needed: Set<String> = Set(snapshot.tableProtocol.readerFeatures ?? [])
        needed.subtract(["v2Checkpoint", "vacuumProtocolCheck", "deletionVectors", "columnMapping"])
        if hasVectors { needed.insert("deletionVectors") }
        if (snapshot.property("delta.columnMapping.mode")?.lowercased() ?? "none") != "none" { needed.insert("columnMapping") }
        return needed.sorted()
    }

    private func format(_ request: SharedTableRequest, _ features: [String]) throws -> SharedTableRequest.Format {
        if features.isEmpty {
            // What any client can read.
            if request.formats.contains(.parquet) { return .parquet }
            return .delta
        }
        guard request.formats.contains(.delta) else {
            throw WorkspaceError(
                .unsupportedOperation,
                "Table features \(features.joined(separator: ", ")) are found in table version; the client must ask for responseformat=delta.")
        }
        let missing = features.filter { !request.readerFeatures.contains($0.lowercased()) }
        guard missing.isEmpty else {
            throw WorkspaceError(
                .unsupportedOperation,
                "Unsupported Delta Table Features: \(missing.joined(separator: ", ")); "
                    + "the client's readerfeatures must have them.")
        }
        return .delta
    }

    // MARK: Answers

    package func metadata(_ request: SharedTableRequest) throws -> SharedTableReply {
        let snapshot = try snapshot(request)
        let files = selected(snapshot)
        let format = try format(request, features(snapshot, hasVectors: snapshot.files.contains { $0.deletionVector != nil }))
        return SharedTableReply(version: snapshot.version, format: format, lines: head(snapshot, files, format))
    }

    package func query(_ request: SharedTableRequest) throws -> SharedTableReply {
        let token = try token(request)
        let snapshot = try snapshot(request, at: token)
        if let start = request.startingVersion {
            try requireHistory("startingVersion")
            return try changes(from: start, through: request.endingVersion ?? snapshot.version, latest: snapshot, request, feed: false, token)
        }
        let all = selected(snapshot)
        let format = try format(request, features(snapshot, hasVectors: all.contains { $0.deletionVector != nil }))
        var files = all
        if let text = request.predicate, let predicate = try? JSONValue(parsing: Array(text.utf8)) {
            files = files.filter { file in SharingPredicate.mayPass(predicate, file.partitionValues, snapshot) }
        }
        // Rows are left out by the client's own predicate only after the limit would have been: then it says nothing.
        if let limit = request.limit, limit >= 0, !request.hasPredicates { files = limited(files, limit) }
        let isTravel = request.version != nil || request.timestamp != nil
        let writer = SharedFileWriter(self, snapshot, format, base: request.base)
        var lines = head(snapshot, all, format)
        let (shown, next) = page(files, request, from: token, version: snapshot.version)
        lines.reserveCapacity(lines.count + shown.count * 1024)
        for file in shown {
            guard let line = writer.file(file, version: isTravel ? snapshot.version : nil, timestamp: snapshot.timestamp) else {
                throw WorkspaceError.invalid("A file of the table lies outside of its location and cannot be shared.")
            }
            lines += line.encoded()
            lines.append(UInt8(ascii: "\n"))
        }
        let refresh = request.includesRefreshToken ? refreshToken(snapshot.version) : nil
        if request.endsStream || request.maxFiles != nil || refresh != nil { lines += writer.end(nextPage: next, refresh: refresh) }
        return SharedTableReply(version: snapshot.version, format: format, lines: lines)
    }

    package func changeFeed(_ request: SharedTableRequest) throws -> SharedTableReply {
        guard table.object.hasChanges else {
            throw WorkspaceError.invalid("cdf is not enabled on table \(table.share.name).\(table.schema).\(table.name)")
        }
        let token = try token(request)
        let latest = try Self.translated { () throws(DeltaError) in try delta.snapshot(token.map { DeltaTimeTravel.version($0.version) }) }
        guard (request.startingVersion == nil) != (request.startingTimestamp == nil) else {
            throw WorkspaceError.invalid(
                request.startingVersion == nil
                    ? "No startingVersion or startingTimestamp provided for CDF read." : "Multiple starting arguments provided for CDF read.")
        }
        guard request.endingVersion == nil || request.endingTimestamp == nil else {
            throw WorkspaceError.invalid("Multiple ending arguments provided for CDF read.")
        }
        let start = try request.startingVersion ?? firstVersion(at: request.startingTimestamp ?? 0, latest.version)
        var end = request.endingVersion ?? latest.version
        if let micros = request.endingTimestamp {
            end = micros / 1000 >= latest.timestamp ? latest.version : try Self.translated { () throws(DeltaError) in try delta.version(at: micros) }
        }
        return try changes(from: start, through: end, latest: latest, request, feed: true, token)
    }

    /// - Parameter feed: change files instead of the files of commits that have some.
    private func changes(
        from start: Int, through end: Int, latest: Snapshot, _ request: SharedTableRequest, feed: Bool,
        _ token: SharedTableToken?
    ) throws -> SharedTableReply {
        guard start >= 0, start <= latest.version else {
            throw WorkspaceError.invalid(
                "Provided Start version(\(start)) for reading change data is invalid. Start version cannot be greater than the latest version of the table(\(latest.version))."
            )
        }
        let end = min(end, latest.version)
        guard start <= end else {
            throw WorkspaceError.invalid("CDF range from start \(start) to end \(end) was invalid. End cannot be before start.")
        }
        try requireVisible(start)
        var commits: [(commit: LogStore.Commit, snapshot: Snapshot)] = []
        var hasVectors = false
        for version in start...end {
            let snapshot = try Self.translated { () throws(DeltaError) in try delta.snapshot(.version(version)) }
            if feed, snapshot.property("delta.enableChangeDataFeed")?.lowercased() != "true" {
                throw WorkspaceError.invalid(
                    "Error getting change data for range [\(start), \(end)] as change data was not recorded for version [\(version)]")
            }
            guard let commit = try Self.translated({ () throws(DeltaError) in try delta.log.read(version) }) else {
                throw WorkspaceError.invalid("Change data of version \(version) is not in the table's log any more.")
            }
            commits.append((commit, snapshot))
            for action in commit.actions {
                switch action {
                case .add(let file) where file.deletionVector != nil: hasVectors = true
                case .remove(let file) where file.deletionVector != nil: hasVectors = true
                default: break
                }
            }
        }
        let described = feed ? latest : (commits.first?.snapshot ?? latest)
        let format = try format(request, features(described, hasVectors: hasVectors))
        var lines = head(described, selected(described), format)
        let writer = SharedFileWriter(self, described, format, base: request.base)
        var schema = described.metadata.schemaString
        var all: [JSONValue] = []
        for (commit, snapshot) in commits {
            if !feed || request.includesHistoricalMetadata {
                for case .metadata(let metadata) in commit.actions where commit.version > start && metadata.schemaString != schema {
                    schema = metadata.schemaString
                    all.append(metadataLine(snapshot, selected(snapshot), format))
                }
            }
            all += try writer.changes(commit, snapshot, feed: feed)
        }
        let (shown, next) = page(all, request, from: token, version: latest.version)
        for line in shown { lines += line.encoded() + [UInt8(ascii: "\n")] }
        if request.endsStream || request.maxFiles != nil { lines += writer.end(nextPage: next, refresh: nil) }
        return SharedTableReply(version: start, format: format, lines: lines)
    }

    // MARK: Parts

    /// The files that the recipient may have.
    private func selected(_ snapshot: Snapshot) -> [AddFile] {
        table.object.partitions.isEmpty ? snapshot.files : snapshot.files.filter { isShared($0.partitionValues, snapshot) }
    }

    func isShared(_ values: PartitionValues, _ snapshot: Snapshot) -> Bool {
        let filters = table.object.partitions
        if filters.isEmpty { return true }
        return filters.contains { conditions in
            conditions.allSatisfy { condition in
                guard
                    let position = snapshot.partitionColumns.first(where: {
                        snapshot.tableSchema.fields[$0].name.lowercased() == condition.column.lowercased()
                    })
                else { return false }
                return condition.allows(values[snapshot.tableSchema.fields[position].physicalName], properties: properties)
            }
        }
    }

    /// As many files as surely have so many rows.
    private func limited(_ files: [AddFile], _ limit: Int) -> [AddFile] {
        var chosen: [AddFile] = []
        var rows = 0
        for file in files where rows < limit {
            chosen.append(file)
            rows += file.liveRecords ?? 0
        }
        return chosen
    }

    private func head(_ snapshot: Snapshot, _ files: [AddFile], _ format: SharedTableRequest.Format) -> [UInt8] {
        let line: JSONValue =
            format == .parquet
            ? ["protocol": ["minReaderVersion": 1]] : ["protocol": ["deltaProtocol": snapshot.tableProtocol.json]]
        return line.encoded() + [UInt8(ascii: "\n")] + metadataLine(snapshot, files, format).encoded() + [UInt8(ascii: "\n")]
    }

    private func metadataLine(_ snapshot: Snapshot, _ files: [AddFile], _ format: SharedTableRequest.Format) -> JSONValue {
        let metadata = snapshot.metadata
        let size = files.reduce(Int64(0)) { $0 &+ $1.size }
        var members: [(String, JSONValue)] = []
        if format == .parquet {
            let hasFeed = snapshot.property("delta.enableChangeDataFeed")?.lowercased() == "true"
            members = [
                ("id", .string(metadata.id)), ("name", .string(table.name)), ("format", ["provider": "parquet"]),
                ("schemaString", .string(metadata.schemaString)),
                ("partitionColumns", .array(metadata.partitionColumns.map { .string($0) })),
                ("configuration", hasFeed && table.object.hasChanges ? ["enableChangeDataFeed": "true"] : .object(JSONObject())),
            ]
            if let description = metadata.description { members.insert(("description", .string(description)), at: 2) }
            members += [("version", .int(snapshot.version)), ("size", .int(size)), ("numFiles", .int(files.count))]
        } else {
            members = [
                ("version", .int(snapshot.version)), ("size", .int(size)), ("numFiles", .int(files.count)), ("deltaMetadata", metadata.json),
            ]
        }
        return ["metaData": .members(members)]
    }
}

import JSON
import Storage

/// `N.crc`: counts of a version's state, by which a reader sees that it has replayed the log as the writer did.
/// Source: Delta's PROTOCOL.md, "Version Checksum File".
struct VersionChecksum: Equatable {
    let tableSizeBytes: Int64
    let numFiles: Int
    /// Nil if the file does not tell.
    let metadataID: String?

    /// Nil for what is no checksum: readers may do without.
    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), let size = json["tableSizeBytes"]?.intValue, let files = json["numFiles"]?.intValue
        else { return nil }
        tableSizeBytes = Int64(size)
        numFiles = files
        metadataID = json["metadata"]?["id"]?.stringValue
    }

    init(_ snapshot: Snapshot) {
        tableSizeBytes = snapshot.sizeInBytes
        numFiles = snapshot.files.count
        metadataID = snapshot.metadata.id
    }

    static func path(_ log: LogStore, _ version: Version) -> String { log.logPrefix + Civil.padded(Int64(version), 20) + ".crc" }
}

extension Snapshot {
    /// Throws if the version's checksum tells of another state than this one. A file that is not there, or that cannot be read, tells nothing.
    func checkChecksum() throws(DeltaError) {
        let path = VersionChecksum.path(log, version)
        guard let bytes = try? log.store.get(path), let told = VersionChecksum(bytes) else { return }
        let own = VersionChecksum(self)
        guard told.numFiles == own.numFiles, told.tableSizeBytes == own.tableSizeBytes, told.metadataID ?? metadata.id == metadata.id else {
            throw .malformedLog(
                path,
                "the checksum of version \(version) tells of \(told.numFiles) files of \(told.tableSizeBytes) bytes, the log of "
                    + "\(own.numFiles) files of \(own.tableSizeBytes) bytes")
        }
    }

    /// Writes the version's checksum. A table without one is as good: a failure is passed over.
    func writeChecksum(transactionID: String?, inCommitTimestamp: Int64?) {
        var members: [(String, JSONValue)] = []
        members.add("txnId", transactionID)
        members += [
            ("tableSizeBytes", .int(sizeInBytes)), ("numFiles", .int(files.count)), ("numMetadata", 1), ("numProtocol", 1),
            ("numDeletedRecordsOpt", .int(files.reduce(0) { $0 &+ Int(clamping: $1.deletionVector?.cardinality ?? 0) })),
            ("numDeletionVectorsOpt", .int(files.count { $0.deletionVector != nil })),
        ]
        members.add("inCommitTimestampOpt", inCommitTimestamp)
        members += [
            ("setTransactions", .array(transactions.keys.sorted().compactMap { transactions[$0]?.json })),
            ("domainMetadata", .array(domains.keys.sorted().compactMap { domains[$0]?.json })),
            ("metadata", metadata.json), ("protocol", tableProtocol.json),
        ]
        _ = try? log.store.putIfAbsent(VersionChecksum.path(log, version), Array(JSONValue.members(members).text.utf8))
    }
}

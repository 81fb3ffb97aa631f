import JSON

/// Fresh ids for the rows of new files. Source: Delta's PROTOCOL.md, "Row Tracking".
enum RowTracking {
    static let domain = "delta.rowTracking"
    /// The properties that name the columns of ids which rows keep when they are written anew.
    static let columns = ["delta.rowTracking.materializedRowIdColumnName", "delta.rowTracking.materializedRowCommitVersionColumnName"]

    /// The highest id that the table has given, −1 at first.
    static func highWaterMark(_ domains: [String: DomainMetadata]) -> Int64 {
        guard let text = domains[domain]?.configuration, let json = try? JSONValue(parsing: Array(text.utf8)) else { return -1 }
        return json["rowIdHighWaterMark"]?.intValue.map { Int64($0) } ?? -1
    }

    /// The actions with base ids in the files that have none. `files`: those of the table before, which get ids when the feature is new.
    static func assign(_ actions: [Action], _ tableProtocol: TableProtocol, version: Version, after base: Snapshot?) throws(DeltaError) -> [Action] {
        guard tableProtocol.writerFeatures?.contains(TableFeature.rowTracking.rawValue) ?? false, !isSuspended(actions, base) else { return actions }
        var mark = highWaterMark(base?.domains ?? [:])
        var touched: Set<String> = []
        var result: [Action] = []
        func number(_ file: AddFile) throws(DeltaError) -> AddFile {
            guard file.baseRowID == nil else { return file }
            guard let rows = file.numRecords else { throw .unsupportedForWrite(base?.tableName ?? "", ["rowTracking of files without statistics"]) }
            var numbered = file
            numbered.baseRowID = mark &+ 1
            numbered.defaultRowCommitVersion = Int64(version)
            mark &+= Int64(rows)
            return numbered
        }
        for action in actions {
            switch action {
            case .add(let file):
                touched.insert(file.path)
                result.append(.add(try number(file)))
            case .remove(let file):
                touched.insert(file.path)
                result.append(action)
            case .domainMetadata(let value) where value.domain == domain: continue
            default: result.append(action)
            }
        }
        for file in base?.files ?? [] where file.baseRowID == nil && !touched.contains(file.path) {
            var copy = try number(file)
            copy.dataChange = false
            result.append(.add(copy))
        }
        if mark >= 0 {
            result.append(
                .domainMetadata(DomainMetadata(domain: domain, configuration: JSONValue.members([("rowIdHighWaterMark", .int(mark))]).text)))
        }
        return result
    }

    static let suspendedKey = "delta.rowTrackingSuspended"

    /// No ids are given while the feature is being dropped.
    private static func isSuspended(_ actions: [Action], _ base: Snapshot?) -> Bool {
        var metadata = base?.metadata
        for case .metadata(let value) in actions { metadata = value }
        return metadata?.configuration[suspendedKey]?.lowercased() == "true"
    }

    /// Throws if ids are both asked for and suspended.
    static func check(_ metadata: Metadata) throws(DeltaError) {
        let keys = ["delta.enableRowTracking", suspendedKey]
        guard keys.allSatisfy({ metadata.configuration[$0]?.lowercased() == "true" }) else { return }
        throw DeltaError(
            "DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION", "55000",
            "Illegal table state was detected. Table properties `<property1>` and `<property2>` are both set to true. The issue can be resolved by disabling any of the two table properties.",
            ["property1": keys[0], "property2": keys[1]])
    }

    /// The names under which ids that rows keep would be written to files.
    static func complete(_ metadata: inout Metadata, newUUID: () -> String) {
        guard metadata.configuration["delta.enableRowTracking"]?.lowercased() == "true" else { return }
        for (key, prefix) in [
            ("delta.rowTracking.materializedRowIdColumnName", "_row-id-col-"),
            ("delta.rowTracking.materializedRowCommitVersionColumnName", "_row-commit-version-col-"),
        ] where metadata.configuration[key] == nil {
            metadata.configuration[key] = prefix + newUUID()
        }
    }
}

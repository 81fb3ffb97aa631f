package import JSON
package import Storage

/// A commit of a table whose log stays with someone else, who tells what is in it (Delta Sharing).
package struct ToldCommit: Sendable {
    package let version: Version
    /// Milliseconds since 1970.
    package let timestamp: Int64
    /// As a log's lines: `{"add": {…}}`.
    package var actions: [JSONValue]

    package init(version: Version, timestamp: Int64, actions: [JSONValue] = []) {
        self.version = version
        self.timestamp = timestamp
        self.actions = actions
    }

    fileprivate func parsed(_ table: String) throws(DeltaError) -> [Action] {
        var parsed: [Action] = []
        for action in actions {
            do throws(MalformedAction) {
                if let action = try Action(action) { parsed.append(action) }
            } catch {
                throw .malformedLog(table, error.message)
            }
        }
        return parsed
    }
}

extension Snapshot {
    /// Features that readers here understand, as the protocol names them.
    package static var readableFeatures: [String] { TableFeature.readable.map(\.rawValue).sorted() }

    /// A version as it was told: its protocol, metadata and files, whose paths are names in `files` below `location`.
    package static func told(_ commit: ToldCommit, files: any ObjectStore, location: String, name: String) throws(DeltaError) -> Snapshot {
        var state = SnapshotState()
        state.apply([try commit.parsed(name)])
        return try Snapshot(
            state, version: commit.version, timestamp: commit.timestamp, log: LogStore(files, location: location),
            cache: ColumnCache(byteLimit: 64 << 20), tableName: name)
    }
}

extension Snapshot {
    /// The files that commits have added, and the first version at which one took rows away.
    package func growth(_ commits: [ToldCommit]) throws(DeltaError) -> (added: [AddFile], changedAt: Version?) {
        var added: [AddFile] = []
        for commit in commits {
            for action in try commit.parsed(tableName) {
                switch action {
                case .remove(let file) where file.dataChange: return (added, commit.version)
                case .add(let file) where file.dataChange: added.append(file)
                default: continue
                }
            }
        }
        return (added, nil)
    }
}

extension ChangeFeed {
    /// The changes of commits as they were told, under the schema of `snapshot`, whose files they name.
    package static func told(_ commits: [ToldCommit], _ snapshot: Snapshot) throws(DeltaError) -> ChangeFeed {
        var changes: [ChangeCommit] = []
        for commit in commits {
            let parts = try DeltaTable.parts(try commit.parsed(snapshot.tableName), snapshot, before: snapshot)
            changes.append(ChangeCommit(version: commit.version, timestamp: commit.timestamp, parts: parts))
        }
        return try ChangeFeed(changes, snapshot)
    }
}

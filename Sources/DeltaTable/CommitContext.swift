package import JSON

/// Who commits, when, and what else a commit takes from outside of the table.
package struct CommitContext: Sendable {
    /// Milliseconds since 1970.
    package var timestampMillis: Int64
    package var newUUID: @Sendable () -> String
    package var userID: String
    package var userName: String
    package var engineInfo: String
    package var clusterID: String?
    package var userMetadata: String?
    /// Further members of the commit's information: `notebook`, `job`, `queryHistoryStatementId`…
    package var extra: JSONObject
    /// Called at each point of a commit; may wait, and ends the commit by throwing.
    package var at: @Sendable (CommitPoint) throws -> Void
    /// Called when a commit stands.
    package var done: @Sendable (CommitOperation) -> Void = { _ in }

    package init(
        timestampMillis: Int64, newUUID: @escaping @Sendable () -> String, userID: String, userName: String,
        engineInfo: String = "Databricks-Runtime/16.4.x-photon-scala2.12", clusterID: String? = nil, userMetadata: String? = nil,
        extra: JSONObject = JSONObject(),
        at: @escaping @Sendable (CommitPoint) throws -> Void = { _ in }
    ) {
        self.timestampMillis = timestampMillis
        self.newUUID = newUUID
        self.userID = userID
        self.userName = userName
        self.engineInfo = engineInfo
        self.clusterID = clusterID
        self.userMetadata = userMetadata
        self.extra = extra
        self.at = at
    }
}

/// A place in a commit's course at which it can be held.
package struct CommitPoint: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The table has been read at its version; nothing is decided yet.
        case read
        /// The commit file is about to be written. What throws here leaves the table unchanged.
        case beforePut = "before_put"
        /// The commit file is written. What throws here leaves the writer in the dark: the commit stands.
        case afterPut = "after_put"
    }

    package let kind: Kind
    /// The table's name as errors show it.
    package let table: String
    /// The version read, or the one that is being written.
    package let version: Version

    package init(_ kind: Kind, table: String, version: Version) {
        self.kind = kind
        self.table = table
        self.version = version
    }
}

/// What a commit is called in the table's history, with parameters and metrics as the service writes them.
package struct CommitOperation: Sendable, Hashable {
    package var name: String
    /// Strings, mostly of JSON, or null.
    package var parameters: [(String, JSONValue)]
    package var metrics: [(String, String)]

    package init(_ name: String, _ parameters: [(String, JSONValue)] = [], metrics: [(String, String)] = []) {
        self.name = name
        self.parameters = parameters
        self.metrics = metrics
    }

    package static func == (left: CommitOperation, right: CommitOperation) -> Bool {
        left.name == right.name && left.parametersJSON == right.parametersJSON && left.metricsJSON == right.metricsJSON
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }

    var parametersJSON: JSONValue { .members(parameters) }
    var metricsJSON: JSONValue { .members(metrics.map { ($0.0, .string($0.1)) }) }
}

extension CommitOperation {
    /// With the metrics of a write of these files.
    package func measuring(_ files: [AddFile]) -> CommitOperation {
        var measured = self
        measured.metrics += [
            ("numFiles", String(files.count)), ("numOutputRows", String(files.reduce(0) { $0 + ($1.numRecords ?? 0) })),
            ("numOutputBytes", String(files.reduce(0) { $0 &+ $1.size })),
        ]
        return measured
    }

    /// `mode`: `Append` or `Overwrite`.
    package static func write(mode: String, partitionBy: [String] = [], predicate: String? = nil) -> CommitOperation {
        var parameters: [(String, JSONValue)] = [("mode", .string(mode)), ("statsOnLoad", "false"), ("partitionBy", list(partitionBy))]
        if let predicate { parameters.append(("predicate", .string(predicate))) }
        return .init("WRITE", parameters)
    }

    /// `CREATE TABLE`, `CREATE TABLE AS SELECT`, `CREATE OR REPLACE TABLE`, `REPLACE TABLE AS SELECT`…
    package static func create(_ name: String, _ metadata: Metadata, isManaged: Bool, clusterBy: [String] = []) -> CommitOperation {
        var parameters: [(String, JSONValue)] = [
            ("partitionBy", list(metadata.partitionColumns)), ("clusterBy", list(clusterBy)),
            ("description", metadata.description.map { .string($0) } ?? .null),
            ("isManaged", isManaged ? "true" : "false"), ("properties", .string(JSONValue.sorted(metadata.configuration).text)),
        ]
        if name.hasSuffix(" AS SELECT") { parameters.append(("statsOnLoad", "false")) }
        return .init(name, parameters)
    }

    /// `predicate`: SQL text, nil for all rows.
    package static func delete(predicate: String?) -> CommitOperation {
        .init("DELETE", [("predicate", list(predicate.map { [$0] } ?? []))])
    }

    package static func update(predicate: String?) -> CommitOperation {
        .init("UPDATE", predicate.map { [("predicate", list([$0]))] } ?? [])
    }

    package static func setProperties(_ properties: [String: String]) -> CommitOperation {
        .init("SET TBLPROPERTIES", [("properties", .string(JSONValue.sorted(properties).text))])
    }

    package static func unsetProperties(_ names: [String], ifExists: Bool) -> CommitOperation {
        .init("UNSET TBLPROPERTIES", [("properties", list(names)), ("ifExists", ifExists ? "true" : "false")])
    }

    package static func addColumns(_ fields: [TableField]) -> CommitOperation {
        .init("ADD COLUMNS", [("columns", .string(JSONValue.array(fields.map { .members([("column", $0.json)]) }).text))])
    }

    package static func changeColumn(_ field: TableField) -> CommitOperation {
        .init("CHANGE COLUMN", [("column", .string(field.json.text))])
    }

    package static func restore(version: Version?, timestamp: String?) -> CommitOperation {
        .init(
            "RESTORE", [("version", version.map { .string(String($0)) } ?? .null), ("timestamp", timestamp.map { .string($0) } ?? .null)])
    }

    private static func list(_ names: [String]) -> JSONValue { .string(JSONValue.array(names.map { .string($0) }).text) }
}

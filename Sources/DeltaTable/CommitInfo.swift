package import JSON

/// Who committed what and why. Free JSON by the protocol: members that nobody here knows are kept.
package struct CommitInfo: Sendable, Hashable {
    package var json: JSONObject

    package init(_ json: JSONObject) { self.json = json }

    /// Milliseconds since 1970.
    package var timestamp: Int64? { json["timestamp"]?.intValue.map { Int64($0) } }
    package var inCommitTimestamp: Int64? { json["inCommitTimestamp"]?.intValue.map { Int64($0) } }
    package var userID: String? { json["userId"]?.stringValue }
    package var userName: String? { json["userName"]?.stringValue }
    package var operation: String? { json["operation"]?.stringValue }
    package var clusterID: String? { json["clusterId"]?.stringValue }
    package var readVersion: Version? { json["readVersion"]?.intValue }
    package var isolationLevel: String? { json["isolationLevel"]?.stringValue }
    package var isBlindAppend: Bool? { json["isBlindAppend"]?.boolValue }
    package var userMetadata: String? { json["userMetadata"]?.stringValue }
    package var engineInfo: String? { json["engineInfo"]?.stringValue }
    package var transactionID: String? { json["txnId"]?.stringValue }
    package var job: JSONObject? { json["job"]?.objectValue }
    package var notebook: JSONObject? { json["notebook"]?.objectValue }

    /// As DESCRIBE HISTORY shows them: text or null by name.
    package var operationParameters: [(name: String, value: String?)] { Self.texts(json["operationParameters"]) }
    package var operationMetrics: [(name: String, value: String?)] { Self.texts(json["operationMetrics"]) }

    /// Other writers put numbers, lists and objects where the service puts their text.
    private static func texts(_ value: JSONValue?) -> [(name: String, value: String?)] {
        (value?.objectValue?.members ?? []).map { member in
            switch member.value {
            case .null: (member.name, nil)
            case .string(let text): (member.name, text)
            default: (member.name, member.value.text)
            }
        }
    }

    /// The commit as a conflict's message shows it.
    func conflictText(version: Version) -> String {
        var shown = json
        shown["inCommitTimestamp"] = nil
        var members: [(String, JSONValue)] = [("version", .int(version))]
        members += shown.members.map { ($0.name, $0.value) }
        return JSONValue.members(members).text
    }
}

/// A commit as conflict messages and histories need it.
package struct CommitSummary: Sendable, Hashable {
    package let version: Version
    package let info: CommitInfo?

    package init(version: Version, info: CommitInfo?) {
        self.version = version
        self.info = info
    }
}

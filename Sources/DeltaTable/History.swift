import JSON

/// A commit in a table's history.
package struct CommitRecord: Sendable, Hashable {
    package let version: Version
    /// Milliseconds since 1970; where clocks went back, one more than the commit before.
    package let timestamp: Int64
    /// Empty if the commit tells nothing of itself.
    package let info: CommitInfo

    init(_ commit: LogStore.Commit, after previous: CommitRecord?) {
        version = commit.version
        timestamp = max(commit.timestamp, previous.map { $0.timestamp &+ 1 } ?? .min)
        info = commit.info ?? CommitInfo(JSONObject())
    }
}

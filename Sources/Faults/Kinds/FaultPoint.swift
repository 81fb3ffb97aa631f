/// A named place inside the simulator's work at which a rule with `match.point` acts. docs/faults.md is printed from `all`.
package struct FaultPoint: Sendable, Hashable {
    package let name: String
    /// What has been done when the work gets here, and what has not.
    package let summary: String

    /// In the order in which a statement passes them.
    package static let all: [FaultPoint] = [
        FaultPoint(
            name: "sql.statement.before_execute", summary: "A worker has taken the statement; nothing has been parsed or read."),
        FaultPoint(
            name: "delta.commit.read", summary: "A write has fixed the version of its table that it builds on; nothing is decided."),
        FaultPoint(
            name: "delta.commit.before_put",
            summary: "The data files are written and the commit is about to be put. What fails here leaves the table as it was."),
        FaultPoint(
            name: "delta.commit.after_put",
            summary: "The commit stands, and the writer has not heard of it. What fails here leaves the client in the dark."),
        FaultPoint(
            name: "catalog.table.before_create",
            summary: "CREATE TABLE has found the name free and written its table; the catalog does not have it yet."),
        FaultPoint(
            name: "sql.statement.after_execute", summary: "The statement's work is done and stands; its state is still RUNNING."),
    ]
}

/// Where a kind of fault can act.
package enum FaultPlace: String, Sendable, Hashable, CaseIterable {
    case beforeHandler = "before_handler"
    case afterHandler = "after_handler"
    case point = "match.point"
}

/// Who answers requests, by the name in `GET /_dbxsim/health`.
package enum FaultMode: String, Sendable, Hashable, CaseIterable {
    case serve, replay, record
}

/// A named place inside a statement's work, in the order in which a statement passes them.
package enum StatementPoint: String, Sendable, CaseIterable {
    case beforeExecute = "sql.statement.before_execute"
    case commitRead = "delta.commit.read"
    case commitBeforePut = "delta.commit.before_put"
    case commitAfterPut = "delta.commit.after_put"
    case tableBeforeCreate = "catalog.table.before_create"
    case afterExecute = "sql.statement.after_execute"
}

/// Where a statement is, and what can be done there.
package struct StatementSite: Sendable {
    package let point: StatementPoint
    /// `catalog.schema.table`, where the statement is at work on one.
    package let table: String?
    /// Makes a competing change first, as another client might have; nil where nothing can compete.
    package let compete: (@Sendable () throws -> Void)?
}

/// Lets somebody wait, fail or interfere inside a statement's work.
package struct StatementHooks: Sendable {
    /// Called on the worker's thread at each point, which may block; what it throws ends the statement.
    package var at: @Sendable (StatementSite) throws -> Void
    /// Called when the statement's work is over, however it ended.
    package var ended: @Sendable () -> Void

    package init(at: @escaping @Sendable (StatementSite) throws -> Void, ended: @escaping @Sendable () -> Void) {
        self.at = at
        self.ended = ended
    }
}

/// What a hook throws to fail a statement: the message becomes `[CODE] text`.
package struct StatementFailure: Error, Sendable {
    package let code: String
    package let message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

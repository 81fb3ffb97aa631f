/// What a session gives to the evaluation of expressions. A value: a statement takes one at its start, so that `now()` stands still within it.
package struct EvaluationContext: Sendable {
    /// `spark.sql.ansi.enabled` (Databricks: ANSI_MODE).
    package var ansi = true
    package var timeZone = SessionTimeZone.utc
    /// Microseconds since 1970-01-01T00:00:00Z at the statement's start.
    package var nowMicros: Int64 = 0
    /// `current_user()`, `session_user()`.
    package var user = ""
    /// Names of the groups that the user is in, through other groups too: `is_account_group_member()`, `is_member()`.
    package var groups: Set<String> = []
    package var currentCatalog = ""
    package var currentSchema = ""
    /// What `version()` answers: number and revision, separated by a space.
    package var version = ""
    /// `current_version().dbsql_version` and the like are sql's; this one is for drawing. The analyser passes a new one to each call that it binds,
    /// so that two calls of `rand()` in a statement differ.
    package var randomSeed: UInt64 = 0
    /// How many rows of the operator's input lie before the batch: what makes `rand(seed)` independent of batch sizes and threads.
    package var rowOffset = 0
    /// What is added to each seed: the rounds that a recursive query has behind it, which Spark draws anew in each.
    package var seedShift: Int64 = 0
    /// Of the statement that the evaluation is for; nil: nothing ends it early.
    package var monitor: ExecutionMonitor?

    package init() {}

    package init(
        ansi: Bool = true, timeZone: SessionTimeZone = .utc, nowMicros: Int64, user: String, currentCatalog: String, currentSchema: String,
        version: String, randomSeed: UInt64, monitor: ExecutionMonitor? = nil
    ) {
        self.ansi = ansi
        self.timeZone = timeZone
        self.nowMicros = nowMicros
        self.user = user
        self.currentCatalog = currentCatalog
        self.currentSchema = currentSchema
        self.version = version
        self.randomSeed = randomSeed
        self.monitor = monitor
    }
}

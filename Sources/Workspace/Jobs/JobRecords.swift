/// A job as the store has it. The settings are JSON text, shared with the runs that began under them.
package struct JobRecord: Sendable, Hashable {
    package var jobID: Int
    package var creator: String
    package var runAs: String
    /// Milliseconds since 1970-01-01 UTC.
    package var createdAt: Int64
    /// The settings in force.
    package var version: Int
    package var settings: String
    /// When a trigger begins the next run, in milliseconds; nil if none does by time.
    package var nextFire: Int64?
    /// The order of creation.
    package var position: Int64

    package init(
        jobID: Int, creator: String, runAs: String, createdAt: Int64, version: Int = 0, settings: String, nextFire: Int64? = nil, position: Int64 = 0
    ) {
        self.jobID = jobID
        self.creator = creator
        self.runAs = runAs
        self.createdAt = createdAt
        self.version = version
        self.settings = settings
        self.nextFire = nextFire
        self.position = position
    }
}

/// A run of a job, or one that was submitted. What lists filter by has columns of its own; the rest is JSON text.
package struct RunRecord: Sendable, Hashable {
    package var runID: Int
    package var jobID: Int?
    package var type: String
    package var isActive: Bool
    package var startTime: Int64
    /// The settings under which it began.
    package var version: Int
    package var document: String
    /// The order of creation among runs.
    package var position: Int64

    package init(
        runID: Int, jobID: Int?, type: String, isActive: Bool, startTime: Int64, version: Int, document: String, position: Int64 = 0
    ) {
        self.runID = runID
        self.jobID = jobID
        self.type = type
        self.isActive = isActive
        self.startTime = startTime
        self.version = version
        self.document = document
        self.position = position
    }
}

/// One attempt at a task of a run.
package struct TaskRunRecord: Sendable, Hashable {
    package var taskRunID: Int
    package var runID: Int
    package var document: String
    /// What the task left behind, as JSON text.
    package var output: String?

    package init(taskRunID: Int, runID: Int, document: String, output: String?) {
        self.taskRunID = taskRunID
        self.runID = runID
        self.document = document
        self.output = output
    }
}

/// Which runs a list shows, newest first.
package struct RunFilter: Sendable, Hashable {
    package struct Place: Sendable, Hashable {
        package var startTime: Int64
        package var position: Int64
        /// The runs before this place in the list, not those behind it.
        package var isBackward: Bool

        package init(startTime: Int64, position: Int64, isBackward: Bool) {
            self.startTime = startTime
            self.position = position
            self.isBackward = isBackward
        }
    }

    package var jobID: Int?
    /// True: only active ones; false: only completed ones.
    package var isActive: Bool?
    package var type: String?
    package var from: Int64?
    package var to: Int64?
    package var place: Place?
    package var offset = 0
    package var limit = 21

    package init() {}
}

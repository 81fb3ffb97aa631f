package import JSON
package import Workspace

/// One attempt at a task of a run, or at one iteration of a for-each task.
package struct TaskRun: Sendable {
    /// What will happen to an attempt by itself, and when.
    package enum Next: String, Sendable {
        case run, end, retry
    }

    package let id: Int
    /// The task's place in the plan; an iteration has its for-each task's.
    package let place: Int
    package let key: String
    package let attempt: Int
    /// 0: the run's own; else the repair that made it.
    package let repair: Int
    /// The for-each task's attempt and the number of the input.
    package let iteration: (parent: Int, index: Int, input: JSONValue)?
    /// The first attempt.
    package let original: Int
    package var life: RunLife
    package var next: (what: Next, at: Int64)?
    package var ending: ScriptedEnding?
    /// A condition's outcome.
    package var outcome: String?
    /// The run that a run-job task began.
    package var childRun: Int?
    /// The inputs of a for-each task.
    package var inputs: [JSONValue]?
    /// What references in the task's fields were resolved to: the whole body.
    package var resolved: JSONObject?
    /// What the task left behind.
    package var output: JSONObject?
    /// Grows with each change of state, so that what was planned for an earlier one is void.
    var stamp = 0

    init(
        id: Int, place: Int, key: String, attempt: Int = 0, repair: Int = 0, iteration: (parent: Int, index: Int, input: JSONValue)? = nil,
        original: Int? = nil, life: RunLife
    ) {
        self.id = id
        self.place = place
        self.key = key
        self.attempt = attempt
        self.repair = repair
        self.iteration = iteration
        self.original = original ?? id
        self.life = life
    }

    // MARK: The store's form

    func record(run: Int) -> TaskRunRecord {
        var object = JSONObject([("place", .int(place)), ("key", .string(key)), ("attempt", .int(attempt))])
        if repair != 0 { object["repair"] = .int(repair) }
        if original != id { object["original"] = .int(original) }
        if let iteration {
            object["parent"] = .int(iteration.parent)
            object["index"] = .int(iteration.index)
            object["input"] = iteration.input
        }
        life.write(to: &object)
        if let next {
            object["next"] = .string(next.what.rawValue)
            object["next_at"] = .int(next.at)
        }
        if let ending { object["ending"] = ending.json }
        if let outcome { object["outcome"] = .string(outcome) }
        if let childRun { object["child"] = .int(childRun) }
        if let inputs { object["inputs"] = .array(inputs) }
        if let resolved { object["resolved"] = .object(resolved) }
        return TaskRunRecord(
            taskRunID: id, runID: run, document: JSONValue.object(object).text, output: output.map { JSONValue.object($0).text })
    }

    package init?(_ record: TaskRunRecord) {
        guard case .object(let object)? = try? JSONValue(parsing: record.document), let place = object["place"]?.intValue,
            let key = object["key"]?.stringValue, let life = RunLife(object)
        else { return nil }
        var iteration: (parent: Int, index: Int, input: JSONValue)?
        if let parent = object["parent"]?.intValue, let index = object["index"]?.intValue {
            iteration = (parent, index, object["input"] ?? .null)
        }
        self.init(
            id: record.taskRunID, place: place, key: key, attempt: object["attempt"]?.intValue ?? 0, repair: object["repair"]?.intValue ?? 0,
            iteration: iteration, original: object["original"]?.intValue, life: life)
        if let what = object["next"]?.stringValue.flatMap(Next.init), let at = object["next_at"]?.intValue { next = (what, Int64(at)) }
        ending = object["ending"]?.objectValue.map(ScriptedEnding.init)
        outcome = object["outcome"]?.stringValue
        childRun = object["child"]?.intValue
        inputs = object["inputs"]?.arrayValue
        resolved = object["resolved"]?.objectValue
        if let text = record.output { output = (try? JSONValue(parsing: text))?.objectValue }
    }
}

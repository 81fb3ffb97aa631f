package import JSON
package import Workspace

/// A run of a job, or a submitted one, without its tasks.
package struct Run: Sendable {
    package struct Repair: Sendable {
        package let id: Int
        package var life: RunLife
        package var taskRuns: [Int]

        package init(id: Int, life: RunLife, taskRuns: [Int]) {
            self.id = id
            self.life = life
            self.taskRuns = taskRuns
        }
    }

    package let id: Int
    package let jobID: Int?
    package let version: Int
    package let creator: String
    /// As whom its tasks run.
    package let runAs: String
    package let name: String
    /// `JOB_RUN`, `SUBMIT_RUN`, and `WORKFLOW_RUN` for those that a notebook begins
    package let type: String
    /// `ONE_TIME`, `PERIODIC`, …
    package let trigger: String
    /// The task's attempt that began it, of a run-job task.
    package let parentTaskRun: Int?
    /// What the trigger found, as the API's `trigger_info` has it.
    package let triggerInfo: JSONObject
    /// What references to the trigger stand for.
    let triggerValues: JSONObject
    /// How deep it is in run-job tasks.
    package let depth: Int
    package var life: RunLife
    package var queuedFor: Int64?
    /// Job parameters with the values in force.
    package var parameters: [(name: String, defaultValue: String?, value: String)]
    /// `notebook_params` and their like, as they were given.
    package var overriding: JSONObject
    /// Only these tasks are run; nil for all.
    package var only: [String]?
    package var repairs: [Repair] = []
    /// Someone asked to end it.
    package var isCanceled = false
    var stamp = 0

    package init(
        id: Int, jobID: Int?, version: Int, creator: String, runAs: String, name: String, type: String, trigger: String, parentTaskRun: Int? = nil,
        depth: Int = 0, life: RunLife, parameters: [(name: String, defaultValue: String?, value: String)] = [], overriding: JSONObject = JSONObject(),
        only: [String]? = nil, triggerInfo: JSONObject = JSONObject(), triggerValues: JSONObject = JSONObject()
    ) {
        self.id = id
        self.jobID = jobID
        self.version = version
        self.creator = creator
        self.runAs = runAs
        self.name = name
        self.type = type
        self.trigger = trigger
        self.parentTaskRun = parentTaskRun
        self.depth = depth
        self.life = life
        self.parameters = parameters
        self.overriding = overriding
        self.only = only
        self.triggerInfo = triggerInfo
        self.triggerValues = triggerValues
    }

    package var record: RunRecord {
        var object = JSONObject([
            ("creator", .string(creator)), ("run_as", .string(runAs)), ("name", .string(name)), ("trigger", .string(trigger)),
        ])
        life.write(to: &object)
        if let parentTaskRun { object["parent"] = .int(parentTaskRun) }
        if depth > 0 { object["depth"] = .int(depth) }
        if !triggerInfo.isEmpty { object["trigger_info"] = .object(triggerInfo) }
        if !triggerValues.isEmpty { object["trigger_values"] = .object(triggerValues) }
        if let queuedFor { object["queued"] = .int(queuedFor) }
        if !parameters.isEmpty {
            object["parameters"] = .array(
                parameters.map { [.string($0.name), $0.defaultValue.map { .string($0) } ?? .null, .string($0.value)] })
        }
        if !overriding.isEmpty { object["overriding"] = .object(overriding) }
        if let only { object["only"] = .array(only.map { .string($0) }) }
        if isCanceled { object["canceled"] = true }
        if !repairs.isEmpty {
            object["repairs"] = .array(
                repairs.map { repair in
                    var object = JSONObject([("id", .int(repair.id)), ("tasks", .array(repair.taskRuns.map { .int($0) }))])
                    repair.life.write(to: &object)
                    return .object(object)
                })
        }
        return RunRecord(
            runID: id, jobID: jobID, type: type, isActive: !life.phase.isFinal, startTime: life.start, version: version,
            document: JSONValue.object(object).text)
    }

    package init?(_ record: RunRecord) {
        guard case .object(let object)? = try? JSONValue(parsing: record.document), let life = RunLife(object) else { return nil }
        self.init(
            id: record.runID, jobID: record.jobID, version: record.version, creator: object["creator"]?.stringValue ?? "",
            runAs: object["run_as"]?.stringValue ?? "", name: object["name"]?.stringValue ?? "", type: record.type,
            trigger: object["trigger"]?.stringValue ?? "ONE_TIME", parentTaskRun: object["parent"]?.intValue, depth: object["depth"]?.intValue ?? 0,
            life: life, overriding: object["overriding"]?.objectValue ?? JSONObject(),
            only: object["only"]?.arrayValue?.compactMap(\.stringValue), triggerInfo: object["trigger_info"]?.objectValue ?? JSONObject(),
            triggerValues: object["trigger_values"]?.objectValue ?? JSONObject())
        queuedFor = object["queued"]?.intValue.map(Int64.init)
        parameters = (object["parameters"]?.arrayValue ?? []).map { item in
            (item[0]?.stringValue ?? "", item[1]?.stringValue, item[2]?.stringValue ?? "")
        }
        isCanceled = object["canceled"]?.boolValue ?? false
        repairs = (object["repairs"]?.arrayValue ?? []).compactMap { item in
            guard let object = item.objectValue, let id = object["id"]?.intValue, let life = RunLife(object) else { return nil }
            return Repair(id: id, life: life, taskRuns: object["tasks"]?.arrayValue?.compactMap(\.intValue) ?? [])
        }
    }
}

package import JSON
package import Workspace

/// Jobs as objects: making, changing, looking at and deleting them.
extension JobsService {
    package static let maxJobs = 12_000

    /// Makes a job of what a request says; its id.
    package func create(_ object: JSONObject, by principal: Principal) throws -> Int {
        let plan = try JobPlan(checking: object, .job)
        try checkReferences(plan)
        return try perform { engine in
            let id = try engine.newID()
            let now = engine.now
            let next = engine.setTrigger(id, plan.trigger, at: now)
            let record = JobRecord(
                jobID: id, creator: principal.userName, runAs: Self.runAs(plan) ?? principal.userName, createdAt: now, settings: plan.text,
                nextFire: next)
            try engine.store.write { database in
                guard try JobStore.count(database) < Self.maxJobs else {
                    throw WorkspaceError(
                        .quotaExceeded, "The quota for the number of jobs has been reached. The current quota is \(Self.maxJobs).")
                }
                var record = record
                record.version = try JobStore.addVersion(plan.text, database)
                try JobStore.insert(record, name: plan.name, database)
                engine.keep(plan, record.version)
            }
            return id
        }
    }

    /// Replaces all settings; `run_as` stays if it is not given.
    package func reset(_ id: Int, _ object: JSONObject) throws {
        try change(id) { job throws in
            var object = object
            if object["run_as"] == nil, let runAs = job.settings["run_as"] { object["run_as"] = runAs }
            return try JobPlan(checking: object, .job, path: "new_settings.")
        }
    }

    /// Replaces the settings that are given; tasks, job clusters and the like by their keys.
    package func update(_ id: Int, _ object: JSONObject?, removing names: [String]) throws {
        try change(id) { job throws in
            let given = try JobSchema.shared.read(object ?? JSONObject(), as: "JobSettings", at: "new_settings.")
            return try JobPlan(checking: try SettingsUpdate.merge(job.settings, given, removing: names), .job, path: "new_settings.")
        }
    }

    private func change(_ id: Int, _ body: @Sendable (JobPlan) throws -> JobPlan) throws {
        try perform { engine in
            guard let job = try engine.store.job(id), let before = try engine.plan(job.version) else { throw Self.noJob(id) }
            let plan = try body(before)
            try checkReferences(plan)
            var changed = job
            changed.runAs = Self.runAs(plan) ?? (before.settings["run_as"] == nil ? job.runAs : job.creator)
            let next = engine.setTrigger(id, plan.trigger, at: engine.now)
            if ["trigger", "schedule"].contains(where: { plan.settings[$0] != before.settings[$0] }) { try engine.forgetMemory(of: id) }
            changed.nextFire = next
            try engine.store.write { database in
                changed.version = try JobStore.addVersion(plan.text, database)
                try JobStore.update(changed, name: plan.name, replacing: job.version, database)
            }
            engine.keep(plan, changed.version)
        }
    }

    /// Deletes a job; its runs are ended, and can still be looked at.
    package func delete(_ id: Int) throws {
        try perform { engine in
            guard let job = try engine.store.job(id) else { throw Self.noJob(id) }
            _ = engine.setTrigger(id, nil, at: engine.now)
            for run in engine.runs(of: id, queued: true) { try engine.cancel(run, by: "the deletion of the job") }
            try engine.flush()
            try engine.store.write { try JobStore.delete(job, $0) }
            try engine.forgetMemory(of: id)
        }
    }

    package func job(_ id: Int) throws -> (record: JobRecord, plan: JobPlan) {
        guard let record = try workspace.jobStore.job(id), let plan = JobPlan(stored: record.settings) else { throw Self.noJob(id) }
        return (record, plan)
    }

    /// Wording: the service's own; the SDK recognises it.
    package static func noJob(_ id: Int) -> WorkspaceError { .invalid("Job \(id) does not exist.") }

    private static func runAs(_ plan: JobPlan) -> String? {
        let given = plan.settings["run_as"]
        return given?["user_name"]?.stringValue ?? given?["service_principal_name"]?.stringValue
    }

    /// The warehouses that tasks name must be there, and jobs that a trigger waits for must be of this workspace.
    package func checkReferences(_ plan: JobPlan) throws {
        for item in plan.settings["trigger"]?["job_completion"]?["jobs"]?.arrayValue ?? [] {
            guard let id = item["workspace_id"]?.bareText, !id.isEmpty, id != "0", id != String(workspace.id) else { continue }
            throw WorkspaceError(.notImplemented, "Waiting for jobs of another workspace (\(id.prefix(32))) is not simulated.")
        }
        var seen: Set<String> = []
        for task in plan.tasks.flatMap({ [$0] + $0.inner }) where task.kind == .sql {
            guard let id = task.body["warehouse_id"]?.stringValue, !id.contains("{{"), seen.insert(id).inserted else { continue }
            do {
                _ = try workspace.warehouses.get(id)
            } catch let error as WorkspaceError {
                throw WorkspaceError.invalid("The warehouse of the task '\(task.key)' cannot be used: \(error.message)")
            }
        }
    }
}

/// Merges a change of settings into those in force.
enum SettingsUpdate {
    private static let keys = [
        "tasks": "task_key", "job_clusters": "job_cluster_key", "environments": "environment_key", "parameters": "name",
        "environment_variables": "environment_variables_key",
    ]

    static func merge(_ settings: JSONObject, _ given: JSONObject, removing names: [String]) throws(WorkspaceError) -> JSONObject {
        var merged = settings
        for name in names {
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            guard let field = parts.first else { throw .invalid("fields_to_remove must not contain an empty name.") }
            if parts.count == 1 {
                merged[field] = nil
            } else if let key = keys[field], let list = merged[field]?.arrayValue {
                let rest = list.filter { $0[key]?.stringValue != parts[1] }
                merged[field] = .array(rest)
            } else {
                throw .invalid("fields_to_remove names '\(name.prefix(128))', which is no field whose elements can be removed.")
            }
        }
        for member in given.members {
            guard let key = keys[member.name], member.name == "tasks" || member.name == "job_clusters",
                var list = merged[member.name]?.arrayValue, let changes = member.value.arrayValue
            else {
                merged[member.name] = member.value
                continue
            }
            for change in changes {
                if let place = list.firstIndex(where: { $0[key] == change[key] }) { list[place] = change } else { list.append(change) }
            }
            merged[member.name] = .array(list)
        }
        return merged
    }
}

import JSON
import SparkFunctions
import Workspace

/// What the references in a task's fields stand for, and which parameters a task has.
extension RunEngine {
    /// The task's own member with its parameters in force and all references resolved.
    func resolvedBody(_ run: ActiveRun, _ attempt: TaskRun, _ task: TaskPlan) -> JSONObject {
        var body = task.body
        if task.kind == .forEach {
            // The references of the inner task wait for their iteration.
            if let inputs = body["inputs"]?.stringValue {
                body["inputs"] = .string(DynamicValues.resolve(inputs) { dynamicValue($0, run, attempt) })
            }
            return body
        }
        override(&body, task.kind, run.run)
        if task.hasReferences || !run.run.overriding.isEmpty {
            body = DynamicValues.resolve(.object(body)) { dynamicValue($0, run, attempt) }.objectValue ?? body
        }
        pushDown(&body, task.kind, run.run)
        return body
    }

    /// The parameters that the request for the run gave.
    private func override(_ body: inout JSONObject, _ kind: TaskKind, _ run: Run) {
        func merge(_ given: String, _ field: String) {
            guard let values = run.overriding[given]?.objectValue else { return }
            var merged = body[field]?.objectValue ?? JSONObject()
            for member in values.members { merged[member.name] = member.value }
            body[field] = .object(merged)
        }
        func replace(_ given: String, _ field: String) { if let values = run.overriding[given] { body[field] = values } }
        switch kind {
        case .notebook: merge("notebook_params", "base_parameters")
        case .sparkJar: replace("jar_params", "parameters")
        case .sparkPython: replace("python_params", "parameters")
        case .sparkSubmit: replace("spark_submit_params", "parameters")
        case .sql: merge("sql_params", "parameters")
        case .dbt: replace("dbt_commands", "commands")
        case .pythonWheel:
            if run.overriding["python_named_params"] != nil {
                merge("python_named_params", "named_parameters")
            } else if run.overriding["python_params"] != nil {
                replace("python_params", "parameters")
            }
        default: break
        }
    }

    /// Job parameters go to all tasks that take pairs, and win over the task's own.
    private func pushDown(_ body: inout JSONObject, _ kind: TaskKind, _ run: Run) {
        guard !run.parameters.isEmpty else { return }
        let field: String
        switch kind {
        case .notebook: field = "base_parameters"
        case .sql: field = "parameters"
        case .pythonWheel where body["parameters"] == nil: field = "named_parameters"
        default: return
        }
        var values = body[field]?.objectValue ?? JSONObject()
        for parameter in run.parameters { values[parameter.name] = .string(parameter.value) }
        body[field] = .object(values)
    }

    func facts(_ run: ActiveRun, _ attempt: TaskRun, _ task: TaskPlan, _ body: JSONObject) -> TaskFacts {
        var parameters: [(name: String, value: String)] = run.run.parameters.map { ($0.name, $0.value) }
        for field in ["base_parameters", "parameters", "named_parameters"] {
            for member in body[field]?.objectValue?.members ?? [] where !parameters.contains(where: { $0.name == member.name }) {
                parameters.append((member.name, member.value.bareText))
            }
        }
        return TaskFacts(
            notebookPath: body["notebook_path"]?.stringValue, taskKey: attempt.key, jobName: run.run.name, taskType: task.kind.rawValue,
            parameters: parameters, attempt: attempt.attempt)
    }

    // MARK: References

    func dynamicValue(_ name: String, _ run: ActiveRun, _ attempt: TaskRun?) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        switch parts.first {
        case "job": return jobValue(parts, run)
        case "task": return attempt.flatMap { taskValue(parts, run, $0) }
        case "tasks": return otherValue(parts, run)
        case "input": return attempt.flatMap { inputValue(parts, $0) }
        case "workspace":
            switch parts.dropFirst().first {
            case "id": return String(workspaceID)
            default: return nil
            }
        // The older names.
        case "job_id" where parts.count == 1: return String(run.run.jobID ?? run.run.id)
        case "run_id" where parts.count == 1: return attempt.map { String($0.id) }
        case "parent_run_id" where parts.count == 1: return String(run.run.id)
        case "task_key" where parts.count == 1: return attempt?.key
        case "task_retry_count" where parts.count == 1: return attempt.map { String($0.attempt) }
        case "start_date" where parts.count == 1: return RunTime(millis: run.run.life.start).part("iso_date")
        case "start_time" where parts.count == 1: return String(run.run.life.start)
        default: return nil
        }
    }

    private func jobValue(_ parts: [String], _ run: ActiveRun) -> String? {
        guard parts.count >= 2 else { return nil }
        switch parts[1] {
        case "id": return run.run.jobID.map(String.init)
        case "name": return run.run.name
        case "run_id": return String(run.run.id)
        case "repair_count": return String(max(0, run.run.repairs.count - 1))
        case "start_time" where parts.count == 3: return RunTime(millis: run.run.life.start).part(parts[2])
        case "trigger" where parts.count == 3 && parts[2] == "type": return run.run.trigger.lowercased()
        case "trigger" where parts.count == 4 && parts[2] == "time": return RunTime(millis: run.run.life.start).part(parts[3])
        case "trigger" where parts.count >= 4: return triggerValue(Array(parts[2...]), run.run.triggerValues)
        case "parameters" where parts.count >= 3:
            let name = parts[2...].joined(separator: ".")
            return run.run.parameters.first { $0.name == name }?.value
        default: return nil
        }
    }

    /// `file_arrival.location`, `table_update.updated_tables`, and of a table `table_update.<catalog.schema.table>.version` and
    /// `….commit_timestamp.iso_datetime` with the other parts of a time.
    private func triggerValue(_ parts: [String], _ values: JSONObject) -> String? {
        switch (parts[0], parts.last) {
        case ("file_arrival", "location"?) where parts.count == 2: return values["location"]?.stringValue
        case ("table_update", "updated_tables"?) where parts.count == 2: return values["updated_tables"]?.text
        case ("table_update", "version"?) where parts.count == 5: return table(parts, values["versions"]).map(String.init)
        case ("table_update", let part?) where parts.count == 6 && parts[4] == "commit_timestamp":
            return table(parts, values["times"]).flatMap { RunTime(millis: Int64($0)).part(part) }
        default: return nil
        }
    }

    private func table(_ parts: [String], _ values: JSONValue?) -> Int? {
        let name = parts[1...3].joined(separator: ".").lowercased()
        return values?.objectValue?.members.first { $0.name.lowercased() == name }?.value.intValue
    }

    private func taskValue(_ parts: [String], _ run: ActiveRun, _ attempt: TaskRun) -> String? {
        guard parts.count == 2 else { return nil }
        switch parts[1] {
        case "name": return attempt.key
        case "run_id": return String(attempt.id)
        case "execution_count": return String(attempt.attempt + 1)
        case "notebook_path": return task(run, attempt).body["notebook_path"]?.stringValue
        default: return nil
        }
    }

    private func otherValue(_ parts: [String], _ run: ActiveRun) -> String? {
        guard parts.count >= 3, let place = run.plan.task(parts[1]), let other = run.latestAttempt(place) else { return nil }
        switch parts[2] {
        case "run_id": return String(other.id)
        case "execution_count": return String(other.attempt + 1)
        case "result_state": return other.life.result.map { $0.rawValue.lowercased() }
        case "error_code": return other.life.phase.isFinal && !(other.life.result?.isSuccess ?? true) ? other.life.terminationCode : nil
        case "notebook_path": return run.plan.tasks[place].body["notebook_path"]?.stringValue
        case "values" where parts.count >= 4:
            return other.output?["values"]?[parts[3...].joined(separator: ".")]?.bareText
        case "output" where parts.count >= 4: return outputValue(Array(parts[3...]), other)
        default: return nil
        }
    }

    /// The rows of a SQL task: `rows`, `first_row`, `first_row.column`; the state of an alert: `alert_state`.
    private func outputValue(_ parts: [String], _ other: TaskRun) -> String? {
        if parts == ["alert_state"] {
            return (other.output?["alert_output"] ?? other.output?["sql_output"]?["alert_output"])?["alert_state"]?.stringValue
        }
        guard let rows = other.output?["rows"]?.arrayValue else { return nil }
        switch (parts[0], parts.count) {
        case ("rows", 1): return JSONValue.array(rows).text
        case ("first_row", 1): return rows.first?.text
        case ("first_row", 2): return rows.first?[parts[1]]?.bareText
        default: return nil
        }
    }

    private func inputValue(_ parts: [String], _ attempt: TaskRun) -> String? {
        guard var value = attempt.iteration?.input else { return nil }
        for part in parts.dropFirst() {
            guard let member = value[part] else { return nil }
            value = member
        }
        return value.bareText
    }
}

/// The parts of a time in UTC that references name.
struct RunTime {
    let millis: Int64

    func part(_ name: String) -> String? {
        let days = Int(millis >= 0 ? millis / 86_400_000 : (millis - 86_399_999) / 86_400_000)
        let date = CivilDate(days: days)
        let rest = Int(millis) - days * 86_400_000
        let (hour, minute, second) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60)
        let isoDate = "\(date.year)-\(Self.two(date.month))-\(Self.two(date.day))"
        // Monday is 1; 1970-01-01 was a Thursday.
        let weekday = ((days + 3) % 7 + 7) % 7 + 1
        switch name {
        case "iso_date": return isoDate
        case "iso_datetime": return "\(isoDate)T\(Self.two(hour)):\(Self.two(minute)):\(Self.two(second)).\(String(rest % 1000 + 1000).dropFirst())Z"
        case "iso_weekday": return String(weekday)
        case "is_weekday": return weekday <= 5 ? "true" : "false"
        case "year": return String(date.year)
        case "month": return String(date.month)
        case "day": return String(date.day)
        case "hour": return String(hour)
        case "minute": return String(minute)
        case "second": return String(second)
        case "timestamp_ms": return String(millis)
        default: return nil
        }
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}

package import JSON

/// What the destinations of a job's or task's webhooks are told of a run (docs: "Add notifications on a job", the payload of webhooks).
package struct RunNotice: Sendable {
    enum Event: String {
        case start = "on_start"
        case success = "on_success"
        case failure = "on_failure"
        case slow = "on_duration_warning_threshold_exceeded"
    }

    /// Ids of notification destinations.
    package let destinations: [String]
    package let body: JSONValue
}

extension RunEngine {
    /// Tells of a run, if its job has webhooks for the event.
    func notify(_ event: RunNotice.Event, _ run: ActiveRun) { notify(event, run, run.plan.settings, task: nil) }

    /// Tells of an attempt at a task, if the task has webhooks.
    func notify(_ event: RunNotice.Event, _ run: ActiveRun, _ attempt: TaskRun) {
        let task = task(run, attempt)
        if task.json["webhook_notifications"] != nil, !run.plan.isSingleTask { notify(event, run, task.json, task: attempt) }
    }

    /// How long a run or a task may take by its health rules before its destinations are told, in milliseconds; nil: as long as it does.
    static func slowness(_ settings: JSONObject) -> Int64? {
        guard settings["webhook_notifications"]?[RunNotice.Event.slow.rawValue] != nil else { return nil }
        let limits = (settings["health"]?["rules"]?.arrayValue ?? []).compactMap { rule -> Int? in
            guard rule["metric"] == "RUN_DURATION_SECONDS", rule["op"] == "GREATER_THAN", let seconds = rule["value"]?.intValue, seconds >= 0 else {
                return nil
            }
            return min(seconds, 1 << 32)
        }
        // Longer than the limit, by the clock's smallest step.
        return limits.min().map { Int64($0) * 1_000 + 1 }
    }

    /// Of the end of a run.
    func notifyEnd(_ run: ActiveRun) {
        guard let result = run.run.life.result else { return }
        let settings = run.plan.settings["notification_settings"]
        if result.isSuccess { return notify(.success, run) }
        if result.isCancellation, settings?["no_alert_for_canceled_runs"]?.boolValue ?? false { return }
        if run.run.life.phase == .skipped, settings?["no_alert_for_skipped_runs"]?.boolValue ?? false { return }
        notify(.failure, run)
    }

    /// Of the end of an attempt.
    func notifyEnd(_ run: ActiveRun, _ attempt: TaskRun, isRetried: Bool) {
        guard let result = attempt.life.result, attempt.life.phase != .skipped else { return }
        let settings = task(run, attempt).json["notification_settings"]
        if result.isSuccess { return notify(.success, run, attempt) }
        if result.isCancellation, settings?["no_alert_for_canceled_runs"]?.boolValue ?? false { return }
        if isRetried, settings?["alert_on_last_attempt"]?.boolValue ?? false { return }
        notify(.failure, run, attempt)
    }

    private func notify(_ event: RunNotice.Event, _ run: ActiveRun, _ settings: JSONObject, task: TaskRun?) {
        let found = settings["webhook_notifications"]?[event.rawValue]?.arrayValue ?? []
        let destinations = found.compactMap { $0["id"]?.stringValue }
        guard !destinations.isEmpty else { return }
        var body = JSONObject([
            ("event_type", .string("jobs." + event.rawValue)), ("workspace_id", .int(workspaceID)), ("run", ["run_id": .int(run.run.id)]),
        ])
        if let job = run.run.jobID { body["job"] = ["job_id": .int(job), "name": .string(run.run.name)] }
        if let task { body["task"] = ["task_key": .string(task.key), "run_id": .int(task.id)] }
        effects.append(.notify(RunNotice(destinations: destinations, body: .object(body))))
    }
}

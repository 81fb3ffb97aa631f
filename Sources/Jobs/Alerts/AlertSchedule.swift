package import JSON
import Warehouse
package import Workspace

/// Schedules of alerts of the newer kind: the query is run and the state noted, as their own users.
package enum AlertSchedule {
    static let kind = ScheduledKind(
        AlertRule.Kind.newer.rawValue, timing: { try? timing($0.body) },
        work: { service, id, now in
            guard let alert = try? service.workspace.resources.get(AlertRule.Kind.newer.rawValue, id) else { return }
            let work = SQLWork(
                taskRun: 0, source: .alert(.newer, id), warehouseID: alert.body["warehouse_id"]?.stringValue ?? "", runAs: runAs(alert),
                parameters: [], now: now)
            _ = await service.execute(work, SQLRun())
        })

    /// When a schedule is due; nil while it is paused, and of an alert in the trash. Throws what is wrong with it.
    package static func timing(_ alert: JSONObject) throws(WorkspaceError) -> ScheduleTiming? {
        guard let schedule = alert["schedule"]?.objectValue else { return nil }
        let due = try ScheduleTiming(
            cron: schedule["quartz_cron_schedule"]?.stringValue ?? "", "quartz_cron_schedule", zone: schedule["timezone_id"]?.stringValue ?? "")
        return schedule["pause_status"] == "PAUSED" || alert["lifecycle_state"] == "DELETED" ? nil : due
    }

    private static func runAs(_ alert: StoredResource) -> String {
        let given = alert.body["run_as"]
        return given?["user_name"]?.stringValue ?? given?["service_principal_name"]?.stringValue ?? alert.owner
    }
}

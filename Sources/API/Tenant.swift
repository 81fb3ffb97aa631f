package import Jobs
package import ThriftServer
package import Warehouse
package import Workspace

/// What a call works on: the caller's workspace and what runs in it.
package struct Tenant: Sendable {
    package let workspace: Workspace
    package let sql: SQLService
    package let thrift: ThriftService
    package let jobs: JobsService
    /// Sends webhooks; nil: they are not sent.
    let hooks: HookSender?
    /// Files of DBFS that are being written.
    let openFiles = OpenFiles()
    /// Rows of online tables that look-ups have asked for.
    let onlineRows = OnlineRowCache()
    /// Computes the values of declared features, by their schedules, too.
    let materializer: FeatureMaterializer
    /// What serving endpoints look up, made ready.
    let servingPlans = ServingPlans()
    let servingCounts = ServingCounts()
    /// Asks other servers, for external functions; nil: none is asked.
    let outside: OutsideCalls?

    /// Without `jobs` they are as a workspace has them that no scenario steers.
    package init(
        workspace: Workspace, sql: SQLService, jobs: JobsService? = nil, hooks: HookSender? = nil, outside: OutsideCalls? = nil
    ) {
        self.outside = outside
        self.workspace = workspace
        self.sql = sql
        self.hooks = hooks
        thrift = ThriftService(sql: sql)
        self.jobs = jobs ?? JobsService(workspace: workspace, sql: sql)
        materializer = FeatureMaterializer(workspace: workspace, sql: sql, onlineRows: onlineRows)
        self.jobs.register(materializer.schedules)
    }
}

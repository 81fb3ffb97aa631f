package import ThriftServer
package import Warehouse
package import Workspace

/// What a call works on: the caller's workspace and what runs in it.
package struct Tenant: Sendable {
    package let workspace: Workspace
    package let sql: SQLService
    package let thrift: ThriftService

    package init(workspace: Workspace, sql: SQLService) {
        self.workspace = workspace
        self.sql = sql
        thrift = ThriftService(sql: sql)
    }
}

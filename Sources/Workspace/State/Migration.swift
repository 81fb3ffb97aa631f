/// A step of the database's schema. Each resource owns its steps; `Workspace.migrations` puts them in order. A released step is never changed.
package struct Migration: Sendable {
    package let name: String
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}

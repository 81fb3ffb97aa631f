import HTTPTypes
import JSON
import Workspace

/// Primary and foreign keys of tables: `/api/2.1/unity-catalog/constraints`. They inform; nothing enforces them.
package enum TableConstraintsAPI: APIGroup {
    package static let operations = [create, delete]

    static let create = Operation.unityCatalog("catalog.table_constraints.create", .post, "/constraints") { call in
        let body = try call.fields()
        let name = try Tables.name(body.string("full_name_arg"), rpc: "CreateTableConstraint")
        let constraint = try body.object("constraint")
        let made = try call.workspace.tables.addConstraint(try read(constraint), to: name, by: call.principal)
        return .json(made.json)
    }

    static let delete = Operation.unityCatalog("catalog.table_constraints.delete", .delete, "/constraints/{full_name}") { call in
        let name = try Tables.name(call.path("full_name"), rpc: "DeleteTableConstraint")
        let constraint = try call.query.required("constraint_name")
        let cascade = try call.query.bool("cascade") ?? false
        try call.workspace.tables.dropConstraint(constraint, of: name, cascade: cascade, by: call.principal)
        return .emptyObject
    }

    private static func read(_ body: Fields) throws -> TableConstraint {
        if let key = try body.object(optional: "primary_key_constraint") {
            return TableConstraint(
                name: try key.string("name"), columns: try strings(key, "child_columns"), rely: try key.bool(optional: "rely") ?? false,
                kind: .primaryKey(timeSeries: try key.strings(optional: "timeseries_columns") ?? []))
        }
        if let key = try body.object(optional: "foreign_key_constraint") {
            let parent = try Tables.name(key.string("parent_table"), rpc: "CreateTableConstraint")
            return TableConstraint(
                name: try key.string("name"), columns: try strings(key, "child_columns"), rely: try key.bool(optional: "rely") ?? false,
                kind: .foreignKey(parent: parent, columns: try strings(key, "parent_columns")))
        }
        if let key = try body.object(optional: "named_table_constraint") {
            return TableConstraint(name: try key.string("name"), columns: [], rely: false, kind: .named)
        }
        throw WorkspaceError.unityCatalog(
            .invalidParameterValue,
            "CreateTableConstraint constraint must be one of primary_key_constraint, foreign_key_constraint, named_table_constraint")
    }

    private static func strings(_ key: Fields, _ name: String) throws -> [String] {
        guard let texts = try key.strings(optional: name), !texts.isEmpty else { throw WorkspaceError.missing(name) }
        return texts
    }
}

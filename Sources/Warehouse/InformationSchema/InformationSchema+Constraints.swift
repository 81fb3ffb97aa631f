import Columnar
import JSON
import Workspace

/// Keys and checks of tables, from the members of the API's table object that the catalog keeps.
extension InformationSchema {
    private struct Constraint {
        let table: ObjectName
        let name: String
        let kind: String
        let columns: [String]
        var parent: [String] = []
        var parentColumns: [String] = []
        var names: [Value] { [.string(table.catalog), .string(table.schema), .string(name)] }
    }

    private func allConstraints() throws -> [Constraint] {
        try tableInfos(columns: true).flatMap { table -> [Constraint] in
            guard let details = table.details, let json = try? JSONValue(parsing: details), case .array(let items)? = json["table_constraints"] else {
                return []
            }
            return items.compactMap { Self.constraint($0, of: table.name) }
        }
    }

    private static func constraint(_ json: JSONValue, of table: ObjectName) -> Constraint? {
        func texts(_ json: JSONValue?) -> [String] { if case .array(let items)? = json { items.compactMap(\.stringValue) } else { [] } }
        if let key = json["primary_key_constraint"] {
            return Constraint(table: table, name: key["name"]?.stringValue ?? "", kind: "PRIMARY KEY", columns: texts(key["child_columns"]))
        }
        if let key = json["foreign_key_constraint"] {
            return Constraint(
                table: table, name: key["name"]?.stringValue ?? "", kind: "FOREIGN KEY", columns: texts(key["child_columns"]),
                parent: (key["parent_table"]?.stringValue ?? "").split(separator: ".").map(String.init), parentColumns: texts(key["parent_columns"]))
        }
        return nil
    }

    static let tableConstraints = Relation(
        fields: texts(
            """
            constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name constraint_type is_deferrable \
            initially_deferred enforced comment?
            """)
    ) { view in
        try view.allConstraints().map {
            $0.names + names($0.table) + [.string($0.kind), yes(true), yes(true), yes(false), .null]
        }
    }

    static let keyColumnUsage = Relation(
        fields: texts("constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name column_name")
            + integers("ordinal_position position_in_unique_constraint")
    ) { view in
        try view.allConstraints().flatMap { key in
            key.columns.enumerated().map { position, column in
                key.names + names(key.table) + [
                    .string(column), number(position + 1), key.kind == "FOREIGN KEY" ? number(position + 1) : .null,
                ]
            }
        }
    }

    static let constraintColumnUsage = Relation(
        fields: texts("table_catalog table_schema table_name column_name constraint_catalog constraint_schema constraint_name")
    ) { view in
        try view.allConstraints().flatMap { key -> [[Value]] in
            if key.kind == "FOREIGN KEY" {
                return key.parent.count == 3 ? key.parentColumns.map { key.parent.map { .string($0) } + [.string($0)] + key.names } : []
            }
            return key.columns.map { names(key.table) + [.string($0)] + key.names }
        }
    }

    static let referentialConstraints = Relation(
        fields: texts(
            """
            constraint_catalog constraint_schema constraint_name unique_constraint_catalog unique_constraint_schema unique_constraint_name \
            match_option update_rule delete_rule
            """)
    ) { view in
        let all = try view.allConstraints()
        return all.filter { $0.kind == "FOREIGN KEY" }.compactMap { key in
            guard key.parent.count == 3 else { return nil }
            let unique = all.first { $0.kind == "PRIMARY KEY" && [$0.table.catalog, $0.table.schema, $0.table.name] == key.parent }
            let rules: [Value] = [.string("FULL"), .string("NO ACTION"), .string("NO ACTION")]
            return key.names + [.string(key.parent[0]), .string(key.parent[1]), .string(unique?.name ?? "")] + rules
        }
    }

    /// CHECK constraints are refused when a table is made, so there are none.
    static let checkConstraints = Relation(
        fields: texts("constraint_catalog constraint_schema constraint_name check_clause sql_path?")
    ) { _ in [] }
}

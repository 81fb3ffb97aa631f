import GRDB
package import JSON

/// A key of a table. It informs readers; writes are not checked against it.
package struct TableConstraint: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case primaryKey(timeSeries: [String])
        case foreignKey(parent: ObjectName, columns: [String])
        /// Known by its name alone
        case named
    }

    package let name: String
    package let columns: [String]
    package let rely: Bool
    package let kind: Kind

    package init(name: String, columns: [String], rely: Bool, kind: Kind) {
        self.name = name
        self.columns = columns
        self.rely = rely
        self.kind = kind
    }

    /// The member of the API's `table_constraints`.
    package var json: JSONValue {
        func texts(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
        switch kind {
        case .primaryKey(let timeSeries):
            var key = JSONObject([("name", .string(name)), ("child_columns", texts(columns))])
            if !timeSeries.isEmpty { key["timeseries_columns"] = texts(timeSeries) }
            if rely { key["rely"] = true }
            return ["primary_key_constraint": .object(key)]
        case .foreignKey(let parent, let parentColumns):
            var key = JSONObject([
                ("name", .string(name)), ("child_columns", texts(columns)), ("parent_table", .string(parent.description)),
                ("parent_columns", texts(parentColumns)),
            ])
            if rely { key["rely"] = true }
            return ["foreign_key_constraint": .object(key)]
        case .named: return ["named_table_constraint": ["name": .string(name)]]
        }
    }

    /// Nil for a text that `json` did not make.
    package init?(_ json: JSONValue) {
        func texts(_ value: JSONValue?) -> [String] { value?.arrayValue?.compactMap(\.stringValue) ?? [] }
        if let key = json["primary_key_constraint"], let name = key["name"]?.stringValue {
            self.init(
                name: name, columns: texts(key["child_columns"]), rely: key["rely"]?.boolValue ?? false,
                kind: .primaryKey(timeSeries: texts(key["timeseries_columns"])))
        } else if let key = json["foreign_key_constraint"], let name = key["name"]?.stringValue {
            let parts = (key["parent_table"]?.stringValue ?? "").split(separator: ".").map(String.init)
            guard parts.count == 3 else { return nil }
            self.init(
                name: name, columns: texts(key["child_columns"]), rely: key["rely"]?.boolValue ?? false,
                kind: .foreignKey(
                    parent: ObjectName(catalog: parts[0], schema: parts[1], name: parts[2]), columns: texts(key["parent_columns"])))
        } else if let name = json["named_table_constraint"]?["name"]?.stringValue {
            self.init(name: name, columns: [], rely: false, kind: .named)
        } else {
            return nil
        }
    }

    /// Whether this is a foreign key to a table's columns.
    func refers(to table: ObjectName) -> Bool {
        if case .foreignKey(let parent, _) = kind { parent == table } else { false }
    }

    var isPrimaryKey: Bool { if case .primaryKey = kind { true } else { false } }
}

extension TableInfo {
    package var constraints: [TableConstraint] {
        guard let details, let json = try? JSONValue(parsing: details) else { return [] }
        return json["table_constraints"]?.arrayValue?.compactMap { TableConstraint($0) } ?? []
    }

    /// `details` with other constraints.
    package func details(withConstraints constraints: [TableConstraint]) -> String {
        var object = details.flatMap { try? JSONValue(parsing: $0) }?.objectValue ?? JSONObject()
        object["table_constraints"] = constraints.isEmpty ? nil : .array(constraints.map(\.json))
        return object.isEmpty ? "" : JSONValue.object(object).text
    }
}

extension Tables {
    /// Adds a key after the service's checks: its columns exist, those of a primary key are not nullable and there is one at most, and a foreign key
    /// refers to the primary key of its parent.
    package func addConstraint(_ constraint: TableConstraint, to name: ObjectName, by principal: Principal) throws -> TableConstraint {
        guard !constraint.name.isEmpty else { throw WorkspaceError.missing("name") }
        var made = constraint
        try update(name, rpc: "CreateTableConstraint", by: principal) { table in
            guard !table.type.isView else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "Constraints are not supported on view '\(name)'.")
            }
            let existing = table.constraints
            if existing.contains(where: { $0.name.lowercased() == constraint.name.lowercased() }) {
                throw WorkspaceError.unityCatalog(.resourceAlreadyExists, "Constraint '\(constraint.name)' already exists in table '\(name)'.")
            }
            let columns = table.columns.all
            let own = try Self.columns(constraint.columns, of: columns, name)
            switch constraint.kind {
            case .primaryKey(let timeSeries):
                if let other = existing.first(where: \.isPrimaryKey) {
                    throw WorkspaceError.unityCatalog(
                        .resourceAlreadyExists, "Table '\(name)' already has a primary key '\(other.name)'.")
                }
                if let nullable = own.first(where: \.nullable) {
                    throw WorkspaceError.unityCatalog(
                        .invalidParameterValue,
                        "Cannot create the primary key `\(constraint.name)` because its child column(s) `\(nullable.name)` is nullable. "
                            + "Please change the column nullability and retry.")
                }
                let series = try Self.columns(timeSeries, of: own, name).map(\.name)
                made = TableConstraint(
                    name: constraint.name, columns: own.map(\.name), rely: constraint.rely, kind: .primaryKey(timeSeries: series))
            case .foreignKey(let parent, let wanted):
                let other = parent == name ? table : try store.read { try Tables.existing($0, parent) }
                let keys = try Self.columns(wanted, of: other.columns.all, parent)
                guard let key = other.constraints.first(where: \.isPrimaryKey),
                    Set(key.columns.map { $0.lowercased() }) == Set(keys.map { $0.name.lowercased() })
                else {
                    throw WorkspaceError.unityCatalog(
                        .invalidParameterValue,
                        "Cannot create the foreign key `\(constraint.name)`: the parent columns are not the primary key of '\(parent)'.")
                }
                guard keys.count == own.count, zip(keys, own).allSatisfy({ $0.typeText == $1.typeText }) else {
                    throw WorkspaceError.unityCatalog(
                        .invalidParameterValue,
                        "Cannot create the foreign key `\(constraint.name)`: the types of parent and child columns are not the same.")
                }
                made = TableConstraint(
                    name: constraint.name, columns: own.map(\.name), rely: constraint.rely,
                    kind: .foreignKey(parent: parent, columns: keys.map(\.name)))
            case .named: break
            }
            var change = TableChange()
            change.details = table.details(withConstraints: existing + [made])
            return change
        }
        return made
    }

    /// Drops a key by its name; a primary key that others refer to goes with these by `cascade` alone.
    package func dropConstraint(_ constraint: String, of name: ObjectName, cascade: Bool, by principal: Principal) throws {
        var dependents: [(ObjectName, String)] = []
        try update(name, rpc: "DeleteTableConstraint", by: principal) { table in
            guard let found = table.constraints.first(where: { $0.name.lowercased() == constraint.lowercased() }) else {
                throw WorkspaceError.unityCatalog(.resourceDoesNotExist, "Constraint '\(constraint.prefix(256))' does not exist in table '\(name)'.")
            }
            if found.isPrimaryKey {
                dependents = try store.read { database in
                    try database.all("\(Self.withConstraints) WHERE t.details LIKE '%foreign_key_constraint%'") { row in
                        (ObjectName(stored: row[0], row[1], row[2]), row[3] as String)
                    }
                }.flatMap { other, details in
                    let list = (try? JSONValue(parsing: details))?["table_constraints"]?.arrayValue ?? []
                    return list.compactMap { TableConstraint($0) }.filter { $0.refers(to: name) }.map { (other, $0.name) }
                }
                if !cascade, let first = dependents.first {
                    throw WorkspaceError.unityCatalog(
                        .invalidState,
                        "Cannot drop the primary key `\(constraint)`: the foreign key `\(first.1)` of '\(first.0)' refers to it. Use cascade.")
                }
            }
            var change = TableChange()
            change.details = table.details(withConstraints: table.constraints.filter { $0.name != found.name })
            return change
        }
        for (table, key) in dependents { try dropConstraint(key, of: table, cascade: true, by: .system) }
    }

    private static let withConstraints = """
        SELECT c.name, s.name, t.name, t.details FROM catalog c JOIN schema s ON s.catalog = c.key JOIN relation t ON t.schema = s.key
        """

    private static func columns(_ names: [String], of columns: [ColumnInfo], _ table: ObjectName) throws -> [ColumnInfo] {
        try names.map { name in
            guard let column = columns.first(where: { $0.name.lowercased() == name.lowercased() }) else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "Column '\(name.prefix(255))' does not exist in table '\(table)'.")
            }
            return column
        }
    }
}

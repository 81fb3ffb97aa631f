import JSON
import Synchronization
import Warehouse
import Workspace

/// A feature specification made ready for look-ups: its tables' rows in memory, its columns by place.
struct ServingPlan: Sendable {
    struct Output: Sendable {
        let name: String
        /// In the table's rows
        let place: Int
        /// Of a row that is not there; of a value that is null, too
        let standard: JSONValue
    }

    struct Lookup: Sendable {
        let table: PublishedTable
        let source: TableInfo?
        let rows: OnlineRows
        /// The record's members that are the key, with the columns that they are compared with.
        let inputs: [(name: String, key: OnlineRows.Key)]
        let outputs: [Output]
    }

    struct Evaluation: Sendable {
        let function: ObjectName
        let arguments: [String]
        let output: String
    }

    enum Step: Sendable {
        case lookup(Lookup)
        case function(Evaluation)
    }

    let steps: [Step]
    let excluded: Set<String>
    /// Whether a table follows its source.
    let isContinuous: Bool

    /// Throws what stands in the way of serving the specification: features that are not computed, tables without an online table.
    init(spec: StoredResource, _ call: Call) throws {
        var steps: [Step] = []
        for feature in spec.body["features"]?.arrayValue ?? [] {
            if let lookup = feature["feature_lookup"]?.objectValue {
                steps.append(.lookup(try Self.lookup(lookup, call)))
            } else if let function = feature["feature_function"]?.objectValue {
                steps.append(.function(try Self.function(function, call)))
            } else {
                steps.append(.lookup(try Self.declared(feature["declarative_feature"]?["feature"]?.stringValue ?? "", call)))
            }
        }
        self.steps = steps
        excluded = Set((spec.body["exclude_columns"]?.arrayValue ?? []).compactMap(\.stringValue))
        isContinuous = steps.contains { step in
            if case .lookup(let lookup) = step { lookup.table.mode == "CONTINUOUS" } else { false }
        }
    }

    private static func lookup(_ lookup: JSONObject, _ call: Call) throws -> Lookup {
        let name = try Tables.name(lookup["table"]?.stringValue ?? "", rpc: "GetTable")
        var found: (table: PublishedTable, rows: OnlineRows)?
        for table in try PublishedTables.all(of: name, call) {
            if let rows = try PublishedTables.rows(of: table, call) {
                found = (table, rows)
                break
            }
        }
        guard let (table, rows) = found else {
            throw WorkspaceError.invalid("Table '\(name)' has no online table: publish it to an online store first.")
        }
        let inputs = (lookup["lookup_keys"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard inputs.count == rows.keys.count else {
            throw WorkspaceError.invalid(
                "The online table '\(table.name)' is looked up by \(rows.keys.count) keys; the feature spec names \(inputs.count).")
        }
        var named = (lookup["feature_names"]?.arrayValue ?? []).compactMap(\.stringValue)
        if named.isEmpty {
            let keys = Set(rows.keys.map { $0.name.lowercased() } + [table.timeSeries?.lowercased()].compactMap { $0 })
            named = rows.columns.filter { !keys.contains($0.lowercased()) }
        }
        let outputs = try named.map { feature -> Output in
            guard let place = rows.columns.firstIndex(where: { $0.lowercased() == feature.lowercased() }) else {
                throw WorkspaceError.invalid("Column '\(feature.prefix(255))' does not exist in the online table '\(table.name)'.")
            }
            let name = member("rename_outputs", "output", of: feature, lookup) ?? feature
            let standard =
                member("default_values", "default_value", of: name, lookup) ?? member("default_values", "default_value", of: feature, lookup)
            return Output(name: name, place: place, standard: standard.map(value) ?? .null)
        }
        return Lookup(
            table: table, source: try call.workspace.tables.find(name), rows: rows, inputs: zip(inputs, rows.keys).map { ($0, $1) }, outputs: outputs)
    }

    /// The look-up of a declared feature in the online table that its values were computed into; no row is an empty window.
    private static func declared(_ name: String, _ call: Call) throws -> Lookup {
        let feature = try Features.existing(name, .read, call)
        let computation = try FeatureComputation(feature)
        let online = try MaterializedFeatures.all(of: feature.id, call).last { $0.body["is_online"]?.boolValue ?? false }
        guard let place = online?.body["table_name"]?.stringValue,
            let info = try call.workspace.tables.find(Tables.name(place, rpc: "GetTable")),
            let table = try PublishedTables.find(info, call), let rows = try PublishedTables.rows(of: table, call),
            let column = rows.columns.firstIndex(where: { $0.lowercased() == computation.name.lowercased() })
        else {
            throw WorkspaceError.invalid("Feature '\(feature.id)' has no values in an online store: materialize it to one first.")
        }
        return Lookup(
            table: table, source: nil, rows: rows, inputs: rows.keys.map { ($0.name, $0) },
            outputs: [Output(name: computation.name, place: column, standard: computation.isCount ? .int(0) : .null)])
    }

    /// What a list of a look-up says of a feature: `rename_outputs: [{feature, output}]`.
    private static func member(_ list: String, _ name: String, of feature: String, _ lookup: JSONObject) -> String? {
        (lookup[list]?.arrayValue ?? []).first { $0["feature"]?.stringValue?.lowercased() == feature.lowercased() }?[name]?.stringValue
    }

    /// A default is written as text; numbers and booleans are meant as such.
    private static func value(_ text: String) -> JSONValue {
        switch try? JSONValue(parsing: text) {
        case .number(let number)?: .number(number)
        case .bool(let flag)?: .bool(flag)
        case .null?: .null
        default: .string(text)
        }
    }

    private static func function(_ function: JSONObject, _ call: Call) throws -> Evaluation {
        let name = try Functions.name(function["udf"]?.stringValue ?? "", rpc: "GetFunction")
        let members = try call.tenant.sql.members(of: try call.workspace.functions.get(name, by: call.principal))
        guard members["routine_body"]?.stringValue != "EXTERNAL" else {
            throw WorkspaceError(.notImplemented, "Serving the function '\(name)' is not simulated: it is not written in SQL.")
        }
        let bindings = function["input_bindings"]?.arrayValue ?? []
        let arguments = try (members["input_params"]?["parameters"]?.arrayValue ?? []).map { parameter -> String in
            let wanted = parameter["name"]?.stringValue ?? ""
            let bound = bindings.first { $0["parameter"]?.stringValue?.lowercased() == wanted.lowercased() }
            guard let feature = bound?["bound_feature"]?.stringValue else {
                throw WorkspaceError.invalid("The parameter '\(wanted)' of the function '\(name)' is bound to no feature.")
            }
            return feature
        }
        return Evaluation(function: name, arguments: arguments, output: function["output"]?.stringValue ?? name.name)
    }

    // MARK: Answering

    func answer(_ record: JSONObject, _ call: Call) async throws -> JSONValue {
        var row = record
        for step in steps {
            switch step {
            case .lookup(let lookup):
                let found = try lookup.find(in: row)
                for output in lookup.outputs {
                    let value = found?[output.place] ?? .null
                    row[output.name] = value.isNull ? output.standard : value
                }
            case .function(let evaluation): row[evaluation.output] = try await evaluation.value(in: row, call)
            }
        }
        for name in excluded { row[name] = nil }
        return .object(row)
    }
}

extension ServingPlan.Lookup {
    func find(in record: JSONObject) throws -> [JSONValue]? {
        var parts: [String] = []
        parts.reserveCapacity(inputs.count)
        for (name, key) in inputs {
            guard let value = record[name] else {
                throw WorkspaceError(.badRequest, "The request has no value for the look-up key '\(name)'.")
            }
            do throws(WorkspaceError) {
                guard let text = try key.text(value) else { return nil }
                parts.append(text)
            } catch {
                throw WorkspaceError(.badRequest, error.message)
            }
        }
        return rows.row(parts)
    }
}

extension ServingPlan.Evaluation {
    /// By a statement: functions are SQL.
    func value(in record: JSONObject, _ call: Call) async throws -> JSONValue {
        let values = try arguments.map { name -> String in
            guard let value = record[name] else { throw WorkspaceError(.badRequest, "The request has no value for '\(name)'.") }
            return try Self.literal(value, name)
        }
        let query = "SELECT \(SQLService.quoted(function))(\(values.joined(separator: ", "))) AS value"
        return try await call.tenant.sql.objects(of: query, by: call.principal).first?["value"] ?? .null
    }

    private static func literal(_ value: JSONValue, _ name: String) throws -> String {
        switch value {
        case .null: return "NULL"
        case .bool(let flag): return flag ? "true" : "false"
        // A number with an exponent or a fraction would be a decimal.
        case .number(let text): return Int64(text) != nil ? text : "double('\(text)')"
        case .string(let text):
            let escaped = text.flatMap { character -> String in
                character == "'" || character == "\\" ? "\\\(character)" : String(character)
            }
            return "'\(String(escaped))'"
        case .array, .object: throw WorkspaceError(.badRequest, "The value of '\(name)' is not a scalar, which functions take alone.")
        }
    }
}

/// Plans by endpoint and caller, for as long as nothing in the workspace changes: what a caller may do, and what the tables hold, is in the store.
package final class ServingPlans: Sendable {
    private struct Entry {
        let changes: Int
        let plan: ServingPlan
    }

    private static let most = 1_000

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    func get(_ key: String, changes: Int) -> ServingPlan? {
        entries.withLock { entries in entries[key].flatMap { $0.changes == changes ? $0.plan : nil } }
    }

    func put(_ key: String, _ plan: ServingPlan, changes: Int) {
        entries.withLock { entries in
            if entries.count >= Self.most { entries.removeAll() }
            entries[key] = Entry(changes: changes, plan: plan)
        }
    }
}

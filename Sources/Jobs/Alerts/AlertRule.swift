import Columnar
import JSON
import Warehouse
import Workspace

/// What an alert asks of a query's rows. Alerts are of two kinds, by `/api/2.0/sql/alerts` and by `/api/2.0/alerts`.
struct AlertRule: Sendable {
    enum Kind: String, Sendable {
        case older = "alert"
        case newer = "alert-v2"
    }

    enum State: String, Sendable {
        case ok = "OK"
        case triggered = "TRIGGERED"
        case unknown = "UNKNOWN"
        /// Of alerts of the newer kind: the query failed.
        case error = "ERROR"
    }

    /// What is wrong with the alert, in one line.
    struct Refusal: Error {
        let message: String
    }

    private enum Comparison: String {
        case equal = "EQUAL"
        case notEqual = "NOT_EQUAL"
        case greater = "GREATER_THAN"
        case greaterOrEqual = "GREATER_THAN_OR_EQUAL"
        case less = "LESS_THAN"
        case lessOrEqual = "LESS_THAN_OR_EQUAL"
        case isNull = "IS_NULL"
        case isNotNull = "IS_NOT_NULL"
    }

    private struct Operand {
        let column: String
        let aggregation: String?

        init?(_ object: JSONValue?) {
            guard let name = object?["name"]?.stringValue, !name.isEmpty else { return nil }
            column = name
            aggregation = object?["aggregation"]?.stringValue.flatMap { $0 == "AGGREGATION_UNSPECIFIED" ? nil : $0 }
        }

        /// As SQL; the aggregates are those of the API.
        var sql: String {
            get throws(Refusal) {
                let quoted = "`\(column.replacing("`", with: "``"))`"
                switch aggregation {
                case nil: return quoted
                case "COUNT_DISTINCT"?: return "count(DISTINCT \(quoted))"
                case let name? where ["AVG", "COUNT", "MAX", "MEDIAN", "MIN", "STDDEV", "SUM"].contains(name):
                    return "\(name.lowercased())(\(quoted))"
                case let name?: throw Refusal(message: "The aggregation \(name.prefix(64)) of an alert is not simulated.")
                }
            }
        }
    }

    let kind: Kind
    let id: String
    let warehouseID: String
    let query: String
    private let source: Operand
    private let comparison: Comparison
    private let threshold: JSONValue?
    private let thresholdColumn: Operand?
    private let emptyState: State

    /// - Parameter alert: as it is stored.
    init(_ alert: StoredResource, _ kind: Kind, _ workspace: Workspace) throws {
        self.kind = kind
        id = alert.id
        let body = alert.body
        let evaluation = kind == .older ? body["condition"] : body["evaluation"]
        let operand = kind == .older ? evaluation?["operand"]?["column"] : evaluation?["source"]
        guard let operand = Operand(operand) else { throw Refusal(message: "Alert \(id) names no column.") }
        source = operand
        let name = evaluation?[kind == .older ? "op" : "comparison_operator"]?.stringValue ?? ""
        guard let comparison = Comparison(rawValue: name) else { throw Refusal(message: "Alert \(id) has no comparison.") }
        self.comparison = comparison
        let value = evaluation?["threshold"]?["value"]
        threshold = ["string_value", "double_value", "bool_value"].lazy.compactMap { value?[$0] }.first { !$0.isNull }
        thresholdColumn = Operand(evaluation?["threshold"]?["column"])
        emptyState = evaluation?["empty_result_state"]?.stringValue.flatMap(State.init) ?? .unknown
        switch kind {
        case .older:
            let queryID = body["query_id"]?.stringValue ?? ""
            guard let found = try workspace.resources.get("query", queryID) else {
                throw Refusal(message: "Query \(queryID.prefix(64)) does not exist")
            }
            guard found.body["lifecycle_state"] != "TRASHED" else { throw Refusal(message: "Query \(queryID.prefix(64)) is in the trash") }
            query = found.body["query_text"]?.stringValue ?? ""
            warehouseID = found.body["warehouse_id"]?.stringValue ?? ""
        case .newer:
            query = body["query_text"]?.stringValue ?? ""
            warehouseID = body["warehouse_id"]?.stringValue ?? ""
        }
        let needsThreshold = comparison != .isNull && comparison != .isNotNull
        guard !needsThreshold || threshold != nil || thresholdColumn != nil else { throw Refusal(message: "Alert \(id) has no threshold.") }
    }

    private var isAggregated: Bool { source.aggregation != nil || thresholdColumn?.aggregation != nil }

    /// The statement that is run: an aggregation is put around the query (page "Databricks SQL alerts").
    func statement(_ query: String) throws(Refusal) -> String {
        guard isAggregated else { return query }
        guard source.aggregation != nil, thresholdColumn.map({ $0.aggregation != nil }) ?? true else {
            throw Refusal(message: "Alert \(id) compares an aggregate with a column's first value, which is not simulated.")
        }
        var columns = try source.sql + " AS value"
        if let thresholdColumn { columns += ", " + (try thresholdColumn.sql) + " AS threshold" }
        return "SELECT \(columns) FROM (\n\(query)\n)"
    }

    /// By the first row. Values that cannot be compared leave the state unknown.
    func state(_ result: ResultSet) throws(Refusal) -> State {
        let fields = result.schema.fields
        let place = isAggregated ? 0 : try index(of: source.column, in: fields)
        let other = try thresholdColumn.map { (column) throws(Refusal) in isAggregated ? 1 : try index(of: column.column, in: fields) }
        guard let batch = result.batches.first(where: { $0.rowCount > 0 }) else { return emptyState }
        var writer = JSONWriter(capacity: 256)
        writer.beginArray()
        ResultText(timeZoneID: result.timeZoneID).write(batch.slice(0..<1), to: &writer)
        writer.endArray()
        guard let row = (try? JSONValue(parsing: writer.finish()))?.arrayValue?.first?.arrayValue, row.indices.contains(place) else {
            return emptyState
        }
        let value = row[place]
        switch comparison {
        case .isNull: return value.isNull ? .triggered : .ok
        case .isNotNull: return value.isNull ? .ok : .triggered
        default: break
        }
        let wanted = other.flatMap { row.indices.contains($0) ? row[$0] : nil } ?? threshold ?? .null
        guard !value.isNull, !wanted.isNull, let order = Self.order(value.bareText, wanted.bareText, fields[place].type) else { return .unknown }
        let isMet =
            switch comparison {
            case .equal: order == 0
            case .notEqual: order != 0
            case .greater: order > 0
            case .greaterOrEqual: order >= 0
            case .less: order < 0
            case .lessOrEqual: order <= 0
            case .isNull, .isNotNull: false
            }
        return isMet ? .triggered : .ok
    }

    private func index(of column: String, in fields: [Field]) throws(Refusal) -> Int {
        guard let found = fields.firstIndex(where: { $0.name.lowercased() == column.lowercased() }) else {
            throw Refusal(message: "The column '\(column.prefix(255))' of alert \(id) is not in its query's result.")
        }
        return found
    }

    /// Negative, zero or positive; nil for texts that are no numbers where numbers are compared.
    private static func order(_ left: String, _ right: String, _ type: DataType) -> Int? {
        switch type {
        case .byte, .short, .int, .long, .float, .double, .decimal:
            guard let left = Double(left), let right = Double(right), !left.isNaN, !right.isNaN else { return nil }
            return left < right ? -1 : left > right ? 1 : 0
        default:
            return left == right ? 0 : left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        }
    }

    /// The alert shows what was found, and when.
    func note(_ state: State, at millis: Int64, _ workspace: Workspace) throws { try Self.note(state, kind, id, at: millis, workspace) }

    static func note(_ state: State, _ kind: Kind, _ id: String, at millis: Int64, _ workspace: Workspace) throws {
        let time = JSONValue.string(RunTime(millis: millis).part("iso_datetime") ?? "")
        _ = try workspace.resources.update(kind.rawValue, id, keepsKey: true) { stored in
            switch kind {
            case .older:
                stored.body["state"] = .string(state.rawValue)
                if state == .triggered { stored.body["trigger_time"] = time }
            case .newer:
                guard case .object(var evaluation)? = stored.body["evaluation"] else { return }
                evaluation["state"] = .string(state.rawValue)
                evaluation["last_evaluated_at"] = time
                stored.body["evaluation"] = .object(evaluation)
            }
        }
    }
}

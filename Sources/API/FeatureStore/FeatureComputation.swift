import JSON
import Warehouse
import Workspace

/// How the values of a declared feature are computed: SQL over the rows of its source. What windows hold, which instants they are labelled with and what
/// an empty one is worth are as in databricks-feature-engineering 0.18.2 (`pit_computation_utils`): a window ends at an instant of the slide's grid, which
/// is aligned to 1970-01-01 UTC and shifted by its offset; it holds the rows from its start up to, and without, its end; it has a row in the offline table
/// only where it has one in the source.
struct FeatureComputation {
    /// Microseconds. No duration: of the whole history.
    struct Grid {
        let duration: Int64?
        let slide: Int64
        let offset: Int64

        /// The last place on the grid at or before an instant.
        func place(_ micros: Int64) -> Int64? {
            let (distance, overflow) = micros.subtractingReportingOverflow(offset)
            guard !overflow else { return nil }
            let (quotient, remainder) = distance.quotientAndRemainder(dividingBy: slide)
            return remainder < 0 ? quotient - 1 : quotient
        }
    }

    /// The most ends of windows that one computation goes through, as in the client.
    static let mostEnds: Int64 = 100_000
    private static let mostMicros = 315_576_000_000.0 * 1_000_000

    /// The last part of the feature's name: the column that holds its values.
    let name: String
    let entities: [String]
    let table: ObjectName
    /// Nil for the last value of an entity, which is kept in online stores alone.
    let grid: Grid?
    /// An empty window counts zero.
    let isCount: Bool
    private let time: String
    private let source: String
    private let input: String
    private let aggregate: String
    /// Microseconds: the source is complete so long after a window's end, and a look-up sees what was so long ago.
    let settling: Int64
    let delay: Int64
    private let start: Int64?

    /// Throws what stands in the way of computing the feature, by its name.
    init(_ feature: StoredResource) throws {
        let body = feature.body
        func refusal(_ what: String) -> WorkspaceError {
            WorkspaceError(.notImplemented, "Computing the feature '\(feature.id)' is not simulated: \(what).")
        }
        guard let delta = body["source"]?["delta_table_source"]?.objectValue else {
            throw refusal("its source is no Delta table")
        }
        name = feature.id.split(separator: ".").last.map(String.init) ?? feature.id
        table = try Tables.name(delta["full_name"]?.stringValue ?? "", rpc: "GetFeature")
        entities = (body["entities"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        guard !entities.isEmpty else { throw refusal("it has no entities") }
        guard let time = body["timeseries_column"]?["name"]?.stringValue else { throw refusal("it has no time series column") }
        self.time = time
        let names = entities.map(Self.leaf) + [Self.leaf(time), name]
        guard Set(names.map { $0.lowercased() }).count == names.count else { throw refusal("its name is that of a key column") }
        let filters = [delta["filter_condition"]?.stringValue, body["filter_condition"]?.stringValue].compactMap { $0 }.filter { !$0.isEmpty }
        let transformation = delta["transformation_sql"]?.stringValue ?? "*"
        // A comment in what the user wrote ends with its line.
        source =
            "SELECT \(transformation)\nFROM \(SQLService.quoted(table))"
            + (filters.isEmpty ? "" : " WHERE " + filters.map { "(\($0)\n)" }.joined(separator: " AND "))

        let function = body["function"] ?? .null
        if let column = function["column_selection"]?["column"]?.stringValue {
            (input, aggregate, grid, isCount) = (column, "max_by(__value, __time)", nil, false)
            (settling, delay, start) = (try Self.settling(body), 0, nil)
            return
        }
        let call = try Self.call(function, body)
        guard let call else { throw refusal("its function is no aggregation") }
        (input, aggregate, isCount) = (call.input, call.sql, call.isCount)
        guard let window = function["aggregation_function"]?["time_window"]?.objectValue ?? body["time_window"]?.objectValue else {
            throw refusal("it has no time window")
        }
        let shape: JSONValue
        if let tumbling = window["tumbling"] {
            shape = tumbling
            guard let duration = try Self.micros(tumbling["window_duration"], "window_duration") else { throw refusal("its window has no length") }
            grid = Grid(duration: duration, slide: duration, offset: try Self.micros(tumbling["offset"], "offset") ?? 0)
        } else if let sliding = window["sliding"] {
            shape = sliding
            guard let slide = try Self.micros(sliding["slide_duration"], "slide_duration") else { throw refusal("its window does not slide") }
            grid = Grid(
                duration: try Self.micros(sliding["window_duration"], "window_duration"), slide: slide,
                offset: try Self.micros(sliding["offset"], "offset") ?? 0)
        } else {
            throw refusal("of windows, those that tumble and those that slide are computed")
        }
        guard let grid, grid.slide > 0, grid.duration.map({ $0 >= grid.slide }) ?? true, (0..<grid.slide).contains(grid.offset) else {
            throw refusal("its window's slide or offset does not fit its length")
        }
        delay = try Self.micros(shape["delay"], "delay") ?? 0
        settling = try Self.settling(body)
        start = window["start_time"]?.stringValue.flatMap(RFC3339.micros)
    }

    private static func settling(_ body: JSONObject) throws -> Int64 {
        try micros(body["source"]?["lateness"]?["settling_delay"], "settling_delay") ?? 0
    }

    private static func micros(_ value: JSONValue?, _ field: String) throws(WorkspaceError) -> Int64? {
        guard let text = value?.stringValue else { return nil }
        guard let seconds = FeatureCheck.seconds(text), (0...mostMicros).contains(seconds * 1_000_000) else {
            throw .invalid("Invalid duration '\(text.prefix(64))' in \(field).")
        }
        return Int64((seconds * 1_000_000).rounded())
    }

    /// The last part of a column's path, under which the column is given out.
    static func leaf(_ path: String) -> String { path.split(separator: ".").last.map(String.init) ?? path }

    private static func quoted(_ path: String) -> String {
        path.split(separator: ".").map { SQLService.quoted(column: String($0)) }.joined(separator: ".")
    }

    // MARK: Functions

    private static func call(_ function: JSONValue, _ body: JSONObject) throws -> (input: String, sql: String, isCount: Bool)? {
        var name: String
        var arguments: JSONObject
        if let aggregation = function["aggregation_function"]?.objectValue,
            let member = aggregation.members.first(where: { $0.name != "time_window" && !$0.value.isNull })
        {
            (name, arguments) = (member.name, member.value.objectValue ?? JSONObject())
            if name == "count_function" { name = "count" }
        } else if let type = function["function_type"]?.stringValue {
            // The older form: the input beside the function, further arguments by their names.
            name = type.lowercased()
            arguments = JSONObject([("input", .string(body["inputs"]?.arrayValue?.first?.stringValue ?? ""))])
            for item in function["extra_parameters"]?.arrayValue ?? [] {
                guard let key = item["key"]?.stringValue, let text = item["value"]?.stringValue else { continue }
                arguments[key == "relativeSD" ? "relative_sd" : key] = Double(text) != nil ? .number(text) : .string(text)
            }
        } else {
            return nil
        }
        guard let input = arguments["input"]?.stringValue, !input.isEmpty else { return nil }
        func number(_ name: String) -> Double? { arguments[name]?.scalar.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }
        switch name {
        case "sum", "avg", "min", "max", "stddev_pop", "stddev_samp", "var_pop", "var_samp": return (input, "\(name)(__value)", false)
        case "count": return (input, "count(__value)", true)
        case "first": return (input, "min_by(__value, __time)", false)
        case "last": return (input, "max_by(__value, __time)", false)
        case "approx_count_distinct":
            return (input, "approx_count_distinct(__value, \(number("relative_error") ?? number("relative_sd") ?? 0.02))", true)
        case "approx_percentile":
            guard let percentile = number("percentile"), (0...1).contains(percentile) else {
                throw WorkspaceError.invalid("function.aggregation_function.approx_percentile.percentile must be between 0 and 1.")
            }
            let accuracy = number("accuracy") ?? (1 / max(number("relative_error") ?? 0.01, 1e-6)).rounded(.up)
            return (input, "approx_percentile(__value, \(percentile), \(Int(min(max(accuracy, 1), 2_147_483_647))))", false)
        case "first_n", "last_n", "first_distinct", "last_distinct":
            guard let n = number("n"), n >= 1, n <= 1_000_000, n == n.rounded() else {
                throw WorkspaceError.invalid("function.aggregation_function.\(name).n must be a positive integer.")
            }
            let isReversed = name.hasPrefix("last")
            var sql = "array_sort(collect_list(struct(__time, __value)))"
            if isReversed { sql = "reverse(\(sql))" }
            sql = "transform(\(sql), x -> x.__value)"
            if name.hasSuffix("distinct") { sql = "array_distinct(\(sql))" }
            sql = "slice(\(sql), 1, \(Int(n)))"
            return (input, isReversed ? "reverse(\(sql))" : sql, false)
        default: return nil
        }
    }

    // MARK: Queries

    private var keys: String { entities.map { SQLService.quoted(column: Self.leaf($0)) }.joined(separator: ", ") }

    /// The entities, the time as `__time` and the input as `__value`.
    private var rows: String {
        let keys = entities.map { "\(Self.quoted($0)) AS \(SQLService.quoted(column: Self.leaf($0)))" }.joined(separator: ", ")
        return
            "SELECT \(keys), \(Self.quoted(time)) AS __time, \(Self.quoted(input)) AS __value FROM (\(source)\n) WHERE \(Self.quoted(time)) IS NOT NULL"
    }

    /// The source's first instant, in microseconds.
    var earliest: String { "SELECT unix_micros(min(__time)) AS first FROM (\(rows))" }

    var timeColumn: String { Self.leaf(time) }

    /// The places on the grid, from the first window that may be given out, in an interval of ends: later than `after`, no later than `through`.
    /// Without a start time a window of a length is given out once it can be full (`TimeWindow.start_time` of the API).
    func places(after: Int64?, through: Int64, earliest: Int64) throws -> ClosedRange<Int64>? {
        guard let grid, let last = grid.place(through) else { return nil }
        var lower = earliest
        if let start {
            lower = start - 1
        } else if let duration = grid.duration {
            let (full, overflow) = earliest.addingReportingOverflow(duration)
            guard !overflow else { return nil }
            lower = full - 1
        }
        // No window ends at or before the first row.
        lower = max(lower, earliest, after ?? .min)
        guard let before = grid.place(lower), before < last else { return nil }
        guard last - before <= Self.mostEnds else {
            throw WorkspaceError.invalid(
                "Feature '\(name)' would have \(last - before) windows in one computation; the most are \(Self.mostEnds).")
        }
        return (before + 1)...last
    }

    /// The instant at a place of the grid.
    func end(_ place: Int64) -> Int64? {
        guard let grid else { return nil }
        let (product, overflow) = place.multipliedReportingOverflow(by: grid.slide)
        let (sum, beyond) = product.addingReportingOverflow(grid.offset)
        return overflow || beyond ? nil : sum
    }

    /// A row for each window with rows: the entities, the window's end and the value. No places: the columns alone.
    func windows(_ places: ClosedRange<Int64>?, withTime: Bool = true) -> String {
        guard let grid else { return "" }
        let (first, last) = (places?.lowerBound ?? 0, places?.upperBound ?? -1)
        func place(_ micros: String) -> String { "((\(micros) - pmod(\(micros), \(grid.slide))) div \(grid.slide))" }
        let instant = "unix_micros(__time) - \(grid.offset)"
        let lastOf = grid.duration.map { "least(\(place("(\(instant) + \($0))")), \(last))" } ?? "bigint(\(last))"
        let time = withTime ? ", timestamp_micros(__place * \(grid.slide) + \(grid.offset)) AS \(SQLService.quoted(column: timeColumn))" : ""
        return """
            SELECT \(keys)\(time), \(aggregate) AS \(SQLService.quoted(column: name)) FROM (
            SELECT \(keys), __time, __value, explode(sequence(__first, __last)) AS __place FROM (
            SELECT \(keys), __time, __value, greatest(\(place("(\(instant))")) + 1, \(first)) AS __first, \(lastOf) AS __last FROM (\(rows)))
            WHERE __first <= __last) GROUP BY \(keys), __place
            """
    }

    /// The last value of each entity up to an instant.
    func lastValues(through micros: Int64) -> String {
        """
        SELECT \(keys), \(aggregate) AS \(SQLService.quoted(column: name)) FROM (\(rows)) WHERE unix_micros(__time) <= \(micros) GROUP BY \(keys)
        """
    }
}

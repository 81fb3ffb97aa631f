import HTTPTypes
import JSON
import Workspace

/// A dashboard of the older kind as a new one: each query is a dataset, each widget one on its only page. What has no like there is refused by its name.
enum DashboardMigration {
    private static let path = "/api/2.0/lakeview/dashboards/migrate"

    static let operation = Operation(
        "dashboards.lakeview.migrate", .post, path, limits: "texts, tables, counters and plain charts; other widgets are refused"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path)
        let id = try body.required("source_dashboard_id")
        let older = LegacyDashboardsAPI.dashboard
        guard let source = try older.find(id, call) else { throw older.notFound(id) }
        try older.authorize(.read, source, call)
        try older.refuseTrashed(source)
        var board = Board(call, updatesSyntax: body["update_parameter_syntax"] == true)
        for widget in try LegacyDashboardsAPI.widgets(of: source.id, call) { try board.add(widget) }
        let page: JSONValue = ["name": .string(board.name()), "displayName": source.body["name"] ?? "", "layout": .array(board.layout)]
        let serialized = JSONValue.members([("datasets", .array(board.datasets.map(\.shown))), ("pages", [page])])
        var object = JSONObject([("serialized_dashboard", .string(serialized.text))])
        object["display_name"] = body["display_name"] ?? source.body["name"]
        object["parent_path"] = body["parent_path"] ?? source.body["parent_path"]
        object["warehouse_id"] = board.datasets.lazy.compactMap(\.warehouse).first
        let resource = LakeviewAPI.dashboard
        try resource.rule?(&object, nil, call)
        return try resource.shown(try call.workspace.resources.insert(resource, object, call), call)
    }

    private struct Dataset {
        let query: String
        let name: String
        let shown: JSONValue
        let warehouse: JSONValue?
    }

    private struct Board {
        let call: Call
        let updatesSyntax: Bool
        var datasets: [Dataset] = []
        var layout: [JSONValue] = []
        private var nextRow = 0

        init(_ call: Call, updatesSyntax: Bool) {
            self.call = call
            self.updatesSyntax = updatesSyntax
        }

        /// Eight hexadecimal digits, as the service names parts of a dashboard.
        func name() -> String { String(call.workspace.environment.ids.hex16().prefix(8)) }

        mutating func add(_ widget: StoredResource) throws {
            let options = widget.body["options"]
            if options?["isHidden"] == true { return }
            for (name, mapping) in options?["parameterMappings"]?.objectValue?.members ?? [] where mapping["type"] != "widget-level" {
                throw DashboardMigration.notSimulated("parameters of the whole dashboard ('\(name.prefix(255))')")
            }
            var shown = JSONObject([("name", .string(name()))])
            if widget.body["visualization_id"] == nil {
                shown["multilineTextboxSpec"] = ["lines": [widget.body["text"] ?? ""]]
            } else {
                guard let (visualization, query) = try LegacyDashboardsAPI.content(widget, call) else { return }
                try SQLObjectsAPI.query.authorize(.read, query, call)
                let picture = try MigratedVisualization(visualization)
                let dataset = try dataset(query)
                let fields = picture.fields.map { name -> JSONValue in
                    ["name": .string(name), "expression": .string("`\(name.replacing("`", with: "``"))`")]
                }
                shown["queries"] = [
                    ["name": "main_query", "query": ["datasetName": .string(dataset), "fields": .array(fields), "disaggregated": true]]
                ]
                var spec = picture.spec
                let title = options?["title"]?.stringValue ?? visualization.body["display_name"]?.stringValue ?? ""
                if !title.isEmpty { spec["frame"] = ["title": .string(title), "showTitle": true] }
                shown["spec"] = .object(spec)
            }
            layout.append(["widget": .object(shown), "position": place(options?["position"])])
        }

        /// Both kinds have six columns; a widget without a place comes below the others.
        private mutating func place(_ position: JSONValue?) -> JSONValue {
            func number(_ name: String, _ standard: Int, _ range: ClosedRange<Int>) -> Int {
                min(range.upperBound, max(range.lowerBound, position?[name]?.intValue ?? standard))
            }
            let x = number("col", 0, 0...5)
            let width = number("sizeX", 6, 1...(6 - x))
            let y = number("row", nextRow, 0...1_000_000)
            let height = number("sizeY", 4, 1...10_000)
            nextRow = max(nextRow, y + height)
            return ["x": .int(x), "y": .int(y), "width": .int(width), "height": .int(height)]
        }

        private mutating func dataset(_ query: StoredResource) throws -> String {
            if let known = datasets.first(where: { $0.query == query.id }) { return known.name }
            let name = name()
            var text = query.body["query_text"]?.stringValue ?? ""
            var shown = JSONObject([("name", .string(name)), ("displayName", query.body["display_name"] ?? "")])
            let parameters = query.body["parameters"]?.arrayValue ?? []
            if updatesSyntax { text = try MigratedParameters.named(text) }
            shown["queryLines"] = .array(lines(text).map { .string($0) })
            if updatesSyntax, !parameters.isEmpty { shown["parameters"] = .array(try parameters.map(MigratedParameters.shown)) }
            datasets.append(Dataset(query: query.id, name: name, shown: .object(shown), warehouse: query.body["warehouse_id"]))
            return name
        }

        /// Each with its line break, so that they are the text when they are put together.
        private func lines(_ text: String) -> [String] {
            let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            return parts.enumerated().map { $0.offset + 1 < parts.count ? $0.element + "\n" : $0.element }
        }
    }

    static func notSimulated(_ what: String) -> WorkspaceError {
        WorkspaceError(.notImplemented, "The migration of dashboards with \(what) is not simulated.")
    }
}

/// A visualization of the older kind as a widget's specification, and the columns that it reads.
private struct MigratedVisualization {
    var spec: JSONObject
    var fields: [String] = []

    init(_ stored: StoredResource) throws {
        let shown = LegacyQueriesAPI.shown(visualization: stored)
        let options = shown["options"] ?? [:]
        let type = shown["type"]?.stringValue?.lowercased() ?? ""
        switch type {
        case "table":
            let columns = (options["columns"]?.arrayValue ?? []).filter { $0["visible"] != false }
            fields = columns.compactMap { $0["name"]?.stringValue }
            let shownColumns = columns.compactMap { column -> JSONValue? in
                guard let name = column["name"] else { return nil }
                return ["fieldName": name, "displayName": column["title"] ?? name]
            }
            spec = Self.spec(1, "table", [("columns", .array(shownColumns))])
        case "counter":
            guard let name = options["counterColName"]?.stringValue, !name.isEmpty else {
                throw DashboardMigration.notSimulated("counters of rows")
            }
            fields = [name]
            spec = Self.spec(2, "counter", [("value", Self.field(name))])
        case "chart":
            let kinds = ["column": "bar", "line": "line", "area": "area", "scatter": "scatter", "pie": "pie"]
            let series = options["globalSeriesType"]?.stringValue ?? ""
            guard let kind = kinds[series] else { throw DashboardMigration.notSimulated("charts of the type '\(series.prefix(64))'") }
            var roles: [String: [String]] = [:]
            for (column, role) in options["columnMapping"]?.objectValue?.members ?? [] { roles[role.stringValue ?? "", default: []].append(column) }
            guard let x = roles["x"]?.first, let y = roles["y"], y.count == 1, let value = y.first,
                Set(roles.keys).isSubset(of: ["x", "y", "series", "unused"])
            else { throw DashboardMigration.notSimulated("charts without one column for each axis") }
            let color = roles["series"]?.first
            fields = [x, value] + (color.map { [$0] } ?? [])
            let scales = ["datetime": "temporal", "linear": "quantitative"]
            let scale = scales[options["xAxis"]?["type"]?.stringValue ?? ""] ?? "categorical"
            var encodings: [(String, JSONValue)]
            if kind == "pie" {
                encodings = [("angle", Self.field(value, "quantitative")), ("color", Self.field(x, "categorical"))]
            } else {
                encodings = [("x", Self.field(x, scale)), ("y", Self.field(value, "quantitative"))]
                if let color { encodings.append(("color", Self.field(color, "categorical"))) }
            }
            spec = Self.spec(3, kind, encodings)
        default: throw DashboardMigration.notSimulated("visualizations of the type '\(type.prefix(64))'")
        }
    }

    private static func spec(_ version: Int, _ type: String, _ encodings: [(String, JSONValue)]) -> JSONObject {
        JSONObject([("version", .int(version)), ("widgetType", .string(type)), ("encodings", .members(encodings))])
    }

    private static func field(_ name: String, _ scale: String? = nil) -> JSONValue {
        var object = JSONObject([("fieldName", .string(name)), ("displayName", .string(name))])
        if let scale { object["scale"] = ["type": .string(scale)] }
        return .object(object)
    }
}

/// Parameters in braces as named ones.
enum MigratedParameters {
    /// `{{ x }}` and `'{{ x }}'` become `:x`. One inside of a longer text cannot be a parameter.
    static func named(_ text: String) throws -> String {
        var result = ""
        var rest = Substring(text)
        var quote: Character?
        while let character = rest.first {
            if let open = quote {
                if rest.hasPrefix("{{") { throw DashboardMigration.notSimulated("parameters inside of texts of a statement") }
                if character == "\\", open != "`" {
                    result.append(character)
                    rest = rest.dropFirst()
                    if let next = rest.first { result.append(next) }
                    rest = rest.dropFirst()
                    continue
                }
                if character == open { quote = nil }
            } else if let (name, length) = parameter(rest) {
                result += ":" + name
                rest = rest.dropFirst(length)
                continue
            } else if character == "'" || character == "\"", let (name, length) = parameter(rest.dropFirst()),
                rest.dropFirst(1 + length).first == character
            {
                result += ":" + name
                rest = rest.dropFirst(length + 2)
                continue
            } else if character == "'" || character == "\"" || character == "`" {
                quote = character
            }
            result.append(character)
            rest = rest.dropFirst()
        }
        return result
    }

    /// The name between braces at the beginning of a text, and how many characters they take.
    private static func parameter(_ text: Substring) -> (name: String, length: Int)? {
        guard text.hasPrefix("{{"), let end = text.firstRange(of: "}}") else { return nil }
        let name = text[text.index(text.startIndex, offsetBy: 2)..<end.lowerBound].trimmingSpaces()
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }), name.first?.isNumber == false else { return nil }
        return (String(name), text.distance(from: text.startIndex, to: end.upperBound))
    }

    /// As a dataset has it: with its value as the default.
    static func shown(_ parameter: JSONValue) throws -> JSONValue {
        let name = parameter["name"]?.stringValue ?? ""
        let type: String
        var value: JSONValue?
        if let number = parameter["numeric_value"] {
            type = "DECIMAL"
            value = number["value"]?.scalar.map { .string($0) }
        } else if let choice = parameter["enum_value"] ?? parameter["query_backed_value"], choice["multi_values_options"] == nil {
            type = "STRING"
            value = choice["values"]?.arrayValue?.first
        } else if let date = parameter["date_value"], date["dynamic_date_value"] == nil {
            type = date["precision"] == "DAY_PRECISION" ? "DATE" : "DATETIME"
            value = date["date_value"]
        } else if let text = parameter["text_value"] {
            type = "STRING"
            value = text["value"]
        } else {
            throw DashboardMigration.notSimulated("parameters of several values, ranges or moving dates ('\(name.prefix(255))')")
        }
        var object = JSONObject([
            ("displayName", parameter["title"] ?? .string(name)), ("keyword", .string(name)), ("dataType", .string(type)),
        ])
        if let value { object["defaultSelection"] = ["values": ["dataType": .string(type), "values": [["value": value]]]] }
        return .object(object)
    }
}

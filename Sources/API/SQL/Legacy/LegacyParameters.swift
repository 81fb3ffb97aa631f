import JSON
import Workspace

/// Parameters of a query in the form that the older API has for them, and in that of the newer one, which is stored.
enum LegacyParameters {
    static func stored(_ parameters: JSONValue) throws -> JSONValue {
        guard let list = parameters.arrayValue else { throw WorkspaceError.invalid("options.parameters must be a list.") }
        return .array(
            try list.enumerated().map { place, parameter in
                guard case .object(let given) = try Contract.accepted(known(parameter), .named("sql.Parameter"), at: "options.parameters[\(place)]")
                else {
                    throw WorkspaceError.invalid("options.parameters[\(place)] must be an object.")
                }
                return .object(try stored(given, parameter["type"]?.stringValue.flatMap { dates[$0] }))
            })
    }

    /// Kinds of dates, with the precision that they stand for; the contract has one name for them all.
    private static let dates = [
        "date": "DAY_PRECISION", "datetime": "MINUTE_PRECISION", "datetime-local": "MINUTE_PRECISION", "datetime-with-seconds": "SECOND_PRECISION",
        "date-range": "DAY_PRECISION", "datetime-range": "MINUTE_PRECISION", "datetime-range-with-seconds": "SECOND_PRECISION",
    ]

    private static func known(_ parameter: JSONValue) -> JSONValue {
        guard case .object(var object) = parameter, let type = object["type"]?.stringValue, dates[type] != nil else { return parameter }
        object["type"] = "datetime"
        return .object(object)
    }

    private static func stored(_ given: JSONObject, _ precision: String?) throws -> JSONObject {
        guard let name = given["name"]?.stringValue, !name.isEmpty else { throw WorkspaceError.missing("options.parameters.name") }
        var object = JSONObject([("name", .string(name))])
        object["title"] = given["title"]
        let value = given["value"]
        switch given["type"]?.stringValue ?? "text" {
        case "number":
            let number = value.flatMap { JSONValue.double($0.scalar) }
            guard value == nil || number != nil else {
                throw WorkspaceError.invalid("The value of the parameter '\(name.prefix(255))' is no number.")
            }
            var inner = JSONObject()
            inner["value"] = number
            object["numeric_value"] = .object(inner)
        case "enum":
            var inner = JSONObject()
            inner["enum_options"] = given["enumOptions"]
            inner["values"] = try values(value, name)
            inner["multi_values_options"] = given["multiValuesOptions"]
            object["enum_value"] = .object(inner)
        case "query":
            var inner = JSONObject()
            inner["query_id"] = given["queryId"]
            inner["values"] = try values(value, name)
            inner["multi_values_options"] = given["multiValuesOptions"]
            object["query_backed_value"] = .object(inner)
        case "datetime":
            var inner = JSONObject([("precision", .string(precision ?? "MINUTE_PRECISION"))])
            if let range = value?.objectValue {
                guard let start = range["start"]?.stringValue, let end = range["end"]?.stringValue else {
                    throw WorkspaceError.invalid("The value of the parameter '\(name.prefix(255))' must have start and end.")
                }
                inner["date_range_value"] = ["start": .string(start), "end": .string(end)]
                object["date_range_value"] = .object(inner)
            } else if let text = value?.scalar, let word = try dynamic(text, "sql.DateValueDynamicDate") {
                inner["dynamic_date_value"] = .string(word)
                object["date_value"] = .object(inner)
            } else if let text = value?.scalar, let word = try dynamic(text, "sql.DateRangeValueDynamicDateRange") {
                inner["dynamic_date_range_value"] = .string(word)
                object["date_range_value"] = .object(inner)
            } else {
                inner["date_value"] = value?.scalar.map { .string($0) }
                object["date_value"] = .object(inner)
            }
        case "text": object["text_value"] = ["value": .string(value?.scalar ?? "")]
        case let type: throw WorkspaceError.invalid("Unknown type '\(type.prefix(64))' of the parameter '\(name.prefix(255))'.")
        }
        return object
    }

    /// `d_last_7_days` as the newer API names it; nil for a text of another form, or one that this enumeration does not have.
    private static func dynamic(_ text: String, _ enumeration: String) throws -> String? {
        guard text.hasPrefix("d_"), case .values(let words)? = Contract.schema(enumeration) else { return nil }
        let word = text.dropFirst(2).uppercased()
        return words.contains(word) ? word : nil
    }

    private static func values(_ value: JSONValue?, _ name: String) throws -> JSONValue? {
        switch value {
        case nil, .null?: return nil
        case .array(let items)?: return .array(items.compactMap { $0.scalar.map { .string($0) } })
        case let single?:
            guard let text = single.scalar else { throw WorkspaceError.invalid("The value of the parameter '\(name.prefix(255))' is an object.") }
            return .array([.string(text)])
        }
    }

    // MARK: Showing

    static func shown(_ parameters: JSONValue?) -> JSONValue { .array((parameters?.arrayValue ?? []).map(shown)) }

    private static func shown(_ parameter: JSONValue) -> JSONValue {
        var object = JSONObject()
        for name in ["name", "title"] { object[name] = parameter[name] }
        func multiple(_ inner: JSONValue) {
            object["multiValuesOptions"] = inner["multi_values_options"]
            let values = inner["values"]?.arrayValue ?? []
            object["value"] = inner["multi_values_options"] == nil && values.count <= 1 ? values.first : .array(values)
        }
        if let inner = parameter["numeric_value"] {
            object["type"] = "number"
            object["value"] = inner["value"]
        } else if let inner = parameter["enum_value"] {
            object["type"] = "enum"
            object["enumOptions"] = inner["enum_options"]
            multiple(inner)
        } else if let inner = parameter["query_backed_value"] {
            object["type"] = "query"
            object["queryId"] = inner["query_id"]
            multiple(inner)
        } else if let inner = parameter["date_value"] ?? parameter["date_range_value"] {
            object["type"] = "datetime"
            let word = inner["dynamic_date_value"] ?? inner["dynamic_date_range_value"]
            object["value"] = word?.stringValue.map { .string("d_" + $0.lowercased()) } ?? inner["date_value"] ?? inner["date_range_value"]
        } else {
            object["type"] = "text"
            object["value"] = parameter["text_value"]?["value"]
        }
        return .object(object)
    }
}

extension JSONValue {
    /// The number that a text spells; nil for another text.
    static func double(_ text: String?) -> JSONValue? {
        guard let text, let number = try? JSONValue(parsing: text), case .number = number else { return nil }
        return number
    }
}

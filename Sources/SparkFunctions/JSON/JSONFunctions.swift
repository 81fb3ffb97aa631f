import Columnar
import JSON
import SparkErrors

extension ScalarFunction {
    static let getJSONObject = ScalarFunction(
        "get_json_object", Signature([.string, .string], returns: .text), group: .json, since: "1.5.0",
        usage: "get_json_object(json, path) - What lies at a path such as $.a[0].b or $[*].a, as text; NULL if there is nothing.",
        examples: [
            Example("get_json_object('{\"a\":\"b\"}', '$.a')", "b"), Example("get_json_object('{\"a\":{\"b\":[1,2,{\"c\":3}]}}', '$.a.b[2].c')", "3"),
            Example("get_json_object('[{\"a\":1},{\"a\":2}]', '$[*].a')", "[1,2]"), Example("get_json_object('{\"a\":null}', '$.a')", "NULL"),
            Example("get_json_object('bad', '$.a')", "NULL"), Example("get_json_object('{\"a\":{\"b\":1e2}}', '$.a')", "{\"b\":100.0}"),
        ], nulls: .always,
        kernel: .binary { (text: ByteSlice, path: String) -> String? in
            guard let path = SparkJSONPath(path), let value = LenientJSON.parse(text) else { return nil }
            return path.text(in: value)
        })

    static let jsonArrayLength = ScalarFunction(
        "json_array_length", Signature([.string], returns: .int), group: .json, since: "3.1.0",
        usage: "json_array_length(jsonArray) - How many elements the outermost array has; NULL if it is none.",
        examples: [Example("json_array_length('[1,2,3,{\"f1\":1,\"f2\":[5,6]},4]')", "5"), Example("json_array_length('{}')", "NULL")],
        nulls: .always,
        kernel: .unary { (text: ByteSlice) -> Int32? in LenientJSON.parse(text)?.arrayValue.map { Int32(truncatingIfNeeded: $0.count) } })

    static let jsonObjectKeys = ScalarFunction(
        "json_object_keys", Signature([.string], returns: .array(element: .text, containsNull: true)), group: .json, since: "3.1.0",
        usage: "json_object_keys(jsonObject) - The names of the outermost object's members; NULL if it is none.",
        examples: [
            Example("json_object_keys('{\"a\":1,\"b\":{\"c\":2}}')", "[\"a\",\"b\"]"), Example("json_object_keys('[1]')", "NULL"),
            Example("json_object_keys('{}')", "[]"),
        ], nulls: .always,
        kernel: .unary { (text: ByteSlice) -> Value? in LenientJSON.parse(text)?.objectValue.map { .list($0.names.map { .string($0) }) } })

    // MARK: Writing

    static let toJSON = ScalarFunction(
        "to_json", group: .json, since: "2.2.0",
        usage: "to_json(expr[, options]) - A struct, array or map as JSON; fields that are NULL are left out.",
        examples: [
            Example("to_json(named_struct('a', 1, 'b', NULL, 'c', 'x\"y'))", "{\"a\":1,\"c\":\"x\\\"y\"}"),
            Example("to_json(array(named_struct('a', 1.50)))", "[{\"a\":1.50}]"),
            Example("to_json(map('a', DATE'2024-01-02'))", "{\"a\":\"2024-01-02\"}"),
            Example("to_json(struct(TIMESTAMP'2024-01-02 03:04:05.678'))", "{\"col1\":\"2024-01-02T03:04:05.678Z\"}"),
            Example("to_json(named_struct('t', TIMESTAMP'2015-08-26 00:00:00'), map('timestampFormat', 'dd/MM/yyyy'))", "{\"t\":\"26/08/2015\"}"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        let type = call.arguments[0].type
        switch type {
        case .structure, .array, .map, .variant: break
        default: throw call.mismatch(.datatypeMismatchInvalidJsonSchema, ["schema": SQLQuote.type(type.sqlText)])
        }
        let options = try JSONOptions(call, 1, context).refusing([], "to_json")
        let isPretty = options.flag("pretty", false)
        return BoundScalar(call.types, returns: .text, nullable: call.arguments[0].nullable) { (arguments, _, context) throws(SQLError) in
            let writer = try JSONText(options, try options.zoned(context))
            return try Rows.map(arguments[0], to: .text) { (value: Value) throws(SQLError) -> [UInt8]? in
                var json = JSONWriter()
                writer.write(value, type, to: &json)
                let text = json.finish()
                guard isPretty, let parsed = try? JSONValue(parsing: text) else { return text }
                return Array(JSONText.pretty(parsed, depth: 0).utf8)
            }
        }
    }
}

/// The options of the JSON functions, a constant map of strings.
struct JSONOptions: Sendable {
    private let values: [String: String]

    /// Names in lower case.
    init(_ values: [String: String]) { self.values = values }

    init(_ call: Call, _ index: Int, _ context: EvaluationContext) throws(SQLError) {
        guard call.count > index else {
            values = [:]
            return
        }
        guard case .map(let entries)? = call.arguments[index].constant else {
            throw SQLError(.invalidOptionsNonMapFunction, [:], phase: .analysis)
        }
        var found: [String: String] = [:]
        for entry in entries {
            guard case .string(let key) = entry.key, case .string(let value) = entry.value else {
                throw SQLError(.invalidOptionsNonStringType, ["mapType": SQLQuote.type(call.arguments[index].type.sqlText)], phase: .analysis)
            }
            found[key.lowercased()] = value
        }
        values = found
    }

    subscript(_ name: String) -> String? { values[name.lowercased()] }

    func flag(_ name: String, _ standard: Bool) -> Bool { self[name].map { $0.lowercased() == "true" } ?? standard }

    /// The session with the time zone of the options, if they have one.
    func zoned(_ context: EvaluationContext) throws(SQLError) -> EvaluationContext {
        guard let name = self["timeZone"] else { return context }
        guard let zone = SessionTimeZone(name) else { throw SQLError(.invalidTimezone, ["timeZone": name]) }
        var context = context
        context.timeZone = zone
        return context
    }

    /// The options themselves, unless one is among them that changes the result and that is not simulated.
    func refusing(_ names: [String], _ function: String) throws(SQLError) -> JSONOptions {
        if let locale = self["locale"], locale.lowercased() != "en", locale.lowercased() != "en-us" {
            throw Self.refusal("locale", function)
        }
        for name in names where self[name] != nil { throw Self.refusal(name, function) }
        return self
    }

    private static func refusal(_ name: String, _ function: String) -> SQLError {
        SQLError(.unsupportedFeatureNotSimulated, ["feature": "\(function)() with the option \(name)"], phase: .analysis)
    }

    static let refusedOfJSON = ["enableDateTimeParsingFallback", "maxNestingDepth", "maxNumLen", "maxStringLen", "singleVariantColumn"]
    static let refusedOfCSV = [
        "charToEscapeQuoteEscaping", "enableDateTimeParsingFallback", "maxColumns", "singleVariantColumn", "unescapedQuoteHandling",
    ]
    static let refusedOfXML = [
        "enableDateTimeParsingFallback", "rowValidationXSDPath", "singleVariantColumn", "validateName", "wildcardColName",
    ]
}

/// Values as JSON.
struct JSONText {
    private let timestampPattern: DateTimePattern?
    private let ntzPattern: DateTimePattern?
    private let datePattern: DateTimePattern?
    private let keepsNulls: Bool
    private let context: EvaluationContext

    init(_ options: JSONOptions, _ context: EvaluationContext) throws(SQLError) {
        func pattern(_ name: String) throws(SQLError) -> DateTimePattern? {
            guard let text = options[name] else { return nil }
            return try DateTimePattern(text, parsing: false)
        }
        timestampPattern = try pattern("timestampFormat")
        ntzPattern = try pattern("timestampNTZFormat")
        datePattern = try pattern("dateFormat")
        keepsNulls = !options.flag("ignoreNullFields", true)
        self.context = context
    }

    func write(_ value: Value, _ type: DataType, to json: inout JSONWriter) {
        switch (value, type) {
        case (.null, _): json.null()
        case (.boolean(let bit), _): json.bool(bit)
        case (.integer(let days), .date):
            if let datePattern {
                let micros = days &* Micros.perDay
                json.string(datePattern.format(local: micros, utc: micros, .utc))
            } else {
                json.string(DateTimeText.date(days: Int(days)))
            }
        case (.integer(let micros), .timestamp): json.string(timestamp(micros, context.timeZone, timestampPattern, zoned: true))
        case (.integer(let micros), .timestampNTZ): json.string(timestamp(micros, .utc, ntzPattern, zoned: false))
        case (.integer, .yearMonthInterval), (.integer, .dayTimeInterval): json.string(Cast.text(of: value, type, context))
        case (.integer(let number), _): json.int(number)
        case (.decimal(let digits), .decimal(let decimal)): json.number(NumberText.text(unscaled: digits, scale: decimal.scale))
        case (.float(let number), _): if number.isFinite { json.number(NumberText.text(number)) } else { json.string(NumberText.text(number)) }
        case (.double(let number), _): if number.isFinite { json.number(NumberText.text(number)) } else { json.string(NumberText.text(number)) }
        case (.string(let text), _): json.string(text)
        case (.binary(let bytes), _): json.string(String(decoding: Base64Text.encode(bytes[...], lines: false), as: UTF8.self))
        case (.list(let items), .array(let element, _)):
            json.beginArray()
            for item in items { write(item, element, to: &json) }
            json.endArray()
        case (.map(let entries), .map(let key, let inner, _)):
            json.beginObject()
            for entry in entries {
                json.name(keyText(entry.key, key))
                write(entry.value, inner, to: &json)
            }
            json.endObject()
        case (.structure(let parts), .variant): json.raw((VariantColumn.decode(parts)?.json(context.timeZone) ?? "null").utf8)
        case (.structure(let parts), .structure(let fields)) where parts.count == fields.count:
            json.beginObject()
            for (part, field) in zip(parts, fields) where keepsNulls || !part.isNull {
                json.name(field.name)
                write(part, field.type, to: &json)
            }
            json.endObject()
        default: json.null()
        }
    }

    /// As Jackson's pretty printer lays it out.
    static func pretty(_ value: JSONValue, depth: Int) -> String {
        switch value {
        case .array(let items): return items.isEmpty ? "[ ]" : "[ " + items.map { pretty($0, depth: depth) }.joined(separator: ", ") + " ]"
        case .object(let object):
            if object.isEmpty { return "{ }" }
            let indent = String(repeating: "  ", count: depth + 1)
            let members = object.members.map { indent + JSONValue.string($0.name).text + " : " + pretty($0.value, depth: depth + 1) }
            return "{\n" + members.joined(separator: ",\n") + "\n" + String(repeating: "  ", count: depth) + "}"
        default: return value.text
        }
    }

    /// Keys are shown as Spark holds them: a day's number, a struct as `[1,a]`.
    private func keyText(_ value: Value, _ type: DataType) -> String {
        if case .integer(let number) = value { return String(number) }
        if case .list(let items) = value, case .array(let element, _) = type {
            return "[" + items.map { $0.isNull ? "null" : keyText($0, element) }.joined(separator: ",") + "]"
        }
        guard case .structure(let parts) = value, case .structure(let fields) = type else { return Cast.text(of: value, type, context) }
        return "[" + zip(parts, fields).map { keyText($0, $1.type) }.joined(separator: ",") + "]"
    }

    private func timestamp(_ micros: Int64, _ zone: SessionTimeZone, _ pattern: DateTimePattern?, zoned: Bool) -> String {
        let local = zone.local(fromUTC: micros)
        if let pattern { return pattern.format(local: local, utc: micros, zone) }
        let value = CivilDateTime(micros: local)
        let two = ZoneOffset.twoDigits
        let millis = String(value.microOfSecond / 1000)
        return DateTimeText.date(days: value.date.days) + "T\(two(value.hour)):\(two(value.minute)):\(two(value.second))."
            + String(repeating: "0", count: 3 - millis.utf8.count) + millis + (zoned ? ZoneOffset.text(zone.offset(atMicros: micros)) : "")
    }
}

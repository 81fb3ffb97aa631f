import Columnar
import JSON
import SparkErrors

extension ScalarFunction {
    /// The schema in an argument: text of DDL or JSON, as a constant.
    static func schema(_ call: Call, _ index: Int, _ context: EvaluationContext) throws(SQLError) -> DataType {
        guard call.arguments[index].type.isString, case .string(let text)? = call.arguments[index].constant else {
            throw SQLError(.invalidSchemaNonStringLiteral, ["inputSchema": SQLQuote.expr(call.arguments[index].sql)], phase: .analysis)
        }
        if !text.utf8.contains(where: { $0 > 0x20 }) { throw SQLError(.parseEmptyStatement, phase: .analysis) }
        if let type = JSONSchemaText.parse(text) { return type }
        do throws(DDLParser.Failure) { return try DDLParser.parse(text) } catch {
            throw SQLError(.parseSyntaxError, ["error": error.message, "hint": ""], phase: .analysis)
        }
    }

    static let fromJSON = ScalarFunction(
        "from_json", group: .json, since: "2.2.0",
        usage: "from_json(jsonStr, schema[, options]) - A struct, array or map from JSON, by a schema in DDL; fields that do not fit are NULL.",
        examples: [
            Example("from_json('{\"a\":1, \"b\":0.8}', 'a INT, b DOUBLE')", "{\"a\":1,\"b\":0.8}"),
            Example("from_json('[1, 2]', 'array<int>')", "[1,2]"),
            Example(
                "from_json('{\"time\":\"26/08/2015\"}', 'time Timestamp', map('timestampFormat', 'dd/MM/yyyy'))",
                "{\"time\":\"2015-08-26T00:00:00.000Z\"}"),
            Example("from_json('{\"a\":{\"b\":[{\"c\":1}]}}', 'a STRUCT<b: ARRAY<STRUCT<c: BIGINT>>>')", "{\"a\":{\"b\":[{\"c\":1}]}}"),
            Example("from_json('bad', 'a INT')", "{\"a\":null}"),
            Example("from_json('{\"a\":{\"x\":1}}', 'a STRING')", "{\"a\":\"{\\\"x\\\":1}\"}"),
            Example("from_json('{\"k\":1}', 'map<string,int>')", "{\"k\":1}"),
            Example(
                "from_json('{\"a\":1}', '{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true}]}')", "{\"a\":1}"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...3)
        guard Coercion.implicitCast(call.arguments[0].type, to: .string) != nil else { throw call.unexpectedType(0, "\"STRING\"") }
        let type = try schema(call, 1, context).asNullable
        switch type {
        case .structure, .array, .variant: break
        case .map(let key, _, _):
            guard key.isString else { throw call.mismatch(.datatypeMismatchInvalidJsonMapKeyType, ["schema": SQLQuote.type(type.sqlText)]) }
        default: throw call.mismatch(.datatypeMismatchInvalidJsonSchema, ["schema": SQLQuote.type(type.sqlText)])
        }
        let options = try JSONOptions(call, 2, context).refusing(JSONOptions.refusedOfJSON, "from_json")
        let mode = (options["mode"] ?? "PERMISSIVE").uppercased()
        guard mode == "PERMISSIVE" || mode == "FAILFAST" else {
            throw SQLError(.parseModeUnsupported, ["funcName": SQLQuote.id("from_json"), "mode": mode], phase: .analysis)
        }
        let types = [DataType.text, .text] + (call.count == 3 ? [call.types[2]] : [])
        // Spark calls a map after its entries.
        let sql: String? = if case .map = type { "entries" } else { nil }
        return BoundScalar(types, returns: type, nullable: true, sql: sql) { (arguments, _, context) throws(SQLError) in
            var converter = try JSONConverter(options, context)
            return try Rows.map(arguments[0], to: type) { (text: ByteSlice) throws(SQLError) -> Value? in
                try converter.record(text, type, failFast: mode == "FAILFAST")
            }
        }
    }

    static let schemaOfJSON = ScalarFunction(
        "schema_of_json", group: .json, since: "2.4.0", usage: "schema_of_json(json) - The schema of a constant JSON text, in DDL.",
        examples: [
            Example("schema_of_json('[{\"col\":0}]')", "ARRAY<STRUCT<col: BIGINT>>"),
            Example(
                "schema_of_json('{\"a\":[1.5,2],\"c\":{\"d\":\"x\"},\"e\":null,\"f\":true}')",
                "STRUCT<a: ARRAY<DOUBLE>, c: STRUCT<d: STRING>, e: STRING, f: BOOLEAN>"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        let options = try JSONOptions(call, 1, context).refusing(JSONOptions.refusedOfJSON, "schema_of_json")
        let prefersDecimal = options.flag("prefersDecimal", false)
        guard let constant = call.arguments[0].constant else {
            throw call.mismatch(
                .datatypeMismatchNonFoldableInput,
                ["inputName": SQLQuote.id("json"), "inputType": "\"STRING\"", "inputExpr": SQLQuote.expr(call.arguments[0].sql)])
        }
        guard case .string(let text) = constant else { throw call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "json"]) }
        guard let value = LenientJSON.parse(Array(text.utf8)[...], JSONLeniency(options)) else {
            throw SQLError(.malformedRecordInParsingWithoutSuggestion, ["badRecord": text, "failFastMode": "FAILFAST"])
        }
        let inferred = JSONInference.type(value, prefersDecimal: prefersDecimal).settled
        let schema = (options["primitivesAsString"]?.lowercased() == "true" ? inferred.primitivesAsText : inferred).sqlText
        return BoundScalar(call.types, returns: .text, nullable: false) { (_, rowCount, _) throws(SQLError) in
            Column(repeating: .string(schema), type: .text, count: rowCount)
        }
    }
}

extension DataType {
    /// With STRING in the place of every part that has none itself.
    fileprivate var primitivesAsText: DataType {
        switch self {
        case .array(let element, let containsNull): .array(element: element.primitivesAsText, containsNull: containsNull)
        case .structure(let fields): .structure(fields.map { Field($0.name, $0.type.primitivesAsText, nullable: $0.nullable) })
        default: .text
        }
    }

    var holdsVariant: Bool {
        switch self {
        case .variant: true
        case .array(let element, _): element.holdsVariant
        case .map(_, let value, _): value.holdsVariant
        case .structure(let fields): fields.contains { $0.type.holdsVariant }
        default: false
        }
    }

    /// With every part nullable.
    var asNullable: DataType {
        switch self {
        case .array(let element, _): .array(element: element.asNullable, containsNull: true)
        case .map(let key, let value, _): .map(key: key.asNullable, value: value.asNullable, valueContainsNull: true)
        case .structure(let fields): .structure(fields.map { Field($0.name, $0.type.asNullable, nullable: true) })
        default: self
        }
    }
}

/// JSON to values of a schema's types.
struct JSONConverter {
    private let context: EvaluationContext
    private let timestampPattern: DateTimePattern?
    private let datePattern: DateTimePattern?
    private let ntzPattern: DateTimePattern?
    private let corruptName: String
    let leniency: JSONLeniency
    /// Whether something in the record at hand did not fit.
    var failed = false

    init(_ options: JSONOptions, _ context: EvaluationContext) throws(SQLError) {
        func pattern(_ name: String) throws(SQLError) -> DateTimePattern? {
            guard let text = options[name] else { return nil }
            return try DateTimePattern(text, parsing: true)
        }
        timestampPattern = try pattern("timestampFormat")
        datePattern = try pattern("dateFormat")
        ntzPattern = try pattern("timestampNTZFormat")
        leniency = JSONLeniency(options)
        corruptName = options["columnNameOfCorruptRecord"] ?? "_corrupt_record"
        self.context = try options.zoned(context)
    }

    mutating func record(_ text: ByteSlice, _ type: DataType, failFast: Bool) throws(SQLError) -> Value? {
        failed = false
        if text.allSatisfy({ $0 <= 0x20 }) { return nil }
        let value = LenientJSON.parse(text, leniency).map { (json) -> Value? in
            // An object is as good as an array of it.
            if case .array(let element, _) = type, case .structure = element, case .object = json { return convert(.array([json]), type) }
            return convert(json, type)
        }
        if value == nil || value == .some(nil) { failed = true }
        // VARIANT takes no object with two members of one name.
        if type.holdsVariant, let json = LenientJSON.parse(text, leniency), DuplicateNames.found(in: text, json) {
            failed = true
            if case .variant = type { return failFast ? try malformed() : .some(.null) }
        }
        if failed, failFast {
            throw SQLError(.malformedRecordInParsingWithoutSuggestion, ["badRecord": "[null]", "failFastMode": "FAILFAST"])
        }
        guard case .structure(let fields) = type else { return value ?? nil }
        var parts: [Value] = [Value](repeating: .null, count: fields.count)
        if case .structure(let found)?? = value { parts = found }
        if failed, let index = fields.firstIndex(where: { $0.name == corruptName && $0.type.isString }) {
            parts[index] = .string(String(decoding: text, as: UTF8.self))
        }
        return .structure(parts)
    }

    private func malformed() throws(SQLError) -> Value? {
        throw SQLError(.malformedRecordInParsingWithoutSuggestion, ["badRecord": "[null]", "failFastMode": "FAILFAST"])
    }

    /// nil: it does not fit. JSON's null fits everywhere.
    mutating func convert(_ json: JSONValue, _ type: DataType) -> Value? {
        // VARIANT has a null of its own.
        if json.isNull, type != .variant { return .null }
        let value = converted(json, type)
        if value == nil { failed = true }
        return value
    }

    private mutating func converted(_ json: JSONValue, _ type: DataType) -> Value? {
        switch (type, json) {
        case (.boolean, .bool(let bit)): return .boolean(bit)
        case (.byte, .number(let digits)): return Int8(digits).map { .integer(Int64($0)) }
        case (.short, .number(let digits)): return Int16(digits).map { .integer(Int64($0)) }
        case (.int, .number(let digits)): return Int32(digits).map { .integer(Int64($0)) }
        case (.long, .number(let digits)): return Int64(digits).map { .integer($0) }
        case (.float, .number(let digits)): return Float(digits).map { .float($0) }
        case (.double, .number(let digits)): return Double(digits).map { .double($0) }
        case (.float, .string(let text)): return Self.special(text).map { .float(Float($0)) }
        case (.double, .string(let text)): return Self.special(text).map { .double($0) }
        case (.decimal(let decimal), .number(let text)), (.decimal(let decimal), .string(let text)):
            guard case .some(let digits?) = NumberParser.decimal(Array(text.utf8)[...], scale: decimal.scale),
                Decimals.fits(digits, precision: decimal.precision)
            else { return nil }
            return .decimal(digits)
        case (.string, .string(let text)): return .string(text)
        case (.string, _): return .string(LenientJSON.text(json))
        case (.binary, .string(let text)): return Base64Text.decode(Array(text.utf8)[...]).map { .binary($0) }
        case (.date, .string(let text)):
            if let datePattern {
                guard case .success(let parsed) = datePattern.parse(text) else { return nil }
                return .integer(Int64(parsed.local.date.days))
            }
            return DateTimeText.parseDate(text.utf8).map { .integer(Int64($0)) }
        case (.timestamp, .string(let text)):
            if let timestampPattern {
                guard case .success(let parsed) = timestampPattern.parse(text), let local = parsed.local.micros else { return nil }
                return .integer((parsed.zone ?? context.timeZone).utc(fromLocal: local))
            }
            return DateTimeText.parseTimestamp(text.utf8, in: context.timeZone, now: context.nowMicros).map { .integer($0) }
        case (.timestamp, .number(let digits)):
            guard let seconds = Int64(digits) else { return nil }
            let (micros, overflow) = seconds.multipliedReportingOverflow(by: Micros.perSecond)
            return overflow ? nil : .integer(micros)
        case (.timestampNTZ, .string(let text)):
            if let ntzPattern {
                guard case .success(let parsed) = ntzPattern.parse(text) else { return nil }
                return parsed.local.micros.map { .integer($0) }
            }
            return DateTimeText.parseTimestampNTZ(text.utf8, allowZone: false).map { .integer($0) }
        case (.yearMonthInterval(let range), .string(let text)):
            return (try? IntervalText.parseYearMonth(text.utf8, range)).map { .integer(Int64($0)) }
        case (.dayTimeInterval(let range), .string(let text)): return (try? IntervalText.parseDayTime(text.utf8, range)).map { .integer($0) }
        case (.variant, _): return VariantNode(json).encoded
        case (.array(let element, _), .array(let items)):
            var values: [Value] = []
            for item in items {
                guard let value = convert(item, element) else { return nil }
                values.append(value)
            }
            return .list(values)
        case (.map(_, let inner, _), .object(let object)):
            var entries: [Value.MapEntry] = []
            for member in object.members {
                guard let value = convert(member.value, inner) else { return nil }
                entries.append(.init(.string(member.name), value))
            }
            return .map(entries)
        case (.structure(let fields), .object(let object)):
            var parts: [Value] = []
            for field in fields { parts.append(object[field.name].flatMap { convert($0, field.type) } ?? .null) }
            return .structure(parts)
        default: return nil
        }
    }

    private static func special(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "Infinity", "+Infinity", "+INF": .infinity
        case "-Infinity", "-INF": -.infinity
        default: nil
        }
    }
}

/// The schema of JSON values.
enum JSONInference {
    static func type(_ value: JSONValue, prefersDecimal: Bool = false) -> DataType {
        switch value {
        case .null: return .void
        case .bool: return .boolean
        case .string: return .text
        case .number(let digits):
            if Int64(digits) != nil { return .long }
            if Int128(digits) != nil || digits.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: "-") }) {
                let count = digits.utf8.count - (digits.hasPrefix("-") ? 1 : 0)
                return count <= 38 ? .decimal(DecimalType(count, 0)) : .double
            }
            if prefersDecimal, let decimal = decimal(digits) { return .decimal(decimal) }
            return .double
        case .array(let items):
            return .array(element: items.map { type($0, prefersDecimal: prefersDecimal) }.reduce(.void, merge), containsNull: true)
        case .object(let object):
            return .structure(
                object.members.map { Field($0.name, type($0.value, prefersDecimal: prefersDecimal)) }.sorted { $0.name < $1.name })
        }
    }

    /// The smallest DECIMAL that holds a number with a fraction; nil if there is none.
    private static func decimal(_ digits: String) -> DecimalType? {
        guard let parts = NumberParser.parts(Array(digits.utf8)[...]), !digits.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) else {
            return nil
        }
        let scale = parts.fraction.count
        let whole = digits.utf8.prefix { $0 != UInt8(ascii: ".") }.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "0") }.count
        let precision = max(whole + scale, scale)
        return precision <= 38 && precision > 0 ? DecimalType(precision, scale) : nil
    }

    /// The type for values of both.
    static func merge(_ left: DataType, _ right: DataType) -> DataType {
        switch (left, right) {
        case (.void, let other), (let other, .void): return other
        case (.structure(let a), .structure(let b)):
            var fields = a
            for field in b {
                if let index = fields.firstIndex(where: { $0.name == field.name }) {
                    fields[index].type = merge(fields[index].type, field.type)
                } else {
                    fields.append(field)
                }
            }
            return .structure(fields.sorted { $0.name < $1.name })
        case (.array(let a, _), .array(let b, _)): return .array(element: merge(a, b), containsNull: true)
        default:
            if left == right { return left }
            if left.isNumeric, right.isNumeric { return Coercion.leastCommonType(left, right) ?? .text }
            return .text
        }
    }
}

extension DataType {
    /// What nothing was known of as STRING.
    var settled: DataType {
        switch self {
        case .void: .text
        case .array(let element, let containsNull): .array(element: element.settled, containsNull: containsNull)
        case .structure(let fields): .structure(fields.map { Field($0.name, $0.type.settled) })
        default: self
        }
    }
}

let jsonFunctions: [ScalarFunction] = [.getJSONObject, .jsonArrayLength, .jsonObjectKeys, .toJSON, .fromJSON, .schemaOfJSON]

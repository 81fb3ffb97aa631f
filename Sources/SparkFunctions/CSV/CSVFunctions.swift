import Columnar
import SparkErrors

extension ScalarFunction {
    static let fromCSV = ScalarFunction(
        "from_csv", group: .csv, since: "3.0.0",
        usage: "from_csv(csvStr, schema[, options]) - A struct from a line of CSV, by a schema in DDL; fields that do not fit are NULL.",
        examples: [
            Example("from_csv('1, 0.8', 'a INT, b DOUBLE')", "{\"a\":1,\"b\":0.8}"),
            Example("from_csv('1;\"x;y\"', 'a INT, b STRING', map('sep', ';'))", "{\"a\":1,\"b\":\"x;y\"}"),
            Example(
                "from_csv('26/08/2015', 'time Timestamp', map('timestampFormat', 'dd/MM/yyyy'))", "{\"time\":\"2015-08-26T00:00:00.000Z\"}"),
            Example("from_csv('1,x', 'a INT, b INT')", "{\"a\":1,\"b\":null}"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...3)
        guard Coercion.implicitCast(call.arguments[0].type, to: .string) != nil else { throw call.unexpectedType(0, "\"STRING\"") }
        let type = try schema(call, 1, context).asNullable
        guard case .structure(let fields) = type else {
            throw SQLError(
                .invalidSchemaNonStructType,
                ["inputSchema": SQLQuote.expr(call.arguments[1].sql), "dataType": SQLQuote.type(type.sqlText)], phase: .analysis)
        }
        for field in fields {
            switch field.type {
            case .array, .map, .structure, .void:
                throw SQLError(.unsupportedDatatype, ["typeName": SQLQuote.type(field.type.sqlText)], phase: .analysis)
            default: break
            }
        }
        let options = try JSONOptions(call, 2, context).refusing(JSONOptions.refusedOfCSV, "from_csv")
        let mode = (options["mode"] ?? "PERMISSIVE").uppercased()
        guard mode == "PERMISSIVE" || mode == "FAILFAST" else {
            throw SQLError(.parseModeUnsupported, ["funcName": SQLQuote.id("from_csv"), "mode": mode], phase: .analysis)
        }
        let dialect = CSVDialect(options, writing: false)
        let maxCharacters = options["maxCharsPerColumn"].flatMap(Int.init)
        let corrupt = fields.firstIndex { $0.name == options["columnNameOfCorruptRecord"] ?? "_corrupt_record" && $0.type.isString }
        let types = [DataType.text, .text] + (call.count == 3 ? [call.types[2]] : [])
        return BoundScalar(types, returns: type, nullable: true) { (arguments, _, context) throws(SQLError) in
            let reader = try FieldReader(options, context)
            return try Rows.map(arguments[0], to: type) { (line: ByteSlice) throws(SQLError) -> Value? in
                if dialect.isComment(line) { return .structure([Value](repeating: .null, count: fields.count)) }
                let tokens = dialect.tokens(line)
                if let limit = maxCharacters, limit > 0, tokens.contains(where: { UTF8Text.count(($0 ?? [])[...]) > limit }) {
                    throw SQLError(.malformedCsvRecord, ["badRecord": String(decoding: line, as: UTF8.self)])
                }
                var hasFailed = false
                var parts: [Value] = []
                var next = 0
                for index in fields.indices {
                    if index == corrupt {
                        parts.append(.null)
                        continue
                    }
                    defer { next += 1 }
                    guard tokens.indices.contains(next) else {
                        hasFailed = true
                        parts.append(.null)
                        continue
                    }
                    guard let token = tokens[next] else {
                        parts.append(.null)
                        continue
                    }
                    let text = FieldReader.trimmed(token, fields[index].type)
                    guard let value = reader.value(text, fields[index].type) else {
                        hasFailed = true
                        parts.append(.null)
                        continue
                    }
                    parts.append(value)
                }
                if next < tokens.count { hasFailed = true }
                if hasFailed, mode == "FAILFAST" {
                    throw SQLError(.malformedRecordInParsingWithoutSuggestion, ["badRecord": "[null]", "failFastMode": "FAILFAST"])
                }
                if hasFailed, let corrupt { parts[corrupt] = .string(String(decoding: line, as: UTF8.self)) }
                return .structure(parts)
            }
        }
    }

    static let schemaOfCSV = ScalarFunction(
        "schema_of_csv", group: .csv, since: "3.0.0", usage: "schema_of_csv(csv[, options]) - The schema of a constant line of CSV, in DDL.",
        examples: [Example("schema_of_csv('1,abc,1.5')", "STRUCT<_c0: INT, _c1: STRING, _c2: DOUBLE>")],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        let text = try call.constantText(0, "csv")
        let options = try JSONOptions(call, 1, context).refusing(JSONOptions.refusedOfCSV + ["preferDate"], "schema_of_csv")
        let reader = try FieldReader(options, context)
        let tokens = CSVDialect(options, writing: false).tokens(Array(text.utf8)[...])
        let schema = DataType.structure(
            tokens.enumerated().map { Field("_c\($0)", $1.map { reader.inferred($0) } ?? .text) }
        ).sqlText
        return BoundScalar(call.types, returns: .text, nullable: false) { (_, rowCount, _) throws(SQLError) in
            try Column.repeated(.string(schema), type: .text, count: rowCount)
        }
    }

    static let toCSV = ScalarFunction(
        "to_csv", group: .csv, since: "3.0.0", usage: "to_csv(struct[, options]) - A struct as a line of CSV.",
        examples: [
            Example("to_csv(named_struct('a', 1, 'b', 'x,y', 'c', NULL))", "1,\"x,y\","),
            Example("to_csv(named_struct('t', TIMESTAMP'2015-08-26 00:00:00'), map('timestampFormat', 'dd/MM/yyyy'))", "26/08/2015"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        guard case .structure(let fields) = call.arguments[0].type, !fields.contains(where: { $0.type == .variant || $0.type == .binary }) else {
            throw call.mismatch(
                .datatypeMismatchUnsupportedInputType,
                ["functionName": SQLQuote.id(call.name), "dataType": SQLQuote.type(call.arguments[0].type.sqlText)])
        }
        let options = try JSONOptions(call, 1, context).refusing(["charToEscapeQuoteEscaping"], "to_csv")
        let dialect = CSVDialect(options, writing: true)
        return BoundScalar(call.types, returns: .text, nullable: true) { (arguments, _, context) throws(SQLError) in
            let writer = try FieldWriter(options, context)
            return try Rows.map(arguments[0], to: .text) { (value: Value) throws(SQLError) -> [UInt8]? in
                guard case .structure(let parts) = value else { return nil }
                var line: [UInt8] = []
                for (index, (part, field)) in zip(parts, fields).enumerated() {
                    if index > 0 { line += dialect.separator }
                    dialect.append(part.isNull ? nil : Array(writer.text(part, field.type).utf8), isText: field.type.isString, to: &line)
                }
                return line
            }
        }
    }
}

/// Values as text in CSV and XML: times by the options' patterns, everything else as CAST prints it.
struct FieldWriter {
    private let context: EvaluationContext
    private let datePattern: DateTimePattern?
    private let timestampPattern: DateTimePattern
    private let ntzPattern: DateTimePattern

    init(_ options: JSONOptions, _ context: EvaluationContext) throws(SQLError) {
        self.context = try options.zoned(context)
        var datePattern: DateTimePattern?
        if let text = options["dateFormat"] { datePattern = try DateTimePattern(text, parsing: false) }
        self.datePattern = datePattern
        timestampPattern = try DateTimePattern(options["timestampFormat"] ?? "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", parsing: false)
        ntzPattern = try DateTimePattern(options["timestampNTZFormat"] ?? "yyyy-MM-dd'T'HH:mm:ss[.SSS]", parsing: false)
    }

    func text(_ value: Value, _ type: DataType) -> String {
        switch (type, value) {
        case (.timestamp, .integer(let micros)):
            return timestampPattern.format(local: context.timeZone.local(fromUTC: micros), utc: micros, context.timeZone)
        case (.variant, .structure(let parts)): return VariantColumn.decode(parts)?.json(context.timeZone) ?? ""
        case (.timestampNTZ, .integer(let micros)): return ntzPattern.format(local: micros, utc: micros, .utc)
        case (.date, .integer(let days)):
            guard let datePattern else { return Cast.text(of: value, type, context) }
            let micros = days.multipliedReportingOverflow(by: Micros.perDay).partialValue
            return datePattern.format(local: micros, utc: micros, .utc)
        default: return Cast.text(of: value, type, context)
        }
    }
}

extension Call {
    /// The text of an argument that must be a constant and not NULL.
    func constantText(_ index: Int, _ name: String) throws(SQLError) -> String {
        guard let constant = arguments[index].constant else {
            throw mismatch(
                .datatypeMismatchNonFoldableInput,
                ["inputName": SQLQuote.id(name), "inputType": "\"STRING\"", "inputExpr": SQLQuote.expr(arguments[index].sql)])
        }
        guard case .string(let text) = constant else { throw mismatch(.datatypeMismatchUnexpectedNull, ["exprName": name]) }
        return text
    }
}

let csvFunctions: [ScalarFunction] = [.fromCSV, .schemaOfCSV, .toCSV]

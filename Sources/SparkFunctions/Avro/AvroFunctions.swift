import Columnar
import SparkErrors

extension ScalarFunction {
    private static func avroSchema(_ call: Call, _ index: Int) throws(SQLError) -> AvroType {
        guard call.arguments[index].type.isString, case .string(let text)? = call.arguments[index].constant else {
            throw call.mismatch(
                .datatypeMismatchNonFoldableInput,
                [
                    "inputName": SQLQuote.id("jsonFormatSchema"), "inputType": "\"STRING\"",
                    "inputExpr": SQLQuote.expr(call.arguments[index].sql),
                ])
        }
        do throws(AvroType.Malformed) { return try AvroType(parsing: text) } catch {
            throw SQLError(.unsupportedFeatureNotSimulated, ["feature": "\(call.name)() by this Avro schema: \(error.reason)"], phase: .analysis)
        }
    }

    /// What is not given is shown as NULL.
    private static func shown(_ count: Int) -> CallSyntax {
        .custom { name, arguments in
            "\(name)(\((arguments + [String](repeating: "NULL", count: max(0, count - arguments.count))).joined(separator: ", ")))"
        }
    }

    static let fromAvro = ScalarFunction(
        "from_avro", group: .conversion, since: "4.0.0",
        usage: "from_avro(bin, jsonFormatSchema[, options]) - A value from Avro's binary encoding, by a schema in JSON.",
        examples: [
            Example("from_avro(X'02', '{\"type\":\"int\"}')", "1"),
            Example(
                "from_avro(X'020261', '{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"i\",\"type\":\"int\"},{\"name\":\"s\",\"type\":\"string\"}]}')",
                "{\"i\":1,\"s\":\"a\"}"),
        ], syntax: shown(3)
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...3)
        guard call.arguments[0].type == .binary || call.arguments[0].type == .void else { throw call.unexpectedType(0, "\"BINARY\"") }
        let schema = try avroSchema(call, 1)
        let options = call.count == 3 && call.arguments[2].type == .void ? JSONOptions([:]) : try JSONOptions(call, 2, context)
        let mode = (options["mode"] ?? "FAILFAST").uppercased()
        guard mode == "PERMISSIVE" || mode == "FAILFAST" else {
            throw SQLError(.parseModeUnsupported, ["funcName": SQLQuote.id("from_avro"), "mode": mode], phase: .analysis)
        }
        _ = try options.refusing(["avroSchema", "datetimeRebaseMode", "enableStableIdentifiersForUnionType", "recursiveFieldMaxDepth"], "from_avro")
        let type = schema.sqlType.type
        let types = [DataType.binary, .text] + (call.count == 3 ? [call.types[2]] : [])
        // A record that is malformed is one of NULLs, so its fields may all be.
        let result = mode == "PERMISSIVE" ? type.asNullable : type
        return BoundScalar(types, returns: result, nullable: true) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], to: result) { (bytes: ByteSlice) throws(SQLError) -> Value? in
                var reader = AvroReader(bytes)
                do throws(AvroReader.Malformed) { return try reader.value(schema) } catch {
                    guard mode == "PERMISSIVE" else { throw SQLError(.malformedAvroMessage, ["mode": "FAILFAST"]) }
                    if case .structure(let fields) = result { return .structure(fields.map { _ in .null }) }
                    return nil
                }
            }
        }
    }

    static let toAvro = ScalarFunction(
        "to_avro", group: .conversion, since: "4.0.0",
        usage: "to_avro(expr[, jsonFormatSchema]) - A value in Avro's binary encoding, by a schema in JSON or one that follows from its type.",
        examples: [
            Example("to_avro(1, '\"int\"')", "02"), Example("to_avro('a', '[\"null\",\"string\"]')", "020261"),
        ], syntax: shown(2)
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...2)
        let argument = call.arguments[0]
        let schema: AvroType
        if call.count == 2, call.arguments[1].type != .void {
            schema = try avroSchema(call, 1)
            guard schema.takes(argument.type, nullable: argument.nullable) else {
                throw SQLError(
                    .unsupportedFeatureNotSimulated, ["feature": "to_avro() of \(argument.type.sqlText) by a schema of other types"], phase: .analysis
                )
            }
        } else {
            guard let made = AvroType(argument.type, nullable: argument.nullable) else {
                throw SQLError(.unsupportedFeatureNotSimulated, ["feature": "to_avro() of \(argument.type.sqlText)"], phase: .analysis)
            }
            schema = made
        }
        let types = [argument.type] + call.types.dropFirst()
        return BoundScalar(types, returns: .binary, nullable: argument.nullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], to: .binary) { (value: Value) throws(SQLError) -> [UInt8]? in
                var writer = AvroWriter()
                guard writer.write(value, schema) else {
                    throw SQLError(.unsupportedFeatureNotSimulated, ["feature": "to_avro() of a value that the schema has not"])
                }
                return writer.bytes
            }
        }
    }

    static let schemaOfAvro = ScalarFunction(
        "schema_of_avro", group: .conversion, since: "4.1.0",
        usage: "schema_of_avro(jsonFormatSchema) - The SQL type of an Avro schema in JSON, in DDL.",
        examples: [
            Example("schema_of_avro('{\"type\":\"array\",\"items\":\"int\"}')", "ARRAY<INT>"), Example("schema_of_avro('\"string\"')", "STRING"),
        ], syntax: shown(2)
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        let text = try avroSchema(call, 0).sqlType.type.sqlText
        return BoundScalar([.text], returns: .text, nullable: false) { (_, rowCount, _) throws(SQLError) in
            try Column.repeated(.string(text), type: .text, count: rowCount)
        }
    }
}

extension AvroType {
    /// Whether values of a SQL type can be written by this schema.
    fileprivate func takes(_ type: DataType, nullable: Bool) -> Bool {
        switch (self, type) {
        case (.union(let members), _):
            // More than one member besides null leaves open which one is meant.
            let others = members.filter { $0 != .null }
            guard others.count == 1, members.count <= 2 else { return false }
            return (members.count == 2 || !nullable) && others[0].takes(type, nullable: false)
        case (_, _) where nullable: return takes(type, nullable: false) && self != .null
        case (.null, .void), (.boolean, .boolean), (.long, .long), (.float, .float), (.double, .double), (.date, .date): return true
        case (.int, .byte), (.int, .short), (.int, .int), (.int, .yearMonthInterval), (.long, .dayTimeInterval): return true
        case (.string, .string), (.enumeration, .string), (.bytes, .binary), (.fixed, .binary): return true
        case (.timestamp, .timestamp), (.timestampNTZ, .timestampNTZ): return true
        case (.decimal(let wanted, _), .decimal(let given)): return wanted == given
        case (.array(let items), .array(let element, let containsNull)): return items.takes(element, nullable: containsNull)
        case (.map(let values), .map(let key, let value, let containsNull)): return key.isString && values.takes(value, nullable: containsNull)
        case (.record(let members), .structure(let fields)):
            return members.count == fields.count
                && zip(members, fields).allSatisfy { $0.name == $1.name && $0.type.takes($1.type, nullable: $1.nullable) }
        default: return false
        }
    }
}

let avroFunctions: [ScalarFunction] = [.fromAvro, .toAvro, .schemaOfAvro]

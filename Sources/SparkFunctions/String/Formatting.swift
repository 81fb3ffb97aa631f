import Columnar
import SparkErrors

extension ScalarFunction {
    static let formatNumber = ScalarFunction(
        "format_number", group: .string, since: "1.5.0",
        usage: "format_number(expr1, expr2) - A number with separators and expr2 places, or by a pattern such as #,##0.00.",
        examples: [
            Example("format_number(12332.123456, 4)", "12,332.1235"), Example("format_number(12332.123456, '##################.###')", "12332.123"),
            Example("format_number(0.165D, 2)", "0.17"),
            Example("format_number(1.5, 0)", "2"), Example("format_number(5, -1)", "NULL"),
            Example("format_number(-12, '#,##0.00;(#,##0.00)')", "(12.00)"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        let given = call.arguments[0].type
        guard given.isNumeric || given == .void else { throw call.unexpectedType(0, "\"NUMERIC\"") }
        let type: DataType = given == .void ? .double : given
        let byPattern = call.arguments[1].type.isString
        guard byPattern || call.arguments[1].type.isInteger || call.arguments[1].type == .void else {
            throw call.unexpectedType(1, "(\"INT\" or \"STRING\")")
        }
        return BoundScalar([type, byPattern ? .text : .int], returns: .text, nullable: true) { (arguments, rowCount, _) throws(SQLError) in
            let validity = Kernel.combinedValidity(arguments)
            var known: (text: String, format: DecimalFormat)?
            return try Rows.make(.text, rowCount, validity: validity) { (row) throws(SQLError) -> String? in
                let format: DecimalFormat
                switch arguments[1].value(at: row) {
                case .integer(let places):
                    if places < 0 { return nil }
                    if places > 1 << 16 { throw .tooLong(1 << 16) }
                    format = DecimalFormat(places: Int(places))
                case .string(let pattern):
                    if let known, known.text == pattern {
                        format = known.format
                    } else {
                        guard let made = DecimalFormat(pattern) else {
                            throw SQLError.invalidArgument("fmt", of: "format_number", "Malformed pattern \"\(pattern)\"")
                        }
                        known = (pattern, made)
                        format = made
                    }
                default: return nil
                }
                switch arguments[0].value(at: row) {
                case .integer(let number): return format.text(ExactDigits(unscaled: Int128(number), scale: 0))
                case .decimal(let digits):
                    let scale = if case .decimal(let decimal) = type { decimal.scale } else { 0 }
                    return format.text(ExactDigits(unscaled: digits, scale: scale))
                case .double(let number): return ExactDigits(number).map { format.text($0) } ?? (number.isNaN ? "NaN" : (number < 0 ? "-∞" : "∞"))
                case .float(let number):
                    return ExactDigits(Double(number)).map { format.text($0) } ?? (number.isNaN ? "NaN" : (number < 0 ? "-∞" : "∞"))
                default: return nil
                }
            }
        }
    }

    static let formatString = ScalarFunction(
        "format_string", aliases: ["printf"], group: .string, since: "1.5.0",
        usage: "format_string(strfmt, obj, …) - The arguments by a format of Java's Formatter.",
        examples: [
            Example("format_string('Hello World %d %s', 100, 'days')", "Hello World 100 days"),
            Example("format_string('%5.2f|%-5s|%05d|%x|%,d', 3.14159D, 'ab', 42, 255, 1234567)", " 3.14|ab   |00042|ff|1,234,567"),
            Example("printf('%2$s %1$s', 'a', 'b')", "b a"), Example("format_string('%e %+d %b %%', 12345.678D, 5, true)", "1.234568e+04 +5 true %"),
            Example("format_string('%08.2f|%(d', -3.14159D, -5)", "-0003.14|(5)"),
        ]
    ) { (call, _) throws(SQLError) in
        if call.arguments.isEmpty { throw call.wrongCount("> 0") }
        guard Coercion.implicitCast(call.arguments[0].type, to: .string) != nil else { throw call.unexpectedType(0, "\"STRING\"") }
        let types = Array(call.types.dropFirst())
        return BoundScalar([.text] + types, returns: .text, nullable: call.arguments[0].nullable) { (arguments, rowCount, context) throws(SQLError) in
            var known: (text: String, format: JavaFormat)?
            return try Rows.make(.text, rowCount, validity: arguments[0].validity) { (row) throws(SQLError) -> String? in
                guard case .string(let text) = arguments[0].value(at: row) else { return nil }
                let format: JavaFormat
                if let known, known.text == text { format = known.format } else { format = try JavaFormat(text) }
                known = (text, format)
                return try format.text(arguments.dropFirst().map { $0.value(at: row) }, types, context)
            }
        }
    }

    // MARK: to_char, to_number

    static let toChar = ScalarFunction(
        "to_char", aliases: ["to_varchar"], group: .string, since: "3.4.0",
        usage: "to_char(expr, format) - A number, date, timestamp or binary as text by a pattern.",
        examples: [
            Example("to_char(454, '999')", "454"), Example("to_char(454.00, '000D00')", "454.00"), Example("to_char(12454, '99G999')", "12,454"),
            Example("to_char(78.12, '$99.99')", "$78.12"),
            Example("to_char(-12454.8, '99G999D9S')", "12,454.8-"), Example("to_char(5, 'S999')", "  +5"), Example("to_char(111.11, '99.9')", "##.#"),
            Example("to_char(DATE'2016-04-08', 'y')", "2016"),
            Example("to_char(X'537061726B', 'base64')", "U3Bhcms="), Example("to_char(0.5, '999.99')", "  0.50"),
            Example("to_char(-12, '99PR')", "<12>"),
        ],
        syntax: .custom { _, arguments in "to_char(\(arguments.joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...2)
        switch call.arguments[0].type {
        case .date, .timestamp, .timestampNTZ:
            let inner = try ScalarFunction.dateFormat.bind(call.arguments, context)
            return BoundScalar(
                inner.argumentTypes, returns: .text, nullable: inner.nullable,
                sql: "date_format(\(call.arguments.map(\.sql).joined(separator: ", ")))"
            ) { (arguments, rowCount, context) throws(SQLError) in try inner.evaluate(arguments, rowCount: rowCount, context) }
        case .binary: return try binaryText(call, context)
        default: break
        }
        guard let type = Coercion.implicitCast(call.arguments[0].type, to: .decimal), case .decimal(let decimal) = type else {
            throw call.unexpectedType(0, "\"DECIMAL\"")
        }
        guard case .string(let text) = try call.constant(1, "format", .text, context) else {
            return BoundScalar([type, .text], returns: .text, nullable: true) { (_, rowCount, _) throws(SQLError) in .nulls(.text, count: rowCount) }
        }
        let pattern = try NumberPattern(text)
        return BoundScalar([type, .text], returns: .text, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], to: .text) { (digits: Int128) throws(SQLError) -> String? in pattern.text(digits, scale: decimal.scale) }
        }
    }

    private static func binaryText(_ call: Call, _ context: EvaluationContext) throws(SQLError) -> BoundScalar {
        guard case .string(let given) = try call.constant(1, "format", .text, context) else {
            return BoundScalar([.binary, .text], returns: .text, nullable: true) { (_, rowCount, _) throws(SQLError) in .nulls(.text, count: rowCount)
            }
        }
        let format = given.lowercased()
        guard ["base64", "hex", "utf-8"].contains(format) else {
            throw SQLError(
                .invalidParameterValueBinaryFormat,
                ["parameter": SQLQuote.id("format"), "functionName": SQLQuote.id(call.name), "invalidFormat": SQLLiteral.quoted(given)],
                phase: .analysis)
        }
        let given0 = call.arguments[0].sql
        let sql: String =
            format == "utf-8"
            ? "\(call.name)(\(given0), \(call.arguments[1].sql))" : "\(call.name == "to_varchar" ? call.name : format)(\(given0))"
        return BoundScalar([.binary, .text], returns: .text, nullable: call.anyNullable, sql: sql) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], to: .text) { (bytes: ByteSlice) throws(SQLError) -> [UInt8]? in
                switch format {
                case "base64": Base64Text.encode(bytes)
                case "hex": HexText.upperBytes(bytes)
                default: Array(String(decoding: bytes, as: UTF8.self).utf8)
                }
            }
        }
    }

    private static func numberConversion(_ name: String, attempt: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .string, since: "3.3.0", usage: usage, examples: examples) { (call, context) throws(SQLError) in
            let types = try Signature([.string, .string], returns: .text).argumentTypes(call)
            guard case .string(let text) = try call.constant(1, "format", .text, context) else {
                let type = DataType.decimal(DecimalType(10, 0))
                return BoundScalar(types, returns: type, nullable: true) { (_, rowCount, _) throws(SQLError) in .nulls(type, count: rowCount) }
            }
            let pattern = try NumberPattern(text)
            let type = DataType.decimal(pattern.type)
            return BoundScalar(types, returns: type, nullable: attempt || call.anyNullable) { (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], to: type) { (input: ByteSlice) throws(SQLError) -> Int128? in
                    if let digits = pattern.parse(input) { return digits }
                    if attempt { return nil }
                    throw SQLError(
                        .invalidFormatMismatchInput,
                        ["inputType": SQLQuote.type("STRING"), "input": String(decoding: input, as: UTF8.self), "format": text])
                }
            }
        }
    }

    static let toNumber = numberConversion(
        "to_number", attempt: false, usage: "to_number(expr, fmt) - A decimal from text by a pattern.",
        examples: [
            Example("to_number('454', '999')", "454"), Example("to_number('454.00', '000.00')", "454.00"),
            Example("to_number('12,454', '99,999')", "12454"),
            Example("to_number('$78.12', '$99.99')", "78.12"), Example("to_number('12,454.8-', '99,999.9S')", "-12454.8"),
        ])
    static let tryToNumber = numberConversion(
        "try_to_number", attempt: true, usage: "try_to_number(expr, fmt) - As to_number, but NULL where that fails.",
        examples: [
            Example("try_to_number('x', '999')", "NULL"), Example("try_to_number('1234', '999')", "NULL"),
            Example("try_to_number('<12>', '99PR')", "-12"),
        ])

    static let sentences = ScalarFunction(
        "sentences",
        Signature(
            [.string, .string, .string], optional: 2, returns: .array(element: .array(element: .text, containsNull: false), containsNull: false)),
        group: .string, since: "2.0.0", usage: "sentences(str[, lang[, country]]) - The words of each sentence; the language changes nothing.",
        examples: [Example("sentences('Hi there! Good morning.')", "[[\"Hi\",\"there\"],[\"Good\",\"morning\"]]"), Example("sentences('')", "[]")],
        syntax: .custom { name, arguments in "\(name)(\((arguments + ["", ""].dropFirst(max(0, arguments.count - 1))).joined(separator: ", ")))" },
        kernel: RowKernel { (arguments, type, _, _) throws(SQLError) in
            try Rows.map(arguments[0], to: type) { (text: String) throws(SQLError) -> Value? in
                var sentences: [Value] = []
                var words: [Value] = []
                var word = ""
                let characters = Array(text)
                func endWord() {
                    if !word.isEmpty { words.append(.string(word)) }
                    word = ""
                }
                for (index, character) in characters.enumerated() {
                    let next = index + 1 < characters.count ? characters[index + 1] : nil
                    let inner = !word.isEmpty && next.map { $0.isLetter || $0.isNumber } == true
                    if character.isLetter || character.isNumber || (inner && (character == "'" || (character == "." && word.last?.isNumber == true)))
                    {
                        word.append(character)
                        continue
                    }
                    endWord()
                    if ".!?".contains(character), next.map({ $0.isWhitespace }) ?? true, !words.isEmpty {
                        sentences.append(.list(words))
                        words = []
                    }
                }
                endWord()
                if !words.isEmpty { sentences.append(.list(words)) }
                return .list(sentences)
            }
        })
}

let formattingFunctions: [ScalarFunction] = [.formatNumber, .formatString, .toChar, .toNumber, .tryToNumber, .sentences]

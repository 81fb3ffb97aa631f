import Columnar
import SparkErrors

extension ScalarFunction {
    static let hex = ScalarFunction(
        "hex", group: .string, since: "1.5.0", usage: "hex(expr) - A whole number, or the bytes of a string or binary, in hexadecimal.",
        examples: [
            Example("hex(17)", "11"), Example("hex('Spark SQL')", "537061726B2053514C"), Example("hex(-1)", "FFFFFFFFFFFFFFFF"),
            Example("hex(X'0AFF')", "0AFF"),
        ]
    ) { (call, _) throws(SQLError) in
        let types = try Signature([.oneOf([.exact(.long), .exact(.binary), .string])], returns: .text).argumentTypes(call)
        let isNumber = types[0] == .long
        return BoundScalar(types, returns: .text, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            if isNumber {
                return try Rows.map(arguments[0], to: .text) { (value: Int64) throws(SQLError) -> String? in
                    String(UInt64(bitPattern: value), radix: 16, uppercase: true)
                }
            }
            return try Rows.map(arguments[0], to: .text) { (bytes: ByteSlice) throws(SQLError) -> [UInt8]? in HexText.upperBytes(bytes) }
        }
    }

    static let unhex = ScalarFunction(
        "unhex", Signature([.string], returns: .binary), group: .string, since: "1.5.0",
        usage: "unhex(expr) - The bytes that hexadecimal digits stand for; NULL if they are none.",
        examples: [Example("decode(unhex('537061726B'), 'UTF-8')", "Spark"), Example("unhex('XY')", "NULL"), Example("unhex('F0A')", "0F0A")],
        nulls: .always,
        kernel: .unary { (text: ByteSlice) in HexText.bytes(text) })

    static let base64 = ScalarFunction(
        "base64", Signature([.exact(.binary)], returns: .text), group: .string, since: "1.5.0",
        usage: "base64(bin) - The bytes in base 64, in lines of 76 characters.",
        examples: [Example("base64('Spark SQL')", "U3BhcmsgU1FM"), Example("base64(X'616263')", "YWJj")],
        kernel: .unary { (bytes: ByteSlice) in Base64Text.encode(bytes) })
    static let unbase64 = ScalarFunction(
        "unbase64", Signature([.string], returns: .binary), group: .string, since: "1.5.0",
        usage: "unbase64(str) - The bytes that base-64 digits stand for.",
        examples: [Example("unbase64('U3BhcmsgU1FM')", "537061726B2053514C")],
        kernel: .unary { (text: ByteSlice) throws(SQLError) -> [UInt8]? in
            if let bytes = Base64Text.decode(text) { return bytes }
            throw conversion("BASE64", "unbase64", String(decoding: text, as: UTF8.self))
        })

    private static func conversion(_ format: String, _ function: String, _ text: String) -> SQLError {
        SQLError(
            .conversionInvalidInput,
            [
                "str": SQLLiteral.quoted(text), "fmt": SQLLiteral.quoted(format), "targetType": SQLQuote.type("BINARY"),
                "suggestion": SQLQuote.id("try_to_binary"),
            ])
    }

    private static func binaryConversion(_ name: String, attempt: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .conversion, since: "3.3.0", usage: usage, examples: examples) { (call, context) throws(SQLError) in
            let types = try Signature([.string, .string], optional: 1, returns: .binary).argumentTypes(call)
            var format = "hex"
            if call.count == 2 {
                guard case .string(let given) = try call.constant(1, "fmt", .text, context) else {
                    return BoundScalar(types, returns: .binary, nullable: true) { (_, rowCount, _) throws(SQLError) in
                        .nulls(.binary, count: rowCount)
                    }
                }
                format = given.lowercased()
                guard ["hex", "utf-8", "utf8", "base64"].contains(format) else {
                    if attempt {
                        return BoundScalar(types, returns: .binary, nullable: true) { (_, rowCount, _) throws(SQLError) in
                            .nulls(.binary, count: rowCount)
                        }
                    }
                    throw call.mismatch(
                        .datatypeMismatchInvalidArgValue,
                        [
                            "inputName": "fmt", "requireType": "case-insensitive \"STRING\"",
                            "validValues": "'hex', 'utf-8', 'utf8', or 'base64'", "inputValue": SQLLiteral.quoted(given),
                        ])
                }
            }
            let kind = format
            return BoundScalar(types, returns: .binary, nullable: attempt || call.anyNullable) { (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], to: .binary) { (text: ByteSlice) throws(SQLError) -> [UInt8]? in
                    let bytes: [UInt8]? =
                        switch kind {
                        case "hex": HexText.bytes(text)
                        case "base64": Base64Text.decode(text, strict: true)
                        default: Array(text)
                        }
                    if bytes == nil, !attempt { throw conversion(kind.uppercased(), name, String(decoding: text, as: UTF8.self)) }
                    return bytes
                }
            }
        }
    }

    static let toBinary = binaryConversion(
        "to_binary", attempt: false, usage: "to_binary(str[, fmt]) - The bytes of a string in hex (if not said), utf-8 or base64.",
        examples: [
            Example("to_binary('abc', 'utf-8')", "616263"), Example("to_binary('0AFF')", "0AFF"), Example("to_binary('YWJj', 'base64')", "616263"),
        ])
    static let tryToBinary = binaryConversion(
        "try_to_binary", attempt: true, usage: "try_to_binary(str[, fmt]) - As to_binary, but NULL where that fails.",
        examples: [Example("try_to_binary('a!', 'base64')", "NULL"), Example("try_to_binary('616263', 'hex')", "616263")])

    // MARK: Character sets

    private static func charset(_ name: String, _ function: String) throws(SQLError) -> Charset {
        if let charset = Charset(name: name) { return charset }
        throw SQLError(
            .invalidParameterValueCharset,
            [
                "parameter": SQLQuote.id("charset"), "functionName": SQLQuote.id(function),
                "charsets": Charset.allCases.map { $0.rawValue.lowercased() }.joined(separator: ", "), "charset": name,
            ])
    }

    static let encode = ScalarFunction(
        "encode", Signature([.string, .string], returns: .binary), group: .string, since: "1.5.0",
        usage: "encode(str, charset) - The string's bytes in a character set.",
        examples: [
            Example("encode('abc', 'utf-8')", "616263"), Example("encode('aä', 'ISO-8859-1')", "61E4"), Example("encode('a', 'UTF-16')", "FEFF0061"),
        ],
        kernel: .binary { (text: String, name: String) throws(SQLError) -> [UInt8]? in
            if let bytes = try charset(name, "encode").encode(text) { return bytes }
            throw SQLError(.malformedCharacterCoding, ["function": SQLQuote.id("encode"), "charset": name])
        })

    static let decode = ScalarFunction(
        "decode", group: .string, since: "1.5.0",
        usage:
            "decode(bin, charset) - The text of bytes in a character set. decode(expr, search, result[, …][, default]) - The result beside the first search that expr is.",
        examples: [
            Example("decode(encode('abc', 'utf-8'), 'utf-8')", "abc"),
            Example("decode(2, 1, 'Southlake', 2, 'San Francisco', 'none')", "San Francisco"),
            Example("decode(6, 1, 'Southlake')", "NULL"), Example("decode(NULL, 1, 'a', NULL, 'n')", "n"),
        ]
    ) { (call, context) throws(SQLError) in
        if call.count < 2 { throw call.wrongCount("> 1") }
        if call.count > 2 { return try bindSwitch(call) }
        let types = try Signature([.exact(.binary), .string], returns: .text).argumentTypes(call)
        return BoundScalar(types, returns: .text, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], arguments[1], to: .text) { (bytes: ByteSlice, name: String) throws(SQLError) -> String? in
                if let text = try charset(name, "decode").decode(bytes) { return text }
                throw SQLError(.malformedCharacterCoding, ["function": SQLQuote.id("decode"), "charset": name])
            }
        }
    }

    /// `decode` as a switch: comparisons in which NULL is NULL.
    private static func bindSwitch(_ call: Call) throws(SQLError) -> BoundScalar {
        let pairs = (call.count - 1) / 2
        let hasDefault = call.count.isMultiple(of: 2)
        let searches = (0..<pairs).map { 1 + 2 * $0 }
        let results = searches.map { $0 + 1 } + (hasDefault ? [call.count - 1] : [])
        let compared = try call.commonType([0] + searches)
        let type = try call.commonType(results)
        let types = (0..<call.count).map { results.contains($0) ? type : compared }
        return BoundScalar(types, returns: type, nullable: true) { (arguments, rowCount, _) throws(SQLError) in
            var result = hasDefault ? arguments[call.count - 1] : .nulls(type, count: rowCount)
            for search in searches.reversed() {
                let same = Kernel.compareNullSafe(arguments[0], arguments[search]).trueBits
                result = try Column.selected(same, then: arguments[search + 1], otherwise: result, type: type)
            }
            return result
        }
    }
}

extension HexText {
    /// The bytes of digits, of which an odd first one stands alone; nil if another character is among them.
    static func bytes(_ text: ByteSlice) -> [UInt8]? {
        var bytes: [UInt8] = []
        var pending: UInt8?
        var odd = !text.count.isMultiple(of: 2)
        for character in text {
            let digit: UInt8
            switch character {
            case 48...57: digit = character - 48
            case 65...70: digit = character - 55
            case 97...102: digit = character - 87
            default: return nil
            }
            if odd {
                bytes.append(digit)
                odd = false
            } else if let high = pending {
                bytes.append(high << 4 | digit)
                pending = nil
            } else {
                pending = digit
            }
        }
        return bytes
    }
}

let encodingFunctions: [ScalarFunction] = [.hex, .unhex, .base64, .unbase64, .toBinary, .tryToBinary, .encode, .decode]

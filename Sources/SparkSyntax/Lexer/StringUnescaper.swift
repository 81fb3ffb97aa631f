/// Reads what stands between a string literal's quotes.
///
/// Escapes of Spark: `\0 \' \" \b \n \r \t \Z \\`, `\uXXXX`, `\UXXXXXXXX`, `\` and three octal digits from 000 to 177; `\%` and `\_` keep
/// their backslash for LIKE; a backslash before anything else is dropped. A doubled quote is one quote. `r'…'` and `$$…$$` are literal.
enum StringUnescaper {
    /// The value of the whole token, quotes included; its quotes have been checked by the lexer.
    static func value(of token: ArraySlice<UInt8>) -> String {
        guard let first = token.first, token.count >= 2 else { return "" }
        if first == UInt8(ascii: "$") {
            guard let open = token.dropFirst().firstIndex(of: UInt8(ascii: "$")) else { return "" }
            let width = open - token.startIndex + 1
            return String(decoding: token.dropFirst(width).dropLast(width), as: UTF8.self)
        }
        if first | 0x20 == UInt8(ascii: "r") { return String(decoding: token.dropFirst(2).dropLast(), as: UTF8.self) }
        let body = token.dropFirst().dropLast()
        guard body.contains(where: { $0 == UInt8(ascii: "\\") || $0 == first }) else { return String(decoding: body, as: UTF8.self) }
        return unescape(body, quote: first)
    }

    private static func unescape(_ body: ArraySlice<UInt8>, quote: UInt8) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(body.count)
        // The first half of a pair of UTF-16 escapes waits here for the second.
        var highSurrogate: UInt32?
        var index = body.startIndex

        func append(_ code: UInt32) {
            let scalar = Unicode.Scalar(code) ?? "?"
            result.append(contentsOf: String(Character(scalar)).utf8)
        }
        func flush() {
            if highSurrogate != nil {
                result.append(UInt8(ascii: "?"))
                highSurrogate = nil
            }
        }

        while index < body.endIndex {
            let current = body[index]
            if current == quote {
                flush()
                result.append(quote)
                index += 2
                continue
            }
            guard current == UInt8(ascii: "\\"), index + 1 < body.endIndex else {
                flush()
                result.append(current)
                index += 1
                continue
            }
            let escape = body[index + 1]
            if escape == UInt8(ascii: "u"), let code = hexadecimal(body, from: index + 2, count: 4) {
                index += 6
                if (0xD800..<0xDC00).contains(code) {
                    flush()
                    highSurrogate = code
                } else if (0xDC00..<0xE000).contains(code), let high = highSurrogate {
                    highSurrogate = nil
                    append(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00))
                } else {
                    flush()
                    append(code)
                }
                continue
            }
            flush()
            if escape == UInt8(ascii: "U"), let code = hexadecimal(body, from: index + 2, count: 8) {
                append(code)
                index += 10
            } else if let code = octal(body, from: index + 1) {
                append(code)
                index += 4
            } else {
                switch escape {
                case UInt8(ascii: "0"): result.append(0)
                case UInt8(ascii: "b"): result.append(0x08)
                case UInt8(ascii: "n"): result.append(0x0A)
                case UInt8(ascii: "r"): result.append(0x0D)
                case UInt8(ascii: "t"): result.append(0x09)
                case UInt8(ascii: "Z"): result.append(0x1A)
                case UInt8(ascii: "%"), UInt8(ascii: "_"): result.append(contentsOf: [UInt8(ascii: "\\"), escape])
                // The bytes that continue a character outside ASCII follow by themselves.
                default: result.append(escape)
                }
                index += 2
            }
        }
        flush()
        return String(decoding: result, as: UTF8.self)
    }

    private static func hexadecimal(_ body: ArraySlice<UInt8>, from start: Int, count: Int) -> UInt32? {
        guard start + count <= body.endIndex else { return nil }
        var value: UInt32 = 0
        for byte in body[start..<(start + count)] {
            guard let digit = hexadecimalDigit(byte) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func octal(_ body: ArraySlice<UInt8>, from start: Int) -> UInt32? {
        guard start + 3 <= body.endIndex, body[start] &- UInt8(ascii: "0") < 2 else { return nil }
        var value: UInt32 = 0
        for byte in body[start..<(start + 3)] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 8 else { return nil }
            value = value << 3 | UInt32(digit)
        }
        return value
    }
}

func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

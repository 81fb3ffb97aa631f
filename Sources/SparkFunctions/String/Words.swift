import Columnar
import SparkErrors

extension ScalarFunction {
    static let levenshtein = ScalarFunction(
        "levenshtein", Signature([.string, .string, .exact(.int)], optional: 1, returns: .int), group: .string, since: "1.5.0",
        usage: "levenshtein(str1, str2[, threshold]) - How many characters must change to make one the other; -1 if more than the threshold.",
        examples: [
            Example("levenshtein('kitten', 'sitting')", "3"), Example("levenshtein('kitten', 'sitting', 2)", "-1"),
            Example("levenshtein('ä', 'a')", "1"),
        ],
        kernel: RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
            var thresholds = Column(repeating: .integer(Int64(Int32.max)), type: .int, count: rowCount)
            // A threshold that is NULL is 0, as Spark reads it.
            if arguments.count > 2, let given = Int32.source(arguments[2]) {
                let isNull = arguments[2].isNull
                thresholds = Column(.int, .int32(PrimitiveArray((0..<rowCount).map { isNull($0) ? 0 : given[$0] })))
            }
            return try Rows.map(arguments[0], arguments[1], thresholds, to: type) {
                (a: String, b: String, threshold: Int32) throws(SQLError) -> Int32? in
                let distance = EditDistance.levenshtein(Array(a.unicodeScalars), Array(b.unicodeScalars))
                return distance > Int(threshold) ? -1 : Int32(distance)
            }
        })

    static let soundex = ScalarFunction(
        "soundex", Signature([.string], returns: .text), group: .string, since: "1.5.0",
        usage: "soundex(str) - A code for how a word sounds in English.",
        examples: [
            Example("soundex('Miller')", "M460"), Example("soundex('Ashcraft')", "A261"), Example("soundex('')", ""),
            Example("soundex('123')", "123"),
        ],
        kernel: .unary { (text: ByteSlice) -> [UInt8]? in
            guard let first = text.first, let initial = Soundex.capital(first) else { return Array(text) }
            var code = [initial]
            var last = Soundex.digit(initial)
            for byte in text.dropFirst() {
                guard code.count < 4 else { break }
                guard let letter = Soundex.capital(byte) else {
                    last = UInt8(ascii: "0")
                    continue
                }
                let digit = Soundex.digit(letter)
                // H and W part nothing; vowels do.
                if digit == UInt8(ascii: "7") { continue }
                if digit != UInt8(ascii: "0"), digit != last { code.append(digit) }
                last = digit
            }
            while code.count < 4 { code.append(UInt8(ascii: "0")) }
            return code
        })

    static let luhnCheck = ScalarFunction(
        "luhn_check", Signature([.string], returns: .boolean), group: .string, since: "3.5.0",
        usage: "luhn_check(str) - Whether the string of digits passes the Luhn checksum.",
        examples: [
            Example("luhn_check('8112189876')", "true"), Example("luhn_check('79927398714')", "false"), Example("luhn_check('7992739871x')", "false"),
            Example("luhn_check(NULL)", "NULL"),
        ],
        kernel: .unary { (digits: ByteSlice) in passesLuhn(digits) })

    /// Every second digit from the right is doubled; the digit sum must be a multiple of ten.
    private static func passesLuhn(_ digits: ByteSlice) -> Bool {
        var sum = 0
        var doubled = false
        for byte in digits.reversed() {
            guard byte >= 48, byte <= 57 else { return false }
            let digit = Int(byte - 48) * (doubled ? 2 : 1)
            sum += digit > 9 ? digit - 9 : digit
            doubled.toggle()
        }
        return !digits.isEmpty && sum.isMultiple(of: 10)
    }

    static let mask = ScalarFunction(
        "mask", group: .string, since: "3.4.0",
        usage: "mask(str[, upperChar[, lowerChar[, digitChar[, otherChar]]]]) - Letters and digits replaced; NULL for a kind keeps it.",
        examples: [
            Example("mask('abcd-EFGH-8765-4321')", "xxxx-XXXX-nnnn-nnnn"),
            Example("mask('abcd-EFGH-8765-4321', 'Q', 'q', 'd', 'o')", "qqqqoQQQQoddddodddd"),
            Example("mask('AbCD123-@$#', NULL, 'q')", "AqCDnnn-@$#"),
        ],
        syntax: .custom { name, arguments in
            let standard = ["X", "x", "n", "NULL"]
            return "\(name)(\((arguments + standard.dropFirst(max(0, arguments.count - 1))).joined(separator: ", ")))"
        }
    ) { (call, context) throws(SQLError) in
        let types = try Signature([.string, .string, .string, .string, .string], optional: 4, returns: .text).argumentTypes(call)
        var marks: [Unicode.Scalar?] = ["X", "x", "n", nil]
        for index in 1..<max(1, call.count) {
            switch try call.constant(index, ["upperChar", "lowerChar", "digitChar", "otherChar"][index - 1], .text, context) {
            case .string(let text):
                guard text.unicodeScalars.count == 1 else {
                    throw call.mismatch(
                        .datatypeMismatchInputSizeNotOne, ["exprName": ["upperChar", "lowerChar", "digitChar", "otherChar"][index - 1]])
                }
                marks[index - 1] = text.unicodeScalars.first
            default: marks[index - 1] = nil
            }
        }
        let replacements = marks
        return BoundScalar(types, returns: .text, nullable: call.arguments[0].nullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], to: .text) { (text: String) throws(SQLError) -> String? in
                var result = String.UnicodeScalarView()
                for scalar in text.unicodeScalars {
                    let kind =
                        switch scalar.properties.generalCategory {
                        case .uppercaseLetter: 0
                        case .lowercaseLetter: 1
                        case .decimalNumber: 2
                        default: 3
                        }
                    result.append(replacements[kind] ?? scalar)
                }
                return String(result)
            }
        }
    }

    static let quote = ScalarFunction(
        "quote", Signature([.string], returns: .text), group: .string, since: "4.1.0",
        usage: "quote(str) - str between quotes, with those inside escaped.",
        examples: [Example("quote('Don\\'t')", "'Don\\'t'")], kernel: .unary { (text: String) in "'" + text.replacing("'", with: "\\'") + "'" })

    static let isValidUTF8 = ScalarFunction(
        "is_valid_utf8", Signature([.stringOrBinary], returns: .boolean), group: .string, since: "4.0.0",
        usage: "is_valid_utf8(str) - Whether the bytes are UTF-8.",
        examples: [Example("is_valid_utf8('Spark')", "true"), Example("is_valid_utf8(X'61C0')", "false")],
        kernel: .unary { (bytes: ByteSlice) in UTF8Text.isValid(bytes) })
    static let makeValidUTF8 = ScalarFunction(
        "make_valid_utf8", Signature([.stringOrBinary], returns: .text), group: .string, since: "4.0.0",
        usage: "make_valid_utf8(str) - The bytes as UTF-8, what is none replaced by U+FFFD.",
        examples: [Example("make_valid_utf8('Spark')", "Spark"), Example("make_valid_utf8(X'61FF62')", "a\u{FFFD}b")],
        kernel: .unary { (bytes: ByteSlice) in String(decoding: bytes, as: UTF8.self) })
    static let tryValidateUTF8 = ScalarFunction(
        "try_validate_utf8", Signature([.stringOrBinary], returns: .text), group: .string, since: "4.0.0",
        usage: "try_validate_utf8(str) - The bytes if they are UTF-8, else NULL.",
        examples: [Example("try_validate_utf8('Spark')", "Spark"), Example("try_validate_utf8(X'61C0')", "NULL")], nulls: .always,
        kernel: .unary { (bytes: ByteSlice) -> ByteSlice? in UTF8Text.isValid(bytes) ? bytes : nil })
    static let validateUTF8 = ScalarFunction(
        "validate_utf8", Signature([.stringOrBinary], returns: .text), group: .string, since: "4.0.0",
        usage: "validate_utf8(str) - The bytes if they are UTF-8, else an error.", examples: [Example("validate_utf8('Spark')", "Spark")],
        kernel: .unary { (bytes: ByteSlice) throws(SQLError) -> ByteSlice? in
            if UTF8Text.isValid(bytes) { return bytes }
            let text = bytes.map { "\\x" + HexText.upper([$0]) }.joined()
            throw SQLError(.invalidUtf8String, ["str": text])
        })
}

private enum Soundex {
    static func capital(_ byte: UInt8) -> UInt8? {
        if byte >= 65, byte <= 90 { return byte }
        return byte >= 97 && byte <= 122 ? byte - 32 : nil
    }

    /// A to Z: 0 for vowels, 7 for H and W.
    private static let digits = Array("01230127022455012623017202".utf8)

    static func digit(_ letter: UInt8) -> UInt8 { digits[Int(letter - 65)] }
}

let wordFunctions: [ScalarFunction] = [
    .levenshtein, .soundex, .luhnCheck, .mask, .quote, .isValidUTF8, .makeValidUTF8, .tryValidateUTF8, .validateUTF8,
]

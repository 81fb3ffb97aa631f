import Columnar
import SparkErrors

extension ScalarFunction {
    /// `trim(str)` and `trim(chars, str)`; `btrim` has its arguments the other way round.
    private static func trimming(
        _ name: String, keyword: String, charactersFirst: Bool = true, since: String, left: Bool, right: Bool, usage: String, examples: [Example]
    ) -> ScalarFunction {
        ScalarFunction(
            name, Signature([.string, .string], optional: 1, returns: .text), group: .string, since: since, usage: usage, examples: examples,
            syntax: .custom { name, arguments in
                arguments.count == 2 && charactersFirst
                    ? "TRIM(\(keyword) \(arguments[0]) FROM \(arguments[1]))" : "\(name)(\(arguments.joined(separator: ", ")))"
            },
            kernel: RowKernel { (arguments, type, _, _) throws(SQLError) in
                if arguments.count == 1 {
                    return try Rows.map(arguments[0], to: type) { (text: ByteSlice) throws(SQLError) -> ByteSlice? in
                        var text = text
                        if left { text = text.drop { $0 == 0x20 } }
                        if right { while text.last == 0x20 { text.removeLast() } }
                        return text
                    }
                }
                let (texts, sets) = charactersFirst ? (arguments[1], arguments[0]) : (arguments[0], arguments[1])
                return try Rows.map(texts, sets, to: type) { (text: ByteSlice, set: ByteSlice) throws(SQLError) -> ByteSlice? in
                    let wanted = Set(UTF8Text.characters(set).map(Array.init))
                    let parts = UTF8Text.characters(text)
                    var range = parts.startIndex..<parts.endIndex
                    if left { while let first = range.first, wanted.contains(Array(parts[first])) { range = (first + 1)..<range.upperBound } }
                    if right { while let last = range.last, wanted.contains(Array(parts[last])) { range = range.lowerBound..<last } }
                    guard let first = range.first, let last = range.last else { return text.prefix(0) }
                    return text[parts[first].startIndex..<parts[last].endIndex]
                }
            })
    }

    static let trim = trimming(
        "trim", keyword: "BOTH", since: "1.5.0", left: true, right: true,
        usage: "trim(str), TRIM([BOTH] trimStr FROM str) - str without blanks, or given characters, at both ends.",
        examples: [Example("concat('[', trim('  Spark  '), ']')", "[Spark]"), Example("trim('SL', 'SSparkSQLS')", "parkSQ")])
    static let ltrim = trimming(
        "ltrim", keyword: "LEADING", since: "1.5.0", left: true, right: false,
        usage: "ltrim(str), TRIM(LEADING trimStr FROM str) - str without blanks at its front.",
        examples: [Example("concat(ltrim('  Spark '), ']')", "Spark ]")])
    static let rtrim = trimming(
        "rtrim", keyword: "TRAILING", since: "1.5.0", left: false, right: true,
        usage: "rtrim(str), TRIM(TRAILING trimStr FROM str) - str without blanks at its end.",
        examples: [Example("concat(rtrim(' Spark  '), ']')", " Spark]")])
    static let btrim = trimming(
        "btrim", keyword: "BOTH", charactersFirst: false, since: "3.2.0", left: true, right: true,
        usage: "btrim(str[, trimStr]) - str without blanks, or given characters, at both ends.",
        examples: [Example("btrim('SSparkSQLS', 'SL')", "parkSQ"), Example("btrim('äxä', 'ä')", "x")])

    private static func padding(_ name: String, left: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, group: .string, since: "1.5.0", usage: usage, examples: examples,
            syntax: .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + [" "] : arguments).joined(separator: ", ")))" }
        ) { (call, _) throws(SQLError) in
            var types = try Signature([.stringOrBinary, .exact(.int), .stringOrBinary], optional: 1, returns: .text).argumentTypes(call)
            if call.count == 3, types[0] != types[2] {
                let common = CollationRules.commonText(types[0], types[2])
                (types[0], types[2]) = (common, common)
            }
            let type = types[0]
            let isBinary = type == .binary
            let sql = isBinary && call.count == 2 ? "\(name)(\(call.arguments[0].sql), \(call.arguments[1].sql), X'00')" : nil
            return BoundScalar(types, returns: type, nullable: call.anyNullable, sql: sql) { (arguments, rowCount, _) throws(SQLError) in
                let pads = arguments.count > 2 ? arguments[2] : Column(repeating: isBinary ? .binary([0]) : .string(" "), type: type, count: rowCount)
                return try Rows.map(arguments[0], arguments[1], pads, to: type) {
                    (text: ByteSlice, length: Int32, pad: ByteSlice) throws(SQLError) -> [UInt8]? in
                    if length <= 0 { return [] }
                    let count = isBinary ? text.count : UTF8Text.count(text)
                    if count >= Int(length) { return Array(isBinary ? text.prefix(Int(length)) : UTF8Text.slice(text, from: 0, to: Int(length))) }
                    if pad.isEmpty { return Array(text) }
                    let padCount = isBinary ? pad.count : UTF8Text.count(pad)
                    let (times, rest) = (Int(length) - count).quotientAndRemainder(dividingBy: padCount)
                    if times * pad.count + text.count > Limits.stringBytes { throw .tooLong(Limits.stringBytes) }
                    var result: [UInt8] = []
                    result.reserveCapacity(times * pad.count + pad.count + text.count)
                    if !left { result.append(contentsOf: text) }
                    try result.append(pad, times: times)
                    result.append(contentsOf: isBinary ? pad.prefix(rest) : UTF8Text.slice(pad, from: 0, to: rest))
                    if left { result.append(contentsOf: text) }
                    return result
                }
            }
        }
    }

    static let lpad = padding(
        "lpad", left: true, usage: "lpad(str, len[, pad]) - str filled on the left, or cut, to len characters.",
        examples: [Example("lpad('hi', 5, '??')", "???hi"), Example("lpad('hi', 1, '??')", "h"), Example("lpad('hi', 4)", "  hi")])
    static let rpad = padding(
        "rpad", left: false, usage: "rpad(str, len[, pad]) - str filled on the right, or cut, to len characters.",
        examples: [Example("rpad('hi', 5, 'äö')", "hiäöä"), Example("rpad('hi', 1)", "h")])

    static let replace = ScalarFunction(
        "replace", Signature([.string, .string, .string], optional: 1, returns: .text), group: .string, since: "2.3.0",
        usage: "replace(str, search[, replace]) - Every place of search replaced, or taken out.",
        examples: [
            Example("replace('ABCabc', 'abc', 'DEF')", "ABCDEF"), Example("replace('ABCA', 'A')", "BC"), Example("replace('abc', '', 'x')", "abc"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + [""] : arguments).joined(separator: ", ")))" },
        kernel: RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
            let replacements = arguments.count > 2 ? arguments[2] : Column(repeating: .string(""), type: .text, count: rowCount)
            return try Rows.map(arguments[0], arguments[1], replacements, to: type) {
                (text: ByteSlice, search: ByteSlice, by: ByteSlice) throws(SQLError) -> [UInt8]? in
                if search.isEmpty { return Array(text) }
                var result: [UInt8] = []
                var start = text.startIndex
                while let found = UTF8Text.firstIndex(of: search, in: text, from: start) {
                    result.append(contentsOf: text[start..<found])
                    result.append(contentsOf: by)
                    start = found + search.count
                    if result.count > Limits.stringBytes { throw .tooLong(Limits.stringBytes) }
                }
                result.append(contentsOf: text[start...])
                return result
            }
        })

    static let translate = ScalarFunction(
        "translate", Signature([.string, .string, .string], returns: .text), group: .string, since: "1.5.0",
        usage: "translate(input, from, to) - Each character of from replaced by that of to at its place, or taken out.",
        examples: [Example("translate('AaBbCc', 'abc', '123')", "A1B2C3"), Example("translate('abca', 'ab', 'x')", "xcx")],
        kernel: .ternary { (text: String, from: String, to: String) -> String? in
            var map: [Unicode.Scalar: Unicode.Scalar?] = [:]
            var targets = to.unicodeScalars[...]
            for scalar in from.unicodeScalars {
                let target = targets.popFirst()
                if map[scalar] == nil { map[scalar] = .some(target) }
            }
            var result = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                if let mapped = map[scalar] { if let mapped { result.append(mapped) } } else { result.append(scalar) }
            }
            return String(result)
        })
}

let paddingFunctions: [ScalarFunction] = [.trim, .ltrim, .rtrim, .btrim, .lpad, .rpad, .replace, .translate]

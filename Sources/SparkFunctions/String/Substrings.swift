import Columnar
import SparkErrors

extension ScalarFunction {
    /// A call of two or three arguments on a string or a binary.
    private static func slicing(
        _ call: Call, _ counts: ClosedRange<Int>, _ rest: [TypeClass], _ body: @escaping @Sendable (ByteSlice, Bool, Int, Int?) -> ByteSlice
    ) throws(SQLError) -> BoundScalar {
        let types = try Signature([.stringOrBinary] + rest, optional: counts.upperBound - counts.lowerBound, returns: .text).argumentTypes(call)
        let type = types[0]
        let isBinary = type == .binary
        return BoundScalar(types, returns: type, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            if arguments.count == 2 {
                return try Rows.map(arguments[0], arguments[1], to: type) { (text: ByteSlice, a: Int32) throws(SQLError) -> ByteSlice? in
                    body(text, isBinary, Int(a), nil)
                }
            }
            return try Rows.map(arguments[0], arguments[1], arguments[2], to: type) {
                (text: ByteSlice, a: Int32, b: Int32) throws(SQLError) -> ByteSlice? in
                body(text, isBinary, Int(a), Int(b))
            }
        }
    }

    static let substring = ScalarFunction(
        "substring", aliases: ["substr", "mid"], group: .string, since: "1.5.0",
        usage: "substring(str, pos[, len]) - The part from a position, counted from 1 or, if negative, from the end.",
        examples: [
            Example("substring('Spark SQL', 5)", "k SQL"), Example("substring('Spark SQL', -3)", "SQL"), Example("substring('Spark SQL', 5, 1)", "k"),
            Example("substr('hello', 0, 2)", "he"), Example("substring('hello', -10, 7)", "he"), Example("substring(X'010203', 2, 1)", "02"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + ["2147483647"] : arguments).joined(separator: ", ")))" }
    ) { (call, _) throws(SQLError) in
        try slicing(call, 2...3, [.exact(.int), .exact(.int)]) { text, isBinary, position, length in
            isBinary
                ? UTF8Text.binarySubstring(text, position: position, length: length ?? Int(Int32.max))
                : UTF8Text.substring(text, position: position, length: length ?? Int(Int32.max))
        }
    }

    static let left = ScalarFunction(
        "left", group: .string, since: "2.3.0", usage: "left(str, len) - The first len characters.",
        examples: [Example("left('Spark SQL', 3)", "Spa"), Example("left('abc', -1)", "")]
    ) { (call, _) throws(SQLError) in
        try slicing(call, 2...2, [.exact(.int)]) { text, isBinary, count, _ in
            isBinary ? text.prefix(max(count, 0)) : UTF8Text.slice(text, from: 0, to: count)
        }
    }
    static let right = ScalarFunction(
        "right", group: .string, since: "2.3.0", usage: "right(str, len) - The last len characters.",
        examples: [Example("right('Spark SQL', 3)", "SQL"), Example("right('abc', 9)", "abc")]
    ) { (call, _) throws(SQLError) in
        try slicing(call, 2...2, [.exact(.int)]) { text, isBinary, count, _ in
            if count <= 0 { return text.prefix(0) }
            if isBinary { return text.suffix(count) }
            return UTF8Text.slice(text, from: max(0, UTF8Text.count(text) - count), to: .max)
        }
    }

    static let substringIndex = ScalarFunction(
        "substring_index", Signature([.string, .string, .exact(.int)], returns: .text), group: .string, since: "1.5.0",
        usage: "substring_index(str, delim, count) - What lies before the count-th delimiter, or behind it counted from the end.",
        examples: [
            Example("substring_index('www.apache.org', '.', 2)", "www.apache"), Example("substring_index('www.apache.org', '.', -2)", "apache.org"),
            Example("substring_index('a', '.', 0)", ""),
        ],
        kernel: .ternary { (text: ByteSlice, delimiter: ByteSlice, count: Int32) -> ByteSlice? in
            if count == 0 || delimiter.isEmpty { return text.prefix(0) }
            if count > 0 {
                var start = text.startIndex
                for round in 1...Int(count) {
                    guard let found = UTF8Text.firstIndex(of: delimiter, in: text, from: start) else { return text }
                    if round == Int(count) { return text[..<found] }
                    start = found + 1
                }
                return text
            }
            var end = text.endIndex
            for round in 1...Int(count.magnitude) {
                guard let found = UTF8Text.lastIndex(of: delimiter, in: text, before: end) else { return text }
                if round == Int(count.magnitude) { return text[(found + delimiter.count)...] }
                end = found + delimiter.count - 1
            }
            return text
        })

    static let splitPart = ScalarFunction(
        "split_part", Signature([.string, .string, .exact(.int)], returns: .text), group: .string, since: "3.3.0",
        usage: "split_part(str, delimiter, partNum) - A part between delimiters, counted from 1 or, if negative, from the end.",
        examples: [
            Example("split_part('11.12.13', '.', 3)", "13"), Example("split_part('11.12.13', '.', -1)", "13"),
            Example("split_part('11.12.13', '.', 9)", ""),
        ],
        kernel: .ternary { (text: ByteSlice, delimiter: ByteSlice, number: Int32) throws(SQLError) -> ByteSlice? in
            if number == 0 { throw SQLError(.invalidIndexOfZero) }
            var parts: [ByteSlice] = []
            var start = text.startIndex
            if !delimiter.isEmpty {
                while let found = UTF8Text.firstIndex(of: delimiter, in: text, from: start) {
                    parts.append(text[start..<found])
                    start = found + delimiter.count
                }
            }
            parts.append(text[start...])
            let index = number > 0 ? Int(number) - 1 : parts.count + Int(number)
            return parts.indices.contains(index) ? parts[index] : text.prefix(0)
        })

    static let overlay = ScalarFunction(
        "overlay", group: .string, since: "3.0.0",
        usage: "overlay(input, replace, pos[, len]) - input with a part replaced; len is that of replace if not said.",
        examples: [
            Example("overlay('Spark SQL', '_', 6)", "Spark_SQL"), Example("overlay('Spark SQL', 'ANSI ', 7, 0)", "Spark ANSI SQL"),
            Example("overlay('Spark SQL', 'tructured', 2, 4)", "Structured SQL"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 3 ? arguments + ["-1"] : arguments).joined(separator: ", ")))" }
    ) { (call, _) throws(SQLError) in
        var types = try Signature([.stringOrBinary, .stringOrBinary, .exact(.int), .exact(.int)], optional: 1, returns: .text).argumentTypes(call)
        if types[0] != types[1] {
            let common = CollationRules.commonText(types[0], types[1])
            (types[0], types[1]) = (common, common)
        }
        let type = types[0]
        return BoundScalar(types, returns: type, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            let lengths = arguments.count > 3 ? arguments[3] : Column(repeating: .integer(-1), type: .int, count: rowCount)
            return try Rows.map(arguments[0], arguments[1], arguments[2], lengths, to: type) {
                (text: ByteSlice, part: ByteSlice, position: Int32, length: Int32) throws(SQLError) -> [UInt8]? in
                if type == .binary {
                    let count = length >= 0 ? Int(length) : part.count
                    return Array(UTF8Text.binarySubstring(text, position: 1, length: Int(position) - 1)) + part
                        + UTF8Text.binarySubstring(text, position: Int(position) + count, length: Int(Int32.max))
                }
                let count = length >= 0 ? Int(length) : UTF8Text.count(part)
                return Array(UTF8Text.substring(text, position: 1, length: Int(position) - 1)) + part
                    + UTF8Text.substring(text, position: Int(position) + count, length: Int(Int32.max))
            }
        }
    }

    // MARK: Search

    /// Calls with both sides strings, or both binaries.
    private static func test(
        _ name: String, usage: String, examples: [Example], _ body: @escaping @Sendable (ByteSlice, ByteSlice) -> Bool
    ) -> ScalarFunction {
        ScalarFunction(name, group: .string, since: "3.3.0", usage: usage, examples: examples) { (call, _) throws(SQLError) in
            var types = try Signature([.stringOrBinary, .stringOrBinary], returns: .boolean).argumentTypes(call)
            if types[0] != types[1] { types = [.text, .text] }
            return BoundScalar(types, returns: .boolean, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], arguments[1], to: .boolean) { (a: ByteSlice, b: ByteSlice) throws(SQLError) -> Bool? in
                    body(a, b)
                }
            }
        }
    }

    static let startsWith = test(
        "startswith", usage: "startswith(left, right) - Whether left begins with right.",
        examples: [Example("startswith('Spark SQL', 'Spark')", "true"), Example("startswith('Spark SQL', NULL)", "NULL")]
    ) { UTF8Text.hasPrefix($0, $1) }
    static let endsWith = test(
        "endswith", usage: "endswith(left, right) - Whether left ends with right.", examples: [Example("endswith('Spark SQL', 'SQL')", "true")]
    ) { UTF8Text.hasSuffix($0, $1) }
    static let contains = test(
        "contains", usage: "contains(left, right) - Whether right lies in left.",
        examples: [Example("contains('Spark SQL', 'ark S')", "true"), Example("contains('Spark SQL', 'x')", "false")]
    ) { UTF8Text.firstIndex(of: $1, in: $0) != nil }

    /// The position, from 1, of a part at or behind a position from 1; 0 if there is none.
    private static func locate(_ part: ByteSlice, _ text: ByteSlice, _ position: Int) -> Int32 {
        if position < 1 { return 0 }
        let skipped = UTF8Text.slice(text, from: 0, to: position - 1)
        if part.isEmpty { return 1 }
        guard let found = UTF8Text.firstIndex(of: part, in: text, from: skipped.endIndex) else { return 0 }
        return Int32(truncatingIfNeeded: UTF8Text.count(text[..<found]) + 1)
    }

    static let instr = ScalarFunction(
        "instr", Signature([.string, .string], returns: .int), group: .string, since: "1.5.0",
        usage: "instr(str, substr) - The position, from 1, at which substr first lies in str; 0 if it does not.",
        examples: [Example("instr('SparkSQL', 'SQL')", "6"), Example("instr('SparkSQL', 'x')", "0")],
        kernel: .binary { (text: ByteSlice, part: ByteSlice) in locate(part, text, 1) })

    static let locate = ScalarFunction(
        "locate", aliases: ["position", "charindex"], Signature([.string, .string, .exact(.int)], optional: 1, returns: .int), group: .string,
        since: "1.5.0",
        usage: "locate(substr, str[, pos]) - The position at which substr first lies in str, at or behind pos.",
        examples: [
            Example("locate('bar', 'foobarbar')", "4"), Example("locate('bar', 'foobarbar', 5)", "7"), Example("position('bar', 'foobarbar')", "4"),
            Example("locate('x', 'abc')", "0"), Example("locate('a', 'abc', 0)", "0"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + ["1"] : arguments).joined(separator: ", ")))" },
        kernel: RowKernel { (arguments, type, _, _) throws(SQLError) in
            if arguments.count == 2 {
                return try Rows.map(arguments[0], arguments[1], to: type) { (part: ByteSlice, text: ByteSlice) throws(SQLError) -> Int32? in
                    locate(part, text, 1)
                }
            }
            return try Rows.map(arguments[0], arguments[1], arguments[2], to: type) {
                (part: ByteSlice, text: ByteSlice, position: Int32) throws(SQLError) -> Int32? in locate(part, text, Int(position))
            }
        })

    static let findInSet = ScalarFunction(
        "find_in_set", Signature([.string, .string], returns: .int), group: .string, since: "1.5.0",
        usage: "find_in_set(str, str_array) - The number of str in a list with commas; 0 if it is not there or has a comma.",
        examples: [Example("find_in_set('ab', 'abc,b,ab,c,def')", "3"), Example("find_in_set('a,b', 'a,b')", "0")],
        kernel: .binary { (text: ByteSlice, list: ByteSlice) -> Int32? in
            if text.contains(UInt8(ascii: ",")) { return 0 }
            let parts = list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            return Int32((parts.firstIndex { $0.elementsEqual(text) } ?? -1) + 1)
        })
}

let substringFunctions: [ScalarFunction] = [
    .substring, .left, .right, .substringIndex, .splitPart, .overlay, .startsWith, .endsWith, .contains, .instr, .locate, .findInSet,
]

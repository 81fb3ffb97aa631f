import Columnar
import SparkErrors

extension ScalarFunction {
    private static func like(
        _ name: String, folds: Bool, since: String, usage: String, examples: [Example]
    ) -> ScalarFunction {
        ScalarFunction(
            name, group: .predicate, since: since, usage: usage, examples: examples,
            syntax: .custom { _, arguments in
                if folds { return "ilike(\(arguments.prefix(2).joined(separator: ", ")))" }
                guard arguments.count == 3 else { return arguments.joined(separator: " LIKE ") }
                return "\(arguments[0]) LIKE \(arguments[1]) ESCAPE '\(arguments[2])'"
            }
        ) { (call, context) throws(SQLError) in
            let types = try Signature([.string, .string, .string], optional: 1, returns: .boolean).argumentTypes(call)
            var escape = UInt8(ascii: "\\")
            if call.count == 3 {
                guard case .string(let text) = try call.constant(2, "escape", .text, context), let byte = text.utf8.first, text.utf8.count == 1 else {
                    throw SQLError(.invalidEscapeChar, ["sqlExpr": SQLQuote.expr(call.arguments[2].sql)], phase: .analysis)
                }
                escape = byte
            }
            let mark = escape
            let folding = Folding(lowers: folds, isCaseless: types[0] == .string(.utf8LCase))
            return BoundScalar(types, returns: .boolean, nullable: call.anyNullable, constants: .passed) {
                (arguments, rowCount, _) throws(SQLError) in
                try matched(try arguments[0].expanded(to: rowCount), arguments[1], escape: mark, folding, rowCount)
            }
        }
    }

    /// What is done to text and pattern before they are compared.
    private struct Folding: Sendable {
        /// ILIKE: both in lower case.
        let lowers: Bool
        /// UTF8_LCASE: each code point as Java's regular expressions take it without regard to case.
        let isCaseless: Bool

        func callAsFunction(_ text: ByteSlice) -> ByteSlice {
            guard lowers || isCaseless else { return text }
            var text = String(decoding: text, as: UTF8.self)
            if lowers { text = text.lowercased() }
            if isCaseless { text = Self.caseless(text) }
            return Array(text.utf8)[...]
        }

        private static func caseless(_ text: String) -> String {
            var result = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                if scalar.value == CaselessCharacter.dottedI {
                    result.append("i")
                    continue
                }
                let upper = single(scalar.properties.uppercaseMapping) ?? scalar
                result.append(single(upper.properties.lowercaseMapping) ?? upper)
            }
            return String(result)
        }

        private static func single(_ mapping: String) -> Unicode.Scalar? {
            mapping.unicodeScalars.count == 1 ? mapping.unicodeScalars.first : nil
        }
    }

    private static func matched(
        _ texts: Column, _ patterns: Column, escape: UInt8, _ folded: Folding, _ rowCount: Int
    ) throws(SQLError) -> Column {
        guard let patternSource = ByteSlice.source(patterns), let textSource = ByteSlice.source(texts) else {
            return .nulls(.boolean, count: rowCount)
        }
        var last: (text: ByteSlice, pattern: LikePattern)?
        func compiled(_ text: ByteSlice) throws(SQLError) -> LikePattern {
            if let last, last.text.elementsEqual(text) { return last.pattern }
            let pattern = try LikePattern(folded(text), escape: escape)
            last = (text, pattern)
            return pattern
        }
        if patterns.count == 1 {
            if patterns.isNull(0) { return .nulls(.boolean, count: rowCount) }
            let pattern = try compiled(patternSource[0])
            return try Rows.make(.boolean, rowCount, validity: texts.validity) { (row) throws(SQLError) -> Bool? in
                pattern.matches(folded(ByteSlice.read(textSource, row)))
            }
        }
        let validity = Kernel.combinedValidity(texts.validity, patterns.validity)
        return try Rows.make(.boolean, rowCount, validity: validity) { (row) throws(SQLError) -> Bool? in
            try compiled(patternSource[row]).matches(folded(textSource[row]))
        }
    }

    static let like = like(
        "like", folds: false, since: "1.0.0",
        usage: "str LIKE pattern [ESCAPE escape] - Whether the whole of str matches: % is any text, _ one character.",
        examples: [
            Example("like('Spark', '_park')", "true"), Example("'abc' LIKE '%b%'", "true"), Example("'abc' LIKE 'b%'", "false"),
            Example("like('a_c', 'a/_c', '/')", "true"), Example("'häb' LIKE 'h_b'", "true"), Example("'xabyabz' LIKE '%ab_'", "true"),
        ])
    static let ilike = like(
        "ilike", folds: true, since: "3.3.0", usage: "str ILIKE pattern [ESCAPE escape] - As LIKE, without regard to case.",
        examples: [Example("ilike('Spark', '_PARK')", "true"), Example("'ÄB' ILIKE 'ä%'", "true")])

    // MARK: Regular expressions

    static let rlike = ScalarFunction(
        "rlike", aliases: ["regexp", "regexp_like"], Signature([.string, .string], returns: .boolean), group: .predicate,
        usage: "str RLIKE regexp - Whether a part of str matches the regular expression.",
        examples: [Example("'Spark' RLIKE 'p.r'", "true"), Example("regexp('abc', '^b')", "false"), Example("regexp_like('ABC', '(?i)b')", "true")],
        syntax: .custom { name, arguments in "\(name.uppercased())(\(arguments.joined(separator: ", ")))" },
        kernel: .binary { (text: String, pattern: String) throws(SQLError) -> Bool? in
            try JavaRegex.compile(pattern, for: "rlike").found(in: text)
        })

    private static func checkedGroup(_ index: Int32, _ regex: JavaRegex, _ function: String) throws(SQLError) -> Int {
        guard index >= 0, Int(index) <= regex.groupCount else {
            throw SQLError(
                .invalidParameterValueRegexGroupIndex,
                [
                    "parameter": SQLQuote.id("idx"), "functionName": SQLQuote.id(function), "groupCount": "\(regex.groupCount)",
                    "groupIndex": "\(index)",
                ])
        }
        return Int(index)
    }

    private static func defaulted(_ value: String) -> CallSyntax {
        .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + [value] : arguments).joined(separator: ", ")))" }
    }

    /// A kernel over text, pattern and a number that may be left out.
    private static func withIndex<R: Cell>(
        _ standard: Int32, _ body: @escaping @Sendable (String, String, Int32) throws(SQLError) -> R?
    ) -> RowKernel {
        RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
            if arguments.count == 2 {
                return try Rows.map(arguments[0], arguments[1], to: type) { (a: String, b: String) throws(SQLError) -> R? in try body(a, b, standard)
                }
            }
            return try Rows.map(arguments[0], arguments[1], arguments[2], to: type) { (a: String, b: String, c: Int32) throws(SQLError) -> R? in
                try body(a, b, c)
            }
        }
    }

    static let regexpExtract = ScalarFunction(
        "regexp_extract", Signature([.string, .string, .exact(.int)], optional: 1, returns: .text), group: .string, since: "1.5.0",
        usage: "regexp_extract(str, regexp[, idx]) - What a group of the first match holds; an empty string if nothing matches.",
        examples: [
            Example("regexp_extract('100-200', '([0-9]+)-([0-9]+)', 1)", "100"),
            Example("regexp_extract('100-200', '([0-9]+)-([0-9]+)', 0)", "100-200"),
            Example("regexp_extract('foo', '(x)?f')", ""),
        ], syntax: defaulted("1"),
        kernel: withIndex(1) { (text, pattern, index) throws(SQLError) -> String? in
            let regex = try JavaRegex.compile(pattern, for: "regexp_extract")
            let subject = JavaRegex.Subject(text)
            guard let match = regex.firstMatch(subject) else { return "" }
            return match.group(try checkedGroup(index, regex, "regexp_extract"), subject) ?? ""
        })

    static let regexpExtractAll = ScalarFunction(
        "regexp_extract_all", Signature([.string, .string, .exact(.int)], optional: 1, returns: .array(element: .text, containsNull: true)),
        group: .string, since: "3.1.0", usage: "regexp_extract_all(str, regexp[, idx]) - What a group holds in each match.",
        examples: [
            Example("regexp_extract_all('100-200, 300-400', '([0-9]+)-([0-9]+)', 1)", "[\"100\",\"300\"]"),
            Example("regexp_extract_all('a', 'b')", "[]"),
        ], syntax: defaulted("1"),
        kernel: withIndex(1) { (text, pattern, index) throws(SQLError) -> Value? in
            let regex = try JavaRegex.compile(pattern, for: "regexp_extract_all")
            let subject = JavaRegex.Subject(text)
            var found: [Value] = []
            for match in regex.matches(subject) {
                found.append(.string(match.group(try checkedGroup(index, regex, "regexp_extract_all"), subject) ?? ""))
            }
            return .list(found)
        })

    static let regexpReplace = ScalarFunction(
        "regexp_replace", group: .string, since: "1.5.0",
        usage: "regexp_replace(str, regexp, rep[, position]) - Every match at or behind a position replaced; $1 stands for a group.",
        examples: [
            Example("regexp_replace('100-200', '([0-9]+)', 'num')", "num-num"), Example("regexp_replace('abc', '(b)', '<$1>')", "a<b>c"),
            Example("regexp_replace('abcb', 'b', 'x', 3)", "abcx"), Example("regexp_replace('abc', '', '-')", "-a-b-c-"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 3 ? arguments + ["1"] : arguments).joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        let types = try Signature([.string, .string, .string, .exact(.int)], optional: 1, returns: .text).argumentTypes(call)
        var start = 1
        if call.count == 4, call.arguments[3].constant?.isNull == true {
            return BoundScalar(types, returns: .text, nullable: true) { (_, rowCount, _) throws(SQLError) in .nulls(.text, count: rowCount) }
        }
        if call.count == 4 {
            guard case .integer(let position) = try call.constant(3, "position", .int, context), position > 0 else {
                let given = try call.constant(3, "position", .int, context)
                throw call.mismatch(
                    .datatypeMismatchValueOutOfRange,
                    [
                        "exprName": "position", "valueRange": "(0, 2147483647]",
                        "currentValue": given.isNull ? "NULL" : Cast.text(of: given, .int, context),
                    ])
            }
            start = Int(position)
        }
        let from = start - 1
        return BoundScalar(types, returns: .text, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], arguments[1], arguments[2], to: .text) {
                (text: String, pattern: String, template: String) throws(SQLError) -> String? in
                let regex = try JavaRegex.compile(pattern, for: "regexp_replace")
                if from > text.utf16.count { return text }
                guard let replacement = JavaRegex.Replacement(template, of: regex),
                    let result = regex.replacing(text, with: replacement, from: from)
                else {
                    // A template that is never used is never looked at.
                    if regex.firstMatch(JavaRegex.Subject(text), from: from) == nil { return text }
                    throw SQLError(
                        .invalidRegexpReplace,
                        ["source": text, "pattern": pattern, "replacement": template, "position": "\(from + 1)"])
                }
                return result
            }
        }
    }

    static let regexpCount = ScalarFunction(
        "regexp_count", Signature([.string, .string], returns: .int), group: .string, since: "3.4.0",
        usage: "regexp_count(str, regexp) - How many matches there are.",
        examples: [Example("regexp_count('Steven Jones and Stephen Smith', 'Ste(v|ph)en')", "2"), Example("regexp_count('abc', 'x')", "0")],
        kernel: .binary { (text: String, pattern: String) throws(SQLError) -> Int32? in
            Int32(try JavaRegex.compile(pattern, for: "regexp_count").matches(JavaRegex.Subject(text)).count)
        })
    static let regexpSubstr = ScalarFunction(
        "regexp_substr", Signature([.string, .string], returns: .text), group: .string, since: "3.4.0",
        usage: "regexp_substr(str, regexp) - The first match; NULL if there is none.",
        examples: [Example("regexp_substr('Steven Jones', 'Ste(v|ph)en')", "Steven"), Example("regexp_substr('abc', 'x')", "NULL")], nulls: .always,
        kernel: .binary { (text: String, pattern: String) throws(SQLError) -> String? in
            let subject = JavaRegex.Subject(text)
            let match = try JavaRegex.compile(pattern, for: "regexp_substr").firstMatch(subject)?.group(0, subject)
            return match?.isEmpty == true ? nil : match
        })
    static let regexpInstr = ScalarFunction(
        "regexp_instr", Signature([.string, .string, .exact(.int)], optional: 1, returns: .int), group: .string, since: "3.4.0",
        usage: "regexp_instr(str, regexp[, idx]) - The position, from 1, of the first match; 0 if there is none.",
        examples: [Example("regexp_instr('user@spark.apache.org', '@[^.]*')", "5"), Example("regexp_instr('abc', 'x')", "0")], syntax: defaulted("0"),
        kernel: withIndex(0) { (text, pattern, _) throws(SQLError) -> Int32? in
            let match = try JavaRegex.compile(pattern, for: "regexp_instr").firstMatch(JavaRegex.Subject(text))
            return Int32(truncatingIfNeeded: (match?.range.lowerBound ?? -1) + 1)
        })

    static let split = ScalarFunction(
        "split", Signature([.string, .string, .exact(.int)], optional: 1, returns: .array(element: .text, containsNull: false)), group: .string,
        since: "1.5.0", usage: "split(str, regexp[, limit]) - The parts between matches, at most limit of them if it is positive.",
        examples: [
            Example("split('oneAtwoBthreeC', '[ABC]')", "[\"one\",\"two\",\"three\",\"\"]"),
            Example("split('oneAtwoBthreeC', '[ABC]', 2)", "[\"one\",\"twoBthreeC\"]"),
            Example("split('a.b', '[.]')", "[\"a\",\"b\"]"), Example("split('abc', '')", "[\"a\",\"b\",\"c\"]"), Example("split('', ',')", "[\"\"]"),
        ], syntax: defaulted("-1"),
        kernel: RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
            let limits = arguments.count > 2 ? arguments[2] : Column(repeating: .integer(-1), type: .int, count: rowCount)
            guard let texts = ByteSlice.source(arguments[0]), let patterns = ByteSlice.source(arguments[1]), let limit = Int32.source(limits) else {
                return .nulls(type, count: rowCount)
            }
            let validity = Kernel.combinedValidity(Kernel.combinedValidity(arguments[0].validity, arguments[1].validity), limits.validity)
            var strings = BytesBuilder()
            var offsets: [Int32] = [0]
            for row in 0..<rowCount {
                if validity?[row] ?? true { for part in try split(texts[row], patterns[row], Int(limit[row])) { strings.append(part) } }
                offsets.append(Int32(truncatingIfNeeded: strings.count))
            }
            return Column(type, .list(ListArray(offsets: offsets, child: Column(.text, .bytes(strings.finish())), validity: validity)))
        })

    private static let metacharacters = Set("\\^$.|?*+()[]{}".utf8)

    private static func split(_ text: ByteSlice, _ pattern: ByteSlice, _ limit: Int) throws(SQLError) -> [ByteSlice] {
        if pattern.isEmpty {
            if text.isEmpty { return [text] }
            let characters = UTF8Text.characters(text)
            guard limit > 0, limit < characters.count else { return characters }
            return Array(characters[..<(limit - 1)]) + [text[characters[limit - 1].startIndex...]]
        }
        guard pattern.contains(where: { metacharacters.contains($0) }) else {
            var parts: [ByteSlice] = []
            var start = text.startIndex
            while limit <= 0 || parts.count < limit - 1, let found = UTF8Text.firstIndex(of: pattern, in: text, from: start) {
                parts.append(text[start..<found])
                start = found + pattern.count
            }
            return parts + [text[start...]]
        }
        let regex = try JavaRegex.compile(String(decoding: pattern, as: UTF8.self), for: "split")
        return regex.split(String(decoding: text, as: UTF8.self), limit: limit).map { Array($0.utf8)[...] }
    }
}

let patternFunctions: [ScalarFunction] = [
    .like, .ilike, .rlike, .regexpExtract, .regexpExtractAll, .regexpReplace, .regexpCount, .regexpSubstr, .regexpInstr, .split,
]

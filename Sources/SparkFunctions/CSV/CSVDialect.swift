import Columnar
import SparkErrors

/// How a line of CSV is written, from the options of the CSV functions; the defaults are Spark's.
struct CSVDialect: Sendable {
    let separator: [UInt8]
    let quote: UInt8?
    let escape: UInt8
    let nullValue: [UInt8]
    /// What a quoted empty string is read as, and an empty string written as.
    let emptyValue: [UInt8]?
    let trimsLeading: Bool
    let trimsTrailing: Bool
    let quotesAll: Bool
    /// Whether a quote within a value is reason enough to put it in quotes.
    let quotesQuotes: Bool
    /// What a line begins with that is no record.
    let comment: UInt8?

    init(_ options: JSONOptions, writing: Bool) {
        separator = Array((options["sep"] ?? options["delimiter"] ?? ",").utf8)
        let quoteText = options["quote"] ?? "\""
        quote = quoteText.utf8.first
        escape = options["escape"]?.utf8.first ?? UInt8(ascii: "\\")
        nullValue = Array((options["nullValue"] ?? "").utf8)
        emptyValue = options["emptyValue"].map { Array($0.utf8) }
        trimsLeading = options.flag("ignoreLeadingWhiteSpace", writing)
        trimsTrailing = options.flag("ignoreTrailingWhiteSpace", writing)
        quotesAll = options.flag("quoteAll", false)
        quotesQuotes = options.flag("escapeQuotes", true)
        comment = options["comment"]?.utf8.first
    }

    func isComment(_ line: ByteSlice) -> Bool { comment != nil && line.first == comment }

    /// One field: nil is NULL.
    typealias Token = [UInt8]?

    func tokens(_ line: ByteSlice) -> [Token] {
        var tokens: [Token] = []
        var position = line.startIndex
        // Only asked for places within the line.
        func startsSeparator(_ at: Int) -> Bool {
            separator.count == 1 ? line[at] == separator[0] : !separator.isEmpty && line[at...].starts(with: separator)
        }
        while true {
            var start = position
            while trimsLeading, start < line.endIndex, line[start] == 0x20 || line[start] == 0x09, !startsSeparator(start) { start += 1 }
            if let quote, start < line.endIndex, line[start] == quote {
                var value: [UInt8] = []
                var index = start + 1
                var isClosed = false
                while index < line.endIndex {
                    let byte = line[index]
                    if byte == escape, escape != quote, index + 1 < line.endIndex, line[index + 1] == quote || line[index + 1] == escape {
                        value.append(line[index + 1])
                        index += 2
                        continue
                    }
                    if byte == quote, escape == quote, index + 1 < line.endIndex, line[index + 1] == quote {
                        value.append(quote)
                        index += 2
                        continue
                    }
                    if byte == quote {
                        var next = index + 1
                        while next < line.endIndex, line[next] == 0x20, !startsSeparator(next) { next += 1 }
                        isClosed = next == line.endIndex || startsSeparator(next)
                        index = isClosed ? next : index
                        break
                    }
                    value.append(byte)
                    index += 1
                }
                if !isClosed, index < line.endIndex {
                    // A quote within: the field is what stands up to the next separator, quotes and all.
                    value.insert(quote, at: 0)
                    while index < line.endIndex, !startsSeparator(index) {
                        value.append(line[index])
                        index += 1
                    }
                }
                if value.isEmpty, let emptyValue { value = emptyValue }
                tokens.append(value == nullValue ? nil : value)
                position = index
            } else {
                var end = position
                while end < line.endIndex, !startsSeparator(end) { end += 1 }
                var value = line[position..<end]
                if trimsLeading { value = value.drop { $0 == 0x20 || $0 == 0x09 } }
                if trimsTrailing { while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() } }
                tokens.append(value.isEmpty || Array(value) == nullValue ? nil : Array(value))
                position = end
            }
            if position >= line.endIndex { return tokens }
            position += separator.count
            if position >= line.endIndex {
                tokens.append(nil)
                return tokens
            }
        }
    }

    func append(_ value: Token, isText: Bool, to line: inout [UInt8]) {
        guard var value else {
            line.append(contentsOf: nullValue)
            return
        }
        if trimsLeading { value = Array(value.drop { $0 <= 0x20 }) }
        if trimsTrailing { while let last = value.last, last <= 0x20 { value.removeLast() } }
        guard let quote else {
            line.append(contentsOf: value)
            return
        }
        if value.isEmpty, isText {
            line.append(contentsOf: emptyValue ?? [quote, quote])
            return
        }
        let holdsSeparator = !separator.isEmpty && value.indices.contains { value[$0...].starts(with: separator) }
        guard quotesAll || holdsSeparator || value.contains(where: { $0 == quote && quotesQuotes || $0 == 0x0A || $0 == 0x0D }) else {
            line.append(contentsOf: value)
            return
        }
        line.append(quote)
        for byte in value {
            if byte == quote { line.append(escape) }
            line.append(byte)
        }
        line.append(quote)
    }
}

/// Values of plain types from text, as Spark reads CSV and XML: unlike CAST, whole numbers have no fraction and booleans no short forms.
struct FieldReader {
    private let context: EvaluationContext
    private let datePattern: DateTimePattern?
    private let timestampPattern: DateTimePattern?
    private let ntzPattern: DateTimePattern?
    private let nan: String
    private let positiveInfinity: String
    private let negativeInfinity: String

    init(_ options: JSONOptions, _ context: EvaluationContext) throws(SQLError) {
        func pattern(_ name: String) throws(SQLError) -> DateTimePattern? {
            guard let text = options[name] else { return nil }
            return try DateTimePattern(text, parsing: true)
        }
        self.context = try options.zoned(context)
        datePattern = try pattern("dateFormat")
        timestampPattern = try pattern("timestampFormat")
        ntzPattern = try pattern("timestampNTZFormat")
        nan = options["nanValue"] ?? "NaN"
        positiveInfinity = options["positiveInf"] ?? "Inf"
        negativeInfinity = options["negativeInf"] ?? "-Inf"
    }

    /// A field's text as its type is read from: only some types take blanks around it.
    static func trimmed(_ token: [UInt8], _ type: DataType) -> [UInt8] {
        switch type {
        case .float, .double, .date, .timestamp, .timestampNTZ: DateTimeText.trimmed(token)
        default: token
        }
    }

    /// nil: the text is no such value.
    func value(_ bytes: [UInt8], _ type: DataType) -> Value? {
        let text = String(decoding: bytes, as: UTF8.self)
        switch type {
        case .string, .char, .varchar: return .string(text)
        case .boolean:
            switch text.lowercased() {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            default: return nil
            }
        case .byte: return Int8(text).map { .integer(Int64($0)) }
        case .short: return Int16(text).map { .integer(Int64($0)) }
        case .int: return Int32(text).map { .integer(Int64($0)) }
        case .long: return Int64(text).map { .integer($0) }
        case .float: return special(text).map { .float(Float($0)) } ?? NumberParser.float(bytes[...]).map { .float($0) }
        case .double: return special(text).map { .double($0) } ?? NumberParser.double(bytes[...]).map { .double($0) }
        case .decimal(let decimal):
            guard bytes.first.map({ $0 > 0x20 }) == true, bytes.last.map({ $0 > 0x20 }) == true,
                case .some(let digits?) = NumberParser.decimal(bytes.filter { $0 != UInt8(ascii: ",") }[...], scale: decimal.scale),
                Decimals.fits(digits, precision: decimal.precision)
            else { return nil }
            return .decimal(digits)
        case .date:
            guard let datePattern else { return DateTimeText.parseDate(bytes).map { .integer(Int64($0)) } }
            guard case .success(let parsed) = datePattern.parse(text) else { return nil }
            return .integer(Int64(parsed.local.date.days))
        case .timestamp:
            guard let timestampPattern else {
                return DateTimeText.parseTimestamp(bytes, in: context.timeZone, now: context.nowMicros).map { .integer($0) }
            }
            guard case .success(let parsed) = timestampPattern.parse(text), let local = parsed.local.micros else { return nil }
            return .integer((parsed.zone ?? context.timeZone).utc(fromLocal: local))
        case .timestampNTZ:
            guard let ntzPattern else { return DateTimeText.parseTimestampNTZ(bytes, allowZone: false).map { .integer($0) } }
            guard case .success(let parsed) = ntzPattern.parse(text), let local = parsed.local.micros else { return nil }
            return .integer(local)
        case .binary: return .binary(bytes)
        case .variant: return variant(text).encoded
        case .yearMonthInterval(let range): return (try? IntervalText.parseYearMonth(bytes, range)).map { .integer(Int64($0)) }
        case .dayTimeInterval(let range): return (try? IntervalText.parseDayTime(bytes, range)).map { .integer($0) }
        default: return nil
        }
    }

    /// A value as the type that it looks like.
    func variant(_ text: String) -> VariantNode {
        if let whole = Int64(text) { return .integer(whole) }
        let bytes = Array(text.utf8)
        if let parts = NumberParser.parts(bytes[...]), case let scale = max(0, parts.fraction.count - parts.exponent), scale <= 38,
            case .some(let digits?) = NumberParser.decimal(bytes[...], scale: scale), Decimals.fits(digits, precision: 38)
        {
            return .decimal(digits, scale: scale)
        }
        if bytes.count == 10, case .integer(let days)? = value(bytes, .date), let day = Int32(exactly: days) { return .date(day) }
        if case .integer(let micros)? = value(bytes, .timestamp) { return .timestamp(micros) }
        if case .boolean(let bit)? = value(bytes, .boolean) { return .boolean(bit) }
        return .string(text)
    }

    private func special(_ text: String) -> Double? {
        switch text {
        case nan: .nan
        case positiveInfinity: .infinity
        case negativeInfinity: -.infinity
        default: nil
        }
    }

    /// The narrowest type that Spark infers for a text of CSV.
    func inferred(_ bytes: [UInt8]) -> DataType {
        let text = String(decoding: bytes, as: UTF8.self)
        if Int32(text) != nil { return .int }
        if Int64(text) != nil { return .long }
        if (19...39).contains(bytes.count), bytes.dropFirst(bytes[0] == UInt8(ascii: "-") ? 1 : 0).allSatisfy({ (48...57).contains($0) }) {
            let digits = bytes.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "0") }.count
            if (19...38).contains(digits) { return .decimal(DecimalType(digits, 0)) }
        }
        if special(text) != nil || NumberParser.double(bytes[...]) != nil { return .double }
        let dashes = bytes.count(where: { $0 == UInt8(ascii: "-") })
        if datePattern == nil, DateTimeText.parseDate(bytes) != nil, dashes == 2, bytes.count == 10 { return .date }
        if datePattern != nil, value(bytes, .date) != nil { return .date }
        if value(bytes, .timestamp) != nil { return .timestamp }
        if value(bytes, .boolean) != nil { return .boolean }
        return .text
    }
}

import Columnar
import SparkErrors

/// Patterns compiled once a run of equal ones.
struct PatternCache {
    let parsing: Bool
    private var last: DateTimePattern?

    init(parsing: Bool) { self.parsing = parsing }

    mutating func pattern(_ text: String) throws(SQLError) -> DateTimePattern {
        if let last, last.pattern == text { return last }
        let made = try DateTimePattern(text, parsing: parsing)
        last = made
        return made
    }
}

extension ScalarFunction {
    private static let standardPattern = "yyyy-MM-dd HH:mm:ss"

    static let dateFormat = ScalarFunction(
        "date_format", Signature([.exact(.timestamp), .string], returns: .text), group: .datetime, since: "1.5.0",
        usage: "date_format(timestamp, fmt) - The timestamp as text by a pattern.",
        examples: [
            Example("date_format('2016-04-08', 'y')", "2016"),
            Example("date_format(TIMESTAMP'2024-03-05 14:07:09.123', 'EEE, d MMM yyyy hh:mm:ss.SSS a')", "Tue, 5 Mar 2024 02:07:09.123 PM"),
            Example("date_format(DATE'2024-03-05', \"yyyy'T'D QQQ\")", "2024T65 Q1"),
            Example("date_format(TIMESTAMP'2024-03-05 14:07:09', 'XXX Z VV z')", "Z +0000 UTC UTC"),
        ],
        kernel: RowKernel { (arguments, type, _, context) throws(SQLError) in
            var cache = PatternCache(parsing: false)
            let zone = context.timeZone
            return try Rows.map(arguments[0], arguments[1], to: type) { (micros: Int64, pattern: String) throws(SQLError) -> String? in
                try cache.pattern(pattern).format(local: zone.local(fromUTC: micros), utc: micros, zone)
            }
        })

    static let fromUnixtime = ScalarFunction(
        "from_unixtime", Signature([.exact(.long), .string], optional: 1, returns: .text), group: .datetime, since: "1.5.0",
        usage: "from_unixtime(seconds[, fmt]) - Seconds since 1970-01-01 as text.",
        examples: [Example("from_unixtime(0)", "1970-01-01 00:00:00"), Example("from_unixtime(86400, 'yyyy-MM-dd')", "1970-01-02")],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 1 ? arguments + [standardPattern] : arguments).joined(separator: ", ")))"
        },
        kernel: RowKernel { (arguments, type, rowCount, context) throws(SQLError) in
            var cache = PatternCache(parsing: false)
            let zone = context.timeZone
            let patterns = arguments.count > 1 ? arguments[1] : Column(repeating: .string(standardPattern), type: .text, count: rowCount)
            return try Rows.map(arguments[0], patterns, to: type) { (seconds: Int64, pattern: String) throws(SQLError) -> String? in
                let micros = seconds.multipliedReportingOverflow(by: Micros.perSecond).partialValue
                return try cache.pattern(pattern).format(local: zone.local(fromUTC: micros), utc: micros, zone)
            }
        })

    // MARK: Parsing

    enum Target: Sendable { case date, timestamp, timestampNTZ, seconds }

    /// Text by pattern; failures raise or give NULL.
    private static func parsed(
        _ texts: Column, _ patterns: Column, _ target: Target, _ type: DataType, strict: Bool, hint: String, _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        var cache = PatternCache(parsing: true)
        let zone = context.timeZone
        func micros(_ text: String, _ pattern: String) throws(SQLError) -> Int64? {
            switch try cache.pattern(pattern).parse(text) {
            case .failure(let failure):
                if strict { throw SQLError(.cannotParseTimestamp, ["message": failure.message, "func": SQLQuote.id(hint)]) }
                return nil
            case .success(let parsed):
                guard let local = parsed.local.micros else { return nil }
                return target == .timestampNTZ ? local : (parsed.zone ?? zone).utc(fromLocal: local)
            }
        }
        if target == .date {
            return try Rows.map(texts, patterns, to: type) { (text: String, pattern: String) throws(SQLError) -> Int32? in
                try micros(text, pattern).map { Int32(truncatingIfNeeded: zone.local(fromUTC: $0).floorDiv(Micros.perDay)) }
            }
        }
        return try Rows.map(texts, patterns, to: type) { (text: String, pattern: String) throws(SQLError) -> Int64? in
            try micros(text, pattern).map { target == .seconds ? $0.floorDiv(Micros.perSecond) : $0 }
        }
    }

    private static func conversion(
        _ name: String, _ target: Target, attempt: Bool, since: String, usage: String, examples: [Example]
    ) -> ScalarFunction {
        ScalarFunction(name, group: .datetime, since: since, usage: usage, examples: examples) { (call, context) throws(SQLError) in
            try call.checkCount(1...2)
            let type: DataType = target == .date ? .date : (target == .timestamp ? .timestamp : .timestampNTZ)
            let given = call.arguments[0].type
            let mode: Cast.Mode = attempt ? .attempt : (context.ansi ? .ansi : .legacy)
            let nullable = call.anyNullable || attempt || !context.ansi
            if call.count == 1 || !(given.isString || given == .void || (target == .date && given.isInteger)) {
                // Without a pattern, or from a date or timestamp: a cast.
                if let error = Cast.refusal(given, type, sql: call.sql, context, attempt: attempt) { throw error }
                if call.count == 2, Coercion.implicitCast(call.arguments[1].type, to: .string) == nil { throw call.unexpectedType(1, "\"STRING\"") }
                // The pattern of what is a date already is not looked at, not even whether it is NULL.
                let types = [given] + (call.count == 2 ? [call.types[1]] : [])
                return BoundScalar(types, returns: type, nullable: nullable) { (arguments, _, context) throws(SQLError) in
                    try Cast.cast(arguments[0], to: type, mode: mode, context)
                }
            }
            guard Coercion.implicitCast(call.arguments[1].type, to: .string) != nil else { throw call.unexpectedType(1, "\"STRING\"") }
            let strict = mode == .ansi
            return BoundScalar([.text, .text], returns: type, nullable: nullable) { (arguments, _, context) throws(SQLError) in
                try parsed(
                    arguments[0], arguments[1], target, type, strict: strict, hint: target == .date ? "try_to_date" : "try_to_timestamp", context)
            }
        }
    }

    static let parsingFunctions: [ScalarFunction] = [
        conversion(
            "to_date", .date, attempt: false, since: "1.5.0", usage: "to_date(str[, fmt]) - A date from text, by a pattern if one is given.",
            examples: [
                Example("to_date('2009-07-30 04:17:52')", "2009-07-30"), Example("to_date('31/12/2016', 'dd/MM/yyyy')", "2016-12-31"),
                Example("to_date('20240305', 'yyyyMMdd')", "2024-03-05"),
            ]),
        conversion(
            "try_to_date", .date, attempt: true, since: "4.0.0", usage: "try_to_date(str[, fmt]) - As to_date, but NULL where that fails.",
            examples: [Example("try_to_date('foo')", "NULL"), Example("try_to_date('2024-3-5', 'yyyy-MM-dd')", "NULL")]),
        conversion(
            "to_timestamp", .timestamp, attempt: false, since: "2.2.0",
            usage: "to_timestamp(str[, fmt]) - A timestamp from text, by a pattern if one is given.",
            examples: [
                Example("to_timestamp('2016-12-31 00:12:00')", "2016-12-31T00:12:00.000Z"),
                Example("to_timestamp('2016-12-31', 'yyyy-MM-dd')", "2016-12-31T00:00:00.000Z"),
                Example("to_timestamp('Mar 5, 2024 02:07 PM +01:00', 'MMM d, yyyy hh:mm a XXX')", "2024-03-05T13:07:00.000Z"),
                Example("to_timestamp(1.5)", "1970-01-01T00:00:01.500Z"),
            ]),
        conversion(
            "try_to_timestamp", .timestamp, attempt: true, since: "3.3.0",
            usage: "try_to_timestamp(str[, fmt]) - As to_timestamp, but NULL where that fails.",
            examples: [
                Example("try_to_timestamp('foo', 'yyyy-MM-dd')", "NULL"),
                Example("try_to_timestamp('2016-12-31 00:12:00')", "2016-12-31T00:12:00.000Z"),
            ]),
        conversion(
            "to_timestamp_ltz", .timestamp, attempt: false, since: "3.4.0",
            usage: "to_timestamp_ltz(str[, fmt]) - A timestamp with the session's zone.",
            examples: [Example("to_timestamp_ltz('2016-12-31', 'yyyy-MM-dd')", "2016-12-31T00:00:00.000Z")]),
        conversion(
            "to_timestamp_ntz", .timestampNTZ, attempt: false, since: "3.4.0", usage: "to_timestamp_ntz(str[, fmt]) - A timestamp without a zone.",
            examples: [
                Example("to_timestamp_ntz('2016-12-31 00:12:00')", "2016-12-31T00:12:00.000"),
                Example("to_timestamp_ntz('2016-12-31', 'yyyy-MM-dd')", "2016-12-31T00:00:00.000"),
            ]),
    ]

    private static func unixTime(_ name: String, mayBeEmpty: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, group: .datetime, since: "1.5.0", usage: usage, examples: examples,
            syntax: .custom { name, arguments in
                switch arguments.count {
                case 0: "\(name)(current_timestamp(), \(standardPattern))"
                case 1: "\(name)(\(arguments[0]), \(standardPattern))"
                default: "\(name)(\(arguments.joined(separator: ", ")))"
                }
            }
        ) { (call, context) throws(SQLError) in
            try call.checkCount((mayBeEmpty ? 0 : 1)...2)
            if call.arguments.isEmpty {
                return BoundScalar([], returns: .long, nullable: false) { (_, rowCount, context) throws(SQLError) in
                    Column(repeating: .integer(context.nowMicros.floorDiv(Micros.perSecond)), type: .long, count: rowCount)
                }
            }
            let rest = call.count == 2 ? [DataType.text] : []
            switch call.arguments[0].type {
            case .date, .timestamp, .timestampNTZ:
                let given = call.arguments[0].type
                return BoundScalar([given] + rest, returns: .long, nullable: call.anyNullable) { (arguments, _, context) throws(SQLError) in
                    let moments = try Cast.cast(arguments[0], to: .timestamp, context)
                    return try Rows.map(moments, to: .long) { (micros: Int64) throws(SQLError) -> Int64? in micros.floorDiv(Micros.perSecond) }
                }
            case let type where type.isString || type == .void:
                let strict = context.ansi
                return BoundScalar([.text] + rest, returns: .long, nullable: call.anyNullable || !strict) {
                    (arguments, rowCount, context) throws(SQLError) in
                    let patterns = arguments.count > 1 ? arguments[1] : Column(repeating: .string(standardPattern), type: .text, count: rowCount)
                    return try parsed(arguments[0], patterns, .seconds, .long, strict: strict, hint: "try_to_timestamp", context)
                }
            default: throw call.unexpectedType(0, "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\")")
            }
        }
    }

    static let unixTimestamp = unixTime(
        "unix_timestamp", mayBeEmpty: true, usage: "unix_timestamp([time[, fmt]]) - Seconds since 1970-01-01 of a time, or of now.",
        examples: [
            Example("unix_timestamp('2016-04-08', 'yyyy-MM-dd')", "1460073600"), Example("unix_timestamp(TIMESTAMP'1970-01-01 00:00:01.9')", "1"),
        ])
    static let toUnixTimestamp = unixTime(
        "to_unix_timestamp", mayBeEmpty: false, usage: "to_unix_timestamp(time[, fmt]) - Seconds since 1970-01-01 of a time.",
        examples: [Example("to_unix_timestamp('2016-04-08', 'yyyy-MM-dd')", "1460073600")])
}

let dateFormattingFunctions: [ScalarFunction] =
    [.dateFormat, .fromUnixtime, .unixTimestamp, .toUnixTimestamp] + ScalarFunction.parsingFunctions

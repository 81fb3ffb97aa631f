import Columnar
import SparkErrors

extension ScalarFunction {
    private static func current(
        _ name: String, aliases: [String] = [], returns type: DataType, since: String, usage: String, examples: [Example],
        _ value: @escaping @Sendable (EvaluationContext) -> Int64
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, Signature([], returns: type), group: .datetime, since: since, usage: usage, examples: examples,
            syntax: name == "current_date" ? .named("current_date") : .call, nulls: .never, kernel: .constant { .integer(value($0)) })
    }

    static let currentFunctions: [ScalarFunction] = [
        current(
            "current_timestamp", aliases: ["now"], returns: .timestamp, since: "1.5.0",
            usage: "current_timestamp(), now() - The time at which the statement began.",
            examples: [Example("now() = current_timestamp()", "true")]
        ) { $0.nowMicros },
        current(
            "current_date", aliases: ["curdate"], returns: .date, since: "1.5.0",
            usage: "current_date() - The date at which the statement began, in the session's zone.",
            examples: [Example("current_date() = date(now())", "true")]
        ) { $0.timeZone.local(fromUTC: $0.nowMicros).floorDiv(Micros.perDay) },
        current(
            "localtimestamp", returns: .timestampNTZ, since: "3.4.0", usage: "localtimestamp() - The wall clock's time at which the statement began.",
            examples: [Example("CAST(localtimestamp() AS TIMESTAMP) = now()", "true")]
        ) { $0.timeZone.local(fromUTC: $0.nowMicros) },
    ]

    static let currentTimezone = ScalarFunction(
        "current_timezone", Signature([], returns: .text), group: .datetime, since: "3.1.0", usage: "current_timezone() - The session's time zone.",
        examples: [Example("current_timezone()", "UTC")], nulls: .never, kernel: .constant { .string($0.timeZone.id) })

    // MARK: Numbers since 1970

    private static func fromNumber(_ name: String, since: String, factor: Int64, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, Signature([.integral], returns: .timestamp), group: .datetime, since: since, usage: usage, examples: examples,
            kernel: RowKernel { (arguments, type, _, context) throws(SQLError) in
                try Rows.map(try Cast.cast(arguments[0], to: .long, context), to: type) { (value: Int64) throws(SQLError) -> Int64? in
                    let (micros, overflow) = value.multipliedReportingOverflow(by: factor)
                    if overflow { throw SQLError(.datetimeOverflow, ["operation": "long overflow"]) }
                    return micros
                }
            })
    }

    static let timestampMillis = fromNumber(
        "timestamp_millis", since: "3.1.0", factor: 1000, usage: "timestamp_millis(n) - The timestamp n milliseconds behind 1970-01-01.",
        examples: [Example("timestamp_millis(1230219000123)", "2008-12-25T15:30:00.123Z")])
    static let timestampMicros = fromNumber(
        "timestamp_micros", since: "3.1.0", factor: 1, usage: "timestamp_micros(n) - The timestamp n microseconds behind 1970-01-01.",
        examples: [Example("timestamp_micros(1230219000123123)", "2008-12-25T15:30:00.123123Z")])

    static let timestampSeconds = ScalarFunction(
        "timestamp_seconds", Signature([.numeric], returns: .timestamp), group: .datetime, since: "3.1.0",
        usage: "timestamp_seconds(n) - The timestamp n seconds behind 1970-01-01.",
        examples: [
            Example("timestamp_seconds(1230219000)", "2008-12-25T15:30:00.000Z"),
            Example("timestamp_seconds(1230219000.123)", "2008-12-25T15:30:00.123Z"),
        ],
        kernel: RowKernel { (arguments, type, rowCount, context) throws(SQLError) in
            let column = arguments[0]
            func overflow() -> SQLError { SQLError(.datetimeOverflow, ["operation": "long overflow"]) }
            switch column.type {
            case .decimal(let decimal):
                return try Rows.map(column, to: type) { (digits: Int128) throws(SQLError) -> Int64? in
                    guard let micros = Decimals.rescale(digits, from: decimal.scale, to: 6), let exact = Int64(exactly: micros) else {
                        throw overflow()
                    }
                    return exact
                }
            case .float, .double:
                return try Rows.map(try Cast.cast(column, to: .double, context), to: type) { (seconds: Double) throws(SQLError) -> Int64? in
                    seconds.isFinite ? Int64(exactly: (seconds * 1e6).rounded(.towardZero)) : nil
                }
            default:
                return try Rows.map(try Cast.cast(column, to: .long, context), to: type) { (seconds: Int64) throws(SQLError) -> Int64? in
                    let (micros, tooLarge) = seconds.multipliedReportingOverflow(by: Micros.perSecond)
                    if tooLarge { throw overflow() }
                    return micros
                }
            }
        })

    private static func toNumber(_ name: String, divisor: Int64, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, Signature([.exact(.timestamp)], returns: .long), group: .datetime, since: "3.1.0", usage: usage, examples: examples,
            kernel: .unary { (micros: Int64) in micros.floorDiv(divisor) })
    }

    static let unixNumbers: [ScalarFunction] = [
        toNumber(
            "unix_seconds", divisor: Micros.perSecond, usage: "unix_seconds(timestamp) - Whole seconds since 1970-01-01.",
            examples: [Example("unix_seconds(TIMESTAMP'1970-01-01 00:00:01Z')", "1")]),
        toNumber(
            "unix_millis", divisor: 1000, usage: "unix_millis(timestamp) - Whole milliseconds since 1970-01-01.",
            examples: [Example("unix_millis(TIMESTAMP'1970-01-01 00:00:01Z')", "1000")]),
        toNumber(
            "unix_micros", divisor: 1, usage: "unix_micros(timestamp) - Microseconds since 1970-01-01.",
            examples: [Example("unix_micros(TIMESTAMP'1970-01-01 00:00:01Z')", "1000000")]),
        ScalarFunction(
            "unix_date", Signature([.exact(.date)], returns: .int), group: .datetime, since: "3.1.0",
            usage: "unix_date(date) - Days since 1970-01-01.",
            examples: [Example("unix_date(DATE'1970-01-02')", "1")], kernel: .unary { (days: Int32) in days }),
        ScalarFunction(
            "date_from_unix_date", Signature([.exact(.int)], returns: .date), group: .datetime, since: "3.1.0",
            usage: "date_from_unix_date(days) - The date so many days behind 1970-01-01.",
            examples: [Example("date_from_unix_date(1)", "1970-01-02")], kernel: .unary { (days: Int32) in days }),
    ]

    // MARK: Zones

    private static func zone(_ name: String) throws(SQLError) -> SessionTimeZone {
        if let zone = SessionTimeZone(padding: name) { return zone }
        throw SQLError(.invalidTimezone, ["timeZone": name])
    }

    static let fromUTCTimestamp = ScalarFunction(
        "from_utc_timestamp", Signature([.exact(.timestamp), .string], returns: .timestamp), group: .datetime, since: "1.5.0",
        usage: "from_utc_timestamp(timestamp, timezone) - The time read as UTC, shown as a zone's wall clock.",
        examples: [Example("from_utc_timestamp('2016-08-31', 'Asia/Seoul')", "2016-08-31T09:00:00.000Z")],
        kernel: .binary { (micros: Int64, name: String) throws(SQLError) -> Int64? in try zone(name).local(fromUTC: micros) })
    static let toUTCTimestamp = ScalarFunction(
        "to_utc_timestamp", Signature([.exact(.timestamp), .string], returns: .timestamp), group: .datetime, since: "1.5.0",
        usage: "to_utc_timestamp(timestamp, timezone) - The time read as a zone's wall clock, shown as UTC.",
        examples: [Example("to_utc_timestamp('2016-08-31', 'Asia/Seoul')", "2016-08-30T15:00:00.000Z")],
        kernel: .binary { (micros: Int64, name: String) throws(SQLError) -> Int64? in try zone(name).utc(fromLocal: micros) })

    static let convertTimezone = ScalarFunction(
        "convert_timezone", group: .datetime, since: "3.4.0",
        usage:
            "convert_timezone([sourceTz, ]targetTz, sourceTs) - A wall clock's time in one zone as that in another; from the session's if not said.",
        examples: [
            Example("convert_timezone('Europe/Brussels', 'America/Los_Angeles', TIMESTAMP_NTZ'2021-12-06 00:00:00')", "2021-12-05T15:00:00.000")
        ],
        syntax: .custom { name, arguments in
            "\(name)(\((arguments.count == 2 ? ["current_timezone()"] + arguments : arguments).joined(separator: ", ")))"
        }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...3)
        let zones: [TypeClass] = [TypeClass](repeating: .string, count: call.count - 1)
        let types = try Signature(zones + [.exact(.timestampNTZ)], returns: .timestampNTZ).argumentTypes(call)
        return BoundScalar(types, returns: .timestampNTZ, nullable: call.anyNullable) { (arguments, rowCount, context) throws(SQLError) in
            let sources = arguments.count == 3 ? arguments[0] : Column(repeating: .string(context.timeZone.id), type: .text, count: rowCount)
            return try Rows.map(sources, arguments[arguments.count - 2], arguments[arguments.count - 1], to: .timestampNTZ) {
                (source: String, target: String, local: Int64) throws(SQLError) -> Int64? in
                try zone(target).local(fromUTC: try zone(source).utc(fromLocal: local))
            }
        }
    }
}

let currentTimeFunctions: [ScalarFunction] =
    ScalarFunction.currentFunctions + [.currentTimezone, .timestampSeconds, .timestampMillis, .timestampMicros] + ScalarFunction.unixNumbers + [
        .fromUTCTimestamp, .toUTCTimestamp, .convertTimezone,
    ]

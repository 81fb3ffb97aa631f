import Columnar
import SparkErrors

extension ScalarFunction {
    /// A part of a date.
    private static func datePart(
        _ name: String, aliases: [String] = [], since: String = "1.5.0", usage: String, examples: [Example], _ body: @escaping @Sendable (Int) -> Int
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, Signature([.exact(.date)], returns: .int), group: .datetime, since: since, usage: usage, examples: examples,
            kernel: .unary { (days: Int32) in Int32(truncatingIfNeeded: body(Int(days))) })
    }

    static let dateParts: [ScalarFunction] = [
        datePart(
            "year", usage: "year(date) - The year.", examples: [Example("year('2016-07-30')", "2016"), Example("year(DATE'-0044-03-15')", "-44")]
        ) { CivilDate(days: $0).year },
        datePart("quarter", usage: "quarter(date) - The quarter of the year, 1 to 4.", examples: [Example("quarter('2016-08-31')", "3")]) {
            (CivilDate(days: $0).month - 1) / 3 + 1
        },
        datePart("month", usage: "month(date) - The month, 1 to 12.", examples: [Example("month('2016-07-30')", "7")]) { CivilDate(days: $0).month },
        datePart(
            "day", aliases: ["dayofmonth"], usage: "day(date) - The day of the month.",
            examples: [Example("day('2009-07-30')", "30"), Example("dayofmonth('2009-07-30')", "30")]
        ) {
            CivilDate(days: $0).day
        },
        datePart("dayofyear", usage: "dayofyear(date) - The day of the year.", examples: [Example("dayofyear('2016-04-09')", "100")]) {
            CivilDate(days: $0).dayOfYear
        },
        datePart(
            "dayofweek", since: "2.3.0", usage: "dayofweek(date) - The day of the week, 1 is Sunday.",
            examples: [Example("dayofweek('2009-07-30')", "5")]
        ) {
            CivilDate.isoDayOfWeek(days: $0) % 7 + 1
        },
        datePart(
            "weekday", since: "2.4.0", usage: "weekday(date) - The day of the week, 0 is Monday.", examples: [Example("weekday('2009-07-30')", "3")]
        ) {
            CivilDate.isoDayOfWeek(days: $0) - 1
        },
        datePart(
            "weekofyear", usage: "weekofyear(date) - The ISO week of the year: the first has at least four days.",
            examples: [Example("weekofyear('2008-02-20')", "8"), Example("weekofyear('2024-12-30')", "1")]
        ) { CivilDate(days: $0).isoWeek.week },
    ]

    static let dayName = ScalarFunction(
        "dayname", Signature([.exact(.date)], returns: .text), group: .datetime, since: "4.0.0", usage: "dayname(date) - The short name of the day.",
        examples: [Example("dayname(DATE'2008-02-20')", "Wed")],
        kernel: .unary { (days: Int32) in String(DateTimePattern.days[CivilDate.isoDayOfWeek(days: Int(days)) - 1].prefix(3)) })
    static let monthName = ScalarFunction(
        "monthname", Signature([.exact(.date)], returns: .text), group: .datetime, since: "4.0.0",
        usage: "monthname(date) - The short name of the month.",
        examples: [Example("monthname('2008-02-20')", "Feb")],
        kernel: .unary { (days: Int32) in String(DateTimePattern.months[CivilDate(days: Int(days)).month - 1].prefix(3)) })

    /// A part of a time of day.
    private static func timePart(_ name: String, usage: String, examples: [Example], _ body: @escaping @Sendable (CivilDateTime) -> Int)
        -> ScalarFunction
    {
        ScalarFunction(
            name, Signature([.anyTimestamp], returns: .int), group: .datetime, since: "1.5.0", usage: usage, examples: examples,
            kernel: RowKernel { (arguments, type, _, context) throws(SQLError) in
                let zone = arguments[0].type == .timestamp ? context.timeZone : .utc
                return try Rows.map(arguments[0], to: type) { (micros: Int64) throws(SQLError) -> Int32? in
                    Int32(truncatingIfNeeded: body(CivilDateTime(micros: zone.local(fromUTC: micros))))
                }
            })
    }

    static let timeParts: [ScalarFunction] = [
        timePart("hour", usage: "hour(timestamp) - The hour, 0 to 23.", examples: [Example("hour('2009-07-30 12:58:59')", "12")]) { $0.hour },
        timePart("minute", usage: "minute(timestamp) - The minute.", examples: [Example("minute('2009-07-30 12:58:59')", "58")]) { $0.minute },
        timePart(
            "second", usage: "second(timestamp) - The second, without its fraction.", examples: [Example("second('2009-07-30 12:58:59.9')", "59")]
        ) { $0.second },
    ]

    // MARK: By name

    private static func extraction(_ name: String, aliases: [String], since: String, usage: String, examples: [Example], syntax: CallSyntax)
        -> ScalarFunction
    {
        ScalarFunction(name, aliases: aliases, group: .datetime, since: since, usage: usage, examples: examples, syntax: syntax) {
            (call, _) throws(SQLError) in
            try call.checkCount(2...2)
            guard let constant = call.arguments[0].constant else {
                throw SQLError(
                    .nonFoldableArgument,
                    ["funcName": SQLQuote.id(call.name), "paramName": SQLQuote.id("field"), "paramType": SQLQuote.type("STRING")], phase: .analysis)
            }
            guard case .string(let field) = constant else {
                return BoundScalar([.text, call.arguments[1].type], returns: .double, nullable: true) { (_, rowCount, _) throws(SQLError) in
                    .nulls(.double, count: rowCount)
                }
            }
            let given = call.arguments[1].type
            let source: DataType = given.isString || given == .void ? .timestamp : given
            guard let part = DatePart(field, of: source) else {
                throw SQLError(.invalidExtractField, ["field": SQLQuote.id(field), "expr": SQLQuote.expr(call.arguments[1].sql)], phase: .analysis)
            }
            let isInterval = TemporalArithmetic.isInterval(source)
            // Months, hours and minutes of an interval are few.
            let type: DataType = isInterval && [.month, .hour, .minute].contains(part) ? .byte : part.type
            return BoundScalar([.text, source], returns: type, nullable: call.arguments[1].nullable) {
                (arguments, rowCount, context) throws(SQLError) in
                let column = arguments[1]
                let zone = source == .timestamp ? context.timeZone : .utc
                let values = try Cast.wide(column)
                switch type {
                case .decimal:
                    return try Rows.make(type, rowCount, validity: column.validity) { (row) throws(SQLError) -> Int128? in
                        Int128(part.seconds(values[row], zone, isInterval: isInterval))
                    }
                case .byte:
                    return try Rows.make(type, rowCount, validity: column.validity) { (row) throws(SQLError) -> Int8? in
                        Int8(truncatingIfNeeded: part.value(values[row], source, zone))
                    }
                default:
                    return try Rows.make(type, rowCount, validity: column.validity) { (row) throws(SQLError) -> Int32? in
                        Int32(truncatingIfNeeded: part.value(values[row], source, zone))
                    }
                }
            }
        }
    }

    static let datePartByName = extraction(
        "date_part", aliases: ["datepart"], since: "3.0.0", usage: "date_part(field, source) - A part of a date, timestamp or interval.",
        examples: [
            Example("date_part('YEAR', TIMESTAMP'2019-08-12 01:00:00.123456')", "2019"),
            Example("date_part('week', TIMESTAMP'2019-08-12 01:00:00.123456')", "33"),
            Example("date_part('doy', DATE'2019-08-12')", "224"), Example("date_part('SECONDS', TIMESTAMP'2019-10-01 00:00:01.000001')", "1.000001"),
            Example("date_part('MONTH', INTERVAL '2021-11' YEAR TO MONTH)", "11"),
            Example("date_part('seconds', INTERVAL '5 03:04:55.5' DAY TO SECOND)", "55.500000"),
        ], syntax: .custom { name, arguments in "\(name)(\(arguments.joined(separator: name == "datepart" ? " FROM " : ", ")))" })
    static let extract = extraction(
        "extract", aliases: [], since: "3.0.0", usage: "extract(field FROM source) - A part of a date, timestamp or interval.",
        examples: [
            Example("extract(YEAR FROM TIMESTAMP'2019-08-12 01:00:00.123456')", "2019"), Example("extract(dow FROM DATE'2024-03-03')", "1"),
            Example("extract(dayofweek_iso FROM DATE'2024-03-03')", "7"), Example("extract(hour FROM INTERVAL '1 02:03:04' DAY TO SECOND)", "2"),
        ], syntax: .custom { _, arguments in "extract(\(arguments.joined(separator: " FROM ")))" })
}

extension Cast {
    /// Whole numbers of any layout as 64 bits.
    static func wide(_ column: Column) throws(SQLError) -> [Int64] {
        switch column.values {
        case .int8(let array): return array.values.map { Int64($0) }
        case .int16(let array): return array.values.map { Int64($0) }
        case .int32(let array): return array.values.map { Int64($0) }
        case .int64(let array): return array.values
        case .void(let count): return [Int64](repeating: 0, count: count)
        default: throw .internalFault("whole numbers were wanted, not \(column.type.sqlText)")
        }
    }
}

/// A field of EXTRACT.
enum DatePart: Sendable {
    case year, isoYear, quarter, month, week, day, dayOfWeek, isoDayOfWeek, dayOfYear, hour, minute, second

    init?(_ name: String, of type: DataType) {
        guard let part = Self.names[name.uppercased()] else { return nil }
        switch type {
        case .date, .timestamp, .timestampNTZ: break
        case .yearMonthInterval(let range):
            switch part {
            case .year where range.start == .year: break
            case .month where range.end == .month: break
            default: return nil
            }
        case .dayTimeInterval(let range):
            let wanted: DayTimeRange.Unit
            switch part {
            case .day: wanted = .day
            case .hour: wanted = .hour
            case .minute: wanted = .minute
            case .second: wanted = .second
            default: return nil
            }
            guard range.start.rawValue <= wanted.rawValue, wanted.rawValue <= range.end.rawValue else { return nil }
        default: return nil
        }
        self = part
    }

    private static let names: [String: DatePart] = {
        let groups: [(DatePart, [String])] = [
            (.year, ["YEAR", "Y", "YEARS", "YR", "YRS"]), (.isoYear, ["YEAROFWEEK"]), (.quarter, ["QUARTER", "QTR"]),
            (.month, ["MONTH", "MON", "MONS", "MONTHS"]),
            (.week, ["WEEK", "W", "WEEKS"]), (.day, ["DAY", "D", "DAYS"]), (.dayOfWeek, ["DAYOFWEEK", "DOW"]),
            (.isoDayOfWeek, ["DAYOFWEEK_ISO", "DOW_ISO"]),
            (.dayOfYear, ["DOY"]), (.hour, ["HOUR", "H", "HOURS", "HR", "HRS"]), (.minute, ["MINUTE", "M", "MIN", "MINS", "MINUTES"]),
            (.second, ["SECOND", "S", "SEC", "SECONDS", "SECS"]),
        ]
        var names: [String: DatePart] = [:]
        for (part, spellings) in groups { for spelling in spellings { names[spelling] = part } }
        return names
    }()

    var type: DataType { self == .second ? .decimal(DecimalType(8, 6)) : .int }

    /// Seconds with their fraction, in microseconds.
    func seconds(_ value: Int64, _ zone: SessionTimeZone, isInterval: Bool) -> Int64 {
        isInterval ? value % Micros.perMinute : zone.local(fromUTC: value).floorMod(Micros.perMinute)
    }

    func value(_ value: Int64, _ type: DataType, _ zone: SessionTimeZone) -> Int {
        switch type {
        case .yearMonthInterval: return Int(self == .year ? value / 12 : value % 12)
        case .dayTimeInterval:
            switch self {
            case .day: return Int(value / Micros.perDay)
            case .hour: return Int(value % Micros.perDay / Micros.perHour)
            default: return Int(value % Micros.perHour / Micros.perMinute)
            }
        default: break
        }
        let time = type == .date ? CivilDateTime(CivilDate(days: Int(value)), microOfDay: 0) : CivilDateTime(micros: zone.local(fromUTC: value))
        switch self {
        case .year: return time.date.year
        case .isoYear: return time.date.isoWeek.year
        case .quarter: return (time.date.month - 1) / 3 + 1
        case .month: return time.date.month
        case .week: return time.date.isoWeek.week
        case .day: return time.date.day
        case .dayOfWeek: return time.date.isoDayOfWeek % 7 + 1
        case .isoDayOfWeek: return time.date.isoDayOfWeek
        case .dayOfYear: return time.date.dayOfYear
        case .hour: return time.hour
        case .minute: return time.minute
        case .second: return time.second
        }
    }
}

let datePartFunctions: [ScalarFunction] = ScalarFunction.dateParts + ScalarFunction.timeParts + [.dayName, .monthName, .datePartByName, .extract]

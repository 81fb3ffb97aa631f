import Columnar
import SparkErrors

extension ScalarFunction {
    private static func addingDays(_ name: String, aliases: [String], sign: Int32, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, group: .datetime, since: "1.5.0", usage: usage, examples: examples,
            syntax: .custom { used, arguments in
                arguments.count == 3 ? "timestampadd(\(arguments.joined(separator: ", ")))" : "\(name)(\(arguments.joined(separator: ", ")))"
            }
        ) { (call, context) throws(SQLError) in
            if call.count == 3, sign > 0 { return try DateUnits.bindAdd(call, context) }
            try call.checkCount(2...2)
            guard Coercion.implicitCast(call.arguments[0].type, to: .exact(.date)) != nil else { throw call.unexpectedType(0, "\"DATE\"") }
            switch call.arguments[1].type {
            case .byte, .short, .int, .void: break
            case let type where type.isString: break
            default: throw call.unexpectedType(1, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")")
            }
            return BoundScalar([.date, .int], returns: .date, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], arguments[1], to: .date) { (day: Int32, count: Int32) throws(SQLError) -> Int32? in day &+ sign &* count }
            }
        }
    }

    static let dateAdd = addingDays(
        "date_add", aliases: ["dateadd"], sign: 1,
        usage: "date_add(start, days), dateadd(unit, count, timestamp) - A date so many days later, or a timestamp so many units later.",
        examples: [Example("date_add('2016-07-30', 1)", "2016-07-31"), Example("dateadd(MONTH, 1, DATE'2022-01-31')", "2022-02-28T00:00:00.000Z")])
    static let dateSub = addingDays(
        "date_sub", aliases: [], sign: -1, usage: "date_sub(start, days) - A date so many days before.",
        examples: [Example("date_sub('2016-07-30', 1)", "2016-07-29")])

    static let dateDiff = ScalarFunction(
        "datediff", aliases: ["date_diff"], group: .datetime, since: "1.5.0",
        usage: "datediff(end, start), datediff(unit, start, end) - How many days, or whole units, lie between.",
        examples: [Example("datediff('2009-07-31', '2009-07-30')", "1"), Example("datediff(MONTH, DATE'2021-02-28', DATE'2021-03-28')", "1")],
        syntax: .custom { name, arguments in
            arguments.count == 3 ? ofUnits.sql("timestampdiff", arguments) : "\(name)(\(arguments.joined(separator: ", ")))"
        }
    ) { (call, context) throws(SQLError) in
        if call.count == 3 { return try DateUnits.bindDifference(call, context) }
        let types = try Signature([.exact(.date), .exact(.date)], returns: .int).argumentTypes(call)
        return BoundScalar(types, returns: .int, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], arguments[1], to: .int) { (end: Int32, start: Int32) throws(SQLError) -> Int32? in end &- start }
        }
    }

    /// The unit in capitals.
    private static let ofUnits = CallSyntax.custom { name, arguments in
        "\(name)(\((arguments.prefix(1).map { $0.uppercased() } + arguments.dropFirst()).joined(separator: ", ")))"
    }

    static let timestampAdd = ScalarFunction(
        "timestampadd", group: .datetime, since: "3.3.0", usage: "timestampadd(unit, count, timestamp) - A timestamp so many units later.",
        examples: [Example("timestampadd(HOUR, 8, TIMESTAMP_NTZ'2022-02-11 20:30:00')", "2022-02-12T04:30:00.000")], syntax: ofUnits
    ) { (call, context) throws(SQLError) in try DateUnits.bindAdd(call, context) }
    static let timestampDiff = ScalarFunction(
        "timestampdiff", group: .datetime, since: "3.3.0", usage: "timestampdiff(unit, start, end) - How many whole units lie between.",
        examples: [
            Example("timestampdiff(HOUR, TIMESTAMP'2022-02-11 20:30:00', TIMESTAMP'2022-02-12 04:30:00')", "8"),
            Example("timestampdiff(MONTH, TIMESTAMP'2022-02-01 00:00:00', TIMESTAMP'2022-01-31 00:00:00')", "0"),
        ], syntax: ofUnits
    ) { (call, context) throws(SQLError) in try DateUnits.bindDifference(call, context) }

    static let addMonths = ScalarFunction(
        "add_months", Signature([.exact(.date), .exact(.int)], returns: .date), group: .datetime, since: "1.5.0",
        usage: "add_months(date, n) - The date n months later, or the month's last day if it has no such day.",
        examples: [Example("add_months('2016-08-31', 1)", "2016-09-30"), Example("add_months('2024-02-29', -12)", "2023-02-28")],
        kernel: .binary { (day: Int32, months: Int32) throws(SQLError) -> Int32? in
            let result = CivilDate(days: Int(day)).adding(months: Int(months)).days
            guard let exact = Int32(exactly: result) else { throw SQLError(.datetimeOverflow, ["operation": "integer overflow"]) }
            return exact
        })

    static let monthsBetween = ScalarFunction(
        "months_between", Signature([.exact(.timestamp), .exact(.timestamp), .exact(.boolean)], optional: 1, returns: .double), group: .datetime,
        since: "1.5.0",
        usage:
            "months_between(timestamp1, timestamp2[, roundOff]) - The months between, with 31 days for a part of one; rounded to 8 places unless roundOff is false.",
        examples: [
            Example("months_between('1997-02-28 10:30:00', '1996-10-30')", "3.94959677"),
            Example("months_between('1997-02-28 10:30:00', '1996-10-30', false)", "3.9495967741935485"),
            Example("months_between('2024-03-31', '2024-02-29')", "1.0"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + ["true"] : arguments).joined(separator: ", ")))" },
        kernel: RowKernel { (arguments, type, rowCount, context) throws(SQLError) in
            let rounding = arguments.count > 2 ? arguments[2] : Column(repeating: .boolean(true), type: .boolean, count: rowCount)
            let zone = context.timeZone
            return try Rows.map(arguments[0], arguments[1], rounding, to: type) { (a: Int64, b: Int64, round: Bool) throws(SQLError) -> Double? in
                let (x, y) = (CivilDateTime(micros: zone.local(fromUTC: a)), CivilDateTime(micros: zone.local(fromUTC: b)))
                let months = Double((x.date.year - y.date.year) * 12 + x.date.month - y.date.month)
                let bothLast =
                    x.date.day == CivilDate.daysInMonth(x.date.year, x.date.month) && y.date.day == CivilDate.daysInMonth(y.date.year, y.date.month)
                if x.date.day == y.date.day || bothLast { return months }
                let seconds = Double((x.date.day - y.date.day) * 86_400) + Double(x.microOfDay / Micros.perSecond - y.microOfDay / Micros.perSecond)
                let difference = months + seconds / (31 * 86_400)
                return round ? (difference * 1e8).rounded(.toNearestOrAwayFromZero) / 1e8 : difference
            }
        })

    static let lastDay = ScalarFunction(
        "last_day", Signature([.exact(.date)], returns: .date), group: .datetime, since: "1.5.0",
        usage: "last_day(date) - The last day of the date's month.",
        examples: [Example("last_day('2009-01-12')", "2009-01-31"), Example("last_day('2024-02-01')", "2024-02-29")],
        kernel: .unary { (day: Int32) -> Int32? in
            let date = CivilDate(days: Int(day))
            return day + Int32(CivilDate.daysInMonth(date.year, date.month) - date.day)
        })

    static let nextDay = ScalarFunction(
        "next_day", Signature([.exact(.date), .string], returns: .date), group: .datetime, since: "1.5.0",
        usage: "next_day(start, day_of_week) - The first such day behind a date, by a name such as MO, Mon or Monday.",
        examples: [Example("next_day('2015-01-14', 'TU')", "2015-01-20"), Example("next_day('2015-01-14', 'wednesday')", "2015-01-21")],
        kernel: .binaryIn { (day: Int32, name: String, context: EvaluationContext) throws(SQLError) -> Int32? in
            guard let wanted = DateUnits.dayOfWeek(name) else {
                if context.ansi { throw SQLError(.illegalDayOfWeek, ["string": name]) }
                return nil
            }
            let today = CivilDate.isoDayOfWeek(days: Int(day))
            return day + Int32((wanted - today + 6) % 7 + 1)
        })

    // MARK: Truncation

    static let trunc = ScalarFunction(
        "trunc", Signature([.exact(.date), .string], returns: .date), group: .datetime, since: "1.5.0",
        usage: "trunc(date, fmt) - The first day of the date's year, quarter, month or week; NULL for another fmt.",
        examples: [
            Example("trunc('2019-08-04', 'week')", "2019-07-29"), Example("trunc('2019-08-04', 'quarter')", "2019-07-01"),
            Example("trunc('2009-02-12', 'MM')", "2009-02-01"),
            Example("trunc('2015-10-27', 'YEAR')", "2015-01-01"), Example("trunc('2015-10-27', 'day')", "NULL"),
        ], nulls: .always,
        kernel: .binary { (day: Int32, format: String) -> Int32? in
            guard let unit = TruncationUnit(format), unit >= .week else { return nil }
            return Int32(truncatingIfNeeded: unit.truncate(days: Int(day)))
        })

    static let dateTrunc = ScalarFunction(
        "date_trunc", Signature([.string, .exact(.timestamp)], returns: .timestamp), group: .datetime, since: "2.3.0",
        usage: "date_trunc(fmt, ts) - The timestamp cut to a unit, from YEAR to MICROSECOND; NULL for another fmt.",
        examples: [
            Example("date_trunc('YEAR', '2015-03-05T09:32:05.359')", "2015-01-01T00:00:00.000Z"),
            Example("date_trunc('DD', '2015-03-05T09:32:05.359')", "2015-03-05T00:00:00.000Z"),
            Example("date_trunc('HOUR', '2015-03-05T09:32:05.359')", "2015-03-05T09:00:00.000Z"),
            Example("date_trunc('MILLISECOND', '2015-03-05T09:32:05.123456')", "2015-03-05T09:32:05.123Z"),
            Example("date_trunc('foo', '2015-03-05T09:32:05')", "NULL"),
        ], nulls: .always,
        kernel: .binaryIn { (format: String, micros: Int64, context: EvaluationContext) -> Int64? in
            guard let unit = TruncationUnit(format) else { return nil }
            return unit.truncate(micros: micros, context.timeZone)
        })
}

/// What `trunc` and `date_trunc` cut to, finest first.
enum TruncationUnit: Int, Comparable, Sendable {
    case microsecond, millisecond, second, minute, hour, day, week, month, quarter, year

    init?(_ name: String) {
        switch name.uppercased() {
        case "MICROSECOND": self = .microsecond
        case "MILLISECOND": self = .millisecond
        case "SECOND": self = .second
        case "MINUTE": self = .minute
        case "HOUR": self = .hour
        case "DAY", "DD": self = .day
        case "WEEK": self = .week
        case "MON", "MONTH", "MM": self = .month
        case "QUARTER": self = .quarter
        case "YEAR", "YYYY", "YY": self = .year
        default: return nil
        }
    }

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    func truncate(days: Int) -> Int {
        let date = CivilDate(days: days)
        switch self {
        case .week: return days - (CivilDate.isoDayOfWeek(days: days) - 1)
        case .month: return days - (date.day - 1)
        case .quarter: return CivilDate(year: date.year, month: (date.month - 1) / 3 * 3 + 1, day: 1).days
        case .year: return CivilDate(year: date.year, month: 1, day: 1).days
        default: return days
        }
    }

    func truncate(micros: Int64, _ zone: SessionTimeZone) -> Int64 {
        switch self {
        case .microsecond: return micros
        case .millisecond: return micros - micros.floorMod(1000)
        case .second: return micros - micros.floorMod(Micros.perSecond)
        default: break
        }
        let local = zone.local(fromUTC: micros)
        switch self {
        case .minute: return micros - local.floorMod(Micros.perMinute)
        // Within the hour the offset stands still but for odd zones, so the instant may be cut by itself.
        case .hour: return micros - local.floorMod(Micros.perHour)
        default:
            let days = truncate(days: Int(local.floorDiv(Micros.perDay)))
            let (start, overflow) = Int64(days).multipliedReportingOverflow(by: Micros.perDay)
            return zone.utc(fromLocal: overflow ? .min : start)
        }
    }
}

/// Units of `timestampadd` and `timestampdiff`, which the engine gives as a string.
enum DateUnits {
    private enum Unit {
        case months(Int)
        case days(Int)
        case micros(Int64)

        init?(_ name: String) {
            switch name.uppercased() {
            case "YEAR": self = .months(12)
            case "QUARTER": self = .months(3)
            case "MONTH": self = .months(1)
            case "WEEK": self = .days(7)
            case "DAY", "DAYOFYEAR": self = .days(1)
            case "HOUR": self = .micros(Micros.perHour)
            case "MINUTE": self = .micros(Micros.perMinute)
            case "SECOND": self = .micros(Micros.perSecond)
            case "MILLISECOND": self = .micros(Micros.perMilli)
            case "MICROSECOND": self = .micros(1)
            default: return nil
            }
        }
    }

    private static func unit(_ call: Call) throws(SQLError) -> Unit {
        try call.checkCount(3...3)
        if case .string(let name)? = call.arguments[0].constant {
            if let unit = Unit(name) { return unit }
            throw SQLError(
                .invalidParameterValueDatetimeUnit,
                ["parameter": SQLQuote.id("unit"), "functionName": SQLQuote.id(call.name), "invalidValue": SQLLiteral.quoted(name)], phase: .analysis)
        }
        throw call.unexpectedType(0, "\"STRING\"")
    }

    static func bindAdd(_ call: Call, _ context: EvaluationContext) throws(SQLError) -> BoundScalar {
        let unit = try unit(call)
        guard Coercion.implicitCast(call.arguments[1].type, to: .exact(.long)) != nil else { throw call.unexpectedType(1, "\"BIGINT\"") }
        guard let type = Coercion.implicitCast(call.arguments[2].type, to: .anyTimestamp) else {
            throw call.unexpectedType(2, TypeClass.anyTimestamp.text)
        }
        return BoundScalar([.text, .long, type], returns: type, nullable: call.anyNullable) { (arguments, _, context) throws(SQLError) in
            let zone = type == .timestamp ? context.timeZone : .utc
            return try Rows.map(arguments[1], arguments[2], to: type) { (count: Int64, micros: Int64) throws(SQLError) -> Int64? in
                let result: Int64?
                switch unit {
                case .months(let size):
                    let (months, overflow) = count.multipliedReportingOverflow(by: Int64(size))
                    result = overflow || Int32(exactly: months) == nil ? nil : TimestampMath.adding(months: Int(months), to: micros, zone)
                case .days(let size):
                    let (days, overflow) = count.multipliedReportingOverflow(by: Int64(size))
                    result = overflow ? nil : TimestampMath.adding(days: days, to: micros, zone)
                case .micros(let size):
                    let (shift, overflow) = count.multipliedReportingOverflow(by: size)
                    let (sum, over) = micros.addingReportingOverflow(shift)
                    result = overflow || over ? nil : sum
                }
                if let result { return result }
                let unitText = if case .string(let name)? = call.arguments[0].constant { name } else { "" }
                let value = "\(type == .timestamp ? "TIMESTAMP" : "TIMESTAMP_NTZ") '\(Cast.text(of: .integer(micros), type, context))'"
                throw SQLError(.datetimeOverflow, ["operation": "add \(count)L \(unitText) to \(value)"])
            }
        }
    }

    static func bindDifference(_ call: Call, _ context: EvaluationContext) throws(SQLError) -> BoundScalar {
        let unit = try unit(call)
        for index in 1...2 where Coercion.implicitCast(call.arguments[index].type, to: .anyTimestamp) == nil {
            throw call.unexpectedType(index, TypeClass.anyTimestamp.text)
        }
        let type: DataType = call.types[1] == .timestampNTZ && call.types[2] == .timestampNTZ ? .timestampNTZ : .timestamp
        return BoundScalar([.text, type, type], returns: .long, nullable: call.anyNullable) { (arguments, _, context) throws(SQLError) in
            let zone = type == .timestamp ? context.timeZone : .utc
            return try Rows.map(arguments[1], arguments[2], to: .long) { (start: Int64, end: Int64) throws(SQLError) -> Int64? in
                switch unit {
                case .micros(let size):
                    let (difference, overflow) = end.subtractingReportingOverflow(start)
                    if overflow { throw SQLError(.datetimeOverflow, ["operation": "long overflow"]) }
                    return difference / size
                case .days(let size):
                    let (difference, overflow) = zone.local(fromUTC: end).subtractingReportingOverflow(zone.local(fromUTC: start))
                    if overflow { throw SQLError(.datetimeOverflow, ["operation": "long overflow"]) }
                    return difference / (Micros.perDay * Int64(size))
                case .months(let size):
                    let (a, b) = (CivilDateTime(micros: zone.local(fromUTC: start)), CivilDateTime(micros: zone.local(fromUTC: end)))
                    var months = (b.date.year - a.date.year) * 12 + b.date.month - a.date.month
                    // A month that is not whole does not count.
                    let earlier = b.date.day == a.date.day ? b.microOfDay < a.microOfDay : b.date.day < a.date.day
                    let later = b.date.day == a.date.day ? b.microOfDay > a.microOfDay : b.date.day > a.date.day
                    if earlier, months > 0 { months -= 1 } else if later, 0 > months { months += 1 }
                    return Int64(months / size)
                }
            }
        }
    }

    /// 1 is Monday; by the first two or three letters or the whole name.
    static func dayOfWeek(_ name: String) -> Int? {
        let wanted = name.uppercased()
        for (index, day) in DateTimePattern.days.enumerated() {
            let full = day.uppercased()
            if wanted == full || wanted == full.prefix(2) || wanted == full.prefix(3) { return index + 1 }
        }
        return nil
    }
}

let dateArithmeticFunctions: [ScalarFunction] = [
    .dateAdd, .dateSub, .dateDiff, .timestampAdd, .timestampDiff, .addMonths, .monthsBetween, .lastDay, .nextDay, .trunc, .dateTrunc,
]

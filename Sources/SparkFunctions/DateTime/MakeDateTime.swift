import Columnar
import SparkErrors

extension ScalarFunction {
    /// Java's words for a date that is none.
    static func dateFault(_ year: Int, _ month: Int, _ day: Int) -> String? {
        if !(1...12).contains(month) { return "Invalid value for MonthOfYear (valid values 1 - 12): \(month)" }
        if !(1...31).contains(day) { return "Invalid value for DayOfMonth (valid values 1 - 28/31): \(day)" }
        if day <= CivilDate.daysInMonth(year, month) { return nil }
        if month == 2, day == 29 { return "Invalid date 'February 29' as '\(year)' is not a leap year" }
        return "Invalid date '\(DateTimePattern.months[month - 1].uppercased()) \(day)'"
    }

    private static func outOfBounds(_ message: String) -> SQLError {
        SQLError(
            .datetimeFieldOutOfBoundsWithSuggestion,
            ["rangeMessage": message, "ansiConfig": SQLQuote.config("spark.sql.ansi.enabled")])
    }

    static let makeDate = ScalarFunction(
        "make_date", Signature([.exact(.int), .exact(.int), .exact(.int)], returns: .date), group: .datetime, since: "3.0.0",
        usage: "make_date(year, month, day) - A date.",
        examples: [Example("make_date(2013, 7, 15)", "2013-07-15"), Example("make_date(2019, 7, NULL)", "NULL")],
        kernel: .ternaryIn { (year: Int32, month: Int32, day: Int32, context: EvaluationContext) throws(SQLError) -> Int32? in
            if let fault = dateFault(Int(year), Int(month), Int(day)) {
                if context.ansi { throw outOfBounds(fault) }
                return nil
            }
            return Int32(exactly: CivilDate(year: Int(year), month: Int(month), day: Int(day)).days)
        })

    private static func timestamp(_ name: String, _ type: DataType, attempt: Bool, since: String, usage: String, examples: [Example])
        -> ScalarFunction
    {
        // Spark leaves out the zone where it prints this one.
        let syntax: CallSyntax =
            name == "try_make_timestamp" ? .custom { name, arguments in "\(name)(\(arguments.prefix(6).joined(separator: ", ")))" } : .call
        return ScalarFunction(name, group: .datetime, since: since, usage: usage, examples: examples, syntax: syntax) {
            (call, context) throws(SQLError) in
            let takesZone = type == .timestamp
            if call.count == 1, name == "make_timestamp" || name == "try_make_timestamp" {
                let types = try Signature([.exact(.date)], returns: type).argumentTypes(call)
                return BoundScalar(types, returns: type, nullable: call.anyNullable) { (arguments, _, context) throws(SQLError) in
                    try Cast.cast(arguments[0], to: type, context)
                }
            }
            if call.count == 2 || (takesZone && call.count == 3) {
                // A date and a TIME, of which there is none but NULL.
                guard Coercion.implicitCast(call.types[0], to: .exact(.date)) != nil else { throw call.unexpectedType(0, "\"DATE\"") }
                guard call.types[1] == .void else { throw call.unexpectedType(1, "\"TIME\"") }
                return BoundScalar(call.types, returns: type, nullable: true, sql: nil) {
                    (_, rowCount, _) throws(SQLError) in .nulls(type, count: rowCount)
                }
            }
            guard call.count == 6 || (takesZone && call.count == 7) else { throw call.wrongCount(takesZone ? "[6, 7]" : "6") }
            let number = TypeClass.exact(.int)
            let types = try Signature(
                [number, number, number, number, number, .exact(.decimal(DecimalType(16, 6)))] + (call.count == 7 ? [.string] : []), returns: type
            ).argumentTypes(call)
            let strict = context.ansi && !attempt
            return BoundScalar(types, returns: type, nullable: call.anyNullable || !strict) { (arguments, rowCount, context) throws(SQLError) in
                let validity = Kernel.combinedValidity(arguments)
                let parts = arguments[0..<5].map { Int32.source($0) ?? [] }
                guard let seconds = Int128.source(arguments[5]) else { return .nulls(type, count: rowCount) }
                let zones = arguments.count == 7 ? ByteSlice.source(arguments[6]) : nil
                return try Rows.make(type, rowCount, validity: validity) { (row) throws(SQLError) -> Int64? in
                    let fields = parts.map { Int($0[row]) }
                    let micros = Int128.read(seconds, row)
                    var zone = type == .timestamp ? context.timeZone : .utc
                    if let zones {
                        let text = zones.string(at: row)
                        guard let found = SessionTimeZone(padding: text) else { throw SQLError(.invalidTimezone, ["timeZone": text]) }
                        zone = found
                    }
                    func fail(_ error: @autoclosure () -> SQLError) throws(SQLError) -> Int64? {
                        if strict { throw error() }
                        return nil
                    }
                    if let fault = dateFault(fields[0], fields[1], fields[2]) { return try fail(outOfBounds(fault)) }
                    if !(0...23).contains(fields[3]) {
                        return try fail(outOfBounds("Invalid value for HourOfDay (valid values 0 - 23): \(fields[3])"))
                    }
                    if !(0...59).contains(fields[4]) {
                        return try fail(outOfBounds("Invalid value for MinuteOfHour (valid values 0 - 59): \(fields[4])"))
                    }
                    if micros > 60_000_000 {
                        let text = NumberText.text(unscaled: micros, scale: 6)
                        let shown = NumberParser.plainText(Array((Double(text) ?? 0).description.utf8)[...])
                        if micros < 61_000_000 { return try fail(SQLError(.invalidFractionOfSecond, ["secAndMicros": shown])) }
                        return try fail(outOfBounds("Invalid value for SecondOfMinute (valid values 0 - 59): \(micros / 1_000_000)"))
                    }
                    if micros < 0 { return try fail(outOfBounds("Invalid value for SecondOfMinute (valid values 0 - 59): \(micros / 1_000_000)")) }
                    // A second 60 is the next minute's first.
                    let ofDay = Int64(fields[3]) * Micros.perHour + Int64(fields[4]) * Micros.perMinute + Int64(truncatingIfNeeded: micros)
                    let date = CivilDate(year: fields[0], month: fields[1], day: fields[2])
                    let local = CivilDateTime(date, microOfDay: 0).micros.flatMap { midnight -> Int64? in
                        let (sum, overflow) = midnight.addingReportingOverflow(ofDay)
                        return overflow ? nil : sum
                    }
                    guard let local else { return try fail(SQLError(.datetimeOverflow, ["operation": "long overflow"])) }
                    return zone.utc(fromLocal: local)
                }
            }
        }
    }

    static let makeTimestamps: [ScalarFunction] = [
        timestamp(
            "make_timestamp", .timestamp, attempt: false, since: "3.0.0",
            usage: "make_timestamp(year, month, day, hour, min, sec[, timezone]) - A timestamp.",
            examples: [
                Example("make_timestamp(2014, 12, 28, 6, 30, 45.887)", "2014-12-28T06:30:45.887Z"),
                Example("make_timestamp(2014, 12, 28, 6, 30, 45.887, 'CET')", "2014-12-28T05:30:45.887Z"),
                Example("make_timestamp(2019, 6, 30, 23, 59, 60)", "2019-07-01T00:00:00.000Z"),
            ]),
        timestamp(
            "try_make_timestamp", .timestamp, attempt: true, since: "4.0.0",
            usage: "try_make_timestamp(year, month, day, hour, min, sec[, timezone]) - As make_timestamp, but NULL where that fails.",
            examples: [
                Example("try_make_timestamp(2019, 13, 1, 10, 11, 12)", "NULL"),
                Example("try_make_timestamp(2014, 12, 28, 6, 30, 45)", "2014-12-28T06:30:45.000Z"),
            ]),
        timestamp(
            "make_timestamp_ltz", .timestamp, attempt: false, since: "3.4.0",
            usage: "make_timestamp_ltz(year, month, day, hour, min, sec[, timezone]) - A timestamp.",
            examples: [Example("make_timestamp_ltz(2014, 12, 28, 6, 30, 45.887)", "2014-12-28T06:30:45.887Z")]),
        timestamp(
            "try_make_timestamp_ltz", .timestamp, attempt: true, since: "4.0.0",
            usage: "try_make_timestamp_ltz(year, month, day, hour, min, sec[, timezone]) - As make_timestamp_ltz, but NULL where that fails.",
            examples: [Example("try_make_timestamp_ltz(2019, 13, 1, 10, 11, 12)", "NULL")]),
        timestamp(
            "make_timestamp_ntz", .timestampNTZ, attempt: false, since: "3.4.0",
            usage: "make_timestamp_ntz(year, month, day, hour, min, sec) - A timestamp without a zone.",
            examples: [Example("make_timestamp_ntz(2014, 12, 28, 6, 30, 45.887)", "2014-12-28T06:30:45.887")]),
        timestamp(
            "try_make_timestamp_ntz", .timestampNTZ, attempt: true, since: "4.0.0",
            usage: "try_make_timestamp_ntz(year, month, day, hour, min, sec) - As make_timestamp_ntz, but NULL where that fails.",
            examples: [Example("try_make_timestamp_ntz(2019, 13, 1, 10, 11, 12)", "NULL")]),
    ]

    // MARK: Intervals

    static let makeYMInterval = ScalarFunction(
        "make_ym_interval", group: .datetime, since: "3.2.0", usage: "make_ym_interval([years[, months]]) - An interval of years and months.",
        examples: [Example("make_ym_interval(1, 2)", "1-2"), Example("make_ym_interval(1, 0)", "1-0"), Example("make_ym_interval(-1, 1)", "-0-11")],
        syntax: .custom { name, arguments in "\(name)(\((arguments + ["0", "0"].dropFirst(arguments.count)).joined(separator: ", ")))" }
    ) { (call, _) throws(SQLError) in
        let type = DataType.yearMonthInterval(.init(.year, .month))
        let types = try Signature([.exact(.int), .exact(.int)], optional: 2, returns: type).argumentTypes(call)
        return BoundScalar(types, returns: type, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            let zero = Column(repeating: .integer(0), type: .int, count: rowCount)
            return try Rows.map(arguments.first ?? zero, arguments.count > 1 ? arguments[1] : zero, to: type) {
                (years: Int32, months: Int32) throws(SQLError) -> Int32? in
                if let exact = Int32(exactly: Int64(years) * 12 + Int64(months)) { return exact }
                throw SQLError(.intervalArithmeticOverflowWithoutSuggestion)
            }
        }
    }

    static let makeDTInterval = ScalarFunction(
        "make_dt_interval", group: .datetime, since: "3.2.0",
        usage: "make_dt_interval([days[, hours[, mins[, secs]]]]) - An interval of days to seconds.",
        examples: [Example("make_dt_interval(1, 12, 30, 1.001001)", "1 12:30:01.001001000"), Example("make_dt_interval(2)", "2 00:00:00.000000000")],
        syntax: .custom { name, arguments in
            "\(name)(\((arguments + ["0", "0", "0", "0.000000"].dropFirst(arguments.count)).joined(separator: ", ")))"
        }
    ) { (call, _) throws(SQLError) in
        let type = DataType.dayTimeInterval(.init(.day, .second))
        let types = try Signature(
            [.exact(.int), .exact(.int), .exact(.int), .exact(.decimal(DecimalType(18, 6)))], optional: 4, returns: type
        ).argumentTypes(call)
        return BoundScalar(types, returns: type, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            let validity = Kernel.combinedValidity(arguments)
            var wide: [[Int64]] = []
            for argument in arguments { wide.append(try Cast.wide(argument)) }
            return try Rows.make(type, rowCount, validity: validity) { (row) throws(SQLError) -> Int64? in
                var total: Int128 = 0
                for (part, values) in wide.enumerated() {
                    total += Int128(values[row]) * Int128([Micros.perDay, Micros.perHour, Micros.perMinute, 1][part])
                }
                if let exact = Int64(exactly: total) { return exact }
                throw SQLError(.intervalArithmeticOverflowWithoutSuggestion)
            }
        }
    }
}

let makeDateTimeFunctions: [ScalarFunction] = [.makeDate] + ScalarFunction.makeTimestamps + [.makeYMInterval, .makeDTInterval]

import Columnar
import SparkErrors

extension ScalarFunction {
    /// A date or instant moved by years, months, weeks, days, hours, minutes and seconds: what a sum with `make_interval(…)` stands for. Not to be
    /// called by name.
    package static func calendarShift(isTry: Bool, isNegative: Bool) -> ScalarFunction {
        ScalarFunction(
            isTry ? "try_make_interval" : "make_interval", group: .datetime, since: "3.0.0",
            usage: "A sum of a time and make_interval(years, months, weeks, days, hours, minutes, seconds)."
        ) { (call, _) throws(SQLError) in
            try call.checkCount(8...8)
            let time = call.arguments[0].type
            let types = try Signature(
                [.exact(time)] + [TypeClass](repeating: .exact(.int), count: 6) + [.exact(.decimal(DecimalType(18, 6)))], returns: time
            ).argumentTypes(call)
            return BoundScalar(types, returns: time, nullable: isTry || call.anyNullable) { (arguments, rowCount, context) throws(SQLError) in
                var numbers: [[Int32]] = []
                for column in arguments[1...6] {
                    guard let values = Int32.source(column) else { return .nulls(time, count: rowCount) }
                    numbers.append(values)
                }
                guard let seconds = Int128.source(arguments[7]) else { return .nulls(time, count: rowCount) }
                func interval(_ row: Int) throws(SQLError) -> CalendarInterval? {
                    let made = CalendarInterval(numbers: numbers.map { Int64($0[row]) }, seconds: Int128.read(seconds, row), isNegative: isNegative)
                    if made == nil, !isTry, context.ansi { throw .arithmeticOverflow("integer overflow") }
                    return made
                }
                return try moved(arguments, time, rowCount, context, interval)
            }
        }
    }

    private static func moved(
        _ arguments: [Column], _ time: DataType, _ rowCount: Int, _ context: EvaluationContext,
        _ interval: (Int) throws(SQLError) -> CalendarInterval?
    ) throws(SQLError) -> Column {
        let validity = Kernel.combinedValidity(arguments)
        if time == .date {
            guard let days = Int32.source(arguments[0]) else { return .nulls(time, count: rowCount) }
            return try Rows.make(time, rowCount, validity: validity) { (row) throws(SQLError) -> Int32? in
                guard let shift = try interval(row) else { return nil }
                guard shift.micros == 0 else { throw SQLError(.invalidIntervalWithMicrosecondsAddition) }
                let day = CivilDate(days: Int(days[row])).adding(months: Int(shift.months)).days
                guard let result = Int32(exactly: day + Int(shift.days)) else { throw .arithmeticOverflow("integer overflow") }
                return result
            }
        }
        let zone = time == .timestampNTZ ? SessionTimeZone.utc : context.timeZone
        guard let instants = Int64.source(arguments[0]) else { return .nulls(time, count: rowCount) }
        return try Rows.make(time, rowCount, validity: validity) { (row) throws(SQLError) -> Int64? in
            guard let shift = try interval(row) else { return nil }
            guard let result = shift.added(to: instants[row], zone) else { throw .arithmeticOverflow("long overflow") }
            return result
        }
    }
}

extension CalendarInterval {
    /// `numbers`: years, months, weeks, days, hours and minutes; `seconds` in millionths. nil beyond the parts' ranges.
    fileprivate init?(numbers: [Int64], seconds: Int128, isNegative: Bool) {
        guard numbers.count == 6 else { return nil }
        let sign: Int64 = isNegative ? -1 : 1
        // Six numbers of 32 bits: none of these sums leaves 64.
        guard let months = Int32(exactly: sign * (numbers[0] * 12 + numbers[1])), let days = Int32(exactly: sign * (numbers[2] * 7 + numbers[3])),
            let micros = Int64(exactly: Int128(sign) * (Int128(numbers[4] * 60 + numbers[5]) * 60_000_000 + seconds))
        else { return nil }
        self.init(months: months, days: days, micros: micros)
    }
}

/// Times as the newer services write them.
package enum RFC3339 {
    /// `2026-01-01T00:00:00Z`, with three more digits if the time is not a whole second; milliseconds since 1970-01-01 UTC.
    /// `digits`: the three are always there.
    package static func text(millis: Int64, digits: Bool = false) -> String {
        let (seconds, fraction) = floorDivide(millis, 1_000)
        let (days, second) = floorDivide(seconds, 86_400)
        let date = civil(days)
        let time =
            "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T\(pad(second / 3_600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))"
        return fraction == 0 && !digits ? time + "Z" : "\(time).\(pad(fraction, 3))Z"
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The date of the proleptic Gregorian calendar so many days after 1970-01-01. Years begin in March, so that a leap day is a year's last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let isNextYear = month >= 10
        return (yearOfEra + era * 400 + (isNextYear ? 1 : 0), month + (isNextYear ? -9 : 3), dayOfYear - (153 * month + 2) / 5 + 1)
    }
}

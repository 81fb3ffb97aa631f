/// A day of the proleptic Gregorian calendar. Years run through zero to negative ones, as ISO 8601 counts.
package struct CivilDate: Sendable, Hashable {
    package var year: Int
    /// 1…12.
    package var month: Int
    /// 1…31.
    package var day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// From days since 1970-01-01. Total for every Int32, and far beyond.
    package init(days: Int) {
        // Eras of 400 years, counted from March so that the leap day ends a year.
        let shifted = days + 719_468
        let era = shifted.floorDiv(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01.
    package var days: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDiv(400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    package static func daysInMonth(_ year: Int, _ month: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package var isValid: Bool { (1...12).contains(month) && day >= 1 && day <= Self.daysInMonth(year, month) }

    package var dayOfYear: Int { days - CivilDate(year: year, month: 1, day: 1).days + 1 }

    /// 1 is Monday, 7 Sunday.
    package var isoDayOfWeek: Int { Self.isoDayOfWeek(days: days) }

    package static func isoDayOfWeek(days: Int) -> Int { (days + 3).floorMod(7) + 1 }

    /// Week of the ISO week-based year, and that year: weeks begin on Monday, and the first has at least four days.
    package var isoWeek: (year: Int, week: Int) {
        let today = days
        let thursday = today - isoDayOfWeek + 4
        let weekYear = CivilDate(days: thursday).year
        let first = CivilDate(year: weekYear, month: 1, day: 1).days
        return (weekYear, (thursday - first) / 7 + 1)
    }

    /// The same day `months` later, or the month's last if it has no such day.
    package func adding(months: Int) -> CivilDate {
        let total = year * 12 + (month - 1) + months
        let newYear = total.floorDiv(12)
        let newMonth = total.floorMod(12) + 1
        return CivilDate(year: newYear, month: newMonth, day: min(day, Self.daysInMonth(newYear, newMonth)))
    }
}

extension FixedWidthInteger {
    /// Division towards negative infinity; the divisor is positive.
    @inline(__always)
    func floorDiv(_ divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The remainder of that division: never negative.
    @inline(__always)
    func floorMod(_ divisor: Self) -> Self {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}

/// Units of time in microseconds.
enum Micros {
    static let perMilli: Int64 = 1000
    static let perSecond: Int64 = 1_000_000
    static let perMinute: Int64 = 60_000_000
    static let perHour: Int64 = 3_600_000_000
    static let perDay: Int64 = 86_400_000_000
}

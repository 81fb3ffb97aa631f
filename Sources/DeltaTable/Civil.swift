/// Days and microseconds since 1970 to and from calendar text, proleptic Gregorian, without time zones.
enum Civil {
    static let microsPerDay: Int64 = 86_400_000_000

    static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Counted from 0000-03-01, so that a leap day is the last day of its year.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// `2026-01-01`; years beyond four digits carry a sign, as in ISO 8601.
    static func dateText(_ day: Int64) -> String {
        let (year, month, dayOfMonth) = date(ofDay: day)
        let yearText = year < 0 ? "-" + padded(-year, 4) : year > 9999 ? "+\(year)" : padded(year, 4)
        return "\(yearText)-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    }

    /// Date and time with a fraction of as many digits; what the fraction cannot hold is cut off.
    static func timestampText(_ micros: Int64, separator: String, fractionDigits: Int) -> String {
        let day = floorDivide(micros, microsPerDay)
        // The earliest day begins before the earliest microsecond.
        let inDay = micros &- day &* microsPerDay
        let seconds = inDay / 1_000_000
        var text = dateText(day) + separator + "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        if fractionDigits > 0 { text += "." + padded(inDay % 1_000_000, 6).prefix(fractionDigits) }
        return text
    }

    /// As the JVM prints a timestamp: with a fraction of at least one digit and no zeros behind it.
    static func sqlTimestamp(_ micros: Int64) -> String {
        var text = timestampText(micros, separator: " ", fractionDigits: 6)
        while text.hasSuffix("0"), !text.hasSuffix(".0") { text.removeLast() }
        return text
    }

    static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    /// Days since 1970 of `2026-01-01`; nil if it is no date.
    static func parseDate(_ text: some StringProtocol) -> Int64? {
        var scanner = Scanner(text: Array(text.utf8))
        guard let day = scanner.date(), scanner.isAtEnd else { return nil }
        return day
    }

    /// Microseconds since 1970 of `2026-01-01`, or of `2026-01-01 10:00:00.123456` with a `T` or a space, up to nine digits of fraction, and `Z` or an offset;
    /// without zone it is taken as UTC. nil if it is no timestamp.
    static func parseTimestamp(_ text: some StringProtocol) -> Int64? {
        var scanner = Scanner(text: Array(text.utf8))
        guard let day = scanner.date() else { return nil }
        let (start, overflow) = day.multipliedReportingOverflow(by: microsPerDay)
        guard !overflow else { return nil }
        if scanner.isAtEnd { return start }
        guard scanner.take(UInt8(ascii: "T")) || scanner.take(UInt8(ascii: " ")), let time = scanner.timeAndZone(), scanner.isAtEnd else {
            return nil
        }
        let (sum, tooBig) = start.addingReportingOverflow(time)
        return tooBig ? nil : sum
    }

    private struct Scanner {
        let text: [UInt8]
        var position = 0

        var isAtEnd: Bool { position == text.count }

        mutating func take(_ byte: UInt8) -> Bool {
            guard position < text.count, text[position] == byte else { return false }
            position += 1
            return true
        }

        mutating func number(_ digits: ClosedRange<Int>) -> Int64? {
            var value: Int64 = 0
            var count = 0
            while count < digits.upperBound, position < text.count, text[position] &- UInt8(ascii: "0") < 10 {
                value = value * 10 + Int64(text[position] - UInt8(ascii: "0"))
                position += 1
                count += 1
            }
            return digits.contains(count) ? value : nil
        }

        mutating func date() -> Int64? {
            let negative = take(UInt8(ascii: "-"))
            if !negative { _ = take(UInt8(ascii: "+")) }
            guard let year = number(4...6), take(UInt8(ascii: "-")), let month = number(1...2), (1...12).contains(month),
                take(UInt8(ascii: "-")),
                let day = number(1...2), day >= 1
            else { return nil }
            let signed = negative ? -year : year
            let isLeap = signed % 4 == 0 && (signed % 100 != 0 || signed % 400 == 0)
            let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            guard day <= lengths[Int(month) - 1] else { return nil }
            return Civil.day(year: signed, month: month, day: day)
        }

        /// Microseconds since midnight in UTC.
        mutating func timeAndZone() -> Int64? {
            guard let hour = number(1...2), hour < 24, take(UInt8(ascii: ":")), let minute = number(1...2), minute < 60 else { return nil }
            var micros = (hour * 60 + minute) * 60_000_000
            if take(UInt8(ascii: ":")) {
                guard let second = number(1...2), second < 60 else { return nil }
                micros += second * 1_000_000
                if take(UInt8(ascii: ".")) {
                    let start = position
                    guard let fraction = number(1...9) else { return nil }
                    var scaled = fraction
                    for _ in (position - start)..<9 { scaled *= 10 }
                    micros += scaled / 1000
                }
            }
            if isAtEnd || take(UInt8(ascii: "Z")) { return micros }
            let west = take(UInt8(ascii: "-"))
            guard west || take(UInt8(ascii: "+")), let hours = number(2...2), hours <= 18 else { return nil }
            _ = take(UInt8(ascii: ":"))
            guard let minutes = isAtEnd ? 0 : number(2...2), minutes < 60 else { return nil }
            let offset = (hours * 60 + minutes) * 60_000_000
            return micros + (west ? offset : -offset)
        }
    }
}

package import SparkFunctions

/// A schedule in Quartz' cron syntax: seconds, minutes, hours, day of month, month, day of week, and optionally years. Exactly one of the two days is `?`.
/// Syntax: the CronTrigger tutorial of Quartz; `L`, `LW`, `n`W, `n`L and `n#k` in the days.
package struct QuartzCron: Sendable {
    private enum Days: Sendable {
        case any
        case set(UInt64)
        /// The last day of the month, so many days before it.
        case last(before: Int)
        case lastWeekday
        case nearestWeekday(Int)
        /// 1 is Sunday.
        case lastOfWeek(Int)
        case nth(day: Int, Int)
    }

    /// Sets of numbers as bits.
    private let seconds: UInt64
    private let minutes: UInt64
    private let hours: UInt64
    private let months: UInt64
    private let monthDays: Days
    private let weekDays: Days
    private let years: Set<Int>?

    private static let firstYear = 1970
    private static let lastYear = 2199

    /// Nil if the text is not such a schedule.
    package init?(_ text: String) {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { $0.uppercased() }
        guard fields.count == 6 || fields.count == 7, text.utf8.count <= 512 else { return nil }
        guard let seconds = Self.set(fields[0], 0...59), let minutes = Self.set(fields[1], 0...59), let hours = Self.set(fields[2], 0...23),
            let months = Self.set(fields[4], 1...12, names: Self.monthNames),
            let monthDays = Self.monthDays(fields[3]), let weekDays = Self.weekDays(fields[5])
        else { return nil }
        // Quartz supports a day of the week and a day of the month at once neither as two sets nor as two question marks.
        switch (monthDays, weekDays) {
        case (.any, .any): return nil
        case (.any, _), (_, .any): break
        default: return nil
        }
        self.seconds = seconds
        self.minutes = minutes
        self.hours = hours
        self.months = months
        self.monthDays = monthDays
        self.weekDays = weekDays
        if fields.count == 7, fields[6] != "*" {
            guard let years = Self.numbers(fields[6], Self.firstYear...Self.lastYear, names: []) else { return nil }
            self.years = Set(years)
        } else {
            years = nil
        }
    }

    /// The first time after `millis` (since 1970-01-01 UTC) at which the wall clock of the zone shows a time of the schedule; nil if there is none before
    /// the year 2200. A time that a change of clocks skips moves on by the gap; of a time that comes twice the earlier one counts.
    package func next(after millis: Int64, in zone: SessionTimeZone) -> Int64? {
        let (micros, overflow) = millis.multipliedReportingOverflow(by: 1_000)
        guard !overflow else { return nil }
        let local = zone.local(fromUTC: micros)
        var second = Int(local / 1_000_000 - (local % 1_000_000 < 0 ? 1 : 0))
        // Clocks went forward lately: what they skipped has moved on, perhaps to after now.
        if zone.offset(atMicros: micros) > zone.offset(atMicros: micros - 10_800_000_000) { second -= 7_200 }
        for _ in 0..<20_000 {
            guard let found = nextLocal(from: second + 1) else { return nil }
            let utc = zone.utc(fromLocal: Int64(found) * 1_000_000) / 1_000
            if utc > millis { return utc }
            second = found
        }
        return nil
    }

    /// The first match at or after a time of the wall clock, in seconds since its 1970-01-01.
    private func nextLocal(from start: Int) -> Int? {
        var day = start >= 0 ? start / 86_400 : (start - 86_399) / 86_400
        var rest = start - day * 86_400
        let lastDay = CivilDate(year: Self.lastYear, month: 12, day: 31).days
        var date = CivilDate(days: day)
        while day <= lastDay {
            if years.map({ !$0.contains(date.year) }) ?? false {
                day = CivilDate(year: date.year + 1, month: 1, day: 1).days
                date = CivilDate(days: day)
                rest = 0
                continue
            }
            if months & 1 << UInt64(date.month) == 0 {
                date = CivilDate(year: date.month == 12 ? date.year + 1 : date.year, month: date.month % 12 + 1, day: 1)
                day = date.days
                rest = 0
                continue
            }
            if matches(date, day), let second = timeOfDay(from: rest) { return day * 86_400 + second }
            day += 1
            date = CivilDate(days: day)
            rest = 0
        }
        return nil
    }

    private func timeOfDay(from start: Int) -> Int? {
        var (hour, minute, second) = (start / 3600, start / 60 % 60, start % 60)
        while hour < 24 {
            guard let nextHour = Self.next(hours, from: hour) else { return nil }
            if nextHour > hour { (hour, minute, second) = (nextHour, 0, 0) }
            if let nextMinute = Self.next(minutes, from: minute) {
                if nextMinute > minute { (minute, second) = (nextMinute, 0) }
                if let nextSecond = Self.next(seconds, from: second) { return hour * 3600 + minute * 60 + nextSecond }
                if let later = Self.next(minutes, from: minute + 1), let first = Self.next(seconds, from: 0) {
                    return hour * 3600 + later * 60 + first
                }
            }
            (hour, minute, second) = (hour + 1, 0, 0)
        }
        return nil
    }

    private static func next(_ set: UInt64, from: Int) -> Int? {
        guard from < 64 else { return nil }
        let rest = (set >> UInt64(from)) << UInt64(from)
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    private func matches(_ date: CivilDate, _ day: Int) -> Bool {
        let length = CivilDate.daysInMonth(date.year, date.month)
        let weekDay = Self.weekDay(day)
        switch monthDays {
        case .any: break
        case .set(let set): return set & 1 << UInt64(date.day) != 0
        case .last(let before): return date.day == length - before
        case .lastWeekday:
            let last = day - date.day + length
            let shift = Self.weekDay(last) == 7 ? 1 : Self.weekDay(last) == 1 ? 2 : 0
            return date.day == length - shift
        case .nearestWeekday(let wanted):
            let target = min(wanted, length)
            switch Self.weekDay(day - date.day + target) {
            case 7: return date.day == (target == 1 ? 3 : target - 1)
            case 1: return date.day == (target == length ? target - 2 : target + 1)
            default: return date.day == target
            }
        case .lastOfWeek, .nth: return false
        }
        switch weekDays {
        case .set(let set): return set & 1 << UInt64(weekDay) != 0
        case .lastOfWeek(let wanted): return weekDay == wanted && date.day + 7 > length
        case .nth(let wanted, let number): return weekDay == wanted && (date.day - 1) / 7 + 1 == number
        case .any, .last, .lastWeekday, .nearestWeekday: return false
        }
    }

    /// 1 is Sunday; 1970-01-01 was a Thursday.
    private static func weekDay(_ day: Int) -> Int { ((day + 4) % 7 + 7) % 7 + 1 }

    // MARK: Reading

    private static let monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    private static let dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

    private static func monthDays(_ text: String) -> Days? {
        if text == "?" { return .any }
        if text == "L" { return .last(before: 0) }
        if text == "LW" { return .lastWeekday }
        if text.hasPrefix("L-") {
            guard let before = Int(text.dropFirst(2)), (0...30).contains(before) else { return nil }
            return .last(before: before)
        }
        if text.hasSuffix("W") {
            guard let day = Int(text.dropLast()), (1...31).contains(day) else { return nil }
            return .nearestWeekday(day)
        }
        return set(text, 1...31).map(Days.set)
    }

    private static func weekDays(_ text: String) -> Days? {
        if text == "?" { return .any }
        if text == "L" { return .set(1 << 7) }
        if text.hasSuffix("L"), text.count > 1 { return number(String(text.dropLast()), 1...7, dayNames).map(Days.lastOfWeek) }
        if let sign = text.firstIndex(of: "#") {
            guard let day = number(String(text[..<sign]), 1...7, dayNames), let count = Int(text[text.index(after: sign)...]), (1...5).contains(count)
            else { return nil }
            return .nth(day: day, count)
        }
        return set(text, 1...7, names: dayNames).map(Days.set)
    }

    private static func number(_ text: String, _ range: ClosedRange<Int>, _ names: [String]) -> Int? {
        if let position = names.firstIndex(of: text) { return position + range.lowerBound }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number) else { return nil }
        return number
    }

    private static func set(_ text: String, _ range: ClosedRange<Int>, names: [String] = []) -> UInt64? {
        numbers(text, range, names: names)?.reduce(0) { $0 | 1 << UInt64($1) }
    }

    /// Lists of numbers, ranges and steps: `5`, `1,2`, `MON-FRI`, `0/15`, `*/5`, `10-20/2`. A range may wrap around.
    private static func numbers(_ text: String, _ range: ClosedRange<Int>, names: [String]) -> [Int]? {
        var all: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard halves.count <= 2, let base = halves.first else { return nil }
            var step = 1
            if halves.count == 2 {
                guard let given = Int(halves[1]), given >= 1, given <= range.upperBound else { return nil }
                step = given
            }
            let span = range.count
            if base == "*" {
                all += stride(from: range.lowerBound, through: range.upperBound, by: step)
            } else if let dash = base.firstIndex(of: "-") {
                guard let from = number(String(base[..<dash]), range, names), let to = number(String(base[base.index(after: dash)...]), range, names)
                else { return nil }
                let end = to >= from ? to : to + span
                all += stride(from: from, through: end, by: step).map { ($0 - range.lowerBound) % span + range.lowerBound }
            } else {
                guard let from = number(base, range, names) else { return nil }
                all += halves.count == 2 ? Array(stride(from: from, through: range.upperBound, by: step)) : [from]
            }
        }
        return all.isEmpty ? nil : all
    }
}

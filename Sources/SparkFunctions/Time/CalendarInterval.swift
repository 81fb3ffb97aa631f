/// A stretch of the calendar: months, days and time, each of which is added by itself.
struct CalendarInterval: Equatable {
    var months: Int32 = 0
    var days: Int32 = 0
    var micros: Int64 = 0

    private static let timeUnits: [String: Int64] = [
        "microsecond": 1, "millisecond": 1000, "second": Micros.perSecond, "minute": 60 * Micros.perSecond, "hour": 3600 * Micros.perSecond,
    ]

    /// `5 minutes`, `interval 1 month -2 days 3.5 seconds`; nil: it is none.
    static func parse(_ text: String) -> CalendarInterval? {
        // A sign may stand apart from its number.
        var words: [Substring] = []
        for word in text.lowercased().split(whereSeparator: \.isWhitespace) {
            if let last = words.last, last == "-" || last == "+" {
                words[words.count - 1] = Substring(last + word)
            } else {
                words.append(word)
            }
        }
        var rest = words[...]
        if rest.first == "interval" { rest = rest.dropFirst() }
        guard !rest.isEmpty, rest.count % 2 == 0 else { return nil }
        var result = CalendarInterval()
        while let number = rest.popFirst(), let unit = rest.popFirst() {
            guard result.add(number, unit.hasSuffix("s") ? String(unit.dropLast()) : String(unit)) else { return nil }
        }
        return result
    }

    private mutating func add(_ number: Substring, _ unit: String) -> Bool {
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = Int64(first.isEmpty || first == "-" || first == "+" ? first + "0" : first) else { return false }
        var fraction: Int64 = 0
        if parts.count == 2 {
            guard unit == "second", parts[1].utf8.count <= 9, parts[1].utf8.allSatisfy({ (48...57).contains($0) }), number != "." else {
                return false
            }
            fraction = (Int64(String(parts[1]) + String(repeating: "0", count: 9 - parts[1].utf8.count)) ?? 0) / 1000
            if first.hasPrefix("-") { fraction = -fraction }
        }
        func sum(_ old: Int32, _ factor: Int64) -> Int32? {
            let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
            let (sum, over) = product.addingReportingOverflow(Int64(old))
            return overflow || over ? nil : Int32(exactly: sum)
        }
        switch unit {
        case "year", "month":
            guard let total = sum(months, unit == "year" ? 12 : 1) else { return false }
            months = total
        case "week", "day":
            guard let total = sum(days, unit == "week" ? 7 : 1) else { return false }
            days = total
        default:
            guard let size = Self.timeUnits[unit] else { return false }
            let (product, overflow) = whole.multipliedReportingOverflow(by: size)
            let (amount, far) = product.addingReportingOverflow(fraction)
            let (total, over) = micros.addingReportingOverflow(amount)
            guard !overflow, !far, !over else { return false }
            micros = total
        }
        return true
    }

    /// Months first, then days, both along the zone's calendar, then time; nil beyond Int64.
    func added(to instant: Int64, _ zone: SessionTimeZone) -> Int64? {
        var result = instant
        if months != 0 {
            guard let moved = TimestampMath.adding(months: Int(months), to: result, zone) else { return nil }
            result = moved
        }
        if days != 0 {
            guard let moved = TimestampMath.adding(days: Int64(days), to: result, zone) else { return nil }
            result = moved
        }
        let (sum, overflow) = result.addingReportingOverflow(micros)
        return overflow ? nil : sum
    }
}

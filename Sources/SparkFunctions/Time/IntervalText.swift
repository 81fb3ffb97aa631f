package import Columnar

/// Intervals as SQL writes and reads them.
package enum IntervalText {
    /// `INTERVAL '1-2' YEAR TO MONTH`: what CAST to STRING gives.
    package static func yearMonth(_ months: Int32, _ range: YearMonthRange) -> String {
        let sign = months < 0 ? "-" : ""
        let magnitude = months.magnitude
        switch (range.start, range.end) {
        case (.year, .year): return "INTERVAL '\(sign)\(magnitude / 12)' YEAR"
        case (.month, .month): return "INTERVAL '\(sign)\(magnitude)' MONTH"
        default: return "INTERVAL '\(sign)\(magnitude / 12)-\(magnitude % 12)' YEAR TO MONTH"
        }
    }

    /// `1-2`, whatever the fields: how results show it.
    package static func plainYearMonth(_ months: Int32) -> String {
        "\(months < 0 ? "-" : "")\(months.magnitude / 12)-\(months.magnitude % 12)"
    }

    /// `INTERVAL '1 02:03:04.5' DAY TO SECOND`.
    package static func dayTime(_ micros: Int64, _ range: DayTimeRange) -> String {
        var rest = micros.magnitude
        var text = "INTERVAL '\(micros < 0 ? "-" : "")"
        for unit in range.start.rawValue...max(range.start.rawValue, range.end.rawValue) {
            let size = unitMicros[unit]
            let amount = rest / size
            rest %= size
            if unit == 1, range.start == .day { text += " " }
            if unit > 1, unit != range.start.rawValue { text += ":" }
            text += unit == 0 || amount > 9 ? "\(amount)" : "0\(amount)"
        }
        if range.end == .second {
            var bytes: [UInt8] = []
            DateTimeText.appendFraction(Int(rest), to: &bytes)
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text + "' " + unitText(range)
    }

    /// `1 02:03:04.500000000`, whatever the fields.
    package static func plainDayTime(_ micros: Int64) -> String {
        let rest = micros.magnitude
        let seconds = rest / 1_000_000
        let fraction = String(rest % 1_000_000 * 1000)
        func two(_ value: UInt64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return (micros < 0 ? "-" : "") + "\(seconds / 86_400) \(two(seconds / 3600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))."
            + String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
    }

    static let unitMicros: [UInt64] = [86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000]

    static func unitText(_ range: DayTimeRange) -> String {
        let start = "\(range.start)".uppercased()
        return range.start == range.end ? start : start + " TO " + "\(range.end)".uppercased()
    }

    static func unitText(_ range: YearMonthRange) -> String {
        let start = "\(range.start)".uppercased()
        return range.start == range.end ? start : start + " TO " + "\(range.end)".uppercased()
    }

    // MARK: Reading

    /// Why a text is no interval of a type.
    package enum Failure: Error, Equatable { case malformed, outOfRange }

    /// The text inside `INTERVAL '…' UNIT`, or the whole of it; signs before INTERVAL's quote and in it multiply.
    private static func body(_ text: some Collection<UInt8>, units: String) -> (text: [UInt8], sign: Int64)? {
        let bytes = DateTimeText.trimmed(text)
        let upper = String(decoding: bytes, as: UTF8.self).uppercased()
        guard upper.hasPrefix("INTERVAL") else { return (bytes, 1) }
        var rest = DateTimeText.trimmed(Array(upper.utf8).dropFirst(8))[...]
        var sign: Int64 = 1
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            if first == UInt8(ascii: "-") { sign = -1 }
            rest = rest.dropFirst()
        }
        guard rest.first == UInt8(ascii: "'"), let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "'")) else { return nil }
        let tail = String(decoding: DateTimeText.trimmed(rest[(end + 1)...]), as: UTF8.self)
        let words = tail.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }).joined(separator: " ")
        guard words == units else { return nil }
        return (Array(rest[rest.index(after: rest.startIndex)..<end]), sign)
    }

    private static func split(sign bytes: inout ArraySlice<UInt8>) -> Int64 {
        guard let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") else { return 1 }
        bytes = bytes.dropFirst()
        return first == UInt8(ascii: "-") ? -1 : 1
    }

    private static func number(_ bytes: some Collection<UInt8>, maxDigits: Int) throws(Failure) -> Int64 {
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { throw .malformed }
        guard let value = Int64(String(decoding: bytes, as: UTF8.self)) else { throw .outOfRange }
        if bytes.count > maxDigits { throw .malformed }
        return value
    }

    package static func parseYearMonth(_ text: some Collection<UInt8>, _ range: YearMonthRange) throws(Failure) -> Int32 {
        guard let (body, outer) = body(text, units: unitText(range)) else { throw .malformed }
        var rest = DateTimeText.trimmed(body)[...]
        let sign = outer * split(sign: &rest)
        let months: Int64
        if range.start != range.end {
            let parts = rest.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw .malformed }
            let year = try number(parts[0], maxDigits: 9)
            let month = try number(parts[1], maxDigits: 2)
            guard month <= 11 else { throw .outOfRange }
            months = year * 12 + month
        } else {
            let amount = try number(rest, maxDigits: 10)
            months = range.start == .year ? amount * 12 : amount
        }
        guard let result = Int32(exactly: sign * months) else { throw .outOfRange }
        return result
    }

    package static func parseDayTime(_ text: some Collection<UInt8>, _ range: DayTimeRange) throws(Failure) -> Int64 {
        guard let (body, outer) = body(text, units: unitText(range)) else { throw .malformed }
        var rest = DateTimeText.trimmed(body)[...]
        let sign = outer * split(sign: &rest)
        let first = range.start.rawValue
        let last = range.end.rawValue
        var pieces: [ArraySlice<UInt8>] = []
        if first == 0, last > 0 {
            guard let blank = rest.firstIndex(where: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "T") }) else { throw .malformed }
            pieces.append(rest[..<blank])
            rest = DateTimeText.trimmed(rest[(blank + 1)...])[...]
            if last >= 1 { pieces += rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) }
        } else {
            pieces = rest.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        }
        guard pieces.count == last - first + 1 else { throw .malformed }
        var total: Int64 = 0
        for (offset, piece) in pieces.enumerated() {
            let unit = first + offset
            var whole = piece
            var fraction: Int64 = 0
            if unit == 3, let point = piece.firstIndex(of: UInt8(ascii: ".")) {
                whole = piece[..<point]
                let digits = piece[(point + 1)...]
                guard (1...9).contains(digits.count) else { throw .malformed }
                let padded = Array(digits) + [UInt8](repeating: 48, count: 9 - digits.count)
                fraction = try number(padded, maxDigits: 9) / 1000
            }
            let limit = offset > 0 ? 2 : (unit == 0 ? 9 : (unit == 1 ? 10 : (unit == 2 ? 12 : 13)))
            let amount = try number(whole, maxDigits: limit)
            if offset > 0 { guard amount <= (unit == 1 ? 23 : 59) else { throw .outOfRange } }
            let (scaled, overflow) = amount.multipliedReportingOverflow(by: Int64(unitMicros[unit]))
            let (sum, over) = total.addingReportingOverflow(scaled)
            let (all, beyond) = sum.addingReportingOverflow(fraction)
            if overflow || over || beyond { throw .outOfRange }
            total = all
        }
        return sign * total
    }
}

extension IntervalText {
    /// The forms that a text may have, as messages list them.
    static func supportedFormats(_ range: YearMonthRange) -> String {
        switch (range.start, range.end) {
        case (.year, .year): "`[+|-]y`, `INTERVAL [+|-]'[+|-]y' YEAR`"
        case (.month, .month): "`[+|-]m`, `INTERVAL [+|-]'[+|-]m' MONTH`"
        default: "`[+|-]y-m`, `INTERVAL [+|-]'[+|-]y-m' YEAR TO MONTH`"
        }
    }

    static func supportedFormats(_ range: DayTimeRange) -> String {
        let letters = ["d", "h", "m", "s.n"]
        var form = ""
        for unit in range.start.rawValue...max(range.start.rawValue, range.end.rawValue) {
            if unit > range.start.rawValue { form += unit == 1 ? " " : ":" }
            form += letters[unit]
        }
        return "`[+|-]\(form)`, `INTERVAL [+|-]'[+|-]\(form)' \(unitText(range))`"
    }
}

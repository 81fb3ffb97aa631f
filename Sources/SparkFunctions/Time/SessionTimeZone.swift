/// A time zone by the names that Spark takes: an offset (`+02:00`, `UTC+1`, `Z`) or a region (`Europe/Berlin`).
package struct SessionTimeZone: Sendable, Hashable {
    package static let utc = SessionTimeZone(id: "UTC", rules: .fixed(0))

    /// As given, for `current_timezone()`.
    package let id: String
    private let rules: Rules

    private enum Rules: Sendable {
        /// Seconds east of Greenwich.
        case fixed(Int)
        case region(ZoneTransitions)
    }

    private init(id: String, rules: Rules) {
        self.id = id
        self.rules = rules
    }

    /// nil if there is no such zone.
    package init?(_ id: String) {
        if let offset = ZoneOffset.parse(id) {
            self.init(id: id, rules: .fixed(offset))
        } else if let transitions = ZoneTransitions.named(id) {
            self.init(id: id, rules: .region(transitions))
        } else {
            return nil
        }
    }

    package init(offsetSeconds: Int) { self.init(id: ZoneOffset.text(offsetSeconds), rules: .fixed(offsetSeconds)) }

    package static func == (left: Self, right: Self) -> Bool { left.id == right.id }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// Whether clocks in the zone never change.
    package var fixedOffset: Int? {
        if case .fixed(let offset) = rules { offset } else { nil }
    }

    /// Seconds east of Greenwich at an instant.
    package func offset(atMicros micros: Int64) -> Int {
        switch rules {
        case .fixed(let offset): offset
        case .region(let transitions): transitions.offset(at: Int(micros.floorDiv(Micros.perSecond)))
        }
    }

    /// The wall clock's reading at an instant, as microseconds since its 1970-01-01T00:00; saturates at the ends of Int64.
    package func local(fromUTC micros: Int64) -> Int64 {
        let (sum, overflow) = micros.addingReportingOverflow(Int64(offset(atMicros: micros)) * Micros.perSecond)
        return overflow ? (micros > 0 ? .max : .min) : sum
    }

    /// The instant at which the wall clock shows a time. In a gap, the time moves on by the gap's length; in an overlap, the earlier instant.
    package func utc(fromLocal micros: Int64) -> Int64 {
        let offset: Int
        switch rules {
        case .fixed(let fixed): offset = fixed
        case .region(let transitions): offset = transitions.offset(atLocal: Int(micros.floorDiv(Micros.perSecond)))
        }
        let (difference, overflow) = micros.subtractingReportingOverflow(Int64(offset) * Micros.perSecond)
        return overflow ? (micros > 0 ? .max : .min) : difference
    }

    /// The name's abbreviation at an instant, where the zone has one (`PST`, `CET`).
    package func abbreviation(atMicros micros: Int64) -> String? {
        switch rules {
        case .fixed(let offset): offset == 0 ? "UTC" : nil
        case .region(let transitions): transitions.abbreviation(at: Int(micros.floorDiv(Micros.perSecond)))
        }
    }
}

/// Offsets from UTC as text.
enum ZoneOffset {
    static let maxSeconds = 18 * 3600

    /// `Z`, `UTC`, `GMT`, `UT`, these with an offset behind, or `±h`, `±hh`, `±h:mm`, `±hh:mm[:ss]`, `±hhmm[ss]`; nil if it is none of these or beyond 18 hours.
    static func parse(_ text: String) -> Int? {
        var bytes = Array(text.utf8)
        if bytes == [UInt8(ascii: "Z")] { return 0 }
        for prefix in ["UTC", "GMT", "UT"] where text.hasPrefix(prefix) {
            bytes.removeFirst(prefix.utf8.count)
            if bytes.isEmpty { return 0 }
            break
        }
        guard let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        let body = bytes.dropFirst()
        let parts = body.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var fields: [Int] = []
        if parts.count == 1 {
            let digits = Array(body)
            switch digits.count {
            case 1, 2: fields = [number(digits[...])].compactMap { $0 }
            case 4: fields = [number(digits[0..<2]), number(digits[2..<4])].compactMap { $0 }
            case 6: fields = [number(digits[0..<2]), number(digits[2..<4]), number(digits[4..<6])].compactMap { $0 }
            default: return nil
            }
            if fields.count != (digits.count + 1) / 2 { return nil }
        } else {
            guard parts.count <= 3 else { return nil }
            for part in parts {
                guard (1...2).contains(part.count), let value = number(part) else { return nil }
                fields.append(value)
            }
        }
        let hours = fields[0]
        let minutes = fields.count > 1 ? fields[1] : 0
        let seconds = fields.count > 2 ? fields[2] : 0
        guard hours <= 18, minutes < 60, seconds < 60 else { return nil }
        let total = hours * 3600 + minutes * 60 + seconds
        guard total <= maxSeconds else { return nil }
        return sign == UInt8(ascii: "-") ? -total : total
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard digit >= 48, digit <= 57 else { return nil }
            value = value * 10 + Int(digit - 48)
        }
        return digits.isEmpty ? nil : value
    }

    /// `+02:00`, `-07:52:58`, `Z` for zero.
    static func text(_ seconds: Int, zero: String = "Z") -> String {
        if seconds == 0 { return zero }
        let magnitude = abs(seconds)
        var text = seconds < 0 ? "-" : "+"
        text += twoDigits(magnitude / 3600) + ":" + twoDigits(magnitude / 60 % 60)
        if magnitude % 60 != 0 { text += ":" + twoDigits(magnitude % 60) }
        return text
    }

    static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

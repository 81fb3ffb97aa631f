import SparkErrors

extension DateTimePattern {
    /// What a text gave.
    struct Parsed: Sendable {
        var local: CivilDateTime
        var zone: SessionTimeZone?
    }

    /// Why a text does not fit; the messages are Java's.
    struct Failure: Error {
        let message: String
    }

    private struct Fields {
        var era: Int?
        var year: Int?
        var month: Int?
        var day: Int?
        var dayOfYear: Int?
        var hour24: Int?
        var hour12: Int?
        var afternoon: Bool?
        var minute: Int?
        var second: Int?
        var micros: Int?
        var zone: SessionTimeZone?
    }

    func parse(_ text: String) -> Result<Parsed, Failure> {
        let bytes = Array(text.utf8)
        var fields = Fields()
        let end = match(items[...], bytes, 0, &fields)
        guard end >= 0 else { return .failure(Failure(message: "Text '\(text)' could not be parsed at index \(-end - 1)")) }
        guard end == bytes.count else { return .failure(Failure(message: "Text '\(text)' could not be parsed, unparsed text found at index \(end)")) }
        return resolve(fields, text)
    }

    /// Where the items end in the text, or -1 - index of the failure.
    private func match(_ items: ArraySlice<Item>, _ bytes: [UInt8], _ start: Int, _ fields: inout Fields) -> Int {
        var position = start
        var index = items.startIndex
        while index < items.endIndex {
            switch items[index] {
            case .text(let literal):
                let wanted = Array(literal.utf8)
                for (offset, byte) in wanted.enumerated() {
                    guard position + offset < bytes.count, Self.folded(bytes[position + offset]) == Self.folded(byte) else { return -1 - position }
                }
                position += wanted.count
            case .optionalStart:
                guard let close = Self.close(of: index, items) else { return -1 - position }
                var attempt = fields
                let end = match(items[(index + 1)..<close], bytes, position, &attempt)
                if end >= 0 {
                    fields = attempt
                    position = end
                }
                index = close
            case .optionalEnd: break
            case .field(let letter, let count):
                let reserved = Self.reserved(items[(index + 1)...])
                let end = parse(letter, count, bytes, position, reserved: reserved, &fields)
                if end < 0 { return end }
                position = end
            }
            index += 1
        }
        return position
    }

    private static func close(of start: Int, _ items: ArraySlice<Item>) -> Int? {
        var depth = 0
        for index in start..<items.endIndex {
            if items[index] == .optionalStart { depth += 1 }
            if items[index] == .optionalEnd {
                depth -= 1
                if depth == 0 { return index }
            }
        }
        return nil
    }

    private static func folded(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte + 32 : byte }

    /// Digits that fixed numbers right behind take.
    private static func reserved(_ items: ArraySlice<Item>) -> Int {
        var total = 0
        for item in items {
            guard case .field(let letter, let count) = item, let width = fixedWidth(letter, count) else { break }
            total += width
        }
        return total
    }

    private static func fixedWidth(_ letter: Unicode.Scalar, _ count: Int) -> Int? {
        switch letter {
        case "M", "L", "d", "h", "H", "k", "K", "m", "s": count == 2 ? 2 : nil
        case "D": count > 1 ? count : nil
        case "y": count == 2 ? 2 : nil
        default: nil
        }
    }

    /// A number of digits between bounds; nil if there are too few.
    private func number(_ bytes: [UInt8], _ position: inout Int, minimum: Int, maximum: Int, reserved: Int) -> Int? {
        var end = position
        while end < bytes.count, end - position < maximum + reserved, bytes[end] >= 48, bytes[end] <= 57 { end += 1 }
        let available = end - position
        let take = reserved > 0 ? min(max(minimum, available - reserved), available, maximum) : min(available, maximum)
        guard take >= minimum, take > 0 else { return nil }
        var value = 0
        for byte in bytes[position..<(position + take)] {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, over) = scaled.addingReportingOverflow(Int(byte - 48))
            if overflow || over { return nil }
            value = sum
        }
        position += take
        return value
    }

    private func name(_ names: [String], _ bytes: [UInt8], _ position: inout Int) -> Int? {
        var best: (index: Int, count: Int)?
        for (index, name) in names.enumerated() {
            let wanted = Array(name.utf8)
            guard position + wanted.count <= bytes.count, wanted.enumerated().allSatisfy({ Self.folded(bytes[position + $0]) == Self.folded($1) })
            else { continue }
            if wanted.count > best?.count ?? 0 { best = (index, wanted.count) }
        }
        guard let best else { return nil }
        position += best.count
        return best.index
    }

    private func parse(_ letter: Unicode.Scalar, _ count: Int, _ bytes: [UInt8], _ start: Int, reserved: Int, _ fields: inout Fields) -> Int {
        var position = start
        let failed = -1 - start
        func plain() -> Int? {
            count == 1
                ? number(bytes, &position, minimum: 1, maximum: 18, reserved: reserved)
                : number(bytes, &position, minimum: count, maximum: count, reserved: 0)
        }
        switch letter {
        case "G":
            guard let era = name(count == 4 ? ["Before Christ", "Anno Domini"] : ["BC", "AD"], bytes, &position) else { return failed }
            fields.era = era
        case "y":
            if count == 2 {
                guard let value = number(bytes, &position, minimum: 2, maximum: 2, reserved: 0) else { return failed }
                fields.year = 2000 + value
                break
            }
            var sign = 1
            var signed = false
            if position < bytes.count, bytes[position] == UInt8(ascii: "-") || (bytes[position] == UInt8(ascii: "+") && count >= 4) {
                sign = bytes[position] == UInt8(ascii: "-") ? -1 : 1
                signed = bytes[position] == UInt8(ascii: "+")
                position += 1
            }
            let from = position
            guard let value = number(bytes, &position, minimum: count, maximum: 18, reserved: reserved) else { return failed }
            let digits = position - from
            // A plus stands before years that are longer than the pattern, and only there.
            if count >= 4, sign > 0, (digits > count) != signed { return failed }
            guard value < 1_000_000_000 else { return failed }
            fields.year = sign * value
        case "M", "L":
            if count < 3 {
                guard let value = plain() else { return failed }
                fields.month = value
            } else {
                guard let index = name(count == 3 ? Self.months.map { String($0.prefix(3)) } : Self.months, bytes, &position) else { return failed }
                fields.month = index + 1
            }
        case "d":
            guard let value = plain() else { return failed }
            fields.day = value
        case "D":
            guard let value = count == 1 ? plain() : number(bytes, &position, minimum: count, maximum: 3, reserved: reserved) else { return failed }
            fields.dayOfYear = value
        case "a":
            guard let index = name(["AM", "PM"], bytes, &position) else { return failed }
            fields.afternoon = index == 1
        case "H", "k":
            guard let value = plain() else { return failed }
            fields.hour24 = letter == "k" && value == 24 ? 0 : (letter == "k" && value == 0 ? 99 : value)
        case "h", "K":
            guard let value = plain() else { return failed }
            fields.hour12 = letter == "h" && value == 12 ? 0 : (letter == "h" && value == 0 ? 99 : value)
        case "m":
            guard let value = plain() else { return failed }
            fields.minute = value
        case "s":
            guard let value = plain() else { return failed }
            fields.second = value
        case "S":
            let from = position
            guard number(bytes, &position, minimum: 1, maximum: count, reserved: 0) != nil else { return failed }
            let digits = bytes[from..<position].map { Int($0 - 48) } + [Int](repeating: 0, count: 9)
            fields.micros = digits.prefix(6).reduce(0) { $0 * 10 + $1 }
        default:
            guard let end = zone(letter, bytes, position, &fields) else { return failed }
            position = end
        }
        return position
    }

    private func zone(_ letter: Unicode.Scalar, _ bytes: [UInt8], _ start: Int, _ fields: inout Fields) -> Int? {
        var end = start
        let isName = letter == "V" || letter == "z"
        while end < bytes.count {
            let byte = bytes[end]
            let digit = byte >= 48 && byte <= 57
            let sign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":")
            let alphabetic = (65...90).contains(byte) || (97...122).contains(byte)
            guard
                digit || sign || (alphabetic && (isName || letter == "O" || letter == "Z" || byte == UInt8(ascii: "Z")))
                    || (isName && (byte == UInt8(ascii: "/") || byte == UInt8(ascii: "_")))
            else { break }
            end += 1
        }
        // The longest piece that names a zone.
        while end > start {
            let text = String(decoding: bytes[start..<end], as: UTF8.self)
            let allowed: Bool =
                switch letter {
                case "X": text == "Z" || text.hasPrefix("+") || text.hasPrefix("-")
                case "x": text.hasPrefix("+") || text.hasPrefix("-")
                default: true
                }
            if allowed, let zone = SessionTimeZone(text) ?? ZoneNames.zone(named: text) {
                fields.zone = zone
                return end
            }
            end -= 1
        }
        return nil
    }

    private func resolve(_ fields: Fields, _ text: String) -> Result<Parsed, Failure> {
        func failure(_ reason: String) -> Result<Parsed, Failure> { .failure(Failure(message: "Text '\(text)' could not be parsed: \(reason)")) }
        func check(_ value: Int?, _ range: ClosedRange<Int>, _ name: String) -> String? {
            guard let value, !range.contains(value) else { return nil }
            return "Invalid value for \(name) (valid values \(range.lowerBound) - \(range.upperBound)): \(value)"
        }
        let faults = [
            check(fields.month, 1...12, "MonthOfYear"), check(fields.day, 1...31, "DayOfMonth"), check(fields.hour24, 0...23, "HourOfDay"),
            check(fields.hour12, 0...11, "ClockHourOfAmPm"), check(fields.minute, 0...59, "MinuteOfHour"),
            check(fields.second, 0...59, "SecondOfMinute"),
        ]
        if let fault = faults.compactMap({ $0 }).first { return failure(fault) }
        var year = fields.year ?? 1970
        if fields.era == 0 { year = 1 - year }
        var date: CivilDate
        if let dayOfYear = fields.dayOfYear {
            guard dayOfYear >= 1, dayOfYear <= (CivilDate.isLeap(year) ? 366 : 365) else { return failure("Invalid date 'DayOfYear \(dayOfYear)'") }
            date = CivilDate(days: CivilDate(year: year, month: 1, day: 1).days + dayOfYear - 1)
            if fields.month ?? date.month != date.month || fields.day ?? date.day != date.day {
                return failure("Conflict found: 'DayOfYear \(dayOfYear)' differs from the month or day")
            }
        } else {
            date = CivilDate(year: year, month: fields.month ?? 1, day: fields.day ?? 1)
            guard date.isValid else {
                if date.month == 2, date.day == 29 { return failure("Invalid date 'February 29' as '\(year)' is not a leap year") }
                return failure("Invalid date '\(Self.months[date.month - 1].uppercased()) \(date.day)'")
            }
        }
        let hour = fields.hour24 ?? ((fields.hour12 ?? 0) + (fields.afternoon == true && fields.hour12 != nil ? 12 : 0))
        let seconds = Int64((hour * 60 + (fields.minute ?? 0)) * 60 + (fields.second ?? 0))
        let micros = seconds * Micros.perSecond + Int64(fields.micros ?? 0)
        return .success(Parsed(local: CivilDateTime(date, microOfDay: micros), zone: fields.zone))
    }
}

extension ZoneNames {
    /// The zone of an abbreviation such as `PDT`.
    static func zone(named name: String) -> SessionTimeZone? {
        let regions = [
            "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "MDT": "America/Denver", "CDT": "America/Chicago", "EDT": "America/New_York",
            "CEST": "Europe/Paris", "BST": "Europe/London",
        ]
        return regions[name].flatMap { SessionTimeZone($0) }
    }
}

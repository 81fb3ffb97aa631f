/// Dates and times as CAST writes and reads them.
package enum DateTimeText {
    // MARK: Writing

    /// `2024-01-31`; years beyond four digits with a sign.
    package static func date(days: Int) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(10)
        append(CivilDate(days: days), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `2024-01-31 09:05:00.25`: the fraction without zeros at its end. `micros` is the wall clock's.
    package static func timestamp(localMicros micros: Int64) -> String {
        let value = CivilDateTime(micros: micros)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(26)
        append(value.date, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        appendTwo(value.hour, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendTwo(value.minute, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendTwo(value.second, to: &bytes)
        appendFraction(value.microOfSecond, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ date: CivilDate, to bytes: inout [UInt8]) {
        if date.year < 0 { bytes.append(UInt8(ascii: "-")) } else if date.year > 9999 { bytes.append(UInt8(ascii: "+")) }
        let year = date.year.magnitude
        if year < 10_000 {
            appendTwo(Int(year / 100), to: &bytes)
            appendTwo(Int(year % 100), to: &bytes)
        } else {
            bytes.append(contentsOf: String(year).utf8)
        }
        bytes.append(UInt8(ascii: "-"))
        appendTwo(date.month, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendTwo(date.day, to: &bytes)
    }

    private static func appendTwo(_ value: Int, to bytes: inout [UInt8]) {
        bytes.append(48 + UInt8(truncatingIfNeeded: value / 10))
        bytes.append(48 + UInt8(truncatingIfNeeded: value % 10))
    }

    /// `.25` for 250 000; nothing for zero.
    static func appendFraction(_ micros: Int, to bytes: inout [UInt8]) {
        guard micros != 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var rest = micros
        var unit = 100_000
        while rest != 0, unit > 0 {
            bytes.append(48 + UInt8(truncatingIfNeeded: rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    // MARK: Reading

    /// `[+-]yyyy[yyy][-[m]m[-[d]d[( |T)…]]]` with blanks around it, as days since 1970; nil if it is anything else, or no such day.
    package static func parseDate(_ text: some Collection<UInt8>) -> Int32? {
        let bytes = trimmed(text)
        var position = 0
        var sign = 1
        if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            if first == UInt8(ascii: "-") { sign = -1 }
            position = 1
        }
        var segments = [1, 1, 1]
        var index = 0
        var value = 0
        var digits = 0
        func isValid(_ index: Int, _ digits: Int) -> Bool { index == 0 ? (4...7).contains(digits) : (1...2).contains(digits) }
        while position < bytes.count, bytes[position] != UInt8(ascii: " "), bytes[position] != UInt8(ascii: "T") {
            let byte = bytes[position]
            if byte == UInt8(ascii: "-"), index < 2 {
                guard isValid(index, digits) else { return nil }
                segments[index] = value
                (value, digits) = (0, 0)
                index += 1
            } else {
                guard byte >= 48, byte <= 57, digits < 8 else { return nil }
                value = value * 10 + Int(byte - 48)
                digits += 1
            }
            position += 1
        }
        guard isValid(index, digits) else { return nil }
        if index < 2, position < bytes.count { return nil }
        segments[index] = value
        let date = CivilDate(year: sign * segments[0], month: segments[1], day: segments[2])
        guard date.isValid else { return nil }
        return Int32(exactly: date.days)
    }

    /// What a timestamp's text holds.
    package struct ParsedTimestamp: Sendable {
        /// nil: only a time was given.
        package var date: CivilDate?
        package var microOfDay: Int64
        package var zone: SessionTimeZone?
    }

    /// Reads `[+-]yyyy[yy][-[m]m[-[d]d[( |T)[h]h[:[m]m[:[s]s[.fraction][zone]]]]]]`, or a time alone as `[T]h:m…`; nil if malformed.
    package static func parse(_ text: some Collection<UInt8>) -> ParsedTimestamp? {
        let bytes = trimmed(text)
        if bytes.isEmpty { return nil }
        var segments = [1, 1, 1, 0, 0, 0, 0]
        var index = 0
        var value = 0
        var digits = 0
        var fractionDigits = 0
        var onlyTime = false
        var sign = 1
        var hasSign = false
        var zone: SessionTimeZone?
        var position = 0
        if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            sign = bytes[0] == UInt8(ascii: "-") ? -1 : 1
            hasSign = true
            position = 1
        }
        func isValid(_ index: Int) -> Bool {
            switch index {
            case 6: true
            case 0: (4...6).contains(digits)
            default: (1...2).contains(digits)
            }
        }
        var atZone = false
        func close() -> Bool {
            guard isValid(index) else { return false }
            segments[index] = value
            (value, digits) = (0, 0)
            index += 1
            return true
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte >= 48, byte <= 57 {
                if index == 6 { fractionDigits += 1 }
                if index != 6 || digits < 6 { value = value * 10 + Int(byte - 48) }
                digits += 1
                if index != 6, digits > 6 { return nil }
            } else if position == 0, byte == UInt8(ascii: "T") {
                onlyTime = true
                index = 3
            } else if index < 2 {
                if byte == UInt8(ascii: "-") {
                    guard close() else { return nil }
                } else if index == 0, byte == UInt8(ascii: ":"), !hasSign {
                    guard (1...2).contains(digits) else { return nil }
                    onlyTime = true
                    segments[3] = value
                    (value, digits) = (0, 0)
                    index = 4
                } else {
                    return nil
                }
            } else if index == 2 {
                guard byte == UInt8(ascii: " ") || byte == UInt8(ascii: "T"), close() else { return nil }
            } else if index < 5 {
                guard byte == UInt8(ascii: ":"), close() else { return nil }
            } else if index == 5, byte == UInt8(ascii: ".") {
                guard close() else { return nil }
            } else {
                guard close() else { return nil }
                let name = trimmed(bytes[position...])
                guard let found = SessionTimeZone(padding: String(decoding: name, as: UTF8.self)) else { return nil }
                zone = found
                atZone = true
                break
            }
            position += 1
        }
        if !atZone {
            guard isValid(index) else { return nil }
            segments[index] = value
        }
        while fractionDigits < 6 {
            segments[6] *= 10
            fractionDigits += 1
        }
        let date = CivilDate(year: sign * segments[0], month: segments[1], day: segments[2])
        guard date.isValid, segments[3] < 24, segments[4] < 60, segments[5] < 60 else { return nil }
        let micros = Int64((segments[3] * 60 + segments[4]) * 60 + segments[5]) * Micros.perSecond + Int64(segments[6])
        return ParsedTimestamp(date: onlyTime ? nil : date, microOfDay: micros, zone: zone)
    }

    /// As an instant; a text without a zone is read in `zone`, one without a date on the day of `now`.
    package static func parseTimestamp(_ text: some Collection<UInt8>, in zone: SessionTimeZone, now: Int64) -> Int64? {
        guard let parsed = parse(text) else { return nil }
        let zone = parsed.zone ?? zone
        let date = parsed.date ?? CivilDateTime(micros: zone.local(fromUTC: now)).date
        return CivilDateTime(date, microOfDay: parsed.microOfDay).micros.map { zone.utc(fromLocal: $0) }
    }

    /// As a wall clock's time. A zone is read past, or not allowed; a time without a date is not allowed.
    package static func parseTimestampNTZ(_ text: some Collection<UInt8>, allowZone: Bool = true) -> Int64? {
        guard let parsed = parse(text), let date = parsed.date, allowZone || parsed.zone == nil else { return nil }
        return CivilDateTime(date, microOfDay: parsed.microOfDay).micros
    }

    /// Without blanks and control characters at either end (`UTF8String.trimAll`).
    static func trimmed(_ text: some Collection<UInt8>) -> [UInt8] {
        var bytes = Array(text)[...]
        while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return Array(bytes)
    }

    @inline(__always) static func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }
}

extension SessionTimeZone {
    /// With one-digit hours and minutes padded, as in `+1:0`.
    init?(padding text: String) {
        var bytes = Array(text.utf8)
        if bytes.count >= 2, bytes[bytes.count - 2] == UInt8(ascii: ":") { bytes.insert(UInt8(ascii: "0"), at: bytes.count - 1) }
        self.init(String(decoding: bytes, as: UTF8.self))
    }
}

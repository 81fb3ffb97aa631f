/// Durations as people write them: `2s`, `100ms`, `1h`, `1m30s`, `1.5s`, `0`.
package enum DurationText {
    /// Ten years; sums of a few of them fit into 64 bits of microseconds.
    private static let maxMicros: Int64 = 315_360_000_000_000

    private static let units: [(name: String, micros: Int64)] = [
        ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1),
    ]

    /// Parts go from the largest unit to the smallest, each unit at most once. Nil if the text is not of that form or over ten years.
    package static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        let bytes = Array(text.utf8)
        var position = 0
        var total: Int64 = 0
        var nextUnit = 0
        guard !bytes.isEmpty, bytes.count <= 40 else { return nil }
        while position < bytes.count {
            var digits = 0
            var number: Int64 = 0
            var fraction: Int64 = 0
            var scale: Int64 = 1
            while position < bytes.count, let digit = digit(bytes[position]) {
                guard digits < 15 else { return nil }
                number = number * 10 + digit
                digits += 1
                position += 1
            }
            guard digits > 0 else { return nil }
            if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
                position += 1
                let start = position
                while position < bytes.count, let digit = digit(bytes[position]) {
                    guard scale < 1_000_000 else { return nil }
                    fraction = fraction * 10 + digit
                    scale *= 10
                    position += 1
                }
                guard position > start else { return nil }
            }
            var end = position
            while end < bytes.count, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[end]) { end += 1 }
            let name = String(decoding: bytes[position..<end], as: UTF8.self)
            guard let index = units.firstIndex(where: { $0.name == name }), index >= nextUnit else { return nil }
            nextUnit = index + 1
            position = end
            let (whole, overflow) = number.multipliedReportingOverflow(by: units[index].micros)
            guard !overflow, whole <= maxMicros else { return nil }
            // At most six digits of fraction times a day of microseconds: far from overflow.
            total += whole + fraction * units[index].micros / scale
            guard total <= maxMicros else { return nil }
        }
        return .microseconds(total)
    }

    /// The shortest text that `parse` reads as the same duration; whole microseconds.
    package static func text(_ duration: Duration) -> String {
        var left = duration.wholeMicroseconds
        guard left > 0 else { return "0s" }
        var text = ""
        for unit in units where left >= unit.micros {
            text += "\(left / unit.micros)\(unit.name)"
            left %= unit.micros
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int64(byte - UInt8(ascii: "0")) : nil
    }
}

extension Duration {
    /// Cut to microseconds; saturates, since a caller's duration may be anything.
    package var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (micros, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carry) = micros.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }
}

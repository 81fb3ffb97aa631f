/// The text of `INTERVAL '…' from TO to`: fields in a fixed order with their separators.
enum IntervalRange {
    enum Problem: Error, Equatable {
        /// The text has not the form of its fields.
        case format
        /// A field other than the first is past its limit.
        case field(String, Int64, limit: Int64)
        case overflow
    }

    /// `y-m` as months.
    static func months(_ text: String) throws(Problem) -> Int32 {
        var (isNegative, rest) = sign(text)
        rest = rest.drop { $0 == " " }
        let pieces = rest.split(separator: "-", omittingEmptySubsequences: false)
        guard pieces.count == 2, pieces.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else { throw .format }
        guard let years = Int32(pieces[0]), let months = Int32(pieces[1]), months < 12 else { throw .overflow }
        let (product, isTooBig) = years.multipliedReportingOverflow(by: isNegative ? -12 : 12)
        let (sum, isOver) = product.addingReportingOverflow(isNegative ? -months : months)
        guard !isTooBig, !isOver else { throw .overflow }
        return sum
    }

    /// `d h:m:s.n` or a part of it, as microseconds.
    static func microseconds(_ text: String, from: IntervalUnit, to: IntervalUnit) throws(Problem) -> Int64 {
        let (isNegative, body) = sign(text)
        var rest = body
        var total: Int64 = 0
        var unit = from
        while true {
            var digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty else { throw .format }
            rest = rest.dropFirst(digits.count)
            var nanoseconds: Int64 = 0
            if unit == .second, rest.first == "." {
                let fraction = rest.dropFirst()
                guard fraction.utf8.count <= 9, fraction.utf8.allSatisfy(isDigit) else { throw .format }
                nanoseconds = Int64(fraction + String(repeating: "0", count: 9 - fraction.utf8.count)) ?? 0
                rest = ""
            }
            digits = digits.drop { $0 == "0" }
            guard let value = digits.isEmpty ? 0 : Int64(digits) else { throw .overflow }
            if unit != from, value > limit(unit) { throw .field(unit.name.lowercased(), value, limit: limit(unit)) }
            let (product, isTooBig) = value.multipliedReportingOverflow(by: isNegative ? -length(unit) : length(unit))
            let (sum, isOver) = total.addingReportingOverflow(product)
            let (whole, isPast) = sum.addingReportingOverflow(isNegative ? -(nanoseconds / 1000) : nanoseconds / 1000)
            guard !isTooBig, !isOver, !isPast else { throw .overflow }
            total = whole
            if unit == to { break }
            let separator: Character = unit == .day ? " " : ":"
            guard rest.first == separator else { throw .format }
            rest = unit == .day ? rest.drop { $0 == " " } : rest.dropFirst()
            unit = IntervalUnit(rawValue: unit.rawValue + 1) ?? to
        }
        guard rest.isEmpty else { throw .format }
        return total
    }

    private static func sign(_ text: String) -> (isNegative: Bool, rest: Substring) {
        var rest = Substring(text.trimmingBlanks())
        var isNegative = false
        while let first = rest.first, first == "-" || first == "+" {
            if first == "-" { isNegative.toggle() }
            rest = rest.dropFirst()
        }
        return (isNegative, rest)
    }

    private static func limit(_ unit: IntervalUnit) -> Int64 { unit == .hour ? 23 : 59 }

    private static func length(_ unit: IntervalUnit) -> Int64 {
        switch unit {
        case .day: 86_400_000_000
        case .hour: 3_600_000_000
        case .minute: 60_000_000
        default: 1_000_000
        }
    }
}

extension String {
    /// Without white space at both ends.
    func trimmingBlanks() -> String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}

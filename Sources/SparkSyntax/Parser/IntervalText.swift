/// The text of a multi-unit interval: `1 year 2 months`, `interval -3 days 1.5 seconds`.
struct IntervalText {
    enum Problem: Error, Equatable {
        case empty
        case invalidPrefix(String)
        case unrecognizedNumber(String)
        case invalidFraction(unit: String)
        case invalidPrecision(String)
        case missingNumber(String)
        case missingUnit(String)
        case invalidUnit(String)
        case invalidValue(String)
        case overflow
    }

    private(set) var months: Int32 = 0
    /// Days and shorter, together.
    private(set) var microseconds: Int64 = 0
    /// The units that were named, in lower case and singular.
    private(set) var units: [String] = []

    private static let microsecondsPerUnit: [String: Int64] = [
        "week": 604_800_000_000, "day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000,
        "millisecond": 1000, "microsecond": 1,
    ]

    init(_ text: String) throws(Problem) {
        var words = text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        guard !words.isEmpty else { throw .empty }
        if words.first == "interval" {
            words.removeFirst()
            guard !words.isEmpty else { throw .missingNumber("interval") }
        }
        var position = 0
        while position < words.count {
            var number = words[position]
            position += 1
            if number == "-" || number == "+" {
                guard position < words.count else { throw .missingNumber(number) }
                number += words[position]
                position += 1
            }
            guard position < words.count else { throw .missingUnit(number) }
            let unit = words[position]
            position += 1
            try add(number, unit)
        }
    }

    private mutating func add(_ number: String, _ unit: String) throws(Problem) {
        let singular = unit.hasSuffix("s") ? String(unit.dropLast()) : unit
        var digits = Substring(number)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
        let pieces = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = pieces.count == 2 ? pieces[1] : ""
        let isNumber = pieces.allSatisfy { $0.utf8.allSatisfy(isDigit) } && !(pieces[0].isEmpty && fraction.isEmpty)
        guard isNumber else { throw .unrecognizedNumber(number) }
        guard let whole = pieces[0].isEmpty ? 0 : Int64((isNegative ? "-" : "") + pieces[0]) else { throw .overflow }
        guard singular == "year" || singular == "month" || Self.microsecondsPerUnit[singular] != nil else { throw .invalidUnit(unit) }
        if pieces.count == 2, singular != "second" { throw .invalidFraction(unit: singular) }
        units.append(singular)
        if singular == "year" || singular == "month" {
            let (product, isTooBig) = whole.multipliedReportingOverflow(by: singular == "year" ? 12 : 1)
            guard !isTooBig, let sum = Int32(exactly: product).map({ months.addingReportingOverflow($0) }), !sum.overflow else {
                throw .overflow
            }
            months = sum.partialValue
            return
        }
        guard fraction.utf8.count <= 9 else { throw .invalidPrecision(String(fraction)) }
        // Nanoseconds are cut off.
        let nanoseconds = Int64(fraction + String(repeating: "0", count: 9 - fraction.utf8.count)) ?? 0
        let (product, isTooBig) = whole.multipliedReportingOverflow(by: Self.microsecondsPerUnit[singular] ?? 1)
        let (value, isPast) = product.addingReportingOverflow(nanoseconds / 1000 * (isNegative ? -1 : 1))
        let (sum, isOver) = microseconds.addingReportingOverflow(value)
        guard !isTooBig, !isPast, !isOver else { throw .overflow }
        microseconds = sum
    }
}

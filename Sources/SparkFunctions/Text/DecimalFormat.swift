/// A pattern of Java's `DecimalFormat`, without exponents: `#,##0.00`, with text around it and a form for negative numbers behind `;`.
struct DecimalFormat: Sendable {
    private struct Part: Sendable {
        var prefix = ""
        var suffix = ""
    }

    private var positive = Part()
    private var negative: Part?
    private var minimumWhole = 0
    private var minimumFraction = 0
    private var maximumFraction = 0
    /// Digits between separators; 0: none.
    private var grouping = 0
    private var multiplier = 0

    /// Grouped by three, with that many places.
    init(places: Int) {
        minimumWhole = 1
        minimumFraction = places
        maximumFraction = places
        grouping = 3
    }

    /// nil if malformed, or with an exponent.
    init?(_ pattern: String) {
        var parts = pattern.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.isEmpty { parts = [""] }
        var first = Part()
        guard let body = read(parts[0], into: &first) else { return nil }
        positive = first
        if parts.count > 1 {
            var other = Part()
            guard read(parts[1], into: &other) != nil else { return nil }
            negative = other
        }
        if body.isEmpty {
            grouping = 3
            maximumFraction = 0
            minimumWhole = 1
            return
        }
        let halves = body.split(separator: ".", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        let whole = halves[0]
        if let comma = whole.lastIndex(of: ",") { grouping = whole.distance(from: comma, to: whole.endIndex) - 1 }
        let wholeDigits = whole.filter { $0 != "," }
        guard let firstZero = wholeDigits.firstIndex(of: "0") else {
            readFraction(halves)
            return
        }
        guard !wholeDigits[firstZero...].contains("#") else { return nil }
        minimumWhole = wholeDigits.distance(from: firstZero, to: wholeDigits.endIndex)
        readFraction(halves)
    }

    private mutating func readFraction(_ halves: [Substring]) {
        guard halves.count == 2 else { return }
        maximumFraction = halves[1].count
        minimumFraction = halves[1].prefix { $0 == "0" }.count
    }

    /// The digits' part of a pattern; what stands around it goes to `part`.
    private mutating func read(_ text: String, into part: inout Part) -> String? {
        var body = ""
        var phase = 0
        var quoted = false
        for character in text {
            if character == "'" {
                quoted.toggle()
                continue
            }
            if !quoted, "#0,.".contains(character) {
                if phase == 2 { return nil }
                phase = 1
                body.append(character)
                continue
            }
            if !quoted, character == "E", phase == 1 { return nil }
            if !quoted, character == "%" { multiplier = 2 }
            if !quoted, character == "\u{2030}" { multiplier = 3 }
            if phase == 1 { phase = 2 }
            if phase == 0 { part.prefix.append(character) } else { part.suffix.append(character) }
        }
        return body
    }

    func text(_ number: ExactDigits) -> String {
        var number = number
        number.shift(by: multiplier)
        number.round(to: maximumFraction)
        var whole = Array(number.whole)
        while whole.count < minimumWhole { whole.insert(0, at: 0) }
        var fraction = Array(number.fraction)
        while fraction.count > minimumFraction, fraction.last == 0 { fraction.removeLast() }
        var body = ""
        for (index, digit) in whole.enumerated() {
            if grouping > 0, index > 0, (whole.count - index) % grouping == 0 { body += "," }
            body += String(digit)
        }
        if body.isEmpty, fraction.isEmpty { body = "0" }
        if !fraction.isEmpty { body += "." + fraction.map { String($0) }.joined() }
        if number.negative {
            if let negative { return negative.prefix + body + negative.suffix }
            return "-" + positive.prefix + body + positive.suffix
        }
        return positive.prefix + body + positive.suffix
    }
}

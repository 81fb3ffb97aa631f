import Columnar
import SparkErrors

/// The patterns of `to_number` and `to_char`: `[MI|S][$][0|9|G|,]*[.|D][0|9]*[$][PR|MI|S]`.
struct NumberPattern: Sendable {
    enum Sign: Sendable { case none, leadingS, leadingMI, trailingS, trailingMI, brackets }

    /// Groups of digits before the point, each of `0` and `9`.
    private var groups: [[UInt8]] = [[]]
    private var fraction: [UInt8] = []
    private var hasPoint = false
    private var leadingDollar = false
    private var trailingDollar = false
    private var leading = Sign.none
    private var trailing = Sign.none

    let type: DecimalType

    /// - Throws: INVALID_FORMAT.*, naming what is wrong.
    init(_ pattern: String) throws(SQLError) {
        let upper = pattern.uppercased()
        func invalid(_ condition: ErrorCondition, _ more: [String: String] = [:]) -> SQLError {
            SQLError(condition, more.merging(["format": SQLLiteral.quoted(upper)]) { first, _ in first }, phase: .analysis)
        }
        if upper.isEmpty { throw invalid(.invalidFormatEmpty) }
        var rest = Array(upper.utf8)[...]
        func take(_ word: String) -> Bool {
            guard rest.starts(with: word.utf8) else { return false }
            rest = rest.dropFirst(word.utf8.count)
            return true
        }
        if take("MI") { leading = .leadingMI } else if take("S") { leading = .leadingS }
        if take("$") { leadingDollar = true }
        var afterPoint = false
        var commas = 0
        scan: while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "0"), UInt8(ascii: "9"):
                if afterPoint { fraction.append(byte) } else { groups[groups.count - 1].append(byte) }
            case UInt8(ascii: ","), UInt8(ascii: "G"):
                if afterPoint { throw invalid(.invalidFormatThousandsSepsMustBeforeDec) }
                commas += 1
                groups.append([])
            case UInt8(ascii: "."), UInt8(ascii: "D"):
                if afterPoint { throw invalid(.invalidFormatWrongNumToken, ["token": ". or D"]) }
                afterPoint = true
                hasPoint = true
            default: break scan
            }
            rest = rest.dropFirst()
        }
        if take("$") {
            if leadingDollar { throw invalid(.invalidFormatWrongNumToken, ["token": "$"]) }
            trailingDollar = true
        }
        if take("PR") { trailing = .brackets } else if take("MI") { trailing = .trailingMI } else if take("S") { trailing = .trailingS }
        if trailingDollar { throw invalid(.invalidFormatCurMustBeforeDigit) }
        let whole = groups.reduce(0) { $0 + $1.count }
        if let byte = rest.first, whole + fraction.count > 0 || rest.contains(where: { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "9") }) {
            if byte == UInt8(ascii: "0") || byte == UInt8(ascii: "9") { throw invalid(.invalidFormatCurMustBeforeDigit) }
            let token = String(decoding: [byte], as: UTF8.self)
            throw invalid(
                .invalidFormatUnexpectedToken,
                ["token": "'\(token)'", "structure": "`[MI|S]` `[$]` `[0|9|G|,]*` `[.|D]` `[0|9]*` `[$]` `[PR|MI|S]`"])
        }
        if whole + fraction.count == 0 { throw invalid(.invalidFormatWrongNumDigit) }
        if commas > 0, groups.contains(where: \.isEmpty) { throw invalid(.invalidFormatContThousandsSeps) }
        if leading == .leadingS, trailing == .trailingS { throw invalid(.invalidFormatWrongNumToken, ["token": "S"]) }
        type = DecimalType(min(38, max(1, whole + fraction.count)), min(38, fraction.count))
    }

    // MARK: Reading

    /// The number at the type's scale; nil if the text does not match.
    func parse(_ text: ByteSlice) -> Int128? {
        var rest = text.filter { $0 != 0x20 }[...]
        var negative = false
        if leading != .none {
            if rest.first == UInt8(ascii: "-") {
                negative = true
                rest = rest.dropFirst()
            } else if leading == .leadingS, rest.first == UInt8(ascii: "+") {
                rest = rest.dropFirst()
            }
        }
        var bracketed = false
        if trailing == .brackets, rest.first == UInt8(ascii: "<") {
            bracketed = true
            rest = rest.dropFirst()
        }
        if leadingDollar {
            guard rest.first == UInt8(ascii: "$") else { return nil }
            rest = rest.dropFirst()
        }
        let whole = rest.prefix { ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "G") }
        rest = rest.dropFirst(whole.count)
        var places: ArraySlice<UInt8> = []
        if let byte = rest.first, byte == UInt8(ascii: ".") || byte == UInt8(ascii: "D") {
            guard hasPoint else { return nil }
            rest = rest.dropFirst()
            places = rest.prefix { $0 >= 48 && $0 <= 57 }
            rest = rest.dropFirst(places.count)
        }
        switch trailing {
        case .brackets:
            if bracketed {
                guard rest.first == UInt8(ascii: ">") else { return nil }
                rest = rest.dropFirst()
                negative = true
            }
        case .trailingMI, .trailingS:
            if rest.first == UInt8(ascii: "-") {
                negative = true
                rest = rest.dropFirst()
            } else if trailing == .trailingS, rest.first == UInt8(ascii: "+") {
                rest = rest.dropFirst()
            }
        default: break
        }
        guard rest.isEmpty, places.count <= fraction.count else { return nil }
        let given = whole.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "G") }
        guard given.count <= groups.count else { return nil }
        // Groups lie against the point.
        for (digits, pattern) in zip(given.reversed(), groups.reversed()) {
            guard digits.count <= pattern.count else { return nil }
            if pattern.first == UInt8(ascii: "0"), digits.count != pattern.count { return nil }
        }
        if groups[0].first == UInt8(ascii: "0"), given.count != groups.count { return nil }
        let digits = given.joined() + Array(places)
        guard !digits.isEmpty else { return nil }
        var value: Int128 = 0
        for digit in digits {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = scaled + Int128(digit - 48)
        }
        guard let scaled = Decimals.rescale(value, from: places.count, to: type) else { return nil }
        return negative ? -scaled : scaled
    }

    // MARK: Writing

    func text(_ digits: Int128, scale: Int) -> String {
        let number = ExactDigits(unscaled: digits, scale: scale)
        var whole = Array(number.whole)
        var places = Array(number.fraction)
        while let last = places.last, last == 0 { places.removeLast() }
        let width = groups.reduce(0) { $0 + $1.count }
        let overflows = whole.count > width || places.count > fraction.count
        var body: [UInt8] = []
        var position = 0
        let missing = max(0, width - whole.count)
        if overflows { whole = [] }
        for (index, group) in groups.enumerated() {
            if index > 0 {
                // A separator between digits that are not there is blank.
                let shown = overflows ? false : position > missing || body.last == UInt8(ascii: "0")
                body.append(shown ? UInt8(ascii: ",") : 0x20)
            }
            for _ in group {
                if overflows {
                    body.append(UInt8(ascii: "#"))
                } else if position >= missing {
                    body.append(48 + whole[position - missing])
                } else {
                    // A group that begins with 0 is always filled, others never.
                    body.append(group.first == UInt8(ascii: "0") ? UInt8(ascii: "0") : 0x20)
                }
                position += 1
            }
        }
        let floatsSign = leading != .none
        if hasPoint {
            if body.last == 0x20, !floatsSign { body[body.count - 1] = UInt8(ascii: "0") }
            if fraction.isEmpty {
                body.append(0x20)
            } else {
                body.append(UInt8(ascii: "."))
                for index in fraction.indices { body.append(overflows ? UInt8(ascii: "#") : (index < places.count ? 48 + places[index] : 48)) }
            }
        }
        return signed(body, negative: number.negative && !number.isZero)
    }

    private func signed(_ body: [UInt8], negative: Bool) -> String {
        var text = body
        if leadingDollar { text.insert(UInt8(ascii: "$"), at: 0) }
        switch leading {
        case .leadingS, .leadingMI:
            let sign = negative ? UInt8(ascii: "-") : (leading == .leadingS ? UInt8(ascii: "+") : 0x20)
            text.insert(sign, at: text.firstIndex { $0 != 0x20 } ?? text.count)
        default: break
        }
        switch trailing {
        case .trailingS:
            let end = (text.lastIndex { $0 != 0x20 } ?? -1) + 1
            text.insert(negative ? UInt8(ascii: "-") : UInt8(ascii: "+"), at: end)
        case .trailingMI: text.append(negative ? UInt8(ascii: "-") : 0x20)
        case .brackets:
            if negative {
                text.insert(UInt8(ascii: "<"), at: text.firstIndex { $0 != 0x20 } ?? 0)
                text.append(UInt8(ascii: ">"))
            } else {
                text += [0x20, 0x20]
            }
        default: break
        }
        return String(decoding: text, as: UTF8.self)
    }
}

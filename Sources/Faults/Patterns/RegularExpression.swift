/// A regular expression that is only ever asked whether it is found. Expressions come from outside, so the matcher keeps all alternatives
/// at once: its time is bounded by expression length times text length, whatever the two are.
///
/// Understood: literals, `.`, classes with ranges and `\d \w \s \D \W \S`, anchors `^ $ \b \B`, groups (plain, `(?:)`, named),
/// alternation, `* + ? {n} {n,} {n,m}` (also lazy), escapes, and the flags `(?i)`, `(?s)`, `(?m)` at the start.
/// Refused by name: back references, look-around, possessive and atomic forms, Unicode properties.
struct RegularExpression: Sendable {
    enum Instruction: Sendable {
        case scalar(UInt32)
        case set(Int)
        case anyButNewline
        case any
        case jump(Int)
        case fork(Int, Int)
        case assert(Assertion)
        case match
    }

    enum Assertion: Sendable {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
    }

    let program: [Instruction]
    let sets: [ScalarSet]
    let ignoresCase: Bool
    /// Whether every match begins at the text's start.
    let isAnchored: Bool

    static let maxInstructions = 5000

    init(_ text: String) throws(PatternError) {
        var parser = RegularExpressionParser(text)
        let tree = try parser.parse()
        var compiler = RegularExpressionCompiler()
        try compiler.emit(tree)
        try compiler.append(.match)
        program = compiler.program
        sets = compiler.sets
        ignoresCase = parser.ignoresCase
        isAnchored = if case .assert(.textStart) = compiler.program[0] { true } else { false }
    }

    /// Simple case folding; enough for the letters whose lower case is one scalar.
    static func folded(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 { return (0x41...0x5A).contains(scalar) ? scalar + 32 : scalar }
        guard let value = Unicode.Scalar(scalar) else { return scalar }
        let lower = value.properties.lowercaseMapping.unicodeScalars
        return lower.count == 1 ? (lower.first?.value ?? scalar) : scalar
    }
}

/// A character class.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false

    func contains(_ scalar: UInt32, ignoringCase: Bool) -> Bool {
        if holds(scalar) { return !isNegated }
        if ignoringCase {
            let lower = RegularExpression.folded(scalar)
            if lower != scalar, holds(lower) { return !isNegated }
            if let value = Unicode.Scalar(scalar), let upper = value.properties.uppercaseMapping.unicodeScalars.first?.value,
                upper != scalar, holds(upper)
            {
                return !isNegated
            }
        }
        return isNegated
    }

    private func holds(_ scalar: UInt32) -> Bool {
        for range in ranges where range.contains(scalar) { return true }
        return false
    }

    static let digit = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarSet(ranges: [0x09...0x0D, 0x20...0x20])

    /// All that is in neither range; for a negated class inside a class.
    var complement: [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        result.append(next...0x10FFFF)
        return result
    }
}

indirect enum RegularExpressionTree {
    case empty
    case scalar(UInt32)
    case set(ScalarSet)
    case any
    case anyButNewline
    case assert(RegularExpression.Assertion)
    case sequence([RegularExpressionTree])
    case alternatives([RegularExpressionTree])
    case repeated(RegularExpressionTree, from: Int, to: Int?)
}

/// Recursive descent over the expression's scalars.
struct RegularExpressionParser {
    private let scalars: [UInt32]
    private var position = 0
    private var depth = 0
    private(set) var ignoresCase = false
    private var dotMatchesNewline = false
    private var isMultiline = false

    private static let maxDepth = 100
    private static let maxRepeat = 1000

    init(_ text: String) { scalars = text.unicodeScalars.map(\.value) }

    mutating func parse() throws(PatternError) -> RegularExpressionTree {
        guard scalars.count <= 4000 else { throw PatternError("the regular expression is longer than 4000 characters") }
        parseFlags()
        let tree = try alternatives()
        if position < scalars.count { throw error("')' without '('") }
        return tree
    }

    private func error(_ message: String) -> PatternError {
        PatternError("not a regular expression: \(message) at character \(position + 1)")
    }

    private func peek(_ offset: Int = 0) -> UInt32? {
        scalars.indices.contains(position + offset) ? scalars[position + offset] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar.value else { return false }
        position += 1
        return true
    }

    /// `(?i)`, `(?ims)` at the very start.
    private mutating func parseFlags() {
        guard peek() == 0x28, peek(1) == 0x3F else { return }
        var index = 2
        var flags: [UInt32] = []
        while let flag = peek(index), [0x69, 0x6D, 0x73].contains(flag) {
            flags.append(flag)
            index += 1
        }
        guard !flags.isEmpty, peek(index) == 0x29 else { return }
        position += index + 1
        ignoresCase = flags.contains(0x69)
        isMultiline = flags.contains(0x6D)
        dotMatchesNewline = flags.contains(0x73)
    }

    private mutating func alternatives() throws(PatternError) -> RegularExpressionTree {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maxDepth else { throw error("groups are nested too deeply") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> RegularExpressionTree {
        var items: [RegularExpressionTree] = []
        while let next = peek(), next != 0x7C, next != 0x29 {
            let item = try atom()
            items.append(try quantified(item))
        }
        return items.count == 1 ? items[0] : .sequence(items)
    }

    private mutating func quantified(_ item: RegularExpressionTree) throws(PatternError) -> RegularExpressionTree {
        var item = item
        var isQuantified = false
        while let next = peek() {
            let bounds: (Int, Int?)
            switch next {
            case 0x2A: bounds = (0, nil)
            case 0x2B: bounds = (1, nil)
            case 0x3F: bounds = (0, 1)
            case 0x7B:
                guard let counted = try counted() else { return item }
                bounds = counted
            default: return item
            }
            if next != 0x7B { position += 1 }
            if isQuantified { throw error("two quantifiers in a row (possessive forms are not supported)") }
            isQuantified = true
            // A lazy quantifier finds the same texts.
            _ = take("?")
            item = .repeated(item, from: bounds.0, to: bounds.1)
        }
        return item
    }

    /// `{n}`, `{n,}`, `{n,m}`; nil if the brace is a plain character.
    private mutating func counted() throws(PatternError) -> (Int, Int?)? {
        let start = position
        position += 1
        guard let low = integer() else {
            position = start
            return nil
        }
        var high: Int? = low
        if take(",") { high = peek() == 0x7D ? nil : integer() ?? -1 }
        guard take("}"), high != -1 else {
            position = start
            return nil
        }
        guard low <= Self.maxRepeat, (high ?? 0) <= Self.maxRepeat else { throw error("a count over \(Self.maxRepeat)") }
        if let high, high < low { throw error("a count whose end is below its start") }
        return (low, high)
    }

    private mutating func integer() -> Int? {
        var value: Int?
        while let digit = peek(), (0x30...0x39).contains(digit), (value ?? 0) <= Self.maxRepeat {
            value = (value ?? 0) * 10 + Int(digit - 0x30)
            position += 1
        }
        return value
    }

    private mutating func atom() throws(PatternError) -> RegularExpressionTree {
        guard let scalar = peek() else { return .empty }
        position += 1
        switch scalar {
        case 0x2E: return dotMatchesNewline ? .any : .anyButNewline
        case 0x5E: return .assert(isMultiline ? .lineStart : .textStart)
        case 0x24: return .assert(isMultiline ? .lineEnd : .textEnd)
        case 0x28: return try group()
        case 0x5B: return .set(try set())
        case 0x5C: return try escape()
        case 0x2A, 0x2B, 0x3F: throw error("a quantifier with nothing before it")
        default: return .scalar(scalar)
        }
    }

    private mutating func group() throws(PatternError) -> RegularExpressionTree {
        if take("?"), !take(":") {
            if peek() == 0x50, peek(1) == 0x3C { position += 1 }
            guard peek() == 0x3C, peek(1) != 0x3D, peek(1) != 0x21 else {
                throw error("this kind of group (look-around, atomic, flags in the middle) is not supported")
            }
            while let next = peek(), next != 0x3E, next != 0x29 { position += 1 }
            guard take(">") else { throw error("a group's name without its end") }
        }
        let tree = try alternatives()
        guard take(")") else { throw error("'(' without ')'") }
        return tree
    }
}

extension RegularExpressionParser {
    private mutating func escape() throws(PatternError) -> RegularExpressionTree {
        guard let scalar = peek() else { throw error("a backslash at the end") }
        switch scalar {
        case 0x62:
            position += 1
            return .assert(.wordBoundary)
        case 0x42:
            position += 1
            return .assert(.noWordBoundary)
        case 0x41:
            position += 1
            return .assert(.textStart)
        case 0x7A, 0x5A:
            position += 1
            return .assert(.textEnd)
        default:
            if let set = classEscape() { return .set(set) }
            return .scalar(try scalarEscape())
        }
    }

    /// `\d \w \s` and their negations.
    private mutating func classEscape() -> ScalarSet? {
        let set: ScalarSet
        switch peek() {
        case 0x64: set = .digit
        case 0x44: set = ScalarSet(ranges: ScalarSet.digit.complement)
        case 0x77: set = .word
        case 0x57: set = ScalarSet(ranges: ScalarSet.word.complement)
        case 0x73: set = .space
        case 0x53: set = ScalarSet(ranges: ScalarSet.space.complement)
        default: return nil
        }
        position += 1
        return set
    }

    private mutating func scalarEscape() throws(PatternError) -> UInt32 {
        guard let scalar = peek() else { throw error("a backslash at the end") }
        position += 1
        switch scalar {
        case 0x6E: return 0x0A
        case 0x72: return 0x0D
        case 0x74: return 0x09
        case 0x66: return 0x0C
        case 0x76: return 0x0B
        case 0x30: return 0x00
        case 0x78: return try hexadecimal(2)
        case 0x75: return try hexadecimal(4)
        case 0x31...0x39: throw error("back references are not supported")
        case 0x41...0x5A, 0x61...0x7A: throw error("the escape '\\\(Character(Unicode.Scalar(UInt8(scalar))))' is not supported")
        default: return scalar
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(PatternError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek(), digit < 0x80, let number = Character(Unicode.Scalar(UInt8(digit))).hexDigitValue else {
                throw error("expected \(count) hexadecimal digits")
            }
            value = value * 16 + UInt32(number)
            position += 1
        }
        return value
    }

    private mutating func set() throws(PatternError) -> ScalarSet {
        var set = ScalarSet()
        set.isNegated = take("^")
        var isFirst = true
        while true {
            guard let next = peek() else { throw error("'[' without ']'") }
            if next == 0x5D, !isFirst {
                position += 1
                return set
            }
            if next == 0x5B, peek(1) == 0x3A { throw error("named classes are not supported") }
            isFirst = false
            guard let low = try member(&set) else { continue }
            if peek() == 0x2D, let after = peek(1), after != 0x5D {
                position += 1
                guard let high = try member(&set) else { throw error("a range that ends in a class") }
                guard low <= high else { throw error("a range whose end is below its start") }
                set.ranges.append(low...high)
            } else {
                set.ranges.append(low...low)
            }
        }
    }

    /// One scalar of a class; nil if a whole class was added instead.
    private mutating func member(_ set: inout ScalarSet) throws(PatternError) -> UInt32? {
        guard let scalar = peek() else { throw error("'[' without ']'") }
        position += 1
        guard scalar == 0x5C else { return scalar }
        if let inner = classEscape() {
            set.ranges.append(contentsOf: inner.ranges)
            return nil
        }
        if take("b") { return 0x08 }
        return try scalarEscape()
    }
}

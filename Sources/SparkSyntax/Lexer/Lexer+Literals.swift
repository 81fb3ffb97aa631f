/// Quoted texts and numbers.
extension Lexer {
    /// `'…'` or `"…"`: a backslash takes the next character with it, a doubled quote stands for one.
    mutating func quoted(_ quote: UInt8, kind: Token.Kind, from start: Int) -> Token {
        var index = position + 1
        while index < bytes.count {
            let current = bytes[index]
            if current == UInt8(ascii: "\\") {
                index += 2
            } else if current == quote {
                if index + 1 < bytes.count, bytes[index + 1] == quote {
                    index += 2
                } else {
                    position = index + 1
                    return make(kind, from: start)
                }
            } else {
                index += 1
            }
        }
        return unclosedQuote()
    }

    mutating func rawString() -> Token? {
        let start = position
        let quote = byte(1)
        guard let end = bytes[(position + 2)...].firstIndex(of: quote) else { return nil }
        position = end + 1
        return make(.string, from: start)
    }

    mutating func backquoted() -> Token {
        let start = position
        var index = position + 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "`") {
                if index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "`") {
                    index += 2
                    continue
                }
                position = index + 1
                return make(.quotedWord, from: start)
            }
            index += 1
        }
        return unclosedQuote()
    }

    /// `$tag$ … $tag$`, the tag letters or nothing.
    mutating func dollarQuoted() -> Token {
        let start = position
        var index = position + 1
        while index < bytes.count, isLetter(bytes[index]) { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "$") else { return unrecognizedByte() }
        let tag = bytes[start...index]
        index += 1
        while index + tag.count <= bytes.count {
            if bytes[index] == UInt8(ascii: "$"), bytes[index..<(index + tag.count)].elementsEqual(tag) {
                position = index + tag.count
                return make(.string, from: start)
            }
            index += 1
        }
        return unclosedQuote()
    }

    private mutating func unclosedQuote() -> Token {
        isBroken = true
        return unrecognizedByte()
    }

    private mutating func unrecognizedByte() -> Token {
        let start = position
        position += 1
        return make(.unrecognized, from: start)
    }

    // MARK: Numbers

    /// What begins with a digit: a number, or a word such as `1a` or `1_000` if that is longer.
    mutating func number() -> Token {
        let start = position
        var digits = start
        while digits < bytes.count, isDigit(bytes[digits]) { digits += 1 }
        var best = integerForm(from: start, digits: digits)
        if digits < bytes.count, bytes[digits] == UInt8(ascii: ".") {
            var fraction = digits + 1
            while fraction < bytes.count, isDigit(bytes[fraction]) { fraction += 1 }
            if let candidate = pointForm(end: fraction), candidate.end > best.end { best = candidate }
        }
        var wordEnd = digits
        while wordEnd < bytes.count {
            position = wordEnd
            let width = wordWidth()
            if width == 0 { break }
            wordEnd += width
        }
        if wordEnd > best.end { best = (.word, wordEnd) }
        position = best.end
        return make(best.kind, from: start)
    }

    /// `.5`; nil if what follows makes it no number.
    mutating func pointNumber() -> Token? {
        let start = position
        var fraction = position + 1
        while fraction < bytes.count, isDigit(bytes[fraction]) { fraction += 1 }
        guard let form = pointForm(end: fraction) else { return nil }
        position = form.end
        return make(form.kind, from: start)
    }

    private func integerForm(from start: Int, digits: Int) -> (kind: Token.Kind, end: Int) {
        if digits < bytes.count {
            switch bytes[digits] | 0x20 {
            case UInt8(ascii: "l"): return (.bigintLiteral, digits + 1)
            case UInt8(ascii: "s"): return (.smallintLiteral, digits + 1)
            case UInt8(ascii: "y"): return (.tinyintLiteral, digits + 1)
            default: break
            }
        }
        let exponentEnd = exponent(at: digits)
        if let suffixed = suffix(at: exponentEnd ?? digits) { return suffixed }
        if let exponentEnd { return (.exponent, exponentEnd) }
        return (.integer, digits)
    }

    /// A number with a point is one only if no letter, digit or underscore follows (`1.5a` is `1`, `.`, `5a`).
    private func pointForm(end: Int) -> (kind: Token.Kind, end: Int)? {
        let exponentEnd = exponent(at: end)
        if let suffixed = suffix(at: exponentEnd ?? end), isFree(suffixed.end) { return suffixed }
        if let exponentEnd, isFree(exponentEnd) { return (.exponent, exponentEnd) }
        return isFree(end) ? (.decimal, end) : nil
    }

    private func isFree(_ index: Int) -> Bool { index >= bytes.count || !isWordByte(bytes[index]) }

    private func exponent(at index: Int) -> Int? {
        guard index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") else { return nil }
        var end = index + 1
        if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
        let digits = end
        while end < bytes.count, isDigit(bytes[end]) { end += 1 }
        return end > digits ? end : nil
    }

    private func suffix(at index: Int) -> (kind: Token.Kind, end: Int)? {
        guard index < bytes.count else { return nil }
        switch bytes[index] | 0x20 {
        case UInt8(ascii: "f"): return (.floatLiteral, index + 1)
        case UInt8(ascii: "d"): return (.doubleLiteral, index + 1)
        case UInt8(ascii: "b"):
            guard index + 1 < bytes.count, bytes[index + 1] | 0x20 == UInt8(ascii: "d") else { return nil }
            return (.bigDecimalLiteral, index + 2)
        default: return nil
        }
    }

    // MARK: Characters

    func scalarWidth(at index: Int) -> Int {
        guard index < bytes.count else { return 0 }
        switch bytes[index] {
        case 0..<0xC0: return 1
        case 0xC0..<0xE0: return min(2, bytes.count - index)
        case 0xE0..<0xF0: return min(3, bytes.count - index)
        default: return min(4, bytes.count - index)
        }
    }

    func scalar(at index: Int) -> Unicode.Scalar? {
        let width = scalarWidth(at: index)
        guard width > 0 else { return nil }
        return String(decoding: bytes[index..<(index + width)], as: UTF8.self).unicodeScalars.first
    }
}

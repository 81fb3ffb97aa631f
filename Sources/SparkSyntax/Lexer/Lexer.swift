package import SparkErrors

/// Cuts SQL text into tokens, comments and white space left out. The longest possible token wins, as in Spark's grammar.
package struct Lexer {
    let bytes: [UInt8]
    var position = 0
    private var isInHint = false
    /// Behind a quote that is never closed the text is an error whatever follows; reading on could try each later quote in vain.
    var isBroken = false

    package init(_ sql: String) {
        bytes = Array(sql.utf8)
    }

    /// All tokens; the last is `.end`. Fails only for a comment that is never closed (`UNCLOSED_BRACKETED_COMMENT`); characters that
    /// begin no token are `.unrecognized`.
    package static func tokens(_ sql: String) throws(SQLError) -> [Token] {
        var lexer = Lexer(sql)
        return try lexer.allTokens()
    }

    mutating func allTokens() throws(SQLError) -> [Token] {
        var tokens: [Token] = []
        tokens.reserveCapacity(bytes.count / 4 + 1)
        while true {
            try skipBlanks()
            guard position < bytes.count, !isBroken else { break }
            tokens.append(next())
        }
        tokens.append(Token(kind: .end, keyword: nil, start: bytes.count, end: bytes.count))
        return tokens
    }

    func byte(_ offset: Int = 0) -> UInt8 {
        let index = position + offset
        return index < bytes.count ? bytes[index] : 0
    }

    // MARK: White space and comments

    private mutating func skipBlanks() throws(SQLError) {
        while position < bytes.count {
            let width = blankWidth()
            if width > 0 {
                position += width
            } else if byte() == UInt8(ascii: "-"), byte(1) == UInt8(ascii: "-") {
                skipLine()
            } else if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*"), byte(2) != UInt8(ascii: "+") {
                try skipBracketedComment()
            } else {
                return
            }
        }
    }

    /// Bytes of the white space character here; 0 for any other.
    private func blankWidth() -> Int {
        switch byte() {
        case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D: return 1
        case 0xC2: return byte(1) == 0xA0 ? 2 : 0
        case 0xE1: return byte(1) == 0x9A && byte(2) == 0x80 ? 3 : 0
        case 0xE2:
            if byte(1) == 0x80 { return (0x80...0x8A).contains(byte(2)) || byte(2) == 0xA8 || byte(2) == 0xAF ? 3 : 0 }
            return byte(1) == 0x81 && byte(2) == 0x9F ? 3 : 0
        case 0xE3: return byte(1) == 0x80 && byte(2) == 0x80 ? 3 : 0
        default: return 0
        }
    }

    private mutating func skipLine() {
        while position < bytes.count {
            let current = byte()
            if current == UInt8(ascii: "\\"), byte(1) == 0x0A {
                position += 2
            } else if current == 0x0A || current == 0x0D {
                return
            } else {
                position += 1
            }
        }
    }

    private mutating func skipBracketedComment() throws(SQLError) {
        var depth = 1
        position += 2
        while depth > 0 {
            guard position < bytes.count else { throw SQLError(.unclosedBracketedComment, phase: .parsing) }
            if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
            } else if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*"), byte(2) != UInt8(ascii: "+") {
                depth += 1
                position += 2
            } else {
                position += 1
            }
        }
    }

    // MARK: Tokens

    private mutating func next() -> Token {
        let start = position
        let first = byte()
        switch first {
        case UInt8(ascii: "'"): return quoted(first, kind: .string, from: start)
        case UInt8(ascii: "\""): return quoted(first, kind: .doubleQuotedString, from: start)
        case UInt8(ascii: "`"): return backquoted()
        case UInt8(ascii: "$"): return dollarQuoted()
        case UInt8(ascii: "r"), UInt8(ascii: "R"):
            if byte(1) == UInt8(ascii: "'") || byte(1) == UInt8(ascii: "\""), let token = rawString() { return token }
            return word()
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        case UInt8(ascii: "."):
            if isDigit(byte(1)), let token = pointNumber() { return token }
            return symbol(.dot, 1)
        default:
            return wordWidth() > 0 ? word() : punctuation(first)
        }
    }

    func make(_ kind: Token.Kind, from start: Int, keyword: Keyword? = nil) -> Token {
        Token(kind: kind, keyword: keyword, start: start, end: position)
    }

    private mutating func symbol(_ kind: Token.Kind, _ width: Int) -> Token {
        let start = position
        position += width
        return make(kind, from: start)
    }

    private mutating func punctuation(_ first: UInt8) -> Token {
        let second = byte(1)
        switch first {
        case UInt8(ascii: ";"): return symbol(.semicolon, 1)
        case UInt8(ascii: "("): return symbol(.leftParen, 1)
        case UInt8(ascii: ")"): return symbol(.rightParen, 1)
        case UInt8(ascii: ","): return symbol(.comma, 1)
        case UInt8(ascii: "["): return symbol(.leftBracket, 1)
        case UInt8(ascii: "]"): return symbol(.rightBracket, 1)
        case UInt8(ascii: "+"): return symbol(.plus, 1)
        case UInt8(ascii: "%"): return symbol(.percent, 1)
        case UInt8(ascii: "~"): return symbol(.tilde, 1)
        case UInt8(ascii: "&"): return symbol(.ampersand, 1)
        case UInt8(ascii: "^"): return symbol(.hat, 1)
        case UInt8(ascii: "@"): return symbol(.atSign, 1)
        case UInt8(ascii: "-"): return second == UInt8(ascii: ">") ? symbol(.arrow, 2) : symbol(.minus, 1)
        case UInt8(ascii: ":"): return second == UInt8(ascii: ":") ? symbol(.doubleColon, 2) : symbol(.colon, 1)
        case UInt8(ascii: "?"): return symbol(.question, 1)
        case UInt8(ascii: "="):
            if second == UInt8(ascii: ">") { return symbol(.fatArrow, 2) }
            return symbol(.equal, second == UInt8(ascii: "=") ? 2 : 1)
        case UInt8(ascii: "|"):
            if second == UInt8(ascii: "|") { return symbol(.doublePipe, 2) }
            return second == UInt8(ascii: ">") ? symbol(.pipeOperator, 2) : symbol(.pipe, 1)
        case UInt8(ascii: "<"):
            if second == UInt8(ascii: "=") { return byte(2) == UInt8(ascii: ">") ? symbol(.nullSafeEqual, 3) : symbol(.lessOrEqual, 2) }
            if second == UInt8(ascii: ">") { return symbol(.notEqual, 2) }
            return second == UInt8(ascii: "<") ? symbol(.shiftLeft, 2) : symbol(.less, 1)
        case UInt8(ascii: ">"): return second == UInt8(ascii: "=") ? symbol(.greaterOrEqual, 2) : symbol(.greater, 1)
        case UInt8(ascii: "!"):
            if second == UInt8(ascii: "=") { return symbol(.bangEqual, 2) }
            if second == UInt8(ascii: ">") { return symbol(.lessOrEqual, 2) }
            return second == UInt8(ascii: "<") ? symbol(.greaterOrEqual, 2) : symbol(.bang, 1)
        case UInt8(ascii: "/"):
            guard second == UInt8(ascii: "*") else { return symbol(.slash, 1) }
            isInHint = true
            return symbol(.hintStart, 3)
        case UInt8(ascii: "*"):
            guard isInHint, second == UInt8(ascii: "/") else { return symbol(.asterisk, 1) }
            isInHint = false
            return symbol(.hintEnd, 2)
        default:
            return symbol(.unrecognized, max(1, scalarWidth(at: position)))
        }
    }

    // MARK: Words

    /// Bytes of the letter, digit or underscore here; 0 for anything else.
    func wordWidth() -> Int {
        let current = byte()
        if isWordByte(current) { return 1 }
        guard current >= 0x80, let scalar = scalar(at: position), scalar.properties.isAlphabetic else { return 0 }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return UTF8.width(scalar)
        default: return 0
        }
    }

    private mutating func word() -> Token {
        let start = position
        var isLetters = true
        while position < bytes.count {
            let width = wordWidth()
            guard width > 0 else { break }
            let current = byte()
            if isDigit(current) || current == UInt8(ascii: "_") { isLetters = false }
            position += width
        }
        if isLetters, byte() == UInt8(ascii: ":"), byte(1) == UInt8(ascii: "/"), byte(2) == UInt8(ascii: "/") { takeLocation() }
        return make(.word, from: start, keyword: Keyword.find(bytes[start..<position]))
    }

    /// A scheme's `://` and what may follow it, taken into one word so that the error can name it whole.
    private mutating func takeLocation() {
        let colon = position
        position += 3
        while position < bytes.count {
            let width = wordWidth()
            if width > 0 {
                position += width
            } else if "/-.?=&#%".utf8.contains(byte()) {
                position += 1
            } else {
                break
            }
        }
        if position == colon + 3 { position = colon }
    }
}

func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

func isWordByte(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_") }

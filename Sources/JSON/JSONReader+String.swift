extension JSONReader {
    /// Reads a string whose opening quote comes next.
    @inline(__always)
    mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        position = JSONBytes.plainRun(bytes, from: position)
        if position < end, bytes[position] == UInt8(ascii: "\"") {
            position &+= 1
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<(position &- 1)]), as: UTF8.self)
        }
        return try longString(from: start)
    }

    /// The general case: text outside ASCII, escapes, or no closing quote.
    @inline(never)
    mutating func longString(from start: Int) throws(JSONError) -> String {
        var runStart = start
        var escaped = false
        while true {
            position = JSONBytes.plainRun(bytes, from: position)
            guard position < end else { throw error("unterminated string", at: start - 1) }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let run = UnsafeBufferPointer(rebasing: bytes[runStart..<position])
                position += 1
                guard escaped else { return String(decoding: run, as: UTF8.self) }
                scratch.append(contentsOf: run)
                return String(decoding: scratch, as: UTF8.self)
            case UInt8(ascii: "\\"):
                if !escaped { scratch.removeAll(keepingCapacity: true) }
                escaped = true
                scratch.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<position]))
                try escape()
                runStart = position
            case 0..<0x20: throw error("control character in a string")
            default:
                let length = JSONBytes.scalarLength(bytes, at: position)
                guard length > 0 else { throw error("invalid UTF-8") }
                position += length
            }
        }
    }

    /// Appends what the escape at `position` stands for.
    private mutating func escape() throws(JSONError) {
        let start = position
        guard end - position >= 2 else { throw error("unterminated string") }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourHexDigits(start)
            if (0xD800..<0xDC00).contains(code) {
                guard end - position >= 2, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") else {
                    throw error("lone surrogate", at: start)
                }
                position += 2
                let low = try fourHexDigits(start)
                guard (0xDC00..<0xE000).contains(low) else { throw error("lone surrogate", at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("lone surrogate", at: start) }
            scratch.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw error("unknown escape in a string", at: start)
        }
    }

    private mutating func fourHexDigits(_ escapeStart: Int) throws(JSONError) -> UInt32 {
        guard end - position >= 4 else { throw error("unfinished \\u escape", at: escapeStart) }
        var code: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error("not a hexadecimal digit in a \\u escape")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}

/// Scans over bytes eight at a time.
enum JSONBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The position of the next byte that is a quote, a backslash, a control character or outside ASCII; the end if there is none.
    @inline(__always)
    static func plainRun(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        let end = bytes.count
        let raw = UnsafeRawBufferPointer(bytes)
        while end &- position >= 8 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            // A borrow can only mark bytes above the lowest marked one, so the lowest mark is exact.
            let marks =
                ((word &- ones &* 0x20) & ~word | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | word) & highs
            if marks != 0 { return position &+ marks.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < end {
            let byte = bytes[position]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80 { return position }
            position &+= 1
        }
        return position
    }

    /// The length of the well-formed UTF-8 sequence of a scalar outside ASCII; 0 if it is not well-formed (Unicode 15, table 3-7).
    static func scalarLength(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
        let left = bytes.count - position
        let first = bytes[position]
        let length: Int
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if first == 0xE0 { lowest = 0xA0 }
            if first == 0xED { highest = 0x9F }
        case 0xF0...0xF4:
            length = 4
            if first == 0xF0 { lowest = 0x90 }
            if first == 0xF4 { highest = 0x8F }
        default: return 0
        }
        guard left >= length, bytes[position + 1] >= lowest, bytes[position + 1] <= highest else { return 0 }
        for index in 2..<max(length, 2) where bytes[position + index] & 0xC0 != 0x80 { return 0 }
        return length
    }
}

extension JSONValue {
    /// Nesting allowed whatever a caller asks for: the reader recurses, and threads' stacks are finite.
    package static let deepestNesting = 2000

    /// Reads one document by RFC 8259, strictly: no comments, no trailing commas, no byte order mark, nothing behind the value.
    /// Of members with one name the last one wins.
    package init(parsing bytes: [UInt8], maxDepth: Int = 256) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSONReader.document(buffer, maxDepth: maxDepth)
        }
    }

    /// Offsets in errors count from the slice's start.
    package init(parsing bytes: ArraySlice<UInt8>, maxDepth: Int = 256) throws(JSONError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            try JSONReader.document(buffer, maxDepth: maxDepth)
        }
    }

    package init(parsing text: String, maxDepth: Int = 256) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), maxDepth: maxDepth)
    }
}

/// A recursive-descent reader over bytes. Every access to `bytes` stands behind a comparison with `end`.
struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    let end: Int
    var position = 0
    var depthLeft: Int
    /// Unescaped text of the string being read.
    var scratch: [UInt8] = []
    /// How many members the last object had: API bodies are lists of like objects.
    var memberHint = 4

    static func document(_ bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes, end: bytes.count, depthLeft: min(maxDepth, JSONValue.deepestNesting))
        reader.skipWhitespace()
        let value = try reader.value()
        reader.skipWhitespace()
        guard reader.position == reader.end else { throw reader.unexpected("the end of the document") }
        return value
    }

    func error(_ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(message, at: offset ?? position, in: bytes)
    }

    func unexpected(_ wanted: String) -> JSONError {
        guard position < end else { return error("unexpected end of the document, expected \(wanted)") }
        let byte = bytes[position]
        let shown = byte > 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x" + String(byte, radix: 16)
        return error("unexpected \(shown), expected \(wanted)")
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
            default: return
            }
        }
    }

    /// Takes the byte if it comes next.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position &+= 1
        return true
    }

    mutating func value() throws(JSONError) -> JSONValue {
        guard position < end else { throw unexpected("a value") }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw unexpected("a value")
        }
    }

    mutating func word(_ word: StaticString) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        guard end - position >= length else { throw unexpected("'\(word)'") }
        for index in 0..<length where bytes[position + index] != word.utf8Start[index] {
            throw unexpected("'\(word)'")
        }
        position += length
    }

    mutating func enter() throws(JSONError) {
        guard depthLeft > 0 else { throw error("nested too deeply") }
        depthLeft -= 1
        position += 1
        skipWhitespace()
    }

    mutating func array() throws(JSONError) -> JSONValue {
        try enter()
        defer { depthLeft += 1 }
        if take(UInt8(ascii: "]")) { return .array([]) }
        var elements: [JSONValue] = []
        while true {
            elements.append(try value())
            skipWhitespace()
            if take(UInt8(ascii: ",")) {
                skipWhitespace()
            } else if take(UInt8(ascii: "]")) {
                return .array(elements)
            } else {
                throw unexpected("',' or ']'")
            }
        }
    }

    mutating func object() throws(JSONError) -> JSONValue {
        try enter()
        defer { depthLeft += 1 }
        if take(UInt8(ascii: "}")) { return .object(JSONObject()) }
        var members: [(name: String, value: JSONValue)] = []
        members.reserveCapacity(memberHint)
        // A name is certainly new if its bit is not yet set; this keeps comparisons of names rare.
        var seen: UInt64 = 0
        var doubtful = false
        while true {
            guard position < end, bytes[position] == UInt8(ascii: "\"") else { throw unexpected("a member's name") }
            let name = try string()
            let bit = Self.digest(name)
            if seen & bit != 0 { doubtful = true }
            seen |= bit
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
            skipWhitespace()
            members.append((name, try value()))
            skipWhitespace()
            if take(UInt8(ascii: ",")) {
                skipWhitespace()
            } else if take(UInt8(ascii: "}")) {
                memberHint = min(members.count, 64)
                return .object(doubtful ? JSONObject(lastWins: members) : JSONObject(distinct: members))
            } else {
                throw unexpected("',' or '}'")
            }
        }
    }

    @inline(__always)
    static func digest(_ name: String) -> UInt64 {
        var hash: UInt64 = 0
        for byte in name.utf8 { hash = (hash &* 31) &+ UInt64(byte) }
        return 1 << ((hash &* 0x9E37_79B9_7F4A_7C15) >> 58)
    }

    /// Checks the grammar of a number and keeps its text.
    mutating func number() throws(JSONError) -> String {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        guard position < end, Self.isDigit(bytes[position]) else { throw unexpected("a digit") }
        if bytes[position] == UInt8(ascii: "0") {
            position += 1
            if position < end, Self.isDigit(bytes[position]) { throw error("a number may not start with a zero", at: start) }
        } else {
            skipDigits()
        }
        if take(UInt8(ascii: ".")) {
            guard position < end, Self.isDigit(bytes[position]) else { throw unexpected("a digit") }
            skipDigits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard position < end, Self.isDigit(bytes[position]) else { throw unexpected("a digit") }
            skipDigits()
        }
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    @inline(__always)
    mutating func skipDigits() {
        while position < end, Self.isDigit(bytes[position]) { position &+= 1 }
    }
}

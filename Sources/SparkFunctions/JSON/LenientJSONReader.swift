import JSON

/// What JSON may have beyond the standard, by the options of Spark's JSON functions; the defaults are Spark's.
struct JSONLeniency: Sendable, Equatable {
    var comments = false
    var unquotedNames = false
    var singleQuotes = true
    var leadingZeros = false
    var anyEscape = false
    var controlCharacters = false
    /// `NaN`, `Infinity`, `-Infinity` and their short forms, as numbers.
    var specialNumbers = true

    static let standard = JSONLeniency()

    init() {}

    init(_ options: JSONOptions) {
        comments = options.flag("allowComments", false)
        unquotedNames = options.flag("allowUnquotedFieldNames", false)
        singleQuotes = options.flag("allowSingleQuotes", true)
        leadingZeros = options.flag("allowNumericLeadingZeros", false)
        anyEscape = options.flag("allowBackslashEscapingAnyCharacter", false)
        controlCharacters = options.flag("allowUnquotedControlChars", false)
        specialNumbers = options.flag("allowNonNumericNumbers", true)
    }
}

/// Reads the first JSON value of a text, with as much leniency as is asked for. What lies behind the value is not looked at.
struct LenientJSONReader {
    private let bytes: ByteSlice
    private var position: Int
    private let leniency: JSONLeniency

    private struct Malformed: Error {}

    /// nil: the text does not begin with a value.
    static func value(_ text: ByteSlice, _ leniency: JSONLeniency) -> JSONValue? {
        var reader = LenientJSONReader(bytes: text, position: text.startIndex, leniency: leniency)
        return try? reader.value(depth: 0)
    }

    private var byte: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private func starts(with text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes.endIndex - position >= wanted.count && bytes[position..<position + wanted.count].elementsEqual(wanted)
    }

    private mutating func skipBlanks() throws(Malformed) {
        while let byte {
            if byte <= 0x20 {
                position += 1
            } else if leniency.comments, starts(with: "//") {
                while let byte = self.byte, byte != 0x0A, byte != 0x0D { _ = byte; position += 1 }
            } else if leniency.comments, starts(with: "/*") {
                position += 2
                while !starts(with: "*/") {
                    if position >= bytes.endIndex { throw Malformed() }
                    position += 1
                }
                position += 2
            } else {
                return
            }
        }
    }

    private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
        guard depth <= LenientJSON.maxDepth else { throw Malformed() }
        try skipBlanks()
        guard let byte else { throw Malformed() }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "'") where leniency.singleQuotes: return .string(try string())
        default: return try word()
        }
    }

    private mutating func object(depth: Int) throws(Malformed) -> JSONValue {
        position += 1
        var members: [(String, JSONValue)] = []
        try skipBlanks()
        if byte == UInt8(ascii: "}") {
            position += 1
            return .object(JSONObject(members))
        }
        while true {
            try skipBlanks()
            let name = try name()
            try skipBlanks()
            guard byte == UInt8(ascii: ":") else { throw Malformed() }
            position += 1
            members.append((name, try value(depth: depth + 1)))
            try skipBlanks()
            guard let byte else { throw Malformed() }
            position += 1
            switch byte {
            case UInt8(ascii: "}"): return .object(JSONObject(members))
            case UInt8(ascii: ","): continue
            default: throw Malformed()
            }
        }
    }

    private mutating func name() throws(Malformed) -> String {
        guard let byte else { throw Malformed() }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") && leniency.singleQuotes { return try string() }
        guard leniency.unquotedNames else { throw Malformed() }
        let name = bytes[position...].prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...,
                UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "@"), UInt8(ascii: "#"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "+"):
                true
            default: false
            }
        }
        if name.isEmpty { throw Malformed() }
        position += name.count
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func array(depth: Int) throws(Malformed) -> JSONValue {
        position += 1
        var items: [JSONValue] = []
        try skipBlanks()
        if byte == UInt8(ascii: "]") {
            position += 1
            return .array(items)
        }
        while true {
            items.append(try value(depth: depth + 1))
            try skipBlanks()
            guard let byte else { throw Malformed() }
            position += 1
            switch byte {
            case UInt8(ascii: "]"): return .array(items)
            case UInt8(ascii: ","): continue
            default: throw Malformed()
            }
        }
    }

    private mutating func string() throws(Malformed) -> String {
        let quote = bytes[position]
        position += 1
        var text: [UInt8] = []
        while let byte {
            position += 1
            if byte == quote { return String(decoding: text, as: UTF8.self) }
            if byte < 0x20, !leniency.controlCharacters { throw Malformed() }
            if byte == UInt8(ascii: "\\") { try escape(&text) } else { text.append(byte) }
        }
        throw Malformed()
    }

    private mutating func escape(_ text: inout [UInt8]) throws(Malformed) {
        guard let byte else { throw Malformed() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let unit = try codeUnit()
            guard (0xD800...0xDBFF).contains(unit) else {
                text += Array(String(Unicode.Scalar(unit).map(Character.init) ?? "\u{FFFD}").utf8)
                return
            }
            guard starts(with: "\\u") else { throw Malformed() }
            position += 2
            let low = try codeUnit()
            guard (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) else {
                throw Malformed()
            }
            text += Array(String(Character(scalar)).utf8)
        case UInt8(ascii: "'") where leniency.singleQuotes: text.append(byte)
        default:
            guard leniency.anyEscape else { throw Malformed() }
            text.append(byte)
        }
    }

    private mutating func codeUnit() throws(Malformed) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), digits.first != UInt8(ascii: "+") else {
            throw Malformed()
        }
        position += 4
        return unit
    }

    /// `true`, `false`, `null` and numbers.
    private mutating func word() throws(Malformed) -> JSONValue {
        let word = bytes[position...].prefix { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...,
                UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"):
                true
            default: false
            }
        }
        position += word.count
        let text = String(decoding: word, as: UTF8.self)
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "NaN", "Infinity", "-INF", "-Infinity", "+INF", "+Infinity":
            guard leniency.specialNumbers else { throw Malformed() }
            return .number(text == "NaN" ? text : text.hasPrefix("-") ? "-Infinity" : "Infinity")
        default:
            guard let digits = Self.number(text, leadingZeros: leniency.leadingZeros) else { throw Malformed() }
            return .number(digits)
        }
    }

    /// The number in JSON's own form; nil if it is none.
    private static func number(_ text: String, leadingZeros: Bool) -> String? {
        var rest = text.utf8[...]
        var result = ""
        if rest.first == UInt8(ascii: "-") {
            result = "-"
            rest = rest.dropFirst()
        }
        func digits() -> Substring.UTF8View { rest.prefix { (0x30...0x39).contains($0) } }
        var whole = digits()
        rest = rest.dropFirst(whole.count)
        if whole.isEmpty { return nil }
        if whole.count > 1, whole.first == 0x30 {
            guard leadingZeros else { return nil }
            while whole.count > 1, whole.first == 0x30 { whole = whole.dropFirst() }
        }
        result += String(decoding: whole, as: UTF8.self)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = digits()
            if fraction.isEmpty { return nil }
            rest = rest.dropFirst(fraction.count)
            result += "." + String(decoding: fraction, as: UTF8.self)
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            result += "e"
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                result.unicodeScalars.append(Unicode.Scalar(sign))
                rest = rest.dropFirst()
            }
            let exponent = digits()
            if exponent.isEmpty { return nil }
            rest = rest.dropFirst(exponent.count)
            result += String(decoding: exponent, as: UTF8.self)
        }
        return rest.isEmpty ? result : nil
    }
}

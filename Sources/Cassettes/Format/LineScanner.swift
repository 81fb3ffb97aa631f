import JSON

/// Cuts a line of JSON into its members without building values: bodies stay slices of the file, byte for byte.
///
/// Everything is checked by JSON's grammar on the way; UTF-8 is checked by the caller, for the whole file.
struct LineScanner {
    struct Member {
        let name: String
        let value: Range<Int>
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int

    private static let maxDepth = 512

    /// Members of the object that fills the range.
    static func members(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) throws(CassetteFormat.Problem) -> [Member] {
        var scanner = LineScanner(bytes: bytes, position: range.lowerBound, end: range.upperBound)
        scanner.skipSpaces()
        let members = try scanner.object()
        scanner.skipSpaces()
        guard scanner.position == scanner.end else { throw scanner.unexpected("the end of the line") }
        return members
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, position: Int, end: Int) {
        self.bytes = bytes
        self.position = position
        self.end = end
    }

    private func unexpected(_ wanted: String) -> CassetteFormat.Problem {
        .init(position < end ? "not JSON: expected \(wanted)" : "not JSON: the line ends where \(wanted) was expected")
    }

    @inline(__always)
    private mutating func skipSpaces() {
        while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 || bytes[position] == 0x0D { position += 1 }
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func object() throws(CassetteFormat.Problem) -> [Member] {
        guard take(UInt8(ascii: "{")) else { throw unexpected("an object") }
        var members: [Member] = []
        members.reserveCapacity(8)
        skipSpaces()
        if take(UInt8(ascii: "}")) { return members }
        while true {
            let name = position
            let isPlain = try string()
            let text = LineScanner.text(bytes, name..<position, isPlain: isPlain)
            skipSpaces()
            guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
            skipSpaces()
            let start = position
            try skipValue()
            if members.contains(where: { $0.name == text }) { throw .init("the member '\(text.prefix(60))' stands twice") }
            members.append(Member(name: text, value: start..<position))
            skipSpaces()
            if take(UInt8(ascii: "}")) { return members }
            guard take(UInt8(ascii: ",")) else { throw unexpected("',' or '}'") }
            skipSpaces()
        }
    }

    /// True if the string holds no escape.
    private mutating func string() throws(CassetteFormat.Problem) -> Bool {
        guard take(UInt8(ascii: "\"")) else { throw unexpected("a text") }
        var isPlain = true
        while position < end {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return isPlain }
            if byte < 0x20 { throw .init("not JSON: a control character in a text") }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                try escape()
            }
        }
        throw unexpected("the end of a text")
    }

    private mutating func escape() throws(CassetteFormat.Problem) {
        guard position < end else { throw unexpected("an escape") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return
        case UInt8(ascii: "u"):
            let unit = try hexadecimal()
            if (0xDC00...0xDFFF).contains(unit) { throw .init("not JSON: half of a surrogate pair") }
            if (0xD800...0xDBFF).contains(unit) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), (0xDC00...0xDFFF).contains(try hexadecimal()) else {
                    throw .init("not JSON: half of a surrogate pair")
                }
            }
        default: throw .init("not JSON: an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(CassetteFormat.Problem) -> Int {
        var value = 0
        for _ in 0..<4 {
            guard position < end else { throw unexpected("a hexadecimal digit") }
            switch bytes[position] {
            case let byte where SecretShapes.isDigit(byte): value = value * 16 + Int(byte) - 0x30
            case let byte where (0x41...0x46).contains(byte): value = value * 16 + Int(byte) - 0x37
            case let byte where (0x61...0x66).contains(byte): value = value * 16 + Int(byte) - 0x57
            default: throw unexpected("a hexadecimal digit")
            }
            position += 1
        }
        return value
    }

    /// One value of any kind. A stack of its own, so that depth is bounded by a number and not by the thread's stack.
    private mutating func skipValue() throws(CassetteFormat.Problem) {
        var closers: [UInt8] = []
        while true {
            guard position < end else { throw unexpected("a value") }
            switch bytes[position] {
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "{"):
                position += 1
                skipSpaces()
                if !take(UInt8(ascii: "}")) {
                    closers.append(UInt8(ascii: "}"))
                    guard closers.count <= Self.maxDepth else { throw .init("nested more than \(Self.maxDepth) levels deep") }
                    try memberName()
                    continue
                }
            case UInt8(ascii: "["):
                position += 1
                skipSpaces()
                if !take(UInt8(ascii: "]")) {
                    closers.append(UInt8(ascii: "]"))
                    guard closers.count <= Self.maxDepth else { throw .init("nested more than \(Self.maxDepth) levels deep") }
                    continue
                }
            default: try skipScalar()
            }
            // A value has ended: close what it closes, and go on with the next one.
            while true {
                guard let closer = closers.last else { return }
                skipSpaces()
                if take(closer) {
                    closers.removeLast()
                    continue
                }
                guard take(UInt8(ascii: ",")) else { throw unexpected("',' or a closing bracket") }
                skipSpaces()
                if closer == UInt8(ascii: "}") { try memberName() }
                break
            }
        }
    }

    private mutating func memberName() throws(CassetteFormat.Problem) {
        _ = try string()
        skipSpaces()
        guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
        skipSpaces()
    }

    private mutating func skipScalar() throws(CassetteFormat.Problem) {
        switch bytes[position] {
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func word(_ word: StaticString) throws(CassetteFormat.Problem) {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw unexpected("'\(word)'") }
        }
    }

    private mutating func number() throws(CassetteFormat.Problem) {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
    }

    private mutating func digits() throws(CassetteFormat.Problem) {
        let start = position
        while position < end, SecretShapes.isDigit(bytes[position]) { position += 1 }
        guard position > start else { throw unexpected("a value") }
    }

    // MARK: Scanned values

    /// The text of a string whose syntax has been checked; `range` includes the quotes.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, isPlain: Bool? = nil) -> String {
        let inner = UnsafeBufferPointer(rebasing: bytes[(range.lowerBound + 1)..<(range.upperBound - 1)])
        if isPlain ?? !inner.contains(UInt8(ascii: "\\")) { return String(decoding: inner, as: UTF8.self) }
        let value = try? JSONValue(parsing: Array(bytes[range]))
        return value?.stringValue ?? ""
    }
}

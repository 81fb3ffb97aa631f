/// Looks over a JSON document without making a tree of it: most documents hold nothing that is to be replaced, and are stored as they are.
///
/// It takes the steps of `Scrubber.json` and gives up where one of them might change something; then the tree is walked. The text as a whole must have
/// been searched for what is secret by its form, must be well-formed UTF-8, and there must be no rules for names, places and words.
struct CleanDocument {
    enum Finding: Equatable {
        /// Nothing is to be replaced. `isPrinted`: printing the document would give the same bytes.
        case clean(isPrinted: Bool)
        case malformed
        case unclear
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let context: SecretContext
    private var position = 0
    private var depthLeft = 256
    private var isPrinted = true
    private var isMalformed = false
    /// Names of the objects at hand, the innermost last.
    private var names: [Range<Int>] = []

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ context: SecretContext) {
        self.bytes = bytes
        self.context = context
    }

    static func look(_ bytes: UnsafeBufferPointer<UInt8>, _ context: SecretContext, _ scrubber: inout Scrubber) -> Finding {
        var document = CleanDocument(bytes, context)
        document.skipWhitespace()
        guard document.value(&scrubber) else { return document.isMalformed ? .malformed : .unclear }
        document.skipWhitespace()
        return document.position == bytes.count ? .clean(isPrinted: document.isPrinted) : .malformed
    }

    // MARK: Values. False where the look ends.

    private mutating func value(_ scrubber: inout Scrubber) -> Bool {
        guard position < bytes.count else { return malformed() }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            guard let string = string() else { return false }
            return isClean(string, &scrubber)
        case UInt8(ascii: "{"): return object(&scrubber)
        case UInt8(ascii: "["): return array(&scrubber)
        default: return scalar()
        }
    }

    private mutating func malformed() -> Bool {
        isMalformed = true
        return false
    }

    private mutating func scalar() -> Bool {
        guard position < bytes.count else { return malformed() }
        switch bytes[position] {
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default: return number()
        }
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length else { return malformed() }
        for index in 0..<length where bytes[position + index] != word.utf8Start[index] { return malformed() }
        position += length
        return true
    }

    private mutating func number() -> Bool {
        _ = take(UInt8(ascii: "-"))
        let start = position
        guard digits() else { return malformed() }
        if bytes[start] == UInt8(ascii: "0"), position > start + 1 { return malformed() }
        if take(UInt8(ascii: ".")), !digits() { return malformed() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { return malformed() }
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = position
        while position < bytes.count, SecretShapes.isDigit(bytes[position]) { position += 1 }
        return position > start
    }

    private mutating func enter() -> Bool {
        guard depthLeft > 0 else { return false }
        depthLeft -= 1
        position += 1
        skipWhitespace()
        return true
    }

    private mutating func array(_ scrubber: inout Scrubber) -> Bool {
        guard enter() else { return false }
        defer { depthLeft += 1 }
        if take(UInt8(ascii: "]")) { return true }
        while true {
            guard value(&scrubber) else { return false }
            skipWhitespace()
            if take(UInt8(ascii: "]")) { return true }
            guard take(UInt8(ascii: ",")) else { return malformed() }
            skipWhitespace()
        }
    }

    private mutating func object(_ scrubber: inout Scrubber) -> Bool {
        guard enter() else { return false }
        let firstName = names.count
        defer {
            depthLeft += 1
            names.removeSubrange(firstName...)
        }
        if take(UInt8(ascii: "}")) { return true }
        var option = Option()
        var seen: UInt64 = 0
        while true {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return malformed() }
            // What is odd about a name is for the long way.
            guard let name = string(), !name.isEscaped, !name.hasMark, isNew(name.range, &seen, among: firstName) else { return false }
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { return malformed() }
            skipWhitespace()
            let place = position
            guard member(traits(name.range, &scrubber), &scrubber) else { return false }
            option.note(name: UnsafeBufferPointer(rebasing: bytes[name.range]), value: place..<position)
            skipWhitespace()
            if take(UInt8(ascii: "}")) { return !option.isSecret(in: bytes) }
            guard take(UInt8(ascii: ",")) else { return malformed() }
            skipWhitespace()
        }
    }

    private mutating func traits(_ name: Range<Int>, _ scrubber: inout Scrubber) -> Scrubber.NameTraits {
        scrubber.traits(of: String(decoding: UnsafeBufferPointer(rebasing: bytes[name]), as: UTF8.self), context)
    }

    private mutating func member(_ traits: Scrubber.NameTraits, _ scrubber: inout Scrubber) -> Bool {
        guard position < bytes.count else { return malformed() }
        // The object may stand in a string.
        let opens = bytes[position] == UInt8(ascii: "{") || bytes[position] == UInt8(ascii: "\"")
        if traits.isEnvironment || traits.opensSecrets && opens { return false }
        guard let entry = traits.entry else { return value(&scrubber) }
        switch bytes[position] {
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return scalar()
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["): return false
        // A number under a weak name is a count.
        default: return !entry.isStrong && scalar()
        }
    }

    /// `{"key": "password", "value": "…"}`: the object says by a member what another one is.
    private struct Option {
        private var key: Range<Int>?
        private var name: Range<Int>?
        private var hasValue = false

        mutating func note(name member: UnsafeBufferPointer<UInt8>, value: Range<Int>) {
            switch member.count {
            case 3: if member.elementsEqual("key".utf8) { key = value }
            case 4: if member.elementsEqual("name".utf8) { name = value }
            case 5: if member.elementsEqual("value".utf8) { hasValue = true }
            default: break
            }
        }

        func isSecret(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
            guard hasValue, let place = key ?? name, bytes[place.lowerBound] == UInt8(ascii: "\"") else { return false }
            let text = bytes[place].dropFirst().dropLast()
            return text.contains(UInt8(ascii: "\\")) || SecretNames.entry(text)?.isStrong == true
        }
    }

    /// Of members with one name the last wins: such an object does not print as it stands.
    private mutating func isNew(_ name: Range<Int>, _ seen: inout UInt64, among first: Int) -> Bool {
        var hash: UInt64 = 0
        for index in name { hash = hash &* 31 &+ UInt64(bytes[index]) }
        let bit: UInt64 = 1 << ((hash &* 0x9E37_79B9_7F4A_7C15) >> 58)
        if seen & bit != 0, names[first...].contains(where: { bytes[$0].elementsEqual(bytes[name]) }) { return false }
        seen |= bit
        names.append(name)
        return true
    }

    // MARK: Strings

    private struct Text {
        /// Between the quotes.
        let range: Range<Int>
        var isEscaped = false
        /// Something may be set to a value in it.
        var hasMark = false
    }

    /// The string whose opening quote comes next.
    private mutating func string() -> Text? {
        position += 1
        let start = position
        var text = Text(range: start..<start)
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            // Letters, which are nearly all.
            if byte > UInt8(ascii: "`") { continue }
            switch byte {
            case UInt8(ascii: "\""): return Text(range: start..<(position - 1), isEscaped: text.isEscaped, hasMark: text.hasMark)
            case UInt8(ascii: "\\"):
                guard escape() else { return nil }
                text.isEscaped = true
            case 0..<0x20:
                _ = malformed()
                return nil
            default: if NamedSecrets.isMark(byte) { text.hasMark = true }
            }
        }
        _ = malformed()
        return nil
    }

    /// Behind the backslash. Notes whether the escape is the one that is printed.
    private mutating func escape() -> Bool {
        guard position < bytes.count else { return malformed() }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "/"):
            isPrinted = false
            return true
        // Pairs of surrogates and letters of digits are for those who read them.
        default: return false
        }
    }

    private func isClean(_ text: Text, _ scrubber: inout Scrubber) -> Bool {
        if !text.isEscaped {
            if !text.hasMark, text.range.count < Base64.minLong { return true }
            return isClean(UnsafeBufferPointer(rebasing: bytes[text.range]), &scrubber)
        }
        return Self.unescaped(UnsafeBufferPointer(rebasing: bytes[text.range])).withUnsafeBufferPointer {
            scrubber.isPlain($0) && isClean($0, &scrubber)
        }
    }

    /// A text that was searched as a whole.
    private func isClean(_ text: UnsafeBufferPointer<UInt8>, _ scrubber: inout Scrubber) -> Bool {
        if text.count >= 8, text[0] == UInt8(ascii: "{") || text[0] == UInt8(ascii: "[") {
            switch Self.look(text, context, &scrubber) {
            case .clean: return true
            case .unclear: return false
            case .malformed: break
            }
        }
        guard NamedSecrets.find(text, { SecretNames.entry($0, context) }).isEmpty else { return false }
        guard text.count >= Base64.minLong, text.count.isMultiple(of: 4), let decoded = Base64.decodeLong(Array(text)) else { return true }
        return SecretShapes.find(decoded).isEmpty
    }

    /// Of a text whose escapes `escape` has passed.
    private static func unescaped(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var isBehindBackslash = false
        for byte in text {
            if isBehindBackslash {
                isBehindBackslash = false
                switch byte {
                case UInt8(ascii: "b"): result.append(0x08)
                case UInt8(ascii: "f"): result.append(0x0C)
                case UInt8(ascii: "n"): result.append(0x0A)
                case UInt8(ascii: "r"): result.append(0x0D)
                case UInt8(ascii: "t"): result.append(0x09)
                default: result.append(byte)
                }
            } else if byte == UInt8(ascii: "\\") {
                isBehindBackslash = true
            } else {
                result.append(byte)
            }
        }
        return result
    }

    // MARK: Bytes

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09:
                position += 1
                isPrinted = false
            default: return
            }
        }
    }
}

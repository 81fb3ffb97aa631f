/// Finds values behind secret names in running text: `client_secret=…`, `"password": "…"`, `OPTIONS (password '…')`, also inside
/// strings that hold escaped JSON.
struct NamedSecrets {
    /// Longer ones are not looked behind, which would take long for a text of many names.
    private static let longestComment = 1_000

    private let bytes: UnsafeBufferPointer<UInt8>
    private let entry: (UnsafeBufferPointer<UInt8>.SubSequence) -> SecretNames.Entry?

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ entry: @escaping (Slice<UnsafeBufferPointer<UInt8>>) -> SecretNames.Entry?) {
        self.bytes = bytes
        self.entry = entry
    }

    static func find(
        _ bytes: UnsafeBufferPointer<UInt8>, _ entry: @escaping (Slice<UnsafeBufferPointer<UInt8>>) -> SecretNames.Entry?
    ) -> [SecretShapes.Finding] {
        // Most texts are names, ids and times, in which nothing is set to a value.
        guard bytes.contains(where: isMark) else { return [] }
        let scanner = NamedSecrets(bytes, entry)
        var findings: [SecretShapes.Finding] = []
        var position = 0
        while position < bytes.count {
            guard isName(bytes[position]) else {
                position += 1
                continue
            }
            var end = position + 1
            // A comment's sign is no part of the name in front of it.
            while end < bytes.count, isName(bytes[end]), !isComment(bytes, end) { end += 1 }
            guard let finding = scanner.value(ofName: position..<end) else {
                position = end
                continue
            }
            findings.append(finding)
            position = finding.range.upperBound
            // Literals side by side are one text.
            while let next = scanner.literal(behind: position) {
                if !next.isEmpty { findings.append(.init(range: next, kind: finding.kind)) }
                position = next.upperBound
            }
        }
        return findings
    }

    private func value(ofName name: Range<Int>) -> SecretShapes.Finding? {
        var position = name.upperBound
        var behindEscapes = position
        while byte(behindEscapes) == UInt8(ascii: "\\") { behindEscapes += 1 }
        let nameIsQuoted = byte(behindEscapes).map(Self.isQuote) ?? false
        if nameIsQuoted { position = behindEscapes + 1 }
        let afterName = position
        skipBlanks(&position)
        if byte(position) == UInt8(ascii: ">"), byte(name.lowerBound - 1) == UInt8(ascii: "<") { return element(name, position + 1) }
        let ahead = literal(ofNameTo: afterName)
        if let ahead { position = ahead.sign ?? ahead.start }
        let sign = byte(position)
        let hasSign = sign == UInt8(ascii: "=") || sign == UInt8(ascii: ":")
        var isTight = position == afterName
        if hasSign {
            position += 1
            if byte(position) == UInt8(ascii: ">") { position += 1 }
            let afterSign = position
            if let ahead { position = ahead.start } else { skipBlanks(&position) }
            isTight = isTight && position == afterSign
        } else if position == afterName, nameIsQuoted {
            // `"password" 'x'` and `password 'x'` need a space.
            return nil
        }
        // Raw literals: r'…'
        if let letter = byte(position), letter | 0x20 == UInt8(ascii: "r"), byte(position + 1).map(Self.isQuote) ?? false { position += 1 }
        var escapes = 0
        while byte(position) == UInt8(ascii: "\\") {
            position += 1
            escapes += 1
        }
        let quote = byte(position).flatMap { Self.isQuote($0) ? $0 : nil }
        guard hasSign || (quote != nil && position > name.upperBound) else { return nil }
        guard let entry = entry(bytes[name]) else { return nil }
        // `token = 1` compares a column, and `secret: not found` is a message.
        if !entry.isStrong, hasSign ? (sign == UInt8(ascii: ":") ? quote == nil || !nameIsQuoted : !isTight) : !isOption(name) { return nil }
        let start = quote == nil ? position : position + 1
        var end = start
        while let next = byte(end), quote == nil ? !Self.endsValue(next) : next != quote && !(escapes > 0 && next == UInt8(ascii: "\\")) {
            end += next == UInt8(ascii: "\\") && quote != nil && end + 1 < bytes.count ? 2 : 1
        }
        return finding(start..<min(end, bytes.count), entry.kind)
    }

    /// Whether a name stands in a list, as in `OPTIONS (user 'u', token 't')`.
    private func isOption(_ name: Range<Int>) -> Bool {
        var position = name.lowerBound - 1
        if let quote = byte(position), Self.isQuote(quote) { position -= 1 }
        while let next = byte(position), next == 0x20 || next == 0x09 || next == 0x0A { position -= 1 }
        return byte(position) == UInt8(ascii: "(") || byte(position) == UInt8(ascii: ",")
    }

    /// XML, as token services of clouds answer: `<SecretAccessKey>…</SecretAccessKey>`.
    private func element(_ name: Range<Int>, _ start: Int) -> SecretShapes.Finding? {
        guard let entry = entry(bytes[name]) else { return nil }
        var end = start
        while let next = byte(end), next != UInt8(ascii: "<") { end += 1 }
        return byte(end + 1) == UInt8(ascii: "/") ? finding(start..<end, entry.kind) : nil
    }

    /// Without the scheme of an authorization; nil for words that are no secrets and for references to secrets.
    private func finding(_ range: Range<Int>, _ kind: SecretKind) -> SecretShapes.Finding? {
        let text = String(decoding: bytes[range], as: UTF8.self)
        guard !text.isEmpty, !SecretNames.isHarmless(text), !text.hasPrefix("{") else { return nil }
        for scheme in ["Bearer ", "bearer ", "Basic ", "basic "] where text.hasPrefix(scheme) {
            let start = range.lowerBound + scheme.utf8.count
            guard start < range.upperBound, !text.dropFirst(scheme.count).hasPrefix("REDACTED") else { return nil }
            return .init(range: start..<range.upperBound, kind: scheme.lowercased() == "basic " ? .credentials : kind)
        }
        return .init(range: range, kind: kind)
    }

    private func byte(_ position: Int) -> UInt8? { bytes.indices.contains(position) ? bytes[position] : nil }

    /// The text of the literal that comes next, behind the closing quote at `position`; nil without one.
    private func literal(behind position: Int) -> Range<Int>? {
        guard let quote = byte(position), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        var start = position + 1
        skipSpaces(&start)
        guard byte(start) == quote else { return nil }
        start += 1
        var end = start
        while let next = byte(end), next != quote { end += next == UInt8(ascii: "\\") && end + 1 < bytes.count ? 2 : 1 }
        // A quote that nothing closes is the end of something else.
        return byte(end) == quote ? start..<end : nil
    }

    private func startsLiteral(_ position: Int) -> Bool {
        var place = position
        if let letter = byte(place), letter | 0x20 == UInt8(ascii: "r") { place += 1 }
        while byte(place) == UInt8(ascii: "\\") { place += 1 }
        return byte(place).map(Self.isQuote) ?? false
    }

    private func skipBlanks(_ position: inout Int) {
        while let next = byte(position), next == 0x20 || next == 0x09 { position += 1 }
    }

    /// The literal that a name is set to, behind line ends, comments and a sign too many, and the first sign in front of it.
    private func literal(ofNameTo end: Int) -> (sign: Int?, start: Int)? {
        var position = end
        var sign: Int?
        skipSpaces(&position)
        while let next = byte(position), Self.isSign(next) {
            sign = sign ?? position
            position += 1
            skipSpaces(&position)
        }
        return startsLiteral(position) ? (sign, position) : nil
    }

    /// Spaces, line ends, also as escapes, and comments: what SQL and JSON let stand between a name and its value.
    private func skipSpaces(_ position: inout Int) {
        while let next = byte(position) {
            switch next {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case UInt8(ascii: "\\"):
                var end = position
                while byte(end) == UInt8(ascii: "\\") { end += 1 }
                guard let letter = byte(end), letter == UInt8(ascii: "n") || letter == UInt8(ascii: "r") || letter == UInt8(ascii: "t") else {
                    return
                }
                position = end + 1
            case UInt8(ascii: "/") where byte(position + 1) == UInt8(ascii: "*"):
                let most = position + Self.longestComment
                position += 2
                while let next = byte(position), position < most, next != UInt8(ascii: "*") || byte(position + 1) != UInt8(ascii: "/") {
                    position += 1
                }
                position = min(position + 2, bytes.count)
            case UInt8(ascii: "-") where byte(position + 1) == UInt8(ascii: "-"):
                let most = position + Self.longestComment
                while let next = byte(position), position < most, next != 0x0A, next != UInt8(ascii: "\\") || byte(position + 1) != UInt8(ascii: "n")
                {
                    position += 1
                }
            default: return
            }
        }
    }

    private static func isComment(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        bytes[position] == UInt8(ascii: "-") && position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "-")
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "=") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ">") }

    /// What stands between a name and its value, or in front of the value.
    static func isMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: "<"): true
        default: isQuote(byte)
        }
    }

    private static func isName(_ byte: UInt8) -> Bool { SecretShapes.isBase64URL(byte) || byte == UInt8(ascii: ".") }
    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || [0x26, 0x3B, 0x2C, 0x22, 0x27, 0x29, 0x7D, 0x5D, 0x3C, 0x3E, 0x5C, 0x60].contains(byte)
    }
}

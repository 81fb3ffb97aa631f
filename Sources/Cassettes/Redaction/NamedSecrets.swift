/// Finds values behind secret names in running text: `client_secret=…`, `"password": "…"`, `OPTIONS (password '…')`, also inside
/// strings that hold escaped JSON.
struct NamedSecrets {
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
            while end < bytes.count, isName(bytes[end]) { end += 1 }
            if let finding = scanner.value(ofName: position..<end) {
                findings.append(finding)
                position = finding.range.upperBound
            } else {
                position = end
            }
        }
        return findings
    }

    private func value(ofName name: Range<Int>) -> SecretShapes.Finding? {
        var position = name.upperBound
        while byte(position) == UInt8(ascii: "\\") { position += 1 }
        let nameIsQuoted = byte(position).map(Self.isQuote) ?? false
        if nameIsQuoted { position += 1 }
        let afterName = position
        skipSpaces(&position)
        let sign = byte(position)
        if sign == UInt8(ascii: ">"), byte(name.lowerBound - 1) == UInt8(ascii: "<") { return element(name, position + 1) }
        let hasSign = sign == UInt8(ascii: "=") || sign == UInt8(ascii: ":")
        var isTight = position == afterName
        if hasSign {
            position += 1
            if byte(position) == UInt8(ascii: ">") { position += 1 }
            let afterSign = position
            skipSpaces(&position)
            isTight = isTight && position == afterSign
        } else if position == afterName, nameIsQuoted {
            // `"password" 'x'` and `password 'x'` need a space.
            return nil
        }
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

    private func skipSpaces(_ position: inout Int) {
        while let next = byte(position), next == 0x20 || next == 0x09 { position += 1 }
    }

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

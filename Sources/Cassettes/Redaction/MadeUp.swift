import Crypto

/// What a replayed client gets in place of a secret: of the right form, the same for the same placeholder, and worth nothing.
package enum MadeUp {
    static func value(_ kind: SecretKind, _ number: Int) -> String {
        switch kind {
        case .token, .named: "dapi" + hex(kind, number, 32)
        case .clientSecret: "dose" + hex(kind, number, 32)
        case .jwt: jwt(number)
        case .password: "password-" + hex(kind, number, 12)
        case .signature, .code, .privateKey: hex(kind, number, 64)
        case .activation, .webhook: hex(kind, number, 32)
        case .accessKey: "AKIA" + hex(kind, number, 16).uppercased()
        case .secretKey: hex(kind, number, 40)
        case .value: Base64.text(Array("made-up value \(number)".utf8))
        case .credentials: Base64.text(Array("made-up:\(hex(kind, number, 8))".utf8))
        }
    }

    /// A text with every placeholder made up. Nil if there is none, or if the body is no text: its framing may count bytes.
    package static func expand(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        let bytes = Array(bytes)
        let occurrences = Placeholders.occurrences(in: bytes)
        guard !occurrences.isEmpty, BodyPolicy.isText(bytes) else { return nil }
        var result: [UInt8] = []
        var position = 0
        for occurrence in occurrences {
            result += bytes[position..<occurrence.range.lowerBound]
            result += value(occurrence.kind, occurrence.number).utf8
            position = occurrence.range.upperBound
        }
        return result + bytes[position...]
    }

    /// What stands in for tokens in a text.
    static func tokens(in bytes: ArraySlice<UInt8>) -> [String] {
        Placeholders.occurrences(in: Array(bytes)).filter { $0.kind == .token || $0.kind == .jwt }.map { value($0.kind, $0.number) }
    }

    static func expand(_ text: String) -> String {
        guard text.utf8.count >= Placeholders.start.utf8.count, let bytes = expand(Array(text.utf8)[...]) else { return text }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digest(_ kind: SecretKind, _ number: Int) -> [UInt8] {
        Array(SHA256.hash(data: Array("dbxsim \(kind.rawValue) \(number)".utf8)))
    }

    private static func hex(_ kind: SecretKind, _ number: Int, _ length: Int) -> String {
        String(decoding: Hex.text(digest(kind, number)).utf8.prefix(length), as: UTF8.self)
    }

    /// Claims that clients read: it does not expire before 2100.
    private static func jwt(_ number: Int) -> String {
        let head = #"{"alg":"RS256","typ":"JWT"}"#
        let claims = #"{"sub":"dbxsim","iss":"dbxsim","aud":"dbxsim","iat":1735689600,"exp":4102444800,"jti":"\#(number)"}"#
        return [Array(head.utf8), Array(claims.utf8), digest(.jwt, number)].map { Base64.text($0, urlSafe: true) }.joined(separator: ".")
    }
}

enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

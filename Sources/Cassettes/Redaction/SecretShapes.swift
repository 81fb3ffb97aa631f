/// Finds what looks like a secret wherever it stands: tokens by their known forms, credentials in URLs and headers, signed parameters.
///
/// One pass over the bytes, branching on the first byte; the forms are ASCII, so it works on any body, also on binary ones.
struct SecretShapes {
    struct Finding: Equatable {
        /// The secret itself, without the name or scheme before it.
        let range: Range<Int>
        let kind: SecretKind
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var findings: [Finding] = []

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// In order, not overlapping; placeholders are not found.
    static func find(_ bytes: UnsafeBufferPointer<UInt8>) -> [Finding] {
        var shapes = SecretShapes(bytes)
        shapes.scan()
        return shapes.findings
    }

    static func find(_ bytes: [UInt8]) -> [Finding] { bytes.withUnsafeBufferPointer(find) }

    private mutating func scan() {
        Self.beginnings.withUnsafeBufferPointer { scan($0) }
    }

    private mutating func scan(_ beginnings: UnsafeBufferPointer<UInt64>) {
        var position = 0
        while position + 1 < bytes.count {
            let pair = Int(bytes[position]) << 8 | Int(bytes[position + 1])
            guard beginnings[pair >> 6] >> UInt64(pair & 63) & 1 != 0 else {
                position += 1
                continue
            }
            let found: Finding? =
                switch bytes[position] {
                case UInt8(ascii: "d"): databricksToken(position) ?? activation(position)
                case UInt8(ascii: "e"): jwt(position)
                case UInt8(ascii: "A"): awsKey(position) ?? prefixed(position)
                case UInt8(ascii: "g"), UInt8(ascii: "n"), UInt8(ascii: "y"): prefixed(position)
                case UInt8(ascii: "h"), UInt8(ascii: "w"): webhook(position) ?? prefixed(position)
                case UInt8(ascii: "B"), UInt8(ascii: "b"): scheme(position)
                case UInt8(ascii: "X"), UInt8(ascii: "x"), UInt8(ascii: "s"), UInt8(ascii: "S"): prefixed(position) ?? parameter(position)
                case UInt8(ascii: "-"): privateKey(position)
                case UInt8(ascii: ":"): userInfo(position)
                default: nil
                }
            if let found, !found.range.isEmpty {
                if !Self.isPlaceholder(bytes, found.range) { findings.append(found) }
                position = max(found.range.upperBound, position + 1)
            } else {
                position += 1
            }
        }
    }

    /// One bit for each two bytes with which a form may begin: nearly all places are ruled out by them.
    private static let beginnings: [UInt64] = {
        var bits = [UInt64](repeating: 0, count: 1024)
        let exact = prefixes.map(\.text) + databricks + links + activations + ["eyJ", "AKIA", "ASIA", "--", ":/"]
        let anyCase = ["bearer ", "basic "] + parameters.map(\.name)
        for text in exact + anyCase.flatMap({ [$0, $0.uppercased(), $0.prefix(1).uppercased() + $0.dropFirst()] }) {
            let two = text.utf8.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            bits[two >> 6] |= 1 << UInt64(two & 63)
        }
        for text in anyCase {
            let two = (text.prefix(1) + text.dropFirst().prefix(1).uppercased()).utf8.reduce(0) { $0 << 8 | Int($1) }
            bits[two >> 6] |= 1 << UInt64(two & 63)
        }
        return bits
    }()
    private static let links = ["hooks.slack.com/services/", "hooks.slack.com/workflows/", "webhookb2/"]
    private static let activations = ["delta_sharing/retrieve_config.html?", "data_sharing_activation/", "data_sharing_activation_info/"]

    /// Tokens of services that workspaces are connected with, by how they begin, and how much follows at least.
    private static let prefixes: [(text: String, length: Int)] = [
        ("ghp_", 22), ("gho_", 22), ("ghu_", 22), ("ghs_", 22), ("ghr_", 22), ("github_pat_", 22), ("glpat-", 20), ("npm_", 30),
        ("xoxb-", 10), ("xoxp-", 10), ("xoxa-", 10), ("xoxr-", 10), ("xoxs-", 10), ("xapp-", 20), ("ya29.", 20), ("AIza", 35),
        ("sk-ant-", 20), ("sk-proj-", 20), ("sk-", 32), ("SG.", 40), ("hf_", 30), ("ATATT3", 40),
    ]
    private static let databricks = ["dapi", "dkea", "dose", "doso", "dsapi"]

    static func isPlaceholder(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        let word = "REDACTED".utf8
        guard range.count >= word.count else { return false }
        return zip(range, word).allSatisfy { bytes[$0] == $1 }
    }

    // MARK: Forms

    /// `dapi` and its kin with 32 or more hexadecimal digits.
    private func databricksToken(_ start: Int) -> Finding? {
        for prefix in Self.databricks where has(prefix, at: start) {
            let digits = start + prefix.utf8.count
            var end = run(from: digits, while: Self.isTokenDigit)
            guard end - digits >= 32 else { continue }
            // Tokens of replaced generations end in "-2".
            if end + 1 < bytes.count, bytes[end] == UInt8(ascii: "-"), Self.isDigit(bytes[end + 1]) {
                end = run(from: end + 1, while: Self.isDigit)
            }
            return Finding(range: start..<end, kind: prefix == "dose" ? .clientSecret : .token)
        }
        return nil
    }

    /// Three or more parts of base64url joined by dots, the first of which is a JSON object.
    private func jwt(_ start: Int) -> Finding? {
        guard has("eyJ", at: start) else { return nil }
        let head = run(from: start, while: Self.isBase64URL)
        guard head - start >= 10, byte(head) == UInt8(ascii: ".") else { return nil }
        let payload = run(from: head + 1, while: Self.isBase64URL)
        guard byte(payload) == UInt8(ascii: ".") else { return nil }
        let end = run(from: payload + 1) { Self.isBase64URL($0) || $0 == UInt8(ascii: ".") }
        return end - start >= 24 ? Finding(range: start..<end, kind: .jwt) : nil
    }

    private func awsKey(_ start: Int) -> Finding? {
        guard has("AKIA", at: start) || has("ASIA", at: start) else { return nil }
        let end = run(from: start + 4) { Self.isDigit($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        return end - start == 20 && !isWord(end) ? Finding(range: start..<end, kind: .accessKey) : nil
    }

    private func prefixed(_ start: Int) -> Finding? {
        guard !isWord(start - 1) else { return nil }
        for (text, length) in Self.prefixes where has(text, at: start) {
            let body = start + text.utf8.count
            let end = run(from: body) { Self.isBase64URL($0) || $0 == UInt8(ascii: ".") }
            if end - body >= length { return Finding(range: start..<end, kind: .token) }
        }
        return nil
    }

    /// The rest of an address to which whoever knows it can post.
    private func webhook(_ start: Int) -> Finding? {
        for text in Self.links where has(text, at: start) {
            let path = start + text.utf8.count
            let end = run(from: path) { Self.isURLValue($0) || $0 == UInt8(ascii: "@") }
            return end - path >= 8 ? Finding(range: path..<end, kind: .webhook) : nil
        }
        return nil
    }

    /// Delta Sharing's links by which a recipient fetches its credentials, once.
    private func activation(_ start: Int) -> Finding? {
        for text in Self.activations where has(text, at: start) {
            let nonce = start + text.utf8.count
            let end = run(from: nonce) { Self.isBase64URL($0) || $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "=") }
            return end > nonce ? Finding(range: nonce..<end, kind: .activation) : nil
        }
        return nil
    }

    /// `Bearer …` and `Basic …`.
    private func scheme(_ start: Int) -> Finding? {
        guard !isWord(start - 1) else { return nil }
        let isBearer = hasIgnoringCase("bearer ", at: start)
        guard isBearer || hasIgnoringCase("basic ", at: start) else { return nil }
        let value = start + (isBearer ? 7 : 6)
        let end = run(from: value) { Self.isBase64URL($0) || [0x2B, 0x2F, 0x3D, 0x2E, 0x7E].contains($0) }
        // "bearer token" and "basic authentication" are words, not secrets.
        let looksSecret = bytes[value..<end].contains { Self.isDigit($0) || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "-") }
        guard end - value >= 8, looksSecret || end - value >= 24 else { return nil }
        return Finding(range: value..<end, kind: isBearer ? .token : .credentials)
    }

    private static let parameters: [(name: String, kind: SecretKind)] = [
        ("x-amz-signature", .signature), ("x-amz-security-token", .token), ("x-amz-credential", .accessKey),
        ("x-goog-signature", .signature), ("x-goog-credential", .accessKey), ("sig", .signature), ("signature", .signature),
    ]

    /// Signed parameters of links to storage; the equals sign may be encoded.
    private func parameter(_ start: Int) -> Finding? {
        guard !isWord(start - 1) || followsEscape(start) else { return nil }
        for (name, kind) in Self.parameters where hasIgnoringCase(name, at: start) {
            let sign = start + name.utf8.count
            let value: Int
            if byte(sign) == UInt8(ascii: "=") {
                value = sign + 1
            } else if hasIgnoringCase("%3d", at: sign) {
                value = sign + 3
            } else if hasIgnoringCase("\\u003d", at: sign) {
                value = sign + 6
            } else {
                continue
            }
            let end = run(from: value) { Self.isURLValue($0) }
            return end - value >= 8 ? Finding(range: value..<end, kind: kind) : nil
        }
        return nil
    }

    /// `%26sig=`, `\u0026sig=` and `%3F…`: a link inside something that was encoded.
    private func followsEscape(_ start: Int) -> Bool {
        has("%26", at: start - 3) || hasIgnoringCase("%3f", at: start - 3) || has("\\u0026", at: start - 6)
    }

    private func privateKey(_ start: Int) -> Finding? {
        guard has("-----BEGIN ", at: start) else { return nil }
        let label = run(from: start + 11) { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == 0x20 }
        guard has("PRIVATE KEY-----", at: label - 11) else { return nil }
        var end = label + 5
        while end < bytes.count, !has("-----END ", at: end) { end += 1 }
        if end < bytes.count { end = run(from: run(from: end + 5) { $0 != UInt8(ascii: "-") }) { $0 == UInt8(ascii: "-") } }
        return Finding(range: start..<end, kind: .privateKey)
    }

    /// The password in `scheme://user:password@host`, or the token in `scheme://token@host`.
    private func userInfo(_ start: Int) -> Finding? {
        guard has("://", at: start) else { return nil }
        let user = run(from: start + 3, while: Self.isUserInfo)
        if byte(user) == UInt8(ascii: "@") {
            let name = bytes[(start + 3)..<user]
            // Names of people are shorter.
            let isToken = name.count >= 24 && name.contains(where: Self.isDigit) && name.allSatisfy(Self.isBase64URL)
            return isToken && !name.contains(UInt8(ascii: "-")) && has("http", before: start) ? Finding(range: (start + 3)..<user, kind: .token) : nil
        }
        guard byte(user) == UInt8(ascii: ":") else { return nil }
        let end = run(from: user + 1) { Self.isUserInfo($0) || $0 == UInt8(ascii: ":") }
        return byte(end) == UInt8(ascii: "@") ? Finding(range: (user + 1)..<end, kind: .password) : nil
    }

    // MARK: Bytes

    private func byte(_ position: Int) -> UInt8? { bytes.indices.contains(position) ? bytes[position] : nil }

    private func has(_ text: String, at start: Int) -> Bool {
        guard start >= 0, start + text.utf8.count <= bytes.count else { return false }
        var position = start
        for wanted in text.utf8 {
            if bytes[position] != wanted { return false }
            position += 1
        }
        return true
    }

    /// `http` or `https` right in front of a place.
    private func has(_ text: String, before end: Int) -> Bool {
        has(text, at: end - text.utf8.count) || has(text + "s", at: end - text.utf8.count - 1)
    }

    /// `text` is in lower case.
    private func hasIgnoringCase(_ text: String, at start: Int) -> Bool {
        guard start >= 0, start + text.utf8.count <= bytes.count else { return false }
        var position = start
        for wanted in text.utf8 {
            let byte = bytes[position]
            guard byte == wanted || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte + 32 == wanted else { return false }
            position += 1
        }
        return true
    }

    private func run(from start: Int, while holds: (UInt8) -> Bool) -> Int {
        var position = start
        while position < bytes.count, holds(bytes[position]) { position += 1 }
        return position
    }

    private func isWord(_ position: Int) -> Bool {
        guard let byte = byte(position) else { return false }
        return Self.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    /// Hexadecimal in practice; `a` to `h` by the patterns of secret scanners.
    private static func isTokenDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "h")).contains(byte | 0x20) }

    static func isBase64URL(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    /// Up to where a parameter's value goes, in a URL that stands in any text.
    private static func isURLValue(_ byte: UInt8) -> Bool {
        isBase64URL(byte) || [0x25, 0x2B, 0x2F, 0x3D, 0x2E, 0x7E, 0x2A, 0x21].contains(byte)
    }

    private static func isUserInfo(_ byte: UInt8) -> Bool {
        isBase64URL(byte) || [0x25, 0x2E, 0x7E, 0x21, 0x24, 0x26, 0x2A, 0x2B, 0x3D, 0x23].contains(byte)
    }
}

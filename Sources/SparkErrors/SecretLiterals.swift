/// Hides the values of secret options in what a message shows of a statement: `password 'x'`, `"client_secret" = 'x'`, `token => 'x'`.
///
/// Each character gives way to one `*`, so that marks below a line stay where they are.
enum SecretLiterals {
    /// Endings of names, in lower case without `_`, `-` and `.`.
    private static let names = [
        "password", "passwd", "passphrase", "clientsecret", "secretkey", "secretaccesskey", "accesstoken", "refreshtoken", "sessiontoken", "sastoken",
        "bearertoken", "oauthtoken", "apitoken", "apikey", "privatekey", "accountkey", "personalaccesstoken",
    ]
    /// These are names of columns, too: what they are compared with is no secret.
    private static let words = ["secret", "token", "pwd", "credential"]

    /// The statement's characters with the secret ones hidden.
    static func masked(_ statement: String) -> [Unicode.Scalar] {
        var scalars = Array(statement.unicodeScalars)
        for range in literals(scalars) {
            for index in range where scalars[index] != "\n" { scalars[index] = "*" }
        }
        return scalars
    }

    /// A text of the message, in which quoted literals of the statement that are secret are hidden.
    static func masked(_ text: String, of statement: String) -> String {
        guard text.contains(where: { $0 == "'" || $0 == "\"" }) else { return text }
        let scalars = Array(statement.unicodeScalars)
        let secrets = Set(literals(scalars).filter { $0.count >= 4 }.map { scalars[$0] })
        guard !secrets.isEmpty else { return text }
        let lengths = Set(secrets.map(\.count)).sorted(by: >)
        var result = Array(text.unicodeScalars)
        var effort = mostEffort
        var position = 0
        while position < result.count {
            guard result[position] == "'" || result[position] == "\"" else {
                position += 1
                continue
            }
            let start = position + 1
            position = start
            for length in lengths where length < result.count - start && result[start + length] == result[start - 1] {
                effort -= length
                guard secrets.contains(result[start..<(start + length)]) else { continue }
                for index in start..<(start + length) { result[index] = "*" }
                position = start + length
                break
            }
            effort -= lengths.count
            guard effort > 0 else {
                // Rather all of the rest than a secret, or a statement that holds up its worker.
                for index in position..<result.count where result[index] != "\n" { result[index] = "*" }
                break
            }
        }
        return String(String.UnicodeScalarView(result))
    }

    /// Characters looked at and lengths tried, over which no statement that was written for its own sake goes.
    private static let mostEffort = 5_000_000

    /// Where secret values stand, without their quotes.
    private static func literals(_ text: [Unicode.Scalar]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var position = 0
        while position < text.count {
            guard isName(text[position]) else {
                position += 1
                continue
            }
            let start = position
            while position < text.count, isName(text[position]) { position += 1 }
            // Literals side by side are one text.
            var next = value(ofName: text[start..<position], text)
            while let value = next {
                found.append(value)
                position = min(value.upperBound + 1, text.count)
                next = literal(at: position, text)
            }
        }
        return found
    }

    private static func value(ofName name: ArraySlice<Unicode.Scalar>, _ text: [Unicode.Scalar]) -> Range<Int>? {
        var position = name.endIndex
        if position < text.count, isQuote(text[position]) { position += 1 }
        var hasSign = false
        // A sign too many is a mistake like any other.
        while position < text.count {
            if text[position] == "=" || text[position] == ">" || text[position] == ":" {
                hasSign = true
            } else if !text[position].properties.isWhitespace {
                break
            }
            position += 1
        }
        guard position > name.endIndex, let value = literal(at: position, text) else { return nil }
        var letters = ""
        for scalar in name where scalar != "_" && scalar != "-" && scalar != "." { letters.unicodeScalars.append(scalar) }
        letters = letters.lowercased()
        return names.contains(where: { letters.hasSuffix($0) }) || !hasSign && words.contains(letters) ? value : nil
    }

    /// What the quotes hold that come next.
    private static func literal(at place: Int, _ text: [Unicode.Scalar]) -> Range<Int>? {
        var position = place
        while position < text.count, text[position].properties.isWhitespace { position += 1 }
        guard position < text.count, text[position] == "'" || text[position] == "\"" else { return nil }
        let quote = text[position]
        let start = position + 1
        var end = start
        while end < text.count, text[end] != quote { end += text[end] == "\\" ? 2 : 1 }
        return start..<min(end, text.count)
    }

    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-" || scalar == "."
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "'" || scalar == "\"" || scalar == "`" }
}

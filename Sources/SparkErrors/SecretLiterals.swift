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
        var result = Array(text.unicodeScalars)
        for range in literals(scalars) where range.count >= 4 {
            let secret = Array(scalars[range])
            var position = 1
            while position + secret.count < result.count {
                let end = position + secret.count
                let quote = result[position - 1]
                if quote == result[end], quote == "'" || quote == "\"", result[position..<end].elementsEqual(secret) {
                    for index in position..<end { result[index] = "*" }
                    position = end
                } else {
                    position += 1
                }
            }
        }
        return String(String.UnicodeScalarView(result))
    }

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

/// Hides the values of secret options in what a message shows of a statement: `password 'x'`, `"client_secret" = 'x'`, `token => 'x'`.
///
/// Each character gives way to one `*`, so that marks below a line stay where they are.
package enum SecretLiterals {
    /// Endings of names, in lower case without `_`, `-` and `.`.
    private static let names = [
        "password", "passwd", "passphrase", "clientsecret", "secretkey", "secretaccesskey", "accesstoken", "refreshtoken", "sessiontoken", "sastoken",
        "bearertoken", "oauthtoken", "apitoken", "apikey", "privatekey", "accountkey", "personalaccesstoken",
        "accesskey", "accesskeyid", "masterkey", "sharedkey", "sharedaccesssignature", "authtoken", "aadtoken", "idtoken", "apisecret",
        "webhooksecret",
    ]
    /// These are names of columns, too: what they are compared with is no secret.
    private static let words = ["secret", "token", "pwd", "credential"]

    /// The statement as histories and errors may show it.
    package static func hidden(in statement: String) -> String {
        guard statement.utf8.contains(where: { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") }) else { return statement }
        return String(String.UnicodeScalarView(masked(statement)))
    }

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
            // A comment's sign is no part of the name in front of it.
            position += 1
            while position < text.count, isName(text[position]), !startsComment(at: position, text) { position += 1 }
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
            } else if let end = comment(at: position, text) {
                position = end
                continue
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
        while position < text.count {
            if let end = comment(at: position, text) {
                position = end
            } else if text[position].properties.isWhitespace {
                position += 1
            } else {
                break
            }
        }
        // Raw literals: r'…'
        if position + 1 < text.count, text[position] == "r" || text[position] == "R" { position += 1 }
        guard position < text.count, text[position] == "'" || text[position] == "\"" else { return nil }
        let quote = text[position]
        let start = position + 1
        var end = start
        while end < text.count, text[end] != quote { end += text[end] == "\\" ? 2 : 1 }
        return start..<min(end, text.count)
    }

    private static func startsComment(at start: Int, _ text: [Unicode.Scalar]) -> Bool {
        guard start + 1 < text.count else { return false }
        return text[start] == "-" && text[start + 1] == "-" || text[start] == "/" && text[start + 1] == "*"
    }

    /// Longer ones are not looked behind, which would take long for a text of many names.
    private static let longestComment = 1_000

    /// The end of the comment that begins here; nil if there is none.
    private static func comment(at start: Int, _ text: [Unicode.Scalar]) -> Int? {
        guard startsComment(at: start, text) else { return nil }
        let end = min(text.count, start + longestComment)
        var position = start + 2
        if text[start] == "-" {
            while position < end, text[position] != "\n" { position += 1 }
            return min(position, text.count)
        }
        while position < end, text[position] != "*" || position + 1 < text.count && text[position + 1] != "/" { position += 1 }
        return min(position + 2, text.count)
    }

    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-" || scalar == "."
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "'" || scalar == "\"" || scalar == "`" }
}

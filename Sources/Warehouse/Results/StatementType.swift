/// A statement's kind as the query history names it: by its first word, as the service does for statements that do not parse, too.
package enum StatementType {
    private static let words: [String: String] = [
        "ALTER": "ALTER", "ANALYZE": "ANALYZE", "COPY": "COPY", "CREATE": "CREATE", "DELETE": "DELETE", "DESCRIBE": "DESCRIBE", "DESC": "DESCRIBE",
        "DROP": "DROP", "EXPLAIN": "EXPLAIN", "GRANT": "GRANT", "INSERT": "INSERT", "MERGE": "MERGE", "OPTIMIZE": "OPTIMIZE",
        "REFRESH": "REFRESH", "REPLACE": "REPLACE", "REVOKE": "REVOKE", "SELECT": "SELECT", "WITH": "SELECT", "VALUES": "SELECT",
        "FROM": "SELECT", "TABLE": "SELECT", "SET": "SET", "SHOW": "SHOW", "TRUNCATE": "TRUNCATE", "UPDATE": "UPDATE", "USE": "USE",
    ]

    package static func name(of text: String) -> String { words[firstWord(text)] ?? "OTHER" }

    /// In upper case, behind comments and opening parentheses.
    private static func firstWord(_ text: String) -> String {
        var rest = Substring(text).utf8
        while let byte = rest.first {
            if rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != 10 }
            } else if rest.starts(with: "/*".utf8) {
                rest = rest.dropFirst(2)
                while !rest.isEmpty, !rest.starts(with: "*/".utf8) { rest = rest.dropFirst() }
                rest = rest.dropFirst(2)
            } else if byte <= 32 || byte == UInt8(ascii: "(") {
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        let word = rest.prefix { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
        return String(decoding: word, as: UTF8.self).uppercased()
    }
}

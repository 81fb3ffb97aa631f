/// How Spark quotes what it puts into messages.
package enum SQLQuote {
    /// `` `a`.`b` ``.
    package static func id(_ parts: [String]) -> String {
        parts.map { id($0) }.joined(separator: ".")
    }

    /// `a.b`, as a function's name is shown.
    package static func unquoted(_ parts: [String]) -> String { parts.joined(separator: ".") }

    /// `` `a` ``; a backquote inside is doubled.
    package static func id(_ part: String) -> String {
        "`" + doubling("`", in: part) + "`"
    }

    /// A type's SQL text as it is, for field names keep their case: `"INT"`, `"STRUCT<a: INT>"`.
    package static func type(_ sql: String) -> String { "\"\(sql)\"" }

    /// An expression's SQL text: `"(a + 1)"`.
    package static func expr(_ sql: String) -> String { "\"\(sql)\"" }

    /// A value as a SQL string literal: `'x'`.
    package static func string(_ value: String) -> String { "'\(value)'" }

    /// A setting's name: `"spark.sql.ansi.enabled"`.
    package static func config(_ key: String) -> String { "\"\(key)\"" }

    /// A statement or clause: `CREATE VIEW`.
    package static func statement(_ text: String) -> String { text.uppercased() }

    private static func doubling(_ quote: Character, in text: String) -> String {
        guard text.contains(quote) else { return text }
        return text.split(separator: quote, omittingEmptySubsequences: false).joined(separator: "\(quote)\(quote)")
    }
}

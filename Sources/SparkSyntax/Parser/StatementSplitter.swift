/// Cuts a text into its statements, at semicolons outside quotes, comments and `BEGIN … END`.
package enum StatementSplitter {
    /// Without the semicolons, without empty statements. A text that is no sequence of tokens is one statement, for the server to refuse.
    package static func statements(in text: String) -> [String] {
        let bytes = Array(text.utf8)
        guard let tokens = try? Lexer.tokens(text) else { return trimmed(bytes[...]).map { [$0] } ?? [] }
        var found: [String] = []
        var start: Token?
        for token in tokens {
            if token.kind == .semicolon || token.kind == .end {
                guard let first = start, let statement = slice(bytes, first.start, token.start) else { continue }
                // Inside a script a semicolon ends a part of it: what is whole can be parsed.
                if isScript(first, tokens), token.kind != .end, (try? Parser.parse(statement)) == nil { continue }
                found.append(statement)
                start = nil
            } else if start == nil {
                start = token
            }
        }
        return found
    }

    /// `BEGIN`, or a label in front of it.
    private static func isScript(_ first: Token, _ tokens: [Token]) -> Bool {
        guard let index = tokens.firstIndex(where: { $0.start == first.start }) else { return false }
        let words = tokens[index...].prefix(3)
        return words.first?.keyword == .begin || words.count == 3 && words[words.startIndex + 1].kind == .colon && words.last?.keyword == .begin
    }

    private static func slice(_ bytes: [UInt8], _ start: Int, _ end: Int) -> String? {
        guard start >= 0, start < end, end <= bytes.count else { return nil }
        return trimmed(bytes[start..<end])
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String? {
        var bytes = bytes
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}

import SparkSyntax

/// A text of several statements.
enum SQLText {
    /// An empty text is one statement, which the engine refuses.
    static func statements(in text: String) -> [String] {
        let found = StatementSplitter.statements(in: text)
        return found.isEmpty ? [text] : found
    }
}

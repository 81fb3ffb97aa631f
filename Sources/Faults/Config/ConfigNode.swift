/// A document of mappings, sequences and scalars with the lines they came from; what YAML and JSON have in common.
struct ConfigNode: Sendable {
    enum Content: Sendable {
        case null
        /// `quoted` scalars are always text; others may spell a number or a boolean.
        case scalar(String, quoted: Bool)
        case sequence([ConfigNode])
        case mapping([Entry])
    }

    struct Entry: Sendable {
        let key: String
        let line: Int?
        let value: ConfigNode
    }

    let content: Content
    let line: Int?

    /// What stands here, for "found …" in a message. Values are not repeated at length: they may be secrets.
    var kind: String {
        switch content {
        case .null: "nothing"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar(let text, let quoted):
            if !quoted, ConfigNode.isNumber(text) {
                "the number \(text.prefix(40))"
            } else if !quoted, text == "true" || text == "false" {
                "\(text)"
            } else {
                "the text \"\(text.prefix(40))\(text.count > 40 ? "…" : "")\""
            }
        }
    }

    /// A number by JSON's grammar, more or less: what a YAML reader would not take for text.
    static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first(where: { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }) else { return false }
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) || first == UInt8(ascii: ".") else { return false }
        return Double(text) != nil
    }
}

import SparkErrors
import SparkSyntax

/// What WHEN and MATCH COLUMNS ask of governed tags: `has_tag('k')`, `has_tag_value('k', 'v')`, and what AND, OR, NOT make of them.
/// `hasTag` and `hasTagValue` are the older names of the same.
struct TagCondition: Sendable {
    private indirect enum Node: Sendable {
        case constant(Bool)
        case tag(key: String, value: String?)
        case not(Node)
        case and(Node, Node)
        case or(Node, Node)
    }

    private let node: Node
    /// The keys asked for, with their values where these are asked for, in the order of the text.
    let tags: [(key: String, value: String?)]

    init(_ text: String) throws(SQLError) {
        var tags: [(key: String, value: String?)] = []
        node = try Self.node(try Parser.parseExpression(text), &tags)
        self.tags = tags
    }

    /// - Parameter tags: empty texts for tags without a value.
    func holds(_ tags: [String: String]) -> Bool { Self.holds(node, tags) }

    private static func holds(_ node: Node, _ tags: [String: String]) -> Bool {
        switch node {
        case .constant(let value): value
        case .tag(let key, nil): tags[key] != nil
        case .tag(let key, let value?): tags[key] == value
        case .not(let inner): !holds(inner, tags)
        case .and(let left, let right): holds(left, tags) && holds(right, tags)
        case .or(let left, let right): holds(left, tags) || holds(right, tags)
        }
    }

    private static func node(_ expression: Expression, _ tags: inout [(key: String, value: String?)]) throws(SQLError) -> Node {
        switch expression.kind {
        case .literal(.boolean(let value)): return .constant(value)
        case .unary(.not, let operand): return .not(try node(operand, &tags))
        case .binary(.and, let left, let right):
            let left = try node(left, &tags)
            return .and(left, try node(right, &tags))
        case .binary(.or, let left, let right):
            let left = try node(left, &tags)
            return .or(left, try node(right, &tags))
        case .function(let call):
            let name = call.name.literal?.names.joined(separator: ".").lowercased() ?? ""
            let texts = call.arguments.compactMap { argument -> String? in
                if case .literal(.string(let text)) = argument.value.kind, argument.name == nil { text } else { nil }
            }
            guard texts.count == call.arguments.count else { break }
            switch (name, texts.count) {
            case ("has_tag", 1), ("hastag", 1):
                tags.append((texts[0], nil))
                return .tag(key: texts[0], value: nil)
            case ("has_tag_value", 2), ("hastagvalue", 2):
                tags.append((texts[0], texts[1]))
                return .tag(key: texts[0], value: texts[1])
            default: break
            }
        default: break
        }
        throw SQLError.invalidPolicy(
            "The condition of a policy is made of has_tag('key'), has_tag_value('key', 'value'), AND, OR and NOT.")
    }
}

extension SQLError {
    static func invalidPolicy(_ message: String) -> SQLError {
        SQLError(.catalogRequestRefused, ["code": "INVALID_PARAMETER_VALUE", "message": message])
    }
}

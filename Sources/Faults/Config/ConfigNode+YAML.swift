import Yams

/// A text that is not a document at all.
struct ConfigSyntaxError: Error {
    let line: Int?
    let message: String
}

extension ConfigNode {
    static let maxBytes = 8 << 20
    static let maxNodes = 200_000
    static let maxDepth = 64

    /// Composes YAML to nodes with lines. libyaml bounds the nesting; the number of nodes is bounded here, since aliases multiply it.
    init(yaml text: String) throws(ConfigSyntaxError) {
        guard text.utf8.count <= Self.maxBytes else {
            throw ConfigSyntaxError(line: nil, message: "the text is longer than \(Self.maxBytes) bytes")
        }
        guard Self.aliasesAreHarmless(text) else {
            throw ConfigSyntaxError(line: nil, message: "too many YAML anchors and aliases")
        }
        var text = text
        text.makeContiguousUTF8()
        let root: Node?
        do {
            root = try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw ConfigSyntaxError(error, text)
        } catch {
            throw ConfigSyntaxError(line: nil, message: "not YAML")
        }
        guard let root else { throw ConfigSyntaxError(line: 1, message: "the file is empty") }
        var budget = Self.maxNodes
        self = try Self.convert(root, depth: 0, &budget)
    }

    private static func convert(_ node: Node, depth: Int, _ budget: inout Int) throws(ConfigSyntaxError) -> ConfigNode {
        let line = node.mark?.line
        budget -= 1
        guard budget > 0 else { throw ConfigSyntaxError(line: line, message: "more than \(maxNodes) values") }
        guard depth < maxDepth else { throw ConfigSyntaxError(line: line, message: "nested more than \(maxDepth) levels deep") }
        switch node {
        case .scalar(let scalar):
            let quoted = scalar.style != .plain && scalar.style != .any
            if !quoted, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return ConfigNode(content: .null, line: line) }
            return ConfigNode(content: .scalar(scalar.string, quoted: quoted), line: line)
        case .sequence(let sequence):
            var elements: [ConfigNode] = []
            for element in sequence { elements.append(try convert(element, depth: depth + 1, &budget)) }
            return ConfigNode(content: .sequence(elements), line: line)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw ConfigSyntaxError(line: key.mark?.line ?? line, message: "a key must be a text")
                }
                entries.append(
                    Entry(
                        key: name.string, line: key.mark?.line ?? line, value: try convert(value, depth: depth + 1, &budget)))
            }
            return ConfigNode(content: .mapping(entries), line: line)
        case .alias(let alias):
            throw ConfigSyntaxError(line: alias.mark?.line ?? line, message: "an alias that leads nowhere")
        }
    }

    /// Whether expanding all aliases stays small, by an upper bound on what the anchors of the text could stand for.
    private static func aliasesAreHarmless(_ text: String) -> Bool {
        var anchors = 0.0
        var aliases = 0.0
        var previous: UInt8 = 0x0A
        for byte in text.utf8 {
            switch previous {
            case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":"):
                if byte == UInt8(ascii: "&") { anchors += 1 }
                if byte == UInt8(ascii: "*") { aliases += 1 }
            default: break
            }
            previous = byte
        }
        var product = 1.0
        var left = anchors
        while left > 0, product < 1e6 {
            product *= max(1, aliases / anchors + 1)
            left -= 1
        }
        return anchors == 0 || aliases == 0 || product < 1e6
    }
}

extension ConfigSyntaxError {
    fileprivate init(_ error: YamlError, _ text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let about = context.map { $0.text.isEmpty ? "" : $0.text + ": " } ?? ""
            self.init(line: mark.line, message: about + problem)
        case .reader(let problem, let offset, _, _):
            let line = offset.map { text.prefix($0).utf8.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 } }
            self.init(line: line, message: problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.init(line: context.mark.line, message: "the key '\(duplicates.first ?? "")' stands twice in one mapping")
        default:
            self.init(line: nil, message: "not YAML")
        }
    }
}

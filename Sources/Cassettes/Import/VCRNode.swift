import JSON
import Yams

/// A value of a YAML or JSON file, as far as cassettes of VCR have them.
struct VCRNode {
    indirect enum Content {
        case null
        case text(String)
        case bytes([UInt8])
        case list([VCRNode])
        case map([(key: String, value: VCRNode)])
        /// A value with a tag of some language, by its tag.
        case unknown(String)
    }

    let content: Content
    /// From 1; nil in JSON.
    let line: Int?

    private static let maxBytes = 512 << 20
    private static let maxNodes = 10_000_000
    private static let maxDepth = 64

    subscript(_ key: String) -> VCRNode? {
        guard case .map(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }

    var text: String? { if case .text(let text) = content { text } else { nil } }
    var isNull: Bool { if case .null = content { true } else { false } }

    var kind: String {
        switch content {
        case .null: "nothing"
        case .text: "a text"
        case .bytes: "bytes"
        case .list: "a list"
        case .map: "a mapping"
        case .unknown(let tag): "'\(tag.prefix(80))'"
        }
    }

    static func read(_ bytes: [UInt8], file: String) throws(CassetteError) -> VCRNode {
        guard bytes.count <= maxBytes else { throw CassetteError(file: file, "is longer than \(maxBytes >> 20) MiB") }
        if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") { return json(try ImportCursor(parsing: bytes, file: file).value) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw CassetteError(file: file, "is not UTF-8") }
        let root: Node?
        do {
            root = try Parser(yaml: text, encoding: .utf8).singleRoot()
        } catch {
            let (line, problem) = Self.describe(error)
            throw CassetteError(file: file, line: line, "not YAML: \(problem)")
        }
        guard let root else { throw CassetteError(file: file, line: 1, "the file is empty") }
        var budget = maxNodes
        return try convert(root, file, 0, &budget)
    }

    private static func describe(_ error: any Error) -> (Int?, String) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            (mark.line, problem)
        case .reader(let problem, _, _, _): (nil, problem)
        case .duplicatedKeysInMapping(let keys, let context): (context.mark.line, "the key '\(keys.first ?? "")' stands twice")
        default: (nil, "it cannot be read")
        }
    }

    private static func json(_ value: JSONValue) -> VCRNode {
        let content: Content =
            switch value {
            case .null: .null
            case .string(let text), .number(let text): .text(text)
            case .bool(let value): .text(value ? "true" : "false")
            case .array(let elements): .list(elements.map(json))
            case .object(let object): .map(object.members.map { ($0.name, json($0.value)) })
            }
        return VCRNode(content: content, line: nil)
    }

    private static func convert(_ node: Node, _ file: String, _ depth: Int, _ budget: inout Int) throws(CassetteError) -> VCRNode {
        let line = node.mark?.line
        budget -= 1
        guard budget > 0 else { throw CassetteError(file: file, line: line, "holds more than \(maxNodes) values") }
        guard depth < maxDepth else { throw CassetteError(file: file, line: line, "nested more than \(maxDepth) levels deep") }
        switch node {
        case .scalar(let scalar): return VCRNode(content: try self.scalar(scalar, file), line: line)
        case .sequence(let sequence):
            let tag = sequence.tag.description
            if tag.contains("python/object") { return VCRNode(content: .unknown(tag), line: line) }
            var elements: [VCRNode] = []
            for element in sequence { elements.append(try convert(element, file, depth + 1, &budget)) }
            return VCRNode(content: .list(elements), line: line)
        case .mapping(let mapping):
            let tag = mapping.tag.description
            if tag.contains("python/") || tag.hasPrefix("!ruby") { return VCRNode(content: .unknown(tag), line: line) }
            var members: [(key: String, value: VCRNode)] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else { throw CassetteError(file: file, line: key.mark?.line ?? line, "a key must be a text") }
                members.append((name.string, try convert(value, file, depth + 1, &budget)))
            }
            return VCRNode(content: .map(members), line: line)
        case .alias: throw CassetteError(file: file, line: line, "an alias that leads nowhere")
        }
    }

    private static func scalar(_ scalar: Node.Scalar, _ file: String) throws(CassetteError) -> Content {
        let tag = scalar.tag.description
        if tag.hasSuffix(":binary") || tag == "!binary" {
            guard let bytes = Base64.decode(scalar.string.utf8) else { throw CassetteError(file: file, line: scalar.mark?.line, "is no base64") }
            return .bytes(bytes)
        }
        // Python 2 wrote its texts so.
        if tag.contains("python/"), !tag.hasSuffix("python/unicode"), !tag.hasSuffix("python/str") { return .unknown(tag) }
        let isPlain = scalar.style == .plain || scalar.style == .any
        if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .null }
        return .text(scalar.string)
    }
}

/// A parsed XML text: elements, attributes, text, comments and instructions, by their place in document order.
struct XMLDocument: Sendable {
    enum Kind: Sendable { case root, element, attribute, text, comment, instruction }

    struct Node: Sendable {
        let kind: Kind
        /// With its prefix; of an instruction its target.
        let name: String
        var value: String
        let parent: Int
        var attributes: [Int] = []
        var children: [Int] = []
    }

    struct Failure: Error {
        let message: String
        let line: Int
        let column: Int
    }

    private(set) var nodes: [Node] = [Node(kind: .root, name: "", value: "", parent: -1)]

    /// Elements within elements; deeper texts are refused.
    static let maximumDepth = 500

    /// The root element's place; nil if there is none.
    var rootElement: Int? { nodes[0].children.first { nodes[$0].kind == .element } }

    /// An element's text with that of all its descendants.
    func stringValue(_ index: Int) -> String {
        switch nodes[index].kind {
        case .root, .element:
            var text = ""
            var stack = Array(nodes[index].children.reversed())
            while let next = stack.popLast() {
                if nodes[next].kind == .text { text += nodes[next].value }
                stack.append(contentsOf: nodes[next].children.reversed())
            }
            return text
        default: return nodes[index].value
        }
    }

    mutating func append(_ kind: Kind, _ name: String, _ value: String, to parent: Int) -> Int {
        let index = nodes.count
        nodes.append(Node(kind: kind, name: name, value: value, parent: parent))
        if kind == .attribute {
            nodes[parent].attributes.append(index)
        } else if kind == .text, let last = nodes[parent].children.last, nodes[last].kind == .text {
            // Text and CDATA side by side are one.
            nodes.removeLast()
            nodes[last].value += value
            return last
        } else {
            nodes[parent].children.append(index)
        }
        return index
    }
}

extension XMLDocument {
    init(_ text: some Collection<UInt8>) throws(Failure) {
        var parser = XMLParser(bytes: Array(text), document: XMLDocument())
        try parser.parse()
        self = parser.document
    }
}

/// Reads well-formed XML 1.0; document types are passed over, external entities never read.
private struct XMLParser {
    let bytes: [UInt8]
    var document: XMLDocument
    var position = 0

    init(bytes: [UInt8], document: XMLDocument) {
        self.bytes = bytes
        self.document = document
    }

    private func fault(_ message: String) -> XMLDocument.Failure {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return XMLDocument.Failure(message: message, line: line, column: column)
    }

    private func starts(_ text: String) -> Bool { position <= bytes.count && bytes[position...].starts(with: text.utf8) }

    private mutating func skip(_ text: String) -> Bool {
        guard starts(text) else { return false }
        position += text.utf8.count
        return true
    }

    private mutating func blanks() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    /// The text before the next `end`, which is skipped.
    private mutating func until(_ end: String) throws(XMLDocument.Failure) -> String {
        let wanted = Array(end.utf8)
        let start = position
        while position + wanted.count <= bytes.count {
            if bytes[position] == wanted[0], bytes[position...].starts(with: wanted) {
                defer { position += wanted.count }
                return String(decoding: bytes[start..<position], as: UTF8.self)
            }
            position += 1
        }
        throw fault("XML document structures must start and end within the same entity.")
    }

    private mutating func name() throws(XMLDocument.Failure) -> String {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            let isLetter = (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == 0x5F || byte == 0x3A || byte >= 0x80
            let isLater = (byte >= 0x30 && byte <= 0x39) || byte == 0x2D || byte == 0x2E
            guard isLetter || (isLater && position > start) else { break }
            position += 1
        }
        guard position > start else {
            throw fault("The content of elements must consist of well-formed character data or markup.")
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    mutating func parse() throws(XMLDocument.Failure) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        var open = [0]
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                let start = position
                while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
                if open.count > 1 {
                    _ = document.append(.text, "", try expanded(bytes[start..<position]), to: open[open.count - 1])
                } else if bytes[start..<position].contains(where: { $0 > 0x20 }) {
                    position = start
                    throw fault("Content is not allowed in \(document.rootElement == nil ? "prolog" : "trailing section").")
                }
            } else if skip("<!--") {
                _ = document.append(.comment, "", try until("-->"), to: open[open.count - 1])
            } else if starts("<![CDATA["), open.count > 1 {
                position += 9
                _ = document.append(.text, "", try until("]]>"), to: open[open.count - 1])
            } else if skip("<?") {
                let target = try name()
                let text = try until("?>")
                if target.lowercased() != "xml" {
                    _ = document.append(.instruction, target, String(text.drop { $0 == " " }), to: open[open.count - 1])
                }
            } else if starts("<!DOCTYPE"), open.count == 1 {
                try documentType()
            } else if skip("</") {
                let closed = try name()
                blanks()
                guard open.count > 1, document.nodes[open[open.count - 1]].name == closed, skip(">") else {
                    throw fault("The element type must be terminated by the matching end-tag.")
                }
                open.removeLast()
            } else {
                position += 1
                guard open.count > 1 || document.rootElement == nil else {
                    throw fault("The markup in the document following the root element must be well-formed.")
                }
                guard open.count <= XMLDocument.maximumDepth else { throw fault("The elements lie too deep.") }
                let element = document.append(.element, try name(), "", to: open[open.count - 1])
                if try attributes(of: element) { open.append(element) }
            }
        }
        guard open.count == 1, document.rootElement != nil else {
            throw fault("XML document structures must start and end within the same entity.")
        }
    }

    /// Whether the element has content behind its start-tag.
    private mutating func attributes(of element: Int) throws(XMLDocument.Failure) -> Bool {
        while true {
            blanks()
            if skip("/>") { return false }
            if skip(">") { return true }
            let attribute = try name()
            blanks()
            guard skip("=") else { throw fault("Attribute name \"\(attribute)\" must be followed by the ' = ' character.") }
            blanks()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'") else {
                throw fault("Open quote is expected for attribute \"\(attribute)\".")
            }
            let quote = bytes[position]
            let start = position + 1
            position = start
            while position < bytes.count, bytes[position] != quote {
                if bytes[position] == UInt8(ascii: "<") { throw fault("The value of attribute \"\(attribute)\" must not contain the '<' character.") }
                position += 1
            }
            guard position < bytes.count else { throw fault("XML document structures must start and end within the same entity.") }
            let value = try expanded(bytes[start..<position])
            position += 1
            if document.nodes[element].attributes.contains(where: { document.nodes[$0].name == attribute }) {
                throw fault("Attribute \"\(attribute)\" was already specified.")
            }
            _ = document.append(.attribute, attribute, value, to: element)
        }
    }

    private mutating func documentType() throws(XMLDocument.Failure) {
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ">") where depth == 0:
                position += 1
                return
            default: break
            }
            position += 1
        }
        throw fault("XML document structures must start and end within the same entity.")
    }

    /// With references to characters and the five entities that XML has of itself.
    private func expanded(_ text: ByteSlice) throws(XMLDocument.Failure) -> String {
        guard text.contains(UInt8(ascii: "&")) || text.contains(0x0D) else { return String(decoding: text, as: UTF8.self) }
        var result = ""
        var rest = text
        while let next = rest.firstIndex(where: { $0 == UInt8(ascii: "&") || $0 == 0x0D }) {
            result += String(decoding: rest[..<next], as: UTF8.self)
            if rest[next] == 0x0D {
                result += "\n"
                rest = rest[(next + 1)...]
                if rest.first == 0x0A { rest = rest.dropFirst() }
                continue
            }
            guard let end = rest[next...].firstIndex(of: UInt8(ascii: ";")) else {
                throw fault("The reference to an entity must end with the ';' delimiter.")
            }
            let entity = String(decoding: rest[(next + 1)..<end], as: UTF8.self)
            switch entity {
            case "lt": result += "<"
            case "gt": result += ">"
            case "amp": result += "&"
            case "quot": result += "\""
            case "apos": result += "'"
            default:
                let code = entity.hasPrefix("#x") ? UInt32(entity.dropFirst(2), radix: 16) : entity.hasPrefix("#") ? UInt32(entity.dropFirst()) : nil
                guard let code, let scalar = Unicode.Scalar(code) else {
                    throw fault("The entity \"\(entity)\" was referenced, but not declared.")
                }
                result.unicodeScalars.append(scalar)
            }
            rest = rest[(end + 1)...]
        }
        return result + String(decoding: rest, as: UTF8.self)
    }
}

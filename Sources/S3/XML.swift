/// The little XML that S3 speaks: elements with text, no attributes but the namespace.
struct XMLWriter {
    private var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

    mutating func open(_ name: String, namespace: Bool = false) {
        text += namespace ? "<\(name) xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" : "<\(name)>"
    }

    mutating func close(_ name: String) { text += "</\(name)>" }

    mutating func element(_ name: String, _ value: String) {
        open(name)
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            // XML 1.0 cannot hold the other control characters.
            case _ where scalar.value < 0x20 && scalar != "\t" && scalar != "\n": text += "\u{FFFD}"
            case "\r", "\n", "\t": text += "&#\(scalar.value);"
            default: text.unicodeScalars.append(scalar)
            }
        }
        close(name)
    }

    var bytes: [UInt8] { Array(text.utf8) }
}

/// Reads a request's XML: a tree of at most three levels, bounded in elements.
struct XMLElement {
    static let maxDepth = 8
    static let maxElements = 50_000

    let name: String
    var text = ""
    var children: [XMLElement] = []

    func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    init(name: String) { self.name = name }

    /// Throws `MalformedXML`; entities of a DTD are refused with it.
    init(parsing bytes: [UInt8]) throws(S3Error) {
        var reader = Reader(bytes: bytes)
        self = try reader.document()
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0
        var count = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func document() throws(S3Error) -> XMLElement {
            try skipMisc()
            let root = try element(depth: 0)
            try skipMisc()
            guard position == bytes.count else { throw .malformedXML }
            return root
        }

        private func starts(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard position + count <= bytes.count else { return false }
            for offset in 0..<count where bytes[position + offset] != text.utf8Start[offset] { return false }
            return true
        }

        /// White space, the declaration and comments.
        private mutating func skipMisc() throws(S3Error) {
            while position < bytes.count {
                if bytes[position] <= 0x20 {
                    position += 1
                } else if starts("<?") {
                    try skip(behind: "?>")
                } else if starts("<!--") {
                    try skip(behind: "-->")
                } else {
                    return
                }
            }
        }

        private mutating func skip(behind end: StaticString) throws(S3Error) {
            while position < bytes.count {
                if starts(end) {
                    position += end.utf8CodeUnitCount
                    return
                }
                position += 1
            }
            throw .malformedXML
        }

        private mutating func name() throws(S3Error) -> String {
            let start = position
            while position < bytes.count, bytes[position] > 0x20, !Array(">/<=".utf8).contains(bytes[position]) { position += 1 }
            guard position > start else { throw .malformedXML }
            let name = String(decoding: bytes[start..<position], as: UTF8.self)
            return name.firstIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
        }

        private mutating func element(depth: Int) throws(S3Error) -> XMLElement {
            count += 1
            guard depth < XMLElement.maxDepth, count <= XMLElement.maxElements, starts("<") else { throw .malformedXML }
            position += 1
            var element = XMLElement(name: try name())
            // Attributes say nothing here.
            while position < bytes.count, bytes[position] != UInt8(ascii: ">"), !starts("/>") { position += 1 }
            if starts("/>") {
                position += 2
                return element
            }
            guard starts(">") else { throw .malformedXML }
            position += 1
            var text: [UInt8] = []
            while position < bytes.count {
                if starts("</") {
                    position += 2
                    guard try name() == element.name else { throw .malformedXML }
                    while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
                    guard starts(">") else { throw .malformedXML }
                    position += 1
                    element.text = String(decoding: text, as: UTF8.self)
                    return element
                }
                if starts("<!--") {
                    try skip(behind: "-->")
                } else if starts("<") {
                    element.children.append(try self.element(depth: depth + 1))
                } else if starts("&") {
                    text += try entity()
                } else {
                    text.append(bytes[position])
                    position += 1
                }
            }
            throw .malformedXML
        }

        private mutating func entity() throws(S3Error) -> [UInt8] {
            guard let end = bytes[position...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { throw .malformedXML }
            let name = String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
            position = end + 1
            switch name {
            case "amp": return [UInt8(ascii: "&")]
            case "lt": return [UInt8(ascii: "<")]
            case "gt": return [UInt8(ascii: ">")]
            case "quot": return [UInt8(ascii: "\"")]
            case "apos": return [UInt8(ascii: "'")]
            default:
                let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
                guard let number, let scalar = Unicode.Scalar(number), number != 0 else { throw .malformedXML }
                return Array(String(Character(scalar)).utf8)
            }
        }
    }
}

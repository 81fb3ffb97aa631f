import JSON
import Synchronization

/// The beginning of a JSON document that was cut off or is wrong from some place on, closed so that it can be walked.
///
/// Which text is a secret may be said by names far in front of it: a cut document is no running text.
struct CutDocument {
    /// A whole document.
    let closed: [UInt8]
    /// What of the text is in it.
    let kept: ArraySlice<UInt8>
    /// Nothing is wrong in the text but that it ends too early.
    let isBeginning: Bool

    private enum Expected { case value, firstName, name, colon, end }

    /// Nil if the text does not begin like an object or a list.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let first = bytes.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
        var reader = Reader(bytes: bytes, position: bytes.startIndex)
        isBeginning = reader.run()
        kept = bytes[bytes.startIndex..<reader.goodEnd]
        closed = kept + reader.goodTail
    }

    private struct Reader {
        let bytes: ArraySlice<UInt8>
        var position: Int
        /// The closing brackets of what is open.
        var open: [UInt8] = []
        /// Up to here the text is fine, and closed by these bytes it is a document.
        var goodEnd = 0
        var goodTail: [UInt8] = []

        private static let maxDepth = 200

        init(bytes: ArraySlice<UInt8>, position: Int) {
            self.bytes = bytes
            self.position = position
            goodEnd = position
        }

        private mutating func mark() {
            goodEnd = position
            goodTail = open.reversed()
        }

        /// Whether the end was reached without an error.
        mutating func run() -> Bool {
            var expected = Expected.value
            while position < bytes.endIndex {
                let byte = bytes[position]
                if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
                    position += 1
                    continue
                }
                switch expected {
                case .value:
                    switch byte {
                    case UInt8(ascii: "{"), UInt8(ascii: "["):
                        guard open.count < Self.maxDepth else { return false }
                        open.append(byte == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                        position += 1
                        mark()
                        expected = byte == UInt8(ascii: "{") ? .firstName : .value
                    case UInt8(ascii: "]") where open.last == byte && isEmptyList:
                        close()
                        expected = .end
                    case UInt8(ascii: "\""):
                        guard string() else {
                            // The beginning of a text is shown, too.
                            if position == bytes.endIndex { markCutString() }
                            return position == bytes.endIndex
                        }
                        mark()
                        expected = .end
                    default:
                        guard scalar() else { return position == bytes.endIndex }
                        mark()
                        expected = .end
                    }
                case .firstName where byte == UInt8(ascii: "}"):
                    close()
                    expected = .end
                case .firstName, .name:
                    guard byte == UInt8(ascii: "\"") else { return false }
                    guard string() else { return position == bytes.endIndex }
                    expected = .colon
                case .colon:
                    guard byte == UInt8(ascii: ":") else { return false }
                    position += 1
                    expected = .value
                case .end:
                    guard let last = open.last else { return false }
                    if byte == last {
                        close()
                    } else {
                        guard byte == UInt8(ascii: ",") else { return false }
                        position += 1
                        expected = last == UInt8(ascii: "}") ? .name : .value
                    }
                }
            }
            return true
        }

        private var isEmptyList: Bool {
            bytes[..<position].last { $0 > 0x20 } == UInt8(ascii: "[")
        }

        private mutating func close() {
            open.removeLast()
            position += 1
            mark()
        }

        /// Goes behind a string; false, with the position at the end, if it has none.
        private mutating func string() -> Bool {
            let start = position
            position += 1
            while position < bytes.endIndex {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    return (try? JSONValue(parsing: Array(bytes[start..<position]))) != nil
                case UInt8(ascii: "\\"): position += 2
                case 0..<0x20: return false
                default: position += 1
                }
            }
            cutString = start
            position = bytes.endIndex
            return false
        }

        private var cutString: Int?

        /// The longest beginning of the string at the end that is one; an escape or a letter may be cut.
        private mutating func markCutString() {
            guard let start = cutString else { return }
            for end in stride(from: bytes.endIndex, to: max(start, bytes.endIndex - 13), by: -1) {
                guard (try? JSONValue(parsing: Array(bytes[start..<end]) + [UInt8(ascii: "\"")])) != nil else { continue }
                goodEnd = end
                goodTail = [UInt8(ascii: "\"")] + open.reversed()
                return
            }
        }

        /// Goes behind a number or a word; false if it is none or may go on behind the end.
        private mutating func scalar() -> Bool {
            let start = position
            while position < bytes.endIndex, bytes[position] > 0x20, !Self.endsScalar(bytes[position]) { position += 1 }
            if position == bytes.endIndex { return false }
            return position > start && (try? JSONValue(parsing: Array(bytes[start..<position]))) != nil
        }

        private static func endsScalar(_ byte: UInt8) -> Bool {
            [UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ":")]
                .contains(byte)
        }
    }
}

extension Redactor {
    /// A body that is no JSON document, for display. Of one that begins as a document does, only what can be read is shown.
    package func text(body: [UInt8], operation: String?, path: String) -> String {
        let context = SecretContext(operation: operation, path: path)
        guard let whole = cut(body[...], context) else { return text(String(decoding: body, as: UTF8.self), context) }
        if whole.isBeginning { return whole.text }
        // Documents one a line, the last of which may be cut.
        return body.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            cut(line, context)?.text ?? text(String(decoding: line, as: UTF8.self), context)
        }.joined(separator: "\n")
    }

    private func cut(_ bytes: ArraySlice<UInt8>, _ context: SecretContext) -> (text: String, isBeginning: Bool)? {
        guard let document = CutDocument(bytes) else { return nil }
        guard let value = try? JSONValue(parsing: document.closed) else { return ("", false) }
        let scrubbed = scrubber.withLock { $0.json(value, context) }
        return (scrubbed == value ? String(decoding: document.kept, as: UTF8.self) : scrubbed.text, document.isBeginning)
    }
}

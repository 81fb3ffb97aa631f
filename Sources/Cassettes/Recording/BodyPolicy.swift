import Crypto
import JSON

/// Where a body goes: into the line if it is readable there, else into a file.
package enum BodyPolicy {
    /// Longer JSON makes lines that nobody reads and diffs that say nothing.
    static let inlineJSONBytes = 16 << 10
    static let inlineTextBytes = 1 << 10

    static func body(_ scrubbed: Scrubber.Body) -> RecordedBody {
        guard scrubbed.isPlainJSON == true, scrubbed.bytes.count <= inlineJSONBytes else { return body(scrubbed.bytes) }
        return .json(scrubbed.bytes[...])
    }

    static func body(_ bytes: [UInt8]) -> RecordedBody {
        guard !bytes.isEmpty else { return .none }
        if isText(bytes) {
            if bytes.count <= inlineJSONBytes, isPlainJSON(bytes) { return .json(bytes[...]) }
            if bytes.count <= inlineTextBytes { return .text(bytes[...]) }
        }
        return .file(name: name(of: bytes), bytes: bytes)
    }

    /// Whether the bytes are what the JSON printed from them would be: then nothing is lost by keeping them as JSON.
    static func isPlainJSON(_ bytes: [UInt8]) -> Bool {
        guard let value = try? JSONValue(parsing: bytes) else { return false }
        return value.encoded() == bytes
    }

    /// UTF-8 without control characters but tabs and line ends. Binary protocols may be valid UTF-8 by chance; they hold zero bytes.
    static func isText(_ bytes: [UInt8]) -> Bool {
        var all: UInt8 = 0
        for byte in bytes {
            if byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D || byte == 0x7F { return false }
            all |= byte
        }
        return all < 0x80 || String(validating: bytes, as: UTF8.self) != nil
    }

    /// The file's name: SHA-256 in hexadecimal.
    package static func name(of bytes: [UInt8]) -> String { Hex.text(SHA256.hash(data: bytes)) }
}

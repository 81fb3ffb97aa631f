import JSON

extension Scrubber {
    /// A body without secrets; the same bytes if it has none.
    mutating func body(_ bytes: [UInt8], _ context: SecretContext) -> [UInt8] {
        guard !bytes.isEmpty else { return bytes }
        guard BodyPolicy.isText(bytes) else { return binary(bytes) ?? bytes }
        if let scrubbed = document(bytes[...], context) { return scrubbed }
        if let scrubbed = lines(bytes, context) { return scrubbed }
        return text(bytes, context) ?? bytes
    }

    /// A JSON document; nil if it is none.
    private mutating func document(_ bytes: ArraySlice<UInt8>, _ context: SecretContext) -> [UInt8]? {
        let first = bytes.first { $0 > 0x20 }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == UInt8(ascii: "\""),
            let value = try? JSONValue(parsing: bytes)
        else { return nil }
        let scrubbed = json(value, context)
        return scrubbed == value ? Array(bytes) : scrubbed.encoded()
    }

    /// JSON documents one a line, as Delta Sharing answers; nil if it is something else.
    private mutating func lines(_ bytes: [UInt8], _ context: SecretContext) -> [UInt8]? {
        guard bytes.first == UInt8(ascii: "{"), bytes.contains(0x0A) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if index > 0 { result.append(0x0A) }
            guard !line.isEmpty else { continue }
            guard let scrubbed = document(line, context) else { return nil }
            result += scrubbed
        }
        return result
    }
}

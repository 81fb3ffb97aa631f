import JSON

extension Scrubber {
    /// A body without secrets.
    struct Body {
        let bytes: [UInt8]
        /// A JSON document that prints as these bytes; nil if that was not looked at.
        var isPlainJSON: Bool?
    }

    /// A body without secrets; the same bytes if it has none.
    mutating func body(_ bytes: [UInt8], _ context: SecretContext) -> [UInt8] { scrubbed(bytes, context).bytes }

    mutating func scrubbed(_ bytes: [UInt8], _ context: SecretContext) -> Body {
        guard !bytes.isEmpty else { return Body(bytes: bytes) }
        guard BodyPolicy.isText(bytes) else { return Body(bytes: binary(bytes) ?? bytes) }
        if let document = document(bytes[...], context) { return document }
        if let scrubbed = lines(bytes, context) { return Body(bytes: scrubbed) }
        return Body(bytes: text(bytes, context) ?? bytes)
    }

    /// A JSON document; nil if it is none.
    private mutating func document(_ bytes: ArraySlice<UInt8>, _ context: SecretContext) -> Body? {
        let first = bytes.first { $0 > 0x20 }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == UInt8(ascii: "\"") else { return nil }
        let isPlain = bytes.withUnsafeBufferPointer { self.isPlain($0) }
        if isPlain, rules.fields.isEmpty, rules.paths.isEmpty {
            let finding = bytes.withUnsafeBufferPointer { CleanDocument.look($0, context, &self) }
            if case .clean(let isPrinted) = finding { return Body(bytes: Array(bytes), isPlainJSON: isPrinted) }
        }
        guard let value = try? JSONValue(parsing: bytes) else { return nil }
        // Behind escapes nothing is found before they are undone.
        isSearched = isPlain && !bytes.contains(UInt8(ascii: "\\"))
        let scrubbed = json(value, context)
        isSearched = false
        let printed = scrubbed.encoded()
        if printed.elementsEqual(bytes) { return Body(bytes: printed, isPlainJSON: true) }
        return scrubbed == value ? Body(bytes: Array(bytes), isPlainJSON: false) : Body(bytes: printed)
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
            result += scrubbed.bytes
        }
        return result
    }
}

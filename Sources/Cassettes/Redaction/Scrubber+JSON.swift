import JSON

extension Scrubber {
    /// The value with all secrets replaced; equal to what was given if there are none.
    mutating func json(_ value: JSONValue, _ context: SecretContext) -> JSONValue {
        var value = value
        for path in rules.paths {
            value = path.replacing(in: value) { secret($0, .named, context) }
        }
        return walk(value, context)
    }

    private mutating func walk(_ value: JSONValue, _ context: SecretContext) -> JSONValue {
        switch value {
        case .string(let text): return .string(string(text, context))
        case .array(let elements): return .array(elements.map { walk($0, context) })
        case .object(let object):
            // Lists of options: {"key": "password", "value": "…"}.
            var context = context
            if let name = (object["key"] ?? object["name"])?.stringValue, let entry = SecretNames.entry(name), entry.isStrong,
                object["value"] != nil
            {
                context.hasSecretValues = true
            }
            return .members(object.members.map { ($0.name, member($0.name, $0.value, context)) })
        case .null, .bool, .number: return value
        }
    }

    private mutating func member(_ name: String, _ value: JSONValue, _ context: SecretContext) -> JSONValue {
        if rules.fields.contains(name) { return secret(value, .named, context) }
        if name == "activation_url" || name == "activationUrl" || name == "activation_link", case .string(let link) = value {
            return .string(activationLink(link, context))
        }
        if let entry = context.entry(name) { return secret(value, entry.kind, context) }
        return walk(value, context)
    }

    /// A value under a secret name. Numbers become words: a PIN is a secret too.
    private mutating func secret(_ value: JSONValue, _ kind: SecretKind, _ context: SecretContext) -> JSONValue {
        switch value {
        case .string(let text): return text.isEmpty ? value : .string(named(text, kind))
        case .number(let text): return .string(placeholders.word(for: text, kind))
        case .array(let elements): return .array(elements.map { secret($0, kind, context) })
        case .object: return walk(value, context)
        case .null, .bool: return value
        }
    }

    /// Keeps the scheme of an authorization, and the form of a token whose name does not tell it.
    private mutating func named(_ text: String, _ kind: SecretKind) -> String {
        for scheme in ["Bearer ", "Basic "] where text.hasPrefix(scheme) && text.utf8.count > scheme.utf8.count {
            return scheme + word(for: String(text.dropFirst(scheme.count)), scheme == "Basic " ? .credentials : kind)
        }
        return word(for: text, kind == .token && text.hasPrefix("eyJ") && text.contains(".") ? .jwt : kind)
    }

    /// The link stays a link; what follows the question mark or the last slash is the secret.
    private mutating func activationLink(_ link: String, _ context: SecretContext) -> String {
        guard let cut = link.lastIndex(where: { $0 == "?" || $0 == "/" }) else {
            return link.isEmpty ? link : word(for: link, .activation)
        }
        let secret = String(link[link.index(after: cut)...])
        return text(String(link[...cut]), context) + (secret.isEmpty ? "" : word(for: secret, .activation))
    }

    private mutating func string(_ text: String, _ context: SecretContext) -> String {
        let bytes = Array(text.utf8)
        if let scrubbed = self.text(bytes, context) { return String(decoding: scrubbed, as: UTF8.self) }
        if let decoded = Base64.decode(bytes), !SecretShapes.find(decoded).isEmpty {
            return placeholders.word(for: text, .value)
        }
        return text
    }
}

enum Base64 {
    /// The bytes of a padded standard or URL-safe text of at least 40 characters; nil for all else. Shorter ones hold no token.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count >= 40, text.count.isMultiple(of: 4) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var count = 0
        for (index, byte) in text.enumerated() {
            let value: UInt32
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte - UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte - UInt8(ascii: "a")) + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte - UInt8(ascii: "0")) + 52
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            case UInt8(ascii: "=") where index >= text.count - 2: continue
            default: return nil
            }
            bits = bits << 6 | value
            count += 1
            if count == 4 {
                result += [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)]
                bits = 0
                count = 0
            }
        }
        if count == 3 { result += [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)] }
        if count == 2 { result.append(UInt8(truncatingIfNeeded: bits >> 4)) }
        return result
    }
}

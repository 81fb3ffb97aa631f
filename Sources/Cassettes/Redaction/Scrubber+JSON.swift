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
        case .array(let elements):
            var context = context
            context.isListed = true
            return .array(elements.map { walk($0, context) })
        case .object(let object): return self.object(object, context)
        // A secret may look like a number.
        case .number(let text):
            let kind = text.utf8.withContiguousStorageIfAvailable { known.find($0).first?.kind } ?? nil
            return kind.map { .string(placeholders.word(for: text, $0)) } ?? value
        case .null, .bool: return value
        }
    }

    private mutating func object(_ object: JSONObject, _ context: SecretContext) -> JSONValue {
        var context = context
        let (outer, isListed) = (context.outer, context.isListed)
        context.isListed = false
        // Lists of options and variables: {"key": "password", "value": "…"}.
        var option: SecretNames.Entry?
        if object["value"] != nil {
            option = (object["key"] ?? object["name"])?.stringValue.flatMap { SecretNames.entry($0) }.flatMap { $0.isStrong ? $0 : nil }
            if option == nil, let outer, SecretNames.isEnvironment(outer) { option = SecretNames.entry("value", inside: outer) }
        }
        let names = isListed ? nil : outer.flatMap { SecretNames.names(inside: $0) }
        return .members(
            object.members.map { name, value in
                let shown = name.utf8.count < 8 || isUnremarkable(name) ? name : text(name)
                if let option, name == "value" { return (shown, secret(value, option.kind, context)) }
                if let names, let entry = SecretNames.entry(name, among: names) {
                    switch value {
                    case .string(let text): return (shown, .string(inner(text, entry.kind, context)))
                    // A wrong type makes no value harmless.
                    case .array, .object: return (shown, hidden(value, entry.kind, context))
                    case .number, .bool, .null: break
                    }
                }
                let traits = traits(of: name, context)
                context.enter(name, isEnvironment: traits.isEnvironment)
                return (shown, member(name, value, traits.entry, context))
            })
    }

    /// What a name says, looked up once: a recording has few names and many members.
    mutating func traits(of name: String, _ context: SecretContext) -> NameTraits {
        let table = (context.hasSecretValues ? 1 : 0) + (context.isOAuth ? 2 : 0)
        if let known = nameTraits[table][name] { return known }
        let traits = NameTraits(
            entry: context.entry(name), isEnvironment: SecretNames.isEnvironment(name), opensSecrets: SecretNames.names(inside: name) != nil)
        // Bounded: names may be data.
        if nameTraits[table].count < Self.maxNames, name.utf8.count <= 64 { nameTraits[table][name] = traits }
        return traits
    }

    private mutating func member(_ name: String, _ value: JSONValue, _ entry: SecretNames.Entry?, _ context: SecretContext) -> JSONValue {
        if !rules.fields.isEmpty, rules.fields.contains(name) { return secret(value, .named, context) }
        guard let entry else { return walk(value, context) }
        // A number under a weak name is a count.
        if !entry.isStrong, case .number = value { return value }
        if !entry.isStrong, case .object(var object) = value, SecretNames.isDescription(name) {
            for part in object.names where SecretNames.isPlainValue(part) {
                if let inside = object[part] { object[part] = hidden(inside, entry.kind, context) }
            }
            return self.object(object, context)
        }
        return secret(value, entry.kind, context)
    }

    /// A value under a secret name. Numbers become words: a PIN is a secret too.
    private mutating func secret(_ value: JSONValue, _ kind: SecretKind, _ context: SecretContext) -> JSONValue {
        switch value {
        case .string(let text): return .string(named(text, kind, context))
        case .number(let text): return .string(placeholders.word(for: text, kind))
        case .array(let elements): return .array(elements.map { secret($0, kind, context) })
        case .object: return hidden(value, kind, context)
        case .null, .bool: return value
        }
    }

    /// All that stands below a secret name, whatever shape it has. Only what has a secret name of its own is known as a secret from then on.
    private mutating func hidden(_ value: JSONValue, _ kind: SecretKind, _ context: SecretContext) -> JSONValue {
        switch value {
        case .string(let text):
            return text.isEmpty || SecretNames.isHarmless(text) ? value : .string(placeholders.word(for: text, kind))
        case .number(let text): return .string(placeholders.word(for: text, kind))
        case .array(let elements): return .array(elements.map { hidden($0, kind, context) })
        case .object(let object):
            return .members(
                object.members.map { name, value in
                    let shown = name.utf8.count < 8 || isUnremarkable(name) ? name : text(name)
                    if SecretNames.isReference(name) { return (shown, walk(value, context)) }
                    if let entry = context.entry(name) { return (shown, secret(value, entry.kind, context)) }
                    return (shown, hidden(value, kind, context))
                })
        case .null, .bool: return value
        }
    }

    /// A member of an object whose members are secrets by where they stand.
    private mutating func inner(_ text: String, _ kind: SecretKind, _ context: SecretContext) -> String {
        kind == .value && SecretNames.isHarmlessSetting(text) ? string(text, context) : named(text, kind, context)
    }

    /// Keeps the scheme of an authorization, the form of a token whose name does not tell it, and the host of a link.
    private mutating func named(_ text: String, _ kind: SecretKind, _ context: SecretContext) -> String {
        if text.isEmpty || SecretNames.isHarmless(text) { return text }
        for scheme in ["Bearer ", "Basic "] where text.hasPrefix(scheme) && text.utf8.count > scheme.utf8.count {
            return scheme + word(for: String(text.dropFirst(scheme.count)), scheme == "Basic " ? .credentials : kind)
        }
        if kind == .activation { return link(text, cut: text.lastIndex { $0 == "?" || $0 == "/" }, kind, context) }
        if kind == .webhook, let host = text.firstRange(of: "://")?.upperBound {
            return link(text, cut: text[host...].firstIndex { $0 == "?" || $0 == "/" }, kind, context)
        }
        return word(for: text, kind == .token && text.hasPrefix("eyJ") && text.contains(".") ? .jwt : kind)
    }

    /// A link stays one; what follows the cut is the secret.
    private mutating func link(_ link: String, cut: String.Index?, _ kind: SecretKind, _ context: SecretContext) -> String {
        guard let cut else { return kind == .webhook ? text(link, context) : word(for: link, kind) }
        let secret = String(link[link.index(after: cut)...])
        return text(String(link[...cut]), context) + (secret.isEmpty ? "" : word(for: secret, kind))
    }

    /// Whether a string of a text that was searched needs no look of its own: nothing is set to a value in it, and it is too short for a token in
    /// base64.
    private func isUnremarkable(_ text: String) -> Bool {
        isSearched && text.utf8.count < Base64.minLong && !text.utf8.contains(where: NamedSecrets.isMark)
    }

    private mutating func string(_ text: String, _ context: SecretContext) -> String {
        if isUnremarkable(text) { return text }
        let bytes = Array(text.utf8)
        // JSON in a string, as notebooks' parameters and dashboards have it.
        if let first = bytes.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "["), bytes.count >= 8,
            let value = try? JSONValue(parsing: bytes)
        {
            let scrubbed = walk(value, context)
            let inner = scrubbed == value ? text : scrubbed.text
            // A secret may be JSON itself, or go over what the JSON parts.
            return self.text(Array(inner.utf8), context, names: .none).map { String(decoding: $0, as: UTF8.self) } ?? inner
        }
        if let scrubbed = self.text(bytes, context) { return String(decoding: scrubbed, as: UTF8.self) }
        if let decoded = Base64.decodeLong(bytes), !SecretShapes.find(decoded).isEmpty {
            return placeholders.word(for: text, .value)
        }
        return text
    }
}

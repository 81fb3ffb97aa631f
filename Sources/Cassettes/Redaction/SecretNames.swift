/// Looks names up in the list of secret fields, however they are spelled: `client_secret`, `clientSecret`, `Client-Secret`.
enum SecretNames {
    struct Entry: Sendable {
        let kind: SecretKind
        /// Whether the name makes what follows a secret in running text too.
        let isStrong: Bool
    }

    private struct Tables: Sendable {
        var anywhere: [String: Entry] = [:]
        var secretStore: [String: Entry] = [:]
        var oauth: [String: Entry] = [:]
        /// By the outer name, then by the inner one.
        var inside: [String: [String: Entry]] = [:]
        var suffixes: [(name: [UInt8], entry: Entry)] = []
        var settings: [(name: [UInt8], entry: Entry)] = []
        let harmless = SecretField.harmlessSuffixes.map { Array($0.utf8) }

        init() {
            for field in SecretField.all {
                let entry = Entry(kind: field.kind, isStrong: field.isStrong)
                for part in field.names.split(separator: " ") {
                    let name = String(part)
                    switch field.place {
                    case .anywhere: anywhere[name] = entry
                    case .secretStore: secretStore[name] = entry
                    case .oauth: oauth[name] = entry
                    case .suffix: suffixes.append((Array(name.utf8), entry))
                    case .setting: settings.append((Array(name.utf8), entry))
                    case .inside(let outer): for outer in outer { inside[outer, default: [:]][name] = entry }
                    }
                }
            }
        }
    }

    private static let tables = Tables()

    /// The entry of a name; nil for harmless ones such as `page_token` or `token_type`.
    static func entry(_ name: some Collection<UInt8>, _ context: SecretContext = SecretContext()) -> Entry? {
        guard let (letters, isDotted) = normalized(name) else { return nil }
        let tables = tables
        let normal = String(decoding: letters, as: UTF8.self)
        if let entry = tables.anywhere[normal] { return entry }
        if context.hasSecretValues, let entry = tables.secretStore[normal] { return entry }
        if context.isOAuth, let entry = tables.oauth[normal] { return entry }
        for (suffix, entry) in tables.suffixes where letters.hasSuffix(suffix) {
            return tables.harmless.contains { letters == $0 || letters.hasSuffix($0) } ? nil : entry
        }
        guard isDotted else { return nil }
        return tables.settings.first { letters.firstRange(of: $0.name, from: 0) != nil }?.entry
    }

    static func entry(_ name: String, _ context: SecretContext = SecretContext()) -> Entry? { entry(name.utf8, context) }

    /// The entry of a member because of the object that it stands in.
    static func entry(_ name: String, inside outer: String) -> Entry? { names(inside: outer).flatMap { entry(name, among: $0) } }

    /// The members of an object of this name that have entries; nil for nearly all objects.
    static func names(inside outer: String) -> [String: Entry]? {
        guard let (outer, _) = normalized(outer.utf8) else { return nil }
        return tables.inside[String(decoding: outer, as: UTF8.self)]
    }

    static func entry(_ name: String, among names: [String: Entry]) -> Entry? {
        if let all = names["*"] { return all }
        guard let (letters, _) = normalized(name.utf8) else { return nil }
        return names[String(decoding: letters, as: UTF8.self)]
    }

    /// Whether the values of `{"name": …, "value": …}` in a list of this name are secrets.
    static func isEnvironment(_ name: String) -> Bool {
        normalized(name.utf8).map { SecretField.environments.contains(String(decoding: $0.letters, as: UTF8.self)) } ?? false
    }

    /// Whether objects of this name tell about a secret kept elsewhere: `token` in the lists of tokens, `secret` among the resources of an app.
    static func isDescription(_ name: String) -> Bool { ["token", "credential", "secret"].contains(name) }

    /// Members of such objects that would hold the secret itself.
    static func isPlainValue(_ name: String) -> Bool { ["value", "plaintext"].contains(name) }

    /// Members of objects under secret names that are none.
    static func isReference(_ name: String) -> Bool { ["account_id", "uc_secret", "scope", "key"].contains(name) }

    /// In lower case without separators; nil for what is too short or too long for any name in the list.
    private static func normalized(_ name: some Collection<UInt8>) -> (letters: [UInt8], isDotted: Bool)? {
        guard name.count <= 120, name.count >= 3 else { return nil }
        var letters: [UInt8] = []
        letters.reserveCapacity(name.count)
        var isDotted = false
        for byte in name {
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"): continue
            case UInt8(ascii: "."):
                isDotted = true
                letters.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): letters.append(byte + 32)
            default: letters.append(byte)
            }
        }
        return (letters, isDotted)
    }

    /// Values that are no secrets whatever they are called: switches, and references to secrets kept elsewhere.
    static func isHarmless(_ value: some StringProtocol) -> Bool {
        if ["true", "false", "null", "none", "None"].contains(where: { $0 == value }) { return true }
        return value.hasPrefix("REDACTED") || value.hasPrefix("{{secrets/") || value.hasPrefix("${")
    }

    /// Values of environment variables that tell nothing: small numbers, and paths into the runtime.
    static func isHarmlessSetting(_ value: String) -> Bool {
        if isHarmless(value) || (value.utf8.count <= 5 && value.utf8.allSatisfy(SecretShapes.isDigit)) { return true }
        return ["/databricks/", "/usr/", "/opt/", "/bin/", "/etc/", "/local_disk0/"].contains { value.hasPrefix($0) }
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
        guard count > suffix.count else { return false }
        return self[(count - suffix.count)...].elementsEqual(suffix)
    }
}

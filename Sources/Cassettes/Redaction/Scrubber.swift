import HTTPTypes
import JSON

/// Replaces secrets in the parts of an exchange. The same code redacts recordings, masks the journal and makes requests comparable;
/// what differs is the placeholders.
struct Scrubber: Sendable {
    var placeholders: Placeholders
    let rules: RedactionRules
    /// Names of the recorded service, which are not for the cassette: host, or host and port.
    var hosts: [[UInt8]] = []
    var known = KnownSecrets()
    struct NameTraits: Sendable {
        let entry: SecretNames.Entry?
        let isEnvironment: Bool
        /// Members of an object under this name are secrets by where they stand.
        let opensSecrets: Bool
    }

    static let maxNames = 4096

    /// By what else the context says of names, then by name.
    var nameTraits: [[String: NameTraits]] = [[:], [:], [:], [:]]
    /// Of the last request whose secrets were learned.
    var learnedHeaders: [HTTPField] = []
    /// The text that is walked was searched as a whole and holds nothing that is secret by its form: its strings are not searched again for that.
    var isSearched = false
    /// Off where nothing is stored: then only what looks secret is looked for.
    var remembers = true

    init(_ placeholders: Placeholders, _ rules: RedactionRules = RedactionRules()) {
        self.placeholders = placeholders
        self.rules = rules
    }

    static let hostWord = Array("REDACTED".utf8)

    mutating func word(for value: String, _ kind: SecretKind, isCredential: Bool = false) -> String {
        if remembers { known.note(value, kind, isCredential: isCredential) }
        return placeholders.word(for: value, kind)
    }

    // MARK: Text

    /// Nil if nothing is secret.
    mutating func text(_ bytes: [UInt8], _ context: SecretContext, names: Names = .all) -> [UInt8]? {
        let findings = find(bytes, context, names)
        guard !findings.isEmpty else { return nil }
        var result: [UInt8] = []
        var position = 0
        for finding in findings {
            result += bytes[position..<finding.range.lowerBound]
            if let kind = finding.kind {
                let value = String(decoding: bytes[finding.range], as: UTF8.self)
                result += word(for: value, kind == .token && value.hasPrefix("eyJ") ? .jwt : kind).utf8
            } else {
                result += Self.hostWord
            }
            position = finding.range.upperBound
        }
        return result + bytes[position...]
    }

    mutating func text(_ text: String, _ context: SecretContext = SecretContext()) -> String {
        if isPlainText(text) { return text }
        return self.text(Array(text.utf8), context).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Bytes whose framing may count them: each secret gives way to a word of its own length. Nil if nothing is secret.
    mutating func binary(_ bytes: [UInt8]) -> [UInt8]? {
        let findings = find(bytes, SecretContext(), .strong)
        guard !findings.isEmpty else { return nil }
        var result = bytes
        for finding in findings {
            guard let kind = finding.kind else { continue }
            let value = String(decoding: bytes[finding.range], as: UTF8.self)
            if remembers { known.note(value, kind, isCredential: false) }
            result.replaceSubrange(finding.range, with: placeholders.word(for: value, kind, length: finding.range.count))
        }
        return result
    }

    /// Which names make what follows them in a text a secret.
    enum Names { case all, strong, none }

    struct Finding {
        let range: Range<Int>
        /// Nil for a host.
        let kind: SecretKind?
    }

    /// Whether nothing in a text is secret by its form, or known to be, or named by a rule. Values behind names are not looked for, nor what stands
    /// behind escapes.
    func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        rules.texts.isEmpty && rules.prefixes.isEmpty && SecretShapes.find(bytes).isEmpty && known.find(bytes).isEmpty
            && hosts.allSatisfy { bytes.firstRange(of: $0, from: 0) == nil }
    }

    /// Whether nothing in a text is to be replaced, found without a copy of it.
    private func isPlainText(_ text: String) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { !$0.contains(where: NamedSecrets.isMark) && isPlain($0) } ?? false
    }

    /// All that is secret, in order and without overlaps; of two at one place the longer.
    func find(_ bytes: [UInt8], _ context: SecretContext, _ names: Names) -> [Finding] {
        var found: [Finding] = bytes.withUnsafeBufferPointer { buffer in
            var found = SecretShapes.find(buffer) + known.find(buffer)
            switch names {
            case .all:
                found += NamedSecrets.find(buffer) { name in
                    if let entry = SecretNames.entry(name, context) { return entry }
                    guard !rules.fields.isEmpty, rules.fields.contains(String(decoding: name, as: UTF8.self)) else { return nil }
                    return .init(kind: .named, isStrong: true)
                }
            case .strong:
                // Statements inside binary messages; what is no running text has no names in front of values.
                found += NamedSecrets.find(buffer) { name in SecretNames.entry(name).flatMap { $0.isStrong ? $0 : nil } }
                    .filter { finding in finding.range.count >= 3 && buffer[finding.range].allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
            case .none: break
            }
            return found.map { Finding(range: $0.range, kind: $0.kind) }
        }
        for text in rules.texts { found += occurrences(of: Array(text.utf8), in: bytes, kind: .named) { $0 } }
        for prefix in rules.prefixes {
            found += occurrences(of: Array(prefix.utf8), in: bytes, kind: .named) { end in
                var end = end
                while end < bytes.count, SecretShapes.isBase64URL(bytes[end]) { end += 1 }
                return end
            }
        }
        for host in hosts { found += occurrences(of: host, in: bytes, kind: nil) { $0 } }
        guard found.count > 1 else { return found }
        found.sort { ($0.range.lowerBound, -$0.range.count) < ($1.range.lowerBound, -$1.range.count) }
        var kept: [Finding] = []
        for finding in found where finding.range.lowerBound >= kept.last?.range.upperBound ?? 0 { kept.append(finding) }
        return kept
    }

    private func occurrences(of part: [UInt8], in bytes: [UInt8], kind: SecretKind?, _ end: (Int) -> Int) -> [Finding] {
        var result: [Finding] = []
        var position = 0
        while let range = bytes.firstRange(of: part, from: position) {
            let upper = end(range.upperBound)
            result.append(Finding(range: range.lowerBound..<upper, kind: kind))
            position = upper
        }
        return result
    }

    // MARK: Queries and paths

    mutating func query(_ query: String, _ context: SecretContext = SecretContext()) -> String {
        guard !query.isEmpty else { return query }
        return query.split(separator: "&", omittingEmptySubsequences: false).map { item in
            guard let sign = item.utf8.firstIndex(of: UInt8(ascii: "=")) else { return text(String(item), context) }
            let name = String(item[..<sign])
            let value = String(item[item.index(after: sign)...])
            guard !value.isEmpty, !SecretNames.isHarmless(value) else { return String(item) }
            if rules.queries.contains(name) { return "\(name)=\(word(for: value, .named))" }
            if let entry = context.entry(name) { return "\(name)=\(word(for: value, entry.kind))" }
            return "\(name)=\(text(value, context))"
        }.joined(separator: "&")
    }

    /// Activation links carry their secret as a path segment.
    mutating func path(_ path: String) -> String {
        guard path.hasBytes("data_sharing_activation") else { return text(path) }
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for index in segments.indices.dropFirst() where !segments[index].isEmpty {
            let before = segments[index - 1]
            if before == "data_sharing_activation" || before == "data_sharing_activation_info" {
                segments[index] = word(for: segments[index], .activation)
            }
        }
        return text(segments.joined(separator: "/"))
    }
}

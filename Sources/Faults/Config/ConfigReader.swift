/// Collects every problem of one document, so that a check can name them all.
final class ConfigDiagnostics {
    let file: String
    private(set) var problems: [ScenarioError.Problem] = []

    init(file: String) { self.file = file }

    func report(_ line: Int?, _ message: String) {
        problems.append(.init(file: file, line: line, message: message))
    }

    func throwIfAny() throws(ScenarioError) {
        if !problems.isEmpty { throw ScenarioError(problems: problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) }) }
    }
}

/// Reads one value of a document as the type that is wanted. Each accessor reports what is wrong and then answers nil.
struct ConfigReader {
    let node: ConfigNode
    /// Where the value stands, such as `faults[0].when.times`.
    let path: String
    let diagnostics: ConfigDiagnostics

    func report(_ message: String) { diagnostics.report(node.line, "\(path): \(message)") }

    func expected(_ what: String) { report("expected \(what), found \(node.kind)") }

    func child(_ key: String, _ node: ConfigNode) -> ConfigReader {
        ConfigReader(node: node, path: path.isEmpty ? key : "\(path).\(key)", diagnostics: diagnostics)
    }

    /// The entries of a mapping, whatever their keys.
    func entries(_ what: String) -> [ConfigNode.Entry]? {
        guard case .mapping(let entries) = node.content else {
            expected(what)
            return nil
        }
        return entries
    }

    /// A mapping whose keys are checked elsewhere.
    func uncheckedMapping() -> ConfigMapping? {
        guard case .mapping(let entries) = node.content else { return nil }
        return ConfigMapping(reader: self, entries: entries)
    }

    /// A mapping with known keys; unknown ones are reported, at their own line.
    func mapping(_ what: String, keys: [String]) -> ConfigMapping? {
        guard let entries = entries(what) else { return nil }
        for entry in entries where !keys.contains(entry.key) {
            let place = path.isEmpty ? "" : "\(path): "
            diagnostics.report(
                entry.line,
                "\(place)unknown key '\(entry.key.prefix(60))'\(Spelling.hint(entry.key, keys)) (known here: \(keys.joined(separator: ", ")))")
        }
        return ConfigMapping(reader: self, entries: entries)
    }

    func elements(_ what: String) -> [ConfigReader]? {
        guard case .sequence(let elements) = node.content else {
            expected(what)
            return nil
        }
        return elements.enumerated().map {
            ConfigReader(node: $0.element, path: "\(path)[\($0.offset)]", diagnostics: diagnostics)
        }
    }
}

/// A mapping whose keys have been checked.
struct ConfigMapping {
    let reader: ConfigReader
    let entries: [ConfigNode.Entry]

    /// The value of a key; nil if it is absent.
    subscript(_ key: String) -> ConfigReader? {
        entries.first { $0.key == key }.map { reader.child(key, $0.value) }
    }

    func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// The value of a key that must be there.
    func required(_ key: String, _ what: String) -> ConfigReader? {
        if let value = self[key] { return value }
        reader.diagnostics.report(
            reader.node.line, "\(reader.path.isEmpty ? "" : reader.path + ": ")'\(key)' is missing: expected \(what)")
        return nil
    }
}

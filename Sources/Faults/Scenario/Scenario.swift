import JSON

/// A scenario: what goes wrong, how simulated runs end, and what a client is expected to make of it.
package struct Scenario: Sendable {
    package let name: String
    package let seed: UInt64?
    package let faults: [FaultRule]
    package let runs: [RunRule]
    package let expectations: [Expectation]
    /// Where it was read from.
    package let file: String

    /// YAML, or JSON if the text is a JSON object. `file` is for messages only. The error holds every problem with its line.
    package init(parsing text: String, file: String) throws(ScenarioError) {
        let diagnostics = ConfigDiagnostics(file: file)
        let root = try ConfigReader.root(text, diagnostics)
        let parser = ScenarioParser(diagnostics: diagnostics)
        let parsed = parser.scenario(root)
        try diagnostics.throwIfAny()
        guard let parsed else { throw ScenarioError(problems: [.init(file: file, line: nil, message: "not a scenario")]) }
        name = parsed.name
        seed = parsed.seed
        faults = parsed.faults
        runs = parsed.runs
        expectations = parsed.expectations
        self.file = file
    }

    /// The same from a file's bytes, which must be UTF-8.
    package init(parsing bytes: [UInt8], file: String) throws(ScenarioError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ScenarioError(problems: [.init(file: file, line: nil, message: "the text is not UTF-8")])
        }
        try self.init(parsing: text, file: file)
    }
}

extension FaultRuleDraft {
    /// What the control API takes: one rule, or `{"faults": […]}`, as JSON or YAML.
    package static func list(parsing bytes: [UInt8], file: String = "fault") throws(ScenarioError) -> [FaultRuleDraft] {
        let diagnostics = ConfigDiagnostics(file: file)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ScenarioError(problems: [.init(file: file, line: nil, message: "the text is not UTF-8")])
        }
        let root = try ConfigReader.root(text, diagnostics)
        let drafts = ScenarioParser(diagnostics: diagnostics).drafts(root)
        try diagnostics.throwIfAny()
        return drafts
    }
}

extension ConfigReader {
    static func root(_ text: String, _ diagnostics: ConfigDiagnostics) throws(ScenarioError) -> ConfigReader {
        let first = text.utf8.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        if first == UInt8(ascii: "{"), let value = try? JSONValue(parsing: Array(text.utf8), maxDepth: ConfigNode.maxDepth) {
            return ConfigReader(node: ConfigNode(value), path: "", diagnostics: diagnostics)
        }
        do {
            return ConfigReader(node: try ConfigNode(yaml: text), path: "", diagnostics: diagnostics)
        } catch {
            throw ScenarioError(problems: [.init(file: diagnostics.file, line: error.line, message: error.message)])
        }
    }
}

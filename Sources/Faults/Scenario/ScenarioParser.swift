import HTTPTypes
import JSON

/// Turns a document into a scenario; every mistake is reported, and parts that can be read are read on.
struct ScenarioParser {
    struct Parsed {
        var name: String
        var seed: UInt64?
        var faults: [FaultRule] = []
        var runs: [RunRule] = []
        var expectations: [Expectation] = []
    }

    let diagnostics: ConfigDiagnostics

    static let maxRules = 10_000

    func scenario(_ root: ConfigReader) -> Parsed? {
        guard let mapping = root.mapping("a scenario: a mapping", keys: ["scenario", "seed", "faults", "runs", "expect"]) else { return nil }
        let name = mapping.required("scenario", "the scenario's name").flatMap(self.name)
        var parsed = Parsed(name: name ?? "")
        parsed.seed = mapping["seed"]?.integer("a whole number", in: 0...Int.max).map { UInt64($0) }
        if let list = mapping["faults"]?.elements("a list of rules") { parsed.faults = rules(list) }
        if let list = mapping["runs"]?.elements("a list of rules for runs") { parsed.runs = list.compactMap(run) }
        if let list = mapping["expect"]?.elements("a list of expectations") { parsed.expectations = expectations(list) }
        return parsed
    }

    /// One rule or `{faults: […]}`.
    func drafts(_ root: ConfigReader) -> [FaultRuleDraft] {
        guard case .mapping(let entries) = root.node.content, entries.contains(where: { $0.key == "faults" }) else {
            return [draft(root)].compactMap { $0 }
        }
        guard let mapping = root.mapping("a mapping", keys: ["faults"]), let list = mapping["faults"]?.elements("a list of rules") else {
            return []
        }
        return unique(list.compactMap { reader in draft(reader).map { (reader, $0) } }).map(\.1)
    }

    /// What names a thing in a listing and in a path of the control API.
    private func name(_ reader: ConfigReader) -> String? {
        guard let name = reader.text("a name") else { return nil }
        guard !name.isEmpty, name.utf8.count <= 200, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }) else {
            reader.report("a name has 1 to 200 bytes and neither '/' nor control characters")
            return nil
        }
        return name
    }

    // MARK: Faults

    private func rules(_ list: [ConfigReader]) -> [FaultRule] {
        guard list.count <= Self.maxRules else {
            list.first?.report("more than \(Self.maxRules) rules")
            return []
        }
        let drafts = unique(list.compactMap { reader in draft(reader).map { (reader, $0) } })
        var taken = Set(drafts.compactMap(\.1.name))
        var next = 1
        return drafts.map { _, draft in
            if let name = draft.name { return draft.rule(named: name) }
            while !taken.insert("fault-\(next)").inserted { next += 1 }
            return draft.rule(named: "fault-\(next)")
        }
    }

    private func unique(_ drafts: [(ConfigReader, FaultRuleDraft)]) -> [(ConfigReader, FaultRuleDraft)] {
        var taken: Set<String> = []
        for (reader, draft) in drafts {
            if let name = draft.name, !taken.insert(name).inserted { reader.report("the name '\(name)' is taken by a rule above") }
        }
        return drafts
    }

    private func draft(_ reader: ConfigReader) -> FaultRuleDraft? {
        guard let mapping = reader.mapping("a rule: a mapping with match and inject", keys: ["name", "match", "when", "at", "inject"]) else {
            return nil
        }
        let name = mapping["name"].flatMap(self.name)
        let match = mapping["match"].map { self.match($0) } ?? FaultMatch()
        let window = mapping["when"].map(self.window) ?? FaultWindow()
        let phase = mapping["at"]?.choice(FaultRule.Phase.self) ?? .beforeHandler
        guard let injection = mapping.required("inject", "what to inject") else { return nil }
        let (delay, effect) = inject(injection)
        if match.point != nil, mapping.has("at") { mapping["at"]?.report("has no meaning for a rule with match.point") }
        checkPlaces(mapping, match, phase, delay, effect)
        let rule = FaultRule(
            name: name ?? "", match: match, when: window, at: phase, delay: delay, effect: effect,
            source: reader.node.json, line: reader.node.line)
        return FaultRuleDraft(name: name, rule: rule)
    }

    /// Whether what is injected can act where the rule acts.
    private func checkPlaces(
        _ mapping: ConfigMapping, _ match: FaultMatch, _ phase: FaultRule.Phase, _ delay: FaultDelay?, _ effect: FaultEffect?
    ) {
        if match.table != nil, match.point == nil, effect != .conflict {
            mapping["match"]?.report("'table' goes with 'point', such as delta.commit.before_put")
        }
        guard let kind = effect?.kind else { return }
        let place: FaultPlace = match.point != nil ? .point : phase == .beforeHandler ? .beforeHandler : .afterHandler
        guard !kind.places.contains(place) else { return }
        let possible = kind.places.map { $0 == .point ? "at a point" : "\($0.rawValue)" }.joined(separator: " or ")
        let reader = place == .point ? mapping["match"] : mapping["at"]
        (reader ?? mapping.reader).report("'\(kind.name)' acts \(possible), not \(place == .point ? "at a point" : place.rawValue)")
    }

    /// A point's name or pattern; one that no point has is a slip.
    private func point(_ reader: ConfigReader) -> Pattern? {
        guard let pattern = reader.pattern() else { return nil }
        let names = FaultPoint.all.map(\.name)
        guard names.contains(where: pattern.matches) else {
            reader.report(
                "there is no point '\(pattern.description.prefix(60))'\(Spelling.hint(pattern.description, names)) (points: \(names.joined(separator: ", ")))"
            )
            return nil
        }
        return pattern
    }

    private func inject(_ reader: ConfigReader) -> (FaultDelay?, FaultEffect?) {
        guard let mapping = reader.mapping("a mapping", keys: FaultKind.all.flatMap(\.keys)) else { return (nil, nil) }
        let kinds = FaultKind.all.filter { $0.keys.contains(where: mapping.has) }
        if kinds.isEmpty, mapping.entries.isEmpty {
            reader.report("expected one of \(FaultKind.all.map { $0.keys[0] }.joined(separator: ", "))")
        }
        let effects = kinds.filter { $0.name != "delay" }
        if effects.count > 1 {
            reader.report("a rule injects one thing, besides a delay; found \(effects.map { "'\($0.keys[0])'" }.joined(separator: " and "))")
        }
        var delay: FaultDelay?
        var effect: FaultEffect?
        for kind in kinds {
            switch kind.parse(mapping) {
            case .delay(let parsed): delay = parsed
            case .effect(let parsed): effect = parsed
            case nil: break
            }
        }
        return (delay, effect)
    }

    func window(_ reader: ConfigReader) -> FaultWindow {
        var window = FaultWindow()
        guard let mapping = reader.mapping("a mapping", keys: ["skip", "times", "probability", "from", "until"]) else { return window }
        window.skip = mapping["skip"]?.integer("a whole number", in: 0...1_000_000_000) ?? 0
        window.times = mapping["times"]?.integer("a whole number", in: 0...1_000_000_000)
        window.probability = mapping["probability"]?.number("a number", in: 0...1) ?? 1
        window.from = mapping["from"]?.duration()
        window.until = mapping["until"]?.duration()
        if let from = window.from, let until = window.until, until <= from { mapping["until"]?.report("expected a time after 'from'") }
        return window
    }

    func match(_ reader: ConfigReader, keys more: [String] = ["point", "table"]) -> FaultMatch {
        var match = FaultMatch()
        let keys = more + ["operation", "method", "path", "principal", "headers", "query", "body"]
        guard let mapping = reader.mapping("a mapping", keys: keys) else { return match }
        match.operation = mapping["operation"]?.pattern()
        match.method = mapping["method"].flatMap(method)
        match.path = mapping["path"]?.pattern()
        if mapping["path"]?.node.contains("?") == true { mapping["path"]?.report("a path is without the query; use 'query'") }
        match.principal = mapping["principal"]?.pattern()
        match.point = mapping["point"].flatMap(point)
        match.table = mapping["table"]?.pattern()
        for (reader, name) in fields(mapping["headers"], "a mapping of header names to patterns") {
            guard let field = HTTPField.Name(name) else {
                reader.report("not a header's name")
                continue
            }
            if let pattern = reader.scalarPattern() { match.headers.append((field, pattern)) }
        }
        for (reader, name) in fields(mapping["query"], "a mapping of parameters to patterns") {
            if let pattern = reader.scalarPattern() { match.query.append((name, pattern)) }
        }
        for (reader, name) in fields(mapping["body"], "a mapping of JSON fields to patterns") {
            guard let selector = selector(name, reader), let pattern = reader.scalarPattern() else { continue }
            match.body.append((selector, pattern))
        }
        return match
    }

    private func fields(_ reader: ConfigReader?, _ what: String) -> [(ConfigReader, String)] {
        guard let reader, let entries = reader.entries(what) else { return [] }
        return entries.map { (reader.child($0.key, $0.value), $0.key) }
    }

    /// A field's name, or a path that begins with `$`.
    private func selector(_ name: String, _ reader: ConfigReader) -> JSONPath? {
        let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        do {
            return try JSONPath(name.hasPrefix("$") ? name : "$[\"\(quoted)\"]")
        } catch {
            reader.report("not a JSON path: \(error.message)")
            return nil
        }
    }

    /// Methods are compared in capitals, as they are sent.
    private func method(_ reader: ConfigReader) -> Pattern? {
        guard let pattern = reader.pattern() else { return nil }
        guard !pattern.description.hasPrefix("re:") else { return pattern }
        return try? Pattern(pattern.description.uppercased())
    }
}

extension ConfigNode {
    fileprivate func contains(_ character: Character) -> Bool {
        if case .scalar(let text, _) = content { !text.hasPrefix("re:") && text.contains(character) } else { false }
    }
}

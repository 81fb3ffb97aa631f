import HTTPTypes

extension ScenarioParser {
    private typealias ParsedKind = (target: Expectation.Target, kind: Expectation.Kind)

    func expectations(_ list: [ConfigReader]) -> [Expectation] {
        var taken: Set<String> = []
        var result: [Expectation] = []
        for (index, reader) in list.enumerated() {
            guard let expectation = expectation(reader, index + 1) else { continue }
            if !taken.insert(expectation.name).inserted { reader.report("the name '\(expectation.name)' is taken by an expectation above") }
            result.append(expectation)
        }
        return result
    }

    private func expectation(_ reader: ConfigReader, _ position: Int) -> Expectation? {
        let kinds = Expectation.Kind.names
        guard let mapping = reader.mapping("a mapping with a name and one of \(kinds.joined(separator: ", "))", keys: ["name"] + kinds)
        else { return nil }
        let given = kinds.filter(mapping.has)
        guard given.count == 1, let body = mapping[given[0]] else {
            reader.report("expected one of \(kinds.joined(separator: ", ")), found \(given.isEmpty ? "none" : "\(given.count)")")
            return nil
        }
        let parsed: ParsedKind? =
            switch given[0] {
            case "retries": retries(body)
            case "attempts": counted(body, Expectation.Kind.attempts)
            case "calls": counted(body, Expectation.Kind.calls)
            case "backoff": backoff(body)
            case "idempotency": idempotency(body)
            case "no_duplicates": noDuplicates(body)
            case "token_refresh": tokenRefresh(body)
            default: circuitBreaker(body)
            }
        let name = mapping["name"]?.text("a name") ?? "\(given[0])-\(position)"
        guard let parsed else { return nil }
        return Expectation(name: name, target: parsed.target, kind: parsed.kind, line: reader.node.line)
    }

    private static let targetKeys = ["operation", "method", "path", "principal", "on", "gap"]

    private func target(_ mapping: ConfigMapping) -> Expectation.Target {
        var target = Expectation.Target(
            operation: mapping["operation"]?.pattern(), method: mapping["method"]?.pattern(), path: mapping["path"]?.pattern(),
            principal: mapping["principal"]?.pattern())
        target.failures = mapping["on"].flatMap(failures)
        if let gap = mapping["gap"]?.duration() { target.gap = gap }
        return target
    }

    /// `503`, `5xx`, `connection`, or a list of them.
    private func failures(_ reader: ConfigReader) -> Expectation.FailureSet? {
        let elements: [ConfigReader]
        if case .sequence = reader.node.content { elements = reader.elements("a list") ?? [] } else { elements = [reader] }
        var set = Expectation.FailureSet()
        for element in elements {
            guard case .scalar(let text, _) = element.node.content else {
                element.expected("a status such as 503, a class such as 5xx, or connection")
                return nil
            }
            if text == "connection" {
                set.connection = true
            } else if let status = Int(text), (100...599).contains(status) {
                set.statuses.append(status...status)
            } else if text.utf8.count == 3, text.hasSuffix("xx"), let digit = Int(text.prefix(1)), (1...5).contains(digit) {
                set.statuses.append(digit * 100...digit * 100 + 99)
            } else {
                element.expected("a status such as 503, a class such as 5xx, or connection")
                return nil
            }
        }
        return set
    }

    private func retries(_ reader: ConfigReader) -> ParsedKind? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["respect_retry_after"]) else { return nil }
        return (target(mapping), .retries(respectRetryAfter: mapping["respect_retry_after"]?.boolean() ?? false))
    }

    private func counted(_ reader: ConfigReader, _ kind: (Expectation.Bounds) -> Expectation.Kind) -> ParsedKind? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + Self.boundsKeys) else { return nil }
        return (target(mapping), kind(bounds(mapping)))
    }

    static let boundsKeys = ["exactly", "at_least", "at_most"]

    func bounds(_ mapping: ConfigMapping) -> Expectation.Bounds {
        let reader = mapping.reader
        let range = 0...1_000_000_000
        let exactly = mapping["exactly"]?.integer("a whole number", in: range)
        var bounds = Expectation.Bounds(atLeast: exactly, atMost: exactly)
        if mapping.has("exactly"), mapping.has("at_least") || mapping.has("at_most") {
            reader.report("'exactly' stands alone, without at_least and at_most")
        }
        if let low = mapping["at_least"]?.integer("a whole number", in: range) { bounds.atLeast = low }
        if let high = mapping["at_most"]?.integer("a whole number", in: range) { bounds.atMost = high }
        if !Self.boundsKeys.contains(where: mapping.has) { reader.report("expected exactly, at_least or at_most") }
        if let low = bounds.atLeast, let high = bounds.atMost, high < low { reader.report("at_most is below at_least") }
        return bounds
    }

    private func backoff(_ reader: ConfigReader) -> ParsedKind? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["base", "factor", "tolerance", "max"]) else { return nil }
        let factor = mapping["factor"]?.number("a number", in: 1...1000) ?? 2
        let tolerance = mapping["tolerance"]?.number("a number", in: 0...1000) ?? 0.5
        let max = mapping["max"]?.duration()
        guard let base = mapping.required("base", "a duration")?.duration() else { return nil }
        return (target(mapping), .backoff(.init(base: base, factor: factor, tolerance: tolerance, max: max)))
    }

    private func circuitBreaker(_ reader: ConfigReader) -> ParsedKind? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["failures", "open_for", "half_open_successes"]) else {
            return nil
        }
        let successes = mapping["half_open_successes"]?.integer("a whole number", in: 1...1_000_000) ?? 1
        guard let failures = mapping.required("failures", "a number of failures")?.integer("a number of failures", in: 1...1_000_000),
            let openFor = mapping.required("open_for", "a duration")?.duration()
        else { return nil }
        return (target(mapping), .circuitBreaker(failures: failures, openFor: openFor, halfOpenSuccesses: successes))
    }

    private func idempotency(_ reader: ConfigReader) -> ParsedKind? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["field", "header"]) else { return nil }
        guard mapping.has("field") != mapping.has("header") else {
            reader.report("expected either field or header: where the key stands")
            return nil
        }
        if let field = mapping["field"] {
            guard let name = field.text("the name of a field") else { return nil }
            guard !name.isEmpty, !name.hasPrefix("$") else {
                field.report("expected the name of a field at the top of the body")
                return nil
            }
            return (target(mapping), .idempotency(.field(name)))
        }
        guard let header = mapping["header"], let name = header.text("a header's name") else { return nil }
        guard let field = HTTPField.Name(name) else {
            header.report("not a header's name")
            return nil
        }
        return (target(mapping), .idempotency(.header(field.canonicalName)))
    }

    private func noDuplicates(_ reader: ConfigReader) -> ParsedKind? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys) else { return nil }
        return (target(mapping), .noDuplicates)
    }

    private func tokenRefresh(_ reader: ConfigReader) -> ParsedKind? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["at_most"]) else { return nil }
        return (target(mapping), .tokenRefresh(atMost: mapping["at_most"]?.integer("a whole number", in: 1...1_000) ?? 1))
    }
}

extension ScenarioParser {
    func run(_ reader: ConfigReader) -> RunRule? {
        guard let mapping = reader.mapping("a mapping with match and outcome", keys: ["match", "duration", "outcome", "error", "output"]) else {
            return nil
        }
        let match = mapping["match"].map(runMatch) ?? RunRule.Match()
        return RunRule(
            match: match, duration: mapping["duration"]?.duration(),
            outcome: mapping["outcome"]?.choice(RunRule.Outcome.self) ?? .success,
            error: mapping["error"]?.scalarText(), output: mapping["output"].flatMap(output), line: reader.node.line)
    }

    private func runMatch(_ reader: ConfigReader) -> RunRule.Match {
        var match = RunRule.Match()
        let keys = ["notebook_path", "task_key", "job_name", "task_type", "parameters"]
        guard let mapping = reader.mapping("a mapping", keys: keys) else { return match }
        match.notebookPath = mapping["notebook_path"]?.pattern()
        match.taskKey = mapping["task_key"]?.scalarPattern()
        match.jobName = mapping["job_name"]?.scalarPattern()
        match.taskType = mapping["task_type"]?.pattern()
        if let parameters = mapping["parameters"], let entries = parameters.entries("a mapping of parameters to patterns") {
            for entry in entries {
                if let pattern = parameters.child(entry.key, entry.value).scalarPattern() { match.parameters.append((entry.key, pattern)) }
            }
        }
        return match
    }

    private func output(_ reader: ConfigReader) -> RunRule.Output? {
        guard let mapping = reader.mapping("a mapping", keys: ["result", "truncated", "logs", "error_trace"]) else { return nil }
        return RunRule.Output(
            result: mapping["result"]?.scalarText(), truncated: mapping["truncated"]?.boolean(),
            logs: mapping["logs"]?.scalarText(), errorTrace: mapping["error_trace"]?.scalarText())
    }

    // MARK: Expectations

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

    private static let kinds = ["retries", "attempts", "backoff", "circuit_breaker", "calls"]

    private func expectation(_ reader: ConfigReader, _ position: Int) -> Expectation? {
        guard let mapping = reader.mapping("a mapping with a name and one of \(Self.kinds.joined(separator: ", "))", keys: ["name"] + Self.kinds)
        else { return nil }
        let given = Self.kinds.filter(mapping.has)
        guard given.count == 1, let body = mapping[given[0]] else {
            reader.report("expected one of \(Self.kinds.joined(separator: ", ")), found \(given.isEmpty ? "none" : "\(given.count)")")
            return nil
        }
        let kind: (Expectation.Target, Expectation.Kind)? =
            switch given[0] {
            case "retries": retries(body)
            case "attempts": counted(body, Expectation.Kind.attempts)
            case "calls": counted(body, Expectation.Kind.calls)
            case "backoff": backoff(body)
            default: circuitBreaker(body)
            }
        let name = mapping["name"]?.text("a name") ?? "\(given[0])-\(position)"
        guard let (target, kind) = kind else { return nil }
        return Expectation(name: name, target: target, kind: kind, line: reader.node.line)
    }

    private static let targetKeys = ["operation", "method", "path"]

    private func target(_ mapping: ConfigMapping) -> Expectation.Target {
        Expectation.Target(
            operation: mapping["operation"]?.pattern(), method: mapping["method"]?.pattern(), path: mapping["path"]?.pattern())
    }

    private func retries(_ reader: ConfigReader) -> (Expectation.Target, Expectation.Kind)? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["respect_retry_after"]) else { return nil }
        return (target(mapping), .retries(respectRetryAfter: mapping["respect_retry_after"]?.boolean() ?? false))
    }

    private func counted(
        _ reader: ConfigReader, _ kind: (Expectation.Bounds) -> Expectation.Kind
    ) -> (Expectation.Target, Expectation.Kind)? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["exactly", "at_least", "at_most"]) else { return nil }
        let range = 0...1_000_000_000
        let exactly = mapping["exactly"]?.integer("a whole number", in: range)
        var bounds = Expectation.Bounds(atLeast: exactly, atMost: exactly)
        if mapping.has("exactly"), mapping.has("at_least") || mapping.has("at_most") {
            reader.report("'exactly' stands alone, without at_least and at_most")
        }
        if let low = mapping["at_least"]?.integer("a whole number", in: range) { bounds.atLeast = low }
        if let high = mapping["at_most"]?.integer("a whole number", in: range) { bounds.atMost = high }
        if !["exactly", "at_least", "at_most"].contains(where: mapping.has) { reader.report("expected exactly, at_least or at_most") }
        if let low = bounds.atLeast, let high = bounds.atMost, high < low { reader.report("at_most is below at_least") }
        return (target(mapping), kind(bounds))
    }

    private func backoff(_ reader: ConfigReader) -> (Expectation.Target, Expectation.Kind)? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["base", "factor", "tolerance"]) else { return nil }
        let factor = mapping["factor"]?.number("a number", in: 1...1000) ?? 2
        let tolerance = mapping["tolerance"]?.number("a number", in: 0...1000) ?? 0.5
        guard let base = mapping.required("base", "a duration")?.duration() else { return nil }
        return (target(mapping), .backoff(base: base, factor: factor, tolerance: tolerance))
    }

    private func circuitBreaker(_ reader: ConfigReader) -> (Expectation.Target, Expectation.Kind)? {
        guard let mapping = reader.mapping("a mapping", keys: Self.targetKeys + ["failures", "open_for", "half_open_successes"]) else {
            return nil
        }
        let successes = mapping["half_open_successes"]?.integer("a whole number", in: 1...1_000_000) ?? 1
        guard let failures = mapping.required("failures", "a number of failures")?.integer("a number of failures", in: 1...1_000_000),
            let openFor = mapping.required("open_for", "a duration")?.duration()
        else { return nil }
        return (target(mapping), .circuitBreaker(failures: failures, openFor: openFor, halfOpenSuccesses: successes))
    }
}

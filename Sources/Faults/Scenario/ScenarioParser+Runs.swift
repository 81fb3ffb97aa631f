extension ScenarioParser {
    func run(_ reader: ConfigReader) -> RunRule? {
        guard
            let mapping = reader.mapping(
                "a mapping with match and outcome", keys: ["match", "when", "setup", "duration", "outcome", "error", "output"])
        else { return nil }
        let match = mapping["match"].map(runMatch) ?? RunRule.Match()
        return RunRule(
            match: match, when: mapping["when"].map(window) ?? FaultWindow(), setup: mapping["setup"]?.duration(),
            duration: mapping["duration"]?.duration(),
            outcome: mapping["outcome"]?.choice(RunRule.Outcome.self) ?? .success,
            error: mapping["error"]?.scalarText(), output: mapping["output"].flatMap(output), line: reader.node.line)
    }

    private func runMatch(_ reader: ConfigReader) -> RunRule.Match {
        var match = RunRule.Match()
        let keys = ["notebook_path", "task_key", "job_name", "task_type", "parameters", "attempt"]
        guard let mapping = reader.mapping("a mapping", keys: keys) else { return match }
        match.notebookPath = mapping["notebook_path"]?.pattern()
        match.taskKey = mapping["task_key"]?.scalarPattern()
        match.jobName = mapping["job_name"]?.scalarPattern()
        match.taskType = mapping["task_type"]?.pattern()
        match.attempt = mapping["attempt"]?.scalarPattern()
        if let parameters = mapping["parameters"], let entries = parameters.entries("a mapping of parameters to patterns") {
            for entry in entries {
                if let pattern = parameters.child(entry.key, entry.value).scalarPattern() { match.parameters.append((entry.key, pattern)) }
            }
        }
        return match
    }

    private func output(_ reader: ConfigReader) -> RunRule.Output? {
        guard let mapping = reader.mapping("a mapping", keys: ["result", "truncated", "logs", "error_trace", "values"]) else { return nil }
        var output = RunRule.Output(
            result: mapping["result"]?.scalarText(), truncated: mapping["truncated"]?.boolean(),
            logs: mapping["logs"]?.scalarText(), errorTrace: mapping["error_trace"]?.scalarText())
        if let values = mapping["values"], let entries = values.entries("a mapping of task values") {
            for entry in entries {
                if let text = values.child(entry.key, entry.value).scalarText() { output.values.append((entry.key, text)) }
            }
        }
        return output
    }
}

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
}

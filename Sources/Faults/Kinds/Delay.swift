#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension FaultKind {
    static let delay = FaultKind(
        name: "delay", keys: ["delay"],
        summary: "Waits, and then goes on.",
        description: """
            `{fixed: 2s}`, `{uniform: [100ms, 2s]}` or `{lognormal: {median: 200ms, sigma: 0.5}}`, the shape that real latencies have. \
            A delay may stand beside any other injection, which then follows it. By the real clock, also under `--clock virtual`.
            """,
        example: """
            - name: slow-statements
              match: {operation: "sql.statements.*"}
              inject: {delay: {lognormal: {median: 200ms, sigma: 0.5}}}
            """
    ) { mapping in
        let forms = ["fixed", "uniform", "lognormal"]
        guard let reader = mapping["delay"], let delay = reader.mapping("a mapping with fixed, uniform or lognormal", keys: forms) else {
            return nil
        }
        let given = forms.filter(delay.has)
        guard given.count == 1 else {
            if delay.entries.allSatisfy({ forms.contains($0.key) }) { reader.report("expected one of fixed, uniform and lognormal") }
            return nil
        }
        if let fixed = delay["fixed"] { return fixed.duration().map { .delay(.fixed($0)) } }
        if let uniform = delay["uniform"] {
            guard let bounds = uniform.elements("a list of two durations") else { return nil }
            guard bounds.count == 2 else {
                uniform.report("expected a list of two durations, found \(bounds.count) values")
                return nil
            }
            guard let low = bounds[0].duration(), let high = bounds[1].duration() else { return nil }
            guard low <= high else {
                uniform.report("expected the shorter duration first")
                return nil
            }
            return .delay(.uniform(low, high))
        }
        guard let lognormal = delay["lognormal"]?.mapping("a mapping with median and sigma", keys: ["median", "sigma"]),
            let median = lognormal.required("median", "a duration")?.duration(),
            let sigma = lognormal.required("sigma", "a number")?.number("a number", in: 0...5)
        else { return nil }
        return .delay(.lognormal(median: median, sigma: sigma))
    }
}

extension FaultDelay {
    /// No request waits longer, however far out a draw lies.
    static let longest = Duration.seconds(3600)

    static func lognormal(median: Duration, sigma: Double, normal: Double) -> Duration {
        let micros = Double(median.wholeMicroseconds) * exp(sigma * normal)
        return micros < Double(longest.wholeMicroseconds) ? .microseconds(Int64(micros)) : longest
    }
}

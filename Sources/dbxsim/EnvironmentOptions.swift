/// Options given as environment variables: `DBXSIM_PORT=0` stands for `--port 0`, unless the command line says otherwise.
enum EnvironmentOptions {
    /// Options with a value, by command.
    private static let names: [String: [String]] = [
        "serve": ["host", "port", "token", "data-dir", "scenario", "seed", "clock", "oauth-ttl", "tls-cert", "tls-key", "log-level"],
        "record": [
            "host", "port", "upstream", "cassette", "mode", "allow-host", "redact", "idle-timeout", "connect-timeout", "token", "scenario", "seed",
            "log-level",
        ],
        "replay": ["host", "port", "cassette", "fallback", "allow-host", "polls", "latency", "token", "scenario", "seed", "log-level"],
        "diff": ["cassette", "against", "token", "warehouse", "seed"],
        "sql": ["server", "token", "warehouse", "catalog", "schema", "output"],
    ]

    static func apply(to arguments: [String], _ environment: [String: String]) -> [String] {
        guard let command = arguments.first, let names = names[command] else { return arguments }
        var added: [String] = []
        for name in names {
            let variable = "DBXSIM_" + name.uppercased().replacing("-", with: "_")
            guard let value = environment[variable] else { continue }
            if arguments.contains(where: { $0 == "--" + name || $0.hasPrefix("--\(name)=") }) { continue }
            added += ["--" + name, value]
        }
        return [command] + added + arguments.dropFirst()
    }
}

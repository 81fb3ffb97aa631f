/// The hosts that requests may be forwarded to: the upstream's own, and what `--allow-host` names. `*.example.com` stands for all below it.
package struct AllowedHosts: Sendable {
    private let patterns: [String]

    /// Hosts with their port, if it is not the scheme's.
    package init(_ patterns: [String]) { self.patterns = patterns.map { $0.lowercased() } }

    package func allow(_ url: String) -> Bool {
        let host = Self.host(of: url)
        guard !host.isEmpty else { return false }
        let name = host.hasPrefix("[") ? host : String(host.prefix { $0 != ":" })
        return patterns.contains { pattern in
            if pattern.hasPrefix("*.") { return name.hasSuffix(pattern.dropFirst()) && name.utf8.count > pattern.utf8.count - 1 }
            return pattern == host || pattern == name
        }
    }

    /// Host and port of an http or https URL in lower case; empty for anything else.
    package static func host(of url: String) -> String {
        for scheme in ["http://", "https://"] where url.lowercased().hasPrefix(scheme) {
            let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            // User information would let `https://allowed@other` look like an allowed host.
            guard !authority.contains("@"), !authority.contains("\\") else { return "" }
            return authority.lowercased()
        }
        return ""
    }
}

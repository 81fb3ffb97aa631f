/// Scheme, host and port of a server.
package struct UpstreamOrigin: Sendable, Hashable, CustomStringConvertible {
    package let scheme: String
    /// In lower case; IPv6 addresses in brackets.
    package let host: String
    package let port: Int

    /// From `https://host`, `http://host:port`; a slash at the end is fine. Throws with what is wrong.
    package init(_ text: String) throws(UpstreamError) {
        guard let end = text.firstRange(of: "://") else { throw .invalidRequest("'\(text)' is no URL such as https://host") }
        let scheme = text[..<end.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { throw .invalidRequest("'\(text)' is neither an https nor an http URL") }
        var rest = text[end.upperBound...]
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.contains("/"), !rest.contains("?"), !rest.contains("#") else {
            throw .invalidRequest("'\(text)' has more than a host and a port")
        }
        guard !rest.contains("@") else { throw .invalidRequest("the URL of an upstream holds no user and no password") }
        try self.init(scheme: scheme, authority: String(rest))
    }

    /// From `host` or `host:port`.
    package init(scheme: String, authority: String) throws(UpstreamError) {
        var host = authority[...]
        var port = scheme == "https" ? 443 : 80
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
                throw .invalidRequest("'\(authority)' has no valid port")
            }
            host = authority[..<colon]
            port = number
        }
        let isAddress = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
        let inner = isAddress ? host.dropFirst().dropLast() : host
        let isValid =
            !inner.isEmpty
            && inner.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): !isAddress || byte == UInt8(ascii: ".")
                case UInt8(ascii: ":"): isAddress
                default: false
                }
            }
        guard isValid, scheme == "https" || scheme == "http" else { throw .invalidRequest("'\(authority)' is no host") }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
    }

    /// With the port only where it is not the scheme's own.
    package var authority: String { port == (scheme == "https" ? 443 : 80) ? host : "\(host):\(port)" }
    package var description: String { "\(scheme)://\(authority)" }

    /// Not names that begin like an address: `127.example.com`.
    package var isLoopback: Bool {
        host == "localhost" || host == "[::1]"
            || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (48...57).contains($0) }
    }
}

/// Where requests may go: the upstream itself, and what was allowed on the command line. A proxy that forwards anywhere is a hole.
package struct AllowedHosts: Sendable {
    private struct Pattern: Sendable {
        /// Cut at the stars; in lower case.
        let parts: [String]
        let port: Int?
    }

    private let base: UpstreamOrigin
    private let patterns: [Pattern]

    /// Patterns are host names in which `*` stands for anything (`*.s3.amazonaws.com`), with `:port` for another port than the scheme's.
    package init(base: UpstreamOrigin, patterns: [String] = []) throws(UpstreamError) {
        self.base = base
        var parsed: [Pattern] = []
        for text in patterns {
            var host = text[...]
            var port: Int?
            if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
                port = Int(text[text.index(after: colon)...])
                guard let port, (1...65_535).contains(port) else { throw .invalidRequest("the pattern '\(text)' has no valid port") }
                host = text[..<colon]
            }
            guard !host.isEmpty, !host.contains("/") else { throw .invalidRequest("the pattern '\(text)' is no host name") }
            parsed.append(Pattern(parts: host.lowercased().split(separator: "*", omittingEmptySubsequences: false).map(String.init), port: port))
        }
        self.patterns = parsed
    }

    package func allows(_ origin: UpstreamOrigin) -> Bool {
        if origin == base { return true }
        return patterns.contains { pattern in
            origin.port == pattern.port ?? (origin.scheme == "https" ? 443 : 80) && Self.matches(origin.host, pattern.parts)
        }
    }

    private static func matches(_ host: String, _ parts: [String]) -> Bool {
        guard let first = parts.first, let last = parts.last else { return false }
        if parts.count == 1 { return host == first }
        guard host.utf8.count >= first.utf8.count + last.utf8.count, host.hasPrefix(first), host.hasSuffix(last) else { return false }
        var rest = host.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

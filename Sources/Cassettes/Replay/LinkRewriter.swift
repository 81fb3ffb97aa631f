/// Makes links in answers pass through this server, so that what is behind them is recorded too, or replayed.
///
/// `https://HOST/path` becomes `BASE/_dbxsim/links/https/HOST/path`; links to the service itself become `BASE/path`. Works on texts; links
/// inside binary messages are left, since their framing counts bytes.
package struct LinkRewriter: Sendable {
    package static let prefix = "/_dbxsim/links/"

    /// What a link under `prefix` stands for.
    package struct Target: Sendable, Hashable {
        package let scheme: String
        package let host: String
        package let path: String

        package init(scheme: String, host: String, path: String) {
            self.scheme = scheme
            self.host = host
            self.path = path
        }
    }

    private let base: String
    private let service: String
    private let isRewritten: @Sendable (String) -> Bool

    /// `base`: scheme and host by which the client reached this server. `service`: the recorded service's host (and port), or `REDACTED`
    /// on replay. `hosts`: whether links to a host are to pass through.
    package init(base: String, service: String, hosts: @escaping @Sendable (String) -> Bool) {
        self.base = base
        self.service = service
        isRewritten = hosts
    }

    /// Nil if the path is no rewritten link.
    package static func target(ofPath path: String) -> Target? {
        guard path.hasPrefix(prefix) else { return nil }
        let parts = path.dropFirst(prefix.count).split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "https" || parts[0] == "http", !parts[1].isEmpty else { return nil }
        return Target(scheme: String(parts[0]), host: String(parts[1]), path: "/" + (parts.count > 2 ? parts[2] : ""))
    }

    /// A text with its links rewritten; nil if there are none, or if the body is no text. Slashes may be escaped as JSON allows.
    package func rewrite(_ body: ArraySlice<UInt8>) -> [UInt8]? {
        let bytes = Array(body)
        var result: [UInt8] = []
        var copied = 0
        var position = 0
        let start = Array("http".utf8)
        while let found = bytes.firstRange(of: start, from: position) {
            position = found.upperBound
            guard let link = link(bytes, found.lowerBound), let replacement = replacement(link) else { continue }
            if copied == 0, result.isEmpty, !BodyPolicy.isText(bytes) { return nil }
            result += bytes[copied..<found.lowerBound]
            result += replacement.utf8
            copied = link.end
            position = link.end
        }
        return copied == 0 ? nil : result + bytes[copied...]
    }

    private struct Link {
        let scheme: String
        let host: String
        /// Behind the host.
        let end: Int
    }

    private func link(_ bytes: [UInt8], _ start: Int) -> Link? {
        var position = start + 4
        var scheme = "http"
        func take(_ text: String) -> Bool {
            let part = Array(text.utf8)
            guard position + part.count <= bytes.count, bytes[position..<(position + part.count)].elementsEqual(part) else { return false }
            position += part.count
            return true
        }
        if take("s") { scheme = "https" }
        guard take("://") || take(":\\/\\/") else { return nil }
        let host = position
        while position < bytes.count, isHost(bytes[position]) { position += 1 }
        guard position > host else { return nil }
        return Link(scheme: scheme, host: String(decoding: bytes[host..<position], as: UTF8.self), end: position)
    }

    private func isHost(_ byte: UInt8) -> Bool {
        SecretShapes.isBase64URL(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
    }

    private func replacement(_ link: Link) -> String? {
        if link.host == service { return base }
        return isRewritten(link.host) ? "\(base)\(Self.prefix)\(link.scheme)/\(link.host)" : nil
    }
}

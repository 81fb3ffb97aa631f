/// Exchanges with servers outside of this one; the server that runs the workspaces has the connections.
package protocol SharingTransport: Sendable {
    /// The whole answer, whatever its status; one of more than `maxBytes` is a failure, as is none.
    func send(_ request: SharingRequest, maxBytes: Int) async throws(SharingFailure) -> SharingAnswer
}

package struct SharingRequest: Sendable {
    package var method = "GET"
    package var url: SharingURL
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8] = []

    package init(_ url: SharingURL) { self.url = url }
}

package struct SharingAnswer: Sendable {
    package let status: Int
    /// Names in lower case.
    package let headers: [String: String]
    package let body: [UInt8]

    package init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// An address as profiles and links have it: `https://host:port/path?query`, without a user and a fragment.
package struct SharingURL: Sendable, Hashable {
    package let scheme: String
    /// Host and port; in lower case.
    package let authority: String
    package var path: String
    package var query: String?

    /// Nil for what is no such address.
    package init?(_ text: String) {
        guard text.utf8.count <= 16 << 10, let mark = text.firstRange(of: "://") else { return nil }
        scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = text[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@"), authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.authority = authority.lowercased()
        let target = rest.dropFirst(authority.count).prefix { $0 != "#" }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let path = target.prefix { $0 != "?" }
        self.path = path.isEmpty ? "/" : String(path)
        query = path.endIndex == target.endIndex ? nil : String(target[path.endIndex...].dropFirst())
    }

    /// The host alone, brackets of IPv6 included.
    var host: String {
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else { return authority }
        return String(authority[..<colon])
    }

    /// Whether it names the machine that reads it, or the link where clouds keep their secrets, in any of the ways to write an address.
    var isLocal: Bool {
        let host = host
        if ["localhost", "[::1]", "[::]"].contains(host) { return true }
        if [".localhost"].contains(where: host.hasSuffix) { return true }
        if ["0", "127.", "169.254.", "[fe80", "[::ffff:"].contains(where: host.hasPrefix) { return true }
        // Addresses of version 4 in fewer than four parts.
        return host.allSatisfy { $0.isNumber || $0 == "." } && host.split(separator: ".").count != 4
    }

    /// This address with parts of a path behind its own.
    func appending(_ parts: [String], query: [(name: String, value: String)] = []) -> SharingURL {
        var copy = self
        while copy.path.hasSuffix("/") { copy.path.removeLast() }
        for part in parts { copy.path += "/" + Self.escaped(part) }
        copy.query = query.isEmpty ? nil : query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }.joined(separator: "&")
        return copy
    }

    /// All but RFC 3986's unreserved characters in percents.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

package import JSON
import Synchronization

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
package struct IPRange: Sendable, Hashable {
    private let bytes: [UInt8]
    private let length: Int

    /// Nil for what is neither an address nor a range.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = parts.first, let bytes = Self.address(String(address)) else { return nil }
        self.bytes = bytes
        guard parts.count == 2 else {
            length = bytes.count * 8
            return
        }
        guard let length = Int(parts[1]), (0...(bytes.count * 8)).contains(length) else { return nil }
        self.length = length
    }

    package func contains(_ address: String) -> Bool {
        guard let other = Self.address(address), other.count == bytes.count else { return false }
        for bit in 0..<length where (bytes[bit / 8] ^ other[bit / 8]) >> UInt8(7 - bit % 8) & 1 == 1 { return false }
        return true
    }

    /// Four or sixteen bytes. An IPv4 address inside an IPv6 one is that IPv4 address.
    static func address(_ text: String) -> [UInt8]? {
        let text = text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
        if text.contains(".") {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 4 else { return nil }
            let bytes = parts.compactMap { $0.utf8.allSatisfy { (48...57).contains($0) } && $0.utf8.count <= 3 ? UInt8($0) : nil }
            return bytes.count == 4 ? bytes : nil
        }
        guard text.contains(":"), text.utf8.count <= 45 else { return nil }
        let halves = text.components(separatedBy: "::")
        guard halves.count <= 2 else { return nil }
        func words(_ half: String) -> [UInt16]? {
            if half.isEmpty { return [] }
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            let words = parts.compactMap { $0.utf8.count <= 4 ? UInt16($0, radix: 16) : nil }
            return words.count == parts.count ? words : nil
        }
        guard let head = words(halves[0]), let tail = halves.count == 2 ? words(halves[1]) : [] else { return nil }
        let missing = 8 - head.count - tail.count
        guard halves.count == 2 ? missing >= 0 : missing == 0 else { return nil }
        return (head + [UInt16](repeating: 0, count: missing) + tail).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        guard let found = firstRange(of: separator) else { return [self] }
        return [String(self[..<found.lowerBound])] + String(self[found.upperBound...]).components(separatedBy: separator)
    }
}

/// The enabled lists: who is on a list of those to block is refused; if there is a list of those to allow, everybody else is, too.
package struct IPAccessRules: Sendable {
    private var blocked: [IPRange] = []
    private var allowed: [IPRange] = []

    static let nobody = IPAccessRules(lists: [JSONObject([("list_type", "BLOCK"), ("ip_addresses", ["0.0.0.0/0", "::/0"])])])

    package init(lists: [JSONObject]) {
        for list in lists where list["enabled"] != false {
            let ranges = (list["ip_addresses"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(IPRange.init) }
            if list["list_type"] == "BLOCK" { blocked += ranges } else { allowed += ranges }
        }
    }

    package func allows(_ address: String) -> Bool {
        !blocked.contains { $0.contains(address) } && (allowed.isEmpty || allowed.contains { $0.contains(address) })
    }
}

/// The rules in memory; nil inside: the lists are not enforced.
package final class IPAccess: Sendable {
    private let state = Mutex<IPAccessRules??>(nil)

    init() {}

    package func forget() { state.withLock { $0 = nil } }

    /// The rules, if they are enforced. If the lists cannot be read, nobody is let in.
    package func rules(of workspace: Workspace) -> IPAccessRules? {
        if let known = state.withLock({ $0 }) { return known }
        do {
            let rules = try Self.isEnabled(workspace) ? IPAccessRules(lists: try workspace.resources.list("ip-access-list").map(\.body)) : nil
            state.withLock { $0 = .some(rules) }
            return rules
        } catch {
            return .nobody
        }
    }

    package static func isEnabled(_ workspace: Workspace) throws -> Bool {
        try workspace.resources.get("workspace-conf", "conf")?.body["enableIpAccessLists"]?.stringValue == "true"
    }
}

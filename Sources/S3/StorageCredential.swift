import Crypto

/// What a temporary credential allows.
package struct StorageGrant: Sendable, Hashable {
    package let workspaceID: Int
    /// The path in the object store: the object of this name, and all below it.
    package let path: String
    package let writes: Bool
    /// Milliseconds since 1970.
    package let expires: Int64
    /// Whose it is, for the journal.
    package let principal: String
    /// What a recipient of a share reads by, which must still hold when the link is followed; empty for others.
    package let share: String

    package init(workspaceID: Int, path: String, writes: Bool, expires: Int64, principal: String, share: String = "") {
        self.workspaceID = workspaceID
        self.path = path
        self.writes = writes
        self.expires = expires
        self.principal = principal
        self.share = share
    }

    /// Whether an object of this path lies within the grant.
    package func covers(_ object: String) -> Bool { object == path || object.hasPrefix(path + "/") }

    /// Whether a list of this prefix shows nothing outside of the grant.
    package func coversList(of prefix: String) -> Bool { prefix == path || prefix.hasPrefix(path + "/") }
}

/// An access key as AWS's temporary ones are.
package struct StorageCredential: Sendable, Hashable {
    package let accessKeyID: String
    package let secretAccessKey: String
    package let sessionToken: String
    package let grant: StorageGrant
}

/// Makes credentials and knows them again. The session token holds the grant and a keyed hash over it; key id and secret are derived from the
/// token, so that nothing is kept and a workspace's reset ends none of them.
package struct StorageKey: Sendable {
    private let key: SymmetricKey

    package init(secret: String) { key = SymmetricKey(data: SHA256.hash(data: Array("storage \(secret)".utf8))) }

    package func issue(_ grant: StorageGrant) -> StorageCredential {
        let fields = [
            String(grant.workspaceID), grant.writes ? "w" : "r", String(grant.expires), grant.principal.replacing("\n", with: " "),
            grant.share.replacing("\n", with: " "), grant.path,
        ]
        let text = Hex.encode(Array(fields.joined(separator: "\n").utf8))
        let token = text + "." + Hex.encode(code("token", text).prefix(16))
        return credential(token, grant)
    }

    /// The workspace that a token names, without a look at its hash.
    package static func workspaceID(claimedBy token: String) -> Int? {
        guard token.utf8.count < 16_384, let text = token.split(separator: ".").first, let bytes = Hex.decode(text) else { return nil }
        return Int(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Nil for a token that this key did not make.
    package func credential(sessionToken token: String) -> StorageCredential? {
        guard token.utf8.count < 16_384 else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let given = Hex.decode(parts[1]), Constant.equal(given, Array(code("token", String(parts[0])).prefix(16))),
            let bytes = Hex.decode(parts[0])
        else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count == 6, let id = Int(fields[0]), let expires = Int64(fields[2]) else { return nil }
        let grant = StorageGrant(
            workspaceID: id, path: String(fields[5]), writes: fields[1] == "w", expires: expires, principal: String(fields[3]),
            share: String(fields[4]))
        return credential(token, grant)
    }

    private func credential(_ token: String, _ grant: StorageGrant) -> StorageCredential {
        let id = Hex.encode(code("id", token).prefix(8)).uppercased()
        return StorageCredential(
            accessKeyID: "ASIA" + id, secretAccessKey: Hex.encode(code("secret", token).prefix(20)), sessionToken: token, grant: grant)
    }

    private func code(_ purpose: String, _ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array("\(purpose) \(text)".utf8), using: key))
    }
}

/// Lower-case hexadecimal.
package enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for position in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[position]), let low = value(digits[position + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// Comparing what is secret takes the same time wherever the two differ.
enum Constant {
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }
}

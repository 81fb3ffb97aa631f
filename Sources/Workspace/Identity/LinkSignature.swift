import Crypto

extension Workspace {
    /// The signature of a link into this workspace, in hexadecimal: HMAC-SHA256 with a key that it alone has.
    package func linkSignature(of text: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: linkKey).map { IDGenerator.hexText(UInt64($0), digits: 2) }.joined()
    }

    package func isLinkSignature(_ signature: String, of text: String) -> Bool { linkSignature(of: text) == signature }

    private var linkKey: SymmetricKey {
        SymmetricKey(data: SHA256.hash(data: Array("links \(environment.seed) \(id)".utf8)))
    }
}

import Crypto

extension Workspace {
    /// The signature of a link into this workspace, in hexadecimal: HMAC-SHA256 with a key that it alone has.
    package func linkSignature(of text: String) -> String { linkSigner.signature(of: text) }

    package func isLinkSignature(_ signature: String, of text: String) -> Bool { linkSignature(of: text) == signature }

    /// Signs many texts with the key made once.
    package var linkSigner: LinkSigner {
        LinkSigner(key: SymmetricKey(data: SHA256.hash(data: Array("links \(environment.seed) \(id)".utf8))))
    }
}

/// Signs what a workspace's links lead to.
package struct LinkSigner: Sendable {
    fileprivate let key: SymmetricKey

    /// In hexadecimal
    package func signature(of text: String) -> String {
        let code = Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
        return String(unsafeUninitializedCapacity: 2 * code.count) { buffer in
            for (index, byte) in code.enumerated() {
                buffer[2 * index] = Self.digit(byte >> 4)
                buffer[2 * index + 1] = Self.digit(byte & 15)
            }
            return 2 * code.count
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
}

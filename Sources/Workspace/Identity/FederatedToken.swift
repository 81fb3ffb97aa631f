import Crypto
import CryptoExtras
import JSON

/// A JSON web token of another identity provider (RFC 7519), as it is given to the token endpoint for exchange.
struct FederatedToken: Sendable {
    /// Longer texts are not read: identity providers' tokens have a few kilobytes at most.
    private static let longest = 32_768

    let claims: JSONObject
    private let algorithm: Algorithm
    private let keyID: String?
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// The two that the service takes (page "Use an identity provider token to authenticate").
    private enum Algorithm: String {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    /// Reads a token's parts without believing them; nil if the text is no signed token of these algorithms.
    init?(parsing text: String) {
        guard text.utf8.count <= Self.longest else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64Text.decode(String(parts[2])), let algorithm = header["alg"]?.stringValue.flatMap(Algorithm.init)
        else { return nil }
        self.claims = claims
        self.algorithm = algorithm
        self.signature = signature
        keyID = header["kid"]?.stringValue
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }

    private static func object(_ part: Substring) -> JSONObject? {
        guard let bytes = Base64Text.decode(String(part)), let value = try? JSONValue(parsing: bytes, maxDepth: 16) else { return nil }
        return value.objectValue
    }

    var issuer: String? { claims["iss"]?.stringValue }

    var audiences: [String] {
        switch claims["aud"] {
        case .string(let text)?: [text]
        case .array(let texts)?: texts.compactMap { $0.stringValue }
        default: []
        }
    }

    /// Whether the token may be used at this time, in seconds since 1970-01-01 UTC. One without an end is not taken.
    func isValid(at now: Int64) -> Bool {
        guard let expiry = claims["exp"]?.doubleValue, expiry > Double(now) else { return false }
        return claims["nbf"]?.doubleValue ?? 0 <= Double(now)
    }

    /// `keys`: a key set (RFC 7517). The key that the token's header names must be the one; without a name any may be.
    func isSigned(by keys: JSONValue) -> Bool {
        (keys["keys"]?.arrayValue ?? []).prefix(64).contains { key in
            if let keyID, let name = key["kid"]?.stringValue, name != keyID { return false }
            if let use = key["use"]?.stringValue, use != "sig" { return false }
            switch algorithm {
            case .rs256: return isSigned(rsa: key)
            case .es256: return isSigned(p256: key)
            }
        }
    }

    private func number(_ key: JSONValue, _ name: String, most: Int) -> [UInt8]? {
        guard let bytes = key[name]?.stringValue.flatMap(Base64Text.decode), !bytes.isEmpty, bytes.count <= most else { return nil }
        return bytes
    }

    private func isSigned(rsa key: JSONValue) -> Bool {
        // Keys of up to 8,192 bits; exponents are 65537 in practice.
        guard key["kty"] == "RSA", let modulus = number(key, "n", most: 1_025), let exponent = number(key, "e", most: 4),
            let publicKey = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
        else { return false }
        return publicKey.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: signed), padding: .insecurePKCS1v1_5)
    }

    private func isSigned(p256 key: JSONValue) -> Bool {
        guard key["kty"] == "EC", key["crv"] == "P-256", let x = number(key, "x", most: 32), let y = number(key, "y", most: 32), x.count == 32,
            y.count == 32, let publicKey = try? P256.Signing.PublicKey(x963Representation: [4] + x + y),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
        else { return false }
        return publicKey.isValidSignature(signature, for: SHA256.hash(data: signed))
    }
}

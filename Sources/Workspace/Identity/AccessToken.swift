import Crypto
import JSON

/// An OAuth access token: a JSON web token that the workspace signs (HS256) with a key of its seed.
struct AccessToken: Sendable {
    let text: String
    let client: String
    let workspaceID: Int
    /// Seconds since 1970-01-01 UTC.
    let expiresAt: Int64

    /// Longer texts are not read: none that was issued is so long.
    private static let longest = 8_192

    init(client: String, scope: String, issuer: String, issuedAt: Int64, expiresAt: Int64, workspace: Workspace) {
        let header: JSONValue = ["kid": .string(Self.keyID(workspace)), "typ": "at+jwt", "alg": "HS256"]
        let claims: JSONValue = [
            "client_id": .string(client), "scope": .string(scope), "iss": .string(issuer), "aud": .string(String(workspace.id)),
            "sub": .string(client),
            "iat": .int(issuedAt), "exp": .int(expiresAt), "jti": .string(workspace.environment.ids.uuid()),
        ]
        let signed = Base64Text.encode(header.encoded()) + "." + Base64Text.encode(claims.encoded())
        text = signed + "." + Base64Text.encode(Array(Self.signature(of: signed, workspace)))
        self.client = client
        self.expiresAt = expiresAt
        workspaceID = workspace.id
    }

    /// Reads a token's claims without believing them; nil if the text is none of ours by its form.
    init?(parsing text: String) {
        guard Self.isWellFormed(text) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let bytes = Base64Text.decode(String(parts[1])), let claims = try? JSONValue(parsing: bytes, maxDepth: 4),
            let client = claims["sub"]?.stringValue, let audience = claims["aud"]?.stringValue.flatMap(Int.init),
            let expiry = claims["exp"]?.intValue
        else { return nil }
        self.text = text
        self.client = client
        workspaceID = audience
        // Far beyond any time that is issued; keeps the arithmetic on it in range.
        expiresAt = min(Int64(expiry), Int64.max / 1_000)
    }

    /// Three parts with dots between them.
    static func isWellFormed(_ text: String) -> Bool {
        text.utf8.count <= longest && text.utf8.starts(with: "eyJ".utf8) && text.utf8.count { $0 == UInt8(ascii: ".") } == 2
    }

    func isSigned(by workspace: Workspace) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let code = Base64Text.decode(String(parts[2])) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array("\(parts[0]).\(parts[1])".utf8), using: Self.key(workspace))
    }

    private static func signature(of text: String, _ workspace: Workspace) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key(workspace))
    }

    private static func key(_ workspace: Workspace) -> SymmetricKey {
        SymmetricKey(data: SHA256.hash(data: Array("oauth \(workspace.environment.seed) \(workspace.id)".utf8)))
    }

    private static func keyID(_ workspace: Workspace) -> String {
        Workspaces.TokenHash("oauth key \(workspace.environment.seed) \(workspace.id)").hex
    }
}

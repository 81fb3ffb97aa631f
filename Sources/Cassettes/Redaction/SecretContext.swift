/// What is secret in a message because of what the message is about, not because of how it looks.
struct SecretContext: Sendable {
    /// `value`, `string_value` and `bytes_value` are what a secret scope keeps.
    var hasSecretValues = false
    /// An OAuth endpoint: codes and assertions of the flow.
    var isOAuth = false

    init(operation: String? = nil, path: String = "") {
        hasSecretValues = path.contains("/secrets") || operation?.contains("secret") == true
        isOAuth = path.contains("/oidc/") || path.contains("/oauth2/") || operation?.hasPrefix("oidc.") == true
    }

    func entry(_ name: String) -> SecretNames.Entry? {
        if hasSecretValues, name == "value" || name == "string_value" || name == "bytes_value" {
            return SecretNames.Entry(kind: .value, isStrong: true)
        }
        if isOAuth, name == "code" { return SecretNames.Entry(kind: .code, isStrong: true) }
        return SecretNames.entry(name)
    }
}

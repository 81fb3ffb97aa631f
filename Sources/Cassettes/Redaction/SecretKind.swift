/// What a secret is for. The placeholder carries it, so that replay can make up something of the same form.
package enum SecretKind: String, Sendable, Hashable, CaseIterable {
    case token = "TOKEN"
    case jwt = "JWT"
    case clientSecret = "SECRET"
    case password = "PASSWORD"
    case signature = "SIGNATURE"
    case activation = "ACTIVATION"
    /// The part of a webhook's address that lets anyone post to it.
    case webhook = "WEBHOOK"
    case accessKey = "ACCESS_KEY"
    case secretKey = "SECRET_KEY"
    case privateKey = "PRIVATE_KEY"
    case code = "CODE"
    /// The value kept in a secret scope, a Unity Catalog secret, a connection's secrets or an environment variable.
    case value = "VALUE"
    /// User and password of basic authentication.
    case credentials = "CREDENTIALS"
    /// What a redaction file names.
    case named = "NAMED"
}

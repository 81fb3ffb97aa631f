/// What is secret in a message because of what the message is about, not because of how it looks.
struct SecretContext: Sendable {
    /// `value`, `string_value` and `bytes_value` are what a secret scope keeps.
    var hasSecretValues = false
    /// An OAuth endpoint: codes and assertions of the flow.
    var isOAuth = false
    /// The member that holds the object or list at hand.
    private(set) var outer: String?
    /// The object at hand is an element of a list.
    var isListed = false
    private var isEnvironment = false

    init(operation: String? = nil, path: String = "") {
        hasSecretValues = path.hasBytes("/secrets") || operation?.hasBytes("secret") == true
        isOAuth = path.hasBytes("/oidc/") || path.hasBytes("/oauth2/") || operation?.hasPrefix("oidc.") == true
    }

    /// `isEnvironment`: whether the name is one of `SecretField.environments`.
    mutating func enter(_ name: String, isEnvironment entersEnvironment: Bool) {
        if entersEnvironment { isEnvironment = true }
        // Jobs: environment_variables[].spec.variables.
        outer = isEnvironment && name == "variables" ? SecretField.environments.first : name
    }

    func entry(_ name: String) -> SecretNames.Entry? { SecretNames.entry(name, self) }
}

/// The header `Authorization`.
package enum AuthorizationHeader {
    /// The token of `Bearer TOKEN`, or of `Basic` with the user name `token`; nil for anything else.
    package static func token(_ value: String?) -> String? {
        guard let (scheme, rest) = split(value), !rest.isEmpty else { return nil }
        switch scheme {
        case "bearer": return rest
        case "basic":
            guard let (user, password) = pair(rest), user == "token", !password.isEmpty else { return nil }
            return password
        default: return nil
        }
    }

    /// User and password of `Basic …`; nil for anything else.
    package static func basic(_ value: String?) -> (user: String, password: String)? {
        guard let (scheme, rest) = split(value), scheme == "basic" else { return nil }
        return pair(rest)
    }

    /// The scheme in lower case, and what follows it without the spaces around it.
    private static func split(_ value: String?) -> (scheme: String, rest: String)? {
        guard let bytes = value?.utf8, let space = bytes.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        var rest = bytes[space...].drop { $0 == UInt8(ascii: " ") }
        while rest.last == UInt8(ascii: " ") { rest.removeLast() }
        return (String(Substring(bytes[..<space])).lowercased(), String(Substring(rest)))
    }

    private static func pair(_ text: String) -> (user: String, password: String)? {
        guard let bytes = Base64Text.decode(text), let pair = String(validating: bytes, as: UTF8.self), let colon = pair.firstIndex(of: ":")
        else {
            return nil
        }
        return (String(pair[..<colon]), String(pair[pair.index(after: colon)...]))
    }
}

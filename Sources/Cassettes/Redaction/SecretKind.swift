/// What a secret is for. The placeholder carries it, so that replay can make up something of the same form.
package enum SecretKind: String, Sendable, Hashable, CaseIterable {
    case token = "TOKEN"
    case jwt = "JWT"
    case clientSecret = "SECRET"
    case password = "PASSWORD"
    case signature = "SIGNATURE"
    case activation = "ACTIVATION"
    case accessKey = "ACCESS_KEY"
    case secretKey = "SECRET_KEY"
    case privateKey = "PRIVATE_KEY"
    case code = "CODE"
    /// The value kept in a secret scope or a Unity Catalog secret.
    case value = "VALUE"
    /// User and password of basic authentication.
    case credentials = "CREDENTIALS"
    /// What a redaction file names.
    case named = "NAMED"
}

/// Which names of JSON members, form fields, query parameters and options carry secrets, however they are spelled.
enum SecretNames {
    struct Entry: Sendable {
        let kind: SecretKind
        /// Whether the name makes what follows a secret in running text too, where weak names are words: there they need `name=value`.
        let isStrong: Bool
    }

    /// Names in lower case without separators.
    private static let entries: [String: Entry] = {
        var entries: [String: Entry] = [:]
        func add(_ kind: SecretKind, _ names: String, strong: Bool = true) {
            for name in names.split(separator: " ") { entries[String(name)] = Entry(kind: kind, isStrong: strong) }
        }
        add(.token, "accesstoken refreshtoken idtoken tokenvalue bearertoken personalaccesstoken oauthtoken aadtoken subjecttoken actortoken")
        add(.token, "clientassertion apitoken databricksapitoken cloudflareapitoken authtoken apikey xapikey sastoken azureuserdelegationsas")
        add(.token, "sessiontoken xamzsecuritytoken xdatabricksazurespmanagementtoken xdatabricksgcpsaaccesstoken sharedaccesssignature")
        add(.token, "token assertion authorization proxyauthorization credential", strong: false)
        add(.clientSecret, "clientsecret authsecret sharedsecret signingsecret webhooksecret secrethash")
        add(.clientSecret, "secret", strong: false)
        add(.password, "password passwd pwd passphrase")
        add(.signature, "xamzsignature xgoogsignature")
        add(.signature, "sig signature", strong: false)
        add(.accessKey, "accesskeyid awsaccesskeyid awsaccesskey xamzcredential xgoogcredential awsaccesskeyidplaintext")
        add(.secretKey, "secretaccesskey awssecretaccesskey accountkey sharedkey storageaccountkey")
        add(.privateKey, "privatekey privatekeypem")
        add(.code, "codeverifier devicecode")
        return entries
    }()

    /// The entry of a name; nil for harmless ones such as `page_token` or `token_type`.
    static func entry(_ name: some Collection<UInt8>) -> Entry? {
        guard name.count <= 80, name.count >= 3 else { return nil }
        var letters: [UInt8] = []
        letters.reserveCapacity(name.count)
        var isDotted = false
        for byte in name {
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"): continue
            case UInt8(ascii: "."):
                isDotted = true
                letters.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): letters.append(byte + 32)
            default: letters.append(byte)
            }
        }
        let normal = String(decoding: letters, as: UTF8.self)
        if let entry = entries[normal] { return entry }
        if normal.hasSuffix("password") { return Entry(kind: .password, isStrong: true) }
        if normal.hasSuffix("plaintext"), normal.utf8.count > 9 { return Entry(kind: .clientSecret, isStrong: true) }
        if normal.hasSuffix("clientsecret") || normal.hasSuffix("secretkey") || normal.hasSuffix("apisecret") {
            return Entry(kind: .clientSecret, isStrong: true)
        }
        if normal.hasSuffix("accesstoken") || normal.hasSuffix("refreshtoken") { return Entry(kind: .token, isStrong: true) }
        // Settings such as spark.hadoop.fs.azure.account.key.NAME or fs.s3a.secret.key.
        if isDotted, ["secret", "password", ".account.key", ".sas.", "accesskey", "access.key"].contains(where: normal.contains) {
            return Entry(kind: .secretKey, isStrong: true)
        }
        return nil
    }

    static func entry(_ name: String) -> Entry? { entry(name.utf8) }
}

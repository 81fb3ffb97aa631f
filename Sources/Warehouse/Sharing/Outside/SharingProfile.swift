import JSON

/// The credential file of a recipient. Format: delta-io/delta-sharing, PROTOCOL.md, "Profile File Format".
package struct SharingProfile: Sendable, Hashable {
    package enum Credential: Sendable, Hashable {
        case bearer(String)
        case client(tokenEndpoint: SharingURL, id: String, secret: String, scope: String?)
        /// Of another kind: kept, but of no use here.
        case other
    }

    package let version: Int
    /// As it was written.
    package let endpointText: String
    package let endpoint: SharingURL
    package let credential: Credential

    private static let maxBytes = 64 << 10

    /// Throws what is wrong, without any of the text.
    package init(_ text: String) throws(Malformed) {
        guard text.utf8.count <= Self.maxBytes else { throw Malformed("it is longer than \(Self.maxBytes) bytes") }
        guard let parsed = try? JSONValue(parsing: Array(text.utf8), maxDepth: 16), let members = parsed.objectValue else {
            throw Malformed("it is no JSON object")
        }
        guard let version = members["shareCredentialsVersion"]?.intValue else { throw Malformed("shareCredentialsVersion is missing") }
        guard version == 1 || version == 2 else { throw Malformed("shareCredentialsVersion is neither 1 nor 2") }
        guard let endpointText = members["endpoint"]?.stringValue, let endpoint = SharingURL(endpointText), endpoint.query == nil else {
            throw Malformed("endpoint is no http or https address")
        }
        self.version = version
        self.endpoint = endpoint
        self.endpointText = endpointText
        func secret(_ name: String) throws(Malformed) -> String {
            guard let value = members[name]?.stringValue, !value.isEmpty, value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw Malformed("\(name) is missing, or has characters that no header takes")
            }
            return value
        }
        let type = version == 1 ? "bearer_token" : members["type"]?.stringValue ?? ""
        switch type {
        case "bearer_token": credential = .bearer(try secret("bearerToken"))
        case "oauth_client_credentials" where members["clientSecret"] != nil:
            guard let address = members["tokenEndpoint"]?.stringValue.flatMap(SharingURL.init) else {
                throw Malformed("tokenEndpoint is no http or https address")
            }
            credential = .client(
                tokenEndpoint: address, id: try secret("clientId"), secret: try secret("clientSecret"),
                scope: members["scope"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 })
        default: credential = .other
        }
    }

    package struct Malformed: Error {
        package let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    /// What must not be seen in any message.
    var secrets: [String] {
        switch credential {
        case .bearer(let token): [token]
        case .client(_, _, let secret, _): [secret]
        case .other: []
        }
    }
}

import HTTPTypes

/// Which headers are worth storing. All others change from run to run, belong to the connection, or may hold secrets.
enum StoredHeaders {
    private static let response: Set<String> = [
        "accept-ranges", "allow", "cache-control", "content-disposition", "content-language", "content-range", "content-type", "deprecation", "etag",
        "expires", "last-modified", "link", "location", "retry-after", "vary", "www-authenticate",
        "delta-sharing-capabilities", "delta-table-version", "delta-table-metadata-updated",
        "x-databricks-error-or-redirect-message", "x-databricks-org-id", "x-databricks-reason-phrase", "x-thriftserver-error-message",
        "x-amz-server-side-encryption", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset",
    ]

    /// The length of an answer to HEAD says what the body would be; otherwise the server sets it.
    static func ofResponse(_ headers: HTTPFields, method: String) -> HTTPFields {
        var stored = HTTPFields()
        for field in headers {
            let name = field.name.canonicalName
            if response.contains(name) || (method == "HEAD" && name == "content-length") { stored.append(field) }
        }
        return stored
    }

    /// The type of a body that is not JSON.
    static func ofRequest(_ headers: HTTPFields, hasBody: Bool) -> HTTPFields {
        guard hasBody, let type = headers[.contentType], !type.lowercased().hasPrefix("application/json") else { return [:] }
        return [.contentType: type]
    }
}

import HTTPTypes

/// Headers that belong to one connection and do not pass a proxy.
enum HopByHop {
    private static let names: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Without the fixed ones and those that `Connection` names.
    static func removed(from headers: HTTPFields) -> HTTPFields {
        var dropped = names
        for value in headers[values: .connection] {
            for name in value.split(separator: ",") { dropped.insert(String(name.filter { $0 != " " && $0 != "\t" }).lowercased()) }
        }
        var result = HTTPFields()
        for field in headers where !dropped.contains(field.name.canonicalName) { result.append(field) }
        return result
    }

    /// Lines for libcurl. It sets host and length itself; a name without a value keeps it from sending its own default.
    static func requestLines(_ headers: HTTPFields, toOtherHost: Bool) -> [String] {
        var lines: [String] = []
        for field in removed(from: headers) {
            switch field.name.canonicalName {
            case "host", "content-length", "expect", "accept-encoding": continue
            // The client's credentials are for the upstream alone; links carry their own.
            case "authorization" where toOtherHost, "cookie" where toOtherHost: continue
            default: lines.append(field.value.isEmpty ? "\(field.name.rawName);" : "\(field.name.rawName): \(field.value)")
            }
        }
        lines.append("Accept-Encoding: identity")
        lines.append("Expect:")
        if headers[.accept] == nil { lines.append("Accept:") }
        if headers[.contentType] == nil { lines.append("Content-Type:") }
        return lines
    }

    /// Headers of an answer as the client may see them. Its server sets the length, but for HEAD the length is what was asked for.
    static func responseHeaders(_ headers: HTTPFields, isHead: Bool) -> HTTPFields {
        var result = removed(from: headers)
        if !isHead { result[.contentLength] = nil }
        return result
    }
}

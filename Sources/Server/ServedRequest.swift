package import API
package import HTTPTypes

/// A request as it came over the connection, with its whole body, or the beginning of one that streams.
package struct ServedRequest: Sendable {
    package let method: HTTPRequest.Method
    /// Without the query, as sent.
    package let path: String
    /// Without the question mark; empty if there is none.
    package let query: String
    package let headers: HTTPFields
    package let body: [UInt8]
    /// Scheme and host by which the client reached the server.
    package let baseURL: String
    /// What follows `body`; nil if that is all. Only what streams is given it.
    package let rest: BodyStream?
    package let hangUp: HangUp?
    /// The `Authorization` header.
    let authorization: String?
    /// The address at the other end of the connection.
    package let peer: String?

    package init(
        method: HTTPRequest.Method, target: String, headers: HTTPFields, body: [UInt8], baseURL: String, rest: BodyStream? = nil,
        hangUp: HangUp? = nil, peer: String? = nil
    ) {
        self.method = method
        // An absolute target, as proxies send it, counts as its path.
        var target = target[...]
        if !target.hasPrefix("/"), let scheme = target.firstRange(of: "://") {
            let rest = target[scheme.upperBound...]
            target = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(target[..<mark])
            query = String(target[target.utf8.index(after: mark)...])
        } else {
            path = String(target)
            query = ""
        }
        self.headers = headers
        self.body = body
        self.baseURL = baseURL
        self.rest = rest
        self.hangUp = hangUp
        authorization = headers.only(.authorization)
        self.peer = peer
    }

    /// Where the client is: what a proxy in front says of it, else the other end of the connection. A test can so come from any address.
    package var clientAddress: String? {
        if let forwarded = headers[.forwardedFor] {
            return forwarded.split(separator: ",").first.map { String($0.drop { $0 == " " }.prefix { $0 != " " }) }
        }
        return peer
    }
}

extension HTTPField.Name {
    fileprivate static let forwardedFor = HTTPField.Name("x-forwarded-for")!
}

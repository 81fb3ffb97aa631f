package import HTTPTypes
import JSON
package import Workspace

extension Authenticator {
    /// The caller of a request.
    package func authenticate(_ headers: HTTPFields) throws(AuthenticationFailure) -> Caller {
        try authenticate(authorization: headers[.authorization])
    }
}

extension AuthenticationFailure {
    /// The gateway's answer. It has no workspace yet: the headers that name one, and those of the application behind the gateway, do not belong to it.
    /// `requestID` is given on the path of the SQL drivers, where the message of a missing credential ends in it.
    package func reply(requestID: String? = nil) -> Reply {
        var reply = Reply(status: status)
        reply.body = .bytes(body(requestID: self == .missing ? requestID : nil).encoded(), contentType: Self.contentType)
        for (name, value) in headers { if let name = HTTPField.Name(name) { reply.headers[name] = value } }
        return reply
    }
}

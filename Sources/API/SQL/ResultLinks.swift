import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Links to a statement's chunks: signed, good for a quarter of an hour by the workspace's clock, and used without a token, as those of the object
/// storage behind the real service.
struct ResultLinks {
    static let prefix = "/_storage/results/"
    static let path = prefix + "{workspace_id}/{statement_id}/{chunk_index}"
    /// Seconds; the recorded links say 899.
    private static let lifetime: Int64 = 900

    let statementID: String
    private let baseURL: String
    private let workspace: Workspace

    init(_ call: Call, statementID: String) {
        self.statementID = statementID
        baseURL = call.baseURL
        workspace = call.workspace
    }

    /// A new link with its end.
    func link(chunk: Int) -> (url: String, expiration: String, expiryMillis: Int64) {
        let end = workspace.environment.nowMillis + Self.lifetime * 1_000
        let place = "\(Self.prefix)\(workspace.id)/\(statementID)/\(chunk)"
        let expiry = String(end)
        let signature = workspace.linkSignature(of: place + " " + expiry)
        let url =
            "\(baseURL)\(place)?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=\(Self.lifetime - 1)&Expires=\(expiry)&X-Amz-Signature=\(signature)"
        return (url, RFC3339.text(millis: end, digits: true), end)
    }

    /// Refusals have the object storage's codes.
    static func download(_ call: Call) throws -> Reply {
        guard call.headers[.authorization] == nil else {
            return refusal(
                400, "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified"
            )
        }
        let statement = try call.path("statement_id")
        let chunk = try call.path("chunk_index")
        let place = "\(prefix)\(try call.path("workspace_id"))/\(statement)/\(chunk)"
        guard let expiry = call.query.string("Expires"), let end = Int64(expiry), let signature = call.query.string("X-Amz-Signature"),
            try call.path("workspace_id") == String(call.workspace.id),
            call.workspace.isLinkSignature(signature, of: place + " " + expiry)
        else {
            return refusal(
                403, "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
        }
        guard call.workspace.environment.nowMillis < end else { return refusal(403, "AccessDenied", "Request has expired") }
        guard let delivery = call.tenant.sql.delivery(of: statement), let index = Int(chunk), delivery.chunks.indices.contains(index) else {
            return refusal(404, "NoSuchKey", "The specified key does not exist.")
        }
        return Reply(body: .bytes(delivery.chunks[index].body, contentType: "binary/octet-stream"))
    }

    private static func refusal(_ status: Int, _ code: String, _ message: String) -> Reply {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
        return Reply(status: status, body: .bytes(Array(text.utf8), contentType: "application/xml"))
    }
}

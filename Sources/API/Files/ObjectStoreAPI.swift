package import HTTPTypes
import JSON
package import S3
import Storage
import Warehouse
import Workspace

/// The object store by S3's interface, at the server's own address, path style: `/{bucket}/{key}`. A request is told from the API's by its signature.
package enum ObjectStoreAPI {
    package static let operations: [Operation] = S3Operation.allCases.filter { $0 != .other }.map { operation($0) }
    private static let other = operation(.other)

    private static let limits: [S3Operation: String] = [
        .putObject: "Metadata, tags, ACLs and checksum headers other than Content-MD5 and x-amz-content-sha256 are not kept.",
        .getObject: "ETags are opaque: not the MD5 of the bytes.",
        .listObjects: "No delimiter but /.",
        .copyObject: "If-Match and metadata directives have no effect.",
    ]

    private static func operation(_ kind: S3Operation) -> Operation {
        var operation = Operation(
            kind.rawValue, HTTPRequest.Method(kind.route.method) ?? .get, kind.route.path, access: .signed, limits: limits[kind]
        ) { call -> Reply in try await respond(call) }
        operation.streamsBody = true
        return operation
    }

    /// Whether a request is one of S3's. Nearly all are not, which a bearer token tells at once.
    /// Links to results are signed alike, but lead to the statement's chunks.
    package static func isMeant(authorization: String?, path: String, query: String, _ headers: HTTPFields) -> Bool {
        if let authorization { return authorization.hasPrefix("AWS4-") }
        if path.hasPrefix(ResultLinks.prefix) { return false }
        return query.contains("X-Amz-") || headers.contains { $0.name == securityToken || $0.name == contentHash }
    }

    /// The operation of such a request.
    package static func match(_ method: HTTPRequest.Method, _ path: String, query: String, _ headers: HTTPFields) -> Operation {
        let kind = S3Operation(request(method, path, query, headers, baseURL: ""))
        return operations.first { $0.id == kind.rawValue } ?? other
    }

    private static let securityToken = HTTPField.Name("x-amz-security-token")!
    private static let contentHash = HTTPField.Name("x-amz-content-sha256")!

    /// The request as signatures see it. HTTP's own types keep the host apart from the headers.
    package static func request(
        _ method: HTTPRequest.Method, _ path: String, _ query: String, _ headers: HTTPFields, baseURL: String
    ) -> S3Request {
        var fields = headers.map { (name: $0.name.canonicalName, value: $0.value) }
        if !fields.contains(where: { $0.name == "host" }), let scheme = baseURL.firstRange(of: "://") {
            fields.append(("host", String(baseURL[scheme.upperBound...])))
        }
        return S3Request(method: method.rawValue, path: path, query: query, headers: fields)
    }

    private static func respond(_ call: Call) async throws -> Reply {
        // Away from the connections' own threads: a disk may have to be waited for.
        await Task.yield()
        let request = request(call.method, call.path, call.query.raw, call.headers, baseURL: call.baseURL)
        let clock = call.workspace.environment
        do {
            // Checked at admission, too; here for the grant and the chain of a chunked body's signatures.
            let verified = try SignatureV4.verify(request, call.tenant.sql.storageKey, nowMillis: clock.nowMillis, clockMillis: nil)
            let share = verified.credential.grant.share
            guard try share.isEmpty || call.workspace.recipients.mayStillRead(share) else { throw S3Error.accessDenied }
            var payload = Payload(call.body)
            if let stream = call.rest { payload = Payload(call.body, rest: { try await stream.next() }) }
            let response = try await call.tenant.sql.endpoint.respond(to: request, verified, payload)
            return reply(response, call)
        } catch let error as S3Error {
            return refusal(error, path: call.path, requestID: call.requestID)
        }
    }

    private static func reply(_ response: S3Response, _ call: Call) -> Reply {
        var reply = Reply(status: response.status)
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { reply.headers[name] = value }
        }
        reply.headers[.server] = "AmazonS3"
        switch response.body {
        case .none: break
        case .bytes(let bytes): reply.body = .bytes(bytes, contentType: "application/xml")
        case .object(let path, let range): reply.body = .object(path, range, call.tenant.sql.objects)
        }
        return reply
    }

    package static func refusal(_ error: S3Error, path: String, requestID: String) -> Reply {
        var reply = Reply(status: error.status, body: .bytes(error.xml(resource: path, requestID: requestID), contentType: "application/xml"))
        reply.headers[.server] = "AmazonS3"
        return reply
    }
}

extension Reply.Body {
    static let partBytes = 1 << 20

    /// A part of an object: small ones at once, large ones while they are sent.
    static func object(_ path: String, _ range: Range<Int>, _ store: any ObjectStore) -> Reply.Body {
        if range.count <= partBytes, let bytes = try? store.get(path, range: range), bytes.count == range.count {
            return .bytes(bytes, contentType: "application/octet-stream")
        }
        let position = StreamPosition(range.lowerBound)
        return .stream(
            BodyStream(length: range.count) {
                guard let start = position.advance(by: partBytes, to: range.upperBound) else { return nil }
                return try store.get(path, range: start..<min(start + partBytes, range.upperBound))
            })
    }
}

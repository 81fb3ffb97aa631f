/// A refusal as S3 words it (API reference, "Error responses").
package struct S3Error: Error, Sendable, Hashable {
    package let code: String
    package let message: String
    package let status: Int

    package init(_ code: String, _ message: String, _ status: Int) {
        self.code = code
        self.message = message
        self.status = status
    }

    package static let accessDenied = S3Error("AccessDenied", "Access Denied", 403)
    package static let invalidAccessKey = S3Error("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    package static let expiredToken = S3Error("ExpiredToken", "The provided token has expired.", 400)
    package static let invalidToken = S3Error("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
    package static let requestExpired = S3Error("AccessDenied", "Request has expired", 403)
    package static let skewed = S3Error("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", 403)
    package static let signature = S3Error(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.", 403)
    package static let malformedAuthorization = S3Error(
        "AuthorizationHeaderMalformed", "The authorization header is malformed; it must name a credential, signed headers and a signature.", 400)
    package static let malformedQuery = S3Error(
        "AuthorizationQueryParametersError",
        "The query has no valid X-Amz-Credential, X-Amz-Date, X-Amz-Expires, X-Amz-SignedHeaders or X-Amz-Signature.",
        400)
    package static let payloadMismatch = S3Error(
        "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.", 400)
    package static let badDigest = S3Error("BadDigest", "The Content-MD5 you specified did not match what we received.", 400)
    package static let incompleteBody = S3Error(
        "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.", 400)
    package static let noSuchKey = S3Error("NoSuchKey", "The specified key does not exist.", 404)
    package static let noSuchUpload = S3Error(
        "NoSuchUpload", "The specified multipart upload does not exist. The upload ID might be invalid, or it was aborted or completed.", 404)
    package static let precondition = S3Error(
        "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
    package static let invalidRange = S3Error("InvalidRange", "The requested range is not satisfiable", 416)
    package static let invalidPart = S3Error(
        "InvalidPart", "One or more of the specified parts could not be found. The part may not have been uploaded, or its entity tag may not match.",
        400)
    package static let invalidPartOrder = S3Error(
        "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.", 400)
    package static let entityTooSmall = S3Error(
        "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400)
    package static let entityTooLarge = S3Error(
        "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400)
    package static let malformedXML = S3Error(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400)
    package static let methodNotAllowed = S3Error(
        "MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    package static let internalError = S3Error("InternalError", "We encountered an internal error. Please try again.", 500)

    package static func invalidArgument(_ message: String) -> S3Error { S3Error("InvalidArgument", message, 400) }
    package static func notImplemented(_ what: String) -> S3Error {
        S3Error("NotImplemented", "A header or parameter you provided implies functionality that is not simulated: \(what)", 501)
    }

    package func xml(resource: String, requestID: String) -> [UInt8] {
        var writer = XMLWriter()
        writer.open("Error")
        writer.element("Code", code)
        writer.element("Message", message)
        writer.element("Resource", resource)
        writer.element("RequestId", requestID)
        writer.close("Error")
        return writer.bytes
    }
}
